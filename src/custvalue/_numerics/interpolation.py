"""Evaluate costly functions of a count and a time at a few times per count, and interpolate.

For each count with many rows the function is evaluated at Chebyshev nodes and becomes a polynomial
in the time, of degree 16, 32 or 64, whichever suffices. Two changes of variables keep the degree
low and the error relative. The polynomial is that of log f, so that values may span hundreds of
powers of ten. Its variable is log(c + T), where c is found by trial: the functions of these models
depend on alpha + T and are not smooth at T = -alpha, which may be close by; in log(alpha + T) they
are smooth everywhere (Trefethen 2019, Approximation Theory and Approximation Practice, chapter 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.polynomial.chebyshev import chebval
from scipy.fft import dct

from custvalue._numerics.compression import compress_rows
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["by_run"]

Function = Callable[[FloatArray, FloatArray], FloatArray]

_DEGREES = (16, 32, 64)
_ROWS_PER_NODE = 6
"""Runs that are shorter are evaluated row by row: an interpolant would not pay."""
_BENDS = 2.0 ** np.array([3.0, 0.0, -3.0, -6.0, -9.0, -12.0, -16.0, -20.0])
"""Trials of c, relative to the range of all points; the first bends hardly at all."""
_TRIALS = 3
"""The longest runs, for which c is chosen."""
_LAST = 3
_HELD_OUT = 5
_SLACK = 4.0
"""The error at rows that were held out, over the coefficients that are cut off."""
_SAMPLE = 32
_FEW = 12
"""With so few different points among 32, rows are evaluated once per point."""
_STRIDE = 8
_IN_CACHE = 8192
_SMALLEST, _LARGEST = 1e-290, 1e290
_EPSILON = float(np.finfo(float).eps)


def by_run(
    function: Function,
    keys: FloatArray,
    points: FloatArray,
    *,
    rtol: float = 1e-13,
    logs: bool = False,
) -> FloatArray:
    """Evaluate a function that is smooth in its second argument, at few points for each key.

    Every interpolant is checked at some of its rows. Where the relative error is not near rtol,
    and where values are 0, infinite or of both signs, all rows are evaluated directly.

    Parameters
    ----------
    function : callable
        ``function(keys, points)`` gives one value for each pair; for one key it is analytic in the
        points, on the whole range that they span.
    keys : ndarray of shape (n_rows,)
        It is quickest where they ascend.
    points : ndarray of shape (n_rows,)
        Not NaN; rows of a key that has infinite points are evaluated directly.
    rtol : float
        Where the polynomial is cut off, relative to the values. Rounding comes on top. A function
        that is itself less accurate than that is evaluated directly.
    logs : bool
        Whether values are logarithms. Then rtol is absolute, the rounding that of the largest value
        of the key, and values may have any sign.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    if (keys[1:] < keys[:-1]).any():
        order = _order(keys)
        out = np.empty_like(points)
        out[order] = by_run(function, keys[order], points[order], rtol=rtol, logs=logs)
        return out
    out, rest = np.empty_like(points), np.ones(len(points), dtype=bool)
    for rows, interpolant in _interpolants(_Task(function, rtol, logs), keys, points):
        out[rows] = interpolant(points[rows])
        rest[rows] = False
    if rest.any():
        different = compress_rows(keys[rest], points[rest])
        out[rest] = different.expand(function(*different.columns))
    return out


def _order(keys: FloatArray) -> IntArray:
    """Return the order that sorts the keys; sorting 16-bit numbers is linear."""
    if keys.min() >= 0 and keys.max() < 2**16:
        whole = keys.astype(np.uint16)
        if np.array_equal(whole, keys):
            return np.argsort(whole, kind="stable")
    return np.argsort(keys, kind="stable")


