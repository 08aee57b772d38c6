"""Service by safety stock, as a table by multiples of the standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["at_marks", "checked_marks", "drawn_multiples", "level_text", "service_table"]

_STEPS = 90
_BEFORE, _AFTER = 1.0, 0.5
_FULL = 0.99


def service_table(multiple: Any, cycle_service_level: Any, fill_rate: Any = None) -> pd.DataFrame:
    """Return the service of rising safety stocks as a table.

    Parameters
    ----------
    multiple : array-like of shape (n_points,)
        Rising.
    cycle_service_level, fill_rate : array-like of shape (n_points,)
        From 0 to 1; the fill rate may be None.

    Returns
    -------
    pandas.DataFrame
        Index ``multiple``; the column ``fill_rate`` only where there is one.

    Raises
    ------
    ValueError
        If the multiples do not rise, a level is not from 0 to 1, or the lengths differ.

    Examples
    --------
    >>> service_table([0, 1], [0.5, 0.84])
              cycle_service_level
    multiple
    0.0                      0.50
    1.0                      0.84
    """
    places = np.asarray(multiple, dtype=np.float64)
    if places.ndim != 1 or len(places) < 2 or not (np.diff(places) > 0).all():
        raise ValueError(f"multiple must be at least 2 numbers that rise; found {multiple!r}")
    columns = {"cycle_service_level": cycle_service_level, "fill_rate": fill_rate}
    levels = {name: _levels(v, name, len(places)) for name, v in columns.items() if v is not None}
    return pd.DataFrame(levels, index=pd.Index(places, name="multiple"))


def checked_marks(marks: Sequence[float]) -> FloatArray:
    """Return the multiples to be marked, sorted.

    Raises
    ------
    ValueError
        If there is none, or one is not a finite number.
    """
    values = np.unique(np.asarray(marks, dtype=np.float64))
    if not values.size or not np.isfinite(values).all():
        raise ValueError(f"marks must be finite numbers, at least one; found {marks!r}")
    return values


def drawn_multiples(marks: FloatArray) -> FloatArray:
    """Return the multiples to draw a line through, the marks among them."""
    line = np.linspace(marks[0] - _BEFORE, marks[-1] + _AFTER, _STEPS + 1)
    return np.unique(np.concatenate([line, marks]))


def at_marks(table: pd.DataFrame, marks: FloatArray) -> pd.DataFrame:
    """Return the service at the marks, on the line between two points of the table.

    Raises
    ------
    ValueError
        If a mark is outside the table.

    Examples
    --------
    >>> at_marks(service_table([0, 1], [0.5, 0.84]), np.array([0.5]))
              cycle_service_level
    multiple
    0.5                      0.67
    """
    low, high = float(table.index[0]), float(table.index[-1])
    if marks[0] < low or marks[-1] > high:
        raise ValueError(
            f"marks must be from {low:g} to {high:g}, as the multiples; found {marks.tolist()}"
        )
    levels = {name: np.interp(marks, table.index, table[name]) for name in table}
    return pd.DataFrame(levels, index=pd.Index(marks, name="multiple"))


def level_text(level: float) -> str:
    r"""Return a level in per cent: whole, and beyond 99 % with the digits that part it from 100.

    Examples
    --------
    >>> [level_text(level) for level in (0.5, 0.97725, 0.99865, 1.0)]
    ['50\xa0%', '98\xa0%', '99.9\xa0%', '100\xa0%']
    """
    places = max(int(np.ceil(-np.log10(1 - level))) - 2, 0) if _FULL < level < 1 else 0
    return f"{100 * level:.{places}f}\u00a0%"


def _levels(values: Any, name: str, count: int) -> FloatArray:
    levels = np.asarray(values, dtype=np.float64)
    if levels.shape != (count,):
        raise ValueError(
            f"{name} must have one number per multiple, {count}; found shape {levels.shape}"
        )
    if not ((levels >= 0) & (levels <= 1)).all():
        raise ValueError(f"{name} must be from 0 to 1; found {levels.min():g} to {levels.max():g}")
    return levels
