"""Tables of an ABC analysis: values, variability, and the class of the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._estimator.door import Table, kind_of, read_table, rectangle
from custvalue._estimator.mixed import is_missing, read_mixed, reject
from custvalue._typing import IntArray

__all__ = ["Columns", "read_items", "read_last_classes"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns of an ABC analysis.

    Attributes
    ----------
    value : str
    variability : tuple of str
        None, one column of coefficients of variation, or several of periods.
    previous : str or None
    """

    value: str
    variability: tuple[str, ...]
    previous: str | None

    @property
    def numbers(self) -> list[str]:
        """The columns that hold numbers, in the order of an array."""
        return [self.value, *self.variability]

    def require_different(self) -> None:
        """Raise where one column plays two parts.

        Raises
        ------
        ValueError
            With all names.
        """
        names = [*self.numbers, *([] if self.previous is None else [self.previous])]
        if len(set(names)) < len(names):
            raise ValueError(
                "value, variability and previous must name different columns; "
                f"found {', '.join(map(repr, names))}"
            )


def read_items(X: Any, columns: Columns, *, owner: str) -> Table:
    """Read the columns of numbers; an array may hold the last class behind them.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    columns : Columns
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing or a value is not a finite number.
    """
    if kind_of(X) == "array" and columns.previous is not None:
        values = rectangle(X)
        if values.ndim == 2 and values.shape[1] == len(columns.numbers) + 1:
            X = values[:, :-1]
    return read_table(X, columns.numbers, owner=owner)


def read_last_classes(X: Any, previous: str, names: Sequence[str], *, owner: str) -> IntArray:
    """Read the place of each item's last class in ``names``, -1 where it has none.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array with the last class in its last column
    previous : str
        The column.
    names : sequence of str
        Names of the classes.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    ndarray of int of shape (n_items,)

    Raises
    ------
    DataError
        If the column is missing, or holds something else than names of classes and gaps.
    """
    if kind_of(X) == "array":
        X = rectangle(X)[:, -1:]
    table = read_mixed(X, [previous], owner=owner)
    labels = table[previous]
    known = dict(zip(names, range(len(names)), strict=True))
    places = np.array([known.get(label, -1) for label in labels.tolist()], dtype=np.int64)
    bad = (places < 0) & ~is_missing(labels)
    reject(table, previous, bad, f"a class, one of {', '.join(names)}, or missing")
    return places
