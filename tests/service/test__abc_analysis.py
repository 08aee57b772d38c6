"""The mathematics of ABC analysis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._abc_analysis import (
    checked_cuts,
    class_names,
    coefficient_of_variation,
    counted_values,
    least_values,
    margins,
    sticky_classes,
    variability_classes,
)


def test_thirteen_classes_are_the_most():
    """Twelve cuts end at M, so that N stays the name of losses."""
    cuts = checked_cuts(np.linspace(0.05, 0.95, 12), "value")
    assert class_names(len(cuts))[-1] == "M"
    for bad in (np.linspace(0.05, 0.95, 13), [0.5, 0.5], [np.nan], "ab", 0.5, [0.0, 0.5]):
        with pytest.raises(ValueError, match="cuts must be 1 to 12 ascending numbers"):
            checked_cuts(bad, "value")


def test_thresholds_are_above_zero_under_both_rules():
    """Nothing but the least positive value can be a threshold among items of no value."""
    counted = counted_values(np.array([0.0, 0, -3, 0, 2, 0, 0, 1]), "zero")
    for rule in ("value", "count"):
        assert (least_values(counted, (0.3, 0.99), rule) >= 1).all()


def test_a_coefficient_is_sample_deviation_over_mean():
    """As numpy has it, also where squares would overflow or cancel."""
    periods = np.random.default_rng(2).gamma(2.0, 3.0, (50, 6))
    expected = periods.std(axis=1, ddof=1) / periods.mean(axis=1)
    for factor, shift in ((1.0, 0.0), (1e250, 0.0), (1e-250, 0.0)):
        found = coefficient_of_variation(periods * factor + shift)
        np.testing.assert_allclose(found, expected, rtol=1e-13)  # two orders of summing
    near = 1e8 + periods
    expected = near.std(axis=1, ddof=1) / near.mean(axis=1)
    np.testing.assert_allclose(coefficient_of_variation(near), expected, rtol=1e-7)


def test_without_positive_mean_there_is_no_coefficient():
    """No demand, and returns above demand, are as erratic as can be."""
    periods = np.array([[0.0, 0.0], [-1.0, 1.0], [-3.0, 1.0], [0.0, 1.0]])
    found = coefficient_of_variation(periods)
    assert found[:3].tolist() == [np.inf] * 3
    assert found[3] == pytest.approx(np.sqrt(2))  # sd of 0, 1 is sqrt(1/2), mean 1/2
    assert "".join(variability_classes(found, (0.5, 1.5))) == "ZZZY"


def test_margins_of_the_largest_float_stay_finite():
    """What an item must be worth to rise is a number that items can have."""
    stay, rise = margins(np.array([1.7e308]), 0.5)
    assert np.isfinite([*stay, *rise]).all()


@settings(max_examples=30)
@given(
    values=st.lists(st.floats(0, 200), min_size=1, max_size=20),
    hysteresis=st.floats(0, 0.9),
    last=st.integers(-1, 3),
)
def test_a_margin_only_ever_keeps_items_back(values, hysteresis, last):
    """The class lies between the last one and that of the rule, and falls with the value."""
    numbers, thresholds = np.sort(values)[::-1], np.array([90.0, 40.0, 40.0])
    before = np.full(len(values), last)
    found = sticky_classes(numbers, thresholds, before, hysteresis)
    plain = sticky_classes(numbers, thresholds, np.full(len(values), -1), 0.0)
    assert (np.diff(found) >= 0).all()
    if last < 0 or hysteresis == 0:
        assert (found == plain).all()
    else:
        low, high = np.minimum(plain, last), np.maximum(plain, last)
        assert ((low <= found) & (found <= high)).all()
