"""Rows that change segments along cheapest paths, until every segment has its size.

Minimum-cost flow by successive shortest paths (Ahuja, Magnanti and Orlin 1993, section 9.7) on a
small network: one node a segment and one sink, the last. An arc j to l moves the row of j that
loses least by it; an arc j to the sink lets j keep one customer more, the reverse one fewer.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["ResidualNetwork"]

Arc = tuple[float, int]
"""Cost a customer, and the row that moves; -1 for the sink."""


class ResidualNetwork:
    """Where the customers of some rows are, and what moves are open.

    Parameters
    ----------
    costs : ndarray of shape (m, k)
    counts : ndarray of int of shape (m,)
        Customers of each row; a row may be split.
    codes : ndarray of int of shape (m,)
        The cheapest segment of each row under the offsets.
    bounds : ndarray of int of shape (2, k)
        Least and greatest number of customers of each segment; may be out of reach.
    offsets : ndarray of shape (k,)
        To start from.

    Attributes
    ----------
    prices : list of float
        The offsets, and that of the sink.
    mass : list of dict of int to int
        Customers by row, of each segment.
    kept : list of int
        Customers that each segment is to have.
    """

    def __init__(
        self,
        costs: FloatArray,
        counts: IntArray,
        codes: IntArray,
        bounds: IntArray,
        offsets: FloatArray,
    ) -> None:
        k = costs.shape[1]
        self.k, self.costs = k, costs.tolist()
        self.low, self.high = bounds.tolist()
        self.prices: list[float] = [*offsets.tolist(), 0.0]
        members = [np.flatnonzero(codes == j) for j in range(k)]
        self.mass = [dict(zip(m.tolist(), counts[m].tolist(), strict=True)) for m in members]
        self.heaps = [[_heap(costs, members[j], j, v) for v in range(k)] for j in range(k)]
        sizes = [sum(mass.values()) for mass in self.mass]
        self.kept = [self._fitting(j, size) for j, size in enumerate(sizes)]
        self.excess = [size - kept for size, kept in zip(sizes, self.kept, strict=True)]
        self.excess.append(sum(self.kept) - sum(sizes))

    def settle(self) -> bool:
        """Move customers until each segment has what it is to have; False where no path is left."""
        while any(excess > 0 for excess in self.excess):
            path = self._cheapest_path()
            if path is None:
                return False
            self._send(path)
        return True

    def _fitting(self, j: int, size: int) -> int:
        """Return the size that the offset of a segment calls for: a priced limit is exhausted."""
        if self.prices[j] > 0:
            return int(self.high[j])
        if self.prices[j] < 0:
            return int(self.low[j])
        return int(min(max(size, self.low[j]), self.high[j]))

    def _arc(self, u: int, v: int) -> Arc | None:
        """Return the cheapest move from one node to another."""
        if u == self.k:
            return (0.0, -1) if self.kept[v] > self.low[v] else None
        if v == self.k:
            return (0.0, -1) if self.kept[u] < self.high[u] else None
        heap, mass = self.heaps[u][v], self.mass[u]
        while heap and heap[0][1] not in mass:
            heappop(heap)
        return heap[0] if heap else None

    def _cheapest_path(self) -> list[int] | None:
        """Return a cheapest path from excess to need, and make it free by new prices (Dijkstra)."""
        nodes = range(self.k + 1)
        distance = [0.0 if self.excess[u] > 0 else np.inf for u in nodes]
        before, waiting = [-1] * (self.k + 1), set(nodes)
        while waiting:
            u = min(waiting, key=distance.__getitem__)
            waiting.remove(u)
            if distance[u] == np.inf:
                return None
            if self.excess[u] < 0:
                self.prices = [
                    price - min(d, distance[u])
                    for price, d in zip(self.prices, distance, strict=True)
                ]
                return _traced(before, u)
            self._reach(u, distance, before, waiting)
        return None

    def _reach(self, u: int, distance: list[float], before: list[int], waiting: set[int]) -> None:
        for v in waiting:
            arc = self._arc(u, v)
            if arc is None:
                continue
            # Below 0 by rounding alone.
            found = distance[u] + max(0.0, arc[0] + self.prices[v] - self.prices[u])
            if found < distance[v]:
                distance[v], before[v] = found, u

    def _send(self, path: list[int]) -> None:
        """Move as many customers along a path as it, its start and its end allow."""
        arcs = [(u, v, self._row(u, v)) for u, v in pairwise(path)]
        rooms = [self._room(u, v, row) for u, v, row in arcs]
        amount = min(self.excess[path[0]], -self.excess[path[-1]], *rooms)
        for u, v, row in arcs:
            self._move(u, v, row, amount)
        self.excess[path[0]] -= amount
        self.excess[path[-1]] += amount

    def _row(self, u: int, v: int) -> int:
        arc = self._arc(u, v)
        assert arc is not None
        return arc[1]

    def _room(self, u: int, v: int, row: int) -> int:
        if u == self.k:
            return int(self.kept[v] - self.low[v])
        return int(self.high[u] - self.kept[u] if v == self.k else self.mass[u][row])

    def _move(self, u: int, v: int, row: int, amount: int) -> None:
        if u == self.k:
            self.kept[v] -= amount
        elif v == self.k:
            self.kept[u] += amount
        else:
            self.mass[u][row] -= amount
            if self.mass[u][row] == 0:
                del self.mass[u][row]
            self._receive(v, row, amount)

    def _receive(self, v: int, row: int, amount: int) -> None:
        if row not in self.mass[v]:
            costs = self.costs[row]
            for other in range(self.k):
                if other != v:
                    heappush(self.heaps[v][other], (costs[other] - costs[v], row))
        self.mass[v][row] = self.mass[v].get(row, 0) + amount


def _heap(costs: FloatArray, members: IntArray, j: int, v: int) -> list[Arc]:
    if v == j:
        return []
    loss = costs[members, v] - costs[members, j]
    order = np.argsort(loss, kind="stable")
    return list(zip(loss[order].tolist(), members[order].tolist(), strict=True))


def _traced(before: list[int], end: int) -> list[int]:
    path = [end]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return path[::-1]
