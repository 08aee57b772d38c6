"""Surveys made ready."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError
from custvalue.factors._element_survey import (
    beyond_doubts,
    element_survey,
    refuse_beyond,
    refuse_constant,
    scale_ends,
    turned,
    weighted_scores,
)

ROWS = np.array([[2.0, 5, 1], [1, 3, np.nan], [2, 5, 1], [1, np.nan, 2], [1, 3, np.nan]])


def prepared(rows, weights=None, missing="pairwise", satisfaction=None, reverse=()):
    """Return the survey of an array with the items x0, x1 and x2."""
    return element_survey(
        read_ratings(rows), weights, satisfaction=satisfaction, reverse=reverse, missing=missing
    )


def test_equal_rows_are_counted_in_an_order_of_their_own():
    """Gaps equal gaps; any order of the respondents gives the same survey."""
    survey = prepared(ROWS)
    np.testing.assert_array_equal(survey.values(), [[1, 3, np.nan], [1, np.nan, 2], [2, 5, 1]])
    assert survey.counts.tolist() == [2.0, 1.0, 2.0]
    again = prepared(ROWS[[4, 2, 0, 3, 1]])
    np.testing.assert_array_equal(again.values(), survey.values())
    assert again.counts.tolist() == survey.counts.tolist()


def test_weights_are_counts_and_zero_is_not_there():
    """Weight 2 is two rows; weight 0 leaves a respondent out, gap and all."""
    survey = prepared(ROWS, np.array([2.0, 0, 1, 1, 0]))
    assert survey.counts.tolist() == [1.0, 3.0]
    complete = prepared(ROWS, np.array([2.0, 0, 1, 0, 0]), missing="raise")
    assert complete.counts.tolist() == [3.0]


def test_gaps_are_refused_or_their_respondents_left_out():
    """The error names the item and the rows, the doubt how many are left out."""
    with pytest.raises(DataError, match=r"'x1'.* row 3 .*\(1 such row\)"):
        prepared(ROWS, missing="raise")
    rows = np.vstack([ROWS, [[3.0, 3, 3], [4, 4, 4]]])
    survey = prepared(rows, missing="listwise")
    assert survey.counts.tolist() == [2.0, 1.0, 1.0]
    assert survey.doubts[0].startswith("3 of 7 respondents")


def test_satisfaction_comes_last_and_is_no_element():
    """Whatever its place in the table."""
    survey = prepared(ROWS, satisfaction="x0")
    assert survey.elements == ["x1", "x2"]
    assert survey.ratings.items == ["x1", "x2", "x0"]
    assert survey.values().shape == (3, 2)


def test_scales_are_turned_between_their_ends():
    """The least becomes the largest; gaps stay gaps, other items as they are."""
    ratings = read_ratings(ROWS)
    ends = scale_ends(ratings, ["x1"])
    assert ends == {"x1": (3.0, 5.0)}
    once = turned(ratings, ends)
    np.testing.assert_array_equal(once["x1"], [3, 5, 3, np.nan, 5])
    np.testing.assert_array_equal(once["x0"], ratings["x0"])
    survey = prepared(ROWS, reverse=["x1"])
    assert survey.ends == ends
    assert survey.values()[:, 1].tolist()[::2] == [5.0, 3.0]


def test_ends_of_scales_are_those_of_the_respondents_that_are_left():
    """Neither a row of weight 0 nor one left out for a gap stretches a scale."""
    rows = np.array([[2.0, 5, 1], [1, 3, 2], [3, 4, 2], [1, 9, 1], [2, 0, np.nan]])
    weights = np.array([1.0, 1, 1, 0, 1])
    survey = prepared(rows, weights, missing="listwise", reverse=["x1"])
    assert survey.ends == {"x1": (3.0, 5.0)}
    removed = prepared(rows[:3], reverse=["x1"])
    np.testing.assert_array_equal(survey.values(), removed.values())
    given = prepared(rows, weights, missing="listwise", reverse={"x1": (0, 5)})
    assert given.ends == {"x1": (0.0, 5.0)}


def test_ratings_beyond_the_ends_are_named():
    """The row where it stands in the table, and how many there are; nothing within the ends."""
    ratings = read_ratings(ROWS)
    refuse_beyond(ratings, {"x1": (3, 5)})
    assert beyond_doubts(ratings, {"x1": (3.0, 5.0)}) == []
    with pytest.raises(DataError, match=r"'x1' must lie between 4.0 and 5.0.* row 1 has 3.0 \(2 "):
        refuse_beyond(ratings, {"x1": (4, 5)})
    with pytest.raises(DataError, match=r"row 4 has 3.0 \(1 such row\)"):
        prepared(ROWS, np.array([1.0, 0, 1, 1, 1]), reverse={"x1": (4, 5)})
    doubt, *more = beyond_doubts(ratings, {"x1": (3.0, 4.0)})
    assert "scale from 3.0 to 4.0" in doubt
    assert "row 0 has 5.0 (2 such rows)" in doubt
    assert more == []


def test_constant_items_are_told_by_respondents():
    """Not by different rows; so are those that nobody answered."""
    rows = np.column_stack([np.repeat([1.0, 2.0], 10), np.full(20, 4.0), np.repeat([3.0, 5.0], 10)])
    with pytest.raises(DataError, match="'x1' must vary; all 20 answers are 4.0"):
        refuse_constant(prepared(rows))
    rows[:, 1] = np.nan
    with pytest.raises(DataError, match="'x1' must be answered; all 20 answers are missing"):
        refuse_constant(prepared(rows))
    refuse_constant(prepared(rows[:, ::2]))


def test_weights_without_a_finite_sum_are_refused():
    """Two of 1e308 are more than a number can hold."""
    with pytest.raises(DataError, match="sample_weight must have a finite sum; found inf"):
        prepared(ROWS, np.array([1e308, 1e308, 1, 1, 1]))


def test_scores_are_weighted_means_of_what_was_answered():
    """A worked example: 3.96, and 4.1294 without the fourth answer, 85 % of the weight."""
    weights = {f"x{j}": w for j, w in enumerate([0.30, 0.25, 0.20, 0.15, 0.10])}
    rows = np.array([[4.2, 3.8, 4.5, 3.0, 4.0], [4.2, 3.8, 4.5, np.nan, 4.0], [np.nan] * 5])
    scores, coverage = weighted_scores(read_ratings(rows), weights)
    np.testing.assert_allclose(scores, [3.96, 4.1294, np.nan], atol=5e-5)
    np.testing.assert_allclose(coverage, [1.0, 0.85, 0.0], atol=1e-15)
    assert coverage[0] == 1.0


def test_answers_without_weight_make_no_score():
    """Where only elements of weight 0 were answered, nothing is known."""
    scores, coverage = weighted_scores(
        read_ratings(np.array([[3.0, np.nan]])), {"x0": 0.0, "x1": 1.0}
    )
    assert np.isnan(scores[0])
    assert coverage[0] == 0.0
