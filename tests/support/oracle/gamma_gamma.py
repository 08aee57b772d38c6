"""Gamma-Gamma (Fader & Hardie 2013): m is the mean of x purchases, each Gamma(p, rate nu).

nu is Gamma(q, rate v) over customers.
"""

from __future__ import annotations

from mpmath import mp, mpf

from support.oracle.common import settled


def gamma_gamma_log_likelihood(p: float, q: float, v: float, x: float, m: float) -> mpf:
    """Return the log-density of a mean spend of m over x purchases."""

    def evaluate() -> mpf:
        shape, nu = mpf(p) * x, mpf(q)
        density = mp.loggamma(shape + nu) - mp.loggamma(shape) - mp.loggamma(nu)
        odds = shape * mp.log(x * mpf(m)) + nu * mp.log(v) - (shape + nu) * mp.log(v + x * mpf(m))
        return density + odds - mp.log(m)

    return settled(evaluate)


def gamma_gamma_expected_spend(p: float, q: float, v: float, x: float, m: float) -> mpf:
    """Return the mean spend per purchase to come: the mean of p / nu given the history."""
    return settled(lambda: mpf(p) * (mpf(v) + x * mpf(m)) / (mpf(q) + mpf(p) * x - 1))
