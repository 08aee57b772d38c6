"""Moves between segments: names as codes, counts of moves, and what each flow says.

n_ij is the number of customers who were in segment i in one period and in segment j in the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.mixed import MixedTable, is_missing, reject
from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError

__all__ = [
    "ABSENT",
    "MOVES",
    "check_order",
    "flow_frame",
    "move_table",
    "named_periods",
    "period_counts",
    "row_shares",
    "segment_codes",
    "segment_list",
    "shares_of_moves",
    "values_by_segment",
]

ABSENT = "Absent"
"""The state of customers who were not there."""

MOVES = ("up", "down", "moved", "stayed", "new", "lost", "absent")

_LARGEST_WHOLE = 2.0**53
_LISTED = 10


def check_order(order: Sequence[Any] | None) -> None:
    """Check that an order names segments, each once.

    Raises
    ------
    ValueError
        If an element is no text, whole number or bool, or is there twice.
    """
    for position, name in enumerate(order or ()):
        if not isinstance(name, (str, int, bool, np.integer, np.bool_)):
            raise ValueError(f"order must hold names of segments; found {name!r}")
        if name in list(order or ())[:position]:
            raise ValueError(f"order must name each segment once; found {name!r} again")


def named_periods(table: MixedTable) -> MixedTable:
    """Return the table with names of segments as objects, None where a customer was not there.

    Parameters
    ----------
    table : MixedTable
        A column a period: text, whole numbers or bools, one kind of them in all columns.

    Returns
    -------
    MixedTable

    Raises
    ------
    DataError
        If a number is not whole, or kinds are mixed.
    """
    named = {name: _as_names(table, name) for name in table.columns}
    kinds = {
        kind: name
        for name, values in named.items()
        for kind in sorted(
            {type(label).__name__ for label in pd.unique(values[~is_missing(values)])}
        )
    }
    if len(kinds) > 1:
        listed = ", ".join(f"{kind} in {name!r}" for kind, name in kinds.items())
        raise DataError(
            f"the periods must name segments in one way, as text, whole numbers or bools; "
            f"found {listed}"
        )
    return MixedTable(named, table.kind, table.index, table.attrs)


def segment_list(named: MixedTable, order: Sequence[Any] | None, *, absent: bool) -> list[Any]:
    """Return the segments, from the best to the worst where an order is given, else sorted.

    Parameters
    ----------
    named : MixedTable
        As `named_periods` gives it.
    order : sequence or None
    absent : bool
        `ABSENT` is a state too, the last one.

    Returns
    -------
    list

    Raises
    ------
    DataError
        If nobody is in any segment, or a segment has the name of the state.
    """
    found = {label for values in named.columns.values() for label in pd.unique(values)} - {None}
    if not found:
        raise DataError("the periods must name segments; every value is missing")
    segments = sorted(found) if order is None else [_plain(name) for name in order]
    if absent and ABSENT in (*segments, *found):
        raise DataError(f"no segment may be named {ABSENT!r} where absent='state'")
    return segments + [ABSENT] * absent


def segment_codes(named: MixedTable, segments: Sequence[Any]) -> IntArray:
    """Return the position of every customer's segment in every period.

    Parameters
    ----------
    named : MixedTable
        As `named_periods` gives it.
    segments : sequence

    Returns
    -------
    ndarray of int of shape (n_customers, n_periods)
        -1 where the customer was not there.

    Raises
    ------
    DataError
        If a segment is not among those given.
    """
    position = {label: i for i, label in enumerate(segments)}
    codes = np.full((len(named), len(named.columns)), -1, dtype=np.int64)
    for column, name in enumerate(named.columns):
        numbers, labels = pd.factorize(named[name])
        known = np.array([*(position.get(label, -2) for label in labels), -1], dtype=np.int64)
        codes[:, column] = known[numbers]
        shown = ", ".join(map(str, segments[:_LISTED])) + ", ..." * (len(segments) > _LISTED)
        reject(named, name, codes[:, column] == -2, f"one of the segments ({shown})")
    return codes


def period_counts(codes: IntArray, count: int) -> IntArray:
    """Return how many customers moved from each segment to each, from each period to the next.

    Parameters
    ----------
    codes : ndarray of int of shape (n_customers, n_periods)
        Negative where a customer was not there: such moves are not counted.
    count : int
        Number of segments.

    Returns
    -------
    ndarray of int of shape (n_periods - 1, count, count)

    Examples
    --------
    >>> import numpy as np
    >>> period_counts(np.array([[0, 1], [0, 0], [-1, 1]]), 2)
    array([[[1, 1],
            [0, 0]]])
    """
    moves = []
    for t in range(codes.shape[1] - 1):
        before, after = codes[:, t], codes[:, t + 1]
        there = (before >= 0) & (after >= 0)
        pairs = before[there] * count + after[there]
        moves.append(np.bincount(pairs, minlength=count**2).reshape(count, count))
    return np.asarray(moves, dtype=np.int64)


def row_shares(counts: IntArray) -> FloatArray:
    """Return each count as a share of its row, NaN in a row of zeros.

    Parameters
    ----------
    counts : ndarray of int of shape (n_segments, n_segments)

    Returns
    -------
    ndarray of shape (n_segments, n_segments)
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, totals, out=shares, where=totals > 0)
    return shares


