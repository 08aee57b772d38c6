"""How good one grouping is: separation of its groups, and the dispersion inside them.

Z is an encoded matrix of shape (n_rows, n_features). A grouping is the code of the group of each
row; a negative code is no group, and such a row is left out. A criterion that a grouping does not
have (one group, as many groups as rows, no group) is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import davies_bouldin_score

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.silhouettes import mean_silhouettes

Clusterer: TypeAlias = Callable[[FloatArray, int, int], IntArray]
"""Takes Z, the number of groups and a seed, gives the code of each row; may find fewer groups."""

__all__ = [
    "Clusterer",
    "calinski_harabasz",
    "centroids",
    "davies_bouldin",
    "group_sizes",
    "nearest",
    "silhouette",
    "within_dispersion",
]

_EXACT = np.finfo(np.float64).eps
"""Dispersion below this share of the total is rounding: the groups are single points."""


def silhouette(Z: FloatArray, codes: IntArray) -> float:
    """Return the mean silhouette (Rousseeuw 1987): the larger, the better separated.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)

    Returns
    -------
    float
        From -1 to 1. The time grows with the square of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> round(silhouette(Z, np.array([0, 0, 1, 1])), 4)
    0.8997
    """
    return float(mean_silhouettes(Z, [codes])[0])


def davies_bouldin(Z: FloatArray, codes: IntArray) -> float:
    """Return the index of Davies and Bouldin (1979): the smaller, the better separated.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)

    Returns
    -------
    float
        At least 0.
    """
    Z, codes = _in_groups(Z, codes)
    return float(davies_bouldin_score(Z, codes)) if _comparable(codes) else np.nan


def calinski_harabasz(Z: FloatArray, codes: IntArray) -> float:
    """Return (B / (k - 1)) / (W / (n - k)) (Calinski and Harabasz 1974): the larger, the better.

    B and W are the sums of squared distances between and within groups. W is at least the
    rounding of B + W, so that groups of equal rows have a large number, not an infinite one.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)

    Returns
    -------
    float
    """
    Z, codes = _in_groups(Z, codes)
    if not _comparable(codes):
        return np.nan
    n, k = len(codes), len(np.unique(codes))
    total = within_dispersion(Z, np.zeros_like(codes))
    within = within_dispersion(Z, codes)
    return (total - within) / (k - 1) / (within / (n - k)) if total > 0 else np.nan


def within_dispersion(Z: FloatArray, codes: IntArray) -> float:
    """Return the sum of squared distances of the rows to the centroid of their group.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)

    Returns
    -------
    float
        At least the rounding of the dispersion around one centroid; NaN where no row is in a
        group.

    Examples
    --------
    >>> import numpy as np
    >>> within_dispersion(np.array([[0.0], [2.0], [10.0], [99.0]]), np.array([0, 0, 1, -1]))
    2.0
    """
    Z, codes = _in_groups(Z, codes)
    if len(codes) == 0:
        return np.nan
    within = np.square(Z - centroids(Z, codes)[codes]).sum()
    return float(max(within, _EXACT * np.square(Z - Z.mean(axis=0)).sum()))


def group_sizes(codes: IntArray) -> IntArray:
    """Return the number of rows of each group that has any.

    Examples
    --------
    >>> import numpy as np
    >>> group_sizes(np.array([2, 0, 2, -1]))
    array([1, 2])
    """
    return np.unique(codes[codes >= 0], return_counts=True)[1]


def centroids(Z: FloatArray, codes: IntArray) -> FloatArray:
    """Return the mean row of each group that has any, in the order of their codes.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_groups, n_features)
    """
    Z, codes = _in_groups(Z, codes)
    sums = [np.bincount(codes, weights=column) for column in Z.T]
    return np.column_stack(sums) / np.bincount(codes)[:, None]


def nearest(Z: FloatArray, centres: FloatArray) -> IntArray:
    """Return the nearest centre of each row, the first of those equally near."""
    closest: IntArray = cdist(Z, centres, "sqeuclidean").argmin(axis=1)
    return closest


def _in_groups(Z: FloatArray, codes: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the rows that are in a group, their groups numbered from 0 without gaps."""
    known = codes >= 0
    return Z[known], np.unique(codes[known], return_inverse=True)[1]


def _comparable(codes: IntArray) -> bool:
    return 1 < len(np.unique(codes)) < len(codes)