@dataclass(frozen=True, slots=True)
class _Runs:
    """Rows of one key each: key, first row, number of rows, least and largest point, and c.

    The variable of a run is t = 2 log(1 + (T - low) / c) / log(1 + (high - low) / c) - 1.
    """

    keys: FloatArray
    starts: IntArray
    lengths: IntArray
    low: FloatArray
    high: FloatArray
    c: FloatArray

    def where(self, chosen: BoolArray | IntArray) -> _Runs:
        """Return some of the runs."""
        return _Runs(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def rows_of(self, i: int) -> slice:
        """Return the rows of run i."""
        return slice(int(self.starts[i]), int(self.starts[i] + self.lengths[i]))

    def some_rows(self, n: int) -> IntArray:
        """Return n evenly spaced rows of each run, shape (n_runs, n)."""
        return self.starts[:, None] + np.arange(n) * self.lengths[:, None] // n

    @property
    def width(self) -> FloatArray:
        """The length of each run in log(c + T)."""
        return np.asarray(np.log1p((self.high - self.low) / self.c))

    def points(self, t: FloatArray) -> FloatArray:
        """Return the points of each run that belong to t, shape (n_runs, n)."""
        far = np.expm1((t + 1) / 2 * self.width[:, None])
        return self.low[:, None] + self.c[:, None] * far


def _runs(keys: FloatArray, points: FloatArray) -> _Runs:
    """Return the runs of many rows with many different points, all finite."""
    starts = np.append(0, np.flatnonzero(keys[1:] != keys[:-1]) + 1)[: len(keys)]
    lengths = np.diff(np.append(starts, len(keys)))
    low, high = (ends(points, starts) for ends in (np.minimum.reduceat, np.maximum.reduceat))
    runs = _Runs(keys[starts], starts, lengths, low, high, np.ones_like(low))
    runs = runs.where(
        (lengths >= _ROWS_PER_NODE * _DEGREES[0]) & np.isfinite(low) & np.isfinite(high)
    )
    sample = np.sort(points[runs.some_rows(_SAMPLE)], axis=1)
    return runs.where((np.diff(sample, axis=1) > 0).sum(axis=1) >= _FEW)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is interpolated, and how well."""

    function: Function
    rtol: float
    logs: bool

    def flattened(self, values: FloatArray, base: FloatArray) -> FloatArray:
        """Return what becomes a polynomial, 0 at the base; NaN or infinite where nothing can."""
        with np.errstate(all="ignore"):
            if self.logs:
                return np.asarray(values - base)
            size = np.abs(values)
            fair = (size > _SMALLEST) & (size < _LARGEST)
            return np.asarray(np.log(np.where(fair, values / base, np.nan)))

    def allowed(self, values: FloatArray, flat: FloatArray) -> FloatArray:
        """Return the error that is allowed in each run: the tolerance and rounding."""
        rounding = 4 * np.abs(values) if self.logs else np.abs(flat)
        return np.asarray(self.rtol + _EPSILON * rounding.max(axis=1))

    def restored(self, flat: FloatArray, base: float) -> FloatArray:
        """Return values from polynomials, in place."""
        if self.logs:
            flat += base
            return flat
        np.exp(flat, out=flat)
        flat *= base
        return flat


@dataclass(frozen=True, slots=True)
class _Series:
    """Chebyshev coefficients of runs, shape (n_runs, degree + 1), and the values where they are 0.

    ``error`` is what the last coefficients and the rows held out say, relative to ``allowed``.
    """

    coefficients: FloatArray
    base: FloatArray
    allowed: FloatArray
    error: FloatArray


def _interpolants(
    task: _Task, keys: FloatArray, points: FloatArray
) -> Iterator[tuple[slice, Callable[[FloatArray], FloatArray]]]:
    """Give the rows of every run that has a short and accurate interpolant, and that."""
    runs = _runs(keys, points)
    if len(runs.keys):
        runs = _bent_best(task, runs)
    for degree in _DEGREES:
        runs = runs.where(runs.lengths >= _ROWS_PER_NODE * degree)
        if not len(runs.keys):
            return
        series = _series(task, runs, points[runs.some_rows(_HELD_OUT)], degree)
        for i in map(int, np.flatnonzero(series.error <= 1)):
            yield runs.rows_of(i), _interpolant(task, runs, series, i)
        runs = runs.where(series.error > 1)


def _bent_best(task: _Task, runs: _Runs) -> _Runs:
    """Choose the variable in which the series of the longest runs end soonest."""
    longest = np.argsort(-runs.lengths, kind="stable")[:_TRIALS]
    lowest = runs.low.min()
    bends = _BENDS * (runs.high.max() - lowest)
    trials = runs.where(np.repeat(longest, len(bends)))
    trials = replace(trials, c=trials.low - lowest + np.tile(bends, len(longest)))
    ends = np.stack([trials.low, trials.high], axis=1)
    error = _series(task, trials, ends, _DEGREES[0]).error.reshape(-1, len(bends))
    error[np.isinf(error)] = 0.0  # a run that has no series has none in any variable
    return replace(runs, c=runs.low - lowest + bends[error.max(axis=0).argmin()])


def _series(task: _Task, runs: _Runs, held_out: FloatArray, degree: int) -> _Series:
    """Interpolate every run at the Chebyshev nodes, by one call of the function."""
    n = degree + 1
    nodes = runs.points(np.cos((np.arange(n) + 0.5) * np.pi / n))
    asked = np.concatenate([nodes, held_out], axis=1)
    keys = np.repeat(runs.keys, asked.shape[1])
    values = task.function(keys, asked.ravel()).reshape(asked.shape)
    base = values[:, degree // 2]
    flat = task.flattened(values, base[:, None])
    sound = np.isfinite(flat).all(axis=1)
    flat[~sound] = 0.0
    coefficients = dct(flat[:, :n], type=2, axis=1) / n
    coefficients[:, 0] /= 2
    t = np.log1p((held_out - runs.low[:, None]) / runs.c[:, None]) * (2 / runs.width[:, None]) - 1
    found = chebval(t, coefficients.T[:, :, None], tensor=False)
    missed = np.abs(found - flat[:, n:]).max(axis=1) / _SLACK
    last = np.abs(coefficients[:, -_LAST:]).max(axis=1)
    allowed = task.allowed(values, flat)
    error = np.where(sound, np.maximum(last, missed) / allowed, np.inf)
    return _Series(coefficients, base, allowed, error)


def _interpolant(
    task: _Task, runs: _Runs, series: _Series, i: int
) -> Callable[[FloatArray], FloatArray]:
    """Return the function that gives the values of run i at its points."""
    low, inverse, scale = runs.low[i], 1 / runs.c[i], 2 / runs.width[i]
    factors = _factors(_shortened(series.coefficients[i], series.allowed[i]))
    base = float(series.base[i])

    def values(points: FloatArray) -> FloatArray:
        out = np.empty_like(points)
        for start in range(0, len(points), _IN_CACHE):
            block = slice(start, start + _IN_CACHE)
            t = np.log1p((points[block] - low) * inverse)
            t *= scale
            t -= 1.0
            out[block] = task.restored(_evaluate(factors, t), base)
        return out

    return values


def _shortened(coefficients: FloatArray, allowed: float) -> FloatArray:
    """Leave out the last coefficients that together are a tenth of the error allowed."""
    left = np.cumsum(np.abs(coefficients[::-1]))
    kept = len(coefficients) - int(np.searchsorted(left, allowed / 10))
    return coefficients[: max(kept, 1)]


def _factors(coefficients: FloatArray) -> FloatArray:
    """Return the coefficients, shape (n, 8), of T_8j(t) T_i(t), from those of T_n(t).

    By T_{8j + i} = 2 T_8j T_i - T_{8j - i}.
    """
    padded = np.append(coefficients, np.zeros(-len(coefficients) % _STRIDE))
    factors = padded.reshape(-1, _STRIDE)
    for j in range(len(factors) - 1, 0, -1):
        factors[j - 1, 1:] -= factors[j, :0:-1]
        factors[j, 1:] *= 2
    return factors


def _evaluate(factors: FloatArray, t: FloatArray) -> FloatArray:
    """Return the sum of T_8j(t) T_i(t): the inner one by a product of matrices, then Clenshaw's.

    As Paterson and Stockmeyer (1973, SIAM Journal on Computing 2(1), 60-66) do with powers.
    """
    low = np.empty((_STRIDE, len(t)))
    low[0], low[1] = 1.0, t
    twice = 2 * t
    for i in range(2, _STRIDE):
        np.multiply(twice, low[i - 1], out=low[i])
        low[i] -= low[i - 2]
    parts = factors @ low
    twice *= low[-1]
    twice -= low[-2]  # now T_8
    if len(parts) == 1:
        return np.asarray(parts[0])
    ahead, total = np.zeros_like(t), parts[-1]
    step = 2 * twice
    for part in parts[-2:0:-1]:
        part += step * total
        part -= ahead
        ahead, total = total, part
    return np.asarray(parts[0] + twice * total - ahead)
