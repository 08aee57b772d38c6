"""What the models must return, worked out in mpmath from their definitions.

No formula is shared with the package. Closed forms are computed at two precisions, until 50 digits
agree; integrals with two steps, until 26 do. Discounted expectations of the beta-geometric models,
integrals of integrals, stop at 14, where the finer step has some 20. The forms check each other
where the golden files are made.

``MODELS`` has a class for each: its constructor takes the parameters in the order of the law, its
methods one history. The functions here are those of BG/NBD and of Gamma-Gamma.
"""

from __future__ import annotations

from mpmath import mpf

from support.oracle.beta_geo_beta_binom import BetaGeoBetaBinomial
from support.oracle.beta_geo_nbd import BetaGeoNBD, ModifiedBetaGeoNBD
from support.oracle.gamma_gamma import gamma_gamma_expected_spend, gamma_gamma_log_likelihood
from support.oracle.gamma_gompertz_nbd import GammaGompertzNBD
from support.oracle.golden import live_points, load_points
from support.oracle.nbd import NBD
from support.oracle.pareto_nbd import ParetoNBD
from support.oracle.regular import RegularBetaGeoNBD, RegularModifiedBetaGeoNBD

__all__ = [
    "MODELS",
    "NBD",
    "BetaGeoBetaBinomial",
    "BetaGeoNBD",
    "GammaGompertzNBD",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "RegularBetaGeoNBD",
    "RegularModifiedBetaGeoNBD",
    "discounted_expected_purchases",
    "expected_purchases",
    "expected_purchases_new",
    "gamma_gamma_expected_spend",
    "gamma_gamma_log_likelihood",
    "live_points",
    "load_points",
    "log_likelihood",
    "probability_alive",
    "purchase_probability",
]

MODELS = {
    "beta_geo_nbd": BetaGeoNBD,
    "modified_beta_geo_nbd": ModifiedBetaGeoNBD,
    "pareto_nbd": ParetoNBD,
    "gamma_gompertz_nbd": GammaGompertzNBD,
    "nbd": NBD,
    "beta_geo_beta_binom": BetaGeoBetaBinomial,
    "beta_geo_cnbd": RegularBetaGeoNBD,
    "modified_beta_geo_cnbd": RegularModifiedBetaGeoNBD,
}


def log_likelihood(r: float, alpha: float, a: float, b: float, *history: float) -> mpf:
    """Return the BG/NBD log-likelihood of x, t_x, T."""
    return BetaGeoNBD(r, alpha, a, b).log_likelihood(*history)


def probability_alive(r: float, alpha: float, a: float, b: float, *history: float) -> mpf:
    """Return P(alive at T + ahead) of BG/NBD for x, t_x, T and perhaps ahead."""
    return BetaGeoNBD(r, alpha, a, b).probability_alive(*history)


def expected_purchases(r: float, alpha: float, a: float, b: float, *history: float) -> mpf:
    """Return the BG/NBD expectation for x, t_x, T, horizon."""
    return BetaGeoNBD(r, alpha, a, b).expected_purchases(*history)


def expected_purchases_new(r: float, alpha: float, a: float, b: float, horizon: float) -> mpf:
    """Return the BG/NBD expectation of a new customer."""
    return BetaGeoNBD(r, alpha, a, b).expected_purchases_new(horizon)


def purchase_probability(r: float, alpha: float, a: float, b: float, *history: float) -> mpf:
    """Return the BG/NBD probability of n purchases for x, t_x, T, n, horizon."""
    return BetaGeoNBD(r, alpha, a, b).purchase_probability(*history)


def discounted_expected_purchases(
    r: float, alpha: float, a: float, b: float, *history: float
) -> mpf:
    """Return the discounted BG/NBD expectation for x, t_x, T, rate, horizon."""
    return BetaGeoNBD(r, alpha, a, b).discounted_expected_purchases(*history)
