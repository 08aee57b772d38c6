"""Stages and points of a response, as they are drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting.formatting import nice_steps

__all__ = ["binned_points", "round_ticks", "stages_from_predictions"]

_MOST_POINTS = 60
_BINS = 30
_MOST_TICKS = 6


def round_ticks(low: float, high: float) -> FloatArray:
    """Return round numbers within a range, evenly spaced.

    Parameters
    ----------
    low, high : float
        Low below high.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> round_ticks(51.0, 99.0)
    array([60., 70., 80., 90.])
    """
    step = nice_steps(high - low, _MOST_TICKS)[1]
    places = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return np.asarray(step * places, dtype=np.float64)


def binned_points(level: FloatArray, value: FloatArray) -> pd.DataFrame:
    """Return the points themselves, or the means of 30 groups of equal size if they are many.

    Parameters
    ----------
    level, value : ndarray of shape (n_rows,)

    Returns
    -------
    pandas.DataFrame
        Columns ``service_level`` and ``value``, ordered by level.

    Examples
    --------
    >>> import numpy as np
    >>> len(binned_points(np.arange(600.0), np.arange(600.0)))
    30
    """
    order = np.lexsort((value, level))
    points = pd.DataFrame({"service_level": level[order], "value": value[order]})
    if len(points) <= _MOST_POINTS:
        return points
    group = np.arange(len(points)) * _BINS // len(points)
    return points.groupby(group).mean()


def stages_from_predictions(level: Any, expected: Any, stage: Any) -> pd.DataFrame:
    """Return the stages that rows are in, with where they begin and end.

    Parameters
    ----------
    level, expected : array-like of shape (n_rows,)
    stage : array-like of str of shape (n_rows,)

    Returns
    -------
    pandas.DataFrame
        Columns ``stage``, ``start``, ``end``, ``value_start`` and ``value_end``; a stage ends
        halfway to the first row of the next.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two levels, or a number is not finite.

    Examples
    --------
    >>> stages_from_predictions([1, 2, 4, 5], [0, 0, 2, 3], ["low", "low", "rising", "rising"])
            stage  start  end  value_start  value_end
    number
    1         low    1.0  3.0          0.0        1.0
    2      rising    3.0  5.0          1.0        3.0
    """
    x, y = np.asarray(level, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    names = np.asarray(stage, dtype=object)
    if not x.shape == y.shape == names.shape or x.ndim != 1:
        raise ValueError(
            "service_level, expected_value and stage must have one entry per row; "
            f"found {x.size}, {y.size} and {names.size}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or len(np.unique(x)) < 2:
        raise ValueError(
            "service_level and expected_value must be finite, with two different levels; "
            f"found {len(np.unique(x))} level(s)"
        )
    order = np.argsort(x, kind="stable")
    x, y, names = x[order], y[order], names[order]
    turns = np.flatnonzero(names[1:] != names[:-1])
    inner = (x[turns] + x[turns + 1]) / 2
    ends = np.concatenate([x[:1], inner, x[-1:]])
    values = np.interp(ends, x, y)
    return pd.DataFrame(
        {
            "stage": names[np.concatenate([turns, [len(x) - 1]])],
            "start": ends[:-1],
            "end": ends[1:],
            "value_start": values[:-1],
            "value_end": values[1:],
        },
        index=pd.RangeIndex(1, len(ends), name="number"),
    )
