"""Limits of chance around an overall share, for each number of orders."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from custvalue._typing import FloatArray

__all__ = [
    "INNER",
    "OUTER",
    "VERDICTS",
    "distinct_names",
    "funnel_limits",
    "funnel_table",
    "percent_places",
]

INNER, OUTER = 0.95, 0.998
_ELLIPSIS = "\u2026"
_MOST_PLACES = 6
_LARGEST_WHOLE = 2.0**53
VERDICTS = ("far below", "below", "within", "above", "far above")


def funnel_limits(totals: FloatArray, share: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Return between which shares chance leaves a site with that probability, or a higher one.

    Exact binomial limits, interpolated so that they run smoothly with the total (Spiegelhalter
    2005, Statistics in Medicine 24, 1185-1202, appendix A.1.1). With q = (1 - level) / 2, R
    binomial with n orders and the overall share, and r the smallest number whose P(R <= r) is at
    least q, the lower limit is ::

        (r - (P(R <= r) - q) / P(R = r)) / n

    and the upper one is that of the failures, reflected. So a site lies below the lower limit
    exactly where P(R <= its number) < q, and above the upper one where P(R >= its number) < q: a
    small site without a failure is not above it.

    Parameters
    ----------
    totals : ndarray of shape (n_sites,)
        Positive whole numbers.
    share : float
    level : float

    Returns
    -------
    lower, upper : ndarray of shape (n_sites,)
        From 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = funnel_limits(np.array([10.0, 1000.0]), 0.9, 0.95)
    >>> lower.round(3), upper.round(3)
    (array([0.621, 0.881]), array([1.   , 0.919]))
    """
    q = (1 - level) / 2
    return _lower_limit(totals, share, q), 1 - _lower_limit(totals, 1 - share, q)


def funnel_table(successes: Any, totals: Any, names: Any = None) -> pd.DataFrame:
    """Return shares of sites with limits of chance around the overall share.

    Parameters
    ----------
    successes, totals : array-like of shape (n_sites,)
        Whole numbers, 0 <= successes <= totals.
    names : array-like of shape (n_sites,) or None
        None takes the index of ``successes``, if it has one, else numbers from 1.

    Returns
    -------
    pandas.DataFrame
        Index: the sites with a total above 0. ``total``, ``successes``, ``share``, the 95 % limits
        ``lower`` and ``upper``, the 99.8 % limits ``lowest`` and ``highest``, and ``verdict``.

    Raises
    ------
    ValueError
        If there is no site with a total, lengths or labels of Series differ, a number is none or
        above 2^53, or there are more successes than orders.

    Examples
    --------
    >>> table = funnel_table([95, 88, 60], [100, 100, 100], ["Antwerp", "Bologna", "Cracow"])
    >>> table[["share", "lowest", "lower", "verdict"]].round(2)
             share  lowest  lower    verdict
    Antwerp   0.95    0.68   0.72  far above
    Bologna   0.88    0.68   0.72     within
    Cracow    0.60    0.68   0.72  far below
    """
    r, n = _whole(successes, "successes"), _whole(totals, "totals")
    _require_same_sites(successes, totals, "totals")
    _require_same_sites(successes, names, "names")
    if r.shape != n.shape:
        raise ValueError(f"successes and totals must be equally long; found {len(r)} and {len(n)}")
    if (r > n).any():
        first = int(np.argmax(r > n))
        raise ValueError(
            f"successes must not exceed totals; found {r[first]:g} of {n[first]:g} at position "
            f"{first} ({int((r > n).sum())} such)"
        )
    labels = _labels(successes, names, len(r))
    kept = n > 0
    if not kept.any():
        raise ValueError(f"totals must be above 0 for some site; found {len(n)} sites without")
    r, n = r[kept], n[kept]
    overall = float(r.sum() / n.sum())
    (lower, upper), (lowest, highest) = (funnel_limits(n, overall, one) for one in (INNER, OUTER))
    share = r / n
    place = (share > highest).astype(int) + (share > upper) - (share < lower) - (share < lowest)
    return pd.DataFrame(
        {
            "total": n,
            "successes": r,
            "share": share,
            "lower": lower,
            "upper": upper,
            "lowest": lowest,
            "highest": highest,
            "verdict": np.array(VERDICTS, dtype=object)[place + 2],
        },
        index=labels[kept],
    )


