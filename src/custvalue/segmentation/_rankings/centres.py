"""Centres of segments where rankings know some items only.

No respondent then stands for a whole order, and the consensus of a segment takes the place of its
medoid: respondents and consensus are found in turn, as in k-means.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.consensus import median
from custvalue.segmentation._rankings.distances import DistanceKind, distance_matrix

__all__ = ["best_centres", "random_rows"]

_TOLERANCE = 1e-9


def best_centres(
    levels: IntArray, counts: FloatArray, starts: Iterable[IntArray], kind: DistanceKind
) -> IntArray:
    """Return k orders of all items at the least total distance that any start leads to.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        Distinct rankings, -1 where an item is unknown.
    counts : ndarray of shape (n,)
    starts : iterable of ndarray of int of shape (k, m)
        Levels to begin with; their unknown items are neutral.
    kind : {"kendall", "spearman", "footrule"}

    Returns
    -------
    ndarray of int of shape (k, m)
        Levels, of the first start among equals.
    """
    best, least = None, np.inf
    for start in starts:
        centres, total = _descended(levels, counts, start, kind)
        if best is None or total < least - _TOLERANCE * (1 + least):
            best, least = centres, total
    assert best is not None
    return best


def random_rows(
    levels: IntArray, counts: FloatArray, k: int, n: int, generator: np.random.Generator
) -> Iterable[IntArray]:
    """Yield n times k different rankings, drawn by their counts."""
    for _ in range(n):
        yield levels[generator.choice(len(levels), size=k, replace=False, p=counts / counts.sum())]


def _descended(
    levels: IntArray, counts: FloatArray, start: IntArray, kind: DistanceKind
) -> tuple[IntArray, float]:
    """Return the centres where another round saves nothing, and their total distance."""
    centres, total = _round(levels, counts, start, kind)
    while True:
        following, now = _round(levels, counts, centres, kind)
        if now >= total - _TOLERANCE * (1 + total):
            return centres, total
        centres, total = following, now


def _round(
    levels: IntArray, counts: FloatArray, centres: IntArray, kind: DistanceKind
) -> tuple[IntArray, float]:
    """Return the consensus of what is nearest to each centre, and the total distance to them."""
    codes = distance_matrix(levels, centres, kind, neutral=True).argmin(axis=1)
    found = [
        _centre(levels[codes == group], counts[codes == group], centre, kind)
        for group, centre in enumerate(centres)
    ]
    following = np.stack(found)
    costs = distance_matrix(levels, following, kind)
    return following, float(counts @ costs.min(axis=1))


def _centre(levels: IntArray, counts: FloatArray, before: IntArray, kind: DistanceKind) -> IntArray:
    """Return the consensus of a segment; an empty one stays where it is."""
    members, weights = (levels, counts) if len(levels) else (before[None], np.ones(1))
    return median(members, weights, kind).ranks - 1
