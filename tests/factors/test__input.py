"""Answers or a matrix: one way to read either."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from custvalue._estimator.parameters import whole_numbers
from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors._input import (
    MOST_ROWS,
    check_parameter,
    one_row_each,
    read_answers,
    read_correlations,
)


def public_function(X=None, **options):
    """Stand for a public function of the room."""
    return read_correlations(X, owner="this test", **options)


def test_answers_and_their_matrix_give_the_same():
    """The attitude survey, and its correlations with the number of respondents."""
    survey = load_attitude()
    by_answers = public_function(survey)
    by_matrix = public_function(matrix=survey.corr(), n_observations=30)
    assert by_answers.items == by_matrix.items == list(survey)
    assert by_answers.labelled
    np.testing.assert_allclose(
        by_answers.correlations.matrix, by_matrix.correlations.matrix, atol=1e-14
    )
    assert by_answers.correlations.n_observations == by_matrix.correlations.n_observations


def test_every_kind_of_table_is_read():
    """Arrays have numbered items; the first column of a polars frame is the id."""
    survey = load_attitude()
    array = public_function(survey.to_numpy())
    assert (array.items[0], array.labelled) == ("x0", False)
    frame = pl.from_pandas(survey.reset_index(names="id"))
    assert public_function(frame).items == list(survey)


def test_correlation_and_missing_are_passed_on():
    """Spearman of complete answers, with the sentence about those left out."""
    survey = load_attitude().astype(float)
    survey.iloc[3, 2] = np.nan
    with pytest.warns(DataQualityWarning, match="1 of 30 respondents") as caught:
        found = public_function(survey, correlation="spearman", missing="listwise")
    np.testing.assert_allclose(
        found.correlations.matrix, survey.dropna().corr("spearman"), atol=1e-14
    )
    assert caught[0].filename == __file__


def test_doubts_about_a_matrix_are_warnings():
    """Each sentence is a warning of its own."""
    with pytest.warns(DataQualityWarning) as caught:
        public_function(matrix=np.ones((2, 2)), n_observations=2)
    assert len(caught) == 2


@pytest.mark.parametrize(("given", "found"), [({}, "neither"), ({"X": 1, "matrix": 1}, "both")])
def test_exactly_one_input_is_given(given, found):
    """Answers or a matrix."""
    with pytest.raises(ValueError, match=f"takes exactly one of X and matrix; found {found}"):
        public_function(**given)


def test_answers_are_counted():
    """n_observations goes with a matrix alone."""
    with pytest.raises(ValueError, match="n_observations must be None beside X"):
        public_function(load_attitude(), n_observations=30)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"correlation": "kendall"}, "correlation must be one of 'pearson', 'spearman', 'polych"),
        ({"missing": None}, "missing must be one of 'raise', 'pairwise', 'listwise'; found None"),
    ],
)
def test_unknown_choices_are_refused(options, message):
    """The message lists what there is."""
    with pytest.raises(ValueError, match=message):
        public_function(load_attitude(), **options)


def test_the_owner_is_named():
    """Messages say who asks."""
    with pytest.raises(DataError, match="this test needs at least one row"):
        public_function(load_attitude().iloc[:0])


def test_weights_are_respondents():
    """A row of weight two is there twice, one of weight 0 is not there; a matrix has no rows."""
    survey = load_attitude()
    weights = np.r_[2, 0, np.ones(28)]
    found = public_function(survey, sample_weight=weights).correlations
    expected = public_function(survey.iloc[[0, 0, *range(2, 30)]]).correlations
    np.testing.assert_allclose(found.matrix, expected.matrix, atol=1e-13)
    assert found.n_observations == 30
    with pytest.raises(ValueError, match="sample_weight must be None beside matrix.*found list"):
        public_function(matrix=survey.corr(), sample_weight=[1])


def test_the_answers_behind_are_those_in_use():
    """Without the rows that were left out for a gap or for their weight."""
    survey = load_attitude().astype(float)
    survey.iloc[3, 2] = np.nan
    answers = read_answers(survey, missing="listwise", sample_weight=np.r_[0, np.ones(29)])
    assert len(answers.ratings) == 28


@pytest.mark.parametrize(
    ("weights", "rows"),
    [
        (None, 3),
        ([1, 1, 1], 3),
        ([2, 1, 3], 6),
        ([0.5, 1, 2], None),
        ([MOST_ROWS, 1, 1], None),
        ([MOST_ROWS - 2, 1, 1], MOST_ROWS),
    ],
)
def test_respondents_get_a_row_each(weights, rows):
    """Whole weights are written out, up to 20,000 rows; others leave no respondents to shuffle."""
    answers = read_answers([[1.0, 2], [2, 1], [3, 3]], missing="raise", sample_weight=weights)
    found = one_row_each(answers)
    assert (None if found is None else len(found)) == rows


def test_a_parameter_obeys_its_rule():
    """The message has parameter, rule and value; True is no number."""
    check_parameter(1, "n_factors", whole_numbers(1))
    for value in (0, 1.5, True, np.True_):
        with pytest.raises(
            ValueError, match=r"n_factors must be an int in the range \[1, inf\); f"
        ):
            check_parameter(value, "n_factors", whole_numbers(1))
