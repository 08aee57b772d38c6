"""What is expected and what is perceived, as a table sorted by how far service falls short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["by_shortfall", "gap_table", "heading_places"]


def gap_table(expectation: Any, perception: Any) -> pd.DataFrame:
    """Return expectation, perception and gap by item, the one that falls shortest first.

    Parameters
    ----------
    expectation, perception : pandas.Series or mapping of str to float
        By item.

    Returns
    -------
    pandas.DataFrame
        Index ``item``; columns ``expectation``, ``perception`` and ``gap``, their difference.

    Raises
    ------
    ValueError
        If there is no item, one is there twice, the two do not have the same items, or a value is
        not finite.

    Examples
    --------
    >>> gap_table({"speed": 6.0, "care": 5.0}, {"speed": 4.5, "care": 5.5})
           expectation  perception  gap
    item
    speed          6.0         4.5 -1.5
    care           5.0         5.5  0.5
    """
    expected, perceived = (pd.Series(one, dtype=np.float64) for one in (expectation, perception))
    unique = expected.index.is_unique and perceived.index.is_unique
    if not unique or expected.empty or set(expected.index) != set(perceived.index):
        raise ValueError(
            f"expectation and perception must have the same items, each once; found "
            f"{', '.join(map(str, expected.index))} and {', '.join(map(str, perceived.index))}"
        )
    table = pd.DataFrame({"expectation": expected, "perception": perceived[expected.index]})
    bad = ~np.isfinite(table.to_numpy()).all(axis=1)
    if bad.any():
        raise ValueError(
            f"expectation and perception must be finite; item {table.index[bad][0]!r} has "
            f"{table[bad].iloc[0].to_dict()} ({int(bad.sum())} such)"
        )
    table["gap"] = table["perception"] - table["expectation"]
    return by_shortfall(table.rename_axis("item"))


def by_shortfall(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by expectation less perception, the largest first, ties as they were.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``expectation`` and ``perception``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If there is no expectation.
    """
    shortfall = (table["expectation"] - table["perception"]).to_numpy(dtype=np.float64)
    if np.isnan(shortfall).all():
        raise ValueError("gaps need expectations; found none, as with ServiceGap(expectation=None)")
    return table.iloc[np.argsort(-shortfall, kind="stable")]


def heading_places(wanted: tuple[float, float], gap: float, most: float) -> tuple[float, float]:
    """Return places of two headings, near those wanted, apart, and not beyond an end.

    Parameters
    ----------
    wanted : tuple of float
    gap : float
        The least distance between the two.
    most : float
        Where the right one may be at most.

    Returns
    -------
    tuple of float
        In the order given; of two alike the second is on the left.

    Examples
    --------
    >>> heading_places((6.0, 5.5), 1.0, 5.9)
    (5.9, 4.9)
    >>> heading_places((4.0, 5.5), 1.0, 5.9)
    (4.0, 5.5)
    """
    first, second = wanted
    right = min(max(first, second), most)
    left = min(first, second, right - gap)
    return (right, left) if first >= second else (left, right)
