"""Lifetimes of customers who leave at rates of their own, spread by a Gamma(s, beta).

Both families have the survival function ::

    S(u) = exp(-s w(u)),    Pareto:   w(u) = log(1 + u / beta)
                            Gompertz: w(u) = log(1 + (exp(b u) - 1) / beta)

and both stay what they are as time passes: of a customer who is still there at t, the lifetime to
come is of the same family with a larger beta (Pareto), or one nearer to 1 (Gompertz).

Integrals over u go from 0 along a *chart* u(v), 0 <= v <= length, in which the functions of these
models change on the scale of 1, whatever the parameters: the nearest singularity of S, or of
(1 + u / pole)^-shape, is moved to v = -infinity, and all others are at least pi / 2 away from the
real line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np

from custvalue._typing import FloatArray, Number

__all__ = ["Chart", "Curvatures", "GompertzLifetime", "Lifetime", "ParetoLifetime", "Points"]

Curvatures = list[tuple[int, int, Number]]

_LARGEST_EXPONENT = 500.0
"""exp(500) / 1e6 is still so large that nothing beside it shows in double precision."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A change of variable: scale * (exp(v) - 1) is u, or w(u), for v from 0 to length."""

    scale: FloatArray
    length: FloatArray


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a chart: the time u, w(u), and their derivatives in v."""

    u: FloatArray
    w: FloatArray
    du: FloatArray
    dw: FloatArray


class Lifetime(Protocol):
    """A lifetime with S(u) = exp(-s w(u)); its parameters are numbers, or arrays of one per row."""

    names: ClassVar[tuple[str, ...]]
    nodes_per_length: ClassVar[float]

    @property
    def s(self) -> Number:
        """The shape."""

    def after(self, t: Number) -> Self:
        """Return the lifetime to come of a customer who is there at t."""

    def cumulative(self, u: Number) -> FloatArray:
        """Return w(u)."""

    def rate(self, u: Number) -> FloatArray:
        """Return the derivative of w."""

    def inverse(self, w: Number) -> FloatArray:
        """Return u where the cumulative rate is w; it may be infinite."""

    def log_steepening(self) -> Number:
        """Return a bound of log(rate(u) / rate(0))."""

    def reach(self, level: float) -> Number:
        """Return u beyond which less than exp(-level) of the integral of S lies."""

    def chart(self, pole: Number, end: FloatArray) -> Chart:
        """Return a chart from u = 0 to ``end``, of functions that have a pole at u = -pole."""

    def points(self, v: FloatArray, scale: Number) -> Points:
        """Return the points of a chart at v."""

    def scores(self, y: Number, left: float) -> list[Number]:
        """Return derivatives in the parameters of the log-density at y, or of log S(y).

        ``left`` is 1 for the density of leaving at y, 0 for the probability to be there.
        """

    def curvatures(self, y: Number, left: float) -> Curvatures:
        """Return the second derivatives: positions i <= j of the parameters, and values."""


@dataclass(frozen=True, slots=True)
class ParetoLifetime:
    """Exponential lifetimes whose rates are Gamma(s, beta); beta in the unit of time."""

    s: Number
    beta: Number

    names: ClassVar[tuple[str, ...]] = ("s", "beta")
    nodes_per_length: ClassVar[float] = 2.8
    """Of integrals over leaving without discount: singularities are pi away."""

    def after(self, t: Number) -> ParetoLifetime:
        """Return the lifetime to come of a customer who is there at t."""
        return ParetoLifetime(self.s, self.beta + t)

    def cumulative(self, u: Number) -> FloatArray:
        """Return log(1 + u / beta)."""
        return np.asarray(np.log1p(u / self.beta))

    def rate(self, u: Number) -> FloatArray:
        """Return 1 / (beta + u)."""
        return np.asarray(1 / (self.beta + u))

    def inverse(self, w: Number) -> FloatArray:
        """Return beta (exp(w) - 1)."""
        with np.errstate(over="ignore"):
            return np.asarray(self.beta * np.expm1(w))

    def log_steepening(self) -> Number:
        """Return 0: the rate falls."""
        return 0.0

    def reach(self, level: float) -> Number:
        """Return u beyond which less than exp(-level) of the integral of S lies."""
        with np.errstate(over="ignore", divide="ignore"):
            return self.beta * np.expm1(level / np.maximum(np.subtract(self.s, 1.0), 0.0))

    def chart(self, pole: Number, end: FloatArray) -> Chart:
        """Return log(1 + u / scale) with the nearer of both singularities."""
        scale = np.minimum(np.asarray(pole, dtype=float), self.beta)
        return Chart(scale, np.asarray(np.log1p(end / scale)))

    def points(self, v: FloatArray, scale: Number) -> Points:
        """Return the points of a chart at v."""
        u = np.expm1(v)
        du = (u + 1) * scale
        u *= scale
        return Points(u, np.log1p(u / self.beta), du, du / (self.beta + u))

    def scores(self, y: Number, left: float) -> list[Number]:
        """Return derivatives in s and beta."""
        by_s = left / self.s - np.log1p(y / self.beta)
        return [by_s, (self.s / self.beta * y - left) / (self.beta + y)]

    def curvatures(self, y: Number, left: float) -> Curvatures:
        """Return second derivatives in s and beta."""
        later = 1 / (self.beta + y)
        by_beta = (self.s + left) * later * later - self.s / self.beta / self.beta
        return [(0, 0, -left / self.s / self.s), (0, 1, y / self.beta * later), (1, 1, by_beta)]


@dataclass(frozen=True, slots=True)
class GompertzLifetime:
    """Lifetimes of hazard b eta exp(b t), eta ~ Gamma(s, beta); b per unit of time.

    b u and w(u) change places where beta becomes 1 / beta. Where beta > 1, charts are of w: the
    complex singularities of S come near the real line in u, in w they do not.
    """

    b: Number
    s: Number
    beta: Number

    names: ClassVar[tuple[str, ...]] = ("b", "s", "beta")
    nodes_per_length: ClassVar[float] = 4.6

    def after(self, t: Number) -> GompertzLifetime:
        """Return the lifetime to come of a customer who is there at t."""
        aged = self.b * t
        return GompertzLifetime(self.b, self.s, self.beta * np.exp(-aged) - np.expm1(-aged))

    def cumulative(self, u: Number) -> FloatArray:
        """Return log(1 + (exp(b u) - 1) / beta) without overflow."""
        return _log_of_mixture(self.b * u, self.beta, np.divide)

    def rate(self, u: Number) -> FloatArray:
        """Return b exp(b u) / (beta - 1 + exp(b u)), a quotient of positive terms."""
        grown = self.b * u
        return np.asarray(self.b / (self.beta * np.exp(-grown) - np.expm1(-grown)))

    def inverse(self, w: Number) -> FloatArray:
        """Return log(1 + beta (exp(w) - 1)) / b."""
        return np.asarray(_log_of_mixture(w, self.beta, np.multiply) / self.b)

    def log_steepening(self) -> Number:
        """Return log of the rate's limit b over its start b / beta."""
        return np.log(np.maximum(self.beta, 1.0))

    def reach(self, level: float) -> Number:
        """Return u beyond which less than exp(-level) of the integral of S lies."""
        return self.inverse((level - np.log(np.minimum(self.beta, 1.0))) / self.s)

    def chart(self, pole: Number, end: FloatArray) -> Chart:
        """Return log(1 + u / scale) for beta <= 1, log(1 + w(u) / scale) for beta > 1."""
        falls = np.less_equal(self.beta, 1.0)
        with np.errstate(divide="ignore"):
            in_u = -np.log1p(-np.minimum(self.beta, 1.0)) / self.b
        in_w = -np.log1p(np.expm1(-self.b * pole) / np.where(falls, 2.0, self.beta))
        last = np.where(falls, end, self.cumulative(end))
        # Near beta = 1 singularities vanish; derivatives still change on the scale of 1 / b.
        falling = np.minimum(np.minimum(pole, in_u), 1 / self.b)
        scale = np.where(falls, falling, np.minimum(in_w, 1.0))
        return Chart(scale, np.asarray(np.log1p(last / scale)))

    def points(self, v: FloatArray, scale: Number) -> Points:
        """Return the points of a chart at v."""
        falls = np.less_equal(self.beta, 1.0)
        at = np.expm1(v)
        step = (at + 1) * scale
        at *= scale
        if np.all(falls):
            return self._points_in_u(at, step)
        if not np.any(falls):
            return self._points_in_w(at, step)
        one, two = self._points_in_u(at, step), self._points_in_w(at, step)
        names = ("u", "w", "du", "dw")
        return Points(*(np.where(falls, getattr(one, n), getattr(two, n)) for n in names))

    def scores(self, y: Number, left: float) -> list[Number]:
        """Return derivatives in b, s and beta."""
        gone, there, mixed = self._parts(y)
        by_b = (left / self.b + left * y * (self.beta - 1) * there / mixed) - self.s * y / mixed
        by_beta = (self.s / self.beta * gone - left * there) / mixed
        return [by_b, left / self.s - self.cumulative(y), by_beta]

    def curvatures(self, y: Number, left: float) -> Curvatures:
        """Return second derivatives in b, s and beta; of log X = w + log beta, twice each."""
        gone, there, mixed = self._parts(y)
        both, cross = self.s + left, y * there / (mixed * mixed)
        by_b = -both * y * (self.beta - 1) * cross - left / self.b / self.b
        by_beta = both * (there / mixed) ** 2 - self.s / self.beta / self.beta
        return [
            (0, 0, by_b),
            (0, 1, -y / mixed),
            (0, 2, both * cross),
            (1, 1, -left / self.s / self.s),
            (1, 2, gone / mixed / self.beta),
            (2, 2, by_beta),
        ]

    def _parts(self, y: Number) -> tuple[Number, Number, Number]:
        """Return 1 - exp(-b y), exp(-b y), and X exp(-b y), where X = beta - 1 + exp(b y)."""
        gone, there = -np.expm1(-self.b * y), np.exp(-self.b * y)
        return gone, there, self.beta * there + gone

    def _points_in_u(self, u: FloatArray, du: FloatArray) -> Points:
        return Points(u, self.cumulative(u), du, du * self.rate(u))

    def _points_in_w(self, w: FloatArray, dw: FloatArray) -> Points:
        u = self.inverse(w)
        return Points(u, w, dw / self.rate(u), dw)


def _log_of_mixture(grown: Number, beta: Number, by: np.ufunc) -> FloatArray:
    """Return log(1 + (exp(grown) - 1) / beta), or times beta, without overflow."""
    small = np.log1p(by(np.expm1(np.minimum(grown, _LARGEST_EXPONENT)), beta))
    if np.max(grown, initial=0.0) < _LARGEST_EXPONENT:
        return np.asarray(small)
    return np.asarray(np.where(grown < _LARGEST_EXPONENT, small, grown + np.log(by(1.0, beta))))
