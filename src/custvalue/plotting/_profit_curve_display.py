"""Revenue, cost and profit over the service level, as they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from custvalue._typing import FloatArray
from custvalue.plotting.formatting import amounts

__all__ = ["curve_of_group", "curve_table", "highest", "tick_texts"]


def curve_of_group(optimizer: Any, group: Any) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the curves of a group, and its optimum.

    Parameters
    ----------
    optimizer : fitted `custvalue.service.ServiceLevelOptimizer`
        Of the curve form.
    group : object or None
        None takes the only one.

    Returns
    -------
    tuple of DataFrame and dict

    Raises
    ------
    ValueError
        If the group is unknown, or must be named.
    """
    curves = optimizer.profit_curve()
    known = optimizer.optimum_.index.tolist()
    if group is None and len(known) == 1:
        group = known[0]
    if not is_scalar(group) or group not in known:
        raise ValueError(f"group must be one of {', '.join(map(repr, known))}; found {group!r}")
    row = optimizer.optimum_.loc[group]
    optimum = {name: float(row[name]) for name in ("service_level", "lower", "upper", "profit")}
    return curves.loc[group], optimum


def curve_table(service_level: Any, revenue: Any, cost: Any) -> pd.DataFrame:
    """Return curves in a table, ordered by the level.

    Parameters
    ----------
    service_level, revenue, cost : array-like of shape (n_levels,)

    Returns
    -------
    pandas.DataFrame
        Index ``service_level``; columns ``revenue``, ``cost`` and ``profit``.

    Raises
    ------
    ValueError
        If lengths differ, a number is not finite, or there are fewer than two levels.

    Examples
    --------
    >>> curve_table([0.9, 0.8], [110, 100], [60, 40])["profit"].to_dict()
    {0.8: 60.0, 0.9: 50.0}
    """
    columns = [np.asarray(v, dtype=np.float64) for v in (service_level, revenue, cost)]
    sizes = [v.size for v in columns]
    if any(v.ndim != 1 for v in columns) or len(set(sizes)) > 1 or sizes[0] < 2:
        raise ValueError(
            "service_level, revenue and cost must have one entry per level, at least two; "
            f"found {sizes[0]}, {sizes[1]} and {sizes[2]}"
        )
    if not all(np.isfinite(v).all() for v in columns):
        bad = sum(int((~np.isfinite(v)).sum()) for v in columns)
        raise ValueError(
            f"service_level, revenue and cost must be finite; found {bad} that are not"
        )
    order = np.argsort(columns[0], kind="stable")
    level, earned, spent = (v[order] for v in columns)
    return pd.DataFrame(
        {"revenue": earned, "cost": spent, "profit": earned - spent},
        index=pd.Index(level, name="service_level"),
    )


def highest(table: pd.DataFrame) -> dict[str, float]:
    """Return the level of the highest profit, without an interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `curve_table`.

    Returns
    -------
    dict
    """
    place = int(np.argmax(table["profit"].to_numpy()))
    return {
        "service_level": float(table.index[place]),
        "lower": np.nan,
        "upper": np.nan,
        "profit": float(table["profit"].iloc[place]),
    }


def tick_texts(ticks: FloatArray) -> list[str]:
    """Return amounts of money as whole numbers where all of them are.

    Parameters
    ----------
    ticks : ndarray of shape (n_ticks,)

    Returns
    -------
    list of str

    Examples
    --------
    >>> import numpy as np
    >>> tick_texts(np.array([0.0, 50.0])), tick_texts(np.array([0.0, 0.5]))
    (['0', '50'], ['0.00', '0.50'])
    """
    if np.array_equal(ticks, np.round(ticks)):
        return [f"{tick + 0.0:,.0f}" for tick in ticks]
    return amounts(ticks)
