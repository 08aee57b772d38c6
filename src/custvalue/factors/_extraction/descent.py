"""Newton steps within bounds, from many starts at a time, and past saddles.

All starts go on together, since eigenvalues of a stack of matrices cost little more than their
arithmetic. A step is Newton's over the items that are free to move, with directions that curve
downwards turned (Gill & Murray 1974); it is quartered until the discrepancy falls.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.factors._extraction.discrepancy import Discrepancy, Landscape

__all__ = ["GRADIENT_TOLERANCE", "Ends", "descend", "free_items", "least_curvature"]

GRADIENT_TOLERANCE = 1e-9
_ENOUGH = 2e-13
"""A start ends at once where its slope is below this and its next step below the next number."""
_STEP_TOLERANCE = 1e-9
_MOST_STEPS = 500
_SHORTEST = 0.25**12
"""Part of a step after which a start gives up."""
_LEAST_CURVATURE = 1e-10
"""Of the largest curvature: flatter directions are taken for this flat."""
_SADDLE = 1e-7
"""A direction that curves down by more than this part of the largest curvature is a way out."""
_PUSH = 0.02
"""How far a start leaves a saddle."""
_MOST_SADDLES = 4


@dataclass(frozen=True, slots=True)
class Ends:
    """Where s searches ended.

    Attributes
    ----------
    theta : ndarray of shape (s, p)
    value, gradient, noise : ndarray of shape (s,)
        Discrepancy, largest absolute slope of free items, rounding error of the discrepancy.
    iterations : ndarray of int of shape (s,)
    converged : ndarray of bool of shape (s,)
        The slope is below 1e-9, and no direction curves down.
    origins : ndarray of int of shape (s,)
        From which start; a start that met a saddle has two ends.
    """

    theta: FloatArray
    value: FloatArray
    gradient: FloatArray
    noise: FloatArray
    iterations: IntArray
    converged: BoolArray
    origins: IntArray


def descend(problem: Discrepancy, starts: FloatArray) -> Ends:
    """Go down from each start to a local minimum.

    A start that ends at a saddle, where the slope is zero and some direction curves down, as a
    symmetric start of a symmetric matrix does, goes on from both sides of it.

    Parameters
    ----------
    problem : Discrepancy
    starts : ndarray of shape (s, p)
        Theta, within the bounds.

    Returns
    -------
    Ends
    """
    spent = np.zeros(len(starts), dtype=np.int64)
    ends, ways = _settled(problem, starts, np.arange(len(starts)), spent)
    kept = []
    for _ in range(_MOST_SADDLES):
        saddle = np.abs(ways).max(axis=1) > 0
        if not saddle.any():
            break
        kept.append(_rows(ends, ~saddle))
        left, push = _rows(ends, saddle), _PUSH * ways[saddle]
        sides = np.clip(np.concatenate([left.theta + push, left.theta - push]), *problem.bounds)
        ends, ways = _settled(problem, sides, np.tile(left.origins, 2), np.tile(left.iterations, 2))
    return _joined([*kept, ends])


def free_items(theta: FloatArray, gradient: FloatArray, bounds: tuple[float, float]) -> BoolArray:
    """Return which items may move: not those at a bound that the slope pushes against."""
    low = (theta <= bounds[0]) & (gradient >= 0)
    high = (theta >= bounds[1]) & (gradient <= 0)
    return np.asarray(~(low | high))


def least_curvature(
    points: Landscape, bounds: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest curvature, in parts of the largest, and its direction, over free items.

    Parameters
    ----------
    points : Landscape
    bounds : tuple of float

    Returns
    -------
    curvature : ndarray of shape (s,)
    directions : ndarray of shape (s, p)
        Of largest entry 1.
    """
    free = free_items(points.theta, points.gradient, bounds)
    values, vectors = np.linalg.eigh(_among(points.hessian, free))
    directions = np.where(free, vectors[:, :, 0], 0.0)
    sizes = np.abs(directions).max(axis=1, keepdims=True)
    return (
        values[:, 0] / np.abs(values).max(axis=1),
        directions / np.where(sizes > 0, sizes, 1.0),
    )


