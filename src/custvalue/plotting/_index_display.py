"""An index by period and what changed it, as the rows of a waterfall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["by_dimension", "waterfall"]

_ROUNDING = 1e-9


def waterfall(
    index: pd.Series | Mapping[Any, float], changes: pd.DataFrame, *, most: int
) -> pd.DataFrame:
    """Return the rows of a waterfall: each period, and between two the parts of the change.

    Parameters
    ----------
    index : pandas.Series or mapping of str to float
        By period, in order.
    changes : pandas.DataFrame
        A row a period, without the first, and a column a part: what it adds to the change of the
        index since the period before.
    most : int
        Parts to tell apart in each change, the largest first; the rest are one row.

    Returns
    -------
    pandas.DataFrame
        ``label``; ``kind``, "index" or "change"; ``start`` and ``stop``, equal for an index.

    Raises
    ------
    ValueError
        If there is no period, the periods of both differ, a figure is not finite, or the parts do
        not sum to the change.

    Examples
    --------
    >>> changes = pd.DataFrame({"speed": [-0.1], "care": [0.3]}, index=["June"])
    >>> waterfall({"May": 0.5, "June": 0.7}, changes, most=5).round(3)
       label    kind  start  stop
    0    May   index    0.5   0.5
    1   care  change    0.5   0.8
    2  speed  change    0.8   0.7
    3   June   index    0.7   0.7
    """
    levels = pd.Series(index, dtype=np.float64)
    _check(levels, changes)
    rows: list[tuple[str, str, float, float]] = []
    for t, (period, level) in enumerate(levels.items()):
        if t > 0:
            at = float(levels.iloc[t - 1])
            for label, change in _largest_first(changes.iloc[t - 1], most):
                rows.append((label, "change", at, at + change))
                at += change
        rows.append((str(period), "index", float(level), float(level)))
    return pd.DataFrame(rows, columns=["label", "kind", "start", "stop"])


def by_dimension(changes: pd.DataFrame, dimensions: Mapping[str, str]) -> pd.DataFrame:
    """Return changes with the indicators of each dimension added up.

    Parameters
    ----------
    changes : pandas.DataFrame
        A column an indicator.
    dimensions : mapping of str to str
        The dimension of each indicator.

    Returns
    -------
    pandas.DataFrame
        A column a dimension, in the order in which they first appear.
    """
    names = list(dict.fromkeys(dimensions[name] for name in changes.columns))
    members = {name: [one for one in changes.columns if dimensions[one] == name] for name in names}
    return pd.DataFrame({name: changes[columns].sum(axis=1) for name, columns in members.items()})


def _check(levels: pd.Series, changes: pd.DataFrame) -> None:
    if levels.empty or list(levels.index[1:]) != list(changes.index):
        raise ValueError(
            "changes must have a row for each period of the index but the first; found "
            f"{list(map(str, changes.index))} for {list(map(str, levels.index))}"
        )
    parts = changes.to_numpy(dtype=np.float64)
    unknown = ~np.isfinite(levels.to_numpy())
    unknown[1:] |= ~np.isfinite(parts).all(axis=1)
    if unknown.any():
        raise ValueError(
            f"index and changes must be finite; period {levels.index[int(unknown.argmax())]} has "
            f"no such figures ({int(unknown.sum())} of {len(levels)})"
        )
    values: FloatArray = levels.to_numpy()
    off = np.abs(parts.sum(axis=1) - np.diff(values)) > _ROUNDING * max(1.0, np.abs(values).max())
    if off.any():
        t = int(off.argmax())
        raise ValueError(
            f"changes must sum to the change of the index; those of {levels.index[t + 1]} sum to "
            f"{float(parts[t].sum())!r}, and the index changes by {float(np.diff(values)[t])!r}"
        )


def _largest_first(parts: pd.Series, most: int) -> list[tuple[str, float]]:
    """Return the parts of one change by size, the smallest as one where they are many."""
    order = np.argsort(-np.abs(parts.to_numpy(dtype=np.float64)), kind="stable")
    ranked = [(str(parts.index[i]), float(parts.iloc[i])) for i in order]
    if len(ranked) <= most:
        return ranked
    rest = ranked[most - 1 :]
    return [*ranked[: most - 1], (f"{len(rest)} others", sum(change for _, change in rest))]
