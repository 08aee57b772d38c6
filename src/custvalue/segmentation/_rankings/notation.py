"""Read rankings from a table, one row a respondent, in either notation.

Rank notation: one column an item, its value the rank, 1 the most preferred. Order notation: one
column a place (first choice, second choice, ...), its value the item. Both become levels: 0 for the
most preferred items, 1 for the next, equal levels for a tie, -1 where the place is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from custvalue._estimator.door import plain, row_name
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.segmentation._rankings.consensus import kemeny
from custvalue.segmentation._rankings.levels import dense_levels, with_last
from custvalue.segmentation._rankings.order_notation import (
    chosen_items,
    levels_of_order,
    reject_rows,
)

__all__ = [
    "Notation",
    "Rankings",
    "Unranked",
    "check_items",
    "check_known",
    "read_rankings",
    "transposition_warning",
]

Notation = Literal["rank", "order"]
Unranked = Literal["last", "unknown"]

_CLEARLY_MORE_ALIKE = 0.7
_LEAST_COMPLETE = 20
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Rankings:
    """The rankings of a table.

    Attributes
    ----------
    levels : ndarray of int of shape (n_rows, n_items)
        Dense from 0, equal for a tie, -1 where unknown.
    items : tuple of str
        The columns of ``levels``.
    table : MixedTable
        What was read.
    """

    levels: IntArray
    items: tuple[str, ...]
    table: MixedTable


def check_items(items: Any) -> tuple[str, ...] | None:
    """Return the names of items that a caller gives, or None.

    Raises
    ------
    ValueError
        If a name is no text, one occurs twice, or there are less than two.
    """
    if items is None:
        return None
    given = tuple(items)
    wrong = [name for name in given if not (isinstance(name, str) and name.strip())]
    if wrong:
        raise ValueError(f"items must be texts, none of them empty; found {wrong[0]!r}")
    double = [name for name in given if given.count(name) > 1]
    if double:
        raise ValueError(f"items must differ; found {double[0]!r} more than once")
    if len(given) < 2:
        raise ValueError(f"items must be at least 2, one alone has no order; found {given!r}")
    return given


def read_rankings(
    X: Any,
    items: Sequence[str] | None,
    *,
    notation: Notation,
    unranked: Unranked,
    owner: str,
    columns: Sequence[str] | None = None,
) -> Rankings:
    """Read the ranking of each row.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
    items : sequence of str or None
        The items; None takes the columns in rank notation, the sorted items chosen in order
        notation.
    notation : {"rank", "order"}
    unranked : {"last", "unknown"}
        What a missing item is: tied with the other missing ones behind all that are ranked, or
        anywhere.
    owner : str
        Who asks, for the messages.
    columns : sequence of str or None
        In order notation, the columns of the places; None takes all.

    Returns
    -------
    Rankings

    Raises
    ------
    DataError
        If a row is not a ranking, or there are less than two items.
    """
    if notation == "rank":
        table = read_mixed(X, items, owner=owner)
        names = tuple(table.columns)
        _check_width(len(names), owner)
        levels = _levels_of_ranks(table)
    else:
        table = read_mixed(X, columns, owner=owner)
        names = tuple(items) if items is not None else chosen_items(table)
        _check_width(len(names), owner)
        levels = levels_of_order(table, names)
    _check_says_something(table, levels, unranked)
    return Rankings(with_last(levels) if unranked == "last" else levels, names, table)


def check_known(levels: IntArray, items: Sequence[str]) -> None:
    """Refuse an item whose place nobody knows.

    Raises
    ------
    DataError
        If an item is unknown in every row.
    """
    nobody = ~(levels >= 0).any(axis=0)
    if nobody.any():
        raise DataError(
            f"with unranked='unknown' each item must be ranked by someone; nobody ranks "
            f"{items[int(np.argmax(nobody))]!r} ({int(nobody.sum())} such item(s))"
        )


def transposition_warning(
    levels: IntArray, counts: FloatArray, notation: Notation = "rank"
) -> str | None:
    """Return a sentence where the rankings look as if read in the wrong notation.

    The complete rankings without ties are compared with their inverse permutations, which is what
    the other notation would have made of them: people who agree lie near their consensus. A reading
    is doubted where the mean Kendall distance to Kemeny's consensus of the other is less than 0.7
    of its own, from 20 such rankings on.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)
    notation : {"rank", "order"}
        How they were read.

    Returns
    -------
    str or None
    """
    strict = (np.sort(levels, axis=1) == np.arange(levels.shape[1])).all(axis=1)
    weight = float(counts[strict].sum())
    if weight < _LEAST_COMPLETE:
        return None
    rankings, weights = levels[strict], counts[strict]
    ours = kemeny(rankings, weights).total / weight
    theirs = kemeny(np.argsort(rankings, axis=1), weights).total / weight
    if theirs >= _CLEARLY_MORE_ALIKE * ours:
        return None
    other = "order" if notation == "rank" else "rank"
    return (
        f"read with notation={notation!r}, {weight:g} complete rankings are {ours:.2f} pairs from "
        f"their consensus on average, but only {theirs:.2f} if they were in notation={other!r}; "
        f"check which of the two X holds"
    )


def _levels_of_ranks(table: MixedTable) -> IntArray:
    for name, values in table.columns.items():
        _refuse_text(table, name, values)
        if values.dtype != object:
            reject(table, name, values < 1, "a rank of at least 1, or missing")
    ranks = np.stack([_as_numbers(values) for values in table.columns.values()], axis=1)
    levels = dense_levels(ranks)
    reject_rows(
        table,
        ~_is_ranking(ranks, levels),
        "the ranks of a row must be 1, 2, 3, ... without a gap, ties as in 1 2 2 4, 1 2 2 3 or "
        "1 2.5 2.5 4",
    )
    return levels


def _refuse_text(table: MixedTable, name: str, values: AnyArray) -> None:
    if values.dtype != object or is_missing(values).all():
        return
    first = int(np.argmin(is_missing(values)))
    raise DataError(
        f"with notation='rank' a value of column {name!r} must be a number, the rank of an item; "
        f"{row_name(table.index, first)} has {name}={plain(values[first])}. A table whose values "
        f"are items has notation='order'"
    )


def _as_numbers(values: AnyArray) -> FloatArray:
    if values.dtype == object:
        return np.full(len(values), np.nan)
    return np.asarray(values, dtype=np.float64)


def _is_ranking(ranks: FloatArray, levels: IntArray) -> BoolArray:
    """Return which rows are what a notation of ties makes of their own order."""
    known = levels >= 0
    before, equal = np.zeros(levels.shape), np.zeros(levels.shape)
    for j in range(levels.shape[1]):
        rival, there = levels[:, [j]], known[:, [j]]
        before += there & (rival < levels)
        equal += there & (rival == levels)
    notations = (levels + 1.0, before + 1, before + (equal + 1) / 2)
    alike = [((np.abs(ranks - own) < _ROUNDING) | ~known).all(axis=1) for own in notations]
    return np.asarray(np.logical_or.reduce(alike))


def _check_width(n_items: int, owner: str) -> None:
    if n_items < 2:
        raise DataError(
            f"{owner} needs at least 2 items, one alone has no order; found {n_items} feature(s) "
            f"or item(s)"
        )


def _check_says_something(table: MixedTable, levels: IntArray, unranked: Unranked) -> None:
    least = 1 if unranked == "last" else 2
    rule = {
        1: "each row must rank at least one item",
        2: "with unranked='unknown' each row must rank at least two items",
    }
    reject_rows(table, (levels >= 0).sum(axis=1) < least, rule[least])
