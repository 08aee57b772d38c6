"""Offsets set between the customers at a border, one segment at a time, to mend sizes."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["repaired_offsets"]

_NOISE = 1e-12
_ROUNDS_EACH = 3


def repaired_offsets(
    costs: FloatArray, counts: IntArray, lowest: int, highest: int, offsets: FloatArray
) -> FloatArray:
    """Return offsets whose sizes are nearer to the limits, no row at a border.

    One offset changes at a time, to the middle of two neighbours among the thresholds at which rows
    would join or leave that segment; the change that mends most is kept, until none mends.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
    counts : ndarray of int of shape (n,)
    lowest, highest : int
    offsets : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k,)
    """
    k = costs.shape[1]
    best, harm = offsets, float("inf")
    for _ in range(_ROUNDS_EACH * k):
        found = [_between(costs, counts, lowest, highest, best, j) for j in range(k)]
        harms = [_harm(costs, counts, lowest, highest, one) for one in found]
        j = int(np.argmin(harms))
        if harms[j] >= harm:
            break
        best, harm = found[j], harms[j]
    return best


def _harm(
    costs: FloatArray, counts: IntArray, lowest: int, highest: int, offsets: FloatArray
) -> float:
    """Return by how many customers the sizes miss their limits."""
    codes = np.argmin(costs + offsets, axis=1)
    sizes = np.bincount(codes, counts, minlength=len(offsets))
    return float(np.maximum(np.maximum(lowest - sizes, sizes - highest), 0).sum())


def _between(
    costs: FloatArray,
    counts: IntArray,
    lowest: int,
    highest: int,
    offsets: FloatArray,
    j: int,
) -> FloatArray:
    """Return the offsets with that of one segment where its size is best."""
    others = np.delete(costs + offsets, j, axis=1)
    thresholds = others.min(axis=1, initial=np.inf) - costs[:, j]
    if not np.isfinite(thresholds).all():
        return offsets
    order = np.argsort(-thresholds, kind="stable")
    # Rows that differ by rounding alone join together: a row opens a gap only if it is well apart.
    sorted_thresholds = thresholds[order]
    apart = _NOISE * np.abs(costs).max()
    ends = np.flatnonzero(np.append(-np.diff(sorted_thresholds) > apart, True))
    sizes = np.append(0, np.cumsum(counts[order])[ends])
    last, first = sorted_thresholds[ends], sorted_thresholds[np.append(0, ends[:-1] + 1)]
    pad = 1.0 + float(np.abs(sorted_thresholds).max())
    places = (np.append(first[0] + pad, last) + np.append(first, last[-1] - pad)) / 2
    now = counts[thresholds > offsets[j]].sum()
    misses = np.maximum(np.maximum(lowest - sizes, sizes - highest), 0)
    found = np.lexsort((np.abs(sizes - now), misses))[0]
    changed: FloatArray = offsets.copy()
    changed[j] = places[found]
    return changed
