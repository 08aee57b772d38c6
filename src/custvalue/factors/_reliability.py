"""How reliably the sum of some items measures what they have in common.

C covariances of p items with the sum S of all elements and the trace t, R their correlations; L
loadings on k factors that correlate by Phi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import extract
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._extraction.spectrum import squared_multiple_correlations
from custvalue.factors._solution import FactorSolution

__all__ = [
    "Omega",
    "SchmidLeiman",
    "Sides",
    "alpha_interval",
    "alpha_without_each",
    "average_correlation",
    "equal_general_loadings",
    "first_component",
    "general_of_factors",
    "hierarchical_factors",
    "item_total_correlations",
    "lambda_six",
    "omega",
    "one_general_factor",
    "pair_scales",
    "schmid_leiman",
    "sides",
]

_NOTHING = 1e-8
"""A loading up to here is zero but for rounding."""


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


@dataclass(frozen=True, slots=True)
class Sides:
    """Which items point the other way.

    Attributes
    ----------
    opposed : ndarray of bool of shape (p,)
        On the smaller side of the first principal component, by the signs of their loadings.
    clear : bool
        With these turned, each item has a positive correlation with the sum of the others, and the
        component is larger than chance makes it.
    """

    opposed: BoolArray
    clear: bool


def pair_scales(
    ratings: Ratings, weights: FloatArray | None, means: FloatArray, deviations: FloatArray
) -> FloatArray:
    """Return what turns pairwise correlations into covariances of those who answered both.

    That is s_ij s_ji, with s_ij the standard deviation of item i among those who also answered j;
    divisor n - 1, as in R's ``cov(use = "pairwise.complete.obs")``.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_respondents,) or None
        All positive.
    means, deviations : ndarray of shape (p,)
        Of all answers to each item.

    Returns
    -------
    ndarray of shape (p, p)
    """
    n, first, square = (np.zeros((len(means), len(means))) for _ in range(3))
    for rows, block in ratings.blocks():
        answered = ~np.isnan(block)
        Z = np.where(answered, (block - means) / deviations, 0.0)
        weighted = answered * (1.0 if weights is None else weights[rows][:, None])
        n += answered.T.astype(np.float64) @ weighted
        first += Z.T @ weighted
        square += (Z**2).T @ weighted
    spread = deviations[:, None] * np.sqrt((square - first**2 / n) / (n - 1))
    found: FloatArray = spread * spread.T
    return found


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


def first_component(matrix: FloatArray) -> FloatArray:
    """Return the loadings on the first principal component of R, of shape (p,), of sum >= 0."""
    values, vectors = np.linalg.eigh(matrix)
    loadings: FloatArray = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    return loadings if loadings.sum() >= 0 else -loadings


def sides(matrix: FloatArray, n_observations: float) -> Sides:
    """Tell which items point the other way, by the first principal component.

    The largest eigenvalue of p items that share nothing comes near (1 + sqrt(p / n))^2 (Marchenko
    & Pastur 1967); up to there it says nothing.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        R.
    n_observations : float
        NaN where it is not known.

    Returns
    -------
    Sides
        R's psych takes the side whose loadings sum to less, which mostly is the same.
    """
    loadings = first_component(matrix)
    opposed: BoolArray = loadings < -_NOTHING
    if 2 * opposed.sum() > len(matrix):
        opposed = loadings > _NOTHING
    signs = np.where(opposed, -1.0, 1.0)
    agree = item_total_correlations(matrix * np.outer(signs, signs)) > 0
    by_chance = np.sum(loadings**2) <= (1 + np.sqrt(len(matrix) / n_observations)) ** 2
    return Sides(opposed, bool(agree.all() and not by_chance))


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
