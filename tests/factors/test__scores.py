"""Weights of factor scores: their defining properties, and scores from incomplete answers."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.factors._scores import (
    SCORES,
    ScoreRule,
    refuse_no_uniqueness,
    score_weights,
    scores_of,
    scores_with_gaps,
    scoring_matrix,
)

LOADINGS = np.array([[0.8, 0.0], [0.7, 0.1], [0.6, 0.0], [0.0, 0.7], [0.1, 0.6], [0.0, 0.8]])
PHI = np.array([[1.0, 0.4], [0.4, 1.0]])
COMMUNALITIES = np.sum(LOADINGS @ PHI * LOADINGS, axis=1)
UNIQUENESSES = 1 - COMMUNALITIES
MATRIX = LOADINGS @ PHI @ LOADINGS.T + np.diag(UNIQUENESSES)


def weights(method):
    """Return the weights of a method for the model above."""
    return score_weights(method, MATRIX, LOADINGS, PHI, UNIQUENESSES)


def rule(method):
    """Return the rule of a method for the model above."""
    return ScoreRule(method, MATRIX, LOADINGS, PHI, UNIQUENESSES)


def test_regression_scores_are_the_best_linear_prediction():
    """Errors of prediction are uncorrelated with every item, and no other weights err less."""
    W = weights("regression")
    np.testing.assert_allclose(MATRIX @ W, LOADINGS @ PHI, atol=1e-14)
    error = np.diag(PHI) - 2 * np.sum(W * (LOADINGS @ PHI), axis=0) + np.diag(W.T @ MATRIX @ W)
    other = weights("bartlett")
    worse = np.diag(PHI) - 2 * np.sum(other * (LOADINGS @ PHI), axis=0)
    assert np.all(error < worse + np.diag(other.T @ MATRIX @ other))


def test_bartlett_scores_are_unbiased():
    """The expected score given the factors is the factors: W'L = 1."""
    np.testing.assert_allclose(weights("bartlett").T @ LOADINGS, np.eye(2), atol=1e-14)


def test_ten_berge_scores_correlate_as_the_factors_do():
    """The covariances of the scores are Phi."""
    W = weights("ten_berge")
    np.testing.assert_allclose(W.T @ MATRIX @ W, PHI, atol=1e-14)


def test_anderson_scores_are_uncorrelated():
    """The covariances of the scores are the identity."""
    W = weights("anderson")
    np.testing.assert_allclose(W.T @ MATRIX @ W, np.eye(2), atol=1e-14)


@pytest.mark.parametrize("method", sorted(SCORES))
def test_answers_to_all_items_are_scored_alike_by_both_ways(method):
    """The way with gaps gives the same scores where there are none."""
    z = np.random.default_rng(0).normal(size=(20, 6))
    np.testing.assert_allclose(scores_with_gaps(rule(method), z), z @ weights(method), atol=1e-13)


def test_a_gap_is_scored_by_the_regression_on_what_was_answered():
    """The score is the conditional mean of the factors given the answered items."""
    z = np.array([[0.5, np.nan, -1.0, 0.2, np.nan, 1.5]])
    known = [0, 2, 3, 5]
    joint = LOADINGS[known] @ PHI
    expected = joint.T @ np.linalg.inv(MATRIX[np.ix_(known, known)]) @ z[0, known]
    np.testing.assert_allclose(scores_with_gaps(rule("regression"), z)[0], expected, atol=1e-14)


def test_too_few_answers_have_no_score():
    """No answer at all, or fewer answers than factors for any method but regression."""
    z = np.array([[np.nan] * 6, [1.0] + [np.nan] * 5])
    assert np.isnan(scores_with_gaps(rule("bartlett"), z)).all()
    found = scores_with_gaps(rule("regression"), z)
    assert np.isnan(found[0]).all()
    # One answer: its correlations with the factors, .8 and .8 x .4.
    np.testing.assert_allclose(found[1], [0.8, 0.32], atol=1e-14)


def test_scores_of_ratings_are_standardised_first():
    """Means and standard deviations of the fit count, not those of the new respondents."""
    values = np.random.default_rng(1).normal(3.0, 2.0, size=(40_000, 6))
    values[7, 2] = np.nan
    ratings = read_ratings(values)
    means, scales = np.full(6, 2.5), np.full(6, 1.5)
    found = scores_of(ratings, rule("regression"), means, scales)
    z = (values - 2.5) / 1.5
    np.testing.assert_allclose(np.delete(found, 7, 0), np.delete(z, 7, 0) @ weights("regression"))
    np.testing.assert_allclose(found[[7]], scores_with_gaps(rule("regression"), z[[7]]))
    only = scores_of(ratings, rule("regression"), means, scales, complete_only=True)
    assert np.flatnonzero(np.isnan(only).any(axis=1)).tolist() == [7]


def basis(loadings=LOADINGS, unique=UNIQUENESSES, *, singular=True, components=False):
    """Return the matrix that makes scores where R is the identity."""
    return scoring_matrix(
        np.eye(len(loadings)), loadings, PHI, unique, singular=singular, components=components
    )


def test_a_repaired_matrix_gives_way_to_the_model():
    """Sigma, with uniquenesses of 0.005 at least; R where it has an inverse."""
    np.testing.assert_allclose(basis(singular=False), np.eye(6))
    np.testing.assert_allclose(basis(), MATRIX)
    negative = np.where(np.arange(6) == 0, -0.1, UNIQUENESSES)
    expected = MATRIX + np.diag(np.where(np.arange(6) == 0, 0.005 - UNIQUENESSES[0], 0.0))
    np.testing.assert_allclose(basis(unique=negative), expected)


def test_components_of_a_repaired_matrix_keep_it_where_they_have_variance():
    """They are sums of the items; one without variance is nothing but the repair."""
    np.testing.assert_allclose(basis(components=True), np.eye(6))
    without = LOADINGS * [1.0, 1e-5]
    assert not np.allclose(basis(without, components=True), np.eye(6))


@pytest.mark.parametrize("psi", [-0.04, 0.0, 1e-16])
def test_scores_that_divide_by_nothing_are_refused(psi):
    """Bartlett's and Anderson's name the items and the remedy; the others need no uniqueness."""
    unique = np.array([0.5, psi])
    for method in ("bartlett", "anderson"):
        with pytest.raises(ValueError, match=f"scores='{method}' needs .*'b' .*'regression'"):
            refuse_no_uniqueness(method, unique, ["a", "b"])
        refuse_no_uniqueness(method, np.array([0.5, 0.005]), ["a", "b"])
    refuse_no_uniqueness("regression", unique, ["a", "b"])
    refuse_no_uniqueness("ten_berge", unique, ["a", "b"])