class _Search:
    """The starts on their way down; their arrays change in place."""

    def __init__(self, problem: Discrepancy, starts: FloatArray) -> None:
        self.problem = problem
        self.points = problem.landscape(starts.copy())
        n_starts = len(starts)
        self.part = np.ones(n_starts)
        self.steps = np.zeros_like(starts)
        self.slopes = np.full(n_starts, np.inf)
        self.iterations = np.zeros(n_starts, dtype=np.int64)
        self.active = np.ones(n_starts, dtype=bool)
        self._aim(np.arange(n_starts))

    def run(self) -> None:
        """Go on until every start has ended."""
        lowest, highest = self.problem.bounds
        for _ in range(_MOST_STEPS):
            rows = np.flatnonzero(self.active)
            if not len(rows):
                return
            moves = self.part[rows, None] * self.steps[rows]
            tried = np.clip(self.points.theta[rows] + moves, lowest, highest)
            self._judge(rows, self.problem.landscape(tried))

    def _judge(self, rows: IntArray, tried: Landscape) -> None:
        """Take the steps that go down; shorten the others, or end them where they are rounding."""
        fall = self.points.value[rows] - tried.value
        noise = tried.noise + self.points.noise[rows]
        free = free_items(tried.theta, tried.gradient, self.problem.bounds)
        slopes = np.abs(np.where(free, tried.gradient, 0.0)).max(axis=1)
        # At rounding level the value is noise; the slope still tells.
        level = (np.abs(fall) <= 4 * noise) & (slopes <= 0.5 * self.slopes[rows])
        taken = (fall > 4 * noise) | level
        self.iterations[rows] += 1
        for field in fields(Landscape):
            getattr(self.points, field.name)[rows[taken]] = getattr(tried, field.name)[taken]
        self._aim(rows[taken])
        refused = rows[~taken]
        hopeless = (np.abs(fall) <= 4 * noise)[~taken] | (self.part[refused] < _SHORTEST)
        self.part[refused] *= 0.25
        self.active[refused[hopeless]] = False

    def _aim(self, rows: IntArray) -> None:
        """Compute the next steps, and end the starts that need none."""
        points = Landscape(*(getattr(self.points, field.name)[rows] for field in fields(Landscape)))
        free = free_items(points.theta, points.gradient, self.problem.bounds)
        self.slopes[rows] = np.abs(np.where(free, points.gradient, 0.0)).max(axis=1)
        steps = _newton_steps(points, free, self.problem.bounds)
        sizes = np.abs(steps).max(axis=1)
        longest = self.problem.longest_step
        self.steps[rows] = steps * (longest / np.maximum(sizes, longest))[:, None]
        self.part[rows] = 1.0
        done = (self.slopes[rows] <= _ENOUGH) & (sizes <= _STEP_TOLERANCE)
        self.active[rows[done]] = False


def _newton_steps(points: Landscape, free: BoolArray, bounds: tuple[float, float]) -> FloatArray:
    """Return Newton steps of the free items; those that would leave their bound are held."""
    steps = _solved(points, free)
    outwards = free & (
        ((points.theta <= bounds[0]) & (steps < 0)) | ((points.theta >= bounds[1]) & (steps > 0))
    )
    if not outwards.any():
        return steps
    return _solved(points, free & ~outwards)


def _solved(points: Landscape, free: BoolArray) -> FloatArray:
    """Return -H^-1 g over the free items, with eigenvalues of H by their sizes."""
    matrices = _among(points.hessian, free)
    slopes = np.where(free, points.gradient, 0.0)[:, :, None]
    try:
        np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(matrices)
        sizes = np.abs(values)
        sizes = np.maximum(sizes, _LEAST_CURVATURE * sizes.max(axis=1, keepdims=True))
        turned = (vectors.transpose(0, 2, 1) @ slopes) / sizes[:, :, None]
        return np.asarray(-(vectors @ turned)[:, :, 0])
    return np.asarray(-np.linalg.solve(matrices, slopes)[:, :, 0])


def _among(hessian: FloatArray, free: BoolArray) -> FloatArray:
    """Return the second derivatives among free items; others have curvature 1 and no company."""
    both = free[:, :, None] & free[:, None, :]
    return np.where(both, hessian, np.eye(free.shape[1]))


def _settled(
    problem: Discrepancy, starts: FloatArray, origins: IntArray, spent: IntArray
) -> tuple[Ends, FloatArray]:
    """Return where the starts come to rest, and the ways down from saddles: zeros at minima."""
    search = _Search(problem, starts)
    search.run()
    curvature, ways = least_curvature(search.points, problem.bounds)
    saddle = curvature < -_SADDLE
    ends = Ends(
        theta=search.points.theta,
        value=search.points.value,
        gradient=search.slopes,
        noise=search.points.noise,
        iterations=spent + search.iterations,
        converged=(search.slopes <= GRADIENT_TOLERANCE) & ~saddle,
        origins=origins,
    )
    return ends, np.where(saddle[:, None], ways, 0.0)


def _rows(ends: Ends, rows: BoolArray) -> Ends:
    return Ends(*(getattr(ends, field.name)[rows] for field in fields(Ends)))


def _joined(parts: list[Ends]) -> Ends:
    return Ends(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Ends))
    )
