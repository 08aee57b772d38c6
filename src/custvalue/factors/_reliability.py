"""How reliably the sum of some items measures what they have in common.

C covariances of p items with the sum S of all elements and the trace t, R their correlations; L
loadings on k factors that correlate by Phi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f

from custvalue._typing import FloatArray
from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import extract
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._extraction.spectrum import squared_multiple_correlations
from custvalue.factors._solution import FactorSolution

__all__ = [
    "Omega",
    "SchmidLeiman",
    "alpha_interval",
    "alpha_without_each",
    "average_correlation",
    "equal_general_loadings",
    "general_of_factors",
    "hierarchical_factors",
    "item_total_correlations",
    "lambda_six",
    "omega",
    "one_general_factor",
    "schmid_leiman",
]


@dataclass(frozen=True, slots=True)
class SchmidLeiman:
    """Uncorrelated factors: one of all items, and groups beside it.

    Attributes
    ----------
    general : ndarray of shape (p,)
        Loadings on the general factor.
    groups : ndarray of shape (p, k)
        Loadings on the group factors; k is 0 where there is one factor only.
    communalities, uniquenesses : ndarray of shape (p,)
        They add up to 1.
    """

    general: FloatArray
    groups: FloatArray
    communalities: FloatArray
    uniquenesses: FloatArray


@dataclass(frozen=True, slots=True)
class Omega:
    """Reliability of the sum of all items, and of the sums of groups of them.

    Attributes
    ----------
    total : float
        Share of the variance of the sum that is common to items.
    hierarchical : float
        Share that the general factor gives.
    group : ndarray of shape (k,)
        Of the sum of the group factor's own items, the share that this factor gives; own items have
        their largest absolute group loading on it. NaN where it has none.
    explained_common_variance : float
        Share of the general factor in the sum of all squared loadings.
    """

    total: float
    hierarchical: float
    group: FloatArray
    explained_common_variance: float


def alpha_without_each(covariance: FloatArray) -> FloatArray:
    """Return alpha of all items but one, for each item, of shape (p,); NaN for two items."""
    p = len(covariance)
    if p == 2:
        return np.full(2, np.nan)
    variances = np.diag(covariance)
    found: FloatArray = (p - 1) / (p - 2) * (1 - (variances.sum() - variances) / _rest(covariance))
    return found


def alpha_interval(value: float, p: int, n: float, level: float) -> tuple[float, float]:
    """Return the limits of alpha after Feldt (1965).

    (1 - alpha) / (1 - estimate) is distributed as F with n - 1 and (n - 1) (p - 1) degrees of
    freedom, if the items are normal with equal covariances.

    Parameters
    ----------
    value : float
    p : int
    n : float
        NaN where it is not known.
    level : float

    Returns
    -------
    tuple of float
        Lower and upper limit; NaN where n is.
    """
    law = f(n - 1, (n - 1) * (p - 1))
    lower, upper = (1 - (1 - value) * law.ppf((1 + side * level) / 2) for side in (1, -1))
    return float(lower), float(upper)


def item_total_correlations(covariance: FloatArray) -> FloatArray:
    """Return the correlation of each item with the sum of the others, of shape (p,)."""
    variances = np.diag(covariance)
    with_rest = covariance.sum(axis=0) - variances
    found: FloatArray = with_rest / np.sqrt(variances * _rest(covariance))
    return found


def lambda_six(matrix: FloatArray) -> float:
    """Return Guttman's lambda 6 of R, 1 - sum (1 - squared multiple correlation) / S."""
    return float(1 - np.sum(1 - squared_multiple_correlations(matrix)) / matrix.sum())


def average_correlation(matrix: FloatArray) -> float:
    """Return the mean correlation of two different items."""
    p = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (p * (p - 1)))


def equal_general_loadings(factor_correlations: FloatArray) -> FloatArray:
    """Return loadings of two factors on a general one, of equal size, that give their correlation.

    They are sqrt(|phi|), the second with the sign of phi: two factors do not determine more.
    """
    phi = float(factor_correlations[0, 1])
    root: float = np.sqrt(abs(phi))
    return np.array([root, np.copysign(root, phi)])