def flow_frame(counts: IntArray, segments: Sequence[Any], level: float) -> pd.DataFrame:
    """Return what each flow from a segment to a segment says, one row a flow.

    Parameters
    ----------
    counts : ndarray of int of shape (n_segments, n_segments)
    segments : sequence
    level : float

    Returns
    -------
    pandas.DataFrame
        Index ``from`` and ``to``; columns as `SegmentMigration` describes them.
    """
    totals = np.repeat(counts.sum(axis=1), len(segments))
    there, back = counts.ravel(), counts.T.ravel()
    lower, upper = wilson_interval(there.astype(np.float64), totals.astype(np.float64), level)
    standardised = np.full(len(there), np.nan)
    np.divide(there - back, np.sqrt(there + back), out=standardised, where=there + back > 0)
    labels = [(one, other) for one in segments for other in segments]
    return pd.DataFrame(
        {
            "count": there,
            "probability": row_shares(counts).ravel(),
            "lower": lower,
            "upper": upper,
            "expected_no_change": (there + back) / 2,
            "difference": (there - back) / 2,
            "standardised": standardised,
        },
        index=pd.MultiIndex.from_tuples(labels, names=["from", "to"]),
    )


def move_table(count: int, *, ordered: bool) -> IntArray:
    """Return what each pair of segments is called: the position of the move in `MOVES`.

    Parameters
    ----------
    count : int
        Number of segments, the best first where ``ordered``.
    ordered : bool
        Moves have a direction.

    Returns
    -------
    ndarray of int of shape (count + 1, count + 1)
        The last row and column are for customers who were not there: index -1.

    Examples
    --------
    >>> [[MOVES[move] for move in row] for row in move_table(2, ordered=True)]
    [['stayed', 'down', 'lost'], ['up', 'stayed', 'lost'], ['new', 'new', 'absent']]
    """
    number = {name: i for i, name in enumerate(MOVES)}
    before, after = np.indices((count + 1, count + 1))
    table = np.where(before > after, number["up"], number["down"])
    if not ordered:
        table[:] = number["moved"]
    np.fill_diagonal(table, number["stayed"])
    table[-1, :], table[:, -1] = number["new"], number["lost"]
    table[-1, -1] = number["absent"]
    return table.astype(np.int64)


def shares_of_moves(counts: IntArray, *, ordered: bool, absent: bool) -> pd.Series:
    """Return the share of every kind of move among all that were counted.

    Parameters
    ----------
    counts : ndarray of int of shape (n_states, n_states)
    ordered, absent : bool
        Moves have a direction; the last state is `ABSENT`.

    Returns
    -------
    pandas.Series
        Index: the kinds that are possible.
    """
    size = len(counts)
    table = move_table(size - absent, ordered=ordered)[:size, :size]
    totals = np.bincount(table.ravel(), weights=counts.ravel(), minlength=len(MOVES))
    kinds = ["up", "down", "stayed"] if ordered else ["moved", "stayed"]
    kinds += ["new", "lost", "absent"] * absent
    shares = [float(totals[MOVES.index(kind)] / counts.sum()) for kind in kinds]
    return pd.Series(shares, index=pd.Index(kinds, name="move"), name="share")


def values_by_segment(
    given: Any, segments: Sequence[Any], parameter: str, *, missing: float | None = None
) -> FloatArray:
    """Return one number for each segment from a mapping or a Series.

    Parameters
    ----------
    given : mapping or pandas.Series
        By segment.
    segments : sequence
    parameter : str
        For the message.
    missing : float or None
        Number of a segment that is not named; None refuses that.

    Returns
    -------
    ndarray of shape (n_segments,)

    Raises
    ------
    TypeError
        If it is neither a mapping nor a Series.
    ValueError
        If a segment is unknown or has no number, or a number is not finite.
    """
    if not isinstance(given, (Mapping, pd.Series)):
        raise TypeError(
            f"{parameter} must be a mapping or Series by segment; found {type(given).__name__}"
        )
    numbers = dict(given.items())
    unknown = [label for label in numbers if label not in segments]
    lacking = [label for label in segments if label not in numbers]
    if unknown or (lacking and missing is None):
        what = f"unknown: {unknown[0]!r}" if unknown else f"missing: {lacking[0]!r}"
        raise ValueError(
            f"{parameter} must have one number for each segment "
            f"({', '.join(map(str, segments))}); {what}"
        )
    values = np.array([numbers.get(label, missing) for label in segments], dtype=np.float64)
    bad: BoolArray = ~np.isfinite(values)
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            f"{parameter} must hold finite numbers; found {values[first]} for {segments[first]!r}"
        )
    return values


def _as_names(table: MixedTable, name: str) -> AnyArray:
    values = table[name]
    if values.dtype == object:
        return values
    missing = is_missing(values)
    whole = (values == np.floor(values)) & (np.abs(values) < _LARGEST_WHOLE)
    reject(table, name, ~(whole | missing), "text, whole numbers, or True and False")
    labels = np.where(missing, 0.0, values).astype(np.int64).astype(object)
    labels[missing] = None
    return labels


def _plain(name: Any) -> Any:
    return name.item() if isinstance(name, np.generic) else name
