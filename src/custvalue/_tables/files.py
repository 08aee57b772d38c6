"""Parquet and CSV files, by path or glob, as relations of a private DuckDB."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Sequence
from typing import Any

import duckdb

from custvalue.exceptions import DataError, DataQualityWarning

_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".csv.zst", ".tsv.zst")
_ISO = (None, "", "%Y-%m-%d")

__all__ = ["matching_files", "read_files"]


def read_files(
    path: str | os.PathLike[str], connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Return the rows of one or many files, in the order of the files' names.

    Columns of several files are matched by name. Dates of a CSV file that are not written as
    YYYY-MM-DD but recognised all the same are reported with a warning.

    Parameters
    ----------
    path : str or path-like
        A file, or a glob such as ``"orders/*.parquet"``.
    connection : duckdb.DuckDBPyConnection
        A private connection.

    Returns
    -------
    duckdb.DuckDBPyRelation

    Raises
    ------
    DataError
        If no file matches, or they are neither all Parquet nor all CSV.
    """
    files = matching_files(os.fspath(path))
    # The engine takes every name for a pattern.
    patterns = [glob.escape(name) for name in files]
    if _all_end(files, _PARQUET):
        return connection.read_parquet(patterns, union_by_name=len(files) > 1)
    if not _all_end(files, _CSV):
        raise DataError(
            f"{os.fspath(path)!r} must name Parquet files ({', '.join(_PARQUET)}) or CSV files "
            f"({', '.join(_CSV)}); found {os.path.basename(files[0])!r} among {len(files)} file(s)"
        )
    _warn_of_dates(patterns, connection)
    read_csv: Any = connection.read_csv  # its type hints leave out lists
    relation: duckdb.DuckDBPyRelation = read_csv(
        patterns, union_by_name=len(files) > 1, header=True
    )
    return relation


def matching_files(path: str) -> list[str]:
    """Return the files that a path or glob names, in order.

    Raises
    ------
    DataError
        If there is none.
    """
    found = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
    files = [name for name in found if os.path.isfile(name)]
    if not files:
        kind = "is a folder" if found else "does not exist"
        raise DataError(
            f"X must name a file or a glob that matches one; found {path!r}, which {kind}"
        )
    return files


def _all_end(files: Sequence[str], endings: tuple[str, ...]) -> bool:
    return all(name.lower().endswith(endings) for name in files)


def _warn_of_dates(patterns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Say how dates were read where the file leaves room for another reading."""
    for pattern in patterns:
        form = _date_format(pattern, connection)
        if form not in _ISO:
            warnings.warn(
                f"dates in {os.path.basename(pattern)!r} were read as {form}; write them as "
                "YYYY-MM-DD to leave no doubt",
                DataQualityWarning,
                stacklevel=2,
            )


def _date_format(pattern: str, connection: duckdb.DuckDBPyConnection) -> str | None:
    [(form,)] = connection.execute(
        "SELECT coalesce(DateFormat, TimestampFormat) FROM sniff_csv(?)", [pattern]
    ).fetchall()
    return None if form is None else str(form)
