"""How well a factor model reproduces the correlations, and how well it determines its factors.

R correlations of p items, L pattern loadings on k factors, Phi correlations of the factors, psi
uniquenesses, n respondents; the model says Sigma = L Phi L' + diag(psi).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import brentq
from scipy.special import chndtr
from scipy.stats import chi2

from custvalue._typing import FloatArray
from custvalue.factors._adequacy import bartlett_multiplier, log_determinant

__all__ = [
    "FitIndices",
    "VarianceExplained",
    "discrepancy",
    "fit_indices",
    "variance_explained",
]


_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Fit of a factor model. NaN where an index needs n, or degrees of freedom, and has none.

    Attributes
    ----------
    discrepancy : float
        Of maximum likelihood, F = tr(Sigma^-1 R) - log |Sigma^-1 R| - p, whatever the method that
        found the model. NaN where Sigma is not positive definite, or R was not and has been
        repaired; then nothing that rests on it is known, only the residuals are.
    chi_square : float
        F (n - 1 - (2p + 5) / 6 - 2k / 3), after Bartlett (1951); NaN where n is too small for it.
    degrees_of_freedom : int
        df; of zero or less leave nothing to test: ``p_value``, RMSEA, TLI, NNFI and CFI are NaN.
    p_value : float
    null_chi_square : float
        The same of no factor, F_0 = -log |R|, with n - 1 - (2p + 5) / 6.
    null_degrees_of_freedom : int
        df_0 = p (p - 1) / 2.
    rmsea : float
        sqrt(max(chi_square / (df n) - 1 / (n - 1), 0)), as psych.
    rmsea_lower, rmsea_upper : float
        sqrt(lambda / (df (n - 1))), where lambda is the noncentrality with which the chi-square is
        the quantile of (1 + level) / 2, or (1 - level) / 2; 0 where there is none (Browne & Cudeck
        1992).
    tli : float
        Tucker & Lewis (1973) as they define it, of mean discrepancies M = F / df:
        (M_0 - M) / (M_0 - 1 / m) with m = n - 1 - (2p + 5) / 6 - 2k / 3. As psych.
    nnfi : float
        The same idea in chi-squares (Bentler & Bonett 1980):
        (chi_0 / df_0 - chi / df) / (chi_0 / df_0 - 1). It differs from ``tli``, since Bartlett's
        correction of chi_0 has no 2k / 3.
    cfi : float
        1 - max(chi - df, 0) / max(chi_0 - df_0, chi - df, 0) (Bentler 1990); 1 for 0 / 0.
    srmr : float
        sqrt(sum of squared residuals R - Sigma of the lower triangle with the diagonal, divided by
        p (p + 1) / 2).
    rms_residual : float
        Root mean square of the residuals beside the diagonal: psych's ``rms``.
    bic, aic : float
        chi_square - df log n, and chi_square - 2 df.
    """

    discrepancy: float
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    null_chi_square: float
    null_degrees_of_freedom: int
    rmsea: float
    rmsea_lower: float
    rmsea_upper: float
    tli: float
    nnfi: float
    cfi: float
    srmr: float
    rms_residual: float
    bic: float
    aic: float


@dataclass(frozen=True, slots=True)
class VarianceExplained:
    """What each factor explains; arrays of shape (k,).

    Attributes
    ----------
    sum_of_squares : ndarray
        diag(Phi L'L); of uncorrelated factors, the sum of squared loadings.
    share_of_variance, cumulative_share : ndarray
        Of the p units of variance.
    average_variance_extracted : ndarray
        Mean squared loading of the factor's own items: those whose largest absolute loading is on
        it. NaN where it has none.
    composite_reliability : ndarray
        s^2 / (s^2 + sum of psi), s the sum of absolute loadings, both over the factor's own items
        (Fornell & Larcker 1981): omega of these items, each turned so that its loading is positive.
    determinacy : ndarray
        Correlation of the factor with its regression score, sqrt(diag(S' R^-1 S)) with S = L Phi.
        NaN where it exceeds 1, as a Heywood case can make it.
    minimum_correlation : ndarray
        2 determinacy^2 - 1: the least correlation of two sets of scores that fit equally well
        (Guttman 1955). NaN with the determinacy.
    """

    sum_of_squares: FloatArray
    share_of_variance: FloatArray
    cumulative_share: FloatArray
    average_variance_extracted: FloatArray
    composite_reliability: FloatArray
    determinacy: FloatArray
    minimum_correlation: FloatArray


def discrepancy(matrix: FloatArray, implied: FloatArray) -> float:
    """Return the maximum likelihood discrepancy of R from Sigma.

    With R = K K', Sigma = C C' and W = C^-1 K it is a sum of terms that are never negative: the
    squares of W beside its diagonal, and w^2 - 1 - 2 log w on it.

    Parameters
    ----------
    matrix, implied : ndarray of shape (p, p)
        R, positive definite, and Sigma.

    Returns
    -------
    float
        NaN where Sigma is not positive definite.
    """
    try:
        factor = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return float("nan")
    ratio = solve_triangular(factor, np.linalg.cholesky(matrix), lower=True)
    excess = np.diag(ratio) ** 2 - 1
    return float(np.sum(np.tril(ratio, -1) ** 2) + np.sum(excess - np.log1p(excess)))


