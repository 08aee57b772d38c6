"""Whether items share enough to look for factors.

R correlations of p items, positive definite; n respondents. The partial correlations of two items
given all others are the off-diagonal elements of the anti-image,
``q_ij = -s_ij / sqrt(s_ii s_jj)`` with S = R^-1 (Kaiser 1970).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve
from scipy.special import gammaln
from scipy.stats import chi2

from custvalue._typing import FloatArray
from custvalue.factors._correlations.result import Correlations

__all__ = [
    "SamplingAdequacy",
    "Sphericity",
    "bartlett_multiplier",
    "bartlett_test",
    "inverse",
    "kaiser_meyer_olkin",
    "log_determinant",
    "partial_correlations",
    "sampling_adequacy",
    "sphericity",
]

_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(60)


class SamplingAdequacy(NamedTuple):
    """Kaiser-Meyer-Olkin measure, of all items and of each, of shape (p,); NaN is 0 / 0."""

    overall: float
    items: FloatArray


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Bartlett's test that no items are correlated; ``log_p_value`` tells where p itself is 0."""

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    log_p_value: float


def inverse(matrix: FloatArray) -> FloatArray:
    """Return the symmetric inverse of a positive definite matrix, by Cholesky."""
    factor = np.linalg.cholesky(matrix)
    found: FloatArray = cho_solve((factor, True), np.eye(len(matrix)))
    return (found + found.T) / 2


def log_determinant(matrix: FloatArray) -> float:
    """Return log |R| of a positive definite matrix; finite where the determinant underflows."""
    return 2 * float(np.log(np.diag(np.linalg.cholesky(matrix))).sum())


def partial_correlations(matrix: FloatArray) -> FloatArray:
    """Return the correlation of each two items given all others, of shape (p, p); diagonal 1."""
    precision = inverse(matrix)
    scale = 1 / np.sqrt(np.diag(precision))
    partial = -precision * np.outer(scale, scale)
    np.fill_diagonal(partial, 1.0)
    return partial


def kaiser_meyer_olkin(matrix: FloatArray) -> SamplingAdequacy:
    """Compare squared correlations with squared partial correlations (Kaiser & Rice 1974).

    ``sum r^2 / (sum r^2 + sum q^2)`` over the off-diagonal elements: of a row for an item, of all
    rows for the whole.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)

    Returns
    -------
    SamplingAdequacy
        NaN where an item has no correlation with any other.
    """
    common = _squares_beside_diagonal(matrix)
    partial = _squares_beside_diagonal(partial_correlations(matrix))
    return SamplingAdequacy(
        overall=float(_share(common.sum(), partial.sum())), items=_share(common, partial)
    )


def bartlett_test(matrix: FloatArray, n_observations: float) -> Sphericity:
    """Test that R is the identity (Bartlett 1951).

    ``-(n - 1 - (2p + 5) / 6) log |R|`` has about a chi-square distribution with p (p - 1) / 2
    degrees of freedom.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_observations : float

    Returns
    -------
    Sphericity
        NaN where n is NaN, or too small: not above 1 + (2p + 5) / 6.
    """
    p = len(matrix)
    df, multiplier = p * (p - 1) // 2, bartlett_multiplier(n_observations, p)
    statistic = float(np.maximum(-multiplier * log_determinant(matrix), 0.0))
    return Sphericity(statistic, df, float(chi2.sf(statistic, df)), _log_survival(statistic, df))


def sampling_adequacy(known: Correlations) -> SamplingAdequacy:
    """Return `kaiser_meyer_olkin` of correlations; NaN where they were repaired.

    The inverse of a repaired matrix tells of the repair.
    """
    if known.singular:
        return SamplingAdequacy(float("nan"), np.full(len(known.matrix), np.nan))
    return kaiser_meyer_olkin(known.matrix)


def sphericity(known: Correlations) -> Sphericity:
    """Return `bartlett_test` of correlations; NaN where they were repaired.

    The determinant of a repaired matrix tells of the repair.
    """
    found = bartlett_test(known.matrix, known.n_observations)
    if not known.singular:
        return found
    nothing = float("nan")
    return Sphericity(nothing, found.degrees_of_freedom, nothing, nothing)


def bartlett_multiplier(n_observations: float, p: int, k: int = 0) -> float:
    """Return what turns the discrepancy of k factors into a chi-square (Bartlett 1951).

    It is n - 1 - (2p + 5) / 6 - 2k / 3; NaN where that is not positive.
    """
    found = n_observations - 1 - (2 * p + 5) / 6 - 2 * k / 3
    return found if found > 0 else float("nan")


def _squares_beside_diagonal(matrix: FloatArray) -> FloatArray:
    """Return the sum of squares of each row without its diagonal element, of shape (p,)."""
    squares = matrix**2
    np.fill_diagonal(squares, 0.0)
    found: FloatArray = squares.sum(axis=1)
    return found


def _share(part: FloatArray, rest: FloatArray) -> FloatArray:
    whole = np.asarray(part + rest)
    found: FloatArray = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return found


def _log_survival(statistic: float, degrees_of_freedom: int) -> float:
    """Return log P(chi-square > statistic), also where P underflows.

    With a = df / 2 and x = statistic / 2, P = x^(a-1) e^-x / Gamma(a) times the integral of
    ``(1 + t/x)^(a-1) e^-t`` over t > 0, by Gauss-Laguerre nodes for its rate 1 - (a-1)/x.
    """
    with np.errstate(divide="ignore"):
        plain = float(chi2.logsf(statistic, degrees_of_freedom))
    if not np.isneginf(plain):
        return plain
    a, x = degrees_of_freedom / 2, statistic / 2
    rate = 1 - (a - 1) / x
    step = _NODES / (rate * x)
    tail = _WEIGHTS @ np.exp((a - 1) * (np.log1p(step) - step)) / rate
    return float((a - 1) * np.log(x) - x - gammaln(a) + np.log(tail))
