"""Rankings as the signs of their pairs of items.

Pairs (i, j), i < j, are in the order of ``np.triu_indices(m, 1)``.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["pair_signs", "preferences_from_signs"]


def pair_signs(levels: IntArray) -> FloatArray:
    """Return 1 where the first item of a pair is preferred, -1 where the second is, else 0.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        0 is the most preferred, equal levels are ties, -1 is unknown. Ranks do as well.

    Returns
    -------
    ndarray of shape (n, m (m - 1) / 2)

    Examples
    --------
    >>> import numpy as np
    >>> pair_signs(np.array([[1, 0, 0], [0, -1, 1]]))
    array([[-1., -1.,  0.],
           [ 0.,  1.,  0.]])
    """
    one, other = np.triu_indices(levels.shape[1], 1)
    first, second = levels[:, one], levels[:, other]
    known = (first >= 0) & (second >= 0)
    return np.where(known, np.sign(second - first), 0).astype(float)


def preferences_from_signs(signs: FloatArray, weights: FloatArray, n_items: int) -> FloatArray:
    """Return the weight that strictly prefers each item to each other, by component.

    Parameters
    ----------
    signs : ndarray of shape (n, n_pairs)
    weights : ndarray of shape (n, n_components)
    n_items : int

    Returns
    -------
    ndarray of shape (n_components, n_items, n_items)
        Entry (k, i, j) is the weight of the rows that prefer i to j.
    """
    one, other = np.triu_indices(n_items, 1)
    net, strict = weights.T @ signs, weights.T @ np.abs(signs)
    out = np.zeros((weights.shape[1], n_items, n_items))
    out[:, one, other], out[:, other, one] = (strict + net) / 2, (strict - net) / 2
    return out
