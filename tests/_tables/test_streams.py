"""Arrow readers and datasets as streams of the columns asked for."""

from __future__ import annotations

import datetime

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from custvalue._tables.streams import ArrowStream, dataset_stream, reader_stream
from custvalue.exceptions import DataError

TABLE = pa.table(
    {
        "a.b": pa.array(["x", "y", None, "x"]).dictionary_encode(),
        "when": pa.array([datetime.datetime(2024, 1, 2, 0, 30)] * 4).cast(
            pa.timestamp("ms", "Asia/Tokyo")
        ),
        "other": [1, 2, 3, 4],
    }
)
COLUMNS = {"customer": "a.b", "date": "when"}


def reader():
    """Return a reader of two batches."""
    return pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches(max_chunksize=2))


def rows_of(stream):
    """Return the rows of a stream as DuckDB reads them."""
    with duckdb.connect() as connection:
        connection.register("rows", stream)
        return connection.sql("SELECT * FROM rows").fetchall()


def test_the_columns_of_a_reader_are_plain_and_named_by_part():
    """Categories are what they stand for, times the wall clock of their zone, in order."""
    stream = reader_stream(reader(), COLUMNS, "The test")
    assert stream.schema.names == ["customer", "date"]
    assert stream.schema.field("customer").type == pa.string()
    clock = datetime.datetime(2024, 1, 2, 9, 30)
    assert rows_of(stream) == [(name, clock) for name in ("x", "y", None, "x")]


def test_a_dataset_is_read_at_every_use(tmp_path):
    """Files of a folder are one table; only the columns asked for are read."""
    for number in (1, 2):
        pq.write_table(TABLE, tmp_path / f"{number}.parquet")
    stream = dataset_stream(ds.dataset(tmp_path), {"n": "other"}, "The test")
    assert rows_of(stream) == rows_of(stream) == [(n,) for n in (1, 2, 3, 4, 1, 2, 3, 4)]


def test_a_missing_column_is_refused_before_anything_is_read():
    """The reader is still whole after the error."""
    whole = reader()
    with pytest.raises(DataError, match="The test needs the columns who; missing: who; found: a.b"):
        reader_stream(whole, {"customer": "who"}, "The test")
    assert whole.read_all().num_rows == 4


def test_a_stream_speaks_the_protocol_of_arrow():
    """Any library that reads streams takes it, schema first."""
    stream = ArrowStream(TABLE.schema, lambda: iter(TABLE.to_batches()))
    assert pa.schema(stream) == TABLE.schema
    assert pa.RecordBatchReader.from_stream(stream).read_all() == TABLE
