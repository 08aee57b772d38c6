"""The mathematics of the portfolio matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.service._portfolio_matrix import (
    QUADRANTS,
    actions_table,
    is_near,
    learned_threshold,
    quadrant_codes,
    quadrant_totals,
    shifted,
    shifted_quadrants,
    whole_profit,
)

numbers = st.lists(st.integers(-30, 30), min_size=1, max_size=30).map(
    lambda v: np.array(v, dtype=float)
)


def test_the_worked_quadrants():
    """The four products worked by hand for thresholds 100 and 10, one of them on both."""
    volume, profit = np.array([120.0, 100, 20, 40]), np.array([5.0, 10, -3, 25])
    codes = quadrant_codes(volume, profit, (100.0, 10.0))
    assert [QUADRANTS[code].name for code in codes] == ["Q1", "Q2", "Q3", "Q4"]


def test_each_quadrant_has_its_sides_and_action():
    """Sides and actions are those of Christopher's figure 2.12, in English and Chinese."""
    table = actions_table()
    assert list(zip(table["volume"], table["profit"], table["action"], strict=True)) == [
        ("high", "low", "reduce costs"),
        ("high", "high", "provide high availability"),
        ("low", "low", "review"),
        ("low", "high", "centralise stock"),
    ]
    assert table["action_zh"].str.len().tolist() == [10, 10, 10, 11]


@pytest.mark.parametrize(
    ("rule", "expected"), [("median", 20.0), ("mean", 37.5), ("abc", 20.0), (7, 7.0)]
)
def test_learned_thresholds(rule, expected):
    """Of 100, 20, 20, 10 the first holds 2/3 and both 20s start below 0.8: class A."""
    assert learned_threshold(np.array([20.0, 100, 10, 20]), rule, 0.8) == expected


@given(values=numbers, seed=st.integers(0, 2**32 - 1), rule=st.sampled_from(["median", "mean"]))
def test_thresholds_ignore_the_order_of_the_products(values, seed, rule):
    """Any order gives the same threshold to the last bit."""
    tenths = values / 10
    other = np.random.default_rng(seed).permutation(tenths)
    assert learned_threshold(other, rule, 0.8) == learned_threshold(tenths, rule, 0.8)


@given(values=numbers, threshold=st.integers(-30, 30), shift=st.sampled_from([0.1, 0.5, 2.0]))
def test_near_are_those_that_change_sides(values, threshold, shift):
    """A value is near just where a lowered or raised threshold puts it on the other side."""
    size = abs(threshold) * shift
    expected = [
        (v >= threshold) != (v >= threshold - size) or (v >= threshold) != (v >= threshold + size)
        for v in values
    ]
    assert is_near(values, float(threshold), shift).tolist() == expected


def test_a_shift_moves_a_negative_threshold_by_its_size():
    """Up is up, below zero too."""
    assert [shifted(-10.0, 0.1), shifted(-10.0, -0.1), shifted(0.0, 0.1)] == [-9.0, -11.0, 0.0]


def test_moved_thresholds_are_counted_one_alone_and_both():
    """Of four products, the one on both thresholds and one just above count by hand."""
    volume, profit = np.array([120.0, 100, 20, 105]), np.array([5.0, 10, -3, 25])
    table = shifted_quadrants(volume, profit, (100.0, 10.0), 0.1)
    changed = {
        (-0.1, -0.1): 0,
        (-0.1, 0.0): 0,
        (-0.1, 0.1): 1,
        (0.0, -0.1): 0,
        (0.0, 0.0): 0,
        (0.0, 0.1): 1,
        (0.1, -0.1): 2,
        (0.1, 0.0): 2,
        (0.1, 0.1): 2,
    }
    assert table["changed"].to_dict() == changed
    assert table.loc[(0.1, 0.1), ["Q1", "Q2", "Q3", "Q4"]].tolist() == [1, 0, 2, 1]
    assert table.loc[(0.1, 0.1), "changed_share"] == 0.5


def test_totals_add_up_to_the_whole():
    """Empty quadrants are there with nothing, and shares sum to 1."""
    volume, profit = np.array([120.0, 100, 20]), np.array([-5.0, 10, 3])
    totals = quadrant_totals(np.array([0, 1, 2]), volume, profit, volume * profit)
    assert totals["products"].tolist() == [1, 1, 1, 0]
    assert totals["loss_making"].tolist() == [1, 0, 0, 0]
    assert totals["profit"].tolist() == [-600.0, 1000.0, 60.0, 0.0]
    assert totals["volume_share"].tolist() == [0.5, 100 / 240, 20 / 240, 0.0]
    assert totals["profit_share"].sum() == pytest.approx(1, abs=1e-15)


def test_a_whole_that_is_not_above_zero_has_no_shares():
    """A range at a loss has no shares of profit."""
    one = np.array([1.0])
    totals = quadrant_totals(np.array([0]), one, -one, -one)
    assert totals["profit_share"].isna().all()


def test_a_whole_profit_too_large_is_infinite():
    """Without a warning: who asks decides."""
    found = whole_profit(np.array([1e300, 2.0]), np.array([-1e300, 3.0]))
    assert found.tolist() == [-np.inf, 6.0]
