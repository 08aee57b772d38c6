"""Minimise a criterion of the loadings over rotations, from many starts at once.

Gradient projection (Jennrich 2001, 2002): step against the projected gradient, return to the set.
The lengths of the steps are those of Barzilai and Borwein (1988), accepted when the criterion falls
below a mean of its recent values (Zhang and Hager 2004): linear steps alone take thousands of
iterations where the optimum is flat. All starts move together in arrays of shape (s, ...); those
that have ended drop out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.factors._rotation.criteria import Criterion, inner
from custvalue.factors._rotation.manifolds import Manifold

__all__ = ["Searches", "descend"]

_STOP = 1e-9
_CONVERGED = 1e-7
"""Lengths of the projected gradient. Loadings are at most about 1, so that they need no scale."""

_DECREASE = 1e-4
_MEMORY = 0.85
_LONGEST_TURN = 0.5
_SHORTEST_STEP = 1e-13
_PATIENCE = 4
_NUDGE = 1e-2
_SADDLE = 1e-10
"""A flat start was a saddle if the criterion falls by more than this times 1 + its size."""

_COLLAPSED = 1e4
"""Largest entry of inv(T): two factors then correlate by 1 - 1e-8."""


@dataclass(frozen=True, slots=True)
class Searches:
    """Where each of s searches ended.

    Attributes
    ----------
    rotations : ndarray of shape (s, k, k)
        T.
    values, gradients : ndarray of shape (s,)
        The criterion, and the length of its projected gradient; NaN where a start has none.
    iterations : ndarray of int of shape (s,)
        Evaluations of the criterion.
    converged : ndarray of bool of shape (s,)
    """

    rotations: FloatArray
    values: FloatArray
    gradients: FloatArray
    iterations: IntArray
    converged: BoolArray


@dataclass(slots=True)
class _Places:
    """The searches that still move; every array has one entry a search."""

    search: IntArray
    T: FloatArray
    value: FloatArray
    slope: FloatArray
    squared: FloatArray
    collapsed: BoolArray
    step: FloatArray
    level: FloatArray
    weight: FloatArray

    def take(self, chosen: BoolArray) -> _Places:
        return _Places(*(getattr(self, field.name)[chosen] for field in fields(self)))


def descend(
    loadings: FloatArray,
    starts: FloatArray,
    criterion: Criterion,
    manifold: Manifold,
    *,
    max_iterations: int = 5000,
) -> Searches:
    """Go down from each start to a point where the projected gradient is zero.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        A.
    starts : ndarray of shape (s, k, k)
        On the manifold.
    criterion : callable
        As in `criteria`.
    manifold : Manifold
    max_iterations : int

    Returns
    -------
    Searches
        Converged where the length of the projected gradient is below 1e-7; a search goes on to
        1e-9 where the arithmetic lets it. A search ends without converging if its factors collapse
        into each other, or if it is above the lowest minimum after four times the iterations of
        the searches that have converged, half of all or more.
    """
    # Values and slopes that are not finite belong to searches that end: no warning is needed.
    with np.errstate(all="ignore"):
        first = _places(loadings, starts, criterion, manifold)
        flat: BoolArray = first.squared <= _STOP**2
        if not flat.any():
            return _search(first, loadings, criterion, manifold, max_iterations)
        away = np.where(flat[:, None, None], _nudged(starts, manifold), starts)
        moving = _places(loadings, away, criterion, manifold)
        ends = _search(moving, loadings, criterion, manifold, max_iterations)
        lower = ends.values < first.value - _SADDLE * (1 + np.abs(first.value))
        _write(ends, first, flat & ~lower, iterations=1)
    return ends


def _search(
    moving: _Places, loadings: FloatArray, criterion: Criterion, manifold: Manifold, limit: int
) -> Searches:
    count, iteration = len(moving.search), 0
    ends = Searches(
        moving.T.copy(),
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=bool),
    )
    while len(moving.search):
        iteration += 1
        moving = _retire(ends, moving, iteration, limit)
        if len(moving.search):
            _advance(moving, loadings, criterion, manifold, iteration)
    return ends


def _places(
    loadings: FloatArray, T: FloatArray, criterion: Criterion, manifold: Manifold
) -> _Places:
    value, slope, collapsed = _evaluate(loadings, T, criterion, manifold)
    squared = inner(slope, slope)
    step = np.minimum(1.0, _LONGEST_TURN / np.sqrt(squared))
    search, weight = np.arange(len(T)), np.ones(len(T))
    return _Places(search, T, value, slope, squared, collapsed, step, value, weight)


def _nudged(T: FloatArray, manifold: Manifold) -> FloatArray:
    """Return matrices a hundredth away, in a direction that no symmetry of loadings shares.

    A start where all is flat may be a saddle, which is left from here.
    """
    size = T.shape[1]
    direction = np.sin(np.arange(1.0, size * size + 1)).reshape(size, size)
    return manifold.nearest(T + _NUDGE * direction)


def _evaluate(
    loadings: FloatArray, T: FloatArray, criterion: Criterion, manifold: Manifold
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return values, projected gradients, and where factors have collapsed into each other."""
    mixing = manifold.mixing(T)
    L = loadings @ mixing
    value, gradient = criterion(L)
    slope = manifold.slope(T, mixing, loadings, L, gradient)
    return value, slope, np.abs(mixing).max(axis=(1, 2)) > _COLLAPSED


