"""The mathematics of order priority."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.service._order_priority import (
    profit_ranks,
    sort_keys,
    urgency,
    weighted_profit,
)

profits = st.lists(st.integers(-20, 20) | st.floats(-1e308, 1e308), min_size=1, max_size=25).map(
    lambda v: np.array(v, dtype=float)
)


@given(new=profits, fitted=profits)
def test_a_profit_rank_counts_the_fitted_products_that_earn_strictly_more(new, fitted):
    """Rank 1 is for those that nobody fitted exceeds; losses come last."""
    expected = [1 + int((fitted > value).sum()) for value in new]
    assert profit_ranks(new, fitted).tolist() == expected


@given(fitted=profits, factor=st.sampled_from([0.5, 4.0]))
def test_the_unit_of_profit_changes_no_rank(fitted, factor):
    """Another currency gives the same ranks."""
    small = fitted / 1024
    expected = profit_ranks(small, small).tolist()
    assert profit_ranks(small * factor, small * factor).tolist() == expected


def test_urgency_turns_a_scale_that_runs_the_other_way():
    """Read backwards, 3 is a lost sale."""
    levels = np.array([1.0, 2.0, 3.0])
    assert urgency(levels, "1_is_most_urgent").tolist() == [1, 2, 3]
    assert urgency(levels, "1_is_least_urgent").tolist() == [3, 2, 1]


CELLS = np.array(list(product(range(1, 13), (1, 2, 3))))


@pytest.mark.parametrize(("tie_break", "column"), [("importance", 1), ("profit", 0)])
def test_sort_keys_order_by_score_and_then_by_the_tie_break(tie_break, column):
    """Every pair of products is ordered as (score, tie-break) orders it."""
    ranks, importance = CELLS.T
    score = ranks * importance
    keys = sort_keys(score, importance, tie_break)
    pairs = list(zip(score.tolist(), CELLS[:, column].tolist(), strict=True))
    for i, j in product(range(len(keys)), repeat=2):
        assert (keys[i] < keys[j]) == (pairs[i] < pairs[j])


def test_sort_keys_leave_ties_without_a_tie_break():
    """Equal scores have equal keys."""
    ranks, importance = CELLS.T
    score = ranks * importance
    keys = sort_keys(score, importance, None)
    assert ((keys[:, None] < keys) == (score[:, None] < score)).all()


@given(new=profits, fitted=profits)
def test_a_dense_rank_counts_the_different_profits_that_are_higher(new, fitted):
    """Equal profits of others are counted once."""
    expected = [1 + len({v for v in fitted.tolist() if v > value}) for value in new]
    assert profit_ranks(new, fitted, "dense").tolist() == expected


amounts = st.integers(-50, 50).map(float)
values = st.integers(0, 50).map(float)


@given(profit=amounts, less=values, more=values)
def test_the_more_valuable_customer_comes_first_at_a_loss_too(profit, less, more):
    """Of two orders with one profit or loss the more valuable customer never ranks lower."""
    low, high = weighted_profit(np.array([profit, profit]), np.array(sorted([less, more])))
    assert low <= high
    assert np.sign(low) in (np.sign(profit), 0)


def test_a_loss_on_a_customer_of_no_value_is_last():
    """Profit times nothing is nothing; a loss over nothing is minus infinity."""
    weighted = weighted_profit(np.array([5.0, -5.0, -1.0]), np.array([0.0, 0.0, 2.0]))
    assert weighted.tolist() == [0.0, -np.inf, -0.5]
