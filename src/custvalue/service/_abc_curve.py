"""The curves of an ABC analysis: what share of the value how many items hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.concentration import lorenz_curve
from custvalue._typing import FloatArray, IntArray

__all__ = ["ParetoCurve", "lorenz_points", "pareto_curve"]

_LORENZ_POINTS = 101
_STEPS = 100


@dataclass(frozen=True, slots=True)
class ParetoCurve:
    """What share of the value the items worth at least so much hold.

    Attributes
    ----------
    value : ndarray of shape (n_points,)
        Distinct values, descending.
    item_share, value_share : ndarray of shape (n_points,)
        Shares of the items and of their total that are worth at least ``value``.
    """

    value: FloatArray
    item_share: FloatArray
    value_share: FloatArray

    def share_at(self, values: FloatArray) -> FloatArray:
        """Return the share of the value held by items worth at least so much, from the curve.

        Straight lines join the points; above the highest it stays, below the lowest it is 1.

        Examples
        --------
        >>> import numpy as np
        >>> curve = pareto_curve(np.array([6.0, 3.0, 1.0]), np.array([6.0]))
        >>> curve.share_at(np.array([9.0, 6.0, 4.5, 3.0, 0.0])).round(3)
        array([0.6 , 0.6 , 0.75, 0.9 , 1.  ])
        """
        inside = np.interp(values, self.value[::-1], self.value_share[::-1])
        return np.where(values < self.value[-1], 1.0, inside)


def pareto_curve(counted: FloatArray, corners: FloatArray) -> ParetoCurve:
    """Return the share of the value against the value, from the most valuable item down.

    Every distinct value is a point. Where there are many, some 400 are kept: those around each
    percent of the items and of the value, the corners, and both ends. Between neighbours neither
    share then grows by more than 1 %.

    Parameters
    ----------
    counted : ndarray of shape (n_items,)
        At least 0, not all 0.
    corners : ndarray
        Values that stay points.

    Returns
    -------
    ParetoCurve

    Examples
    --------
    >>> import numpy as np
    >>> curve = pareto_curve(np.array([1.0, 1.0, 2.0]), np.array([2.0]))
    >>> curve.value, curve.item_share.round(3), curve.value_share
    (array([2., 1.]), array([0.333, 1.   ]), array([0.5, 1. ]))
    """
    distinct, counts = np.unique(counted, return_counts=True)
    value, items = distinct[::-1], np.cumsum(counts[::-1])
    held = np.cumsum(value / value[0] * counts[::-1])
    curve = ParetoCurve(value, items / items[-1], held / held[-1])
    if len(value) <= 4 * _STEPS:
        return curve
    kept = np.union1d(_around(curve.item_share), _around(curve.value_share))
    kept = np.union1d(kept, np.flatnonzero(np.isin(value, corners)))
    return ParetoCurve(value[kept], curve.item_share[kept], curve.value_share[kept])


def _around(share: FloatArray) -> IntArray:
    """Return the points at which an ascending share reaches each step, and those before."""
    reached = np.searchsorted(share, np.arange(1, _STEPS + 1) / _STEPS - 1e-12)
    last = len(share) - 1
    return np.unique(np.concatenate([[0, last], reached, reached - 1]).clip(0, last))


def lorenz_points(counted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the Lorenz curve, item share and value share, at no more than 101 points.

    Examples
    --------
    >>> import numpy as np
    >>> lorenz_points(np.array([1.0, 3.0]))
    (array([0. , 0.5, 1. ]), array([0.  , 0.25, 1.  ]))
    """
    x, y = lorenz_curve(counted)
    if len(x) <= _LORENZ_POINTS:
        return x, y
    points = np.linspace(0.0, 1.0, _LORENZ_POINTS)
    return points, np.interp(points, x, y)
