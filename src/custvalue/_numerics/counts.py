"""Functions of whole numbers, evaluated once per number instead of once per row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["on_counts"]


def on_counts(function: Callable[[FloatArray], FloatArray], counts: FloatArray) -> FloatArray:
    """Evaluate a function of whole numbers of at least 0 by a table where that is shorter.

    Parameters
    ----------
    function : callable
        Takes and gives arrays, element by element.
    counts : ndarray of shape (n_rows,)
        Whole numbers stored as floats.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    if counts.ndim != 1 or not len(counts) or counts.max() >= len(counts):
        return function(counts)
    table = function(np.arange(counts.max() + 1.0))
    return np.asarray(table[counts.astype(np.intp)])
