"""What a table of any kind calls its columns, before it is read."""

from __future__ import annotations

import os
import warnings
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from custvalue._tables.engine import private_engine, readable
from custvalue._tables.files import read_files
from custvalue.exceptions import DataQualityWarning

__all__ = ["names_of_columns"]


def names_of_columns(X: Any) -> list[Any]:
    """Return the names of the columns of a table of any kind; none for what is no table.

    Parameters
    ----------
    X : any table that ``open_table`` takes

    Returns
    -------
    list

    Raises
    ------
    DataError
        If a file is missing or unreadable.
    """
    if isinstance(X, (str, os.PathLike)):
        return _names_in_files(X)
    if isinstance(X, (pa.Table, pa.RecordBatch, pa.RecordBatchReader, ds.Dataset)):
        return list(X.schema.names)
    if type(X).__module__.split(".")[0] == "polars" and hasattr(X, "collect_schema"):
        return list(X.collect_schema().names())
    return list(getattr(X, "columns", ()))


def _names_in_files(path: str | os.PathLike[str]) -> list[Any]:
    # The door reads the files again and says then what is to be said of their dates.
    with (
        warnings.catch_warnings(),
        private_engine() as engine,
        readable(repr(os.fspath(path))),
    ):
        warnings.simplefilter("ignore", DataQualityWarning)
        return list(read_files(path, engine.connection).columns)
