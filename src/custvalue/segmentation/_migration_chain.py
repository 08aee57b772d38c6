"""Segments as the states of a Markov chain: where it leads, and what customers bring on the way.

P is the matrix of probabilities, a row for each segment a customer comes from. A row of NaN is
not known: nobody was seen leaving that segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.csgraph import breadth_first_order, connected_components

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["LongRun", "chain_value", "forecast_sizes", "long_run"]


@dataclass(frozen=True, slots=True)
class LongRun:
    """Where a chain leads.

    Attributes
    ----------
    shares : ndarray of shape (n_segments,)
        Share of the customers in each segment after many periods, whatever they began with; NaN
        where there is no such answer.
    chain : str
        "regular", or why there is no answer.
    """

    shares: FloatArray
    chain: str


def long_run(P: FloatArray, segments: Sequence[Any]) -> LongRun:
    """Return the shares that a chain tends to from any start.

    They exist where every segment leads to one set of segments that is never left, and the moves
    in it do not go round in step. A segment that nobody was ever in has share 0.

    Parameters
    ----------
    P : ndarray of shape (n_segments, n_segments)
    segments : sequence
        Names, for the reason.

    Returns
    -------
    LongRun
    """
    nothing = np.full(len(P), np.nan)
    unknown = np.isnan(P).any(axis=1)
    steps = np.nan_to_num(P) > 0
    entered = steps.any(axis=0)
    if (unknown & entered).any():
        first = segments[int(np.argmax(unknown & entered))]
        return LongRun(nothing, f"open: nobody was seen leaving {first}")
    kept = np.flatnonzero(~unknown)
    final = _closed_sets(steps[np.ix_(kept, kept)])
    if len(final) > 1:
        names = " and ".join(str(segments[kept[members[0]]]) for members in final[:2])
        return LongRun(nothing, f"reducible: who is in {names} can never meet")
    members = kept[final[0]]
    inside = P[np.ix_(members, members)]
    period = _period(inside > 0)
    if period > 1:
        return LongRun(nothing, f"periodic: customers return every {period} periods")
    shares = np.zeros(len(P))
    shares[members] = _stationary(inside)
    return LongRun(shares, "regular")


def forecast_sizes(
    P: FloatArray, sizes: FloatArray, periods: int, segments: Sequence[Any]
) -> FloatArray:
    """Return the expected number of customers in each segment, period after period.

    Parameters
    ----------
    P : ndarray of shape (n_segments, n_segments)
    sizes : ndarray of shape (n_segments,)
        Customers now.
    periods : int
    segments : sequence
        Names, for the message.

    Returns
    -------
    ndarray of shape (periods + 1, n_segments)
        The first row is now.

    Raises
    ------
    ValueError
        If customers leave a segment whose row is not known.
    """
    unknown, known = np.isnan(P).any(axis=1), np.nan_to_num(P)
    expected = np.empty((periods + 1, len(P)))
    expected[0] = sizes
    for t in range(periods):
        lost = unknown & (expected[t] > 0)
        if lost.any():
            raise ValueError(
                f"sizes can be forecast where it is known how customers leave a segment; nobody "
                f"was seen leaving {segments[int(np.argmax(lost))]!r}, which has "
                f"{expected[t][lost][0]:g} customers in period {t}"
            )
        expected[t + 1] = expected[t] @ known
    return expected


def chain_value(
    P: FloatArray, margin: FloatArray, discount_rate: float, horizon: int | None
) -> FloatArray:
    """Return the expected discounted margin of a customer who is in each segment now.

    Pfeifer and Carraway (2000), Journal of Interactive Marketing 14(2), 43-55: V = sum over t = 0
    to T of (P / (1 + d))^t R, and without end (I - P / (1 + d))^-1 R.

    Parameters
    ----------
    P : ndarray of shape (n_segments, n_segments)
    margin : ndarray of shape (n_segments,)
        R, of one period; that of the present period counts in full.
    discount_rate : float
        d, of one period; above 0 where there is no end.
    horizon : int or None
        T; None has no end.

    Returns
    -------
    ndarray of shape (n_segments,)
        NaN for a segment from which a customer can come, before the end, to one that nobody was
        seen leaving.
    """
    unknown: BoolArray = np.asarray(np.isnan(P).any(axis=1))
    known = np.nan_to_num(P) / (1 + discount_rate)
    if horizon is None:
        return _endless_value(known, margin, _reaching(known > 0, unknown))
    value, doubtful = margin.copy(), np.zeros(len(P), dtype=bool)
    for _ in range(horizon):
        value = margin + known @ value
        doubtful = unknown | ((known > 0) @ doubtful)
    return np.where(doubtful, np.nan, value)


def _endless_value(discounted: FloatArray, margin: FloatArray, doubtful: BoolArray) -> FloatArray:
    sure = np.flatnonzero(~doubtful)
    value = np.full(len(margin), np.nan)
    inside = np.eye(len(sure)) - discounted[np.ix_(sure, sure)]
    value[sure] = np.linalg.solve(inside, margin[sure])
    return value


def _reaching(steps: BoolArray, target: BoolArray) -> BoolArray:
    """Return from where the steps can lead into the target, itself included."""
    found = target
    for _ in range(len(target)):
        found = found | (steps @ found)
    return found


def _closed_sets(steps: BoolArray) -> list[IntArray]:
    """Return the sets of states that lead to each other and nowhere else."""
    count, member = connected_components(steps, directed=True, connection="strong")
    leaving = steps & (member[:, None] != member[None, :])
    left = {int(label) for label in member[leaving.any(axis=1)]}
    sets = [np.flatnonzero(member == label) for label in range(count) if label not in left]
    return sorted(sets, key=lambda members: int(members[0]))


def _period(steps: BoolArray) -> int:
    """Return the greatest number that divides the length of every way back, of connected states.

    Along a tree from the first state, depth(i) + 1 - depth(j) over all steps i -> j has this
    greatest common divisor (Denardo 1977).
    """
    order, before = breadth_first_order(steps.astype(np.float64), 0, directed=True)
    depth = np.zeros(len(steps), dtype=np.int64)
    for state in order[1:]:
        depth[state] = depth[before[state]] + 1
    start, end = np.nonzero(steps)
    return int(np.gcd.reduce(depth[start] + 1 - depth[end]))


def _stationary(P: FloatArray) -> FloatArray:
    """Return the shares pi = pi P of a chain whose states all lead to each other.

    States are taken out one by one without a subtraction, so that small shares keep their digits
    (Grassmann, Taksar and Heyman 1985).
    """
    A = P.copy()
    for i in range(len(A) - 1, 0, -1):
        A[:i, i] /= A[i, :i].sum()
        A[:i, :i] += np.outer(A[:i, i], A[i, :i])
    shares = np.ones(len(A))
    for i in range(1, len(A)):
        shares[i] = shares[:i] @ A[:i, i]
    total: FloatArray = shares / shares.sum()
    return total