def _advance(
    now: _Places, loadings: FloatArray, criterion: Criterion, manifold: Manifold, iteration: int
) -> None:
    """Try one step of each search; a search that did not fall enough stays and halves its step."""
    T = manifold.nearest(now.T - now.step[:, None, None] * now.slope)
    value, slope, collapsed = _evaluate(loadings, T, criterion, manifold)
    noise = 1e-14 * (1 + np.abs(now.level))
    fell: BoolArray = value <= now.level - _DECREASE * now.step * now.squared + noise
    squared = inner(slope, slope)
    longer = _next_step(T - now.T, slope - now.slope, squared, short=iteration % 2 == 0)
    weight = _MEMORY * now.weight + 1
    level = (_MEMORY * now.weight * now.level + value) / weight
    moved = fell[:, None, None]
    now.T, now.slope = np.where(moved, T, now.T), np.where(moved, slope, now.slope)
    now.value, now.squared = np.where(fell, value, now.value), np.where(fell, squared, now.squared)
    now.level, now.weight = np.where(fell, level, now.level), np.where(fell, weight, now.weight)
    now.collapsed = np.where(fell, collapsed, now.collapsed)
    now.step = np.where(fell, longer, now.step / 2)


def _next_step(dT: FloatArray, dG: FloatArray, squared: FloatArray, *, short: bool) -> FloatArray:
    """Return the step of Barzilai and Borwein, the long and the short one by turns."""
    mixed = np.abs(inner(dT, dG))
    step = mixed / inner(dG, dG) if short else inner(dT, dT) / mixed
    longest = _LONGEST_TURN / np.sqrt(squared)
    return np.where(np.isfinite(step), np.minimum(step, longest), np.minimum(1.0, longest))


def _retire(ends: Searches, moving: _Places, iteration: int, limit: int) -> _Places:
    """Write down the searches that have ended and return the others."""
    length = np.sqrt(moving.squared)
    stuck = moving.step * length < _SHORTEST_STEP
    ended: BoolArray = (length <= _STOP) | stuck | moving.collapsed | ~np.isfinite(moving.value)
    ended |= ~np.isfinite(length) | (iteration >= limit) | _hopeless(ends, moving, iteration)
    if not ended.any():
        return moving
    _write(ends, moving, ended, iterations=iteration)
    return moving.take(~ended)


def _write(ends: Searches, places: _Places, chosen: BoolArray, *, iterations: int) -> None:
    done = places.take(chosen)
    length = np.sqrt(done.squared)
    ends.rotations[done.search] = done.T
    ends.values[done.search] = done.value
    ends.gradients[done.search] = length
    ends.iterations[done.search] = iterations
    sound = np.isfinite(done.value) & ~done.collapsed
    ends.converged[done.search] = (length <= _CONVERGED) & sound


def _hopeless(ends: Searches, moving: _Places, iteration: int) -> BoolArray:
    """Return which searches crawl above a minimum that is known, long after most have arrived.

    Such are on the way to factors that collapse, where a criterion flattens without end.
    """
    arrived = ends.iterations[ends.converged]
    late = 2 * len(arrived) >= len(ends.values) and iteration > _PATIENCE * (20 + arrived.max())
    lowest = ends.values[ends.converged].min() if late else np.inf
    return moving.value > lowest
