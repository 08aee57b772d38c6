"""Offsets that keep segments within limits of size, whatever the rows are like."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.order_statistics import repaired_offsets
from custvalue.segmentation._clusters.transport import cheapest, choice_sizes, separating_offsets

__all__ = ["check_limits", "distinct_rows", "limited_offsets"]


def check_limits(k: int, n: int, lowest: int, highest: int) -> None:
    """Raise where no assignment keeps the limits.

    Parameters
    ----------
    k, n : int
        Number of segments and of customers.
    lowest, highest : int

    Raises
    ------
    ValueError
        If the segments need more customers than there are, or hold fewer.
    """
    if lowest > highest:
        raise ValueError(f"min_size must not exceed max_size; found {lowest} and {highest}")
    if k * lowest > n:
        raise ValueError(
            f"min_size must leave room for all segments: {k} of at least {lowest} customers need "
            f"{k * lowest}; found {n}"
        )
    if k * highest < n:
        raise ValueError(
            f"max_size must leave room for all customers: {k} segments of at most {highest} hold "
            f"{k * highest}; found {n}"
        )


def distinct_rows(
    values: FloatArray, counts: IntArray | None = None
) -> tuple[FloatArray, IntArray]:
    """Return the distinct rows in ascending order, and how many customers each stands for.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    counts : ndarray of int of shape (n,), optional
        1 where left out.

    Returns
    -------
    distinct : ndarray of shape (m, d)
    counts : ndarray of int of shape (m,)

    Examples
    --------
    >>> import numpy as np
    >>> distinct_rows(np.array([[2.0], [1.0], [2.0]]))
    (array([[1.], [2.]]), array([1, 2]))
    """
    order = np.lexsort(values.T[::-1])
    ordered = values[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))
    starts = np.flatnonzero(new)
    each = np.ones(len(values), dtype=np.int64) if counts is None else counts[order]
    return ordered[starts], np.add.reduceat(each, starts).astype(np.int64)


def limited_offsets(
    costs: FloatArray,
    counts: IntArray,
    lowest: int,
    highest: int,
    start: FloatArray | None = None,
) -> FloatArray:
    """Return the offsets of the cheapest placement, or the best that keep equal rows together.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
        Different rows, in an order of their own.
    counts : ndarray of int of shape (n,)
    lowest, highest : int
        Limits that can be kept.
    start : ndarray of shape (k,), optional
        Offsets to start from.

    Returns
    -------
    ndarray of shape (k,)
        0 where the cheapest segments are within the limits already.
    """
    zero = np.zeros(costs.shape[1])
    sizes = choice_sizes(costs, counts, zero)
    if lowest <= sizes.min() and sizes.max() <= highest:
        return zero
    placement = cheapest(costs, counts, lowest, highest, start)
    offsets = separating_offsets(costs, placement)
    if offsets is None:
        return repaired_offsets(costs, counts, lowest, highest, placement.offsets)
    sizes = choice_sizes(costs, counts, offsets)
    if lowest <= sizes.min() and sizes.max() <= highest:
        return offsets
    return repaired_offsets(costs, counts, lowest, highest, offsets)
