"""Where the classes of an ABC analysis begin.

Items are taken from the largest value down. A class ends where the share of the items *before* has
reached its cut: the share before the first item is 0, so that it is always in the first class,
even where it holds more than the cut alone. Equal values have the same items before them, those
strictly larger, and so one class. The classes are then those of thresholds on the value itself,
which sort new items too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["abc_classes", "abc_count_thresholds", "abc_thresholds"]

_SLACK = 1e-12


def abc_thresholds(values: FloatArray, cuts: Sequence[float]) -> FloatArray:
    """Return the least value of each class but the last, by the share of the total value before.

    An item is in the first class whose cut exceeds the share of the total held by the items
    strictly larger. A share that falls short of a cut by less than 1e-12 has reached it. A value
    below zero holds nothing: it is no part of the total, and never in a class but the last.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
        All finite, in any order, at least one above zero.
    cuts : sequence of float
        Shares between 0 and 1, ascending, such as (0.8, 0.95).

    Returns
    -------
    ndarray of shape (n_cuts,)
        In descending order: item values at and above the first are class A, those at and above the
        second class B, and so on.

    Raises
    ------
    ValueError
        If no value is above zero: there is then no total to share.

    Examples
    --------
    >>> import numpy as np
    >>> abc_thresholds(np.array([500.0, 300, 80, 50, 30, 15, 10, 7, 5, 3]), (0.8, 0.95))
    array([300.,  30.])

    The first item is always in the first class:

    >>> abc_thresholds(np.array([97.0, 2, 1]), (0.8, 0.95))
    array([97., 97.])
    """
    distinct, counts = np.unique(values[values > 0], return_counts=True)
    if not len(distinct):
        raise ValueError(
            f"values must hold at least one above zero; found none among {len(values)} values"
        )
    largest_first = distinct[::-1]
    held = largest_first / largest_first[0] * counts[::-1]
    return _least_values(largest_first, held, cuts)


def abc_count_thresholds(values: FloatArray, cuts: Sequence[float]) -> FloatArray:
    """Return the least value of each class but the last, by the share of the items before.

    An item is in the first class whose cut exceeds the share of the items that are strictly
    larger. A share that falls short of a cut by less than 1e-12 has reached it.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
        At least one, all finite, in any order and of any sign.
    cuts : sequence of float
        Shares between 0 and 1, ascending, such as (0.2, 0.7).

    Returns
    -------
    ndarray of shape (n_cuts,)
        In descending order, as `abc_thresholds`.

    Examples
    --------
    >>> import numpy as np
    >>> abc_count_thresholds(np.array([500.0, 300, 80, 50, 30, 15, 10, 7, 5, 3]), (0.2, 0.7))
    array([300.,  10.])
    """
    distinct, counts = np.unique(values, return_counts=True)
    return _least_values(distinct[::-1], counts[::-1].astype(np.float64), cuts)


def abc_classes(values: FloatArray, thresholds: FloatArray) -> IntArray:
    """Return the class of each value: 0 for the first (A), 1 for the next, and so on.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    thresholds : ndarray of shape (n_cuts,)
        Least value of each class but the last, in descending order.

    Returns
    -------
    ndarray of int of shape (n_values,)
        From 0 to n_cuts.

    Examples
    --------
    >>> import numpy as np
    >>> abc_classes(np.array([300.0, 299.0, 30.0, -1.0]), np.array([300.0, 30.0]))
    array([0, 1, 1, 2])
    """
    reached = np.searchsorted(thresholds[::-1], values, side="right")
    return (len(thresholds) - reached).astype(np.int64)


def _least_values(largest_first: FloatArray, held: FloatArray, cuts: Sequence[float]) -> FloatArray:
    """Return the last of the descending values before which less than each cut is held."""
    upto = np.cumsum(held)
    before = np.concatenate([[0.0], upto[:-1]]) / upto[-1]
    inside = np.searchsorted(before, np.asarray(cuts, dtype=np.float64) - _SLACK, side="left")
    least: FloatArray = largest_first[np.maximum(inside, 1) - 1]
    return least
