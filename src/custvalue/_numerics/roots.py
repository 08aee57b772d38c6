"""Where increasing functions of time reach a target, one per row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize.elementwise import bracket_root, find_root

from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["increasing_root"]

_TOLERANCE = 1e-14
"""On log time; four units of rounding of it come on top."""
_LARGEST = 1e300


def increasing_root(
    function: Callable[..., FloatArray],
    target: Number,
    lower: Number,
    upper: Number,
    columns: tuple[FloatArray, ...],
) -> FloatArray:
    """Return the time from ``lower`` to ``upper`` at which each row reaches its target.

    The search runs in log time, so that hours and centuries are found alike: a bracket around the
    middle doubles until it holds the root, and Chandrupatla's method does the rest.

    Parameters
    ----------
    function : callable
        ``function(time, *columns)`` takes arrays of one shape, some of the rows in their order, and
        gives values that do not fall with time. Where ``upper`` is infinite it is asked for its
        limit there.
    target : ndarray of shape (n_rows,)
    lower, upper : ndarray of shape (n_rows,)
        At least 0; 0 and infinity are allowed.
    columns : tuple of ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows,)
        ``lower`` where the function is at the target from the start, infinity where it is below it
        at ``upper``.

    Raises
    ------
    ArithmeticError
        If the function is NaN.
    """
    given = (target, lower, upper, *columns)
    rows = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in given))
    target, lower, upper, *rest = rows
    reached = _reached(function, target, lower, rest)
    out = np.where(reached, lower, np.inf)
    inside = ~reached & _reached(function, target, upper, rest)
    if inside.any():
        out[inside] = _root(function, tuple(row[inside] for row in rows))
    return out


def _reached(
    function: Callable[..., FloatArray],
    target: FloatArray,
    time: FloatArray,
    columns: list[FloatArray],
) -> BoolArray:
    values = function(time, *columns)
    _check(~np.isnan(values), time, columns)
    return np.asarray(values >= target)


def _root(function: Callable[..., FloatArray], rows: tuple[FloatArray, ...]) -> FloatArray:
    """Find the roots of rows that have one."""

    def missing(log_time: FloatArray, target: FloatArray, *row: FloatArray) -> FloatArray:
        lower, upper, *columns = row
        difference = function(_time(log_time, lower, upper), *columns) - target
        return np.clip(difference, -_LARGEST, _LARGEST)

    _, lower, upper, *columns = rows
    middle = _middle(lower, upper)
    bracket = bracket_root(missing, middle - 1, middle + 1, args=rows)
    _check(bracket.success, _time(bracket.bracket[1], lower, upper), columns)
    found = find_root(missing, bracket.bracket, args=rows, tolerances={"xatol": _TOLERANCE})
    time = _time(found.x, lower, upper)
    _check(found.success, time, columns)
    return time


def _time(log_time: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.clip(np.exp(log_time), lower, upper)


def _middle(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return the middle of a range in log time; 0 where it has no end."""
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (np.log(lower) + np.log(upper)) / 2
    return np.where(np.isfinite(middle), middle, 0.0)


def _check(sound: BoolArray, time: FloatArray, columns: list[FloatArray]) -> None:
    if not np.all(sound):
        first = int(np.argmin(sound))
        row = ", ".join(str(float(column[first])) for column in columns)
        raise ArithmeticError(
            f"the function must be a number at every time; it is not near {time[first]} for the "
            f"row ({row})"
        )
