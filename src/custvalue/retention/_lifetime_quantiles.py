"""By which renewal a given part of the customers has left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import BoolArray, FloatArray

__all__ = ["first_period_reaching"]

_ROUNDING = 1e-12
"""A survival that equals its target but for rounding has reached it."""
_LARGEST_POWER = 200
"""2^200 = 2e60 periods: beyond, powers and products of periods overflow."""

Survival = Callable[[FloatArray], FloatArray]


def first_period_reaching(survival: Survival, target: float, n_rows: int) -> FloatArray:
    """Return the first whole period at which survival is at most a target.

    Powers of 2 are tried first, then the whole numbers between two of them by bisection.

    Parameters
    ----------
    survival : callable
        Takes whole periods, shape (n_rows,), gives S(t) of every row, which never rises.
    target : float
        Below 1.
    n_rows : int

    Returns
    -------
    ndarray of shape (n_rows,)
        At least 1; inf beyond 2^200 periods. From 2^53 on whole numbers are no longer told apart,
        and the answer is right to double precision.
    """

    def reached(period: FloatArray) -> BoolArray:
        return np.asarray(survival(period) <= target * (1 + _ROUNDING))

    power = _first(lambda k: reached(np.exp2(k)), -1.0, _LARGEST_POWER, n_rows)
    lower = np.where(power > 0, np.exp2(power - 1), 0.0)
    found = _first(reached, lower, np.exp2(power), n_rows)
    at_last = reached(np.full(n_rows, np.exp2(_LARGEST_POWER)))
    return np.where(at_last, found, np.inf)


def _first(
    reached: Callable[[FloatArray], BoolArray],
    lower: FloatArray | float,
    upper: FloatArray | float,
    n_rows: int,
) -> FloatArray:
    """Return the smallest whole number in (lower, upper] that is reached; ``upper`` if none is."""
    low, high = (np.broadcast_to(end, (n_rows,)).astype(np.float64) for end in (lower, upper))
    while True:
        middle = low + np.floor((high - low) / 2)
        between = (middle > low) & (middle < high)
        if not between.any():
            return high
        is_reached = reached(np.where(between, middle, high))
        high = np.where(between & is_reached, middle, high)
        low = np.where(between & ~is_reached, middle, low)
