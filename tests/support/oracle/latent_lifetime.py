"""Models in which a customer buys at a constant rate until an unseen lifetime ends.

The purchase rate is Gamma(r, alpha), and given it purchases are Poisson; P(lifetime > y) = S(y)
over all customers, independent of the rate. This is all that is used: with f = -S',

    L = E[rate^x exp(-rate T)] S(T) + integral over (t_x, T) of E[rate^x exp(-rate y)] f(y) dy,

and a customer alive at T has a rate that is Gamma(r + x, alpha + T) and stays for another u with
probability S(T + u) / S(T).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property, lru_cache
from typing import Any

from mpmath import mp, mpf

from support.oracle.common import (
    GUARD,
    INTEGRAL_DIGITS,
    Vector,
    exactly,
    over_time,
)

WORKING = INTEGRAL_DIGITS + GUARD


class LatentLifetime(ABC):
    """What follows from r, alpha and S; a model says what S is.

    ``places`` is where S's own parameters stand in ``parameters``, in the order in which the
    derivatives of S and f are returned.
    """

    places: tuple[int, ...]

    def __init__(self, *parameters: float) -> None:
        self.parameters = tuple(mpf(value) for value in parameters)
        self.r, self.alpha = self.parameters[:2]

    @abstractmethod
    def log_survival(self, start: mpf, y: mpf) -> mpf:
        """Return log S(start + y) / S(start)."""

    @abstractmethod
    def log_hazard(self, y: mpf) -> mpf:
        """Return log f(y) / S(y)."""

    @abstractmethod
    def survival_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log S(y) in its parameters."""

    @abstractmethod
    def density_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log f(y) in its parameters."""

    def log_likelihood(self, x: float, t_x: float, T: float) -> mpf:
        """Return the log-likelihood of one purchase history."""
        with mp.workdps(WORKING):
            alive, left, _, _ = self._history(x, t_x, T)
            prefix = mp.log(mp.rf(self.r, int(x))) + self.r * mp.log(self.alpha)
            return prefix + mp.log(alive + left)

    def gradient(self, x: float, t_x: float, T: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood, under the integral sign."""
        with mp.workdps(WORKING):
            alive, left, alive_slopes, left_slopes = self._history(x, t_x, T)
            slopes = [
                (alive * known + weighted) / (alive + left)
                for known, weighted in zip(alive_slopes, left_slopes, strict=True)
            ]
            slopes[0] += mp.digamma(self.r + x) - mp.digamma(self.r) + mp.log(self.alpha)
            slopes[1] += self.r / self.alpha
            return slopes

    def probability_alive(self, x: float, t_x: float, T: float, ahead: float = 0.0) -> mpf:
        """Return P(lifetime > T + ahead | history up to T)."""
        with mp.workdps(WORKING):
            alive, left, _, _ = self._history(x, t_x, T)
            return alive / (alive + left) * mp.exp(self.log_survival(mpf(T), mpf(ahead)))

    def expected_purchases(self, x: float, t_x: float, T: float, horizon: float) -> mpf:
        """Return the mean number of purchases in (T, T + horizon], given the history."""
        return self.discounted_expected_purchases(x, t_x, T, 0.0, horizon)

    def expected_purchases_new(self, horizon: float) -> mpf:
        """Return the mean number of purchases of a new customer in (0, horizon]."""
        return self.expected_purchases(0, 0.0, 0.0, horizon)

    def discounted_expected_purchases(
        self, x: float, t_x: float, T: float, rate: float, horizon: float
    ) -> mpf:
        """Return the integral of exp(-rate u) dE(u) over (0, horizon]."""
        with mp.workdps(WORKING):
            if horizon == 0:
                return mpf(0)
            start, discount = mpf(T), mpf(rate)
            time = over_time(lambda u: self.log_survival(start, u) - discount * u, horizon)
            alive = self.probability_alive(x, t_x, T)
            return alive * (self.r + x) / (self.alpha + start) * time

    def purchase_probability(self, x: float, t_x: float, T: float, n: float, horizon: float) -> mpf:
        """Return P(n purchases in (T, T + horizon] | history)."""
        with mp.workdps(WORKING):
            alive = self.probability_alive(x, t_x, T)
            s, A, start = self.r + x, self.alpha + T, mpf(T)
            counted = alive * self._count(s, A, start, int(n), mpf(horizon))
            return counted + (1 - alive if n == 0 else 0)

    def purchase_probability_new(self, n: float, horizon: float) -> mpf:
        """Return P(n purchases of a new customer in (0, horizon])."""
        return self.purchase_probability(0, 0.0, 0.0, n, horizon)

    def _count(self, s: mpf, A: mpf, start: mpf, n: int, horizon: mpf) -> mpf:
        """Return P(n purchases within horizon) for a customer alive at its start."""
        if horizon == 0:
            return mpf(n == 0)

        def leaves_after_n(u: mpf) -> mpf:
            leaves = self.log_survival(start, u) + self.log_hazard(start + u)
            return leaves + n * mp.log(u) - (s + n) * mp.log1p(u / A)

        stays = exactly(s, horizon / A, n) * mp.exp(self.log_survival(start, horizon))
        constant = mp.rf(s, n) / mp.factorial(n) / A**n
        return stays + constant * over_time(leaves_after_n, horizon)

    def _history(self, x: float, t_x: float, T: float) -> tuple[mpf, mpf, Vector, Vector]:
        """Return the parts of L of the alive and of those who left, and both slopes.

        Both without the factor Gamma(r + x) / Gamma(r) alpha^r; the slopes are logarithmic for the
        first, plain for the second.
        """
        return _history_of(self, x, t_x, T)

    @cached_property
    def n_parameters(self) -> int:
        """Return how many parameters there are."""
        return len(self.parameters)

    def slopes(self, R: mpf, y: mpf, own: Vector) -> list[mpf]:
        """Return the derivatives of a term (alpha + y)^-R times a function of the lifetime."""
        found = [mpf(0)] * self.n_parameters
        found[0], found[1] = -mp.log(self.alpha + y), -R / (self.alpha + y)
        for place, value in zip(self.places, own, strict=True):
            found[place] = value
        return found


@lru_cache(maxsize=64)
def _history_of(model: LatentLifetime, x: float, t_x: float, T: float) -> Any:
    R, end, start = model.r + x, mpf(T), mpf(t_x)
    rate = mp.exp(-R * mp.log(model.alpha + end))
    alive = rate * mp.exp(model.log_survival(mpf(0), end))
    alive_slopes = tuple(model.slopes(R, end, model.survival_slopes(end)))
    if start == end:
        return alive, mpf(0), alive_slopes, (mpf(0),) * model.n_parameters

    def log_f(u: mpf) -> mpf:
        y = start + u
        density = model.log_survival(mpf(0), y) + model.log_hazard(y)
        return density - R * mp.log(model.alpha + y)

    def slopes(u: mpf) -> Vector:
        return tuple(model.slopes(R, start + u, model.density_slopes(start + u)))

    left, *left_slopes = over_time(log_f, end - start, slopes)
    return alive, left, alive_slopes, tuple(left_slopes)
