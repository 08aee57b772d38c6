"""The product-limit estimate of survival (Kaplan & Meier 1958, JASA 53, 457-481), and what follows.

Customers are at risk at t where entry < t <= duration, and at 0 where they are seen from the start
(entry 0). With n_i at risk and d_i leaving at t_i::

    S(t) = prod over t_i <= t of (1 - d_i / n_i)
    Var log S(t) = v(t) = sum over t_i <= t of d_i / (n_i (n_i - d_i))          (Greenwood 1926)

Weights are numbers of customers: n_i and d_i are their sums. statsmodels gives S; its standard
errors are not used, since with weights they are those of the cumulated hazard and not of S.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri
from statsmodels.duration.survfunc import SurvfuncRight

from custvalue._numerics.compression import compress_rows
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "Band",
    "Means",
    "ProductLimit",
    "Quantiles",
    "Spells",
    "conditional_survival",
    "first_below",
    "log_log_band",
    "log_variance",
    "positions",
    "product_limit",
    "restricted_mean",
    "standard_error",
]

_TIE = 1e-12
"""Survival is a product of many factors: 0.5 may come out a little above."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Customers as followed: arrays of shape (n_rows,).

    Attributes
    ----------
    duration, entry : ndarray
        0 <= entry <= duration; followed from entry to duration.
    churned : ndarray
        1 where they left at ``duration``, 0 where they were still there.
    weights : ndarray
        How many customers each row stands for.
    """

    duration: FloatArray
    churned: FloatArray
    entry: FloatArray
    weights: FloatArray

    def take(self, rows: IntArray) -> Spells:
        """Return some of the rows."""
        return Spells(self.duration[rows], self.churned[rows], self.entry[rows], self.weights[rows])


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """A curve: arrays of shape (n_times,), a row for 0 and for each time of the data.

    Attributes
    ----------
    time : ndarray
        Ascending from 0.
    at_risk, events, censored : ndarray
        Customers at risk just before ``time``, those who left at it, those last seen at it.
    survival : ndarray
        S(time).
    """

    time: FloatArray
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray
    survival: FloatArray


@dataclass(frozen=True, slots=True)
class Band:
    """Limits of a survival, each of the shape of the survival."""

    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Times by which shares have left and their limits, each of shape (n_shares,)."""

    time: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class Means:
    """Mean time up to a limit, and its standard error."""

    mean: float
    std_error: float


def product_limit(spells: Spells) -> ProductLimit:
    """Return the curve of some customers.

    Parameters
    ----------
    spells : Spells

    Returns
    -------
    ProductLimit
    """
    rows = compress_rows(spells.duration, spells.churned, spells.entry, weights=spells.weights)
    duration, churned, entry = rows.columns
    used = Spells(duration, churned, entry, rows.weights)
    time = np.unique(np.concatenate([[0.0], duration, entry]))
    sums = _tally(used, time)
    # Sums of fractional weights leave a residue, numbers of rows none.
    each = np.where(used.weights > 0, 1.0, 0.0)
    there = _tally(replace(used, weights=each), time)
    at_risk = np.where(there.at_risk > 0, np.maximum(sums.at_risk, sums.events), 0.0)
    emptied = (sums.events > 0) & ((there.at_risk == there.events) | (at_risk <= sums.events))
    at_risk = np.where(emptied, sums.events, at_risk)
    # After a time at which everyone at risk left, statsmodels goes on with 1e-16 instead of 0.
    survival = np.where(np.cumsum(emptied) > 0, 0.0, _survival(used, time))
    return ProductLimit(time, at_risk, sums.events, sums.ended - sums.events, survival)


def log_variance(curve: ProductLimit) -> FloatArray:
    """Return Greenwood's variance of log S at the times of the curve; infinite where S is 0."""
    return np.cumsum(_steps(curve))


def standard_error(curve: ProductLimit) -> FloatArray:
    """Return Greenwood's standard error of S, S sqrt(v); NaN where S is 0."""
    gone = curve.survival == 0
    variance = np.where(gone, np.nan, log_variance(curve))
    return np.asarray(curve.survival * np.sqrt(variance))


def log_log_band(survival: FloatArray, variance: FloatArray, level: float) -> Band:
    """Return pointwise limits of survival that are symmetric in log(-log S).

    ::

        S ** exp(-+ z sqrt(v) / log S)          (Kalbfleisch & Prentice 1980, section 1.3)

    Parameters
    ----------
    survival : ndarray of shape (n_times,)
        Of one curve, in the order of time.
    variance : ndarray of shape (n_times,)
        Of log S.
    level : float

    Returns
    -------
    Band
        Where survival is 1, before anyone left, both limits are 1. Where it is 0 the formula fails:
        the lower limit is 0, and the upper one that of the time before, since survival falls.
    """
    z = float(ndtri((1 + level) / 2))
    inside = (survival > 0) & (survival < 1)
    log_survival = np.log(np.where(inside, survival, 0.5))
    with np.errstate(over="ignore"):  # an infinite power of a share is 0
        wide = np.exp(z * np.sqrt(np.where(inside, variance, 0.0)) / -log_survival)
    lower = np.where(inside, np.exp(log_survival * wide), survival)
    upper = np.where(inside, np.exp(log_survival / wide), survival)
    gone = survival == 0
    if gone.any():
        first = int(np.argmax(gone))
        upper[first:] = upper[first - 1] if first else 1.0
    return Band(lower, upper)


