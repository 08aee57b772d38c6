"""Orders of items that contradict the fewest preferences: Kemeny's rule on a matrix of pairs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["EXACT_ITEMS", "best_order", "cost_against", "sorted_by"]

EXACT_ITEMS = 12
"""The best order is exact up to this many items, whatever the preferences."""

_TOLERANCE = 1e-9
_RUN = 8


def best_order(preferences: FloatArray) -> tuple[IntArray, bool]:
    """Return the order that the fewest preferences are against, and whether it is surely that.

    Parameters
    ----------
    preferences : ndarray of shape (m, m)
        At [i, j] the weight of those who prefer i to j.

    Returns
    -------
    order : ndarray of int of shape (m,)
        Items, the best first.
    exact : bool
    """
    margins = preferences - preferences.T
    order = sorted_by(-np.sign(margins).sum(axis=1))
    ahead = margins[np.ix_(order, order)][np.triu_indices(len(order), 1)]
    if (ahead > _TOLERANCE * (1 + float(preferences.sum()))).all():
        return order, True
    if len(order) <= EXACT_ITEMS:
        return _exact_order(preferences), True
    return _searched_order(preferences), False


def cost_against(preferences: FloatArray, order: IntArray) -> float:
    """Return the weight of the preferences against an order of items: below its diagonal."""
    return float(np.tril(preferences[np.ix_(order, order)], -1).sum())


@lru_cache(maxsize=EXACT_ITEMS)
def _subsets(m: int) -> tuple[BoolArray, tuple[IntArray, ...]]:
    """Return which items each of the 2^m sets holds, and the sets of each size from 0 to m."""
    sets = np.arange(1 << m)
    members = (sets[:, None] >> np.arange(m)) & 1 == 1
    sizes = members.sum(axis=1)
    return members, tuple(np.flatnonzero(sizes == size) for size in range(m + 1))


def _exact_order(preferences: FloatArray) -> IntArray:
    """Return the best order: rest[S] is the least cost of all pairs not within the first set S."""
    m = len(preferences)
    members, by_size = _subsets(m)
    steps = np.where(members, np.inf, ~members @ preferences)
    rest = np.zeros(1 << m)
    for sets in reversed(by_size[:-1]):
        after = sets[:, None] | (1 << np.arange(m))
        steps[sets] += rest[after]
        rest[sets] = steps[sets].min(axis=1)
    order, first = np.empty(m, dtype=np.int64), 0
    for place in range(m):
        good = steps[first] <= rest[first] + _TOLERANCE * (1 + rest[0])
        order[place] = int(np.argmax(good))
        first |= 1 << int(order[place])
    return order


def _searched_order(preferences: FloatArray) -> IntArray:
    margins = preferences - preferences.T
    starts = (-margins.sum(axis=1), -np.sign(margins).sum(axis=1))
    found = [_improved(preferences, sorted_by(start)) for start in starts]
    return min(found, key=lambda order: cost_against(preferences, order))


def _improved(preferences: FloatArray, order: IntArray) -> IntArray:
    """Move items and reorder runs of neighbours until neither helps."""
    least = _TOLERANCE * (1 + float(preferences.sum()))
    while True:
        before = cost_against(preferences, order)
        order = _runs_ordered(preferences, _items_moved(preferences, order, least))
        if before - cost_against(preferences, order) <= least:
            return order


def _items_moved(preferences: FloatArray, order: IntArray, least: float) -> IntArray:
    """Move one item at a time to its best place, the best move first, until none helps."""
    margins = preferences - preferences.T
    while True:
        gains = _move_gains(margins[np.ix_(order, order)])
        source, target = divmod(int(np.argmax(gains)), len(order))
        if gains[source, target] <= least:
            return order
        order = np.insert(np.delete(order, source), target, order[source])


def _runs_ordered(preferences: FloatArray, order: IntArray) -> IntArray:
    """Put each run of neighbours in turn in its best order."""
    order = order.copy()
    for start in range(len(order) - _RUN + 1):
        run = order[start : start + _RUN]
        order[start : start + _RUN] = run[_exact_order(preferences[np.ix_(run, run)])]
    return order


def _move_gains(margins: FloatArray) -> FloatArray:
    """Return what the total falls by when the item at place a moves to place b, at [a, b]."""
    # Each item passed turns one pair: to the right that costs a's margin over it, to the left the
    # cost is the other's margin over a.
    passed = np.cumsum(margins, axis=1)
    own = np.diagonal(passed)[:, None]
    right = own - passed
    before = passed - margins
    left = own - before
    return np.where(np.triu(np.ones_like(margins), 1) > 0, right, left)


def sorted_by(scores: FloatArray) -> IntArray:
    """Return the items from the lowest score to the highest, equal ones in their own order."""
    # Rounding must not part equal scores.
    return np.argsort(np.round(scores, 9), kind="stable")
