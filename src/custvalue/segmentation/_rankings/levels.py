"""Rankings as levels: 0 for the most preferred items, equal for a tie, -1 where unknown."""

from __future__ import annotations

import numpy as np

from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = ["compressed_levels", "dense_levels", "with_last"]

_MOST_REPEATS = 1_000_000


def dense_levels(values: FloatArray) -> IntArray:
    """Return the level of each value within its row, 0 for the smallest; -1 for NaN.

    Parameters
    ----------
    values : ndarray of shape (n, m)

    Returns
    -------
    ndarray of int of shape (n, m)

    Examples
    --------
    >>> import numpy as np
    >>> dense_levels(np.array([[1.0, 2.5, 2.5, 4.0], [2.0, np.nan, 1.0, np.nan]]))
    array([[ 0,  1,  1,  2],
           [ 1, -1,  0, -1]])
    """
    order = np.argsort(values, axis=1, kind="stable")
    sorted_values = np.take_along_axis(values, order, axis=1)
    steps = np.cumsum(np.diff(sorted_values, axis=1) > 0, axis=1)
    levels = np.zeros(values.shape, dtype=np.int64)
    np.put_along_axis(levels, order[:, 1:], steps, axis=1)
    levels[np.isnan(values)] = -1
    return levels


def compressed_levels(
    levels: IntArray, weights: FloatArray | None = None
) -> tuple[IntArray, FloatArray, IntArray]:
    """Return the distinct rankings in lexicographic order, their weights, and which each row is.

    Parameters
    ----------
    levels : ndarray of int of shape (n_rows, m)
    weights : ndarray of shape (n_rows,) or None
        None counts every row once.

    Returns
    -------
    distinct : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)
    inverse : ndarray of int of shape (n_rows,)

    Examples
    --------
    >>> import numpy as np
    >>> compressed_levels(np.array([[1, 0], [0, 1], [1, 0]]))
    (array([[0, 1],
           [1, 0]]), array([1., 2.]), array([1, 0, 1]))
    """
    keys = _row_keys(levels)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.bincount(inverse, weights=weights, minlength=len(first)).astype(np.float64)
    return levels[first], counts, inverse


def with_last(levels: IntArray) -> IntArray:
    """Return the levels with the missing items tied behind all others.

    Examples
    --------
    >>> import numpy as np
    >>> with_last(np.array([[0, -1, -1], [2, 0, 1]]))
    array([[0, 1, 1],
           [2, 0, 1]])
    """
    return np.where(levels >= 0, levels, levels.max(axis=1, keepdims=True) + 1)


def _row_keys(levels: IntArray) -> AnyArray:
    """Return one sortable value for each row, a number where it fits in one."""
    base = levels.shape[1] + 1
    if base ** levels.shape[1] < 2**63:
        keys: AnyArray = (levels + 1) @ base ** np.arange(levels.shape[1])[::-1]
        return keys
    digits = np.ascontiguousarray(levels + 1).astype(">u4")
    return digits.view(f"V{4 * levels.shape[1]}").ravel()
