"""BG/CNBD-k and MBG/CNBD-k (Reutterer, Platzer and Schröder 2021, IJRM 38(1)): the mathematics.

Purchases come more regularly than by chance: gaps are Erlang-k, so that every k-th event ("stage")
of a Poisson process is a purchase. The rate of stages is lambda ~ Gamma(r, alpha), the mean gap
k / lambda; at each chance a customer leaves with a probability that is Beta(a, b). With m = r + k x
the likelihood of the purchase times is, S being the sum of the logarithms of the gaps::

    (r)_(k x) alpha^r exp((k - 1) S) / (k - 1)!^x
        [B(a, b + d) / B(a, b) sum_(j < k) (m)_j (T - t_x)^j / (j! (alpha + T)^(m + j))
         + B(a + 1, b + d - 1) / B(a, b) (alpha + t_x)^-m]

d chances to leave have passed; the second part is there for d > 0. Of a customer who is alive at T,
j stages are over since the last purchase with a weight proportional to the terms of the sum, and
lambda is then Gamma(m + j, alpha + T).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from custvalue._numerics.beta_geo_counts import beta_geo_count_probability
from custvalue._numerics.beta_geo_discounting import beta_geo_discounted
from custvalue._numerics.beta_geometric import beta_geo_expectation, beta_geo_survival
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._beta_geo_posterior import BetaGeoPosterior, if_alive
from custvalue.lifetime._draws import (
    chances_passed,
    events,
    log_interval_sums,
    time_of_event,
)
from custvalue.lifetime._future import Future

__all__ = ["RegularBetaGeoLaw", "regular_law"]


@dataclass(frozen=True, slots=True)
class RegularBetaGeoLaw(BetaGeoPosterior):
    """Stages at a rate ~ Gamma(r, alpha), every k-th a purchase, dropout ~ Beta(a, b).

    Predictions do not depend on the sum of the logarithms of the gaps; they take it because it
    belongs to a row.
    """

    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T", "log_interval_sum")

    @classmethod
    def units(
        cls,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): the mean time for alpha."""
        return cls._units(T, weights)

    @classmethod
    def starts(
        cls,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return starting values, shape (n_starts, 4), from the mean rate of stages."""
        return cls._starts(cls.regularity * x, T, weights)

    def log_likelihood(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, log_interval_sum: FloatArray
    ) -> FloatArray:
        """Return the log-density of every row's purchase times."""
        return self._values(x, t_x, T) + self._of_gaps(x, log_interval_sum)

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, log_interval_sum: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (r, alpha, a, b), shape (n_rows, 4)."""
        values, gradient, _ = self._by_row(x, t_x, T, 1)
        return values + self._of_gaps(x, log_interval_sum), gradient

    def log_likelihood_with_hessian(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, log_interval_sum: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log-likelihood, gradient and Hessian, (n_rows,), (n_rows, 4), (n_rows, 4, 4)."""
        values, gradient, hessian = self._by_row(x, t_x, T, 2)
        return values + self._of_gaps(x, log_interval_sum), gradient, hessian

    def probability_alive(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        ahead: Number = 0.0,
    ) -> FloatArray:
        """Return P(not left by T + ahead | history)."""
        alive = self._alive(x, t_x, T)
        if np.ndim(ahead) == 0 and ahead == 0:
            return alive
        return alive * self._over_phases(beta_geo_survival, x, t_x, T, ahead)

    def expected_purchases(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        horizon: Number,
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | history]."""
        growth = self._over_phases(beta_geo_expectation, x, t_x, T, horizon)
        return if_alive(self._alive(x, t_x, T), growth)

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[repeat purchases in (0, horizon]] of a customer just won."""
        growth = beta_geo_expectation(*self._prior(), horizon, every=self.regularity)
        return self._stays() * growth

    def discounted_expected_purchases(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        rate: Number,
        horizon: Number,
    ) -> FloatArray:
        """Return the expected purchases in (T, T + horizon], each times exp(-rate u), u after T."""
        growth = self._over_phases(beta_geo_discounted, x, t_x, T, rate, horizon)
        return if_alive(self._alive(x, t_x, T), growth)

    def purchase_probability(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        n: Number,
        horizon: Number,
    ) -> FloatArray:
        """Return P(n purchases in (T, T + horizon] | history)."""
        counted = np.zeros(len(x))
        for phase, weight in enumerate(self._phases(x, t_x, T)):
            cycle = {"every": self.regularity, "phase": phase}
            state = self._posterior(x, T, phase)
            counted += weight * beta_geo_count_probability(*state, n, horizon, **cycle)
        counted *= self._alive(x, t_x, T)
        return np.where(np.asarray(n) == 0, counted + self._left(x, t_x, T), counted)

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n repeat purchases in (0, horizon]) of a customer just won."""
        counted = beta_geo_count_probability(*self._prior(), n, horizon, every=self.regularity)
        counted = self._stays() * counted
        return np.where(np.asarray(n) == 0, counted + self._leaves(), counted)

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Draw x, t_x and the sum of the logarithms of the gaps of customers observed for T.

        Stages are uniform order statistics; of a customer who leaves those until the last purchase
        count.
        """
        k = self.regularity
        rate = generator.gamma(self.r, 1 / self.alpha, size=len(T))
        dropout = generator.beta(self.a, self.b, size=len(T))
        stages = events(rate, T, generator)
        stops_after = 1.0 - self.chances_before_repeat
        x = np.minimum(stages // k, stops_after + chances_passed(dropout, generator))
        t_x = time_of_event(k * x, stages, T, generator)
        return x, t_x, log_interval_sums(x, t_x, k, generator)

    def simulate_future(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        log_interval_sum: FloatArray,
        horizon: Number,
        generator: np.random.Generator,
    ) -> Future:
        """Draw the purchases in (T, T + horizon] of every customer, given the history.

        Counts and spans are exact. Purchases of one customer are not spread evenly over the span,
        for they keep their distances: to spread them evenly is an approximation.
        """
        k, size = self.regularity, len(x)
        phases = np.cumsum(self._phases(x, t_x, T), axis=0)
        phase = (generator.random(size) * phases[-1] >= phases[:-1]).sum(axis=0).astype(float)
        shape, scale, a, b = self._posterior(x, T)
        alive = generator.random(size) < self._alive(x, t_x, T)
        rate = generator.gamma(shape + phase, 1 / scale, size=size) * alive
        ahead = np.broadcast_to(np.asarray(horizon, dtype=float), x.shape)
        stages = events(rate, ahead, generator)
        stops_after = 1.0 + chances_passed(generator.beta(a, b, size=size), generator)
        counts = np.minimum(np.where(alive, (stages + phase) // k, 0.0), stops_after)
        leaves = stops_after <= np.where(alive, (stages + phase) // k, 0.0)
        last = np.where(leaves, k * counts - phase, 0.0)
        span = np.where(leaves, time_of_event(last, stages, ahead, generator), ahead)
        return Future(counts, np.where(alive, span, 0.0), leaves)

    def _of_gaps(self, x: FloatArray, log_interval_sum: FloatArray) -> FloatArray:
        """Return what the gaps add to the log-density, whatever the parameters."""
        k = self.regularity
        return (k - 1) * log_interval_sum - x * math.lgamma(k)

    def _over_phases(
        self,
        function: Callable[..., FloatArray],
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        *numbers: Number,
    ) -> FloatArray:
        """Return the mean over the stages since the last purchase of a function of the state."""
        weights = self._phases(x, t_x, T)
        total = np.zeros(len(x))
        for phase, weight in enumerate(weights):
            value = self._ahead(function, x, T, *numbers, phase=phase)
            with np.errstate(invalid="ignore"):  # no weight times infinity
                total += np.where(weight > 0, weight * value, 0.0)
        return total

    def _phases(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the probabilities of 0 to k - 1 stages since the last purchase, if alive."""
        terms, _ = self._terms(x, t_x, T)
        return np.asarray(terms / terms.sum(axis=0))

    def _terms(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the terms (m)_j q^j / j!, q = (T - t_x) / (alpha + T), and the factors m + j."""
        shape, q = self._shape(x), (T - t_x) / (self.alpha + T)
        factors = shape + np.arange(self.regularity - 1.0)[:, None]
        j = np.arange(1.0, self.regularity)[:, None]
        terms = np.ones((self.regularity, len(x)))
        np.cumprod(factors * (q / j), axis=0, out=terms[1:])
        return terms, factors

    def _silence(self, x: FloatArray, t_x: FloatArray, T: FloatArray, order: int) -> FloatArray:
        """Return the log of the sum of terms; its derivatives are moments over the phases."""
        terms, factors = self._terms(x, t_x, T)
        total = terms.sum(axis=0)
        out = np.empty(((1, 3, 6)[order], len(x)))
        out[0] = np.log(total)
        if order > 0:
            terms /= total
            u = 1 / (self.alpha + T)
            j = np.arange(float(self.regularity))
            slopes = np.zeros_like(terms)  # derivatives of log (m)_j in m
            np.cumsum(1 / factors, axis=0, out=slopes[1:])
            stage, slope = j @ terms, (slopes * terms).sum(axis=0)
            out[1], out[2] = slope, -u * stage
        if order > 1:
            curves = np.zeros_like(terms)
            np.cumsum(factors**-2.0, axis=0, out=curves[1:])
            apart = j[:, None] - stage
            out[3] = (((slopes - slope) ** 2 - curves) * terms).sum(axis=0)
            out[4] = -u * (apart * slopes * terms).sum(axis=0)
            out[5] = u**2 * ((apart**2 * terms).sum(axis=0) + stage)
        return out


@lru_cache
def regular_law(regularity: int, chances_before_repeat: int) -> type[RegularBetaGeoLaw]:
    """Return the law of a k, for BG/CNBD-k (0 chances) or MBG/CNBD-k (1 chance).

    Parameters
    ----------
    regularity : int
        k, at least 1.
    chances_before_repeat : {0, 1}

    Returns
    -------
    type
        Always the same class for the same arguments.
    """
    name = f"{'Modified' if chances_before_repeat else ''}BetaGeoCNBD{regularity}Law"
    members = {
        "__slots__": (),
        "__module__": __name__,
        "__doc__": f"Erlang-{regularity} gaps between purchases.",
        "regularity": regularity,
        "chances_before_repeat": chances_before_repeat,
    }
    return type(name, (RegularBetaGeoLaw,), members)
