"""The mathematics of customer value: ratio, net, and quality x service over cost x time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.ranking import competition_rank
from custvalue._typing import FloatArray, IntArray

__all__ = ["Disagreement", "disagreement", "inverted_pairs", "relative_to", "value_of"]

_ROUNDING = 1e-12


def value_of(gain: FloatArray, burden: FloatArray, measure: str, zero: str) -> FloatArray:
    """Return what a customer gets for what it costs.

    Parameters
    ----------
    gain : ndarray of shape (n_rows,)
        Total benefits, or quality times service.
    burden : ndarray of shape (n_rows,)
        Total costs, or cost times time; not negative.
    measure : {"ratio", "net", "quality_service"}
        "net" is the difference, the others are the quotient.
    zero : {"raise", "nan", "inf"}
        What a quotient by 0 is: not a number, or infinite with the sign of the gain, where 0 / 0
        stays not a number. "raise" is for the caller.

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> import numpy as np
    >>> gain, burden = np.array([120.0, 30.0, 5.0]), np.array([100.0, 20.0, 0.0])
    >>> value_of(gain, burden, "ratio", "inf")
    array([1.2, 1.5, inf])
    >>> value_of(gain, burden, "net", "raise")
    array([20., 10.,  5.])
    """
    if measure == "net":
        with np.errstate(over="ignore"):
            return np.asarray(gain - burden)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient = gain / burden
    if zero == "nan":
        quotient[burden == 0] = np.nan
    return np.asarray(quotient)


def relative_to(value: FloatArray, baseline: float, measure: str) -> FloatArray:
    """Return values relative to that of a baseline: times it, or for the net value above it.

    Parameters
    ----------
    value : ndarray of shape (n_rows,)
    baseline : float
        Not 0 where the measure is a quotient.
    measure : {"ratio", "net", "quality_service"}

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    with np.errstate(over="ignore"):
        return np.asarray(value - baseline if measure == "net" else value / baseline)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Rows by ratio and by net value.

    Attributes
    ----------
    ratio, net : ndarray of shape (n_rows,)
    ratio_rank, net_rank : ndarray of int of shape (n_rows,)
        1 is the highest; equal ones share a rank.
    reversed_pairs : ndarray of int of shape (n_rows,)
        Rows that are better by one of the two and worse by the other.
    """

    ratio: FloatArray
    net: FloatArray
    ratio_rank: IntArray
    net_rank: IntArray
    reversed_pairs: IntArray


def disagreement(gain: FloatArray, burden: FloatArray, zero: str) -> Disagreement:
    """Compare the order of rows by ratio with that by net value.

    Parameters
    ----------
    gain, burden : ndarray of shape (n_rows,)
    zero : {"nan", "inf"} or "raise"
        Where the ratio is no number the row comes last by ratio.

    Returns
    -------
    Disagreement

    Notes
    -----
    Values that differ by less than 1e-12 of what they are made of are equal: 0.1 + 0.2 is 0.3.
    """
    ratio, net = (value_of(gain, burden, measure, zero) for measure in ("ratio", "net"))
    ranked = np.where(np.isnan(ratio), -np.inf, ratio)
    ratio_rank = _rank_from_the_top(ranked, np.abs(ranked))
    net_rank = _rank_from_the_top(net, np.abs(gain) + burden)
    return Disagreement(ratio, net, ratio_rank, net_rank, inverted_pairs(ratio_rank, net_rank))


def inverted_pairs(first: IntArray, second: IntArray) -> IntArray:
    """Return for each row how many others two rankings put on opposite sides of it.

    Parameters
    ----------
    first, second : ndarray of int of shape (n_rows,)
        Ranks; equal ones are on no side.

    Returns
    -------
    ndarray of int of shape (n_rows,)

    Notes
    -----
    Rows before in ``first`` and after in ``second`` are counted by merging sorted halves, in
    O(n log n) time.

    Examples
    --------
    >>> import numpy as np
    >>> inverted_pairs(np.array([1, 2, 3]), np.array([2, 1, 3]))
    array([1, 1, 0])
    """
    after = _before_and_above(first, second)
    return after + _before_and_above(-first, -second)


def _rank_from_the_top(values: FloatArray, scale: FloatArray) -> IntArray:
    """Rank values, 1 the highest; those that differ by rounding of their scale alone are equal."""
    order = np.argsort(-values, kind="stable")
    found, near = values[order], np.where(np.isfinite(scale), scale, 0.0)[order]
    with np.errstate(invalid="ignore"):
        apart = found[:-1] - found[1:] > _ROUNDING * np.maximum(near[:-1], near[1:])
    codes = np.empty(len(values), dtype=np.int64)
    codes[order] = np.r_[0, np.cumsum(apart)]
    return competition_rank(codes)


def _before_and_above(first: IntArray, second: IntArray) -> IntArray:
    """Count for each row those with a smaller first and a larger second number.

    Rows are sorted by the first number, of equal ones the larger second number last, so that every
    row wanted stands before and no equal one is counted. Then blocks of rows are merged by the
    second number, and each row of a right half sees how many of its left half are above it.
    """
    order = np.lexsort((second, first))
    codes = np.unique(second[order], return_inverse=True)[1].astype(np.int64)
    n, top = len(codes), int(codes.max(initial=0)) + 1
    found = np.zeros(n, dtype=np.int64)
    merged, width = np.arange(n), 1
    while width < n:
        # A stable sort of two runs is one merge, and of equal rows the left one stays in front.
        block = merged // (2 * width)
        merged = merged[np.argsort(block * top + codes[merged], kind="stable")]
        block, left = merged // (2 * width), (merged // width) % 2 == 0
        not_above = np.cumsum(left) - block * width
        found[merged[~left]] += (width - not_above)[~left]
        width *= 2
    counts = np.empty(n, dtype=np.int64)
    counts[order] = found
    return counts
