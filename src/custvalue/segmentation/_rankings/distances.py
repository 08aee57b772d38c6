"""Distances between rankings with ties and gaps.

A ranking is a row of levels: 0 for the most preferred items, 1 for the next, equal levels for a
tie, -1 for an item whose place is not known. m is the number of items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.pairs import pair_signs

__all__ = ["DistanceKind", "distance_matrix", "largest_distance", "mid_ranks"]

DistanceKind = Literal["kendall", "spearman", "footrule"]

_CHUNK_CELLS = 4_000_000


def distance_matrix(
    one: IntArray, other: IntArray, kind: DistanceKind, *, neutral: bool = False
) -> FloatArray:
    """Return the distance of every ranking of one table to every ranking of another.

    Parameters
    ----------
    one : ndarray of int of shape (n, m)
        Levels, -1 where unknown.
    other : ndarray of int of shape (k, m)
    kind : {"kendall", "spearman", "footrule"}
        "kendall": pairs in opposite order, plus one half for each pair tied in exactly one of the
        two (Fagin et al. 2006, penalty 1/2); a pair with an unknown item counts nothing.
        "spearman": the sum of squared differences of `mid_ranks`; "footrule": the sum of their
        absolute differences; an item unknown in either counts nothing.
    neutral : bool
        An item unknown in ``other`` alone is taken for neutral there, not left out: its pairs count
        one half, its rank is the middle one. A ranking of few items is then not near to all others.

    Returns
    -------
    ndarray of shape (n, k)

    References
    ----------
    Fagin, R., Kumar, R., Mahdian, M., Sivakumar, D. & Vee, E. (2006). Comparing partial rankings.
    SIAM Journal on Discrete Mathematics, 20(3), 628-648.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.array([[0, 1, 2, 3]])
    >>> others = np.array([[0, 1, 3, 2], [3, 2, 1, 0], [0, 1, 1, 2]])
    >>> distance_matrix(first, others, "kendall")
    array([[1. , 6. , 0.5]])
    >>> distance_matrix(first, others, "spearman")
    array([[ 2. , 20. ,  0.5]])
    >>> distance_matrix(first, others, "footrule")
    array([[2., 8., 1.]])
    """
    measure: Callable[[IntArray], FloatArray]
    if kind == "kendall":
        width = one.shape[1] * (one.shape[1] - 1) // 2
        measure = _kendall_to(other, neutral=neutral)
    else:
        width = len(other)
        measure = _rank_distance_to(other, squared=kind == "spearman", neutral=neutral)
    step = max(1, _CHUNK_CELLS // max(1, width, len(other)))
    out = np.empty((len(one), len(other)))
    for start in range(0, len(one), step):
        out[start : start + step] = measure(one[start : start + step])
    return out


def largest_distance(n_items: int, kind: DistanceKind) -> float:
    """Return the distance of a strict ranking of all items to its reverse, the largest there is.

    Examples
    --------
    >>> [largest_distance(4, kind) for kind in ("kendall", "spearman", "footrule")]
    [6.0, 20.0, 8.0]
    """
    m = n_items
    largest = {"kendall": m * (m - 1) / 2, "spearman": m * (m * m - 1) / 3, "footrule": m * m // 2}
    return float(largest[kind])


def mid_ranks(levels: IntArray) -> FloatArray:
    """Return the expected rank of each item, ties sharing the mean of the ranks that they take.

    Where u items are unknown, each place among the m items is as likely for them as any other: the
    j-th of the m - u known items then has the expected rank j (m + 1) / (m - u + 1).

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)

    Returns
    -------
    ndarray of shape (n, m)
        NaN for an unknown item; 1 to m, and their means, where all are known.

    Examples
    --------
    >>> import numpy as np
    >>> mid_ranks(np.array([[0, 1, 1, 2], [0, 1, -1, -1]]))
    array([[1.        , 2.5       , 2.5       , 4.        ],
           [1.66666667, 3.33333333,        nan,        nan]])
    """
    known = levels >= 0
    ranks = np.full(levels.shape, 0.5)
    for j in range(levels.shape[1]):
        rival, there = levels[:, [j]], known[:, [j]]
        ranks += there * ((rival < levels) + 0.5 * (rival == levels))
    scale = (levels.shape[1] + 1) / (known.sum(axis=1, keepdims=True) + 1)
    return np.where(known, ranks * scale, np.nan)


def _kendall_to(other: IntArray, *, neutral: bool) -> Callable[[IntArray], FloatArray]:
    """Return the distance of rankings to fixed ones, as products of matrices.

    A pair known in both costs |s - t| / 2 for signs s and t, which for -1, 0 and 1 is
    (s^2 + t^2 - s t - s^2 t^2) / 2.
    """
    signs = pair_signs(other)
    strict = np.square(signs).T
    gap = (1 if neutral else _known_pairs(other).T) - strict

    def measure(one: IntArray) -> FloatArray:
        s = pair_signs(one)
        total = np.square(s) @ gap + _known_pairs(one) @ strict - s @ signs.T
        return np.asarray(total / 2)

    return measure


def _known_pairs(levels: IntArray) -> FloatArray:
    """Return 1 for each pair of items that are both known, else 0."""
    first, second = np.triu_indices(levels.shape[1], 1)
    known = levels >= 0
    return (known[:, first] & known[:, second]).astype(np.float64)


def _rank_distance_to(
    other: IntArray, *, squared: bool, neutral: bool
) -> Callable[[IntArray], FloatArray]:
    """Return the distance of the mid-ranks of rankings to those of fixed ones."""
    theirs = mid_ranks(other)
    if neutral:
        theirs = np.where(np.isnan(theirs), (other.shape[1] + 1) / 2, theirs)

    def measure(one: IntArray) -> FloatArray:
        ours = mid_ranks(one)
        total = np.zeros((len(ours), len(theirs)))
        for i in range(ours.shape[1]):
            gap = ours[:, [i]] - theirs[:, i]
            total += np.nan_to_num(gap * gap if squared else np.abs(gap), copy=False)
        return total

    return measure
