"""Surveys that ask two questions of each item, as in ``E_speed`` and ``P_speed``.

Which columns hold the answers to which item, told by the beginnings of their names; and what is
done about missing answers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._estimator.door import kind_of, rectangle, row_name, such_rows
from custvalue._estimator.ratings import Ratings
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = [
    "WholeAnswers",
    "check_scale",
    "numbered_items",
    "paired_items",
    "refuse_outside",
    "refuse_unnamed",
    "single_items",
    "starting_with",
    "whole_answers",
]


@dataclass(frozen=True, slots=True)
class WholeAnswers:
    """Answers after missing ones were treated.

    Attributes
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
    doubts : tuple of str
        Sentences that the user should read.
    """

    ratings: Ratings
    weights: FloatArray | None
    doubts: tuple[str, ...]


def starting_with(X: Any, prefix: str, *, but: Collection[str] = ()) -> list[str]:
    """Return what follows the prefix in the columns of a frame that start with it, in their order.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame
    prefix : str
        Empty for all columns; in polars and pyarrow all but the first, the id.
    but : collection of str
        Columns that are something else.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import pandas as pd
    >>> starting_with(pd.DataFrame(columns=["E_speed", "P_speed", "P_stock", "note"]), "P_")
    ['speed', 'stock']
    """
    kind = kind_of(X)
    names = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
    if not prefix and kind != "pandas":
        names = names[1:]
    found = [name for name in names if name.startswith(prefix) and name not in but]
    return [name.removeprefix(prefix) for name in found if name != prefix]


def paired_items(X: Any, first: str, second: str, *, owner: str) -> list[str]:
    """Return the items of a frame that both questions ask for, in the order of the second.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame
    first, second : str
        Beginnings of the names of columns.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    list of str

    Raises
    ------
    DataError
        If an item has one of the two columns only, or there is none.
    """
    ones, others = starting_with(X, first), starting_with(X, second)
    alone = [
        (item, have + item, lack + item)
        for have, lack, these, those in (
            (first, second, ones, others),
            (second, first, others, ones),
        )
        for item in these
        if item not in those
    ]
    if alone:
        item, there, missing = alone[0]
        raise DataError(
            f"{owner} needs two columns an item; item {item!r} has {there!r} but not {missing!r} "
            f"({len(alone)} such item(s)): name the items, or rename what is none"
        )
    if not others:
        raise DataError(
            f"{owner} needs columns that start with {first!r} and with {second!r}; found none"
        )
    return others


def single_items(X: Any, prefix: str, *, but: Collection[str] = (), owner: str) -> list[str]:
    """Return the items of a frame that has one column each.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame
    prefix : str
        Beginning of the names of columns.
    but : collection of str
        Columns that are something else.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    list of str

    Raises
    ------
    DataError
        If there is none.
    """
    items = starting_with(X, prefix, but=but)
    if not items:
        raise DataError(f"{owner} needs columns that start with {prefix!r}; found none")
    return items


def numbered_items(X: Any, n_questions: int, *, n_more: int = 0, owner: str) -> list[str]:
    """Return names for the items of an array: ``x0``, ``x1``, ...

    Parameters
    ----------
    X : array of shape (n_rows, n_questions * n_items + n_more)
    n_questions : int
        Columns that each item has.
    n_more : int
        Columns that are of no item.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    list of str
        At least one: what else is wrong with X is left to its reading.

    Raises
    ------
    DataError
        If the columns are no multiple of the number of questions.
    """
    shape = np.shape(rectangle(X))
    width = shape[1] if len(shape) == 2 else 0
    if (width - n_more) % n_questions:
        more = f" and {n_more} more" if n_more else ""
        raise DataError(
            f"X has {width} features, but {owner} is expecting {n_questions} features an item{more}"
        )
    return [f"x{i}" for i in range(max((width - n_more) // n_questions, 1))]


def refuse_unnamed(X: Any, prefix: str, items: Sequence[str], parameter: str) -> None:
    """Raise where a frame has columns with the prefix for items that a parameter leaves out.

    Parameters
    ----------
    X : table
        An array passes, and so does any table where the prefix is empty.
    prefix : str
    items : sequence of str
        Those that the parameter names.
    parameter : str
        For the message.

    Raises
    ------
    DataError
        If there is any.
    """
    if kind_of(X) == "array" or not prefix:
        return
    absent = [item for item in starting_with(X, prefix) if item not in items]
    if absent:
        raise DataError(
            f"{parameter} must name every item that has a column {prefix + '...'!r}; missing: "
            f"{', '.join(map(repr, absent))} ({len(absent)} such item(s))"
        )


def check_scale(scale: Sequence[float] | None) -> tuple[float, float] | None:
    """Return the ends of a scale as numbers; None stays.

    Raises
    ------
    ValueError
        If they are not two finite numbers, the lower one first.
    """
    if scale is None:
        return None
    ends = np.asarray(scale)
    good = ends.shape == (2,) and ends.dtype.kind in "iuf" and np.isfinite(ends).all()
    if not good or ends[0] >= ends[1]:
        raise ValueError(f"scale must be two finite numbers, low and high; found {scale!r}")
    return float(ends[0]), float(ends[1])


def refuse_outside(ratings: Ratings, scale: tuple[float, float] | None) -> None:
    """Raise where an answer lies beyond the ends of the scale; None lets all pass.

    Raises
    ------
    DataError
        If any answer does.
    """
    if scale is None:
        return
    low, high = scale
    for item, values in ratings.columns.items():
        beyond = (values < low) | (values > high)
        if beyond.any():
            first = int(np.argmax(beyond))
            raise DataError(
                f"column {item!r} must lie between {low} and {high}, the ends of scale; "
                f"{row_name(ratings.index, first)} has {item}={float(values[first])!r} "
                f"({such_rows(int(beyond.sum()))})"
            )


def whole_answers(ratings: Ratings, weights: FloatArray | None, *, missing: str) -> WholeAnswers:
    """Refuse gaps, leave out respondents with one, or let them pass.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
    missing : {"pairwise", "listwise", "raise"}

    Returns
    -------
    WholeAnswers

    Raises
    ------
    DataError
        If there is a gap where ``missing`` is "raise", or nobody is left.
    """
    if missing == "raise":
        ratings.refuse_gaps()
    if missing != "listwise" or not ratings.n_missing().any():
        return WholeAnswers(ratings, weights, ())
    whole = np.ones(len(ratings), dtype=bool)
    for values in ratings.columns.values():
        whole &= ~np.isnan(values)
    kept = whole if weights is None else whole & (weights > 0)
    if not kept.any():
        raise DataError(
            f"missing='listwise' needs a respondent who answered everything; all {len(ratings)} "
            f"left out an answer"
        )
    doubt = f"missing='listwise' leaves out {int((~whole).sum())} of {len(ratings)} respondents"
    return WholeAnswers(ratings.take(whole), None if weights is None else weights[whole], (doubt,))
