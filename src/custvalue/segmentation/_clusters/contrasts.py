"""One feature: how each segment differs from all other customers, for all segments at once.

Numbers are ranked once; levels are counted once. Of n customers whose value is known, n_in are in
the segment and n_out = n - n_in are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from custvalue._numerics.robust import robust_spread
from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = ["Contrast", "contrast", "level_codes"]

_ORDINAL_EFFECTS = (0.11, 0.28, 0.43)
_NOMINAL_EFFECTS = (0.1, 0.3, 0.5)


@dataclass(frozen=True, slots=True)
class Contrast:
    """One feature: each segment against all others, arrays of shape (n_segments,).

    Attributes
    ----------
    levels : sequence of str or None
        The category compared; None for a number.
    inside : median, or share of the level, in the segment
    overall : median, or share of the level, among all
    deviation, effect, p_value, missing : as in `feature_profile`
    thresholds : tuple of float
        Where a small, a medium and a large effect begin.
    """

    levels: Sequence[str | None]
    inside: FloatArray
    overall: FloatArray
    deviation: FloatArray
    effect: FloatArray
    p_value: FloatArray
    missing: FloatArray
    thresholds: tuple[float, float, float]


def contrast(values: AnyArray, codes: IntArray, k: int) -> Contrast:
    """Compare each segment with all customers outside it.

    Parameters
    ----------
    values : ndarray of shape (n_customers,)
        Numbers with NaN, or objects with None.
    codes : ndarray of int of shape (n_customers,)
        Position of the segment, -1 for none.
    k : int
        Number of segments.

    Returns
    -------
    Contrast

    Examples
    --------
    >>> import numpy as np
    >>> found = contrast(np.array([9.0, 8.0, 1.0, 2.0]), np.array([0, 0, 1, -1]), 2)
    >>> found.inside, found.effect
    (array([8.5, 1. ]), array([ 1., -1.]))
    """
    numeric = values.dtype.kind in "fiu"
    known = ~np.asarray(pd.isna(values), dtype=bool)
    of_segment = codes >= 0
    sizes = np.bincount(codes[of_segment], minlength=k)
    absent = np.bincount(codes[of_segment & ~known], minlength=k)
    missing = _ratio(absent.astype(np.float64), sizes)
    compare = _compare_numbers if numeric else _compare_levels
    return compare(values[known], codes[known], k, missing)


def level_codes(values: AnyArray) -> tuple[IntArray, list[str]]:
    """Return the place of each value among the sorted texts of the levels, and those texts.

    Parameters
    ----------
    values : ndarray of objects of shape (n_customers,)

    Returns
    -------
    codes : ndarray of int of shape (n_customers,)
        -1 where the value is missing.
    levels : list of str

    Examples
    --------
    >>> import numpy as np
    >>> level_codes(np.array(["south", None, "north"], dtype=object))
    (array([ 1, -1,  0]), ['north', 'south'])
    """
    seen, objects = pd.factorize(values)
    found, place = np.unique([str(level) for level in objects], return_inverse=True)
    codes = np.append(place.astype(np.int64), -1)[seen]
    return codes, [str(level) for level in found]


def _compare_numbers(values: AnyArray, codes: IntArray, k: int, missing: FloatArray) -> Contrast:
    """Rank the numbers once, then sum ranks and find medians of all segments."""
    order = np.argsort(values, kind="stable")
    ordered, segment = values[order].astype(np.float64), codes[order]
    ranks, ties = _mid_ranks(ordered)
    of_segment = segment >= 0
    inside = np.bincount(segment[of_segment], minlength=k).astype(np.float64)
    sums = np.bincount(segment[of_segment], weights=ranks[of_segment], minlength=k)
    medians = _medians(ordered, segment, k)
    centre = float(np.median(ordered)) if len(ordered) else np.nan
    wins = sums - inside * (inside + 1) / 2
    pairs = inside * (len(values) - inside)
    return Contrast(
        levels=[None] * k,
        inside=medians,
        overall=np.full(k, centre),
        deviation=_deviation(medians, centre, ordered),
        effect=_ratio(2 * wins - pairs, pairs),
        p_value=_mann_whitney(wins, pairs, len(values), ties),
        missing=missing,
        thresholds=_ORDINAL_EFFECTS,
    )


def _mid_ranks(ordered: FloatArray) -> tuple[FloatArray, float]:
    """Return the mean rank of each of the sorted values, and the sum of t^3 - t over ties of t."""
    starts = np.flatnonzero(np.diff(ordered, prepend=np.nan) != 0)
    sizes = np.diff(starts, append=len(ordered)).astype(np.float64)
    ranks: FloatArray = np.repeat(starts + (sizes + 1) / 2, sizes.astype(np.int64))
    return ranks, float((sizes**3 - sizes).sum())


def _medians(ordered: FloatArray, segment: IntArray, k: int) -> FloatArray:
    """Return the median of each segment from values in ascending order; NaN where there is none."""
    grouped = np.argsort(segment, kind="stable")
    parts = np.searchsorted(segment[grouped], np.arange(k + 1))
    starts, sizes = parts[:-1], np.diff(parts)
    there = sizes > 0
    lower = (starts + (sizes - 1) // 2)[there]
    upper = (starts + sizes // 2)[there]
    medians = np.full(k, np.nan)
    medians[there] = (ordered[grouped[lower]] + ordered[grouped[upper]]) / 2
    return medians


def _deviation(medians: FloatArray, centre: float, values: FloatArray) -> FloatArray:
    """Return the distance of medians from that of all, in robust standard deviations of all."""
    spread = robust_spread(values)
    away = medians - centre
    # Where all values are equal so are all medians.
    return away / spread if spread > 0 else away * 0.0


def _mann_whitney(wins: FloatArray, pairs: FloatArray, n: int, ties: float) -> FloatArray:
    """Return two-sided p-values of the normal approximation with corrections."""
    # n + 1 - ties / (n (n - 1)) in one fraction, so that a constant has exactly no variance.
    spread = max((n + 1.0) * n * (n - 1.0) - ties, 0.0) / max(n * (n - 1.0), 1.0)
    scale = np.sqrt(pairs * spread / 12)
    z = _ratio(np.maximum(np.abs(wins - pairs / 2) - 0.5, 0.0), scale)
    p = 2 * norm.sf(z)
    return np.where((pairs > 0) & (scale == 0), 1.0, np.minimum(p, 1.0))


def _compare_levels(values: AnyArray, codes: IntArray, k: int, missing: FloatArray) -> Contrast:
    """Count the levels of all segments at once."""
    level, found = level_codes(values)
    width = max(len(found), 1)
    of_segment = codes >= 0
    cells = codes[of_segment] * width + level[of_segment]
    counts = np.bincount(cells, minlength=k * width).reshape(k, width).astype(np.float64)
    totals = np.bincount(level, minlength=width).astype(np.float64)
    inside = counts.sum(axis=1)
    shares = _ratio(counts, inside[:, None])
    overall = totals / max(len(values), 1)
    best = np.argmax(np.nan_to_num(shares - overall, nan=-np.inf), axis=1)
    own = shares[np.arange(k), best]
    chi_square = _chi_square(counts, totals)
    return Contrast(
        levels=[found[j] if found else None for j in best],
        inside=own,
        overall=overall[best] if len(values) else np.full(k, np.nan),
        deviation=own - overall[best],
        effect=np.sqrt(chi_square / max(len(values), 1)),
        p_value=chi2.sf(chi_square, max(width - 1, 1)),
        missing=missing,
        thresholds=_NOMINAL_EFFECTS,
    )


def _chi_square(counts: FloatArray, totals: FloatArray) -> FloatArray:
    """Return Pearson's chi-square of in or out against the levels; NaN where nobody is out."""
    n = totals.sum()
    inside = counts.sum(axis=1)
    expected = inside[:, None] * totals / max(n, 1.0)
    # The excess inside is the lack outside, and outside is expected in proportion.
    terms = _ratio((counts - expected) ** 2, totals)
    chi_square: FloatArray = terms.sum(axis=1) * _ratio(n * n, inside * (n - inside))
    return chi_square


def _ratio(numerator: FloatArray | float, denominator: AnyArray) -> FloatArray:
    """Return the quotient, NaN where the denominator is 0."""
    shape = np.broadcast_shapes(np.shape(numerator), denominator.shape)
    out = np.full(shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out
