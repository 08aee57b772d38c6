"""The distribution of the number of purchases of a customer who may leave on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from custvalue._numerics.dropout_integral import (
    Charted,
    Silence,
    chart_of,
    share_of_leaving,
    silence_probability,
)
from custvalue._numerics.dropout_quadrature import composite_rule, in_blocks
from custvalue._numerics.rising import log_rising
from custvalue._typing import FloatArray

__all__ = ["count_probability"]

_UNDERFLOW = 745.0
_LOW = 45.0
_SCANS = 6
_SCAN = np.linspace(0.0, 1.0, 49)[:, None] ** 2
"""Closer together near the start: where purchases are many, so is the peak."""
_NARROWS = 0.8
_PANEL_NODES = 24
_PANELS = 4
_PANEL_LENGTH = 1.5


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts, and the part of the chart where their integrand is not negligible."""

    charted: Charted
    n: FloatArray
    low: FloatArray
    high: FloatArray


def count_probability(silence: Silence, n: FloatArray) -> FloatArray:
    """Return P(n purchases within the span, leaving or not).

    Parameters
    ----------
    silence : Silence
        Its span is the horizon; it need not be silent.
    n : ndarray of shape (n_rows,)
        Whole numbers.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    stay, left = silence_probability(silence)
    if not n.any():
        return np.asarray(stay + left)
    return np.where(n == 0, stay + left, _some(silence, np.maximum(n, 1.0)))


def _some(silence: Silence, n: FloatArray) -> FloatArray:
    """Return P(n purchases) for n > 0: there at the end, or left.

    The integrand over leaving has its peak where n purchases are likely. That is sought on finer
    and finer grids, and what is within exp(-45) of it is integrated panel by panel.
    """
    charted = chart_of(silence, _UNDERFLOW)
    whole = _Counted(charted, n, np.zeros_like(charted.length), charted.length)
    low, high = in_blocks(_window, whole, np.full(len(n), len(_SCAN)), 2)
    panels = _PANELS + np.ceil((high - low) / _PANEL_LENGTH).astype(np.int64)
    peak = _Counted(charted, n, low, high)
    return np.asarray(_there(charted, n) + in_blocks(_left, peak, panels * _PANEL_NODES, 1)[0])


def _there(charted: Charted, n: FloatArray) -> FloatArray:
    """Return P(n purchases, there at the end), or what an endless span adds after the chart."""
    silence = charted.silence
    endless = np.isinf(silence.span)
    last = np.where(endless, charted.end, silence.span)
    there = np.exp(silence.log_stay(last) + _log_of_count(silence, n, last))
    if not endless.any():
        return np.asarray(there)
    return np.asarray(there * np.where(endless, share_of_leaving(silence, last), 1.0))


def _log_of_count(silence: Silence, n: FloatArray, u: FloatArray) -> FloatArray:
    """Return log of P(n purchases by u) / P(none by u) of a customer who stays."""
    ways = log_rising(silence.shape, n) - gammaln(n + 1)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(ways - n * np.log1p(silence.pole / u))


def _log_of_leaving(counted: _Counted, v: FloatArray) -> FloatArray:
    """Return the logarithm of the integrand at v: n purchases, then left."""
    charted = counted.charted
    silence, lifetime = charted.silence, charted.silence.lifetime
    points = lifetime.points(v, charted.scale)
    stays = -silence.shape * np.log1p(points.u / silence.pole) - lifetime.s * points.w
    counts = _log_of_count(silence, counted.n, points.u)
    return np.asarray(stays + counts + np.log(lifetime.s * points.dw))


def _window(counted: _Counted, size: int) -> FloatArray:
    """Return between which v the integrand is within exp(-45) of its peak."""
    low, high = counted.low, counted.high
    columns = np.arange(len(low))
    for _ in range(_SCANS):
        width = high - low
        v = low + width * _SCAN
        with np.errstate(invalid="ignore"):
            height = _log_of_leaving(counted, v)
            inside = height - height.max(axis=0) > -_LOW
        first, last = inside.argmax(axis=0), size - 1 - inside[::-1].argmax(axis=0)
        low = v[np.maximum(first - 1, 0), columns]
        high = v[np.minimum(last + 1, size - 1), columns]
        if (high - low >= _NARROWS * width).all():
            break
    return np.stack([low, high])


def _left(counted: _Counted, size: int) -> FloatArray:
    """Return P(n purchases, then left)."""
    nodes, weights = composite_rule(_PANEL_NODES, size // _PANEL_NODES)
    width = counted.high - counted.low
    density = np.exp(_log_of_leaving(counted, counted.low + width * nodes))
    return np.asarray((weights @ density * width)[None, :])
