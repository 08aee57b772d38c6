"""Groups of customers: the values of one or several columns, and the label shown for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.door import Kind, Table, column_names, plain, row_name, such_rows
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._tables.labels import label_kind, labels_as_text, pandas_of_arrow
from custvalue._typing import IntArray
from custvalue.exceptions import DataError

__all__ = [
    "ALL",
    "SPELL",
    "GroupedRows",
    "Groups",
    "check_labels",
    "fitted_numbers",
    "group_columns",
    "label_of",
    "read_groups",
    "spans_as_text",
]

ALL = "all"
"""Label of the one group where no column makes groups."""
SPELL = ("duration", "churned", "entry")
"""Columns of customers who are followed."""

_END = r"(-?(?:inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?))"
_INTERVAL = re.compile(rf"[\[(]{_END}, {_END}[\])]")


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of some rows.

    Attributes
    ----------
    numbers : ndarray of int of shape (n_rows,)
        Which group each row is of.
    values : tuple of tuple
        Of each group the value of each column: numbers ascending, then intervals by their ends,
        then text.
    """

    numbers: IntArray
    values: tuple[tuple[Any, ...], ...]

    @property
    def labels(self) -> list[Any]:
        """Return the label of each group."""
        return [label_of(values) for values in self.values]


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """Rows with the columns of their groups.

    Attributes
    ----------
    rows : MixedTable
        The numbers that were read, then the columns of the groups.
    groups : Groups
    """

    rows: MixedTable
    groups: Groups


def group_columns(by: Any, reserved: Sequence[str] = SPELL) -> tuple[str, ...]:
    """Return the columns that make the groups.

    Parameters
    ----------
    by : str, sequence of str or None
    reserved : sequence of str
        Names that mean something else, in capitals or not.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If they are not different names, or one of them is reserved.
    """
    if by is None:
        return ()
    names = (by,) if isinstance(by, str) else tuple(by) if isinstance(by, (list, tuple)) else ()
    if not names or len(set(names)) < len(names) or not all(isinstance(n, str) for n in names):
        raise ValueError(f"by must be a column name, different column names or None; found {by!r}")
    taken = [name for name in names if name.casefold() in {one.casefold() for one in reserved}]
    if taken:
        raise ValueError(f"by must not name {', '.join(reserved)}; found {taken[0]!r}")
    return names


def read_groups(X: Any, numbers: Table, by: tuple[str, ...], owner: str) -> GroupedRows:
    """Read the groups of rows whose numbers were read.

    Parameters
    ----------
    X : table
    numbers : Table
        What was read of X.
    by : tuple of str
    owner : str

    Returns
    -------
    GroupedRows

    Raises
    ------
    DataError
        If there are groups and X is an array, a column holds what is no label, or a group is
        missing.
    """
    if not by:
        rows = MixedTable(numbers.columns, numbers.kind, numbers.index, numbers.attrs)
        return GroupedRows(rows, Groups(np.zeros(len(numbers), dtype=np.int64), ((),)))
    if numbers.kind == "array":
        raise DataError(f"by needs a frame with named columns; {owner} found an array")
    mixed = read_mixed(
        _as_text(X, numbers.kind, by, ("date", "span")), (*numbers.columns, *by), owner=owner
    )
    columns = {**numbers.columns, **{name: mixed[name] for name in by}}
    # The labels of rows are those that remain when the groups are none of them.
    rows = MixedTable(columns, mixed.kind, mixed.index, mixed.attrs)
    return GroupedRows(rows, _groups(rows, by))


def spans_as_text(X: Any, kind: Kind, by: tuple[str, ...]) -> Any:
    """Return a frame whose periods and intervals that make groups are text.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame
        It is not changed.
    kind : {"pandas", "polars", "pyarrow"}
    by : tuple of str

    Returns
    -------
    frame
    """
    return _as_text(X, kind, by, ("span",))


def label_of(values: tuple[Any, ...]) -> Any:
    """Return what is shown of a group: the value of one column, or the words of several."""
    if not values:
        return ALL
    return values[0] if len(values) == 1 else ", ".join(map(str, values))


