"""Pareto/NBD (Schmittlein, Morrison and Colombo 1987, Management Science 33(1), 1-24).

A customer leaves at a rate of their own, mu ~ Gamma(s, beta), after any time: the lifetime is a
Pareto variable, S(t) = (beta / (beta + t))^s. The rest is in `_gamma_lifetimes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import exprel

from custvalue._likelihood.links import Link, ScaleLink
from custvalue._numerics.dropout_integral import survival_integral
from custvalue._numerics.dropout_lifetimes import Lifetime, ParetoLifetime
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._gamma_lifetimes import GammaLifetimesLaw, mean_time, moment_shape

__all__ = ["ParetoNBDLaw"]


@dataclass(frozen=True, slots=True)
class ParetoNBDLaw(GammaLifetimesLaw):
    """Purchase rate ~ Gamma(r, alpha), dropout rate ~ Gamma(s, beta)."""

    r: Number
    alpha: Number
    s: Number
    beta: Number

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    inverse_time_scaled: ClassVar[tuple[str, ...]] = ()
    links: ClassVar[dict[str, Link]] = {
        "purchase": ScaleLink("alpha"),
        "dropout": ScaleLink("beta"),
    }
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "r": ("purchase rates differ without bound", "Poisson: one purchase rate for everybody"),
        "alpha": ("purchases without end", "Poisson: one purchase rate for everybody"),
        "s": ("NBD: nobody ever leaves", "exponential: one dropout rate for everybody"),
        "beta": (
            "everybody leaves at once",
            "NBD: nobody ever leaves, or exponential: one dropout rate for everybody",
        ),
    }

    @property
    def lifetime(self) -> Lifetime:
        """The lifetime of a customer just won."""
        return ParetoLifetime(self.s, self.beta)

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): the mean time for two."""
        time = mean_time(T, weights)
        return np.array([1.0, time, 1.0, time])

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (3, 4), from mean and variance of the counts.

        Customers are there for part of the time observed: their rates are above x / T.
        """
        time, r = mean_time(T, weights), moment_shape(x, weights)
        rate = float(weights @ x) / float(weights @ T)
        shapes = [(r, 0.6, 0.6, 0.5), (2 * r, 0.5, 2.0, 1.0), (r, 0.9, 0.3, 1.0)]
        return np.array([[r, r / rate * a, s, time * beta] for r, a, s, beta in shapes])

    def _time_there(self, lifetime: Lifetime, horizon: FloatArray, rate: Number) -> FloatArray:
        """Return the integral of exp(-rate u) S(u) over (0, horizon]; closed where rate is 0."""
        plain = np.equal(rate, 0)
        if not np.all(plain):
            some = np.where(plain, 1.0, rate)
            discounted = survival_integral(lifetime, horizon, some)
            if not np.any(plain):
                return discounted
            return np.where(plain, _mean_within(lifetime, horizon), discounted)
        return _mean_within(lifetime, horizon)


def _mean_within(lifetime: Lifetime, horizon: FloatArray) -> FloatArray:
    """Return the integral of S(u) over (0, horizon], continuous through s = 1.

    With z = log(1 + horizon / beta) it is beta (exp((1 - s) z) - 1) / (1 - s).
    """
    s, z = lifetime.s, lifetime.cumulative(horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        finite = z * exprel(np.where(np.isinf(z), 0.0, (1 - np.asarray(s)) * z))
        for_ever = np.where(np.greater(s, 1), 1 / np.abs(np.subtract(s, 1)), np.inf)
        return np.asarray(np.where(np.isinf(z), for_ever, finite) / lifetime.rate(0.0))
