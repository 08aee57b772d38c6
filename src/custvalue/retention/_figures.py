"""Figures handed to a function, numbers and arrays alike, as columns of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table, read_table
from custvalue._typing import AnyArray, BoolArray

__all__ = ["are_endless", "put_endless", "read_figures"]


def read_figures(figures: Mapping[str, Any], owner: str, *, endless: str | None = None) -> Table:
    """Return numbers, arrays and Series as columns of equal length.

    Parameters
    ----------
    figures : mapping of str to number or array-like of shape (n_rows,)
        By name. A number stands for every row.
    owner : str
        Who asks, for messages.
    endless : str or None
        The figure that may be inf.

    Returns
    -------
    Table
        Of one row where there are numbers alone; its index is that of the Series, if there is one.

    Raises
    ------
    custvalue.exceptions.DataError
        If a value is not a finite number, or there are no rows.
    ValueError
        If an array is not 1-D, lengths differ, or the indexes of two Series differ.

    Examples
    --------
    >>> read_figures({"a": [1, 2], "b": 3}, "this function").columns
    {'a': array([1., 2.]), 'b': array([3., 3.])}
    """
    index = _shared_index(figures)
    arrays = {name: _as_array(values, name, owner) for name, values in figures.items()}
    shapes = {name: one.shape for name, one in arrays.items() if one.ndim}
    if len(set(shapes.values())) > 1 or any(len(shape) > 1 for shape in shapes.values()):
        found = ", ".join(f"{name} of shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"{owner} needs numbers or 1-D arrays of one length; found {found}")
    shape = next(iter(shapes.values()), (1,))
    columns = {name: np.broadcast_to(one, shape) for name, one in arrays.items()}
    rows = None if endless is None or endless not in columns else are_endless(columns[endless])
    if endless is None or rows is None or not rows.any():
        return read_table(pd.DataFrame(columns, index=index), tuple(columns), owner=owner)
    columns[endless] = np.where(rows, 0.0, columns[endless])
    table = read_table(pd.DataFrame(columns, index=index), tuple(columns), owner=owner)
    return put_endless(table, endless, rows)


def are_endless(values: AnyArray) -> BoolArray:
    """Return where values are inf, which the door for tables refuses.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of bool of shape (n_rows,)
    """
    if values.dtype.kind == "f":
        return np.asarray(values == np.inf)
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=bool)
    found = [isinstance(one, float | np.floating) and one == np.inf for one in values]
    return np.array(found, dtype=bool)


def put_endless(table: Table, name: str, rows: BoolArray) -> Table:
    """Return a table with inf in some rows of a column.

    Parameters
    ----------
    table : Table
    name : str
    rows : ndarray of bool of shape (n_rows,)

    Returns
    -------
    Table
    """
    column = np.where(rows, np.inf, table[name])
    return replace(table, columns={**table.columns, name: column})


def _as_array(values: Any, name: str, owner: str) -> AnyArray:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"{owner} needs numbers or 1-D arrays; found {name} with parts of different shapes"
        ) from error


def _shared_index(figures: Mapping[str, Any]) -> pd.Index | None:
    """Return the index of the Series given; two Series must have the same."""
    named = {name: one.index for name, one in figures.items() if isinstance(one, pd.Series)}
    if not named:
        return None
    first = next(iter(named))
    for name, index in named.items():
        if not index.equals(named[first]):
            raise ValueError(
                f"all Series must have one index; found another in {name} than in {first}"
            )
    return named[first]
