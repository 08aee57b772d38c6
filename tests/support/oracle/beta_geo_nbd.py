"""BG/NBD (Fader, Hardie & Lee 2005) and MBG/NBD (Batislam, Denizel & Filiztekin 2007).

The purchase rate is Gamma(r, alpha); after a purchase a customer leaves with a chance p that is
Beta(a, b) over customers. Under MBG/NBD the first purchase of all, at time 0, counts as well.
With ``first`` 0 or 1 for the two models, a customer with x repeat purchases

* is alive with E[rate^x exp(-rate T)] E[(1 - p)^(x + first)],
* has left at t_x with E[rate^x exp(-rate t_x)] E[p (1 - p)^(x + first - 1)] if x + first > 0;

alive at T, the rate is Gamma(r + x, alpha + T) and p is Beta(a, b + x + first).
"""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from support.oracle.common import (
    at_least,
    beta_mean,
    differences,
    exactly,
    mean_over_chance,
    over_time,
    precise,
    rate_mean,
    settled,
    settled_log,
)

DISCOUNTED_DIGITS = 14


class BetaGeoNBD:
    """Parameters r, alpha, a, b."""

    names = ("r", "alpha", "a", "b")
    first = 0

    def __init__(self, r: float, alpha: float, a: float, b: float) -> None:
        self.r, self.alpha, self.a, self.b = self.parameters = tuple(map(mpf, (r, alpha, a, b)))

    def log_likelihood(self, x: float, t_x: float, T: float) -> mpf:
        """Return the log-likelihood of one purchase history."""
        return settled_log(lambda: sum(self._parts(*self.parameters, int(x), t_x, T)))

    def gradient(self, x: float, t_x: float, T: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood."""
        return differences(
            lambda *parameters: mp.log(sum(self._parts(*parameters, int(x), t_x, T))),
            self.parameters,
        )

    @precise
    def probability_alive(self, x: float, t_x: float, T: float, ahead: float = 0.0) -> mpf:
        """Return the probability of being alive at time T + ahead, given the history up to T."""
        alive = settled(lambda: self._alive(int(x), t_x, T))
        s, A, a, b = self._at_end(x, T)
        if ahead == 0:
            return alive
        return alive * mean_over_chance(lambda p: -s * mp.log1p(p * mpf(ahead) / A), a, b)

    @precise
    def expected_purchases(self, x: float, t_x: float, T: float, horizon: float) -> mpf:
        """Return the mean number of purchases in (T, T + horizon], given the history."""
        return self.probability_alive(x, t_x, T) * growth(*self._at_end(x, T), horizon)

    def expected_purchases_new(self, horizon: float) -> mpf:
        """Return the mean number of repeat purchases of a new customer in (0, horizon]."""
        return self.expected_purchases(0, 0.0, 0.0, horizon)

    def purchase_probability(self, x: float, t_x: float, T: float, n: float, horizon: float) -> mpf:
        """Return the probability of exactly n purchases in (T, T + horizon], given the history."""
        if horizon == 0:
            return mpf(n == 0)

        def evaluate() -> mpf:
            alive = self._alive(int(x), t_x, T)
            counted = alive * count(*self._at_end(x, T), int(n), mpf(horizon))
            return counted + (1 - alive if n == 0 else 0)

        return settled(evaluate)

    def purchase_probability_new(self, n: float, horizon: float) -> mpf:
        """Return the probability of n repeat purchases of a new customer in (0, horizon]."""
        return self.purchase_probability(0, 0.0, 0.0, n, horizon)

    @precise
    def discounted_expected_purchases(
        self, x: float, t_x: float, T: float, rate: float, horizon: float
    ) -> mpf:
        """Return the integral of exp(-rate u) dE(u) over (0, horizon]: two integrals, 14 digits."""
        if horizon == 0:
            return mpf(0)
        s, A, a, b = self._at_end(x, T)
        discount = mpf(rate)

        def log_flow(u: mpf) -> mpf:
            z = u / A
            slope = mean_over_chance(
                lambda p: -(s + 1) * mp.log1p(p * z), a, b, DISCOUNTED_DIGITS + 3
            )
            return mp.log(slope) - discount * u

        total = over_time(log_flow, horizon, digits=DISCOUNTED_DIGITS)
        return self.probability_alive(x, t_x, T) * s / A * total

    def _parts(self, r: Any, alpha: Any, a: Any, b: Any, x: int, t_x: Any, T: Any) -> Any:
        """Return the likelihood of the history with the customer alive, and with him gone."""
        stayed = x + self.first
        alive = beta_mean(a, b, 0, stayed) * rate_mean(r, alpha, x, T)
        if stayed == 0:
            return alive, mpf(0)
        return alive, beta_mean(a, b, 1, stayed - 1) * rate_mean(r, alpha, x, t_x)

    def _alive(self, x: int, t_x: float, T: float) -> mpf:
        alive, left = self._parts(*self.parameters, x, t_x, T)
        return alive / (alive + left)

    def _at_end(self, x: float, T: float) -> tuple[mpf, mpf, mpf, mpf]:
        """Return the parameters of the rate and of the chance of leaving, alive at T."""
        return self.r + x, self.alpha + T, self.a, self.b + x + self.first


class ModifiedBetaGeoNBD(BetaGeoNBD):
    """Parameters r, alpha, a, b; the purchase at time 0 may be the last."""

    first = 1


def growth(s: mpf, A: mpf, a: mpf, b: mpf, horizon: float) -> mpf:
    """Return E[(1 - exp(-rate p horizon)) / p] for rate ~ Gamma(s, A), p ~ Beta(a, b)."""
    if horizon == 0:
        return mpf(0)
    z = mpf(horizon) / A
    return mean_over_chance(lambda p: mp.log(-mp.expm1(-s * mp.log1p(p * z)) / p), a, b)


def count(s: mpf, A: mpf, a: mpf, b: mpf, n: int, horizon: mpf) -> mpf:
    """Return P(n purchases within horizon) for a customer alive at its start."""
    still = beta_mean(a, b, 0, n) * exactly(s, horizon / A, n)
    if n == 0:
        return still
    return still + beta_mean(a, b, 1, n - 1) * at_least(s, horizon / A, n)
