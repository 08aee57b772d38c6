"""Sums of the beta-geometric log-likelihood over many rows, for parameters that are numbers.

A fit needs sums only. As products of vectors they store no gradient and no Hessian of a row; with
rows in the order of x most chunks have one count, whose shapes are numbers. Letters are those of
`_beta_geo_likelihood`. Sums are matrices of shape (5, 5): value and gradient in the first row, the
upper triangle of the Hessian below.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from custvalue._likelihood.chunks import over_chunks
from custvalue._numerics.rising_derivatives import rising_derivatives
from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["BetaGeoNumbers", "rows_with", "weighted_sums"]


class BetaGeoNumbers(NamedTuple):
    """Parameters, and how often a customer may leave before the first repeat purchase."""

    r: float
    alpha: float
    a: float
    b: float
    chances_before_repeat: int


def weighted_sums(
    law: BetaGeoNumbers,
    x: FloatArray,
    t_x: FloatArray,
    T: FloatArray,
    weights: FloatArray,
    order: int,
) -> FloatArray:
    """Return the weighted sums of log-likelihood, gradient and, for order 2, Hessian.

    Parameters
    ----------
    law : BetaGeoNumbers
    x, t_x, T, weights : ndarray of shape (n_rows,)
        At least one row; quickest in the order of x.
    order : {1, 2}

    Returns
    -------
    ndarray of shape (5, 5)
        Value and gradient in the first row, the Hessian (symmetric) in the last four.
    """
    parts = over_chunks(partial(_of_rows, law, order=order), (x, t_x, T, weights))
    of_rows, counts, by_count = zip(*parts, strict=True)
    merged = _weight_by_count(np.concatenate(counts), np.concatenate(by_count))
    sums = _of_counts(law, *merged, order) + np.sum(of_rows, axis=0)
    sums[1:, 1:] += np.triu(sums[1:, 1:], 1).T
    return np.asarray(sums)


def rows_with(condition: BoolArray) -> slice | BoolArray:
    """Return the chosen rows, as a slice where they are the last ones: that copies nothing."""
    first = len(condition) - int(np.count_nonzero(condition))
    return slice(first, None) if condition[first:].all() else condition


def _of_rows(
    law: BetaGeoNumbers,
    x: FloatArray,
    t_x: FloatArray,
    T: FloatArray,
    weights: FloatArray,
    order: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sum what depends on time over a chunk of rows; return its counts and their weights too."""
    since_start = T + law.alpha
    np.divide(1, since_start, out=since_start)
    if x[0] == x[-1] and (x == x[0]).all():
        counts, by_count = x[:1], weights.sum(keepdims=True)
    else:
        counts, by_count = _weight_by_count(x, weights)
    count: Number = float(x[0]) if len(counts) == 1 else x
    sums = _of_times(law, count, T, since_start, weights, order)
    if law.chances_before_repeat or counts[-1] > 0:
        all_of_them = law.chances_before_repeat or isinstance(count, float)
        rows = slice(None) if all_of_them else rows_with(x > 0)
        count = count if isinstance(count, float) else count[rows]
        columns = (t_x[rows], T[rows], since_start[rows], weights[rows])
        sums += _of_leaving(law, count, *columns, order)
    return sums, counts, by_count


