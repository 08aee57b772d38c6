"""The mathematics of order priority."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.service._order_priority import profit_ranks, sort_keys, urgency

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
