"""Total cost over the level of service."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost import Exposure
from custvalue.service._lost_sales_cost_curve import (
    failure_multiples,
    hidden_costs,
    present_service_level,
    read_direct_cost,
    read_levels,
    total_cost_curve,
)
from custvalue.service._lost_sales_cost_report import Losses, Prospects


def losses(times, chance, p=0.2, repeated="independent") -> Losses:
    """Return the losses of customers of value 100."""
    exposure = Exposure(np.array(times, dtype=float), np.array(chance, dtype=float))
    width = exposure.times.shape[1]
    return Losses(
        exposure, np.full(width, p), repeated, np.full(len(times), 100.0), Prospects(0.0, 0.0)
    )


@pytest.mark.parametrize("repeated", ["independent", "first"])
def test_the_present_failures_cost_what_they_cost(repeated):
    """At multiple 1 the curve is the total, at 0 it is 0."""
    some = losses([[1.0], [3.0], [0.0]], np.ones((3, 1)), repeated=repeated)
    found = hidden_costs(some, np.ones(3), np.array([0.0, 1.0]), counted=True)
    assert found[0] == 0.0
    assert found[1] == pytest.approx(some.summary(np.ones(3))["expected_cost"], rel=1e-14)


def test_single_failures_cost_in_proportion():
    """Half and twice the failures of customers hit once cost half and twice as much."""
    some = losses([[1.0], [0.0]], np.ones((2, 1)))
    found = hidden_costs(some, np.ones(2), np.array([0.5, 1.0, 2.0]), counted=True)
    assert found == pytest.approx([10.0, 20.0, 40.0], rel=1e-14)


def test_more_failures_than_now_hit_more_customers_at_the_same_cost():
    """Two failures each and u p > 1: the cost stays in proportion until all ten are hit.

    By hand: each of two hit costs 100 (1 - 0.6^2) = 64, five times as many 640.
    """
    some = losses([[2.0]] * 2 + [[0.0]] * 8, np.ones((10, 1)), p=0.4)
    found = hidden_costs(some, np.ones(10), np.array([1.0, 2.0, 3.0, 5.0]), counted=True)
    assert found == pytest.approx([128.0, 256.0, 384.0, 640.0], rel=1e-13)
    # Ten times as many hit all of them, each with four failures.
    [beyond] = hidden_costs(some, np.ones(10), np.array([10.0]), counted=True)
    assert beyond == pytest.approx(1000 * (1 - 0.6**4), rel=1e-13)


def test_counted_and_expected_failures_have_one_curve():
    """One order each, a tenth of which fail: at 30, 50 and 70 % 2,800, 2,000 and 1,200."""
    multiples = np.array([7.0, 5.0, 3.0])
    counted = losses([[0.0]] * 90 + [[1.0]] * 10, np.ones((100, 1)), p=0.4)
    rated = losses([[1.0]] * 100, np.full((100, 1), 0.1), p=0.4)
    for some, count in ((counted, True), (rated, False)):
        found = hidden_costs(some, np.ones(100), multiples, counted=count)
        assert found == pytest.approx([2800.0, 2000.0, 1200.0], rel=1e-13)


def test_parts_of_failures_are_chances_of_being_hit():
    """Half a failure each: twice as many hit all once, four times as many all twice."""
    some = losses([[0.5]] * 4, np.ones((4, 1)), p=0.4)
    found = hidden_costs(some, np.ones(4), np.array([1.0, 2.0, 4.0]), counted=True)
    assert found == pytest.approx([80.0, 160.0, 400 * (1 - 0.6**2)], rel=1e-13)


def test_rates_are_multiplied_and_stop_at_every_order():
    """Two orders at u x 0.3: 1 - (1 - 0.2 x 0.3 u)^2, from u = 10/3 on 1 - 0.8^2."""
    some = losses([[2.0]], [[0.3]])
    found = hidden_costs(some, np.ones(1), np.array([0.5, 2.0, 9.0]), counted=False)
    expected = [100 * (1 - (1 - 0.06 * u) ** 2) for u in (0.5, 2.0, 10 / 3)]
    assert found == pytest.approx(expected, rel=1e-13)


def test_better_service_never_has_a_higher_hidden_cost():
    """The hidden cost rises with the failures, counted or expected."""
    generator = np.random.default_rng(1)
    times = generator.poisson(1.5, (40, 2))
    multiples = np.linspace(0, 6, 40)
    for chance, counted in ((np.ones((40, 2)), True), (generator.random((40, 2)), False)):
        found = hidden_costs(losses(times, chance), np.ones(40), multiples, counted=counted)
        assert (np.diff(found) >= -1e-9).all()


def test_the_minimum_is_found_and_an_end_is_said():
    """Inside, at the lowest level, at the highest, and at a corner that nothing lies beyond."""
    levels = np.array([0.8, 0.9, 1.0])
    inside = total_cost_curve(levels, np.array([1.0, 2.0, 9.0]), np.array([9.0, 2.0, 0.0]))
    assert (inside.service_level, inside.total_cost, inside.at_end) == (0.9, 4.0, None)
    assert inside.doubts == []
    low = total_cost_curve(levels, np.array([1.0, 5.0, 9.0]), np.zeros(3))
    assert low.at_end == "lowest"
    assert "a level beyond may cost less" in low.doubts[0]
    high = total_cost_curve(levels, np.zeros(3), np.array([9.0, 5.0, 0.0]))
    assert high.at_end == "highest"
    assert high.doubts[0].endswith("given, 1, a corner")


def test_separate_valleys_are_counted():
    """Two valleys are said; a flat bottom is one, and its lowest level is taken."""
    levels = np.linspace(0.5, 0.9, 5)
    two = total_cost_curve(levels, np.array([5.0, 2.0, 4.0, 1.0, 6.0]), np.zeros(5))
    assert two.n_minima == 2
    assert "2 separate minima; the lowest is at 0.8" in two.doubts[0]
    flat = total_cost_curve(levels, np.array([5.0, 1.0, 1.0, 1.0, 6.0]), np.zeros(5))
    assert (flat.n_minima, flat.service_level) == (1, 0.6)


def test_rounding_makes_no_valley_and_moves_no_minimum():
    """Costs equal but for their last bits are one flat bottom, the first of it the best."""
    direct, hidden = np.array([9.0, 0.1, 0.1, 0.3, 9.0]), np.array([0.0, 0.2, 0.2, 0.0, 0.0])
    hidden[1] += 1e-16
    curve = total_cost_curve(np.linspace(0.5, 0.9, 5), direct, hidden)
    assert (direct + hidden)[3] < (direct + hidden)[1]
    assert (curve.n_minima, curve.service_level) == (1, 0.6)
    waves = total_cost_curve(np.linspace(0.5, 0.9, 5), np.r_[3, 1, 1 + 4e-16, 1, 3], np.zeros(5))
    assert (waves.n_minima, waves.doubts) == (1, [])


def test_a_sum_beyond_the_largest_number_is_refused():
    """It is said instead of an infinite cost."""
    with pytest.raises(ValueError, match="a sum below the largest number; found 1.7e"):
        total_cost_curve(np.array([0.5, 0.9]), np.full(2, 1.7e308), np.full(2, 1e308))


def test_the_present_level_is_told_by_orders():
    """One failure in twenty orders is 95 %; more failures than orders tell nothing."""
    exposure = Exposure(np.array([[1.0], [0.0]]), np.ones((2, 1)))
    assert present_service_level(exposure, np.array([10.0, 10.0]), np.ones(2)) == 0.95
    assert present_service_level(exposure, np.array([10.0, 90.0]), np.array([1.0, 0.0])) == 0.9
    assert present_service_level(exposure.without(0), np.zeros(2), np.ones(2)) == 1.0
    with pytest.raises(DataError, match="found 1 failures and 0 orders: give present_level"):
        present_service_level(exposure, np.zeros(2), np.ones(2))


@pytest.mark.parametrize("present", [1.0, -0.1, 95.0, np.nan, "x", True, "0.9"])
def test_a_present_level_without_failures_is_refused(present):
    """Nothing can be scaled from no failure."""
    with pytest.raises(ValueError, match="present_level must be from 0 to less than 1"):
        failure_multiples(np.array([0.9]), present)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([0.9], "at least two different levels"),
        ([0.9, 0.9], "at least two different levels"),
        ([[0.9, 0.8]], "at least two different levels"),
        ([90, 95], r"from 0 to 1, as 0.95 for 95 %; found 90 \(2 such\)"),
        ([0.5, np.nan], "from 0 to 1"),
        (["low", "high"], r"service_levels must be a row of numbers; found \['low', 'high'\]"),
        ([0.5, None, [1]], "service_levels must be a row of numbers"),
    ],
)
def test_wrong_levels_are_refused(levels, message):
    """A percentage is not taken for a share."""
    with pytest.raises(ValueError, match=message):
        read_levels(levels)


def test_direct_costs_in_words_are_refused():
    """Text is named, given or worked out."""
    for cost in (["cheap", "dear"], lambda level: ["cheap", "dear"]):
        with pytest.raises(ValueError, match="direct_cost must be a row of numbers; found"):
            read_direct_cost(cost, np.array([0.8, 0.9]))


@pytest.mark.parametrize("cost", [[1.0], [1.0, np.inf], lambda level: 3.0])
def test_wrong_direct_costs_are_refused(cost):
    """There is one finite number a level."""
    with pytest.raises(ValueError, match="one finite number for each of the 2 service levels"):
        read_direct_cost(cost, np.array([0.8, 0.9]))
