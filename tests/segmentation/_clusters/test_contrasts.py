from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, mannwhitneyu

from custvalue.segmentation._clusters.contrasts import contrast

K = 3


@pytest.fixture
def generator():
    """Return a seeded source of chance."""
    return np.random.default_rng(11)


@pytest.fixture
def codes(generator):
    """Return segments of 400 customers, some in none."""
    return generator.integers(-1, K, 400)


@pytest.fixture
def counts(generator, codes):
    """Return whole numbers with many ties and some gaps."""
    values = generator.poisson(2.0 + codes.clip(0)).astype(np.float64)
    values[generator.random(len(values)) < 0.1] = np.nan
    return values


@pytest.fixture
def regions(generator, codes):
    """Return categories that go with the segments, with gaps."""
    own = np.array(["north", "south", "west"], dtype=object)[codes.clip(0)]
    other = generator.choice(np.array(["north", "south", "east", None], dtype=object), len(codes))
    return np.where(generator.random(len(codes)) < 0.4, own, other)


def test_numbers_agree_with_scipy(counts, codes):
    """Effect and p-value are those of scipy.stats.mannwhitneyu, with ties and without gaps.

    Both are one closed formula: only rounding may differ.
    """
    found = contrast(counts, codes, K)
    known = ~np.isnan(counts)
    for j in range(K):
        inside, outside = counts[known & (codes == j)], counts[known & (codes != j)]
        expected = mannwhitneyu(inside, outside, method="asymptotic")
        size = len(inside) * len(outside)
        assert found.effect[j] == pytest.approx(2 * expected.statistic / size - 1, abs=1e-12)
        assert found.p_value[j] == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.inside[j] == np.median(inside)
        assert found.missing[j] == pytest.approx(np.mean(~known[codes == j]))
    assert (found.overall == np.median(counts[known])).all()
    assert found.levels == [None] * K


def test_the_effect_is_that_of_all_pairs(generator):
    """The rank-biserial correlation counts who wins in every pair of inside and outside."""
    values, codes = generator.integers(0, 5, 60).astype(np.float64), generator.integers(0, 2, 60)
    pairs = np.sign(values[codes == 1][:, None] - values[codes == 0][None, :])
    found = contrast(values, codes, 2)
    np.testing.assert_allclose(found.effect, [-pairs.mean(), pairs.mean()], atol=1e-14)


def test_categories_agree_with_scipy(regions, codes):
    """Chi-square's p-value and Cramer's V are those of scipy.stats.chi2_contingency."""
    found = contrast(regions, codes, K)
    known = np.array([region is not None for region in regions])
    levels = sorted(set(regions[known]))
    for j in range(K):
        table = np.array(
            [[np.sum((regions == x) & (codes == j)), np.sum((regions == x) & (codes != j))]
             for x in levels]
        )  # fmt: skip
        expected = chi2_contingency(table, correction=False)
        assert found.p_value[j] == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.effect[j] == pytest.approx(np.sqrt(expected.statistic / table.sum()))
        excess = table[:, 0] / table[:, 0].sum() - table.sum(axis=1) / table.sum()
        assert found.levels[j] == levels[int(excess.argmax())]
        assert found.deviation[j] == pytest.approx(excess.max())


def test_two_levels_give_phi(generator):
    """With two levels Cramer's V is the absolute correlation of the two indicators."""
    codes = generator.integers(0, 2, 300)
    yes = generator.random(300) < 0.3 + 0.3 * codes
    found = contrast(np.array(yes.tolist(), dtype=object), codes, 2)
    phi = np.corrcoef(yes, codes)[0, 1]
    np.testing.assert_allclose(found.effect, abs(phi), rtol=1e-10)
    assert found.levels == ["False", "True"]


def test_a_change_of_unit_changes_no_effect(counts, codes):
    """Effect and p-value see the ranks alone; the deviation is free of the unit."""
    one, other = contrast(counts, codes, K), contrast(100 * counts + 7, codes, K)
    np.testing.assert_array_equal(one.effect, other.effect)
    np.testing.assert_array_equal(one.p_value, other.p_value)
    np.testing.assert_allclose(one.deviation, other.deviation, rtol=1e-12)


def test_the_order_of_the_rows_is_nothing(counts, regions, codes, generator):
    """Shuffled customers give the same numbers to the last digit."""
    order = generator.permutation(len(codes))
    for values in (counts, regions):
        one, other = contrast(values, codes, K), contrast(values[order], codes[order], K)
        np.testing.assert_array_equal(one.effect, other.effect)
        np.testing.assert_array_equal(one.inside, other.inside)
        np.testing.assert_array_equal(one.p_value, other.p_value)


def test_duplicated_customers_leave_the_effect(counts, regions, codes):
    """Twice the same customers are as far apart, and the p-value falls."""
    for values in (counts, regions):
        one, two = contrast(values, codes, K), contrast(np.tile(values, 2), np.tile(codes, 2), K)
        np.testing.assert_allclose(two.effect, one.effect, atol=1e-14)
        assert (two.p_value < one.p_value).all()


def test_the_deviation_is_in_robust_standard_deviations(generator):
    """Of normal numbers it is near the distance in standard deviations, whatever an outlier does.

    Medians of 20,000 normals have a standard error of .0125: the tolerance is four of them.
    """
    codes = np.repeat([0, 1], 20_000)
    values = generator.normal(np.where(codes == 0, -0.5, 0.5), 1.0) * 40
    values[0] = 1e9
    found = contrast(values, codes, 2)
    overall = np.sqrt(1.25)
    np.testing.assert_allclose(found.deviation, np.array([-0.5, 0.5]) / overall, atol=0.05)


def test_where_most_are_equal_the_deviation_is_in_standard_deviations():
    """A median absolute deviation of 0 is no unit."""
    values = np.array([0.0] * 8 + [3.0, 3.0])
    found = contrast(values, np.repeat([0, 1], [8, 2]), 2)
    np.testing.assert_allclose(found.deviation, [0.0, 3.0 / values.std()])


@pytest.mark.parametrize("value", [7.0, "same"])
def test_a_constant_sets_nobody_apart(value):
    """No effect, and a p-value of 1."""
    values = np.array([value] * 5, dtype=np.float64 if isinstance(value, float) else object)
    found = contrast(values, np.array([0, 0, 1, 1, -1]), 2)
    assert found.effect.tolist() == found.deviation.tolist() == [0.0, 0.0]
    assert found.p_value.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("missing", [np.full(4, np.nan), np.array([None] * 4, dtype=object)])
def test_nothing_known_is_nothing_told(missing):
    """Everything is NaN where no value is known, and all are missing."""
    found = contrast(missing, np.array([0, 0, 1, -1]), 2)
    assert np.isnan([found.inside, found.overall, found.effect, found.p_value]).all()
    assert found.missing.tolist() == [1.0, 1.0]
    assert found.levels == [None, None]


@pytest.mark.parametrize("values", [np.arange(4.0), np.array(list("abab"), dtype=object)])
def test_one_segment_has_no_others(values):
    """A segment of all customers has no effect to speak of."""
    found = contrast(values, np.zeros(4, dtype=np.int64), 1)
    assert np.isnan([found.effect[0], found.p_value[0]]).all()
