"""How much less customers stay after a failure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._lost_sales_cost_retention import (
    Group,
    compare,
    newcombe_interval,
    per_failure,
    summarise,
)


@pytest.mark.parametrize(
    ("first", "second", "ends"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_published_intervals_of_newcombe(first, second, ends):
    """Newcombe (1998), table II, method 10 without continuity correction; four decimals printed."""
    groups = [Group(n, x, 0.0) for x, n in (first, second)]
    assert newcombe_interval(*groups, 0.95) == pytest.approx(ends, abs=5.1e-5)


def simulated_strata(generator: np.random.Generator, effect: float) -> tuple[list, list]:
    """Return 12 strata whose retention differs much, failures being rare where it is high."""
    base = np.linspace(0.35, 0.95, 12)
    n1 = np.linspace(40, 4, 12).astype(int)
    n0 = np.linspace(8, 60, 12).astype(int)
    zero = [
        Group(float(n), float(x), 0.0)
        for n, x in zip(n0, generator.binomial(n0, base), strict=True)
    ]
    kept = generator.binomial(n1, base - effect)
    return zero, [Group(float(n), float(x), 0.0) for n, x in zip(n1, kept, strict=True)]


def test_strata_undo_confounding_and_their_interval_covers():
    """In 2,000 simulated tables the mean is right and 95 % intervals hold the true difference 0.15.

    The mean within 4 of its errors, the share of intervals within 4 binomial errors (0.93 to 0.97),
    and the mean estimated error within 6 % of the spread of the differences.
    """
    generator = np.random.default_rng(11)
    found = [compare(*simulated_strata(generator, 0.15), 0.95, counted=True) for _ in range(2000)]
    values = np.array([one.value for one in found])
    assert abs(values.mean() - 0.15) < 4 * values.std() / np.sqrt(2000)
    inside = np.mean([one.lower <= 0.15 <= one.upper for one in found])
    assert 0.93 < inside < 0.97
    width = np.mean([one.upper - one.lower for one in found]) / (2 * 1.959964)
    assert width == pytest.approx(values.std(), rel=0.06)


def test_the_crude_difference_is_confounded_where_strata_differ():
    """The same tables thrown together show a difference more than twice as large."""
    zero, one = simulated_strata(np.random.default_rng(11), 0.15)
    together = [
        Group(sum(g.customers for g in side), sum(g.retained for g in side), 0.0)
        for side in (zero, one)
    ]
    crude = compare([together[0]], [together[1]], 0.95, counted=True)
    assert crude.value > 0.3


def test_a_group_of_one_has_no_variance():
    """Its interval is everything, and that of nobody has no mean."""
    one = summarise(np.array([0.4, 0.9]), np.ones(2), np.array([0]))
    assert np.isnan(one.variance)
    assert one.interval(0.95, counted=False) == (0.0, 1.0)


@given(p=st.floats(0.001, 0.999), counts=st.lists(st.integers(1, 12), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_the_probability_of_one_failure_gives_back_the_difference(p, counts):
    """It undoes mean(1 - (1 - p)^k), to 1e-9 of the difference."""
    k = np.array(counts, dtype=float)
    difference = float(np.mean(-np.expm1(k * np.log1p(-p))))
    found = per_failure(difference, k, np.ones(len(k)))
    assert np.mean(-np.expm1(k * np.log1p(-found))) == pytest.approx(difference, rel=1e-9)


def test_a_difference_beyond_its_range_is_cut():
    """Failures that keep customers count as 0, and nobody leaves more than surely."""
    assert [per_failure(d, np.ones(1), np.ones(1)) for d in (-0.2, 0.0, 1.0)] == [0.0, 0.0, 1.0]
