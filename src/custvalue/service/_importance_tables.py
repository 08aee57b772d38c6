"""Tables that an importance-performance map reports: arrays in, frames out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.service._importance_performance import (
    QUADRANTS,
    Draws,
    Points,
    cross_hairs,
    limits,
    quadrants,
    shares_by_quadrant,
)

__all__ = ["cross_hair_series", "map_table", "placed_table", "stability_table", "weights_of"]


def cross_hair_series(points: Points, rule: str | tuple[float, float]) -> pd.Series:
    """Return where the lines of the map cross.

    Parameters
    ----------
    points : Points
    rule : {"mean", "median"} or (float, float)

    Returns
    -------
    pandas.Series
        Index ``importance``, ``performance``.
    """
    cross = cross_hairs(points.importance, points.performance, rule)
    return pd.Series(cross.copy(), index=["importance", "performance"], name="cross_hair")


def stability_table(
    draws: Draws,
    rule: str | tuple[float, float],
    items: Sequence[str],
    *,
    rare: BoolArray | None = None,
) -> pd.DataFrame:
    """Return in which share of the resamples each item is in each quadrant.

    Parameters
    ----------
    draws : Draws
    rule : {"mean", "median"} or (float, float)
        The lines are drawn anew in each resample.
    items : sequence of str
    rare : ndarray of bool of shape (2, p) or None
        As `rarely_answered` gives it.

    Returns
    -------
    pandas.DataFrame
        Index ``item``, a column a quadrant; NaN without draws, and for an item answered too rarely.
    """
    cross = cross_hairs(draws.importance, draws.performance, rule)
    codes = quadrants(draws.importance, draws.performance, cross)
    columns = pd.Index(QUADRANTS, name="quadrant")
    index = pd.Index(items, name="item")
    shares = shares_by_quadrant(codes)
    if rare is not None:
        shares[rare.any(axis=0)] = np.nan
    return pd.DataFrame(shares, index=index, columns=columns)


def map_table(
    points: Points,
    draws: Draws,
    cross: pd.Series,
    stability: pd.DataFrame,
    *,
    level: float,
    rare: BoolArray | None = None,
) -> pd.DataFrame:
    """Return where each item lies, and how sure that is.

    Parameters
    ----------
    points : Points
    draws : Draws
    cross : pandas.Series
        As `cross_hair_series` gives it.
    stability : pandas.DataFrame
        As `stability_table` gives it.
    level : float
        Of the intervals.
    rare : ndarray of bool of shape (2, p) or None
        As `rarely_answered` gives it: these have no interval.

    Returns
    -------
    pandas.DataFrame
        Index ``item``.
    """
    codes = _codes(points, cross)
    importance, performance = limits(draws.importance, level), limits(draws.performance, level)
    if rare is not None:
        importance, performance = (
            np.where(rare[k], np.nan, one) for k, one in enumerate((importance, performance))
        )
    columns = {
        "importance": points.importance,
        "importance_lower": importance[0],
        "importance_upper": importance[1],
        "performance": points.performance,
        "performance_lower": performance[0],
        "performance_upper": performance[1],
        "weight": weights_of(points.importance),
        "quadrant": [QUADRANTS[code] for code in codes],
        "stability": stability.to_numpy()[np.arange(len(codes)), codes],
    }
    return pd.DataFrame(columns, index=stability.index)


def placed_table(points: Points, cross: pd.Series, before: pd.Series) -> pd.DataFrame:
    """Return where the items of another survey lie on a map, and which changed quadrant.

    Parameters
    ----------
    points : Points
    cross : pandas.Series
        Of the map.
    before : pandas.Series
        Quadrant of each item on the map.

    Returns
    -------
    pandas.DataFrame
        Index ``item``.
    """
    now = [QUADRANTS[code] for code in _codes(points, cross)]
    columns = {
        "importance": points.importance,
        "performance": points.performance,
        "quadrant": now,
        "fitted_quadrant": list(before),
        "moved": np.array(now) != before.to_numpy(),
    }
    return pd.DataFrame(columns, index=before.index)


def weights_of(importance: FloatArray) -> FloatArray:
    """Return importance as shares of its sum; NaN where that is 0."""
    total = float(importance.sum())
    return importance / total if total else np.full(len(importance), np.nan)


def _codes(points: Points, cross: pd.Series) -> IntArray:
    return quadrants(points.importance, points.performance, cross.to_numpy(dtype=np.float64))
