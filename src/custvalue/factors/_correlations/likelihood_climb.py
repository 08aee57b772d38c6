"""Climb the likelihoods of many two-way tables, each in one correlation, at once.

A table counts pairs of categories, which are slices of two standard normal variables with
correlation rho, cut at known thresholds. The log-likelihood is sum_ij n_ij log p_ij(rho). The
derivative of P(X <= h, Y <= k) with respect to rho is the density at (h, k), so that slope and
curvature are exact. All tables climb together, by Newton steps inside a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from custvalue._numerics.bivariate_normal import (
    bivariate_normal_cdf,
    log_bivariate_normal_density,
    log_bivariate_normal_rectangle,
    log_density_slope,
)
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["BOUNDARY", "climb"]

BOUNDARY = 0.9999
"""The largest correlation that is looked at."""

_FARTHEST_START = 0.95
_NEAR_BOUNDARY = 1e-3
_TINY = 1e-6
"""A cell below is integrated: differences have an error near 1e-16."""
_TOLERANCE = 1e-9
"""Last Newton step; the next one would be of the order of its square."""
_MOST_STEPS = 100
_PATIENCE = 30
"""Newton steps before the bracket is halved instead."""


@dataclass(frozen=True, slots=True)
class _Slopes:
    """First and second derivative of the log-likelihood of each table, and its information."""

    first: FloatArray
    second: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class _Corners:
    """What is known at the corners of all cells, each of shape (m, C + 1, C + 1)."""

    probability: FloatArray
    log_density: FloatArray
    slope: FloatArray


@dataclass(frozen=True, slots=True)
class _Bracket:
    """Where each table's rho is, between places where the likelihood rises and falls."""

    low: FloatArray
    rho: FloatArray
    high: FloatArray

    def take(self, rows: IntArray) -> _Bracket:
        """Return the brackets of some tables."""
        return _Bracket(self.low[rows], self.rho[rows], self.high[rows])

    def put(self, rows: IntArray, other: _Bracket) -> None:
        """Overwrite the brackets of some tables."""
        self.low[rows], self.rho[rows], self.high[rows] = other.low, other.rho, other.high


