"""The number of segments: known numbers, sizes, samples and degenerate tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from custvalue.segmentation._clusters.criteria import calinski_harabasz, davies_bouldin
from custvalue.segmentation._clusters.selection import select_number
from custvalue.segmentation._clusters.silhouettes import mean_silhouettes
from custvalue.segmentation._clusters.votes import named_numbers
from support.groupings import blobs, distinct_groups, iris, k_means

FAR = (0, 0, 0), (20, 0, 0), (0, 20, 0), (0, 0, 20)


def select(Z, ks=range(1, 6), cluster=k_means, seed=0, **options):
    """Return the selection among some numbers, by fewer references and splits than usual."""
    options = {"n_references": 8, "n_splits": 5} | options
    return select_number(Z, cluster, ks, generator=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_every_criterion_names_the_number_of_far_clouds(k):
    """Clouds twenty standard deviations apart leave no room for doubt."""
    found = select(blobs(*FAR[:k]))
    assert set(named_numbers(found.table).values()) == {k}
    assert found.recommended == k
    assert found.table.index[found.table["recommended"]].tolist() == [k]
    assert found.reason == (
        f"{k} segments: named by the silhouette, Calinski-Harabasz, Davies-Bouldin, the gap "
        "statistic and prediction strength."
    )


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("shape", ["normal", "uniform", "stretched", "skewed"])
def test_one_cloud_is_one_segment(shape, seed):
    """Round, square, correlated (.8) and lognormal clouds have no separate segments."""
    generator = np.random.default_rng(seed)
    covariance = 0.8 + 0.2 * np.eye(3)
    Z = {
        "normal": generator.normal(size=(400, 3)),
        "uniform": generator.uniform(size=(400, 3)),
        "stretched": generator.multivariate_normal(np.zeros(3), covariance, size=400),
        "skewed": generator.lognormal(size=(400, 3)),
    }[shape]
    found = select(Z)
    assert found.recommended == 1
    assert found.reason.startswith("The data show no separate segments: the gap statistic")


def test_a_small_segment_far_away_is_found():
    """Fifty among a thousand: the gap may name 1, prediction strength and silhouette overrule."""
    Z = np.vstack([blobs((0, 0, 0), n=950, seed=5), blobs((5, 5, 5), n=50, seed=6)])
    assert select(Z, range(1, 5)).recommended == 2


def test_iris_has_two_or_three_segments():
    """Two species are hard to part. Silhouettes as recorded from scikit-learn 1.9.1, to 1e-3."""
    found = select(iris(), range(1, 6))
    expected = [0.681046, 0.552819, 0.498051]
    assert found.table.loc[2:4, "silhouette"].to_numpy() == pytest.approx(expected, abs=1e-3)
    assert found.recommended in {2, 3}


def test_columns_hold_what_their_names_say():
    """Each criterion is that of the grouping that the clusterer gave, NaN for one segment."""
    Z = blobs((0, 0), (6, 0), n=40)
    seen = {}

    def remembered(rows, k, seed):
        codes = k_means(rows, k, seed)
        if rows is Z:
            seen[k] = codes
        return codes

    table = select(Z, range(1, 4), remembered).table
    assert table.columns.tolist() == [
        "silhouette",
        "calinski_harabasz",
        "davies_bouldin",
        "gap",
        "gap_standard_error",
        "prediction_strength",
        "smallest_segment",
        "recommended",
    ]
    assert table.index.name == "n_clusters"
    assert table.loc[1, ["silhouette", "calinski_harabasz", "davies_bouldin"]].isna().all()
    assert table.loc[1, "prediction_strength"] == 1
    assert table.loc[1, "smallest_segment"] == 1
    assert table.loc[3, "silhouette"] == mean_silhouettes(Z, [seen[3]])[0]
    assert table.loc[3, "calinski_harabasz"] == calinski_harabasz(Z, seen[3])
    assert table.loc[3, "davies_bouldin"] == davies_bouldin(Z, seen[3])
    assert table.loc[3, "smallest_segment"] == np.bincount(seen[3]).min() / 80


def test_a_number_with_too_small_a_segment_is_out():
    """Three far clouds of which one has 4 %: with a floor of 5 % it is not three segments."""
    Z = np.vstack([blobs((0, 0), (20, 0), n=120), blobs((0, 20), n=10, seed=1)])
    assert select(Z, range(1, 5)).recommended == 3
    found = select(Z, range(1, 5), smallest=0.05)
    assert found.recommended == 2
    assert "3 and 4 are out: a segment would be too small or not be found." in found.reason


def test_bic_decides_for_mixtures():
    """A crossing of two thin normal clouds has no separation, and BIC sees both of them."""
    generator = np.random.default_rng(0)
    thin = generator.normal(size=(2, 150, 2)) * [5, 0.3]
    Z = np.vstack([thin[0], thin[1][:, ::-1]])

    def mixture(rows, k, seed):
        return GaussianMixture(k, random_state=seed).fit(rows)

    def mixed(rows, k, seed):
        return mixture(rows, k, seed).predict(rows)

    def bic(rows, k, seed):
        return mixture(rows, k, seed).bic(rows)

    with threadpool_limits(1):
        found = select(Z, range(1, 4), mixed, bic=bic, n_references=3, n_splits=2)
    assert found.recommended == 2
    assert found.table["bic"].idxmin() == 2
    assert "BIC, which decides for a mixture" in found.reason


def test_a_long_table_is_sampled():
    """All criteria are those of a sample without replacement, and its size is told."""
    lengths = set()

    def counting(rows, k, seed):
        lengths.add(len(rows))
        return k_means(rows, k, seed)

    Z = blobs((0, 0), (20, 0), n=2000)
    found = select(Z, range(1, 4), counting, sample=300)
    assert found.n_rows == 300
    assert lengths == {300, 150}
    assert found.recommended == 2
    assert select(Z[::100], range(1, 4), sample=300).n_rows == 40


def test_distinct_points_are_their_own_segments():
    """Rows of three points have three segments; four were asked for and not found."""
    Z = np.repeat([[0.0, 0.0], [1.0, 5.0], [4.0, 1.0]], 30, axis=0)
    found = select(Z, range(2, 5), distinct_groups)
    assert found.recommended == 3
    assert found.table["smallest_segment"].tolist() == [0, pytest.approx(1 / 3), 0]
    assert found.table.loc[[2, 4], "silhouette"].isna().all()
    assert found.reason.endswith("2 and 4 are out: a segment would be too small or not be found.")


def test_equal_rows_are_one_segment():
    """With nothing to tell rows apart there is one segment and no exception."""
    found = select(np.ones((20, 2)), range(1, 4), distinct_groups)
    assert found.recommended == 1
    assert found.table["gap"].isna().all()


def test_more_segments_than_rows_are_never_asked_for():
    """Numbers above the number of rows have no criterion and are out."""

    def strict(rows, k, seed):
        assert k <= len(rows)
        return k_means(rows, k, seed)

    found = select(np.arange(6.0).reshape(3, 2), [1, 2, 3, 4], strict)
    criteria = found.table.drop(columns=["smallest_segment", "recommended"])
    assert criteria.loc[4].isna().all()
    assert found.table.loc[4, "smallest_segment"] == 0
    assert found.recommended == 1


def test_a_clusterer_that_finds_nothing_is_survived():
    """All rows in no group: every number is out, the fewest is named, and the reason tells."""
    found = select(blobs((0, 0)), [2, 3], lambda rows, k, seed: np.full(len(rows), -1))
    assert found.recommended == 2
    assert found.reason.startswith("2 segments, the fewest tried: 2 and 3 are out")


def test_a_generator_gives_one_answer():
    """The same seed gives the same table, another seed another."""
    Z = blobs((0, 0), (4, 0))
    one, same, other = (select(Z, range(1, 4), seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one.table, same.table)
    assert one.reason == same.reason
    assert (one.table["gap"] != other.table["gap"]).all()


def test_progress_is_shown_when_asked_for(capsys):
    """Bars on standard error change nothing in the table; without them nothing is shown."""
    quiet = select(blobs((0, 0), n=10), [1, 2])
    assert capsys.readouterr() == ("", "")
    shown = select(blobs((0, 0), n=10), [1, 2], progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err != ""
    pd.testing.assert_frame_equal(shown.table, quiet.table)
