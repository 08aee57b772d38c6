"""Who leaves after service failures, and because of which."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._lost_sales_cost import (
    Exposure,
    avoidable,
    chance_of_leaving,
    leaving_by_component,
    mean_probability,
)

REPEATED = ["independent", "first"]


def counted(*rows: list[float]) -> Exposure:
    """Return counted failures."""
    times = np.array(rows, dtype=float)
    return Exposure(times, np.ones_like(times))


def test_orders_that_fail_at_a_rate_are_independent_trials():
    """Of n orders each drives the customer away with probability rate x p: a binomial count."""
    exposure = Exposure(np.array([[3.0]]), np.array([[0.05]]))
    assert chance_of_leaving(exposure, np.array([0.2]), "independent") == pytest.approx(
        1 - 0.99**3, rel=1e-14
    )
    assert chance_of_leaving(exposure, np.array([0.2]), "first") == pytest.approx(
        0.2 * (1 - 0.95**3), rel=1e-14
    )


def test_a_story_of_orders_told_by_chance_gives_the_same():
    """Simulated orders, failures and departures: 0.2 million customers, error of 4 deviations."""
    generator, n = np.random.default_rng(5), 200_000
    fails = generator.random((n, 4)) < 0.3
    leaves = fails & (generator.random((n, 4)) < 0.4)
    first = fails & (np.cumsum(fails, axis=1) == 1)
    exposure = Exposure(np.array([[4.0]]), np.array([[0.3]]))
    for repeated, seen in (("independent", leaves), ("first", leaves & first)):
        expected = chance_of_leaving(exposure, np.array([0.4]), repeated)[0]
        error = np.sqrt(expected * (1 - expected) / n)
        assert abs(seen.any(axis=1).mean() - expected) < 4 * error


@pytest.mark.parametrize("repeated", REPEATED)
def test_a_part_of_a_failure_is_the_chance_of_one_more(repeated):
    """Half a failure is the mean of none and one, two and a half that of two and three."""
    found = chance_of_leaving(counted([0], [0.5], [1], [2], [2.5], [3]), np.array([0.3]), repeated)
    assert found[1] == pytest.approx((found[0] + found[2]) / 2, abs=1e-15)
    assert found[4] == pytest.approx((found[3] + found[5]) / 2, abs=1e-15)


def test_certain_departure_and_none():
    """With p = 1 whoever meets a failure is gone, with p = 0 nobody is."""
    exposure = counted([0.0, 0.0], [1.0, 0.0], [3.0, 2.0])
    for repeated in REPEATED:
        assert chance_of_leaving(exposure, np.ones(2), repeated).tolist() == [0.0, 1.0, 1.0]
        assert chance_of_leaving(exposure, np.zeros(2), repeated).tolist() == [0.0, 0.0, 0.0]


def test_the_first_failure_has_the_mean_probability_of_all():
    """Two late and one damaged order: whichever came first, two times of three a late one."""
    found = chance_of_leaving(counted([2.0, 1.0]), np.array([0.1, 0.4]), "first")
    assert found[0] == pytest.approx(0.2, rel=1e-15)
    whole = leaving_by_component(counted([2.0, 1.0]), np.array([0.1, 0.4]), "first", found)
    assert whole[0] == pytest.approx([0.2 / 3, 0.4 / 3], rel=1e-15)


def first_to_drive_away(counts: list[int], p: list[float]) -> np.ndarray:
    """Return the parts of components by writing down every order of the failures."""
    failures = [c for c, count in enumerate(counts) for _ in range(count)]
    orders = list(permutations(failures))
    parts = np.zeros(len(counts))
    for order in orders:
        staying = 1.0
        for component in order:
            parts[component] += staying * p[component] / len(orders)
            staying *= 1 - p[component]
    return parts


@pytest.mark.parametrize("counts", [[1, 1, 0], [2, 1, 1], [0, 3, 2], [4, 0, 1]])
def test_parts_are_those_of_every_order_of_the_failures(counts):
    """The integral is the mean over all orders, written down one by one."""
    p = [0.5, 0.2, 1.0]
    exposure = counted([float(count) for count in counts])
    whole = chance_of_leaving(exposure, np.array(p), "independent")
    found = leaving_by_component(exposure, np.array(p), "independent", whole)[0]
    assert found == pytest.approx(first_to_drive_away(counts, p), abs=1e-14)


def test_parts_of_hundreds_of_failures():
    """As many of each component part as the chances do where all are small; error below 1e-4."""
    exposure = counted([300.0, 600.0])
    whole = chance_of_leaving(exposure, np.array([0.3, 0.3]), "independent")
    found = leaving_by_component(exposure, np.array([0.3, 0.3]), "independent", whole)[0]
    assert found == pytest.approx([1 / 3, 2 / 3], abs=1e-4)


tables = st.lists(
    st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(0, 1), st.floats(0, 1)), min_size=1
)


@given(
    rows=tables, p=st.tuples(st.floats(0, 1), st.floats(0, 1)), repeated=st.sampled_from(REPEATED)
)
@settings(max_examples=30, deadline=None)
def test_parts_sum_to_the_whole_and_savings_stay_below(rows, p, repeated):
    """Parts are not negative and add up; a component saves at most the whole."""
    values = np.array(rows)
    exposure, p = Exposure(values[:, :2], values[:, 2:]), np.array(p)
    whole = chance_of_leaving(exposure, p, repeated)
    parts = leaving_by_component(exposure, p, repeated, whole)
    assert ((whole >= 0) & (whole <= 1)).all()
    assert (parts >= 0).all()
    np.testing.assert_allclose(parts.sum(axis=1), whole, rtol=1e-12, atol=1e-300)
    assert (avoidable(exposure, p, repeated, whole) <= whole[:, None] + 1e-15).all()


@given(k=st.integers(0, 20), p=st.floats(0, 1), more=st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_more_failures_and_a_higher_probability_never_keep_a_customer(k, p, more):
    """The chance rises with the failures and with the probability."""
    high = min(1.0, p + more)
    found = chance_of_leaving(counted([k], [k + 1]), np.array([p]), "independent")
    assert found[0] <= found[1] + 1e-15
    other = chance_of_leaving(counted([k]), np.array([high]), "independent")
    assert found[0] <= other[0] + 1e-15


def test_what_a_component_saves_is_the_difference_without_it():
    """0.28 with both, 0.1 without the first and 0.2 without the second."""
    exposure, p = counted([1.0, 1.0]), np.array([0.2, 0.1])
    whole = chance_of_leaving(exposure, p, "independent")
    saved = avoidable(exposure, p, "independent", whole)
    assert saved[0] == pytest.approx([0.18, 0.08], rel=1e-13)


def test_the_mean_probability_counts_failures():
    """Two failures at 0.1 and one at 0.4 have the mean 0.2; without failures customers count."""
    p = np.array([[0.1], [0.4]])
    assert mean_probability(counted([2.0], [1.0]), p, np.ones(2)) == pytest.approx(0.2)
    assert mean_probability(counted([0.0], [0.0]), p, np.ones(2)) == pytest.approx(0.25)
    assert mean_probability(counted([2.0], [1.0]), p, np.array([1.0, 2.0])) == pytest.approx(0.25)
    assert mean_probability(counted([2.0], [1.0]), np.array([0.3]), np.ones(2)) == 0.3
