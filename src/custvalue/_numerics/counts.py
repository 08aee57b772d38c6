"""Functions of whole numbers, evaluated once per number instead of once per row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import FloatArray, Number

__all__ = ["by_count", "on_counts"]


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


def by_count(
    function: Callable[[Number, FloatArray], FloatArray], parameter: Number, counts: FloatArray
) -> FloatArray:
    """Evaluate a function of a parameter and whole numbers; by a table where it is one number.

    Parameters
    ----------
    function : callable
        Takes the parameter and counts, gives an array of shape (n_rows,).
    parameter : float or ndarray of shape (n_rows,)
    counts : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows,)
        Of shape (1,) where parameter and counts are all equal: it broadcasts.
    """
    if np.ndim(parameter):
        return function(parameter, counts)
    return on_counts(lambda n: function(parameter, n), counts)
