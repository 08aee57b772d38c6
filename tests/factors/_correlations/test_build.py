"""Correlations of surveys: kinds, gaps, weights, and what the user is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import KINDS, correlations, usable_answers


def test_pearson_is_the_default_and_has_no_doubts():
    """Attitude: R's cor, 30 respondents, divisor n - 1."""
    survey = load_attitude()
    known = correlations(read_ratings(survey))
    np.testing.assert_allclose(known.matrix, survey.corr(), atol=1e-14)
    np.testing.assert_allclose(known.standard_deviations, survey.std(), rtol=1e-14)
    assert (known.n_observations, known.thresholds, known.doubts) == (30.0, None, ())
    assert abs(known.smallest_eigenvalue - 0.140438) < 1e-6


def test_spearman_keeps_the_scale_of_the_ratings():
    """Correlations of ranks; means and standard deviations of the ratings."""
    survey = load_attitude()
    known = correlations(read_ratings(survey), kind="spearman")
    np.testing.assert_allclose(known.matrix, survey.corr("spearman"), atol=1e-14)
    np.testing.assert_allclose(known.means, survey.mean(), rtol=1e-14)


def test_polychoric_hands_out_thresholds(unequal_items):
    """One fewer than the categories, ascending."""
    known = correlations(read_ratings(unequal_items), kind="polychoric", missing="pairwise")
    assert [len(cuts) for cuts in known.thresholds] == [4, 2, 1, 3]
    assert all((np.diff(cuts) > 0).all() for cuts in known.thresholds)
    np.testing.assert_allclose(known.means, unequal_items.mean(), rtol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_count_rows_as_often(equal_items, kind):
    """Whole weights give what repeated rows give; a row of weight 0 may hold anything."""
    answers = equal_items.dropna()
    weights = np.random.default_rng(1).integers(1, 4, size=len(answers))
    repeated = answers.loc[answers.index.repeat(weights)]
    long = correlations(read_ratings(repeated), kind=kind)
    strange = pd.DataFrame([[np.nan] * 4, [99.0] * 4], columns=answers.columns)
    some = pd.concat([answers, strange], ignore_index=True)
    known = correlations(read_ratings(some), kind=kind, weights=np.r_[weights, 0, 0].astype(float))
    np.testing.assert_allclose(known.matrix, long.matrix, atol=1e-9)
    assert known.n_observations == weights.sum()


@pytest.mark.parametrize("kind", KINDS)
def test_listwise_leaves_out_respondents_and_says_so(equal_items, kind):
    """The same as handing in complete answers, with a sentence that counts."""
    complete = equal_items.dropna()
    known = correlations(read_ratings(equal_items), kind=kind, missing="listwise")
    expected = correlations(read_ratings(complete), kind=kind)
    np.testing.assert_array_equal(known.matrix, expected.matrix)
    assert known.n_observations == len(complete)
    gaps = 400 - len(complete)
    assert known.doubts[0].startswith(f"{gaps} of 400 respondents left out an item")
    assert expected.doubts == ()


@pytest.mark.parametrize("kind", KINDS)
def test_pairwise_counts_the_smallest_pair(equal_items, kind):
    """n_observations is the number behind the weakest pair."""
    known = correlations(read_ratings(equal_items), kind=kind, missing="pairwise")
    answered = equal_items.notna().astype(int)
    assert known.n_observations == (answered.T @ answered).to_numpy().min()
    assert known.doubts == ()


def test_gaps_are_refused_by_default():
    """The message names item, first row, number and the ways out."""
    X = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, np.nan, 2, np.nan]}, index=list("wxyz"))
    message = (
        r"column 'b' must be finite \(no NaN\) where missing='raise'; row 1 \(index 'x'\) has "
        r"b=nan \(2 such rows\)\. missing='pairwise' and 'listwise' allow gaps"
    )
    with pytest.raises(DataError, match=message):
        correlations(read_ratings(X))


def test_one_item_is_too_few():
    """There is nothing to correlate with."""
    with pytest.raises(DataError, match=r"at least two items; found 1 feature\(s\): 'a'"):
        correlations(read_ratings(pd.DataFrame({"a": [1.0, 2.0, 3.0]})))


@pytest.mark.parametrize(
    ("X", "missing", "message"),
    [
        ([[1.0, 2.0]], "raise", r"need 3 respondents; found 1 sample\(s\)"),
        ([[1.0, 2], [2, 1], [3, np.nan]], "listwise", r"without a gap; found 2 sample\(s\)"),
    ],
)
def test_fewer_than_three_respondents_are_too_few(X, missing, message):
    """Two points always lie on a line."""
    with pytest.raises(DataError, match=message):
        correlations(read_ratings(np.array(X)), missing=missing)


def test_weights_are_respondents():
    """Shares that sum to one are not three respondents."""
    X = read_ratings(np.array([[1.0, 2], [2, 1], [3, 3], [4, 1]]))
    with pytest.raises(DataError, match=r"need 3 respondents; found 1 sample\(s\)"):
        correlations(X, weights=np.full(4, 0.25))


def test_dependent_items_are_repaired_with_a_reason():
    """A total beside its parts is said and made positive definite."""
    survey = load_attitude()
    total = survey.assign(total=survey.sum(axis=1))
    known = correlations(read_ratings(total))
    assert "a weighted sum of items 'rating'" in known.doubts[0]
    assert abs(known.smallest_eigenvalue) < 1e-10
    assert np.linalg.eigvalsh(known.matrix)[0] > 0.9e-8


def test_perfect_order_and_filled_cells_are_said():
    """A pair at the boundary is named, and filled cells are counted."""
    X = pd.DataFrame({"a": [1, 1, 2, 2, 1, 2], "b": [1, 1, 2, 2, 1, 2], "c": [1, 2, 2, 2, 1, 2]})
    known = correlations(read_ratings(X), kind="polychoric")
    assert "the empty cell of 2 two-by-two table(s)" in known.doubts[0]
    assert "ordered perfectly" in known.doubts[1]
    assert "'a' and 'b' (0.9999)" in known.doubts[1]


def test_no_more_than_some_pairs_are_named():
    """Six pairs of four equal items: four are named, two counted."""
    X = np.column_stack([np.arange(9) % 3] * 4)
    known = correlations(read_ratings(X), kind="polychoric")
    assert "'x1' and 'x2' (0.9999), 2 more pair(s)" in known.doubts[0]


def test_usable_answers_keep_gaps_only_for_pairs(equal_items):
    """Pairwise answers are the answers; listwise ones have no gap."""
    ratings = read_ratings(equal_items)
    assert usable_answers(ratings, missing="pairwise").ratings is ratings
    listwise = usable_answers(ratings, missing="listwise", weights=np.ones(400))
    assert not listwise.ratings.n_missing().any()
    assert len(listwise.ratings) == len(listwise.weights) == len(equal_items.dropna())


def test_a_correlation_matrix_is_no_survey():
    """Handed in as answers, it is refused with the way to go."""
    matrix = pd.DataFrame(np.corrcoef(np.random.default_rng(0).normal(size=(4, 50))))
    matrix.columns = ["a", "b", "c", "d"]
    with pytest.raises(DataError, match="found a symmetric table of 4 x 4.*fit_correlation"):
        correlations(read_ratings(matrix))