def _weight_by_count(x: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return counts in ascending order and the weight of each."""
    if x.max() > 2 * len(x) + 1000:
        counts, at = np.unique(x, return_inverse=True)
        return counts, np.bincount(at, weights=weights).astype(np.float64, copy=False)
    by_count = np.bincount(x.astype(np.intp), weights=weights)
    return np.arange(float(len(by_count))), by_count.astype(np.float64, copy=False)


def _of_counts(law: BetaGeoNumbers, x: FloatArray, weights: FloatArray, order: int) -> FloatArray:
    """Sum what depends on x alone: log of (r)_x alpha^-x (b)_d / (a + b)_d."""
    chances = x + law.chances_before_repeat
    rate = rising_derivatives(law.r, x, order) @ weights
    stays = rising_derivatives(law.b, chances, order) @ weights
    either = rising_derivatives(law.a + law.b, chances, order) @ weights
    sums = np.zeros((5, 5))
    sums[0] = [rate[0] + stays[0] - either[0], rate[1], 0, -either[1], stays[1] - either[1]]
    sums[0, 0] -= np.log(law.alpha) * (x @ weights)
    if order > 1:
        sums[1, 1], sums[3, 3:], sums[4, 4] = rate[2], -either[2], stays[2] - either[2]
    return sums


def _of_times(
    law: BetaGeoNumbers,
    x: Number,
    T: FloatArray,
    since_start: FloatArray,
    weights: FloatArray,
    order: int,
) -> FloatArray:
    """Sum what T adds for customers alive: -(r + x) log(1 + T / alpha)."""
    r, alpha = law.r, law.alpha
    grown = T * (1 / alpha)
    np.log1p(grown, out=grown)
    bought, part = weights * x, T * since_start
    shares = weights @ part
    sums = np.zeros((5, 5))
    sums[0, 1] = -(weights @ grown)
    sums[0, 0] = r * sums[0, 1] - bought @ grown
    sums[0, 2] = shares * (r / alpha) - bought @ since_start
    if order > 1:
        bought *= since_start
        part *= part
        sums[1, 2] = shares / alpha
        sums[2, 2] = bought @ since_start - (2 * shares - weights @ part) * (r / alpha**2)
    return sums


def _of_leaving(
    law: BetaGeoNumbers,
    x: Number,
    t_x: FloatArray,
    T: FloatArray,
    since_start: FloatArray,
    weights: FloatArray,
    order: int,
) -> FloatArray:
    """Sum log(1 + odds that the customer left) of customers who had a chance to leave."""
    since_last = 1 / (t_x + law.alpha)
    ratio = (T - t_x) * since_last
    np.log1p(ratio, out=ratio)
    shape, before = law.r + x, law.b + (x + (law.chances_before_repeat - 1))
    exponent = ratio * -shape
    alive = np.exp(exponent)
    alive *= before / law.a
    share = 1 / (1 + alive)
    left = weights * share
    sums = np.zeros((5, 5))
    sums[0, 0] = weights @ np.log1p(alive) - weights @ exponent
    sums[0, 0] -= _dot(weights, np.log(before / law.a))
    slope = np.subtract(since_start, since_last, out=exponent)
    sums[0, 1:] = (
        left @ ratio,
        _dot(left, shape, slope),
        left.sum() / law.a,
        -_dot(left, 1 / before),
    )
    if order > 1:
        share *= alive
        share *= left
        sums[1:, 1:] = np.triu(_outer(share, ratio, shape, slope, law.a, before))
        sums[1, 2] += left @ slope
        sums[2, 2] -= _dot(left * slope, shape, since_start + since_last)
        sums[3, 3] -= sums[0, 3] / law.a
        sums[4, 4] += _dot(left, before**-2.0)
    return sums


def _outer(
    weights: FloatArray,
    ratio: FloatArray,
    shape: Number,
    slope: FloatArray,
    a: float,
    before: Number,
) -> FloatArray:
    """Sum the outer products of the gradient of the log-odds to have left, shape (4, 4)."""
    if isinstance(shape, float):
        rows = np.stack([ratio, slope, np.ones_like(ratio)])
        sums = (rows * weights) @ rows.T
        scale = np.array([[1, 0, 0, 0], [0, shape, 0, 0], [0, 0, 1 / a, -1 / before]])
        return np.asarray(scale.T @ sums @ scale)
    rows = np.stack([ratio, shape * slope, np.full_like(ratio, 1 / a), -1 / before])
    return np.asarray((rows * weights) @ rows.T)


def _dot(weights: FloatArray, shape: Number, values: FloatArray | None = None) -> float:
    """Return the sum of weights * shape * values; a shape that is a number costs nothing."""
    if isinstance(shape, float):
        return shape * float(weights.sum() if values is None else weights @ values)
    return float(weights @ shape if values is None else (weights * shape) @ values)
