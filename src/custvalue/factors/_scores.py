"""Factor scores: weights by which standardised ratings become scores, with or without gaps.

R correlations of p items, L pattern loadings, Phi correlations of k factors, psi uniquenesses,
S = L Phi. A score is z W, z the standardised ratings of one respondent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._extraction.discrepancy import LOWEST

__all__ = [
    "NEEDS_UNIQUENESS",
    "SCORES",
    "ScoreRule",
    "refuse_no_uniqueness",
    "score_weights",
    "scores_of",
    "scores_with_gaps",
    "scoring_matrix",
]

NEEDS_UNIQUENESS = ("bartlett", "anderson")
"""Methods that divide by the uniquenesses."""

_NO_UNIQUENESS = 1e-10
_NO_VARIANCE = 1e-6
"""A component with less variance than this is no more than the repair of the matrix."""


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """What scores are made from, for any set of answered items.

    Attributes
    ----------
    method : {"regression", "bartlett", "ten_berge", "anderson"}
    matrix : ndarray of shape (p, p)
        As `scoring_matrix` gives it.
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)
    """

    method: str
    matrix: FloatArray
    loadings: FloatArray
    factor_correlations: FloatArray
    uniquenesses: FloatArray

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


def scoring_matrix(
    matrix: FloatArray,
    loadings: FloatArray,
    factor_correlations: FloatArray,
    uniquenesses: FloatArray,
    *,
    singular: bool,
    components: bool,
) -> FloatArray:
    """Return the correlations whose inverse makes scores: R, or what the model says of it.

    The inverse of a repaired singular matrix holds nothing but the repair; the model's
    L Phi L' + diag(psi), with psi of 0.005 at least, has one that means something. Principal
    components need no more of the inverse than where they lie, so that R serves them, unless they
    have no variance.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)
    singular : bool
        The matrix was repaired.
    components : bool
        The loadings are those of principal components.

    Returns
    -------
    ndarray of shape (p, p)
    """
    if not singular:
        return matrix
    common: FloatArray = loadings @ factor_correlations @ loadings.T
    if components and np.linalg.eigvalsh(common)[-loadings.shape[1]] > _NO_VARIANCE:
        return matrix
    implied: FloatArray = common + np.diag(np.maximum(uniquenesses, LOWEST))
    return implied


def refuse_no_uniqueness(method: str, uniquenesses: FloatArray, items: Sequence[str]) -> None:
    """Raise where a method divides by uniquenesses that are not above 0.

    Parameters
    ----------
    method : {"regression", "bartlett", "ten_berge", "anderson"}
    uniquenesses : ndarray of shape (p,)
    items : sequence of str

    Raises
    ------
    ValueError
        If it does; the message names the items.
    """
    without = np.flatnonzero(uniquenesses <= _NO_UNIQUENESS)
    if method in NEEDS_UNIQUENESS and len(without):
        shown = ", ".join(f"{items[i]!r} ({uniquenesses[i]:.3g})" for i in without[:5])
        raise ValueError(
            f"scores={method!r} needs uniquenesses above 0; {shown} have none ({len(without)} such "
            f"item(s)). Use scores='regression', or fewer factors"
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
    """Return the symmetric square root of a matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(symmetric)
    root: FloatArray = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


SCORES = {
    "regression": _regression,
    "bartlett": _bartlett,
    "ten_berge": _ten_berge,
    "anderson": _anderson,
}
