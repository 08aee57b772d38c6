"""Arrow readers and datasets as streams: only the columns asked for, one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from custvalue._tables.frames import from_pyarrow

__all__ = ["ArrowStream", "dataset_stream", "reader_stream"]


class ArrowStream:
    """Batches of the columns asked for, as an object that speaks Arrow's protocol for streams.

    Parameters
    ----------
    schema : pyarrow.Schema
    batches : callable
        Gives the batches, anew at every call where they can be read again.
    """

    def __init__(self, schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        self.schema = schema
        self.batches = batches

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        reader = pa.RecordBatchReader.from_batches(self.schema, self.batches())
        return reader.__arrow_c_stream__(requested_schema)


def reader_stream(
    reader: pa.RecordBatchReader, columns: Mapping[str, str], owner: str
) -> ArrowStream:
    """Return the columns of a reader, named by the part they play; it can be read once.

    Parameters
    ----------
    reader : pyarrow.RecordBatchReader
    columns : mapping of str to str
        From the part that a column plays to its name.
    owner : str
        Who asks, for messages.

    Returns
    -------
    ArrowStream

    Raises
    ------
    DataError
        If a column is missing or double, or of a type that has no order.
    """
    return _stream(reader.schema, lambda: iter(reader), columns, owner)


def dataset_stream(dataset: ds.Dataset, columns: Mapping[str, str], owner: str) -> ArrowStream:
    """Return the columns of a dataset, named by the part they play; it is read at every use.

    Parameters
    ----------
    dataset : pyarrow.dataset.Dataset
    columns : mapping of str to str
    owner : str

    Returns
    -------
    ArrowStream

    Raises
    ------
    DataError
        If a column is missing or double, or of a type that has no order.
    """
    names = list(columns.values())

    def batches() -> Iterator[pa.RecordBatch]:
        return iter(dataset.scanner(columns=names).to_batches())

    return _stream(dataset.schema, batches, columns, owner)


def _stream(
    schema: pa.Schema,
    batches: Callable[[], Iterator[Any]],
    columns: Mapping[str, str],
    owner: str,
) -> ArrowStream:
    plain = from_pyarrow(schema.empty_table(), columns, owner).schema

    def chosen() -> Iterator[pa.RecordBatch]:
        for batch in batches():
            yield from from_pyarrow(batch, columns, owner).to_batches()

    return ArrowStream(plain, chosen)