def check_labels(groups: Groups, by: tuple[str, ...]) -> None:
    """Check that groups can be told apart by their labels.

    Raises
    ------
    DataError
        If two groups have one label.
    """
    labels = groups.labels
    if len(set(labels)) == len(labels):
        return
    double = next(label for label in labels if labels.count(label) > 1)
    one, other = (v for v, label in zip(groups.values, labels, strict=True) if label == double)
    raise DataError(
        f"different values of {', '.join(by)} must read differently when joined by a comma; "
        f"found {double!r} for {plain(one)} and {plain(other)}"
    )


def fitted_numbers(
    rows: MixedTable, groups: Groups, fitted: Sequence[tuple[Any, ...]], by: tuple[str, ...]
) -> IntArray:
    """Return the number of the fitted group of each row.

    Parameters
    ----------
    rows : MixedTable
    groups : Groups
        Of the rows.
    fitted : sequence of tuple
        The values of each fitted group.
    by : tuple of str

    Returns
    -------
    ndarray of int of shape (n_rows,)

    Raises
    ------
    DataError
        If a row is of no fitted group.
    """
    known = {values: number for number, values in enumerate(fitted)}
    places = np.array([known.get(values, -1) for values in groups.values], dtype=np.int64)
    found = places[groups.numbers]
    unseen = found < 0
    if not unseen.any():
        return np.asarray(found)
    first = int(np.argmax(unseen))
    listed = ", ".join(map(_shown, fitted[:10])) + (", ..." if len(fitted) > 10 else "")
    raise DataError(
        f"the group of every row ({', '.join(by)}) must be one of the {len(fitted)} fitted "
        f"({listed}); {row_name(rows.index, first)} is of "
        f"{_shown(groups.values[groups.numbers[first]])} ({such_rows(int(unseen.sum()))})"
    )


def _shown(values: tuple[Any, ...]) -> str:
    return plain(values[0] if len(values) == 1 else values)


def _groups(rows: MixedTable, by: tuple[str, ...]) -> Groups:
    for name in by:
        reject(rows, name, is_missing(rows[name]), "given in every row")
    frame = pd.DataFrame({name: rows[name] for name in by})
    numbers = frame.groupby(list(by), sort=False).ngroup().to_numpy()
    _, first = np.unique(numbers, return_index=True)
    values = [tuple(_value(rows[name][row]) for name in by) for row in first]
    order = sorted(range(len(values)), key=lambda i: tuple(map(_rank, values[i])))
    return Groups(np.argsort(order)[numbers], tuple(values[i] for i in order))


def _value(value: Any) -> Any:
    """Return a value as plain data; a whole number as one."""
    value = value.item() if isinstance(value, np.generic) else value
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value


def _rank(value: Any) -> tuple[int, float, float, str]:
    if not isinstance(value, str):
        return 0, value, 0.0, ""
    ends = _INTERVAL.fullmatch(value)
    return (1, float(ends[1]), float(ends[2]), value) if ends else (2, 0.0, 0.0, value)


def _as_text(X: Any, kind: Kind, by: tuple[str, ...], kinds: Sequence[str]) -> Any:
    names = column_names(X)
    # Columns that are missing or double are refused where they are read, and what is no label
    # where the dates stay.
    for name in [one for one in by if names.count(one) == 1]:
        position = names.index(name)
        column = _series(X, kind, position)
        found = label_kind(column)
        if found == "none" and "date" in kinds:
            raise DataError(
                f"column {name!r} of by must hold numbers, text, dates, periods or intervals; "
                f"found dtype {column.dtype}. Turn it into text first, for example with "
                ".astype(str) in pandas"
            )
        if found in kinds:
            X = _replaced(X, kind, position, labels_as_text(column))
    return X


def _series(X: Any, kind: Kind, position: int) -> pd.Series:
    if kind == "pyarrow":
        return pandas_of_arrow(X.column(position))
    column: pd.Series = (
        X.iloc[:, position] if kind == "pandas" else X.to_series(position).to_pandas()
    )
    return column


def _replaced(X: Any, kind: Kind, position: int, words: pd.Series) -> Any:
    """Return a frame with another column in one place; X is not changed."""
    if kind == "pandas":
        changed = X.copy(deep=False)
        changed.isetitem(position, words.to_numpy())
        return changed
    if kind == "polars":
        column = X.to_series(position)
        return X.with_columns(type(column)(column.name, words.tolist()))
    return X.set_column(position, X.column_names[position], pa.array(words.tolist(), pa.string()))