def fit_indices(
    matrix: FloatArray,
    loadings: FloatArray,
    factor_correlations: FloatArray,
    uniquenesses: FloatArray,
    n_observations: float,
    degrees_of_freedom: int,
    level: float = 0.9,
    *,
    singular: bool = False,
) -> FitIndices:
    """Return the fit of a factor model.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    loadings : ndarray of shape (p, k)
        k may be 0: the model of no common factor, whose uniquenesses are 1.
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)
    n_observations : float
        NaN where it is not known.
    degrees_of_freedom : int
    level : float, default=0.9
        Of the interval of RMSEA.
    singular : bool, default=False
        R was repaired: its determinant is that of the repair, and no likelihood is known.

    Returns
    -------
    FitIndices
    """
    implied = loadings @ factor_correlations @ loadings.T + np.diag(uniquenesses)
    p, k, n, df = *loadings.shape, n_observations, degrees_of_freedom
    null_df, null_F, F = p * (p - 1) // 2, float("nan"), float("nan")
    if not singular:
        null_F, F = -log_determinant(matrix), discrepancy(matrix, implied)
    multiplier, null_multiplier = bartlett_multiplier(n, p, k), bartlett_multiplier(n, p)
    chi, null_chi = F * multiplier, null_F * null_multiplier
    residual = matrix - implied
    squares = float(np.sum(np.tril(residual, -1) ** 2))
    testable = float(df) if df > 0 else float("nan")
    mean, null_mean = F / testable, null_F / null_df
    return FitIndices(
        discrepancy=F,
        chi_square=chi,
        degrees_of_freedom=df,
        p_value=float(chi2.sf(chi, testable)),
        null_chi_square=null_chi,
        null_degrees_of_freedom=null_df,
        rmsea=float(np.sqrt(np.maximum(chi / (testable * n) - 1 / (n - 1), 0.0))),
        rmsea_lower=_rmsea_limit(chi, testable, n, (1 + level) / 2),
        rmsea_upper=_rmsea_limit(chi, testable, n, (1 - level) / 2),
        tli=_ratio(null_mean - mean, null_mean - 1 / multiplier),
        nnfi=_ratio(null_chi / null_df - chi / testable, null_chi / null_df - 1),
        cfi=_comparative_fit(chi - testable, null_chi - null_df),
        srmr=float(np.sqrt((squares + np.sum(np.diag(residual) ** 2)) / (null_df + p))),
        rms_residual=float(np.sqrt(squares / null_df)),
        bic=float(chi - df * np.log(n)),
        aic=chi - 2 * df,
    )


def variance_explained(
    matrix: FloatArray,
    loadings: FloatArray,
    factor_correlations: FloatArray,
    uniquenesses: FloatArray,
) -> VarianceExplained:
    """Return what each factor explains, and how well its scores are determined.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        R; where it is singular, what the model says of it.
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    uniquenesses : ndarray of shape (p,)

    Returns
    -------
    VarianceExplained
    """
    structure = loadings @ factor_correlations
    squares = np.sum(structure * loadings, axis=0)
    share = squares / len(loadings)
    determined = _determined(matrix, structure)
    size = np.abs(loadings)
    own = np.argmax(size, axis=1)[:, None] == np.arange(loadings.shape[1])
    count, total = own.sum(axis=0), np.sum(size * own, axis=0)
    error = np.sum(uniquenesses[:, None] * own, axis=0)
    unowned = np.where(count == 0, np.nan, 1.0)
    return VarianceExplained(
        sum_of_squares=squares,
        share_of_variance=share,
        cumulative_share=np.cumsum(share),
        average_variance_extracted=np.sum(size**2 * own, axis=0) / (count * unowned),
        composite_reliability=total**2 / ((total**2 + error) * unowned),
        determinacy=np.sqrt(determined),
        minimum_correlation=2 * determined - 1,
    )


def _determined(matrix: FloatArray, structure: FloatArray) -> FloatArray:
    """Return diag(S' R^-1 S), how much of each factor the items explain; NaN beyond 1."""
    weights = cho_solve((np.linalg.cholesky(matrix), True), structure)
    found: FloatArray = np.sum(weights * structure, axis=0)
    return np.where(found > 1 + _ROUNDING, np.nan, np.minimum(found, 1.0))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _comparative_fit(excess: float, null_excess: float) -> float:
    """Return CFI from the excess of the two chi-squares over their degrees of freedom."""
    if not np.isfinite(excess + null_excess):
        return float("nan")
    worst = max(null_excess, excess, 0.0)
    return 1 - max(excess, 0.0) / worst if worst else 1.0


def _rmsea_limit(chi: float, df: float, n: float, probability: float) -> float:
    if not np.isfinite(chi * df):
        return float("nan")
    return float(np.sqrt(_noncentrality(chi, df, probability) / (df * (n - 1))))


def _noncentrality(chi: float, df: float, probability: float) -> float:
    """Return the lambda with P(chi-square of df and lambda < chi) = probability; 0 for none."""
    if chi2.cdf(chi, df) <= probability:
        return 0.0

    def excess(noncentrality: float) -> float:
        return float(chndtr(chi, df, noncentrality)) - probability

    high = chi + 1.0
    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-12, rtol=1e-13))
