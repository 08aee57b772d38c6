"""Rankings with items of unknown place under a Mallows model, exactly.

Which strict orders agree with a ranking? Those that place its known items level by level, and each
unknown item anywhere. Built from the front, an order passes through sets of placed items. Placing
item i while others are unplaced costs the number of unplaced items that the centre prefers to i,
and these costs add up to the number of discordant pairs. The sum over all orders is thus a sum over
paths through sets (dynamic programming). Rankings of one shape (the sizes of their tied groups and
the number of unknown items) share the sets and are worked through at once.

In a shape the items are numbered by their level, the unknown ones last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.segmentation._rankings.inversions import log_q_factorials

__all__ = ["MOST_ITEMS", "check_insertions", "expected_preferences", "insertion_log_density"]

MOST_ITEMS = 10
"""There are up to 2^m sets and m 2^(m - 1) steps between them."""
_CELLS = 4_000_000
"""Steps times rankings that are in memory at once."""


def check_insertions(levels: IntArray) -> None:
    """Refuse unknown items where there are too many items for the sum over all orders.

    Raises
    ------
    ValueError
        If an item is unknown and there are more than 10 items.
    """
    unknown = (levels < 0).any(axis=1)
    if levels.shape[1] > MOST_ITEMS and unknown.any():
        raise ValueError(
            f"a Mallows model takes items of unknown place for at most {MOST_ITEMS} items; found "
            f"{levels.shape[1]} items, and {int(unknown.sum())} rankings with unknown ones"
        )


def insertion_log_density(
    levels: IntArray, centres: IntArray, concentrations: FloatArray
) -> FloatArray:
    """Return the log-probability of each ranking: that of all orders that agree with it.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    centres : ndarray of int of shape (k, m)
        Ranks.
    concentrations : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (n, k)
    """
    out = np.empty((len(levels), len(centres)))
    for paths, rows, items in _by_shape(levels):
        for k, (centre, theta) in enumerate(zip(centres, concentrations, strict=True)):
            out[rows, k] = _Walk(paths, centre[items], float(theta)).total
    return out


def expected_preferences(
    levels: IntArray, weights: FloatArray, centres: IntArray, concentrations: FloatArray
) -> FloatArray:
    """Return the expected weight that prefers each item to each other, given the rankings.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    weights : ndarray of shape (n, k)
    centres : ndarray of int of shape (k, m)
        Ranks.
    concentrations : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k, m, m)
        The sums over rows of weight times P(i before j | ranking, component k).
    """
    n_items = levels.shape[1]
    out = np.zeros((len(centres), n_items, n_items))
    for paths, rows, items in _by_shape(levels):
        for k, (centre, theta) in enumerate(zip(centres, concentrations, strict=True)):
            found = _Walk(paths, centre[items], float(theta)).preferences()
            found *= weights[rows, k][:, None, None]
            np.add.at(out[k], (items[:, :, None], items[:, None, :]), found)
    return out


def _by_shape(levels: IntArray) -> Iterator[tuple[_Paths, IntArray, IntArray]]:
    """Yield the paths of each shape, the rows that have it and their items in its numbering."""
    known = np.where(levels < 0, levels.shape[1], levels)
    items = np.argsort(known, axis=1, kind="stable")
    shapes, which = np.unique(np.take_along_axis(known, items, axis=1), axis=0, return_inverse=True)
    for index, shape in enumerate(shapes):
        paths = _Paths(shape)
        rows = np.flatnonzero(which.ravel() == index)
        size = max(_CELLS // len(paths.item), 1)
        for start in range(0, len(rows), size):
            chunk = rows[start : start + size]
            yield paths, chunk, items[chunk]


@dataclass(frozen=True)
class _Paths:
    """The sets of placed items that a shape passes through, and the steps between them.

    Attributes
    ----------
    shape : ndarray of int of shape (m,)
        Level of each item in ascending order, m where unknown.
    """

    shape: IntArray

    @cached_property
    def masks(self) -> IntArray:
        """Set before and after, as bits, and item of each step, of shape (n_steps, 3)."""
        m = len(self.shape)
        found, layer = list[tuple[int, int, int]](), [0]
        for _ in range(m):
            new = [(s, s | 1 << i, i) for s in layer for i in self._next(s)]
            found += new
            layer = sorted({after for _, after, _ in new})
        return np.array(found, dtype=np.int64)

    def _next(self, placed: int) -> list[int]:
        """Return the items that may come next: unknown ones and the best level of those left."""
        m = len(self.shape)
        left = [i for i in range(m) if not placed >> i & 1]
        best = min(self.shape[i] for i in left)
        return [i for i in left if self.shape[i] in (best, m)]

    @cached_property
    def sets(self) -> IntArray:
        """Number of the set before and after each step, of shape (n_steps, 2).

        The empty set is the first and the full one the last.
        """
        numbers = np.unique(self.masks[:, :2], return_inverse=True)[1]
        return np.asarray(numbers.reshape(-1, 2))

    @cached_property
    def item(self) -> IntArray:
        """The item of each step."""
        return np.asarray(self.masks[:, 2])

    @cached_property
    def left(self) -> BoolArray:
        """Which items each step leaves unplaced, of shape (n_steps, m)."""
        return np.asarray(self.masks[:, 1][:, None] >> np.arange(len(self.shape)) & 1 == 0)

    def layers(self) -> list[IntArray]:
        """Return the indices of the steps from sets of each size, ordered by the set after."""
        sizes = (~self.left).sum(axis=1) - 1
        after = self.sets[:, 1]
        order = np.lexsort((after, sizes))
        return np.split(order, np.flatnonzero(np.diff(sizes[order])) + 1)


class _Walk:
    """The log-probabilities of all paths for some rankings of one shape and one component."""

    def __init__(self, paths: _Paths, ranks: IntArray, concentration: float) -> None:
        self.paths = paths
        n, m = ranks.shape
        cost = np.empty((len(paths.item), n))
        for item in range(m):
            here = paths.item == item
            before = (ranks < ranks[:, [item]]).astype(float)
            cost[here] = paths.left[here].astype(float) @ before.T
        self.log_weight = -concentration * cost
        self.forward = self._forward(n)
        log_q = log_q_factorials(np.array([concentration]), m)[0, m]
        self.total: FloatArray = self.forward[-1] - log_q

    def _forward(self, n: int) -> FloatArray:
        """Return the log of the summed weights of the paths to each set."""
        before, after = self.paths.sets.T
        sums = np.full((int(after.max()) + 1, n), -np.inf)
        sums[0] = 0.0
        for layer in self.paths.layers():
            values = sums[before[layer]] + self.log_weight[layer]
            targets, starts = np.unique(after[layer], return_index=True)
            sums[targets] = np.logaddexp.reduceat(values, starts, axis=0)
        return sums

    def _backward(self) -> FloatArray:
        """Return the log of the summed weights of the paths from each set to the full one."""
        before, after = self.paths.sets.T
        sums = np.full_like(self.forward, -np.inf)
        sums[-1] = 0.0
        for layer in reversed(self.paths.layers()):
            ordered = layer[np.argsort(before[layer], kind="stable")]
            values = sums[after[ordered]] + self.log_weight[ordered]
            sources, starts = np.unique(before[ordered], return_index=True)
            sums[sources] = np.logaddexp.reduceat(values, starts, axis=0)
        return sums

    def preferences(self) -> FloatArray:
        """Return P(i before j | ranking) of shape (n, m, m), in the numbering of the shape."""
        before, after = self.paths.sets.T
        backward = self._backward()
        chance = np.exp(self.forward[before] + self.log_weight + backward[after] - self.forward[-1])
        m = len(self.paths.shape)
        out = np.empty((chance.shape[1], m, m))
        for i in range(m):
            here = self.paths.item == i
            out[:, i, :] = chance[here].T @ self.paths.left[here].astype(float)
        return out
