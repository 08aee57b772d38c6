"""NBD (Ehrenberg 1959, Applied Statistics 8(1), 26-41): purchases without dropout.

x repeat purchases in the time T observed since the first purchase; T and alpha in one unit. The
purchase rate is Gamma(r, alpha) and nobody ever leaves. The likelihood is the density of the
purchase times, Gamma(r + x) / Gamma(r) alpha^r / (alpha + T)^(r + x): it compares with that of
models with dropout. Arrays of shape (n_rows,); t_x, the time of the last purchase, does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import exprel

from custvalue._likelihood.links import Link, ScaleLink
from custvalue._numerics.counts import by_count
from custvalue._numerics.negative_binomial import log_probability
from custvalue._numerics.rising import log_rising, rising_curvature, rising_slope
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._draws import events
from custvalue.lifetime._future import Future

__all__ = ["NBDLaw"]


@dataclass(frozen=True, slots=True)
class NBDLaw:
    """Purchase rate ~ Gamma(r, alpha)."""

    r: Number
    alpha: Number

    names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ("alpha",)
    inverse_time_scaled: ClassVar[tuple[str, ...]] = ()
    links: ClassVar[dict[str, Link]] = {"purchase": ScaleLink("alpha")}
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "r": ("purchase rates differ without bound", "Poisson: one purchase rate for everybody"),
        "alpha": ("purchases without end", "Poisson: one purchase rate for everybody"),
    }

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (2,): the mean time for alpha."""
        return np.array([1.0, float(weights @ T) / float(weights.sum())])

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (2, 2), of the mean purchase rate."""
        rate = float(weights @ x) / float(weights @ T)
        return np.array([[r, r / rate] for r in (0.5, 2.0)])

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row."""
        ways = by_count(log_rising, self.r, x)
        silent = self.r * np.log1p(T / self.alpha)
        return np.asarray(ways - silent - x * np.log(self.alpha + T))

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (r, alpha), shape (n_rows, 2)."""
        gradient = np.empty((len(x), 2), order="F")
        gradient[:, 0] = by_count(rising_slope, self.r, x)
        gradient[:, 0] -= np.log1p(T / self.alpha)
        gradient[:, 1] = (self.r / self.alpha * T - x) / (self.alpha + T)
        return self.log_likelihood(x, t_x, T), gradient

    def log_likelihood_with_hessian(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log-likelihood, gradient and second derivatives, shape (n_rows, 2, 2)."""
        values, gradient = self.log_likelihood_with_gradient(x, t_x, T)
        hessian, later = np.empty((len(x), 2, 2)), 1 / (self.alpha + T)
        hessian[:, 0, 0] = by_count(rising_curvature, self.r, x)
        hessian[:, 0, 1] = hessian[:, 1, 0] = T / self.alpha * later
        hessian[:, 1, 1] = (self.r + x) * later * later - self.r / self.alpha / self.alpha
        return values, gradient, hessian

    def probability_alive(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, ahead: Number = 0.0
    ) -> FloatArray:
        """Return 1: nobody leaves."""
        return np.ones_like(x)

    def expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: Number
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | history]; infinite for ever."""
        return np.asarray((self.r + x) / (self.alpha + T) * horizon)

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[repeat purchases in (0, horizon]] of a customer just won."""
        return np.asarray(np.divide(self.r, self.alpha) * horizon)

    def discounted_expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: Number, horizon: Number
    ) -> FloatArray:
        """Return the expected purchases in (T, T + horizon], each times exp(-rate u), u after T."""
        return np.asarray((self.r + x) / (self.alpha + T) * _annuity(rate, horizon))

    def purchase_probability(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, n: Number, horizon: Number
    ) -> FloatArray:
        """Return P(n purchases in (T, T + horizon] | history)."""
        return _count_probability(self.r + x, self.alpha + T, n, horizon)

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n repeat purchases in (0, horizon]) of a customer just won."""
        return _count_probability(self.r, self.alpha, n, horizon)

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw x and t_x for customers observed for T; the last of x evenly spread purchases."""
        rate = generator.gamma(self.r, 1 / np.asarray(self.alpha), size=len(T))
        x = events(rate, T, generator)
        t_x = np.zeros(len(T))
        bought = x > 0
        t_x[bought] = T[bought] * generator.beta(x[bought], 1.0)
        return x, t_x

    def simulate_future(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        horizon: Number,
        generator: np.random.Generator,
    ) -> Future:
        """Draw the purchases in (T, T + horizon] of every customer, given the history."""
        rate = generator.gamma(self.r + x, 1 / (self.alpha + T), size=len(x))
        span = np.array(np.broadcast_to(np.asarray(horizon, dtype=float), x.shape))
        return Future(events(rate, span, generator), span, np.zeros(len(x), dtype=bool))


def _annuity(rate: Number, horizon: Number) -> FloatArray:
    """Return the integral of exp(-rate u) over (0, horizon]."""
    rates, ends = (np.asarray(v, dtype=float) for v in (rate, horizon))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isinf(ends), 1 / rates, ends * exprel(-rates * ends))


def _count_probability(shape: Number, scale: Number, n: Number, horizon: Number) -> FloatArray:
    """Return the negative binomial probability of n purchases; 0 for ever."""
    counts, s, z = (np.asarray(v, dtype=float) for v in (n, shape, horizon / np.asarray(scale)))
    return np.asarray(np.exp(log_probability(counts, s, z)))
