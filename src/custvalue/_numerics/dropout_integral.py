"""Integrals over the time at which a customer leaves.

Purchases come at rate lambda ~ Gamma(shape, pole) as long as the customer stays, for a lifetime
with S(u) = exp(-s w(u)) of the family of `dropout_lifetimes`. Time starts where a customer is known
to be there: at the last purchase, looking back, or now, looking ahead.

Published closed forms are differences of hypergeometric functions that cancel. Here every term is
positive, relative to its value at the start, and in logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.dropout_lifetimes import Lifetime
from custvalue._numerics.dropout_quadrature import gauss_rule, in_blocks, nodes_needed
from custvalue._typing import FloatArray, IntArray, Number

__all__ = [
    "Charted",
    "Silence",
    "chart_of",
    "density",
    "nodes_of",
    "share_of_leaving",
    "silence_probability",
    "survival_integral",
]

_NEGLIGIBLE = 38.0
"""exp(-38) = 3e-17."""
_ENDLESS = 1e18
"""Where all time scales are 1e18 times shorter, hazards are pure powers of time."""
_PER_LENGTH_OF_CHART = 4.6


@dataclass(frozen=True, slots=True)
class Silence:
    """A span without purchases of a customer who is there at its start, one per row.

    Attributes
    ----------
    shape, pole : float or ndarray of shape (n_rows,)
        Gamma shape and rate of the purchase rate; pole in the unit of time.
    lifetime : Lifetime
        From the start of the span.
    span : ndarray of shape (n_rows,)
        Its length, at least 0; it may be infinite.
    """

    shape: Number
    pole: Number
    lifetime: Lifetime
    span: FloatArray

    def log_stay(self, u: Number) -> FloatArray:
        """Return log P(there at u and no purchase)."""
        bought = self.shape * np.log1p(u / self.pole)
        return np.asarray(-bought - self.lifetime.s * self.lifetime.cumulative(u))


@dataclass(frozen=True, slots=True)
class Charted:
    """A silence with the chart of its integral.

    Attributes
    ----------
    silence : Silence
    end : ndarray of shape (n_rows,)
        Where the chart ends: at the span's end, or where nothing is left to integrate.
    scale, length : float or ndarray of shape (n_rows,)
        The chart's.
    stay : ndarray of shape (n_rows,)
        P(there at the span's end and no purchase).
    """

    silence: Silence
    end: FloatArray
    scale: Number
    length: FloatArray
    stay: FloatArray


@dataclass(frozen=True, slots=True)
class _Flow:
    lifetime: Lifetime
    rate: Number
    scale: Number
    length: FloatArray


def silence_probability(silence: Silence) -> tuple[FloatArray, FloatArray]:
    """Return P(no purchase, there at the end) and P(no purchase, left), shapes (n_rows,)."""
    charted = chart_of(silence)
    left = in_blocks(_left, charted, nodes_of(charted), 1)[0]
    endless = np.isinf(silence.span)
    if endless.any():
        rest = np.exp(silence.log_stay(charted.end)) * share_of_leaving(silence, charted.end)
        left += np.where(endless, rest, 0.0)
    return charted.stay, left


def survival_integral(lifetime: Lifetime, horizon: FloatArray, rate: Number) -> FloatArray:
    """Return the integral of exp(-rate u) S(u) over (0, horizon], shape (n_rows,).

    Infinite horizons need a positive rate, or a lifetime of finite mean.
    """
    with np.errstate(divide="ignore"):
        discounted = _NEGLIGIBLE / np.asarray(rate, dtype=float)
    end = np.minimum(horizon, np.minimum(discounted, lifetime.reach(_NEGLIGIBLE)))
    chart = lifetime.chart(np.inf, end)
    decay = rate * end + lifetime.s * lifetime.cumulative(end)
    sizes = nodes_needed(chart.length, decay, _PER_LENGTH_OF_CHART)
    flow = _Flow(lifetime, rate, chart.scale, chart.length)
    return np.asarray(in_blocks(_present, flow, sizes, 1)[0])


def chart_of(silence: Silence, level: float = _NEGLIGIBLE) -> Charted:
    """Return the chart of the integral over leaving.

    Parameters
    ----------
    silence : Silence
    level : float
        What is below exp(-level) of the integral may be cut off.

    Returns
    -------
    Charted
    """
    end = _cut(silence, level)
    chart = silence.lifetime.chart(silence.pole, end)
    stay = np.exp(silence.log_stay(silence.span))
    return Charted(silence, end, chart.scale, chart.length, stay)


def nodes_of(charted: Charted) -> IntArray:
    """Return how many nodes each row wants."""
    silence = charted.silence
    decay = -silence.log_stay(charted.end)
    return nodes_needed(charted.length, decay, silence.lifetime.nodes_per_length)


def density(charted: Charted, size: int) -> tuple[FloatArray, FloatArray]:
    """Return u at the nodes, and P(no purchase, left) attributed to each, shape (size, n_rows)."""
    silence = charted.silence
    nodes, weights = gauss_rule(size)
    points = silence.lifetime.points(nodes * charted.length, charted.scale)
    exponent = np.log1p(points.u / silence.pole)
    exponent *= -silence.shape
    exponent -= silence.lifetime.s * points.w
    left = np.exp(exponent, out=exponent)
    left *= points.dw
    left *= weights[:, None]
    left *= charted.length * silence.lifetime.s
    return points.u, left


def share_of_leaving(silence: Silence, u: FloatArray) -> FloatArray:
    """Return P(leaves before the next purchase) of a customer there at u, if hazards keep ratio."""
    leaves = silence.lifetime.s * silence.lifetime.rate(u)
    return np.asarray(leaves / (leaves + silence.shape / (silence.pole + u)))


def _cut(silence: Silence, level: float) -> FloatArray:
    """Return the time after which the integral over leaving is negligible, at most the span.

    What follows u is at most exp(log_stay(u)); what is before, at least about the share of leaving
    in the hazard at the start. That share may grow with the rate of leaving and with pole + u.
    """
    shape, pole, lifetime = silence.shape, silence.pole, silence.lifetime
    with np.errstate(over="ignore"):
        grown = np.minimum(np.log1p(silence.span / pole), level / shape)
        levels = level + lifetime.log_steepening() + grown
        end = np.minimum(lifetime.inverse(levels / lifetime.s), pole * np.expm1(levels / shape))
    end = np.minimum(silence.span, end)
    if not np.isinf(silence.span).any():
        return np.asarray(end)
    scales = np.maximum(pole, 1 / lifetime.rate(0.0))
    return np.minimum(end, _ENDLESS * scales * np.maximum(np.maximum(shape, lifetime.s), 1.0))


def _left(charted: Charted, size: int) -> FloatArray:
    return np.asarray(density(charted, size)[1].sum(axis=0, keepdims=True))


def _present(flow: _Flow, size: int) -> FloatArray:
    """Return the discounted time that a customer is there."""
    nodes, weights = gauss_rule(size)
    points = flow.lifetime.points(nodes * flow.length, flow.scale)
    there = np.exp(-flow.rate * points.u - flow.lifetime.s * points.w) * points.du
    return np.asarray((weights @ there * flow.length)[None, :])
