"""Direct, hidden and total cost by level of service, and where the total is lowest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting.formatting import nice_steps

__all__ = ["COLUMNS", "best_level", "cost_table", "level_steps", "places_of"]

COLUMNS = ("direct_cost", "hidden_cost", "total_cost")

_MOST_STEPS = 5
_ROUNDING = 1e-12


def cost_table(service_levels: Any, direct_cost: Any, hidden_cost: Any) -> pd.DataFrame:
    """Return costs in a table, by ascending level of service.

    Parameters
    ----------
    service_levels, direct_cost, hidden_cost : array-like of shape (n_levels,)

    Returns
    -------
    pandas.DataFrame
        Index ``service_level``; columns ``direct_cost``, ``hidden_cost`` and ``total_cost``.

    Raises
    ------
    ValueError
        If a number is not finite, the three differ in length, or a level is not from 0 to 1 or
        comes twice.

    Examples
    --------
    >>> cost_table([0.95, 0.90], [20.0, 10.0], [15.0, 30.0])
                   direct_cost  hidden_cost  total_cost
    service_level
    0.90                  10.0         30.0        40.0
    0.95                  20.0         15.0        35.0
    """
    levels = _finite(service_levels, "service_levels")
    costs = [_finite(direct_cost, "direct_cost"), _finite(hidden_cost, "hidden_cost")]
    for name, values in zip(COLUMNS, costs, strict=False):
        if len(values) != len(levels):
            raise ValueError(
                f"{name} must have one entry per service level; "
                f"found {len(values)} for {len(levels)}"
            )
    if len(np.unique(levels)) < len(levels) or len(levels) < 2:
        raise ValueError(
            f"service_levels must be at least two different levels; found {service_levels!r}"
        )
    if levels.min() < 0 or levels.max() > 1:
        raise ValueError(
            "service_levels must be from 0 to 1, as 0.95 for 95 %; "
            f"found {levels.min():g} to {levels.max():g}"
        )
    columns = dict(zip(COLUMNS, [*costs, costs[0] + costs[1]], strict=True))
    table = pd.DataFrame(columns, index=pd.Index(levels, name="service_level"))
    return table.sort_index()


def best_level(table: pd.DataFrame) -> float:
    """Return the level of lowest total cost, the lowest where several have it but for rounding.

    Parameters
    ----------
    table : pandas.DataFrame
        As `cost_table` gives it.

    Returns
    -------
    float
    """
    total = table["total_cost"].to_numpy(dtype=np.float64)
    parts = [name for name in COLUMNS if name in table]
    scale = np.abs(table[parts].to_numpy(dtype=np.float64)).max(axis=1)
    lowest = int(np.argmin(total))
    position = int(np.argmax(total <= total[lowest] + _ROUNDING * scale[lowest]))
    return float(table.index[position])


def level_steps(lowest: float, highest: float) -> FloatArray:
    """Return round levels, evenly spaced, within a range.

    Parameters
    ----------
    lowest, highest : float
        Different, from 0 to 1.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> level_steps(0.9, 0.999).round(3)
    array([0.9 , 0.92, 0.94, 0.96, 0.98])
    """
    steps = nice_steps(highest - lowest, _MOST_STEPS + 1)
    step = steps[1] if len(steps) > 1 else highest - lowest
    first, last = np.ceil(lowest / step - 1e-9), np.floor(highest / step + 1e-9)
    return np.asarray(step * np.arange(first, last + 1))


def places_of(values: FloatArray, most: int = 6) -> int:
    """Return how many decimals values need, at most so many.

    Examples
    --------
    >>> import numpy as np
    >>> places_of(np.array([90.0, 92.5]))
    1
    """
    fits = (n for n in range(most) if np.allclose(values, np.round(values, n), rtol=0, atol=1e-9))
    return next(fits, most)


def _finite(values: Any, name: str) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be a row of finite numbers; found {values!r}")
    return numbers
