"""Answers as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._estimator.mixed import read_mixed
from custvalue.exceptions import DataError
from custvalue.segmentation._latent_answers import (
    answer_patterns,
    code_answers,
    find_categories,
    refuse_missing,
    training_answers,
)

SURVEY = pd.DataFrame(
    {
        "speed": ["slow", "fast", None, "slow"],
        "again": [True, False, True, None],
        "stars": [5, 3, np.nan, 3],
    },
    index=list("abcd"),
)


def test_categories_are_sorted_plain_values():
    """Text, truth values and whole numbers are kept as Python has them; gaps are none."""
    found = find_categories(read_mixed(SURVEY))
    assert found == {"speed": ["fast", "slow"], "again": [False, True], "stars": [3, 5]}
    assert [type(answers[0]) for answers in found.values()] == [str, bool, int]


def test_codes_are_places_among_the_categories():
    """The code of an answer is its place, that of a gap -1."""
    table = read_mixed(SURVEY)
    codes = code_answers(table, find_categories(table))
    assert codes.tolist() == [[1, 1, 1], [0, 0, 0], [-1, 1, -1], [1, -1, 0]]


@pytest.mark.parametrize("kind", ["category", "string", object])
def test_the_type_of_a_text_column_is_no_matter(kind):
    """Categories of pandas and strings give the same codes as objects."""
    table = read_mixed(SURVEY[["speed"]].astype(kind))
    assert code_answers(table, {"speed": ["fast", "slow"]}).ravel().tolist() == [1, 0, -1, 1]


def test_measurements_are_refused():
    """A number with a fraction, or a fifty-first different answer, is no category."""
    with pytest.raises(DataError, match=r"column 'x' must be answers.*row 1 has x=0.5 \(1 such"):
        find_categories(read_mixed(pd.DataFrame({"x": [1, 0.5]})))
    assert len(find_categories(read_mixed(pd.DataFrame({"x": range(50)})))["x"]) == 50
    with pytest.raises(DataError, match="at most 50 different answers; found 51"):
        find_categories(read_mixed(pd.DataFrame({"x": range(51)})))


def test_an_unseen_answer_is_named_or_taken_as_missing():
    """The message has the item, the answer, its row and those that were seen."""
    table = read_mixed(SURVEY)
    known = {"speed": ["fast"]}
    with pytest.raises(DataError, match=r"'speed'.*seen by fit \('fast'\); row 0.*'slow' \(2 such"):
        code_answers(table, known)
    assert code_answers(table, known, unseen="ignore").ravel().tolist() == [-1, 0, -1, -1]


def test_missing_answers_are_refused_by_name():
    """The first item with a gap is named with its row."""
    with pytest.raises(DataError, match=r"'speed' must be answered.*row 2 \(index 'c'\)"):
        refuse_missing(read_mixed(SURVEY))
    refuse_missing(read_mixed(SURVEY.iloc[:2]))


@settings(max_examples=30)
@given(
    rows=st.lists(st.tuples(*[st.integers(-1, 48)] * 14), min_size=1, max_size=20),
    seed=st.integers(0, 99),
)
def test_patterns_are_the_distinct_rows_in_order(rows, seed):
    """As ``np.unique`` of the rows gives them, with their total weight, however many items."""
    codes = np.array(rows)[np.random.default_rng(seed).integers(0, len(rows), 3 * len(rows))]
    weights = np.arange(1.0, len(codes) + 1)
    found = answer_patterns(codes, [49] * 14, weights)
    expected, inverse = np.unique(codes, axis=0, return_inverse=True)
    np.testing.assert_array_equal(found.codes, expected)
    np.testing.assert_array_equal(found.inverse, inverse)
    np.testing.assert_array_equal(found.counts, np.bincount(inverse, weights=weights))
    np.testing.assert_array_equal(found.complete, (expected >= 0).all(axis=1))


def test_rows_without_weight_or_answer_are_not_learned_from():
    """Weight 0 is silent, no answer at all is said; gaps are counted by weight."""
    table = read_mixed(pd.DataFrame({"x": [1, 2, None, 1, 9], "y": [1, None, None, 2, 1]}))
    found = training_answers(table, np.array([1.0, 2, 3, 1, 0]))
    assert found.categories == {"x": [1, 2], "y": [1, 2]}
    assert found.used.tolist() == [True, True, False, True, False]
    assert found.n_missing.tolist() == [3, 5]
    assert found.patterns.n_respondents == 4
    assert found.doubts == (
        "rows must have an answer to be learned from; row 2 has none and is left out (1 such row)",
    )


def test_items_that_tell_nothing_are_said_or_refused():
    """One answer is doubtful, none is an error."""
    table = read_mixed(pd.DataFrame({"x": ["a", "a"], "y": [1, 2]}))
    assert training_answers(table).doubts == (
        "items must have different answers to tell classes; only one in: 'x'",
    )
    with pytest.raises(DataError, match=r"answered by someone; 'x' has no answer in 2 row"):
        training_answers(read_mixed(pd.DataFrame({"x": [None, None], "y": [1, 2]})))
