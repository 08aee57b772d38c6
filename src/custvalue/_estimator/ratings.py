"""The door for surveys: one column an item, one row a respondent, numbers with gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Kind, row_name, such_rows
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError

__all__ = ["BLOCK_ROWS", "Ratings", "read_ratings"]

BLOCK_ROWS = 16_384
"""Respondents worked on at once: a block of 30 items is 4 MB."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Numbers that respondents gave to items, and who the rows are.

    Attributes
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        float64, a missing answer NaN, none infinite. Where X holds float64 these are views of it,
        to be read only.
    kind : {"pandas", "polars", "pyarrow", "array"}
        What the caller handed in.
    index : pandas.Index or None
        Row labels, as in `custvalue._estimator.door.Table`.
    """

    columns: Mapping[str, FloatArray]
    kind: Kind
    index: pd.Index | None

    @property
    def items(self) -> list[str]:
        """The names of the items."""
        return list(self.columns)

    def __getitem__(self, item: str) -> FloatArray:
        return self.columns[item]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def select(self, items: Sequence[str]) -> Ratings:
        """Return the ratings of some items, in the order named."""
        return Ratings({item: self.columns[item] for item in items}, self.kind, self.index)

    def take(self, rows: BoolArray | IntArray) -> Ratings:
        """Return the ratings by some respondents."""
        index = None if self.index is None else self.index[rows]
        columns = {item: values[rows] for item, values in self.columns.items()}
        return Ratings(columns, self.kind, index)

    def block(self, rows: slice | BoolArray | IntArray) -> FloatArray:
        """Return a copy of some rows, of shape (n_rows, n_items)."""
        return np.column_stack([values[rows] for values in self.columns.values()])

    def blocks(self, size: int = BLOCK_ROWS) -> Iterator[tuple[slice, FloatArray]]:
        """Yield where some rows stand, and a copy of them, until all rows have come by."""
        for start in range(0, len(self), size):
            rows = slice(start, min(start + size, len(self)))
            yield rows, self.block(rows)

    def refuse_gaps(self, allowing: Sequence[str] = ("pairwise", "listwise")) -> None:
        """Raise where any answer is missing, naming the item, the first row and their number.

        Parameters
        ----------
        allowing : sequence of str
            Other values of ``missing``, which allow gaps.

        Raises
        ------
        DataError
            If anybody left out an item.
        """
        for item, count in zip(self.items, self.n_missing(), strict=True):
            if count:
                first = int(np.argmax(np.isnan(self[item])))
                raise DataError(
                    f"column {item!r} must be finite (no NaN) where missing='raise'; "
                    f"{row_name(self.index, first)} has {item}=nan ({such_rows(int(count))}). "
                    f"missing={' and '.join(map(repr, allowing))} allow gaps"
                )

    def n_missing(self) -> IntArray:
        """Return how many respondents left out each item, of shape (n_items,)."""
        return np.array([int(np.isnan(values).sum()) for values in self.columns.values()])


def read_ratings(
    X: Any,
    items: Sequence[str] | None = None,
    *,
    optional: Sequence[str] = (),
    owner: str = "this estimator",
) -> Ratings:
    """Read the ratings of items from a frame, or an array with one column an item.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
    items : sequence of str, optional
        The columns to read. Left out: all columns of a pandas frame; all but the first, which is
        the id, of a polars or pyarrow frame; ``x0``, ``x1``, ... of an array.
    optional : sequence of str
        Columns of a frame to read where they are there.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Ratings
        True and False count as 1 and 0.

    Raises
    ------
    DataError
        If a column is missing or double, holds text or an infinite number, or X is empty.
    TypeError
        If X is not a table.
    """
    table = read_mixed(X, items, optional=optional, owner=owner)
    columns = {name: _numbers(table, name) for name in table.columns}
    return Ratings(columns, table.kind, table.index)


def _numbers(table: MixedTable, name: str) -> FloatArray:
    values = table[name]
    if values.dtype.kind == "f":
        return values
    missing = is_missing(values)
    text = np.array([isinstance(value, str) for value in values], dtype=bool)
    reject(table, name, text, "a number")
    return np.where(missing, np.nan, values).astype(np.float64)
