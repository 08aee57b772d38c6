"""Scales of indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from custvalue.service._weighted_score_scales import (
    Scale,
    check_costs,
    check_targets,
    learn_scale,
    scale_frame,
    scales_of,
)

VALUES = np.array([1.0, 5.0, 2.0, 8.0])
ONES = np.ones(4)


def test_each_scale_counts_as_its_formula_says():
    """Benefits and costs of each kind, z as scipy has it."""
    cases = {
        (None, False): VALUES,
        (None, True): 9 - VALUES,
        ("min_max", False): (VALUES - 1) / 7,
        ("min_max", True): (8 - VALUES) / 7,
        ("z", False): zscore(VALUES),
        ("z", True): -zscore(VALUES),
    }
    for (scaling, cost), expected in cases.items():
        scale = learn_scale(VALUES, ONES, scaling, cost=cost)
        np.testing.assert_allclose(scale.apply(VALUES), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("given", "cost", "expected"),
    [
        (4.0, False, VALUES / 4),
        (4.0, True, 4 / VALUES),
        ((0.0, 10.0), False, VALUES / 10),
        ((10.0, 2.0), True, (10 - VALUES) / 8),
    ],
)
def test_targets_count_the_share_that_is_reached(given, cost, expected):
    """A number is the target; a pair are the values that count 0 and 1."""
    scale = learn_scale(VALUES, ONES, "target", cost=cost, given=given)
    np.testing.assert_allclose(scale.apply(VALUES), expected, rtol=1e-15)


def test_ends_that_are_given_turn_a_cost():
    """A rating from 1 to 7 turned is 8 less it, whatever was fitted."""
    scale = learn_scale(np.array([2.0, 3.0]), np.ones(2), None, cost=True, given=(1, 7))
    assert scale.apply(np.array([1.0, 7.0, 3.0])).tolist() == [7, 1, 5]


def test_counts_are_numbers_of_rows():
    """A weighted mean and deviation are those of repeated rows."""
    counts = np.array([1.0, 3.0, 2.0, 1.0])
    repeated = np.repeat(VALUES, counts.astype(int))
    weighted = learn_scale(VALUES, counts, "z")
    plain = learn_scale(repeated, np.ones(7), "z")
    assert weighted.origin == pytest.approx(plain.origin, rel=1e-14)
    assert weighted.unit == pytest.approx(plain.unit, rel=1e-14)


@pytest.mark.parametrize("scaling", ["min_max", "z"])
def test_equal_values_have_no_scale(scaling):
    """Nothing counts; without scaling a constant counts as it is."""
    constant = np.full(3, 0.1)
    scale = learn_scale(constant, np.ones(3), scaling)
    assert not scale.usable
    assert np.isnan(scale.apply(constant)).all()
    assert learn_scale(constant, np.ones(3), None).usable


def test_the_best_cost_has_no_minus_before_its_zero():
    """The worst of a cost counts 0, and is written so."""
    scale = learn_scale(VALUES, ONES, "min_max", cost=True)
    assert not np.signbit(scale.apply(VALUES)).any()


def test_a_table_holds_all_scales():
    """There and back again."""
    scales = {"a": learn_scale(VALUES, ONES, "z"), "b": Scale("inverse", 0.0, 3.0, 1.0, 8.0)}
    assert scales_of(scale_frame(scales, "item")) == scales


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        (["c"], "costs must name items, which are a, b; found 'c'"),
        ({"a": (7, 1)}, r"least and the largest value.*found 'a': \(7, 1\)"),
        ({"a": 7}, "found 'a': 7"),
        ({"a": (1, np.inf)}, "found 'a'"),
    ],
)
def test_wrong_costs_are_refused(costs, message):
    """What is no item, and ends that are none."""
    with pytest.raises(ValueError, match=message):
        check_costs(costs, ["a", "b"])


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"a": 1}, "target for each item, which are a, b; found a"),
        ({"a": 1, "b": 1, "c": 1}, "found a, b, c"),
        ({"a": 0, "b": 1}, "finite number above 0.*found 'a': 0"),
        ({"a": np.nan, "b": 1}, "found 'a': nan"),
        ({"a": (2, 2), "b": 1}, r"found 'a': \(2, 2\)"),
        ({"a": "high", "b": 1}, "found 'a': 'high'"),
        ({"a": (-1e308, 1e308), "b": 1}, r"found 'a': \(-1e\+308, 1e\+308\)"),
        ({"a": 1, "b": (0, 5)}, r"cost the larger value first.*found 'b': \(0, 5\)"),
    ],
)
def test_wrong_targets_are_refused(targets, message):
    """Each must be a number above 0 or a pair that agrees with the costs."""
    with pytest.raises(ValueError, match=message):
        check_targets(targets, ["a", "b"], ["b"], parameter="targets")


def test_right_targets_are_taken():
    """From a mapping or a Series, a cost with the larger value first."""
    check_targets({"a": 1, "b": (5, 0)}, ["a", "b"], ["b"], parameter="targets")
    check_targets(pd.Series({"a": 1.5, "b": 2.0}), ["a", "b"], ["b"], parameter="targets")


HUGE = np.array([-1e308, 0.0, 1e308])


@pytest.mark.parametrize("power", [-1020, 1020])
@pytest.mark.parametrize("scaling", ["min_max", "z"])
def test_very_large_and_small_values_are_scaled_as_others(scaling, power):
    """A power of two changes no digit, also where squares are beyond what a float holds."""
    values = np.ldexp(VALUES, power)
    for cost in (False, True):
        expected = learn_scale(VALUES, ONES, scaling, cost=cost).apply(VALUES)
        found = learn_scale(values, ONES, scaling, cost=cost).apply(values)
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_a_range_beyond_what_a_float_holds_is_a_range():
    """From -1e308 to 1e308 is more than 1.8e308, and 0 is its middle."""
    scale = learn_scale(HUGE, np.ones(3), "min_max")
    assert scale.apply(HUGE).tolist() == [0, 0.5, 1]
    assert scales_of(scale_frame({"a": scale}, "item"))["a"].apply(HUGE).tolist() == [0, 0.5, 1]
    assert learn_scale(HUGE, np.ones(3), "min_max", cost=True).apply(HUGE).tolist() == [1, 0.5, 0]
    np.testing.assert_allclose(
        learn_scale(HUGE, np.ones(3), "z").apply(HUGE), zscore([-1.0, 0, 1]), rtol=1e-15
    )