def positions(curve: ProductLimit, times: FloatArray) -> IntArray:
    """Return the row of the curve that holds at each time; -1 where the curve has ended.

    A curve ends at its last time unless it has reached 0, where it stays.
    """
    found = np.searchsorted(curve.time, times, side="right") - 1
    ended = (times > curve.time[-1]) & (curve.survival[-1] > 0)
    return np.where(ended, -1, found)


def first_below(curve: ProductLimit, band: Band, shares: FloatArray) -> Quantiles:
    """Return the first times at which S <= 1 - share, with the limits of Brookmeyer & Crowley.

    The limits are the first times at which the lower and the upper limit of S come down to
    1 - share (Brookmeyer & Crowley 1982, Biometrics 38, 29-41).

    Parameters
    ----------
    curve : ProductLimit
    band : Band
        Of the curve.
    shares : ndarray of shape (n_shares,)
        Shares of customers who have left.

    Returns
    -------
    Quantiles
        Infinite where the curve, or its limit, does not come down so far.
    """
    return Quantiles(
        *(_crossings(curve.time, s, shares) for s in (curve.survival, band.lower, band.upper))
    )


def restricted_mean(curve: ProductLimit, limit: float) -> Means:
    """Return the mean of the smaller of lifetime and limit, the area under the curve.

    ::

        mean = int_0^limit S,   Var = sum over t_i <= limit of A_i^2 d_i / (n_i (n_i - d_i)),
        A_i = int_{t_i}^limit S          (Klein & Moeschberger 2003, section 4.5)

    Parameters
    ----------
    curve : ProductLimit
    limit : float

    Returns
    -------
    Means
    """
    ends = np.minimum(np.append(curve.time[1:], np.inf), limit)
    widths = np.maximum(ends - np.minimum(curve.time, limit), 0.0)
    held = curve.survival > 0
    areas = np.where(held, curve.survival, 0.0) * np.where(held, widths, 0.0)
    rest = np.cumsum(areas[::-1])[::-1]
    steps = np.where(held, _steps(curve), 0.0)
    return Means(float(rest[0]), float(np.sqrt(np.sum(rest**2 * steps))))


def conditional_survival(
    curve: ProductLimit, further: FloatArray, given: float, level: float
) -> tuple[FloatArray, Band]:
    """Return S(given + further) / S(given) and its limits; NaN where either is not known.

    The variance of its log is the sum of Greenwood's steps after ``given``.

    Parameters
    ----------
    curve : ProductLimit
    further : ndarray of shape (n_times,)
    given : float
    level : float

    Returns
    -------
    share : ndarray of shape (n_times,)
    band : Band
    """
    start = int(positions(curve, np.array([given]))[0])
    if start < 0 or curve.survival[start] == 0:
        unknown = np.full(len(further), np.nan)
        return unknown, Band(unknown, unknown)
    share = curve.survival[start:] / curve.survival[start]
    variance = np.cumsum(np.append(0.0, _steps(curve)[start + 1 :]))
    band = log_log_band(share, variance, level)
    found = positions(curve, given + further)
    rows, known = np.maximum(found - start, 0), found >= 0
    return _where(known, share[rows]), Band(
        _where(known, band.lower[rows]), _where(known, band.upper[rows])
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """Sums of weights, each of shape (n_times,): at risk, who left, and whoever ended."""

    at_risk: FloatArray
    events: FloatArray
    ended: FloatArray


def _tally(spells: Spells, time: FloatArray) -> _Tally:
    end = np.searchsorted(time, spells.duration)
    ended = _sums(end, spells.weights, len(time))
    events = _sums(end, spells.weights * spells.churned, len(time))
    entered = _sums(np.searchsorted(time, spells.entry), spells.weights, len(time))
    # From the end, so that a few small weights are not what two large sums differ by.
    later = np.cumsum(ended[::-1])[::-1] - np.cumsum(entered[::-1])[::-1]
    return _Tally(np.append(entered[0], later[1:]), events, ended)


def _sums(places: IntArray, values: FloatArray, n_places: int) -> FloatArray:
    return np.bincount(places, weights=values, minlength=n_places).astype(np.float64)


def _where(known: BoolArray, values: FloatArray) -> FloatArray:
    return np.where(known, values, np.nan)


def _survival(spells: Spells, time: FloatArray) -> FloatArray:
    """Return S at the times, by statsmodels."""
    followed = np.flatnonzero((spells.duration > spells.entry) | (spells.duration == 0))
    if not (spells.churned[followed] * spells.weights[followed]).any():
        return np.ones(len(time))
    used = spells.take(followed)
    # statsmodels takes entry < duration alone; who is seen from the start is at risk at 0 too.
    entry = np.where(used.entry == 0, -1.0, used.entry) if used.entry.any() else None
    found = SurvfuncRight(used.duration, used.churned, entry=entry, freq_weights=used.weights)
    steps = np.append(1.0, found.surv_prob)
    return np.asarray(steps[np.searchsorted(found.surv_times, time, side="right")])


def _steps(curve: ProductLimit) -> FloatArray:
    """Return d / (n (n - d)) at the times of the curve; infinite from where all at risk left."""
    leaving = (curve.events > 0) & (curve.survival > 0)
    n = np.where(leaving, curve.at_risk, 2.0)
    d = np.where(leaving, curve.events, 0.0)
    return np.where(curve.survival > 0, d / (n * (n - d)), np.inf)


def _crossings(time: FloatArray, falling: FloatArray, shares: FloatArray) -> FloatArray:
    # A limit may rise again late; what counts is when it first comes down.
    lowest = np.minimum.accumulate(falling)
    found = np.searchsorted(-lowest, -(1 - shares) - _TIE)
    return np.append(time, np.inf)[found]
