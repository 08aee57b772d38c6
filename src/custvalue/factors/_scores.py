"""Factor scores: weights by which standardised ratings become scores, with or without gaps.

R correlations of p items, L pattern loadings, Phi correlations of k factors, psi uniquenesses,
S = L Phi. A score is z W, z the standardised ratings of one respondent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import sqrtm

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._solution import FactorSolution

__all__ = ["SCORES", "ScoreRule", "score_weights", "scores_of", "scores_with_gaps"]


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """What scores are made from, for any set of answered items.

    Attributes
    ----------
    method : {"regression", "bartlett", "ten_berge", "anderson"}
    matrix : ndarray of shape (p, p)
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)
    """

    method: str
    matrix: FloatArray
    loadings: FloatArray
    factor_correlations: FloatArray
    uniquenesses: FloatArray

    @classmethod
    def of(cls, method: str, matrix: FloatArray, solution: FactorSolution) -> ScoreRule:
        """Return the rule of a solution."""
        loadings, between = solution.loadings, solution.factor_correlations
        return cls(method, matrix, loadings, between, solution.uniquenesses)

    def weights(self, answered: BoolArray | None = None) -> FloatArray:
        """Return the weights of the answered items, of shape (n_answered, k).

        NaN where there are too few answers: none, or for any method but regression fewer than
        there are factors.
        """
        p, k = self.loadings.shape
        rows = np.arange(p) if answered is None else np.flatnonzero(answered)
        if len(rows) < (1 if self.method == "regression" else k):
            return np.full((len(rows), k), np.nan)
        return score_weights(
            self.method,
            self.matrix[np.ix_(rows, rows)],
            self.loadings[rows],
            self.factor_correlations,
            self.uniquenesses[rows],
        )


def score_weights(
    method: str,
    matrix: FloatArray,
    loadings: FloatArray,
    factor_correlations: FloatArray,
    uniquenesses: FloatArray,
) -> FloatArray:
    """Return the weights W of a method, of shape (p, k).

    Parameters
    ----------
    method : {"regression", "bartlett", "ten_berge", "anderson"}
        As in `SCORES`.
    matrix : ndarray of shape (p, p)
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)
        Above 0 for Bartlett's and Anderson's scores.

    Returns
    -------
    ndarray of shape (p, k)
    """
    return SCORES[method](matrix, loadings, factor_correlations, uniquenesses)


def scores_of(
    ratings: Ratings,
    rule: ScoreRule,
    means: FloatArray,
    standard_deviations: FloatArray,
    *,
    complete_only: bool = False,
) -> FloatArray:
    """Return the scores of respondents, block by block.

    Parameters
    ----------
    ratings : Ratings
        Of the p items of the rule, in its order.
    rule : ScoreRule
    means, standard_deviations : ndarray of shape (p,)
        To standardise by.
    complete_only : bool
        Give no score to those who left out an item.

    Returns
    -------
    ndarray of shape (n, k)
        NaN where there are too few answers.
    """
    scores = np.empty((len(ratings), rule.loadings.shape[1]))
    weights = rule.weights()
    for rows, block in ratings.blocks():
        z = (block - means) / standard_deviations
        scores[rows] = z @ weights
        gaps = np.isnan(z).any(axis=1)
        if gaps.any() and not complete_only:
            scores[rows][gaps] = scores_with_gaps(rule, z[gaps])
    return scores


def scores_with_gaps(rule: ScoreRule, z: FloatArray) -> FloatArray:
    """Return the scores of respondents from the items that each answered.

    Parameters
    ----------
    rule : ScoreRule
    z : ndarray of shape (n, p)
        Standardised ratings, NaN where there is no answer.

    Returns
    -------
    ndarray of shape (n, k)
        NaN where there are too few answers.
    """
    answered = ~np.isnan(z)
    patterns, inverse = np.unique(answered, axis=0, return_inverse=True)
    scores = np.empty((len(z), rule.loadings.shape[1]))
    together = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    for pattern, rows in zip(patterns, together, strict=True):
        known = z[np.ix_(rows, np.flatnonzero(pattern))]
        scores[rows] = known @ rule.weights(pattern) if pattern.any() else np.nan
    return scores


def _regression(
    matrix: FloatArray, loadings: FloatArray, between: FloatArray, unique: FloatArray
) -> FloatArray:
    """Thurstone (1935): W = R^-1 S, the least squares prediction of the factors."""
    return np.asarray(np.linalg.solve(matrix, loadings @ between), dtype=np.float64)


def _bartlett(
    matrix: FloatArray, loadings: FloatArray, between: FloatArray, unique: FloatArray
) -> FloatArray:
    """Bartlett (1937): W = psi^-1 L (L' psi^-1 L)^-1, unbiased for each respondent."""
    weighted = loadings / unique[:, None]
    return np.asarray(np.linalg.solve(loadings.T @ weighted, weighted.T).T, dtype=np.float64)


def _ten_berge(
    matrix: FloatArray, loadings: FloatArray, between: FloatArray, unique: FloatArray
) -> FloatArray:
    """Ten Berge and others (1999): scores whose correlations are Phi.

    W = R^-1/2 C Phi^1/2 with C = R^-1/2 H (H' R^-1 H)^-1/2 and H = L Phi^1/2.
    """
    root = _root(between)
    rotated = loadings @ root
    solved = np.linalg.solve(matrix, rotated)
    return solved @ np.linalg.inv(_root(rotated.T @ solved)) @ root


def _anderson(
    matrix: FloatArray, loadings: FloatArray, between: FloatArray, unique: FloatArray
) -> FloatArray:
    """Anderson and Rubin (1956): uncorrelated scores, psi^-1 L (L' psi^-1 R psi^-1 L)^-1/2."""
    weighted = loadings / unique[:, None]
    return weighted @ np.linalg.inv(_root(weighted.T @ matrix @ weighted))


def _root(symmetric: FloatArray) -> FloatArray:
    return np.real(sqrtm(symmetric))


SCORES = {
    "regression": _regression,
    "bartlett": _bartlett,
    "ten_berge": _ten_berge,
    "anderson": _anderson,
}
