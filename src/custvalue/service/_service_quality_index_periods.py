"""Periods of a table, and the table of an index by period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import (
    Kind,
    check_names,
    column_values,
    kind_of,
    rectangle,
    row_name,
    such_rows,
)
from custvalue._estimator.mixed import is_missing
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.service._service_quality_index import (
    Gaps,
    TreeWeights,
    change_of,
    effective_weights,
    index_scores,
)
from custvalue.service._service_quality_index_tree import Tree

__all__ = [
    "OverTime",
    "Periods",
    "change_frame",
    "changes_by_period",
    "period_frame",
    "read_periods",
]

_SHOWN = 6
"""Periods that a warning tells."""


@dataclass(frozen=True, slots=True)
class Periods:
    """The period of each row.

    Attributes
    ----------
    labels : pandas.Index
        The periods in order.
    codes : ndarray of int of shape (n_rows,)
        The position of the period of each row.
    doubts : tuple of str
        On an order that may not be meant.
    """

    labels: pd.Index
    codes: IntArray
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OverTime:
    """An index by period, and what changed it.

    Attributes
    ----------
    table : pandas.DataFrame
        As `period_frame` gives it.
    changes : pandas.DataFrame
        As `changes_by_period` gives it.
    doubts : list of str
        What to warn of.
    """

    table: pd.DataFrame
    changes: pd.DataFrame
    doubts: list[str]


def read_periods(
    X: Any, column: str, width: int, *, owner: str, kept: BoolArray | None = None
) -> Periods:
    """Read the column of periods of a table.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
        Of an array the column after the first ``width``.
    column : str
    width : int
        Number of indicators.
    owner : str
        Who asks, for the messages.
    kept : ndarray of bool of shape (n_rows,), optional
        The rows to look at; all where left out.

    Returns
    -------
    Periods
        Of the rows kept. In ascending order; those of an ordered categorical, a polars Enum and an
        ordered dictionary of pyarrow in their own.

    Raises
    ------
    DataError
        If the column is missing, a period is missing, or they cannot be put in order.
    """
    kind = kind_of(X)
    if kind == "array":
        return _in_order(rectangle(X)[:, width], column, kept)
    names = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
    check_names(names, [column], [column], owner)
    position = names.index(column)
    categories = _categories(X, kind, position)
    if categories is not None and categories.ordered:
        return _in_own_order(categories, column, kept)
    values = column_values(X, kind, position)
    return _in_order(values, column, kept, categories=categories is not None)


def _categories(X: Any, kind: Kind, position: int) -> pd.Categorical | None:
    """Return a column of categories as one of pandas; None where it is no such column."""
    if kind == "polars":
        series = X.to_series(position)
        name = type(series.dtype).__name__
        if name not in ("Enum", "Categorical"):
            return None
        own = series.dtype.categories.to_list() if name == "Enum" else None
        return pd.Categorical(series.to_numpy(), own, ordered=name == "Enum")
    column = X.iloc[:, position] if kind == "pandas" else X.column(position)
    if kind == "pyarrow":
        if not hasattr(column.type, "index_type"):
            return None
        column = column.to_pandas()
    return column.array if isinstance(column.dtype, pd.CategoricalDtype) else None


def _in_own_order(values: pd.Categorical, column: str, kept: BoolArray | None) -> Periods:
    codes = values.codes
    _refuse_missing(codes < 0, column, kept)
    used, places = np.unique(codes if kept is None else codes[kept], return_inverse=True)
    labels = pd.Index(np.asarray(values.categories)[used], name=column)
    return Periods(labels, places.astype(np.int64))


def _in_order(
    values: AnyArray, column: str, kept: BoolArray | None, *, categories: bool = False
) -> Periods:
    _refuse_missing(is_missing(values), column, kept)
    values = values if kept is None else values[kept]
    kinds = pd.api.types.infer_dtype(values)
    if kinds in ("mixed", "mixed-integer"):
        found = sorted({type(value).__name__ for value in values})
        raise DataError(
            f"column {column!r} must hold periods of one kind; found {', '.join(found)}"
        )
    codes, labels = pd.factorize(values, sort=True)
    index = pd.Index(labels, name=column)
    if isinstance(index, pd.PeriodIndex):
        index = index.astype(str)
    if index.dtype.kind == "f" and bool((index == np.floor(index)).all()):
        index = index.astype(np.int64)
    doubts = _doubtful_order(index, column, categories) if kinds == "string" else ()
    return Periods(index, codes.astype(np.int64), doubts)


def _doubtful_order(labels: pd.Index, column: str, categories: bool) -> tuple[str, ...]:
    """Return a sentence on text whose order may be another than that of the alphabet, if any."""
    texts = [str(label) for label in labels]
    if categories and len(texts) > 1:
        found = "unordered categories"
    elif _by_number(texts) != texts:
        found = "text with numbers"
    else:
        return ()
    more = ", ..." if len(texts) > _SHOWN else ""
    return (
        f"column {column!r} should hold numbers, dates or an ordered categorical, so that the "
        f"order of the periods is known; found {found}, taken in the order of the alphabet: "
        f"{', '.join(texts[:_SHOWN])}{more}",
    )


def _by_number(texts: Sequence[str]) -> list[str]:
    """Return texts in the order of the numbers that they are, or else hold."""
    try:
        return sorted(texts, key=float)
    except ValueError:
        return sorted(texts, key=_pieces)


def _pieces(text: str) -> list[tuple[int, str]]:
    """Return words and whole numbers in turn, as keys to sort by."""
    pieces = re.split("([0-9]+)", text)
    numbers = [piece.lstrip("0") for piece in pieces[1::2]]
    keys = [(0, piece) for piece in pieces]
    keys[1::2] = [(len(number), number) for number in numbers]
    return keys


def _refuse_missing(missing: AnyArray, column: str, kept: BoolArray | None) -> None:
    missing = missing if kept is None else missing & kept
    if missing.any():
        raise DataError(
            f"column {column!r} must have a period in every row; "
            f"{row_name(None, int(np.argmax(missing)))} has none ({such_rows(int(missing.sum()))})"
        )


def period_frame(
    profiles: FloatArray,
    rows: FloatArray,
    labels: pd.Index,
    tree: Tree,
    weights: TreeWeights,
    gaps: Gaps,
) -> pd.DataFrame:
    """Return the scores of the mean of each period.

    Parameters
    ----------
    profiles : ndarray of shape (n_periods, m)
        Mean of what the indicators count, by period.
    rows : ndarray of shape (n_periods,)
        Number of rows.
    labels : pandas.Index
    tree : Tree
    weights : TreeWeights
    gaps : Gaps

    Returns
    -------
    pandas.DataFrame
        One column a dimension, then ``index``, ``coverage`` and ``rows``.
    """
    scores = index_scores(list(profiles.T), tree, weights, gaps)
    table = pd.DataFrame(scores.dimensions, columns=tree.dimensions, index=labels)
    return table.assign(index=scores.index, coverage=scores.coverage, rows=rows)


def changes_by_period(
    profiles: FloatArray,
    index: FloatArray,
    labels: pd.Index,
    tree: Tree,
    weights: TreeWeights,
    *,
    geometric: bool,
) -> pd.DataFrame:
    """Return what each indicator adds to the change of the index since the period before.

    Parameters
    ----------
    profiles : ndarray of shape (n_periods, m)
    index : ndarray of shape (n_periods,)
        NaN where there is none; changes from and to it are NaN.
    labels : pandas.Index
    tree : Tree
    weights : TreeWeights
    geometric : bool

    Returns
    -------
    pandas.DataFrame of shape (n_periods - 1, m)
        NaN too where a geometric index is 0.
    """
    effective = [effective_weights(profile, tree, weights) for profile in profiles]
    rows = []
    for t in range(1, len(profiles)):
        known = not np.isnan(index[t - 1 : t + 1]).any()
        if not known or (geometric and (index[t - 1 : t + 1] == 0).any()):
            rows.append(np.full(profiles.shape[1], np.nan))
            continue
        change = change_of(*profiles[t - 1 : t + 1], *effective[t - 1 : t + 1], geometric=geometric)
        rows.append(change.by_value + change.by_weight)
    values = np.array(rows).reshape(-1, profiles.shape[1])
    return pd.DataFrame(values, columns=tree.indicators, index=labels[1:])


def change_frame(
    profiles: FloatArray, weights: Sequence[TreeWeights], tree: Tree, *, geometric: bool
) -> pd.DataFrame:
    """Return the change from one profile to another, indicator by indicator.

    Parameters
    ----------
    profiles : ndarray of shape (2, m)
    weights : sequence of two TreeWeights
    tree : Tree
    geometric : bool

    Returns
    -------
    pandas.DataFrame
        Index ``indicator``; the sum of ``change`` is that of the index.
    """
    effective = [effective_weights(n, tree, w) for n, w in zip(profiles, weights, strict=True)]
    change = change_of(*profiles, *effective, geometric=geometric)
    columns = {
        "dimension": np.array(tree.dimensions, dtype=object)[tree.owner],
        "before": profiles[0],
        "after": profiles[1],
        "weight_before": effective[0],
        "weight_after": effective[1],
        "by_value": change.by_value,
        "by_weight": change.by_weight,
        "change": change.by_value + change.by_weight,
    }
    return pd.DataFrame(columns, index=pd.Index(tree.indicators, name="indicator"))
