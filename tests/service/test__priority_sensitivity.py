"""How far the order of service hangs on the scores of importance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from custvalue.service._order_priority import sort_keys
from custvalue.service._priority_sensitivity import (
    SCORES,
    checked_scores,
    compare_orders,
    misjudged_places,
    place_columns,
    rank_agreement,
    scale_evidence,
    scored_places,
)

RANKS = np.arange(1, 11)
IMPORTANCE = np.array([2, 3, 1, 3, 3, 2, 1, 2, 3, 2])
PRIORITY = [1, 3, 2, 5, 7, 5, 4, 8, 10, 9]

tables = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=20).map(
    lambda rows: np.array(rows).T
)
tie_breaks = st.sampled_from([None, "importance", "profit"])


def test_the_plain_scores_give_the_known_order():
    """Scores 1, 2, 3 give the worked table of the method, and so do 2, 4, 6."""
    for scores in ((1, 2, 3), (2, 4, 6)):
        assert scored_places(RANKS, IMPORTANCE, scores, None).tolist() == PRIORITY


@given(table=tables, scores=st.sampled_from(SCORES))
def test_places_are_minimum_ranks_of_rank_times_score(table, scores):
    """scipy's minimum ranks of profit rank times score are the places."""
    ranks, importance = table
    score = ranks * np.array(scores)[importance - 1]
    assert scored_places(ranks, importance, scores, None).tolist() == (
        rankdata(score, method="min").tolist()
    )


@given(table=tables, tie_break=tie_breaks)
def test_tie_breaks_are_those_of_the_priority(table, tie_break):
    """With scores 1, 2, 3 the places are the ranks of the sort keys."""
    ranks, importance = table
    keys = sort_keys(ranks * importance, importance, tie_break)
    places = scored_places(ranks, importance, (1, 2, 3), tie_break)
    assert places.tolist() == rankdata(keys, method="min").tolist()


@given(table=tables, tie_break=tie_breaks, step=st.sampled_from([-1, 1]))
def test_a_misjudged_product_takes_the_place_of_a_table_with_that_importance(
    table, tie_break, step
):
    """One product changed at a time and the whole table ranked again gives the same places."""
    ranks, importance = table
    expected = []
    for i in range(len(ranks)):
        other = importance.copy()
        other[i] = min(max(other[i] + step, 1), 3)
        expected.append(scored_places(ranks, other, (1, 2, 3), tie_break)[i])
    assert misjudged_places(ranks, importance, step, tie_break).tolist() == expected


def test_orders_are_compared_by_hand():
    """Of three products 1:2:4 puts the urgent one alone in front; two places change."""
    table = compare_orders(
        np.array([1, 2, 3]),
        np.array([3, 2, 1]),
        [(1, 2, 4), (2, 4, 6)],
        None,
        pd.Index(list("abc")),
    )
    assert table.index.tolist() == ["1:2:4", "2:4:6"]
    # Places 1, 3, 1 become 2, 2, 1.
    assert table["moved"].tolist() == [2, 0]
    assert table["largest_move"].tolist() == [1, 0]
    assert table["most_moved"].tolist() == ["a", None]
    assert table["tau"].iloc[1] == pytest.approx(1, abs=1e-12)


def test_products_without_labels_are_named_by_position():
    """Row 0 moves in a table without an index."""
    table = compare_orders(np.array([1, 2, 3]), np.array([3, 2, 1]), [(1, 2, 4)], None, None)
    assert table["most_moved"].tolist() == [0]


@given(table=tables, tie_break=tie_breaks)
def test_ranges_hold_the_place(table, tie_break):
    """First <= place <= last, and more urgent is never later, less urgent never sooner."""
    columns = place_columns(*table, checked_scores(None), tie_break)
    place = columns["place"]
    assert (columns["first"] <= place).all()
    assert (place <= columns["last"]).all()
    if tie_break != "profit":
        assert (columns["if_more_urgent"] <= place).all()
        assert (columns["if_less_urgent"] >= place).all()


@pytest.mark.parametrize(
    "scores", [[(1, 2)], [(3, 2, 1)], [(0, 1, 2)], [(1, 2, math.nan)], [(1, 2, math.inf)]]
)
def test_scores_are_three_rising_numbers(scores):
    """Anything else is refused with the numbers found."""
    with pytest.raises(ValueError, match=r"three finite numbers above zero that do not fall.*\("):
        checked_scores(scores)


def test_no_scores_are_refused():
    """An empty list asks for nothing."""
    with pytest.raises(ValueError, match="at least one set"):
        checked_scores([])


def test_agreement_of_constant_orders_is_undefined():
    """A tie of all has no order to agree with."""
    found = rank_agreement(np.array([1, 1, 1]), np.array([1, 2, 3]))
    assert math.isnan(found.tau)
    assert math.isnan(found.p_value)


def test_the_direction_of_the_scale_shows_in_what_was_lost():
    """Losses that rise with urgency agree, those that fall are reversed, noise and few unclear."""
    importance = np.repeat([1, 2, 3], 5)
    lost = np.linspace(1.0, 0.0, 15)
    assert scale_evidence(importance, lost)["verdict"] == "agrees"
    found = scale_evidence(4 - importance, lost)
    assert found["verdict"] == "reversed"
    assert found["tau"] < -0.8
    assert scale_evidence(np.array([1, 2]), np.array([1.0, 0.0]))["verdict"] == "unclear"
    assert scale_evidence(importance, np.full(15, np.nan))["products"] == 0


def test_scores_of_one_ratio_give_one_order():
    """0.1, 0.2, 0.3 is 10, 20, 30, though 3 times 0.1 is not 0.3 as floats are multiplied."""
    ranks, importance = np.array([3, 1, 6, 2, 9]), np.array([1, 3, 1, 3, 2])
    expected = scored_places(ranks, importance, (10, 20, 30), None)
    assert scored_places(ranks, importance, (0.1, 0.2, 0.3), None).tolist() == expected.tolist()
    assert expected.tolist() == [1, 1, 3, 3, 5]


def test_scores_of_any_size_are_compared_exactly():
    """Beyond what whole numbers of an array hold."""
    ranks, importance = np.array([1, 10**9, 1]), np.array([3, 1, 2])
    assert scored_places(ranks, importance, (1e-300, 1, 1e300), None).tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ((1, 2, 3), "1"),
        ("123", "'123'"),
        (5, "5"),
        ([(1, 2, "a")], r"\(1, 2, 'a'\)"),
        ([(True, 2, 3)], r"\(True, 2, 3\)"),
        ([(1, 2, 3, 4)], r"\(1, 2, 3, 4\)"),
        (["123"], "'123'"),
    ],
)
def test_scores_of_another_shape_are_refused(scores, found):
    """One error, which says what scores are."""
    with pytest.raises(ValueError, match=f"scores must be a list of sets.*; found {found}$"):
        checked_scores(scores)
    assert checked_scores(np.array([[1, 2, 3]])) == [(1.0, 2.0, 3.0)]
