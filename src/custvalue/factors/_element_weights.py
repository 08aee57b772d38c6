"""Weights of service elements, by what is known of p elements: arrays in, weights out.

R correlations of the elements, L pattern loadings on k factors, Phi correlations of the factors,
S = L Phi, r correlations of the elements with satisfaction. Weights sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.dominance import lmg_shares
from custvalue._numerics.ranking import competition_rank
from custvalue._numerics.weighting import near_one
from custvalue._typing import FloatArray, IntArray
from custvalue.factors._rotation.align import alignment

__all__ = [
    "ComponentWeights",
    "communality_weights",
    "component_weights",
    "derived_weights",
    "dominance_weights",
    "loading_weights",
    "ranks_of",
    "shares",
    "stated_weights",
    "weights_of_components",
]

_DIGITS = 12
"""Digits in which weights must differ to have different ranks."""


@dataclass(frozen=True, slots=True)
class ComponentWeights:
    """Weights by coefficients of principal components.

    Attributes
    ----------
    weights : ndarray of shape (p,)
        Some may be negative.
    deciding_signs : tuple of int
        Components, the first is 0, whose other sign would give another ranking.
    coefficients : ndarray of shape (p, k)
        Of the elements in the components, with the signs that were taken.
    """

    weights: FloatArray
    deciding_signs: tuple[int, ...]
    coefficients: FloatArray


def stated_weights(means: FloatArray) -> FloatArray:
    """Return mean / sum of means: of ratings of importance.

    Parameters
    ----------
    means : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (p,)

    Examples
    --------
    >>> import numpy as np
    >>> stated_weights(np.array([6.0, 3.0, 3.0]))
    array([0.5 , 0.25, 0.25])
    """
    return shares(means)


def communality_weights(communalities: FloatArray) -> FloatArray:
    """Return h2 / sum of h2: how much of each element the factors explain.

    Parameters
    ----------
    communalities : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (p,)
        The same whatever the rotation, order and signs of the factors.
    """
    return shares(communalities)


def loading_weights(loadings: FloatArray, factor_correlations: FloatArray) -> FloatArray:
    """Return sum_k |l_jk| W_k as shares, where W_k is the share of factor k in common variance.

    W = diag(Phi L'L) / trace(Phi L'L).

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        Pattern.
    factor_correlations : ndarray of shape (k, k)

    Returns
    -------
    ndarray of shape (p,)
        The same whatever the order and signs of the factors.
    """
    variances = np.diag(factor_correlations @ loadings.T @ loadings)
    return shares(np.abs(loadings) @ shares(variances))


def component_weights(
    matrix: FloatArray, n_components: int, like: FloatArray | None = None
) -> ComponentWeights:
    """Return weights by the coefficients of the first principal components of R.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_components : int
    like : ndarray of shape (p, n_components), optional
        Coefficients whose signs to take.

    Returns
    -------
    ComponentWeights
        As `weights_of_components` gives them.
    """
    eigenvalues, vectors = np.linalg.eigh(matrix)
    leading = np.arange(len(matrix))[::-1][:n_components]
    return weights_of_components(eigenvalues[leading], vectors[:, leading], like)


def weights_of_components(
    eigenvalues: FloatArray, vectors: FloatArray, like: FloatArray | None = None
) -> ComponentWeights:
    """Return mean coefficients of components, weighted by their variances, as shares.

    c_j = sum_k a_jk lambda_k / sum_k lambda_k and w_j = c_j / sum_j c_j, where a_jk = l_jk /
    sqrt(lambda_k) is the coefficient of element j. An eigenvector has no sign of its own: each
    is turned so that its sum is positive, or towards the one of ``like`` that it matches.

    Parameters
    ----------
    eigenvalues : ndarray of shape (k,)
    vectors : ndarray of shape (p, k)
        Eigenvectors a, each of length 1.
    like : ndarray of shape (p, k), optional

    Returns
    -------
    ComponentWeights
    """
    a = vectors * _signs(vectors, like)
    parts = a * shares(eigenvalues)
    weights = shares(parts.sum(axis=1))
    ranks = ranks_of(weights)
    deciding = [
        k
        for k, part in enumerate(parts.T)
        if not np.array_equal(ranks_of(shares(parts.sum(axis=1) - 2 * part)), ranks)
    ]
    return ComponentWeights(weights, tuple(deciding), a)


def derived_weights(
    matrix: FloatArray,
    structure: FloatArray,
    with_outcome: FloatArray,
    scoring: FloatArray | None = None,
) -> FloatArray:
    """Return importance derived from a regression of satisfaction on the factors.

    Factor scores are f = z W with W = R^-1 S (Thurstone). The regression of satisfaction on them
    has beta = (W'RW)^-1 W'r, so that the prediction is z W beta: element j enters with the
    coefficient b_j = (W beta)_j, and its weight is |b_j| / sum of |b|.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    structure : ndarray of shape (p, k)
    with_outcome : ndarray of shape (p,)
    scoring : ndarray of shape (p, p), optional
        Whose inverse makes the scores, where R has none; as `scoring_matrix` gives it.

    Returns
    -------
    ndarray of shape (p,)
        The same whatever the rotation, order and signs of the factors.
    """
    W = np.linalg.solve(matrix if scoring is None else scoring, structure)
    beta = np.linalg.lstsq(W.T @ matrix @ W, W.T @ with_outcome)[0]
    return shares(np.abs(W @ beta))


def dominance_weights(matrix: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """Return the LMG shares of the elements in the R squared of satisfaction.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        At most 15 elements.
    with_outcome : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (p,)
    """
    return shares(lmg_shares(matrix, with_outcome))


def shares(values: FloatArray) -> FloatArray:
    """Return values divided by their sum; NaN where all are 0."""
    scaled, _ = near_one(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts: FloatArray = scaled / scaled.sum()
    return parts


def ranks_of(weights: FloatArray) -> IntArray:
    """Return competition ranks, 1 for the largest; what differs by rounding alone is equal.

    Examples
    --------
    >>> import numpy as np
    >>> ranks_of(np.array([0.25, 0.1 + 0.2 + 0.1, 0.1, 0.25]))
    array([2, 1, 4, 2])
    """
    scale = float(np.abs(weights).max())
    rounded: FloatArray = np.round(weights / (scale if scale > 0 else 1.0), _DIGITS)
    return competition_rank(-rounded)


def _signs(vectors: FloatArray, like: FloatArray | None) -> FloatArray:
    """Return 1 or -1 for each eigenvector: the sign of its sum, or that of its match."""
    if like is None:
        return np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    match = alignment(vectors, like)
    signs = np.empty(vectors.shape[1])
    signs[match.order] = match.signs
    return signs
