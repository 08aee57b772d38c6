"""Models in which a customer buys at a rate of their own until a lifetime of their own is over.

x repeat purchases, t_x time of the last of them, T time observed since the first purchase; all
times and alpha in one unit. The purchase rate is Gamma(r, alpha); the lifetime, independent of it,
has S(t) = exp(-s w(t)), see `custvalue._numerics.dropout_lifetimes`. The likelihood of a row is ::

    Gamma(r + x) / Gamma(r) alpha^r [(alpha + T)^-(r + x) S(T)
                                     + int_{t_x}^T (alpha + y)^-(r + x) dF(y)]

Of a customer who is there at t after x purchases, the purchase rate is Gamma(r + x, alpha + t) and
the lifetime to come is of the same family. So everything looks back from t_x, or ahead from T, and
never farther. Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from custvalue._numerics.counts import by_count
from custvalue._numerics.dropout_counts import count_probability
from custvalue._numerics.dropout_integral import Silence, silence_probability, survival_integral
from custvalue._numerics.dropout_lifetimes import Curvatures, Lifetime
from custvalue._numerics.dropout_scores import silence_gradient, silence_hessian
from custvalue._numerics.rising import log_rising, rising_curvature, rising_slope
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._draws import events
from custvalue.lifetime._future import Future

__all__ = ["GammaLifetimesLaw", "mean_time", "moment_shape"]


class GammaLifetimesLaw:
    """What such laws share; a law adds its parameters and names its lifetime."""

    __slots__ = ()

    names: ClassVar[tuple[str, ...]]
    r: Number
    alpha: Number

    if TYPE_CHECKING:

        @property
        def lifetime(self) -> Lifetime:
            """The lifetime of a customer just won."""

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row: up to the last purchase, and silence since."""
        stay, left = silence_probability(self._silence(x, t_x, T))
        return self._up_to_last(x, t_x) + np.log(stay + left)

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in the parameters, shape (n_rows, k)."""
        log_silent, gradient = silence_gradient(self._silence(x, t_x, T), self._history(x, t_x))
        gradient[:, 0] += by_count(rising_slope, self.r, x)
        return self._up_to_last(x, t_x) + log_silent, gradient

    def log_likelihood_with_hessian(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log-likelihood, gradient and second derivatives, shape (n_rows, k, k)."""
        silence, history = self._silence(x, t_x, T), self._history(x, t_x)
        log_silent, gradient, hessian = silence_hessian(silence, history)
        gradient[:, 0] += by_count(rising_slope, self.r, x)
        hessian[:, 0, 0] += by_count(rising_curvature, self.r, x)
        return self._up_to_last(x, t_x) + log_silent, gradient, hessian

    def probability_alive(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, ahead: Number = 0.0
    ) -> FloatArray:
        """Return P(not left by T + ahead | history)."""
        stay, left = silence_probability(self._silence(x, t_x, T))
        alive = stay / (stay + left)
        if np.ndim(ahead) == 0 and ahead == 0:
            return np.asarray(alive)
        return np.asarray(alive * _survival(self.lifetime.after(T), ahead))

    def expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: Number
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | history]."""
        return self.discounted_expected_purchases(x, t_x, T, 0.0, horizon)

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[repeat purchases in (0, horizon]] of a customer just won."""
        ahead, rate, *_ = self._with_parameters(horizon, np.divide(self.r, self.alpha))
        stays = self._time_there(self.lifetime, ahead.ravel(), 0.0)
        return np.asarray((rate.ravel() * stays).reshape(ahead.shape))

    def discounted_expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: Number, horizon: Number
    ) -> FloatArray:
        """Return the expected purchases in (T, T + horizon], each times exp(-rate u), u after T."""
        alive = self.probability_alive(x, t_x, T)
        ahead = np.broadcast_to(np.asarray(horizon, dtype=float), x.shape)
        stays = self._time_there(self.lifetime.after(T), ahead, rate)
        with np.errstate(invalid="ignore"):
            expected = alive * ((self.r + x) / (self.alpha + T)) * stays
        return np.where(alive > 0, expected, 0.0)

    def purchase_probability(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, n: Number, horizon: Number
    ) -> FloatArray:
        """Return P(n purchases in (T, T + horizon] | history)."""
        stay, left = silence_probability(self._silence(x, t_x, T))
        counts, ahead = (np.broadcast_to(np.asarray(v, dtype=float), x.shape) for v in (n, horizon))
        future = Silence(self.r + x, self.alpha + T, self.lifetime.after(T), ahead)
        counted = stay * count_probability(future, counts)
        return np.asarray((counted + np.where(counts == 0, left, 0.0)) / (stay + left))

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n repeat purchases in (0, horizon]) of a customer just won."""
        counts, ahead, *_ = self._with_parameters(n, horizon)
        future = Silence(self.r, self.alpha, self.lifetime, ahead.ravel())
        return count_probability(future, counts.ravel()).reshape(counts.shape)

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw x and t_x for customers observed for T.

        Purchases are spread evenly over the time until the customer leaves, so that the last of n
        is the maximum of n uniform numbers.
        """
        rate = generator.gamma(self.r, 1 / np.asarray(self.alpha), size=len(T))
        window = np.minimum(T, _draw(self.lifetime, len(T), generator))
        x = events(rate, window, generator)
        t_x = np.zeros(len(T))
        bought = x > 0
        t_x[bought] = window[bought] * generator.beta(x[bought], 1.0)
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
        alive = generator.random(len(x)) < self.probability_alive(x, t_x, T)
        rate = generator.gamma(self.r + x, 1 / (self.alpha + T), size=len(x))
        stays = _draw(self.lifetime.after(T), len(x), generator)
        span = np.where(alive, np.minimum(stays, horizon), 0.0)
        return Future(events(rate, span, generator), span, np.zeros(len(x), dtype=bool))

    def _time_there(self, lifetime: Lifetime, horizon: FloatArray, rate: Number) -> FloatArray:
        """Return the integral of exp(-rate u) S(u) over (0, horizon]."""
        return survival_integral(lifetime, horizon, rate)

    def _with_parameters(self, *values: Number) -> list[FloatArray]:
        """Return the values, each of the shape that they and the parameters have together."""
        own = (getattr(self, name) for name in self.names)
        return [np.asarray(v, dtype=float) for v in np.broadcast_arrays(*values, *own)]

    def _silence(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> Silence:
        """Return the span from the last purchase to the end of observation."""
        return Silence(self.r + x, self.alpha + t_x, self.lifetime.after(t_x), T - t_x)

    def _up_to_last(self, x: FloatArray, t_x: FloatArray) -> FloatArray:
        """Return the log-density of x purchases, the last of them, and no leaving, at t_x."""
        ways = by_count(log_rising, self.r, x)
        there = self.lifetime.s * self.lifetime.cumulative(t_x)
        bought = self.r * np.log1p(t_x / self.alpha) + x * np.log(self.alpha + t_x)
        return np.asarray(ways - bought - there)

    def _history(self, x: FloatArray, t_x: FloatArray) -> _History:
        return _History(self.r, self.alpha, self.lifetime, x, t_x)


@dataclass(frozen=True, slots=True)
class _History:
    """Derivatives of a row's likelihood given when its customer leaves; digammas left out."""

    r: Number
    alpha: Number
    lifetime: Lifetime
    x: FloatArray
    t_x: FloatArray

    @property
    def n_scores(self) -> int:
        """How many parameters there are."""
        return 2 + len(self.lifetime.names)

    def scores(self, u: Number, left: float) -> list[Number]:
        """Return derivatives in r, alpha and the lifetime's parameters, at u after t_x."""
        y = self.t_x + u
        by_alpha = (self.r / self.alpha * y - self.x) / (self.alpha + y)
        return [-np.log1p(y / self.alpha), by_alpha, *self.lifetime.scores(y, left)]

    def curvatures(self, u: Number, left: float) -> Curvatures:
        """Return second derivatives."""
        y = self.t_x + u
        later = 1 / (self.alpha + y)
        by_alpha = (self.r + self.x) * later * later - self.r / self.alpha / self.alpha
        own = self.lifetime.curvatures(y, left)
        ours: Curvatures = [(0, 1, y / self.alpha * later), (1, 1, by_alpha)]
        return ours + [(i + 2, j + 2, value) for i, j, value in own]


def mean_time(T: FloatArray, weights: FloatArray) -> float:
    """Return the mean time observed."""
    return float(weights @ T) / float(weights.sum())


def moment_shape(x: FloatArray, weights: FloatArray) -> float:
    """Return r at which a negative binomial has mean and variance of x, within reason."""
    mean = float(np.average(x, weights=weights))
    extra = float(np.average((x - mean) ** 2, weights=weights)) - mean
    return float(np.clip(mean**2 / extra, 0.1, 10.0)) if extra > 0 else 10.0


def _survival(lifetime: Lifetime, u: Number) -> FloatArray:
    return np.asarray(np.exp(-lifetime.s * lifetime.cumulative(u)))


def _draw(lifetime: Lifetime, size: int, generator: np.random.Generator) -> FloatArray:
    """Draw lifetimes: w of them is exponential with rate s."""
    return lifetime.inverse(generator.exponential(size=size) / lifetime.s)
