"""Kaiser's normalisation: items of equal length while factors are rotated."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["row_lengths"]

_ZERO = 1e-8


def row_lengths(loadings: FloatArray) -> FloatArray:
    """Return the lengths of rows, the square roots of communalities, to divide by.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        Of uncorrelated factors.

    Returns
    -------
    ndarray of shape (p, 1)
        1 for a row of zeros, and for one below 1e-8 of the longest: it is noise, which division
        would raise to the weight of an item.

    Examples
    --------
    >>> import numpy as np
    >>> row_lengths(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[5.], [1.]])
    """
    lengths = np.sqrt((loadings * loadings).sum(axis=1, keepdims=True))
    found: FloatArray = np.where(lengths > _ZERO * lengths.max(), lengths, 1.0)
    return found
