"""Customers in chunks: from a frame, from the row groups of Parquet files, or from an engine."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from custvalue._estimator.door import kind_of
from custvalue._tables.columns import names_of_columns
from custvalue._tables.door import OpenTable, open_table
from custvalue._tables.engine import Engine
from custvalue.exceptions import DataError

__all__ = [
    "PARQUET_ENDINGS",
    "Part",
    "arrow_of",
    "common_schema",
    "engine_chunks",
    "is_frame",
    "nullable_frame",
    "parquet_files",
    "parts_of",
    "read_part",
]

PARQUET_ENDINGS = (".parquet", ".pq")


_UNNAMED = re.compile(r"^__index_level_0__$")
_NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring row groups of one Parquet file.

    Attributes
    ----------
    path : str
    groups : tuple of int
    start, stop : int
        Rows of the file, the last one excluded.
    """

    path: str
    groups: tuple[int, ...]
    start: int
    stop: int

    @property
    def label(self) -> str:
        """Where the rows are, for messages."""
        return repr(os.path.basename(self.path))


def arrow_of(frame: Any) -> pa.Table:
    """Return a frame as Arrow; the index of pandas, where it is one of ids, is the first column.

    Parameters
    ----------
    frame : pandas or polars frame, or pyarrow.Table

    Returns
    -------
    pyarrow.Table
    """
    if isinstance(frame, pa.Table):
        return frame
    if not isinstance(frame, pd.DataFrame):
        return frame.to_arrow()
    index = frame.index
    counted = isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)
    plain = counted and index.name is None
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if plain:
        return table.replace_schema_metadata(None)
    levels = [frame.index.get_level_values(i) for i in range(frame.index.nlevels)]
    ids = [pa.array(level, from_pandas=True) for level in levels]
    names = [*_label_names(frame.index), *table.column_names]
    return pa.table([*ids, *table.columns], names=names)


def parquet_files(data: Any) -> list[str] | None:
    """Return the Parquet files that a path or glob names, in order; None for anything else.

    Parameters
    ----------
    data : object

    Returns
    -------
    list of str or None

    Raises
    ------
    DataError
        If no file is there.
    """
    if not isinstance(data, (str, os.PathLike)):
        return None
    name = os.fspath(data)
    found = [name] if os.path.isfile(name) else sorted(glob.glob(name, recursive=True))
    files = [one for one in found if os.path.isfile(one)]
    if not files:
        raise DataError(f"data must name a file or a glob that matches one; found {name!r}")
    return files if all(one.lower().endswith(PARQUET_ENDINGS) for one in files) else None


def parts_of(files: Sequence[str], chunk_rows: int) -> list[Part]:
    """Return runs of row groups of about so many rows; a larger row group is one part.

    Parameters
    ----------
    files : sequence of str
    chunk_rows : int

    Returns
    -------
    list of Part
    """
    return [part for path in files for part in _parts_of_file(path, chunk_rows)]


def common_schema(files: Sequence[str]) -> pa.Schema:
    """Return one schema for the columns of all files, those that pandas kept as index in front.

    Parameters
    ----------
    files : sequence of str

    Returns
    -------
    pyarrow.Schema

    Raises
    ------
    DataError
        If a column has types that do not go together.
    """
    schemas = [pq.read_schema(one) for one in files]
    first = schemas[0]
    plain = [one.remove_metadata() for one in schemas]
    try:
        whole = pa.unify_schemas(plain, promote_options="permissive")
    except pa.ArrowTypeError as error:
        raise DataError(
            f"the {len(files)} files must have columns of types that go together; {error}"
        ) from error
    said = json.loads((first.metadata or {}).get(b"pandas", b"{}"))
    stored = [one for one in said.get("index_columns", []) if one in whole.names]
    order = [*stored, *(name for name in whole.names if name not in stored)]
    return pa.schema([whole.field(name) for name in order])


def read_part(part: Part, schema: pa.Schema) -> pa.Table:
    """Return the rows of a part.

    Parameters
    ----------
    part : Part
    schema : pyarrow.Schema
        What ``common_schema`` gave; columns that the file lacks are left out.

    Returns
    -------
    pyarrow.Table
        An index that pandas stored without a name is called "index".
    """
    with pq.ParquetFile(part.path) as file:
        table = file.read_row_groups(list(part.groups)).replace_schema_metadata(None)
    own = pa.schema([field for field in schema if field.name in table.column_names])
    cast = table.select(own.names).cast(own)
    return cast.rename_columns([_UNNAMED.sub("index", name) for name in own.names])


def nullable_frame(table: pa.Table) -> pd.DataFrame:
    """Return pandas columns in which whole numbers beside missing ones stay whole.

    Parameters
    ----------
    table : pyarrow.Table

    Returns
    -------
    pandas.DataFrame
    """
    frame: pd.DataFrame = table.to_pandas()
    gaps = [
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if pa.types.is_integer(column.type) and column.null_count
    ]
    if gaps:
        whole = table.select(gaps).to_pandas(types_mapper=_NULLABLE.get)
        frame = frame.assign(**{name: whole[name] for name in gaps})
    return frame


def is_frame(data: Any) -> bool:
    """Return whether the data are a frame or an array in memory."""
    if isinstance(data, (str, os.PathLike)):
        return False
    try:
        return kind_of(data) != "array" or isinstance(data, np.ndarray)
    except TypeError:
        return False


@contextmanager
def engine_chunks(data: Any, chunk_rows: int, owner: str) -> Iterator[Iterator[pa.Table]]:
    """Give the rows of a table in an engine, so many at a time.

    Parameters
    ----------
    data : what ``open_table`` takes
    chunk_rows : int
    owner : str

    Yields
    ------
    iterator of pyarrow.Table
    """
    names = [str(name) for name in names_of_columns(data)]
    parts = {f"c{i}": name for i, name in enumerate(names)}
    with open_table(data, parts, owner=owner) as opened:
        batches = _batches(opened, chunk_rows)
        yield (pa.Table.from_batches([batch]).rename_columns(names) for batch in batches)


def _batches(opened: OpenTable, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    """Return the rows in batches; a table of the caller's own engine is fetched whole."""
    if isinstance(opened.engine, Engine):
        query = opened.engine.backend.compile(opened.table)
        yield from opened.engine.connection.sql(query).to_arrow_reader(chunk_rows)
    else:
        yield from opened.collect(opened.table).to_batches(max_chunksize=chunk_rows)


def _label_names(index: pd.Index) -> list[str]:
    """Return names for the levels of an index."""
    spare = ["index"] if index.nlevels == 1 else [f"index_{i}" for i in range(index.nlevels)]
    return [
        other if name is None else str(name) for name, other in zip(index.names, spare, strict=True)
    ]


def _parts_of_file(path: str, chunk_rows: int) -> Iterator[Part]:
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    groups: list[int] = []
    start = stop = 0
    for group, size in enumerate(sizes):
        if groups and stop - start + size > chunk_rows:
            yield Part(path, tuple(groups), start, stop)
            groups, start = [], stop
        groups.append(group)
        stop += size
    if groups:
        yield Part(path, tuple(groups), start, stop)
