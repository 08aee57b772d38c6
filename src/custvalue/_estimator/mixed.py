"""The door for tables whose columns hold numbers or categories, with gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import (
    Kind,
    check_names,
    column_values,
    kind_of,
    plain,
    rectangle,
    row_labels,
    row_name,
    such_rows,
)
from custvalue._typing import AnyArray, BoolArray
from custvalue.exceptions import DataError

__all__ = ["MixedTable", "is_missing", "read_mixed", "reject"]

# What pandas says of objects that need no look one by one.
_NUMBERS = frozenset({"floating", "integer", "mixed-integer-float", "decimal"})
_CATEGORIES = frozenset({"string", "boolean", "empty"})


@dataclass(frozen=True, slots=True)
class MixedTable:
    """Columns of one input, numbers or categories, and who its rows are.

    Attributes
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        Numbers as float64, a missing one NaN, none infinite; anything else as objects (text, bool),
        a missing one None.
    kind : {"pandas", "polars", "pyarrow", "array"}
        What the caller handed in.
    index : pandas.Index or None
        Row labels, as in `Table`.
    attrs : mapping
        Notes that travel with a pandas frame.
    """

    columns: Mapping[str, AnyArray]
    kind: Kind
    index: pd.Index | None
    attrs: Mapping[Any, Any]

    def __getitem__(self, name: str) -> AnyArray:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: slice | BoolArray | AnyArray) -> MixedTable:
        """Return the table of some of its rows."""
        index = None if self.index is None else self.index[rows]
        columns = {name: values[rows] for name, values in self.columns.items()}
        return MixedTable(columns, self.kind, index, self.attrs)

    def select(self, names: Sequence[str]) -> MixedTable:
        """Return the table of some of its columns, in the order named."""
        columns = {name: self.columns[name] for name in names}
        return MixedTable(columns, self.kind, self.index, self.attrs)


def read_mixed(
    X: Any,
    names: Sequence[str] | None = None,
    *,
    optional: Sequence[str] = (),
    owner: str = "this estimator",
) -> MixedTable:
    """Read columns of a frame, or an array, that hold numbers or categories, with gaps.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
    names : sequence of str, optional
        The columns to read. Left out: all columns of a pandas frame; all but the first, which is
        the id, of a polars or pyarrow frame; ``x0``, ``x1``, ... of an array.
    optional : sequence of str
        Columns of a frame to read where they are there.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    MixedTable

    Raises
    ------
    DataError
        If a column is missing or double, mixes numbers and text, or holds an infinite number, or
        X is empty.
    TypeError
        If X is not a table.
    """
    kind = kind_of(X)
    if kind == "array":
        return _read_array(X, names, owner)
    found = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
    if names is None:
        names = found if kind == "pandas" else found[1:]
        if not names:
            raise DataError(f"{owner} needs at least one column to read; found 0 feature(s)")
    wanted = [*names, *(name for name in optional if name in found and name not in names)]
    check_names(found, names, wanted, owner)
    if len(X) == 0:
        raise DataError(f"{owner} needs at least one row; X has columns but no rows (0 sample(s))")
    index = row_labels(X, kind, found, wanted)
    columns = {
        name: _typed(column_values(X, kind, found.index(name)), name, index) for name in wanted
    }
    return MixedTable(columns, kind, index, dict(X.attrs) if kind == "pandas" else {})


def is_missing(values: AnyArray) -> BoolArray:
    """Return which values of a column are missing: NaN, None, NaT or NA."""
    return np.asarray(pd.isna(values), dtype=bool)


def reject(table: MixedTable, name: str, bad: BoolArray, rule: str) -> None:
    """Raise where any value of a column is bad, naming the rule, the first row and their number.

    Parameters
    ----------
    table : MixedTable
    name : str
        The column.
    bad : ndarray of bool of shape (n_rows,)
    rule : str
        What the column must be, as in "one of the fitted categories".

    Raises
    ------
    DataError
        If any row is bad.
    """
    _refuse(table[name], name, table.index, bad, rule)


def _read_array(X: Any, names: Sequence[str] | None, owner: str) -> MixedTable:
    values = rectangle(X)
    if values.ndim != 2:
        raise DataError(
            f"X must be a 2-D array with one column a feature; found an array of {values.ndim} "
            f"dimension(s). Reshape your data"
        )
    n_rows, width = values.shape
    names = [f"x{i}" for i in range(width)] if names is None else list(names)
    if width == 0:
        raise DataError(
            f"{owner} needs at least one column; found an array with 0 feature(s) "
            f"(shape={values.shape}) while a minimum of 1 is required."
        )
    if width != len(names):
        raise DataError(
            f"X has {width} features, but {owner} is expecting {len(names)} features as input, "
            f"in this order: {', '.join(names)}"
        )
    if n_rows == 0:
        raise DataError(f"{owner} needs at least one row; found array with 0 sample(s)")
    columns = {name: _typed(values[:, i], name, None) for i, name in enumerate(names)}
    return MixedTable(columns, "array", None, {})


def _typed(values: AnyArray, name: str, index: pd.Index | None) -> AnyArray:
    """Return a column as numbers or as objects, its gaps as NaN or None."""
    if values.dtype.kind == "c":
        raise DataError(f"Complex data not supported: column {name!r} has dtype {values.dtype}")
    if values.dtype.kind in "mM":
        raise DataError(
            f"column {name!r} must hold numbers or categories, no dates; found dtype {values.dtype}"
        )
    if values.dtype.kind in "fiu":
        return _finite(_seen(values), name, index)
    objects = values.astype(object)
    missing = is_missing(objects)
    inferred = pd.api.types.infer_dtype(objects, skipna=True)
    if inferred in _NUMBERS or (inferred not in _CATEGORIES and _all_numbers(objects[~missing])):
        return _finite(_floats(objects, missing, name), name, index)
    if inferred not in _CATEGORIES:
        known = [isinstance(value, (str, bool, np.bool_)) for value in objects]
        rule = "text, True and False, or numbers alone"
        _refuse(objects, name, index, ~(missing | np.array(known, dtype=bool)), rule)
    objects[missing] = None
    return objects


def _seen(values: AnyArray) -> AnyArray:
    """Return numbers as float64; those that are already are a view that cannot be written to."""
    numbers = values.astype(np.float64, copy=False).view()
    numbers.flags.writeable = False
    return numbers


def _floats(objects: AnyArray, missing: BoolArray, name: str) -> AnyArray:
    try:
        return np.where(missing, np.nan, objects).astype(np.float64)
    except OverflowError as error:
        raise DataError(f"column {name!r} must hold numbers below 1.8e308; {error}") from error


def _all_numbers(known: AnyArray) -> bool:
    return len(known) > 0 and all(_is_number(value) for value in known)


def _finite(numbers: AnyArray, name: str, index: pd.Index | None) -> AnyArray:
    _refuse(numbers, name, index, np.isinf(numbers), "finite (no infinity)")
    return numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_))


def _refuse(values: AnyArray, name: str, index: pd.Index | None, bad: BoolArray, rule: str) -> None:
    if not bad.any():
        return
    first = int(np.argmax(bad))
    raise DataError(
        f"column {name!r} must be {rule}; {row_name(index, first)} has "
        f"{name}={plain(values[first])} ({such_rows(int(bad.sum()))})"
    )
