"""How far the order of service hangs on the scores that the levels of importance are given.

The scores 1, 2 and 3 say that a sale lost by delay counts as much as three times the profit rank;
nothing but habit says so. Here the same products are put in order with other scores, and with the
importance of one product misjudged by a level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from custvalue._estimator.door import plain
from custvalue._numerics.ranking import competition_rank
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.service._order_priority import LEVELS, sort_keys

__all__ = [
    "SCORES",
    "Agreement",
    "checked_scores",
    "compare_orders",
    "misjudged_places",
    "place_columns",
    "rank_agreement",
    "scale_evidence",
    "scored_places",
]

_PLAIN = (1, 2, 3)
_SURE = 0.05

SCORES = ((2, 3, 4), (1, 2, 4), (1, 2, 5), (1, 3, 5), (1, 3, 9))
"""Scores tried unless others are given, from those that weigh importance less to those more."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two things go together by rank.

    Attributes
    ----------
    tau : float
        Kendall's tau-b, from -1 (opposite orders) to 1; NaN where either puts nothing in order.
    p_value : float
        Of two independent orders, two-sided.
    """

    tau: float
    p_value: float


def checked_scores(scores: Sequence[Sequence[float]] | None) -> list[tuple[float, ...]]:
    """Return sets of scores for the levels of importance, most urgent first.

    Parameters
    ----------
    scores : sequence of three numbers each, or None
        None gives `SCORES`.

    Returns
    -------
    list of tuple of float

    Raises
    ------
    ValueError
        If a set is not three finite numbers above zero that do not fall, or there is no set.
    """
    given = SCORES if scores is None else scores
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError(f"scores must be a list of sets of three numbers; found {given!r}")
    sets = [_checked_set(numbers) for numbers in given]
    if not sets:
        raise ValueError("scores must hold at least one set of three numbers; found none")
    return sets


def _checked_set(numbers: Any) -> tuple[float, ...]:
    found: tuple[Any, ...] = ()
    if isinstance(numbers, Iterable) and not isinstance(numbers, str):
        found = tuple(numbers)
    real = all(isinstance(one, Real) and not isinstance(one, bool) for one in found)
    values = tuple(float(one) for one in found) if real else ()
    if len(values) == len(LEVELS) and 0 < values[0] <= values[1] <= values[2] < np.inf:
        return values
    shown = f"({', '.join(map(plain, found))})" if found else repr(numbers)
    raise ValueError(
        "scores must be a list of sets, each of three finite numbers above zero that do not fall, "
        f"for {', '.join(LEVELS)}; found {shown}"
    )


def scored_places(
    ranks: IntArray, importance: IntArray, scores: Sequence[float], tie_break: str | None
) -> IntArray:
    """Return the place of each product where the levels of importance have other scores.

    Parameters
    ----------
    ranks : ndarray of int of shape (n_products,)
        By profit.
    importance : ndarray of int of shape (n_products,)
        1 (lost sale), 2 or 3.
    scores : sequence of three numbers
    tie_break : {"importance", "profit"} or None

    Returns
    -------
    ndarray of int of shape (n_products,)
        Standard competition ranks, 1 is served first.

    Examples
    --------
    >>> import numpy as np
    >>> ranks, importance = np.array([1, 2, 3]), np.array([3, 2, 1])
    >>> scored_places(ranks, importance, (1, 2, 3), None)
    array([1, 3, 1])
    >>> scored_places(ranks, importance, (1, 2, 4), None)
    array([2, 2, 1])
    """
    score = ranks * _whole_scores(scores, int(ranks.max()))[importance - 1]
    codes = np.unique(score, return_inverse=True)[1].astype(np.int64)
    return competition_rank(sort_keys(codes, importance, tie_break))


def _whole_scores(scores: Sequence[float], largest_rank: int) -> AnyArray:
    """Return whole numbers of the same ratios: products of ranks and tenths would miss ties.

    Python's own where their products with ranks are too large for an array of integers.
    """
    exact = [Fraction(str(one)) for one in scores]
    common = lcm(*(one.denominator for one in exact))
    whole = [int(one * common) for one in exact]
    whole = [one // gcd(*whole) for one in whole]
    fits = max(whole) * largest_rank <= np.iinfo(np.int64).max
    return np.array(whole, dtype=np.int64 if fits else object)


def misjudged_places(
    ranks: IntArray, importance: IntArray, step: int, tie_break: str | None
) -> IntArray:
    """Return the place that each product would have, were its own importance another level.

    Parameters
    ----------
    ranks, importance : ndarray of int of shape (n_products,)
        As `scored_places`. The importance of all other products stays.
    step : {-1, 1}
        -1 is a level more urgent, 1 a level less; the ends of the scale stay.
    tie_break : {"importance", "profit"} or None

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> misjudged_places(np.array([1, 2, 3]), np.array([3, 2, 1]), 1, None)
    array([1, 3, 3])
    """
    keys = sort_keys(ranks * importance, importance, tie_break)
    other = np.clip(importance + step, 1, len(LEVELS))
    moved = sort_keys(ranks * other, other, tie_break)
    return competition_rank(moved, among=keys) - (keys < moved)


def rank_agreement(first: FloatArray | IntArray, second: FloatArray | IntArray) -> Agreement:
    """Return Kendall's tau-b of two orders of the same things (Kendall and Gibbons 1990, ch. 3).

    Parameters
    ----------
    first, second : ndarray of shape (n_things,)

    Returns
    -------
    Agreement

    Examples
    --------
    >>> import numpy as np
    >>> round(rank_agreement(np.array([1, 2, 3, 4]), np.array([1, 2, 4, 3])).tau, 4)
    0.6667
    """
    if min(len(np.unique(first)), len(np.unique(second))) < 2:
        return Agreement(float("nan"), float("nan"))
    found = kendalltau(first, second)
    return Agreement(float(found.statistic), float(found.pvalue))


def compare_orders(
    ranks: IntArray,
    importance: IntArray,
    sets: Sequence[tuple[float, ...]],
    tie_break: str | None,
    labels: pd.Index | None,
) -> pd.DataFrame:
    """Return how each set of scores changes the order by 1, 2, 3.

    Parameters
    ----------
    ranks, importance : ndarray of int of shape (n_products,)
        As `scored_places`.
    sets : sequence of three numbers each
    tie_break : {"importance", "profit"} or None
    labels : pandas.Index or None
        Names of the products; None names them by position.

    Returns
    -------
    pandas.DataFrame of shape (n_sets, 4)
        Index: the scores, as in "1:3:5". ``tau``, ``moved``, ``largest_move`` and ``most_moved``.
    """
    names = pd.RangeIndex(len(ranks)) if labels is None else labels
    places = scored_places(ranks, importance, _PLAIN, tie_break)
    rows, moved_most = [], []
    for scores in sets:
        other = scored_places(ranks, importance, scores, tie_break)
        move = np.abs(other - places)
        most = int(np.lexsort((importance, places, -move))[0])
        tau = rank_agreement(places, other).tau
        moved = int((move > 0).sum())
        rows.append({"tau": tau, "moved": moved, "largest_move": int(move[most])})
        moved_most.append(names[most] if move[most] else None)
    written = [":".join(f"{one:g}" for one in scores) for scores in sets]
    table = pd.DataFrame(rows, index=pd.Index(written, name="scores"))
    table["most_moved"] = pd.Series(moved_most, index=table.index, dtype=object)
    return table


def place_columns(
    ranks: IntArray,
    importance: IntArray,
    sets: Sequence[tuple[float, ...]],
    tie_break: str | None,
) -> dict[str, AnyArray]:
    """Return the range of places of each product over sets of scores, and by misjudgement.

    Parameters
    ----------
    ranks, importance : ndarray of int of shape (n_products,)
        As `scored_places`.
    sets : sequence of three numbers each
    tie_break : {"importance", "profit"} or None

    Returns
    -------
    dict of str to ndarray of int of shape (n_products,)
        ``place``, ``first``, ``last``, ``if_more_urgent``, ``if_less_urgent``.
    """
    place = scored_places(ranks, importance, _PLAIN, tie_break)
    first, last = place, place
    for scores in sets:
        other = scored_places(ranks, importance, scores, tie_break)
        first, last = np.minimum(first, other), np.maximum(last, other)
    return {
        "place": place,
        "first": first,
        "last": last,
        "if_more_urgent": misjudged_places(ranks, importance, -1, tie_break),
        "if_less_urgent": misjudged_places(ranks, importance, 1, tie_break),
    }


def scale_evidence(importance: IntArray, lost: FloatArray) -> pd.Series:
    """Return whether losses by delay agree with the urgency that importance is read as.

    Parameters
    ----------
    importance : ndarray of int of shape (n_products,)
        1 (lost sale), 2 or 3.
    lost : ndarray of shape (n_products,)
        Higher where a delay is worse; NaN where it is not known.

    Returns
    -------
    pandas.Series
        ``tau``, ``p_value``, ``products`` and ``verdict``.

    Examples
    --------
    >>> import numpy as np
    >>> importance = np.array([1, 1, 1, 2, 2, 2, 3, 3])
    >>> lost = np.array([0.9, 0.7, 0.8, 0.3, 0.5, 0.4, 0.1, np.nan])
    >>> scale_evidence(importance, lost)["verdict"]
    'agrees'
    >>> scale_evidence(4 - importance, lost)["verdict"]
    'reversed'
    """
    known = np.isfinite(lost)
    found = rank_agreement(-importance[known], lost[known])
    verdict = "unclear"
    if found.p_value < _SURE:
        verdict = "agrees" if found.tau > 0 else "reversed"
    return pd.Series(
        {
            "tau": found.tau,
            "p_value": found.p_value,
            "products": int(known.sum()),
            "verdict": verdict,
        },
        dtype=object,
    )
