"""Frames in memory: the columns asked for, in plain types, without needless copies."""

from __future__ import annotations

import datetime
import decimal
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._tables.frames import from_pandas, from_polars, from_pyarrow
from custvalue.exceptions import DataError

COLUMN = {"part": "x"}


def read(values, **options):
    """Return one pandas column as Arrow."""
    return from_pandas(pd.DataFrame({"x": pd.Series(values, **options)}), COLUMN, "The test")[
        "part"
    ]


def test_columns_are_renamed_to_their_parts_in_order():
    """Whatever the order and the other columns of the frame."""
    columns = {"customer": "id", "date": "day"}
    frame = pd.DataFrame({"day": [1], "other": [object()], "id": ["a"]})
    assert from_pandas(frame, columns, "").column_names == ["customer", "date"]
    plain = frame.drop(columns="other")
    assert from_polars(pl.from_pandas(plain), columns, "").column_names == ["customer", "date"]
    arrow = pa.Table.from_pandas(plain)
    assert from_pyarrow(arrow, columns, "").column_names == ["customer", "date"]


@pytest.mark.parametrize("values", [np.arange(5), np.arange(5) / 2])
def test_numbers_are_not_copied(values):
    """The Arrow column lies on the memory of the frame."""
    frame = pd.DataFrame({"x": values}, copy=False)
    column = from_pandas(frame, COLUMN, "")["part"].chunk(0)
    found = np.frombuffer(column.buffers()[1], dtype=values.dtype)
    assert np.shares_memory(found, frame["x"].to_numpy())


@pytest.mark.parametrize(
    ("values", "options", "kind"),
    [
        ([1, None], {"dtype": "Int64"}, pa.int64()),
        ([1.5, np.nan], {}, pa.float64()),
        (["a", None], {}, pa.large_string()),
        (["a", None], {"dtype": object}, pa.string()),
        ([datetime.date(2024, 1, 1), None], {"dtype": object}, pa.date32()),
        ([pd.Timestamp("2024-01-01"), pd.NaT], {}, pa.timestamp("us")),
        ([decimal.Decimal("1.50"), None], {"dtype": object}, pa.decimal128(3, 2)),
        ([None, None], {"dtype": object}, pa.null()),
    ],
)
def test_missing_values_of_all_kinds_are_missing(values, options, kind):
    """None, NaN, NaT and NA are one thing in Arrow."""
    column = read(values, **options)
    assert column.type == kind
    assert column.null_count == sum(value is None or value != value for value in values)


def test_categories_are_what_they_stand_for():
    """Dictionaries are decoded, of text and of dates."""
    assert read(["b", "a", "b"], dtype="category").to_pylist() == ["b", "a", "b"]
    days = pd.to_datetime(["2024-01-01", "2024-01-02"])
    assert read(days, dtype="category").type == pa.timestamp("us")
    frame = pl.DataFrame({"x": pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"]))})
    assert from_polars(frame, COLUMN, "")["part"].to_pylist() == ["b", "a"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "+05:30"])
def test_times_with_a_zone_become_those_of_the_wall_clock(zone):
    """The zone is taken off, the clock stays."""
    noon = datetime.datetime(2024, 7, 1, 12)
    times = pd.Series([noon]).dt.tz_localize(zone)
    frame = pd.DataFrame({"x": times})
    assert from_pandas(frame, COLUMN, "")["part"].to_pylist() == [noon]
    assert from_pyarrow(pa.Table.from_pandas(frame), COLUMN, "")["part"].to_pylist() == [noon]


def test_polars_times_with_a_zone_become_those_of_the_wall_clock():
    """Eager and lazy frames alike."""
    noon = datetime.datetime(2024, 7, 1, 12)
    frame = pl.DataFrame({"x": [noon]}).with_columns(pl.col("x").dt.replace_time_zone("Asia/Tokyo"))
    assert from_polars(frame, COLUMN, "")["part"].to_pylist() == [noon]
    assert from_polars(frame.lazy(), COLUMN, "")["part"].to_pylist() == [noon]


def test_half_precision_is_widened():
    """No engine knows numbers of 16 bits."""
    assert read([0.5], dtype="float16").type == pa.float32()


def test_a_lazy_frame_reads_only_what_is_asked_for(tmp_path):
    """Columns that are not named stay on disk: one that cannot be computed does no harm."""
    frame = pl.LazyFrame({"x": [1], "y": ["no number"]})
    broken = frame.with_columns(pl.col("y").cast(pl.Int64, strict=True))
    assert from_polars(broken, COLUMN, "")["part"].to_pylist() == [1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, "a", 2, "b"], r"row 1 has x='a' of str among int \(2 such rows\)$"),
        ([None, "a", datetime.date(2024, 1, 1)], r"row 2 has x=.* of date among str \(1 such row"),
        ([object(), object()], "found dtype object: Could not convert"),
        ([2**70, 1], "found dtype object: .*too large"),
    ],
)
def test_objects_without_a_common_type_are_refused(values, message):
    """The message names the first value that differs from the first type, and their number."""
    with pytest.raises(DataError, match=f"column 'x' must hold values of one type .*{message}"):
        read(values, dtype=object)


@pytest.mark.parametrize(
    ("values", "dtype", "found"),
    [
        ([[1], [2]], object, "list<"),
        ([{"a": 1}], object, "struct<"),
        (pd.period_range("2024-01", periods=2, freq="M"), None, "extension<pandas.period"),
        (pd.cut([1, 2], 2), None, "extension<pandas.interval"),
    ],
)
def test_what_no_engine_orders_is_refused(values, dtype, found):
    """Lists, foreign types and categories of them are named."""
    with pytest.raises(DataError, match=f"'x' must hold numbers, text or dates; found {found}"):
        read(values, dtype=dtype)


def test_polars_objects_are_refused():
    """A column of Python objects cannot be read."""
    frame = pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(DataError, match="'x' must hold values of one type; found Python objects"):
        from_polars(frame, COLUMN, "")


@pytest.mark.parametrize(
    "frame",
    [pd.DataFrame({"y": [1]}), pl.DataFrame({"y": [1]}), pa.table({"y": [1]})],
    ids=["pandas", "polars", "pyarrow"],
)
def test_a_missing_column_is_refused(frame):
    """Every kind of frame names the columns that it has."""
    read_frame = {"pandas": from_pandas, "polars": from_polars, "pyarrow": from_pyarrow}
    with pytest.raises(DataError, match="missing: x; found: y"):
        read_frame[type(frame).__module__.split(".")[0]](frame, COLUMN, "The test")


def test_uuids_are_text():
    """Digits and hyphens as engines write them, in chunks or none, with holes."""
    ids = [uuid.UUID(int=one) for one in (0, 1, 2**128 - 1, 0x0123456789ABCDEF << 60)]
    holes = pa.chunked_array([pa.array([ids[0], None], pa.uuid()), pa.array(ids[1:], pa.uuid())])
    for column in (holes, holes.slice(0, 0), holes.slice(1, 2)):
        found = from_pyarrow(pa.table({"id": column}), {"who": "id"}, "The test")["who"]
        expected = [None if one is None else str(one) for one in column.to_pylist()]
        assert (found.type, found.to_pylist()) == (pa.string(), expected)
