"""Moments: exact, one pass, with and without gaps, and the same in any order of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import BLOCK_ROWS, read_ratings
from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError
from custvalue.factors._correlations.moments import moments, refuse_few_pairs


def test_the_attitude_survey_has_the_known_eigenvalues():
    """Eigenvalues of R's attitude data, from an independent run (3e-7 by their printed digits)."""
    found = moments(read_ratings(load_attitude()))
    expected = [3.716376, 1.140922, 0.847192, 0.612870, 0.323673, 0.218531, 0.140438]
    eigenvalues = np.linalg.eigvalsh(found.correlations)[::-1]
    np.testing.assert_allclose(eigenvalues, expected, atol=6e-7)
    np.testing.assert_allclose(found.means[0], 64.63333333333334, rtol=1e-15)
    assert (found.n_pairs == 30).all()


def test_complete_answers_are_correlated_as_numpy_does():
    """Means, standard deviations with n - 1 and correlations, over more than one block."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(BLOCK_ROWS + 500, 3)) @ rng.normal(size=(3, 3)) + [1, -50, 0]
    found = moments(read_ratings(X))
    np.testing.assert_allclose(found.means, X.mean(axis=0), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.standard_deviations, X.std(axis=0, ddof=1), rtol=1e-13)
    np.testing.assert_allclose(found.correlations, np.corrcoef(X.T), atol=1e-14)


def test_pairwise_correlations_are_those_of_r(equal_items, pairs):
    """R 4, cor(use = "pairwise.complete.obs"), of the same made-up answers."""
    found = moments(read_ratings(equal_items))
    expected = [
        0.458176190932858,
        0.475286441294403,
        -0.297042867405192,
        0.403257575675530,
        -0.228078514125786,
        -0.222490491067642,
    ]
    np.testing.assert_allclose(pairs(found.correlations), expected, atol=1e-14)
    np.testing.assert_array_equal(np.diag(found.n_pairs), equal_items.notna().sum())
    np.testing.assert_allclose(found.standard_deviations, equal_items.std(), rtol=1e-14)
    np.testing.assert_allclose(found.means, equal_items.mean(), rtol=1e-14)


def test_whole_ratings_do_not_depend_on_the_order_of_the_rows(equal_items):
    """Sums of whole ratings are exact, so that every digit is the same."""
    shuffled = equal_items.sample(frac=1, random_state=0)
    for answers in (equal_items, equal_items.dropna()):
        first = moments(read_ratings(answers))
        second = moments(read_ratings(shuffled.loc[shuffled.index.isin(answers.index)]))
        np.testing.assert_array_equal(first.correlations, second.correlations)
        np.testing.assert_array_equal(first.means, second.means)


@pytest.mark.parametrize("gaps", [False, True])
def test_weights_count_rows_as_often(equal_items, gaps):
    """Whole weights give what repeated rows give."""
    answers = equal_items if gaps else equal_items.dropna()
    weights = np.random.default_rng(1).integers(1, 4, size=len(answers)).astype(float)
    repeated = answers.loc[answers.index.repeat(weights.astype(int))]
    weighted, long = moments(read_ratings(answers), weights), moments(read_ratings(repeated))
    for name in ("n_pairs", "means", "standard_deviations", "correlations"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(long, name), rtol=1e-13)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("shift", "scale"), [(1e9, 1e-3), (-3e12, 1.0), (0.0, 1e-200), (0, 1e180)])
def test_no_shift_and_no_scale_costs_digits(shift, scale, gaps):
    """Small noise on huge numbers, and numbers whose squares leave the floats, keep their r."""
    rng = np.random.default_rng(2)
    # Multiples of 2^-10, so that the shifted numbers hold them exactly where scale is one.
    Z = np.round(rng.normal(size=(500, 2)) @ [[1, 0.6], [0, 0.8]] * 1024) / 1024
    X = Z * scale + shift
    expected = np.corrcoef(((X - shift) / scale).T)[0, 1]
    if gaps:
        X = np.vstack([X, [[np.nan, X[0, 1]]]])
    assert abs(moments(read_ratings(X)).correlations[0, 1] - expected) < 1e-12


def test_one_far_answer_does_not_spoil_the_others():
    """An answer 10^6 standard deviations away leaves the pair that lacks it as exact as before."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 3))
    X[0] = [1e6, np.nan, np.nan]
    found = moments(read_ratings(X)).correlations[0, 1]
    assert abs(found - np.corrcoef(X[1:, :2].T)[0, 1]) < 1e-9


def test_an_item_that_does_not_vary_is_named():
    """The message names the item, the number of answers and the answer."""
    X = pd.DataFrame({"a": [3.0, 3.0, 3.0, np.nan], "b": [1.0, 2.0, 3.0, 4.0]})
    with pytest.raises(DataError, match=r"item 'a' must vary; all 3 answers are 3\.0"):
        moments(read_ratings(X))


def test_noise_of_rounding_is_no_variation():
    """0.1 + 0.2 and 0.3 are one answer."""
    X = pd.DataFrame({"a": [0.3, 0.1 + 0.2, 0.3], "b": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match="item 'a' must vary"):
        moments(read_ratings(X))


def test_an_item_without_answers_is_named():
    """Nobody answered it."""
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [np.nan] * 3})
    with pytest.raises(DataError, match="item 'b' must be answered; all 3 answers are missing"):
        moments(read_ratings(X))


def test_an_item_that_does_not_vary_within_a_pair_is_named():
    """Item a varies, but not among those who answered b."""
    X = pd.DataFrame(
        {"a": [1.1, 1.1, 1.1, 2.0, 7.0], "b": [1.0, 2.0, 3.0, np.nan, np.nan], "c": range(5)}
    )
    message = "item 'a' must vary; the 3 respondents who also answered item 'b' gave it one answer"
    with pytest.raises(DataError, match=message):
        moments(read_ratings(X))


def test_pairs_with_fewer_than_three_answers_are_named():
    """Two answers always lie on a line."""
    X = pd.DataFrame({"a": [1.0, 2, 3, 4, np.nan], "b": [np.nan, np.nan, 1, 2, 3]})
    with pytest.raises(DataError, match=r"items 'a' and 'b' have 2 sample\(s\) \(1 such pair"):
        moments(read_ratings(X))


def test_an_item_with_fewer_than_three_answers_is_named():
    """The diagonal counts the answers to one item."""
    with pytest.raises(DataError, match=r"each item needs 3 answers; item 'b' has 2 sample\(s\)"):
        refuse_few_pairs(np.array([[5.0, 3.0], [3.0, 2.0]]), ["a", "b"])


def test_huge_ratings_have_moments_and_constant_ones_are_counted_by_weight():
    """Near the largest float means stay finite; the error counts respondents, not rows."""
    values = np.random.default_rng(0).uniform(3.0, 5.0, size=(50, 2)) * 2.0**1020
    found = moments(read_ratings(values))
    np.testing.assert_allclose(found.means / 2.0**1020, (values / 2.0**1020).mean(axis=0))
    same = read_ratings(np.column_stack([np.ones(3), np.arange(3.0)]))
    with pytest.raises(DataError, match="all 12 answers are 1"):
        moments(same, np.array([2.0, 4.0, 6.0]))