def climb(tables: FloatArray, h: FloatArray, k: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the rho with the largest likelihood of each table.

    Parameters
    ----------
    tables : ndarray of shape (m, C, D)
        Counts.
    h, k : ndarray of shape (m, C - 1) and (m, D - 1)
        Thresholds of rows and columns, ascending; infinity beyond the last category.

    Returns
    -------
    rho : ndarray of shape (m,)
    at_boundary : ndarray of bool of shape (m,)
        The likelihood still rises where rho reaches +-0.9999.
    """
    at = _Bracket(np.full(len(tables), -BOUNDARY), _start(tables), np.full(len(tables), BOUNDARY))
    live = np.arange(len(tables))
    at_boundary = np.zeros(len(tables), dtype=bool)
    for step in range(_MOST_STEPS):
        here = at.take(live)
        slopes = _slopes(tables[live], h[live], k[live], here.rho)
        outward = _outward(here.rho, slopes)
        at_boundary[live] = outward
        at.rho[live[outward]] = np.copysign(BOUNDARY, here.rho[outward])
        moved, settled = _moved(here, slopes, patient=step < _PATIENCE)
        at.put(live[~outward], moved.take(np.flatnonzero(~outward)))
        live = live[~(outward | settled)]
        if not len(live):
            break
    return at.rho, at_boundary


def _start(tables: FloatArray) -> FloatArray:
    """Return the product-moment correlation of the codes, kept away from the boundary."""
    n = np.maximum(tables.sum(axis=(1, 2)), 1.0)[:, None]
    rows, columns = (np.arange(size, dtype=float) for size in tables.shape[1:])
    x = rows - (tables.sum(axis=2) @ rows)[:, None] / n
    y = columns - (tables.sum(axis=1) @ columns)[:, None] / n
    product = np.einsum("mij,mi,mj->m", tables, x, y)
    squares = (tables.sum(axis=2) * x**2).sum(axis=1) * (tables.sum(axis=1) * y**2).sum(axis=1)
    r = product / np.sqrt(np.where(squares > 0, squares, 1.0))
    start: FloatArray = np.clip(r, -_FARTHEST_START, _FARTHEST_START)
    return start


def _outward(rho: FloatArray, slopes: _Slopes) -> BoolArray:
    """Return which likelihoods still rise at the boundary, or so near it that slopes underflow."""
    flat = (slopes.information == 0) & (np.abs(rho) > _FARTHEST_START)
    outward: BoolArray = flat | ((np.abs(rho) == BOUNDARY) & (slopes.first * rho > 0))
    return outward


def _moved(at: _Bracket, slopes: _Slopes, *, patient: bool) -> tuple[_Bracket, BoolArray]:
    """Return the next place of each rho, and which of them are there."""
    rises, falls = slopes.first > 0, slopes.first < 0
    # A boundary from which the likelihood falls away is one no longer.
    low = np.where(rises, np.maximum(at.rho, -BOUNDARY + _TOLERANCE), at.low)
    high = np.where(falls, np.minimum(at.rho, BOUNDARY - _TOLERANCE), at.high)
    concave = slopes.second < 0
    curvature = np.where(concave, -slopes.second, slopes.information)
    step = slopes.first / np.where(curvature > 0, curvature, 1.0)
    newton = at.rho + step
    inside = (newton > low) & (newton < high) & patient
    ahead = np.where(rises, high, low)
    to_boundary = (np.abs(ahead) == BOUNDARY) & (np.abs(ahead - at.rho) < _NEAR_BOUNDARY)
    rho = np.where(inside, newton, np.where(to_boundary, ahead, (low + high) / 2))
    settled = (inside & (np.abs(step) <= _TOLERANCE)) | ~(rises | falls)
    rho = np.where(rises | falls, rho, at.rho)
    return _Bracket(low, rho, high), settled | (high - low <= 1e-14)


def _slopes(tables: FloatArray, h: FloatArray, k: FloatArray, rho: FloatArray) -> _Slopes:
    """Return the derivatives of the log-likelihood of each table at its rho."""
    h, k = _with_ends(h), _with_ends(k)
    corners = _corners(h, k, rho)
    p, density = _cells(corners.probability), np.exp(corners.log_density)
    seen = tables > 0
    tiny = seen & (p < _TINY)
    divisor = np.where(seen & ~tiny, p, 1.0)
    first = np.where(seen, _cells(density) / divisor, 0.0)
    second = np.where(seen, _cells(density * corners.slope) / divisor, 0.0)
    if tiny.any():
        first[tiny], second[tiny] = _tiny_cells(h, k, rho, corners, np.nonzero(tiny))
    information = (tables * first**2).sum(axis=(1, 2))
    return _Slopes(
        (tables * first).sum(axis=(1, 2)),
        (tables * second).sum(axis=(1, 2)) - information,
        information,
    )


def _with_ends(cuts: FloatArray) -> FloatArray:
    return np.pad(cuts, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))


def _corners(h: FloatArray, k: FloatArray, rho: FloatArray) -> _Corners:
    shape = (len(rho), h.shape[1], k.shape[1])
    probability, slope = np.zeros(shape), np.zeros(shape)
    log_density = np.full(shape, -np.inf)
    inner = (slice(None), slice(1, -1), slice(1, -1))
    x, y, r = h[:, 1:-1, None], k[:, None, 1:-1], rho[:, None, None]
    probability[inner] = bivariate_normal_cdf(x, y, r)
    probability[:, :, -1], probability[:, -1, :] = ndtr(h), ndtr(k)
    log_density[inner] = log_bivariate_normal_density(x, y, r)
    slope[inner] = log_density_slope(x, y, r)
    return _Corners(probability, log_density, slope)


def _cells(corners: FloatArray) -> FloatArray:
    """Return what lies in each cell, from what lies below and left of each corner."""
    return np.diff(np.diff(corners, axis=1), axis=2)


def _tiny_cells(
    h: FloatArray, k: FloatArray, rho: FloatArray, corners: _Corners, cells: tuple[IntArray, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return p'/p and p''/p of cells whose p is lost in differences of probabilities."""
    m, i, j = cells
    log_p = log_bivariate_normal_rectangle(h[m, i], h[m, i + 1], k[m, j], k[m, j + 1], rho[m])
    first, second = np.zeros(len(m)), np.zeros(len(m))
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
        sign = 1.0 if a == b else -1.0
        share = sign * np.exp(corners.log_density[m, i + a, j + b] - log_p)
        first += share
        second += share * corners.slope[m, i + a, j + b]
    return first, second