def _lower_limit(n: FloatArray, share: float, q: float) -> FloatArray:
    """Return the interpolated quantile of a binomial share; 0 where even 0 is within."""
    if share in (0.0, 1.0):
        return np.full(len(n), share)
    r = binom.ppf(q, n, share)
    part = (binom.cdf(r, n, share) - q) / binom.pmf(r, n, share)
    return np.clip((r - part) / n, 0.0, 1.0)


def _whole(values: Any, name: str) -> FloatArray:
    numbers = _numbers(values, name)
    if numbers.ndim != 1:
        raise ValueError(f"{name} must be a list of numbers; found shape {numbers.shape}")
    with np.errstate(invalid="ignore"):
        whole = (numbers >= 0) & (numbers == np.floor(numbers)) & np.isfinite(numbers)
    rules = (("from 0", ~whole), ("up to 2^53", numbers > _LARGEST_WHOLE))
    for rule, bad in rules:
        if bad.any():
            raise ValueError(
                f"{name} must be whole numbers {rule}; found {numbers[bad][0]:g} at position "
                f"{int(np.argmax(bad))} ({int(bad.sum())} such)"
            )
    return numbers


def _numbers(values: Any, name: str) -> FloatArray:
    """Return values in double precision; text is no number, not even of digits."""
    given = np.asarray(values)
    if given.dtype.kind not in "biuf":
        given = np.asarray(values, dtype=object)
        for position, one in enumerate(given.ravel()):
            if not isinstance(one, Real):
                raise ValueError(
                    f"{name} must be whole numbers from 0; found {one!r} at position {position}"
                )
    return given.astype(np.float64)


def _require_same_sites(successes: Any, other: Any, name: str) -> None:
    """Raise if two Series belong to different sites: they are joined by position."""
    one, two = (getattr(values, "index", None) for values in (successes, other))
    if isinstance(one, pd.Index) and isinstance(two, pd.Index) and not one.equals(two):
        raise ValueError(
            f"successes and {name} must have the same index in the same order; found "
            f"{list(one[:3])} and {list(two[:3])} first"
        )


def percent_places(step: float) -> int:
    """Return how many decimals percentages need that are multiples of a share.

    Examples
    --------
    >>> [percent_places(step) for step in (0.05, 0.025, 0.0025)]
    [0, 1, 2]
    """
    for places in range(_MOST_PLACES):
        scaled = 100 * step * 10**places
        if abs(scaled - round(scaled)) < 1e-6 * scaled:
            return places
    return _MOST_PLACES


def distinct_names(names: Sequence[str], most: int) -> list[str]:
    """Return names of at most so many characters that differ where the whole names do.

    They are cut in the middle; if that makes two alike, all are cut at their beginnings, or their
    ends, whichever keeps them apart, and not at all if nothing does.

    Parameters
    ----------
    names : sequence of str
    most : int

    Returns
    -------
    list of str

    Examples
    --------
    >>> distinct_names(["Distribution centre Antwerp", "Essen"], 13)
    ['Distri\u2026ntwerp', 'Essen']
    >>> distinct_names(["A central place of Rome, Italy", "A central place of Nice, Italy"], 13)
    ['\u2026 Rome, Italy', '\u2026 Nice, Italy']
    """
    room = most - len(_ELLIPSIS)
    for head in ((room + 1) // 2, 0, room):
        cut = [_cut(name, head, room - head, most) for name in names]
        if len(set(cut)) == len(set(names)):
            return cut
    return list(names)


def _cut(name: str, head: int, tail: int, most: int) -> str:
    if len(name) <= most:
        return name
    return name[:head].rstrip() + _ELLIPSIS + name[len(name) - tail :]


def _labels(successes: Any, names: Any, count: int) -> pd.Index:
    if names is not None:
        if len(names) != count:
            raise ValueError(f"names must have one entry per site; found {len(names)} for {count}")
        index: pd.Index = pd.Index(names)
        return index
    own = getattr(successes, "index", None)
    return own if isinstance(own, pd.Index) else pd.RangeIndex(1, count + 1)
