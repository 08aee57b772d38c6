"""Tables that live in an engine: their equal rows are counted there, and only these travel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["MOST_ROWS", "distinct_rows", "is_engine_table", "names_for_engine"]

MOST_ROWS = 5_000_000
"""Distinct rows that may leave an engine: 120 MB of three columns."""
_ENGINES = ("ibis", "duckdb", "_duckdb", "pyspark")
_REMEDY = (
    "Reduce them by choice: custvalue.transactions.compressed_summary(X, reduce='bin' or "
    "'sample', ...) gives rows and weights for fit"
)


def is_engine_table(X: Any) -> bool:
    """Return whether X is a table of an engine or a path, without loading any engine.

    Parameters
    ----------
    X : object

    Returns
    -------
    bool
    """
    if isinstance(X, os.PathLike) or (isinstance(X, str) and bool(X)):
        return True
    package = type(X).__module__.split(".")[0]
    lazy = package == "polars" and hasattr(X, "collect_schema") and not hasattr(X, "get_column")
    unread = package == "pyarrow" and hasattr(X, "schema") and not hasattr(X, "column_names")
    return package in _ENGINES or lazy or unread


def names_for_engine(wanted: Any, parameter: str) -> tuple[str, ...]:
    """Return the columns that a parameter names; a selector cannot look into an engine.

    Parameters
    ----------
    wanted : sequence of str or callable
    parameter : str
        For the message.

    Returns
    -------
    tuple of str

    Raises
    ------
    TypeError
        If it is a callable.
    """
    if callable(wanted):
        raise TypeError(
            f"{parameter} may be a column selector for a pandas frame only; name the columns of a "
            "table in an engine"
        )
    return tuple(wanted)


def distinct_rows(
    X: Any, names: Sequence[str], sample_weight: Any, owner: str
) -> tuple[pd.DataFrame, FloatArray]:
    """Return the distinct rows of a table in an engine, and how many customers each stands for.

    Parameters
    ----------
    X : table in an engine, or path
    names : sequence of str
    sample_weight : str or None
        Column of weights.
    owner : str

    Returns
    -------
    rows : pandas.DataFrame of shape (n_distinct, n_columns)
    counts : ndarray of shape (n_distinct,)

    Raises
    ------
    TypeError
        If the weights are not a column of the table.
    DataError
        If a column is missing or not of numbers, or more rows would travel than may.
    """
    from custvalue._tables.counted_rows import counted_rows
    from custvalue._tables.parquet_notes import parquet_attrs

    if sample_weight is not None and not isinstance(sample_weight, str):
        raise TypeError(
            "sample_weight must name a column where X is a table in an engine; found "
            f"{type(sample_weight).__name__}"
        )
    found = counted_rows(
        X, names, owner=owner, most=MOST_ROWS, remedy=_REMEDY, weight=sample_weight
    )
    frame = pd.DataFrame(found.columns)
    frame.attrs.update(parquet_attrs(X))
    frame.index = pd.RangeIndex(len(frame), name="distinct_row")
    return frame, found.counts
