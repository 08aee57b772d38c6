"""Functions of whole numbers, evaluated once per number instead of once per row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["on_counts"]


def on_counts(function: Callable[[FloatArray], FloatArray], counts: FloatArray) -> FloatArray:
    """Evaluate a function of whole numbers by a table where that is shorter.

    Parameters
    ----------
    function : callable
        Takes an array of shape (n,) and gives one of shape (..., n), element by element.
    counts : ndarray of shape (n_rows,)
        Whole numbers stored as floats.

    Returns
    -------
    ndarray of shape (..., n_rows)
        Where all counts are equal, of shape (..., 1): it broadcasts.
    """
    if counts.ndim != 1 or not len(counts):
        return function(counts)
    low, high = counts.min(), counts.max()
    if high - low >= len(counts):
        return function(counts)
    table = function(np.arange(low, high + 1.0))
    if low == high:
        return table
    return np.asarray(np.take(table, (counts - low).astype(np.intp), axis=-1))
