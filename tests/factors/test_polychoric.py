"""Polychoric correlations as the user sees them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors.polychoric import polychoric


@pytest.fixture
def answers() -> pd.DataFrame:
    """Return 300 respondents' answers to three items."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(300, 1)) * 0.8 + rng.normal(size=(300, 3)) * 0.6
    cuts = ([-1, 0, 1], [-0.5, 0.8], [0.2])
    items = {name: np.digitize(latent[:, j], cuts[j]) + 1 for j, name in enumerate("abc")}
    return pd.DataFrame(items)


def test_answers_give_all_there_is_to_know(answers):
    """Matrix, thresholds, pairs, boundary and smallest eigenvalue, by the names of the items."""
    found = polychoric(answers)
    assert list(found.matrix) == list(found.matrix.index) == list(found.thresholds) == list("abc")
    assert [len(cuts) for cuts in found.thresholds.values()] == [3, 2, 1]
    assert (found.n_pairs == 300).all(axis=None)
    assert found.at_boundary == []
    smallest = np.linalg.eigvalsh(found.matrix)[0]
    assert abs(found.smallest_eigenvalue - smallest) < 1e-12


def test_two_items_and_their_table_agree(answers):
    """A frame of counts has the names of the items."""
    table = pd.crosstab(answers["a"], answers["b"])
    by_table, by_answers = polychoric(table=table), polychoric(answers[["a", "b"]])
    pd.testing.assert_frame_equal(by_table.matrix, by_answers.matrix, rtol=1e-12)
    assert by_table.thresholds == by_answers.thresholds
    assert by_table.n_pairs.loc["a", "b"] == 300


def test_weights_are_counts(answers):
    """Patterns with their counts give what respondents one by one give."""
    counted = answers.value_counts().reset_index()
    weighted = polychoric(counted[list("abc")], sample_weight=counted["count"])
    pd.testing.assert_frame_equal(weighted.matrix, polychoric(answers).matrix)


def test_gaps_are_refused_or_counted_by_pair(answers):
    """n_pairs tells who answered both, and on the diagonal who answered one."""
    gaps = answers.astype(float)
    gaps.iloc[:20, 0] = np.nan
    gaps.iloc[10:40, 1] = np.nan
    with pytest.raises(DataError, match="column 'a' must be finite"):
        polychoric(gaps)
    found = polychoric(gaps, missing="pairwise").n_pairs
    assert found.to_numpy().tolist() == [[280, 260, 280], [260, 270, 270], [280, 270, 300]]
    with pytest.warns(DataQualityWarning, match="40 of 300 respondents left out an item") as caught:
        listwise = polychoric(gaps, missing="listwise")
    assert caught[0].filename == __file__
    assert (listwise.n_pairs == 260).all(axis=None)


def test_an_empty_cell_is_filled_or_left():
    """One half draws the estimate of a two-by-two table from the boundary, and both are said."""
    with pytest.warns(DataQualityWarning, match=r"empty cell of 1 two-by-two table"):
        filled = polychoric(table=[[44268, 193], [14, 0]])
    assert abs(filled.matrix.iloc[0, 1] - 0.23231) < 1e-5
    with pytest.warns(DataQualityWarning, match="ordered perfectly"):
        left = polychoric(table=[[44268, 193], [14, 0]], correction=0)
    assert left.matrix.iloc[0, 1] == -0.9999
    assert left.at_boundary == [("rows", "columns")]


def test_a_matrix_that_no_answers_have_is_repaired():
    """Pairs estimated one by one can contradict each other; what is returned does not."""
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.integers(1, 4, size=(12, 8)).astype(float))
    with pytest.warns(DataQualityWarning, match="not positive definite"):
        found = polychoric(X)
    assert found.smallest_eigenvalue < 0
    assert np.linalg.eigvalsh(found.matrix)[0] > 0


def test_a_table_with_items_of_one_name_calls_them_rows_and_columns():
    """Two items cannot have one name."""
    table = pd.DataFrame([[5, 2], [3, 6]])
    table.index.name = table.columns.name = "item"
    assert list(polychoric(table=table).matrix) == ["rows", "columns"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "polychoric takes exactly one of X and table; found neither"),
        ({"X": [[1, 2]], "table": [[1, 2], [2, 1]]}, "found both"),
        ({"table": [[1, 2], [2, 1]], "correction": -1}, "correction must be a float in the range"),
        (
            {"table": [[1, 2], [2, 1]], "correction": True},
            "correction must be a float in the range",
        ),
        ({"table": [[1, 2], [2, 1]], "missing": "drop"}, "missing must be one of 'raise',"),
        ({"table": [[1, 2], [2, 1]], "sample_weight": [1]}, "sample_weight must be None beside"),
    ],
)
def test_wrong_parameters_are_refused(options, message):
    """The message names the parameter, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        polychoric(**options)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2, 3]], r"at least two rows and two columns; found shape \(1, 3\)"),
        ([1, 2], r"found shape \(2,\)"),
        ([[1, -2], [np.nan, 1]], r"row 0, column 1 has -2\.0 \(2 such cell\(s\)\)"),
        ([[1, 2], [0, 0]], r"each row of table must hold an answer; row 1 holds none \(1 such"),
        ([[0, 1, 2], [0, 3, 4]], "each column of table must hold an answer; column 0 holds none"),
        ([[1, 2], [3]], "must hold counts in rows of one length"),
        ([[1, 0], [0, 1]], r"each item needs 3 answers; item 'rows' has 2 sample"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(table, message):
    """Counts of at least three answers, with an answer in every row and column."""
    with pytest.raises(DataError, match=message):
        polychoric(table=table)
