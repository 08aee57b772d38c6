"""The clusterwise bootstrap: figures of iris, plain loops, bands and warnings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.segmentation._clusters.stability import (
    bootstrap_similarities,
    cluster_stability,
    instability_warning,
)
from support.groupings import blobs, iris, k_means


def stability(Z, codes, k, cluster=k_means, *, n_bootstrap=40, seed=0, **options):
    """Return the table of stability."""
    return cluster_stability(
        Z,
        codes,
        k,
        cluster,
        n_bootstrap=n_bootstrap,
        generator=np.random.default_rng(seed),
        **options,
    )


def always(*shares):
    """Return rows, codes and a clusterer that keeps the given share of each segment of 1000."""
    codes = np.repeat(np.arange(len(shares)), 1000)
    place = np.tile(np.arange(1000), len(shares))
    Z = np.column_stack([codes, place]).astype(float)

    def cut(rows, k, seed):
        group = rows[:, 0].astype(int)
        return np.where(rows[:, 1] < 1000 * np.array(shares)[group], group, -1)

    return Z, codes, cut


def test_the_figures_of_iris():
    """Recorded for k-means, three groups, 100 bootstraps, no multiples: .938, 1.000, .926.

    A mean of 100 bootstraps has a Monte-Carlo error of about .012; .03 is allowed.
    """
    Z = iris()
    codes = k_means(Z, 3, 1)
    order = np.argsort(-np.bincount(codes))
    assert np.bincount(codes)[order].tolist() == [62, 50, 38]
    table = stability(Z, codes, 3, n_bootstrap=100)
    assert table["jaccard"].to_numpy()[order] == pytest.approx([0.938, 1.0, 0.926], abs=0.03)
    assert table["band"].tolist() == ["highly stable"] * 3
    assert table["advice"].tolist() == ["name it"] * 3
    assert table.index.name == "position"


def test_similarities_in_plain_loops():
    """Sets of row numbers written out anew give the same similarities, draw by draw."""
    Z = blobs((0, 0), (3, 0), (0, 3), n=15)
    codes = k_means(Z, 3, 0)
    codes[:4] = -1
    seen = []

    def watched(rows, k, seed):
        again = k_means(rows, k, seed)
        again[:2] = -1
        seen.append((rows, again))
        return again

    found = bootstrap_similarities(
        Z, codes, 3, watched, n_bootstrap=5, generator=np.random.default_rng(0)
    )
    for row, (rows, again) in zip(found, seen, strict=True):
        drawn = [int(np.flatnonzero((one == Z).all(axis=1))[0]) for one in rows]
        assert drawn == sorted(set(drawn))
        assert 15 < len(drawn) < 45
        new = [{i for i, code in zip(drawn, again, strict=True) if code == g} for g in range(3)]
        for segment in range(3):
            old = {i for i in drawn if codes[i] == segment}
            assert row[segment] == max(len(old & one) / len(old | one) for one in new)


def test_about_two_thirds_of_the_rows_are_drawn():
    """The distinct share of n draws with replacement is 1 - 1/e; 2,000 rows, to .03."""
    shares = []

    def counting(rows, k, seed):
        shares.append(len(rows) / 2000)
        return np.zeros(len(rows), dtype=int)

    table = stability(np.arange(2000.0)[:, None], np.zeros(2000, int), 1, counting)
    assert shares == pytest.approx([1 - np.exp(-1)] * 40, abs=0.03)
    assert table["jaccard"].tolist() == [1]


def test_far_clouds_come_back_in_every_draw():
    """Clouds that cannot be mixed up are stable without exception."""
    Z = blobs((0, 0), (50, 0))
    table = stability(Z, k_means(Z, 2, 0), 2)
    assert (table[["jaccard", "lower", "upper", "recovered"]] == 1).all(axis=None)
    assert (table["dissolved"] == 0).all()


def test_halves_of_one_cloud_are_not_to_be_named():
    """Eight parts of a round cloud come out otherwise in every draw."""
    Z = blobs((0, 0, 0), n=300)
    table = stability(Z, k_means(Z, 8, 0), 8)
    assert (table["jaccard"] < 0.75).all()
    assert (table["advice"] == "do not name this segment").any()
    assert (table["lower"] <= table["jaccard"]).all()
    assert (table["jaccard"] <= table["upper"]).all()


@pytest.mark.parametrize(
    ("share", "band", "advice"),
    [
        (0.45, "dissolved", "do not name this segment"),
        (0.55, "not trustworthy", "do not name this segment"),
        (0.68, "doubtful", "name it with care"),
        (0.8, "valid", "name it"),
        (0.95, "highly stable", "name it"),
    ],
)
def test_the_bands(share, band, advice):
    """A segment of which a known share comes back has that similarity and its band.

    Of 2,000 rows 632 of the segment are drawn; the mean over 40 draws is right to .02.
    """
    table = stability(*_with_count(share))
    assert table.loc[0, "jaccard"] == pytest.approx(share, abs=0.02)
    assert table.loc[0, "band"] == band
    assert table.loc[0, "advice"] == advice
    assert table.loc[1, "band"] == "highly stable"


def _with_count(share):
    Z, codes, cut = always(share, 1.0)
    return Z, codes, 2, cut


def test_the_edges_of_the_bands():
    """.5 is dissolved, .6 not trustworthy, .75 valid, .85 highly stable; both shares count ends.

    Each row is drawn for certain where the segments are two rows of which one is left out or not.
    """
    Z, codes = np.repeat([0.0, 1.0], 1000)[:, None], np.repeat([0, 1], 1000)
    for share, band, dissolved, recovered in [
        (1 / 2, "dissolved", 1, 0),
        (3 / 5, "not trustworthy", 0, 0),
        (3 / 4, "valid", 0, 1),
        (17 / 20, "highly stable", 0, 1),
    ]:

        def cut(rows, k, seed, share=share):
            again = rows[:, 0].astype(int)
            first = np.flatnonzero(again == 0)
            kept = len(first) - len(first) % 20
            again[first[kept:]] = 1
            again[first[int(share * kept) : kept]] = -1
            return again

        table = stability(Z, codes, 2, cut, n_bootstrap=1, seed=_even_draw(codes))
        assert table.loc[0, "jaccard"] == share
        assert table.loc[0, "band"] == band
        assert table.loc[0, ["dissolved", "recovered"]].tolist() == [dissolved, recovered]


def _even_draw(codes):
    """Return a seed that draws a multiple of 20 rows of the first segment."""
    for seed in range(1000):
        drawn = np.unique(np.random.default_rng(seed).integers(len(codes), size=len(codes)))
        if (codes[drawn] == 0).sum() % 20 == 0:
            return seed
    raise AssertionError("no such seed")


def test_a_draw_without_the_segment_counts_nothing():
    """A segment of one row is missing from a third of the draws, and stable in all the others."""
    Z = np.append(blobs((0, 0), n=40), [[500.0, 500.0]], axis=0)
    codes = np.append(np.zeros(40, int), 1)

    def outlier(rows, k, seed):
        return (rows[:, 0] > 100).astype(int)

    similarities = bootstrap_similarities(
        Z, codes, 2, outlier, n_bootstrap=60, generator=np.random.default_rng(0)
    )
    assert 0.2 < np.isnan(similarities[:, 1]).mean() < 0.55
    table = stability(Z, codes, 2, outlier, n_bootstrap=60)
    assert table["jaccard"].tolist() == [1, 1]


def test_a_segment_without_rows_is_not_known():
    """A position that no row has: NaN, "not known", no exception and no warning."""
    Z = blobs((0, 0), (50, 0))
    table = stability(Z, k_means(Z, 2, 0) * 2, 3, n_bootstrap=5)
    assert table.loc[1, ["jaccard", "lower", "upper", "dissolved", "recovered"]].isna().all()
    assert table.loc[1, "band"] == "not known"
    assert table.loc[1, "advice"] == "name it with care"


def test_a_clusterer_that_finds_nothing_dissolves_all():
    """Draws in which every row is left out count as similarity 0."""
    Z = blobs((0, 0), n=20)
    table = stability(Z, np.zeros(20, int), 1, lambda rows, k, seed: np.full(len(rows), -1))
    assert table.loc[0, "jaccard"] == 0
    assert table.loc[0, "dissolved"] == 1


def test_a_long_table_is_sampled():
    """Draws come from a sample without replacement; segments keep their positions."""
    lengths = []

    def counting(rows, k, seed):
        lengths.append(len(rows))
        return k_means(rows, k, seed)

    Z = blobs((0, 0), (50, 0), n=1000)
    table = stability(Z, np.repeat([1, 0], 1000), 2, counting, sample=100, n_bootstrap=10)
    assert max(lengths) < 100
    assert table["jaccard"].tolist() == [1, 1]


def test_a_generator_gives_one_answer():
    """The same seed gives the same table, another seed another."""
    Z = blobs((0, 0), (2, 0))
    codes = k_means(Z, 2, 0)
    one, same, other = (stability(Z, codes, 2, seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, same)
    assert (one["jaccard"] != other["jaccard"]).any()


def test_the_warning_names_every_unsound_segment():
    """One sentence for all, none where all are sound; doubtful segments are not warned of."""
    Z, codes, cut = always(0.45, 0.55, 0.68, 1.0)
    table = stability(Z, codes, 4, cut)
    names = ["Segment 1", "Segment 2", "Segment 3", "Segment 4"]
    warning = instability_warning(table, names)
    assert warning == (
        f"do not name segment 'Segment 1': drawn again, it overlaps its best match by "
        f"{table.loc[0, 'jaccard']:.2f} on average; do not name segment 'Segment 2': drawn again, "
        f"it overlaps its best match by {table.loc[1, 'jaccard']:.2f} on average (Jaccard "
        f"similarity; above 0.6 is needed)"
    )
    assert instability_warning(table.set_axis(names), [*names, "Segment 5"]) == warning
    assert instability_warning(table.loc[2:], names[2:]) is None
