"""The cheapest way to put rows into segments under limits of size, and the offsets that repeat it.

The transport problem: d_ij the cost of row i in segment j, w_j the price of a place there. At the
optimum each row is where d_ij + w_j is least; w_j > 0 only where a segment is full, w_j < 0 only
where it is at its least. Prices and costs are in one unit, squared distances as a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.segmentation._clusters.residual import ResidualNetwork

__all__ = ["Placement", "cheapest", "choice_sizes", "separating_offsets"]

_FIRST_SAMPLE = 2_000
_GROWTH = 10
_ACTIVE = 200
_NOISE = 1e-12
_BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows in segments.

    Attributes
    ----------
    offsets : ndarray of shape (k,)
        Prices; rows at a border may be tied.
    codes : ndarray of int of shape (n,)
        Segment of each row, whole: one that the optimum splits is where sizes are best.
    full, least : ndarray of bool of shape (k,)
        Whether a segment is at its highest, and at its lowest size.
    """

    offsets: FloatArray
    codes: IntArray
    full: BoolArray
    least: BoolArray


def cheapest(
    costs: FloatArray, counts: IntArray, lowest: int, highest: int, start: FloatArray | None = None
) -> Placement:
    """Return the placement of least total cost under limits, but for rows that it would split.

    Rows far from all borders stay where they are while the others are settled exactly; at the end
    they are checked under the prices found, and more rows join where one would rather move. Without
    a start, ever larger even samples find the prices first.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
    counts : ndarray of int of shape (n,)
        Customers of each row.
    lowest, highest : int
        Limits of customers in a segment; k x lowest <= customers <= k x highest.
    start : ndarray of shape (k,), optional
        Offsets to start from.

    Returns
    -------
    Placement
    """
    offsets = np.zeros(costs.shape[1]) if start is None else start
    size = _FIRST_SAMPLE if start is None else len(costs)
    while size * 2 < len(costs):
        some = slice(None, None, -(-len(costs) // size))
        share = counts[some].sum() / counts.sum()
        low, high = int(np.floor(lowest * share)), int(np.ceil(highest * share))
        offsets = _settled(costs[some], counts[some], low, high, offsets).offsets
        size *= _GROWTH
    return _settled(costs, counts, lowest, highest, offsets)


def separating_offsets(costs: FloatArray, placement: Placement) -> FloatArray | None:
    """Return the offsets that repeat a placement with the widest margin; None where none do.

    The margin is what any row would lose at least by another segment. A margin is possible where no
    cycle of moves costs less than it; halving intervals finds the widest.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
    placement : Placement

    Returns
    -------
    ndarray of shape (k,) or None
    """
    arcs, counted = _arcs(costs, placement)
    finite = np.abs(arcs[np.isfinite(arcs) & (counted > 0)])
    top = float(finite.max(initial=0.0))
    least, most = top * _NOISE, top + 1.0
    best = _potentials(arcs - least * counted)
    if best is None:
        return None
    for _ in range(_BISECTIONS):
        middle = (least + most) / 2
        found = _potentials(arcs - middle * counted)
        if found is None:
            most = middle
        else:
            best, least = found, middle
    offsets: FloatArray = best[:-1] - best[-1]
    return offsets


def choice_sizes(costs: FloatArray, counts: IntArray, offsets: FloatArray) -> IntArray:
    """Return how many customers each segment has where each takes the cheapest."""
    return _sizes(np.argmin(costs + offsets, axis=1), counts, len(offsets))


def _settled(
    costs: FloatArray, counts: IntArray, lowest: int, highest: int, offsets: FloatArray
) -> Placement:
    n, k = costs.shape
    shifted = costs + offsets
    codes = np.argmin(shifted, axis=1)
    each = _ACTIVE + _imbalance(_sizes(codes, counts, k), lowest, highest, offsets)
    while True:
        free = _nearest_borders(shifted, codes, each)
        held = _sizes(np.delete(codes, free), np.delete(counts, free), k)
        bounds = np.array([lowest - held, highest - held])
        network = ResidualNetwork(costs[free], counts[free], codes[free], bounds, offsets)
        if network.settle():
            prices = np.array(network.prices[:-1]) - network.prices[-1]
            if len(free) == n or _content(costs, prices, np.delete(np.arange(n), free), codes):
                codes[free] = _whole(network, len(free), bounds)
                kept = np.array(network.kept)
                return Placement(prices, codes, kept == bounds[1], kept == bounds[0])
        each *= 4


def _imbalance(sizes: IntArray, lowest: int, highest: int, offsets: FloatArray) -> int:
    """Return how many customers must move at least for the sizes that offsets call for."""
    priced = np.where(offsets > 0, highest, lowest)
    kept = np.where(offsets == 0, np.clip(sizes, lowest, highest), priced)
    return int(np.abs(sizes - kept).sum())


def _nearest_borders(shifted: FloatArray, codes: IntArray, each: int) -> IntArray:
    """Return the rows that lose least by leaving each segment, and by entering it, in order."""
    n, k = shifted.shape
    if n <= 2 * each or k == 1:
        return np.arange(n)
    loss = shifted - shifted.min(axis=1, keepdims=True)
    loss[np.arange(n), codes] = np.inf
    leaving = loss.min(axis=1)
    chosen = np.zeros(n, dtype=bool)
    for j in range(k):
        chosen[np.argpartition(loss[:, j], each)[:each]] = True
        members = np.flatnonzero(codes == j)
        if len(members) > each:
            members = members[np.argpartition(leaving[members], each)[:each]]
        chosen[members] = True
    return np.flatnonzero(chosen)


def _content(costs: FloatArray, offsets: FloatArray, rows: IntArray, codes: IntArray) -> bool:
    """Return whether no row would rather be elsewhere, rounding aside."""
    shifted = costs[rows] + offsets
    own = shifted[np.arange(len(rows)), codes[rows]]
    return bool((own <= shifted.min(axis=1) + _NOISE * np.abs(own)).all())


def _whole(network: ResidualNetwork, m: int, bounds: IntArray) -> IntArray:
    """Return the segment of each row; a split row goes where it harms the sizes least."""
    parts: list[dict[int, int]] = [{} for _ in range(m)]
    for j, mass in enumerate(network.mass):
        for row, amount in mass.items():
            parts[row][j] = amount
    codes = np.array([next(iter(part)) for part in parts], dtype=np.int64)
    split = [row for row in range(m) if len(parts[row]) > 1]
    sizes = np.array([sum(mass.values()) for mass in network.mass])
    for row in sorted(split, key=lambda row: -sum(parts[row].values())):
        without = sizes - np.array([parts[row].get(j, 0) for j in range(len(sizes))])
        count = sum(parts[row].values())
        moved = {j: without + count * (np.arange(len(sizes)) == j) for j in parts[row]}
        codes[row] = min(moved, key=lambda j: (_violation(moved[j], bounds), j))
        sizes = moved[int(codes[row])]
    return codes


def _violation(sizes: IntArray, bounds: IntArray) -> int:
    return int(np.maximum(np.maximum(bounds[0] - sizes, sizes - bounds[1]), 0).sum())


def _arcs(costs: FloatArray, placement: Placement) -> tuple[FloatArray, FloatArray]:
    """Return the least cost of a move from each node to each other, and whether rows move by it."""
    k = costs.shape[1]
    arcs = np.full((k + 1, k + 1), np.inf)
    for j in range(k):
        members = costs[placement.codes == j]
        arcs[j, :k] = np.min(members - members[:, [j]], axis=0, initial=np.inf)
    np.fill_diagonal(arcs, np.inf)
    arcs[:k, k] = np.where(placement.full, np.inf, 0.0)
    arcs[k, :k] = np.where(placement.least, np.inf, 0.0)
    counted = np.zeros((k + 1, k + 1))
    counted[:k, :k] = 1.0
    return arcs, counted


def _potentials(arcs: FloatArray) -> FloatArray | None:
    """Return p of at most 0 with p_u <= p_v + arcs_uv; None where a cycle is negative."""
    p = np.zeros(len(arcs))
    for _ in range(len(arcs) + 1):
        lower = np.minimum(p, (arcs + p).min(axis=1))
        if np.array_equal(lower, p):
            return p
        p = lower
    return None


def _sizes(codes: IntArray, counts: IntArray, k: int) -> IntArray:
    sizes: IntArray = np.zeros(k, dtype=np.int64)
    np.add.at(sizes, codes, counts)
    return sizes