def schmid_leiman(
    loadings: FloatArray, factor_correlations: FloatArray, second_order: FloatArray
) -> SchmidLeiman:
    """Turn correlated factors into a general one and uncorrelated groups (Schmid & Leiman 1957).

    With gamma the loadings of the factors on the general one: general = L gamma, groups =
    L sqrt(1 - gamma^2), column by column.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        L.
    factor_correlations : ndarray of shape (k, k)
    second_order : ndarray of shape (k,)
        gamma. Where it is beyond 1 (a Heywood case) nothing is left of the group.

    Returns
    -------
    SchmidLeiman
        The general loadings have a sum of at least 0; communalities are diag(L Phi L').
    """
    general = loadings @ second_order
    communalities = np.sum((loadings @ factor_correlations) * loadings, axis=1)
    return SchmidLeiman(
        general=general if general.sum() >= 0 else -general,
        groups=loadings * np.sqrt(np.maximum(1 - second_order**2, 0.0)),
        communalities=communalities,
        uniquenesses=1 - communalities,
    )


def one_general_factor(loadings: FloatArray) -> SchmidLeiman:
    """Return the solution of one factor, of shape (p, 1): it is general, and no group is left."""
    general = loadings[:, 0]
    return SchmidLeiman(general, loadings[:, :0], general**2, 1 - general**2)


def general_of_factors(
    factor_correlations: FloatArray, n_starts: int, generator: np.random.Generator
) -> Extraction | None:
    """Return the one factor of the correlations of factors, by minimum residuals.

    Parameters
    ----------
    factor_correlations : ndarray of shape (k, k)
    n_starts : int
    generator : numpy.random.Generator
        Of the random starts.

    Returns
    -------
    Extraction or None
        None for one or two factors, which do not determine it.
    """
    if len(factor_correlations) < 3:
        return None
    return extract(
        factor_correlations,
        1,
        method="minres",
        conventions=PRESETS[None],
        n_starts=n_starts,
        generator=generator,
    )


def hierarchical_factors(solution: FactorSolution, second: Extraction | None) -> SchmidLeiman:
    """Return a general factor and groups from a solution and what `general_of_factors` found."""
    loadings, phi = solution.loadings, solution.factor_correlations
    if len(phi) == 1:
        return one_general_factor(loadings)
    general = equal_general_loadings(phi) if second is None else second.loadings[:, 0]
    return schmid_leiman(loadings, phi, general)


def omega(matrix: FloatArray, factors: SchmidLeiman) -> Omega:
    """Return McDonald's omega from R and a general factor with groups.

    total = 1 - sum of uniquenesses / S, hierarchical = (sum of general loadings)^2 / S, S the sum
    of all elements of R (Zinbarg, Revelle, Yovel & Li 2005). Where one factor is all, hierarchical
    is the total.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    factors : SchmidLeiman

    Returns
    -------
    Omega
    """
    variance = matrix.sum()
    general, groups = np.sum(factors.general**2), np.sum(factors.groups**2)
    total = float(1 - factors.uniquenesses.sum() / variance)
    alone = factors.groups.shape[1] == 0
    return Omega(
        total=total,
        hierarchical=total if alone else float(factors.general.sum() ** 2 / variance),
        group=_group_shares(matrix, factors.groups),
        explained_common_variance=float(general / (general + groups)),
    )


def _group_shares(matrix: FloatArray, groups: FloatArray) -> FloatArray:
    if groups.shape[1] == 0:
        return np.empty(0)
    own = np.argmax(np.abs(groups), axis=1)[:, None] == np.arange(groups.shape[1])
    variances = np.einsum("ik,ij,jk->k", own, matrix, own)
    given = np.sum(groups * own, axis=0) ** 2
    found: FloatArray = np.where(own.any(axis=0), given, np.nan)
    return found / np.where(own.any(axis=0), variances, 1.0)


def _rest(covariance: FloatArray) -> FloatArray:
    """Return the variance of the sum of all items but one, for each item, of shape (p,)."""
    found: FloatArray = covariance.sum() - 2 * covariance.sum(axis=0) + np.diag(covariance)
    return found
