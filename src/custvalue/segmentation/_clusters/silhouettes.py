"""The mean silhouette (Rousseeuw 1987) of several groupings of the same rows, in one pass.

A row at mean distance a from the others of its group and b from the rows of the nearest other
group has the silhouette (b - a) / max(a, b), or 0 where it is alone in its group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import cdist

from custvalue._typing import FloatArray, IntArray

__all__ = ["mean_silhouettes"]

_CHUNK = 2_000_000
"""Distances held at a time."""


def mean_silhouettes(Z: FloatArray, groupings: Sequence[IntArray]) -> FloatArray:
    """Return the mean silhouette of each grouping; the time grows with the square of the rows.

    The distances, which take most of the time, are computed once for all groupings.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    groupings : sequence of ndarray of int of shape (n_rows,)
        Group of each row; a negative code is no group, and such a row is left out.

    Returns
    -------
    ndarray of shape (n_groupings,)
        From -1 to 1; the larger, the better separated. NaN for one group, as many groups as rows,
        and no group.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> mean_silhouettes(Z, [np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0])])
    array([0.89974937,        nan])
    """
    members = [_members(codes) for codes in groupings]
    able = [1 < one.shape[1] < one.sum() for one in members]
    columns = [one for one, known in zip(members, able, strict=True) if known]
    means = np.full(len(groupings), np.nan)
    if not columns:
        return means
    totals = np.zeros(len(columns))
    bounds = np.cumsum([0, *(one.shape[1] for one in columns)])
    everything = np.hstack(columns)
    step = max(1, _CHUNK // len(Z))
    for start in range(0, len(Z), step):
        rows = slice(start, start + step)
        sums = cdist(Z[rows], Z) @ everything
        for i, one in enumerate(columns):
            totals[i] += _silhouettes(
                sums[:, bounds[i] : bounds[i + 1]], one[rows], one.sum(axis=0)
            )
    means[able] = totals / [one.sum() for one in columns]
    return means


def _members(codes: IntArray) -> FloatArray:
    """Return 1 where a row is in a group, else 0, of shape (n_rows, n_groups)."""
    groups = np.unique(codes[codes >= 0])
    return np.asarray(codes[:, None] == groups, dtype=np.float64)


def _silhouettes(sums: FloatArray, members: FloatArray, sizes: FloatArray) -> float:
    """Return the sum of silhouettes of some rows, from their summed distances to each group."""
    known = members.any(axis=1)
    sums, own = sums[known], members[known] > 0
    size = sizes[own.argmax(axis=1)]
    inside = sums[own] / np.maximum(size - 1, 1)
    outside = np.where(own, np.inf, sums / sizes).min(axis=1)
    larger = np.maximum(inside, outside)
    wanted = (size > 1) & (larger > 0)
    values = np.divide(outside - inside, larger, out=np.zeros(len(size)), where=wanted)
    return float(values.sum())
