"""Many tests at once."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["holm"]


def holm(p_values: FloatArray) -> FloatArray:
    """Return p-values adjusted for their number (Holm 1979, Scand. J. Statist. 6, 65-70).

    Parameters
    ----------
    p_values : ndarray of shape (n_tests,)

    Returns
    -------
    ndarray of shape (n_tests,)
        At most 1. NaN stays and does not count.

    Examples
    --------
    >>> import numpy as np
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03]))
    array([0.03, 0.06,  nan, 0.06])
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
