"""Loadings as a picture needs them: sorted, and coloured by size and sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray, IntArray
from custvalue.plotting.style import RAMP, RAMP_INK, ramp_level

__all__ = ["NEGATIVE_RAMP", "SMALL", "cell_inks", "cell_rgb", "checked_loadings", "item_groups"]

SMALL = 0.3
"""Loadings below it, without their sign, are hardly worth a look."""

NEGATIVE_RAMP = ("#f7f2ee", "#eddccf", "#dfbfa6", "#cf9d78", "#96592e", "#74401c")
"""For negative loadings: as light as the ramp for positive ones, step by step."""


def checked_loadings(loadings: Any) -> pd.DataFrame:
    """Return loadings as a table of items by factors.

    Parameters
    ----------
    loadings : pandas.DataFrame, or array-like of shape (n_items, n_factors)
        An array has its items named ``item_1``, ... and its factors ``factor_1``, ...

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If there is no item or no factor, an item is there twice, or a loading is not finite.

    Examples
    --------
    >>> checked_loadings([[0.8], [0.6]])
            factor_1
    item_1       0.8
    item_2       0.6
    """
    table = pd.DataFrame(loadings).astype(np.float64)
    if not isinstance(loadings, pd.DataFrame):
        items, factors = table.shape
        table.index = pd.Index([f"item_{i + 1}" for i in range(items)])
        table.columns = pd.Index([f"factor_{k + 1}" for k in range(factors)])
    if table.empty or not table.index.is_unique:
        raise ValueError(
            "loadings must have a factor and an item, each item once; found shape "
            f"{table.shape} with {table.index.nunique()} different item(s)"
        )
    bad = ~np.isfinite(table.to_numpy())
    if bad.any():
        item = table.index[int(bad.any(axis=1).argmax())]
        raise ValueError(
            f"loadings must be finite; found one of item {item!r} that is not "
            f"({int(bad.sum())} such)"
        )
    return table


def item_groups(loadings: FloatArray, *, sort: bool = True) -> list[IntArray]:
    """Return items in the order to show them, in groups by the factor that they load on most.

    Parameters
    ----------
    loadings : ndarray of shape (n_items, n_factors)
    sort : bool
        False: one group in the order given.

    Returns
    -------
    list of ndarray of int
        Positions, the largest loading of each group first, without regard to the sign; last those
        that have no loading of at least 0.3. No group is empty.

    Examples
    --------
    >>> import numpy as np
    >>> item_groups(np.array([[0.1, 0.5], [0.2, -0.7], [0.1, 0.2], [0.9, 0.0]]))
    [array([3]), array([1, 0]), array([2])]
    """
    if not sort:
        return [np.arange(len(loadings))]
    sizes = np.abs(loadings)
    largest = sizes.max(axis=1)
    group = np.where(largest < SMALL, loadings.shape[1], sizes.argmax(axis=1))
    order = np.lexsort((-largest, group))
    starts = np.flatnonzero(np.diff(group[order])) + 1
    return np.split(order, starts)


def cell_rgb(loadings: FloatArray) -> FloatArray:
    """Return the colour of each loading: blue above 0, brown below, the lightest where small.

    Parameters
    ----------
    loadings : ndarray of shape (n_items, n_factors)

    Returns
    -------
    ndarray of shape (n_items, n_factors, 3)
        Red, green and blue from 0 to 1.
    """
    codes = [[list(bytes.fromhex(ink[1:])) for ink in ramp] for ramp in (RAMP, NEGATIVE_RAMP)]
    return np.array(codes)[(loadings < 0).astype(np.int64), _levels(loadings)] / 255.0


def cell_inks(loadings: FloatArray, quiet: str) -> list[list[str]]:
    """Return the ink in which each loading is written: the quiet one where it is small.

    Parameters
    ----------
    loadings : ndarray of shape (n_items, n_factors)
    quiet : str

    Returns
    -------
    list of list of str
    """
    inks = np.where(np.abs(loadings) < SMALL, quiet, np.array(RAMP_INK)[_levels(loadings)])
    rows: list[list[str]] = inks.tolist()
    return rows


def _levels(loadings: FloatArray) -> IntArray:
    sizes = np.abs(loadings)
    return ramp_level(np.where(sizes < SMALL, 0.0, np.minimum(sizes, 1.0)))
