"""Where the slope of a broken line changes: search, test and draws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.service._service_response_moments import Grid

__all__ = ["ChangeTest", "change_test", "coefficients", "gaussian_draws", "search", "settle"]

_COARSE = 24
_MOST_SWEEPS = 30
_COLLINEAR = 1e-9
_ROUNDING = 1e-9
"""A variance is rounding where it is smaller than this share of the terms it is made of."""


@dataclass(frozen=True, slots=True)
class ChangeTest:
    """What a test for one more change of slope found.

    Attributes
    ----------
    statistic : float
        The largest robust |t| of a further hinge.
    p_value : float
    """

    statistic: float
    p_value: float


def search(
    G: FloatArray,
    b: FloatArray,
    grid: Grid,
    count: int,
    min_share: float,
    fewer: IntArray | None = None,
) -> IntArray | None:
    """Return the places of the knots that fit best, or None if so many do not find room.

    All sets of knots of a coarse grid are tried, and the best is moved over the whole grid; so are
    the best knots with one less, and the best further one beside them.

    Parameters
    ----------
    G : ndarray of shape (2 + 2 m, 2 + 2 m)
        Products of the columns.
    b : ndarray of shape (2 + 2 m,)
        Their products with the values.
    grid : Grid
        Of m knots.
    count : int
        Number of knots.
    min_share : float
        Share of the rows that each stage must have.
    fewer : ndarray of int of shape (count - 1,) or None
        Places of the best knots with one less.

    Returns
    -------
    ndarray of int of shape (count,) or None
    """
    if count == 0:
        return np.empty(0, dtype=np.int64)
    starts = [_best_coarse(G, b, grid, count, min_share), _leftmost(grid, count, min_share)]
    if fewer is not None:
        free = grid.feasible(fewer, min_share)
        if len(free):
            further = free[int(np.argmax(_gains(G, b, fewer, free)))]
            starts.append(np.sort(np.append(fewer, further)))
    ends = [settle(G, b, grid, start, min_share) for start in starts if start is not None]
    return max(ends, key=lambda places: _explained(G, b, places), default=None)


def settle(
    G: FloatArray, b: FloatArray, grid: Grid, places: IntArray, min_share: float
) -> IntArray:
    """Move one knot after the other to where it fits best, until none moves.

    Parameters
    ----------
    G, b, grid, min_share :
        As in `search`.
    places : ndarray of int of shape (count,)
        Where to begin.

    Returns
    -------
    ndarray of int of shape (count,)
        In rising order.
    """
    for _ in range(_MOST_SWEEPS):
        before = places.copy()
        for i in range(len(places)):
            others = np.delete(places, i)
            free = grid.feasible(others, min_share)
            if len(free):
                moved = free[int(np.argmax(_gains(G, b, others, free)))]
                places = np.sort(np.append(others, moved))
        if np.array_equal(before, places):
            break
    return places


def coefficients(G: FloatArray, b: FloatArray, places: IntArray) -> FloatArray:
    """Return intercept, first slope and changes of slope.

    Parameters
    ----------
    G, b :
        As in `search`.
    places : ndarray of int of shape (count,)

    Returns
    -------
    ndarray of shape (2 + count,)
    """
    columns = _columns(places)
    return np.asarray(np.linalg.solve(G[np.ix_(columns, columns)], b[columns]))


def change_test(
    G: FloatArray,
    residual_sums: FloatArray,
    residual_products: FloatArray,
    grid: Grid,
    places: IntArray,
    min_share: float,
    draws: FloatArray,
) -> ChangeTest | None:
    """Test whether the slope changes once more, at a place that is not known.

    The statistic is the largest |t| of a further hinge over all places that leave room, each with
    its robust (sandwich) error and freed of what moving the known knots could explain. Its
    distribution without a change is that of the largest of normal variables of the same
    correlation, which is drawn.

    Parameters
    ----------
    G : ndarray of shape (2 + 2 m, 2 + 2 m)
    residual_sums : ndarray of shape (2 + 2 m,)
        Products of the columns with the residuals.
    residual_products : ndarray of shape (2 + 2 m, 2 + 2 m)
        Products of the columns, weighted by squared residuals.
    grid : Grid
    places : ndarray of int of shape (count,)
        Known knots.
    min_share : float
    draws : ndarray of shape (n_draws, d)
        Standard normal numbers, d at least m.

    Returns
    -------
    ChangeTest or None
        None where there is no room for a further knot.
    """
    free = grid.feasible(places, min_share)
    if not len(free):
        return None
    base = np.concatenate([_columns(places), places + 2 + len(grid.knots)])
    hinges = free + 2
    by = np.linalg.lstsq(G[np.ix_(base, base)], G[np.ix_(base, hinges)])[0]
    left = np.diag(G)[hinges] - (by * G[np.ix_(base, hinges)]).sum(axis=0)
    kept = left > 1e-6 * np.diag(G)[hinges]
    if not kept.any():
        return None
    hinges, by = hinges[kept], by[:, kept]
    score = residual_sums[hinges] - by.T @ residual_sums[base]
    outer = residual_products[np.ix_([*hinges, *base], [*hinges, *base])]
    mixer = np.vstack([np.eye(len(hinges)), -by])
    spread = mixer.T @ outer @ mixer
    known = np.diag(spread) > _ROUNDING * np.diag(outer)[: len(hinges)]
    if not known.any():
        return ChangeTest(0.0, 1.0)
    score, spread = score[known], spread[np.ix_(known, known)]
    errors = np.sqrt(np.diag(spread))
    statistic = float(np.max(np.abs(score) / errors))
    highest = np.abs(gaussian_draws(spread / np.outer(errors, errors), draws)).max(axis=1)
    return ChangeTest(statistic, float((1 + (highest >= statistic).sum()) / (1 + len(draws))))


def gaussian_draws(covariance: FloatArray, draws: FloatArray) -> FloatArray:
    """Return normal draws of a covariance.

    Parameters
    ----------
    covariance : ndarray of shape (k, k)
    draws : ndarray of shape (n_draws, d)
        Standard normal numbers, d at least k.

    Returns
    -------
    ndarray of shape (n_draws, k)
    """
    values, vectors = np.linalg.eigh(covariance)
    # The largest first, so that the numbers that matter do not depend on how many are noise.
    order = np.argsort(values)[::-1]
    root = vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    # The signs of eigenvectors are arbitrary: the largest entry of each is made positive.
    largest = np.abs(root).argmax(axis=0)
    root = root * np.where(root[largest, np.arange(root.shape[1])] < 0, -1.0, 1.0)
    return np.asarray(draws[:, : len(values)] @ root.T)


def _columns(places: IntArray) -> IntArray:
    return np.concatenate([[0, 1], places + 2]).astype(np.int64)


def _gains(G: FloatArray, b: FloatArray, others: IntArray, free: IntArray) -> FloatArray:
    """Return how much a further hinge lowers the sum of squares, at each place."""
    base, hinges = _columns(others), free + 2
    cross = G[base[:, None], hinges]
    by = np.linalg.solve(G[base[:, None], base], cross)
    left = G[hinges, hinges] - (by * cross).sum(axis=0)
    freed = b[hinges] - b[base] @ by
    good = left > _COLLINEAR * G[hinges, hinges]
    return np.where(good, freed**2 / np.where(good, left, 1.0), 0.0)


def _roomy(grid: Grid, sets: IntArray, min_share: float) -> BoolArray:
    """Return which sets of knots leave each stage enough rows and levels."""
    ones = np.ones((len(sets), 1))
    share = np.hstack([0 * ones, grid.share[sets], ones])
    up_to = np.hstack([grid.up_to[sets], grid.n_levels * ones])
    below = np.hstack([0 * ones, grid.below[sets]])
    rows = (np.diff(share, axis=1) >= min_share - 1e-9).all(axis=1)
    return np.asarray(rows & (up_to - below >= 3).all(axis=1))


def _best_coarse(
    G: FloatArray, b: FloatArray, grid: Grid, count: int, min_share: float
) -> IntArray | None:
    """Return the best set of knots of a coarse grid, or None if none leaves room."""
    single = grid.feasible(np.empty(0, dtype=np.int64), min_share)
    if not len(single):
        return None
    pick = np.unique(np.linspace(0, len(single) - 1, _COARSE).round().astype(np.int64))
    sets = np.array(list(combinations(single[pick].tolist(), count)), dtype=np.int64)
    sets = sets.reshape(-1, count)
    sets = sets[_roomy(grid, sets, min_share)]
    if not len(sets):
        return None
    first = np.tile(np.arange(2), (len(sets), 1))
    columns = np.hstack([first, sets + 2])
    known = b[columns]
    inner = G[columns[:, :, None], columns[:, None, :]]
    fitted = np.linalg.solve(inner, known[:, :, None])[:, :, 0]
    return np.asarray(sets[int(np.argmax((fitted * known).sum(axis=1)))])


def _leftmost(grid: Grid, count: int, min_share: float) -> IntArray | None:
    """Place knots from the left as near as allowed; None if they do not find room."""
    places = np.empty(0, dtype=np.int64)
    for _ in range(count):
        free = grid.feasible(places, min_share)
        free = free[free > places[-1]] if len(places) else free
        if not len(free):
            return None
        places = np.append(places, free[0])
    return places


def _explained(G: FloatArray, b: FloatArray, places: IntArray) -> float:
    return float(coefficients(G, b, places) @ b[_columns(places)])
