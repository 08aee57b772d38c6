"""BG/BB (Fader, Hardie & Shang 2010): whole numbers of opportunities.

A living customer takes an opportunity with chance p ~ Beta(alpha, beta), and leaves before each
with chance theta ~ Beta(gamma, delta). ``ahead``, ``horizon`` and T = n count opportunities;
alive at n means not left before opportunity n.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mpmath import mp, mpf

from support.oracle.common import (
    beta_mean,
    differences,
    mean_over_chance,
    precise,
    settled,
    settled_log,
)


class BetaGeoBetaBinomial:
    """Parameters alpha, beta, gamma, delta."""

    names = ("alpha", "beta", "gamma", "delta")

    def __init__(self, alpha: float, beta: float, gamma: float, delta: float) -> None:
        self.parameters = tuple(map(mpf, (alpha, beta, gamma, delta)))
        self.alpha, self.beta, self.gamma, self.delta = self.parameters

    def log_likelihood(self, x: float, t_x: float, T: float) -> mpf:
        """Return the log-likelihood of one history of n = T opportunities."""
        history = int(x), int(t_x), int(T)
        return settled_log(lambda: sum(parts(*self.parameters, *history)))

    def gradient(self, x: float, t_x: float, T: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood."""
        history = int(x), int(t_x), int(T)
        return differences(
            lambda *parameters: mp.log(sum(parts(*parameters, *history))), self.parameters
        )

    def probability_alive(self, x: float, t_x: float, T: float, ahead: float = 0.0) -> mpf:
        """Return P(not left before opportunity n + ahead | history)."""

        def evaluate() -> mpf:
            alive, left = parts(*self.parameters, int(x), int(t_x), int(T))
            stays = beta_mean(self.gamma, self.delta + T, 0, ahead)
            return alive / (alive + left) * stays

        return settled(evaluate)

    def expected_purchases(self, x: float, t_x: float, T: float, horizon: float) -> mpf:
        """Return the mean number of purchases at the next opportunities, given the history."""
        return self._expected(x, t_x, T, mpf(0), horizon)

    def expected_purchases_new(self, horizon: float) -> mpf:
        """Return the mean number of purchases of a new customer at the first opportunities."""
        return self.expected_purchases(0, 0, 0, horizon)

    def purchase_probability(self, x: float, t_x: float, T: float, n: float, horizon: float) -> mpf:
        """Return P(n purchases at the next opportunities | history)."""
        if n > horizon:
            return mpf(0)

        def evaluate() -> mpf:
            alive = self._alive(x, t_x, T)
            counted = alive * self._count(x, T, int(n), int(horizon))
            return counted + (1 - alive if n == 0 else 0)

        return settled(evaluate)

    def purchase_probability_new(self, n: float, horizon: float) -> mpf:
        """Return P(n purchases of a new customer at the first opportunities)."""
        return self.purchase_probability(0, 0, 0, n, horizon)

    @precise
    def discounted_expected_purchases(
        self, x: float, t_x: float, T: float, rate: float, horizon: float
    ) -> mpf:
        """Return the sum of exp(-rate j) P(purchase at opportunity n + j), j to the horizon."""
        if horizon != mp.inf:
            return self._expected(x, t_x, T, mpf(rate), horizon)
        stay, lost = mp.exp(-mpf(rate)), -mp.expm1(-mpf(rate))
        total = mean_over_chance(
            lambda p: mp.log((1 - p) * stay / (lost + p * stay)), self.gamma, self.delta + T
        )
        return self._alive(x, t_x, T) * self._chance(x, T) * total

    def _expected(self, x: float, t_x: float, T: float, rate: mpf, horizon: float) -> mpf:
        if horizon == 0:
            return mpf(0)

        def evaluate() -> mpf:
            stays = _stays(self.gamma, self.delta + T, int(horizon))
            total = mp.fsum(mp.exp(-rate * (j + 1)) * value for j, value in enumerate(stays))
            return self._alive(x, t_x, T) * self._chance(x, T) * total

        return settled(evaluate)

    def _alive(self, x: float, t_x: float, T: float) -> mpf:
        alive, left = parts(*self.parameters, int(x), int(t_x), int(T))
        return alive / (alive + left)

    def _chance(self, x: float, T: float) -> mpf:
        return (self.alpha + x) / (self.alpha + self.beta + T)

    def _count(self, x: float, T: float, n: int, horizon: int) -> mpf:
        """Return P(n purchases at the next opportunities) for a customer alive at n = T."""
        alpha, beta, delta = self.alpha + x, self.beta + T - x, self.delta + T
        bought = list(_binomials(alpha, beta, n, horizon))
        stays = [mpf(1), *_stays(self.gamma, delta, horizon)]
        return bought[-1] * stays[horizon] + mp.fsum(
            bought[i - n] * stays[i] * self.gamma / (self.gamma + delta + i)
            for i in range(n, horizon)
        )


def parts(alpha: Any, beta: Any, gamma: Any, delta: Any, x: int, t_x: int, n: int) -> Any:
    """Return the likelihood of the history with the customer alive, and with him gone.

    Gone before opportunity t_x + i + 1, i = 0 .. n - t_x - 1: he has let i opportunities pass.
    """
    alive = beta_mean(alpha, beta, x, n - x) * beta_mean(gamma, delta, 0, n)
    if t_x == n:
        return alive, mpf(0)
    term = beta_mean(alpha, beta, x, t_x - x) * beta_mean(gamma, delta, 1, t_x)
    terms = []
    for m in range(t_x, n):
        terms.append(term)
        term *= (beta + m - x) * (delta + m) / ((alpha + beta + m) * (gamma + delta + 1 + m))
    return alive, mp.fsum(terms)


def _stays(gamma: mpf, delta: mpf, horizon: int) -> Iterator[mpf]:
    """Yield E[(1 - theta)^j] for j = 1 .. horizon."""
    value = mpf(1)
    for j in range(horizon):
        value *= (delta + j) / (gamma + delta + j)
        yield value


def _binomials(alpha: mpf, beta: mpf, n: int, most: int) -> Iterator[mpf]:
    """Yield P(n successes in i trials) for i = n .. most."""
    value = beta_mean(alpha, beta, n, 0)
    for i in range(n, most + 1):
        yield value
        value *= (i + 1) * (beta + i - n) / ((i + 1 - n) * (alpha + beta + i))
