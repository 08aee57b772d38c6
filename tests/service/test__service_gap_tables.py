"""Tables of an analysis of service gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.service._service_gap import paired
from custvalue.service._service_gap_tables import (
    ALL_ITEMS,
    ceiling_doubts,
    dimension_table,
    gap_plan,
    item_table,
    overall_table,
    respondent_scores,
)

ITEMS = ["a", "b", "c"]
E = np.array([[5.0, 6.0, 7.0], [6.0, 6.0, 7.0], [7.0, 5.0, 6.0], [6.0, 7.0, 7.0]])
P = np.array([[4.0, 6.0, 5.0], [4.0, 5.0, 6.0], [7.0, 5.0, np.nan], [5.0, 6.0, 6.0]])
PLAN = gap_plan(ITEMS, {"a": "one", "b": "two", "c": "two"}, {"two": 75, "one": 25})
ANSWERS = paired(E, P, sign=1.0)


def test_the_plan_keeps_the_order_in_which_dimensions_come_up():
    """Weights are shares; without dimensions there is one."""
    assert PLAN.dimensions == ["one", "two"]
    assert PLAN.codes.tolist() == [0, 1, 1]
    assert PLAN.weights.tolist() == [0.25, 0.75]
    alone = gap_plan(ITEMS, None, None)
    assert (alone.dimensions, alone.codes.tolist(), alone.weights) == ([ALL_ITEMS], [0, 0, 0], None)


def test_items_have_means_over_the_same_respondents():
    """Perception less expectation is the gap exactly, also where somebody answered half."""
    table = item_table(ANSWERS, np.ones(4), PLAN, level=0.95, top=7.0)
    np.testing.assert_allclose(table["perception"] - table["expectation"], table["gap"], atol=1e-14)
    assert table["gap"].tolist() == pytest.approx([-1.0, -0.5, -4 / 3])
    assert table["n"].tolist() == [4, 4, 3]
    assert table["half_answered"].tolist() == [0, 0, 1]
    assert table["expectation_at_top"].tolist() == pytest.approx([0.25, 0.25, 1.0])
    assert table["dimension"].tolist() == ["one", "two", "two"]
    assert (table["p_holm"] >= table["p_value"]).all()


def test_dimensions_are_means_of_the_respondents_means():
    """Who left out an item is in by the other; at the top is who gave it to every item."""
    table = dimension_table(ANSWERS, np.ones(4), PLAN, level=0.95, top=7.0)
    assert table["gap"].tolist() == pytest.approx([-1.0, np.mean([-1.0, -1.0, 0.0, -1.0])])
    assert table["n_items"].tolist() == [1, 2]
    assert table["expectation_at_top"].tolist() == [0.25, 0.25]
    assert np.isnan(table.loc["one", "alpha"])
    assert table["weight"].tolist() == [0.25, 0.75]


def test_averaging_averages_is_not_pooling():
    """Dimensions count alike or by weight; in one pot they count by their answers."""
    plain = overall_table(ANSWERS, np.ones(4), PLAN, None, level=0.95)
    weighted = overall_table(ANSWERS, np.ones(4), PLAN, PLAN.weights, level=0.95)
    assert plain["gap"] == pytest.approx((-1.0 - 0.75) / 2)
    assert weighted["gap"] == pytest.approx(0.25 * -1.0 + 0.75 * -0.75)
    assert plain["pooled"] == pytest.approx(-10 / 11)
    assert plain["averaging_difference"] == pytest.approx(-0.875 + 10 / 11)
    assert plain["perception"] - plain["expectation"] == pytest.approx(plain["gap"])


def test_without_expectations_there_is_no_gap_to_test():
    """The interval is that of the perception; figures of the gap are missing."""
    alone = paired(None, P, sign=1.0)
    for table in (
        item_table(alone, np.ones(4), PLAN, level=0.95, top=7.0),
        dimension_table(alone, np.ones(4), PLAN, level=0.95, top=7.0),
        overall_table(alone, np.ones(4), PLAN, None, level=0.95).to_frame().T,
    ):
        nothing = ["expectation", "gap", "t", "p_value"]
        assert table[nothing].isna().all(axis=None)
        assert (table["lower"] < table["perception"]).all()
        assert (table["perception"] < table["upper"]).all()


def test_a_ceiling_is_told_where_enough_respondents_reach_it():
    """More than 15 % of at least 50 respondents, by question and dimension."""
    table = pd.DataFrame(
        {
            "expectation_at_top": [0.16, 0.15, 0.9],
            "perception_at_top": [0.0, 0.5, 0.9],
            "n": [50, 60, 49],
        },
        index=["one", "two", "three"],
    )
    [doubt] = ceiling_doubts(table, 7.0)
    assert "gave 7, the top of the scale" in doubt
    assert doubt.endswith("expectation of 'one' (16%), perception of 'two' (50%)")
    assert ceiling_doubts(table.iloc[2:], 7.0) == []


def test_respondents_have_dimensions_overall_weighted_and_coverage():
    """By what they answered; where whole answers are asked for, only those have scores."""
    score = np.array([[-1.0, 2.0, 0.0], [-2.0, np.nan, np.nan]])
    one, two, overall, weighted, coverage = respondent_scores(score, PLAN, whole=False)
    assert one.tolist() == [-1.0, -2.0]
    np.testing.assert_array_equal(two, [1.0, np.nan])
    assert overall.tolist() == [0.0, -2.0]
    assert weighted.tolist() == [0.5, -2.0]
    assert coverage.tolist() == pytest.approx([1.0, 1 / 3])
    strict = np.array(respondent_scores(score, PLAN, whole=True))
    np.testing.assert_array_equal(strict[:, 0], [-1.0, 1.0, 0.0, 0.5, 1.0])
    assert np.isnan(strict[:4, 1]).all()
    assert len(respondent_scores(score, gap_plan(ITEMS, None, None), whole=False)) == 3
