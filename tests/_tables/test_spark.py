"""Spark DataFrames: read through a view that goes again, computed in their own session."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from custvalue._tables.columns import names_of_columns
from custvalue._tables.door import open_table
from custvalue._tables.spark import SparkEngine, is_spark, spark_engine
from custvalue.exceptions import DataError
from support.order_logs import small_log
from support.spark import spark_frame, spark_session

pytestmark = pytest.mark.xdist_group("spark")
COLUMNS = {"customer": "customer_id", "date": "date"}


@pytest.fixture(scope="module")
def frame():
    """Return six orders in Spark."""
    return spark_frame(small_log())


def test_what_is_a_spark_frame(frame):
    """It is known by its class; a pandas frame is none."""
    assert is_spark(frame)
    assert not is_spark(small_log())
    assert not is_spark(spark_session())
    assert names_of_columns(frame) == ["customer_id", "date", "amount"]


def test_rows_are_counted_by_spark_and_the_view_goes(frame):
    """Columns have the names of their parts; nothing stays in the catalogue."""
    with spark_engine(frame, COLUMNS, "The test") as (engine, table):
        assert isinstance(engine, SparkEngine)
        assert table.columns == ("customer", "date")
        counted = table.group_by("customer").aggregate(n=table.count())
        later = engine.frame(counted)
        assert sorted(engine.collect(counted).to_pylist(), key=str) == [
            {"customer": "a", "n": 2},
            {"customer": "b", "n": 1},
            {"customer": "c", "n": 3},
        ]
    assert spark_session().catalog.listTables() == []
    assert later.count() == 3


def test_times_come_as_the_clock_of_the_session(frame):
    """They have no zone, whatever Spark sends."""
    with open_table(frame, COLUMNS, owner="The test") as opened:
        assert (opened.kind, opened.private, opened.numbered) == ("spark", False, False)
        assert opened.keep(opened.table) is opened.table
        first = opened.collect(opened.table.order_by("date").limit(1)).to_pylist()
        assert first == [{"customer": "a", "date": datetime.datetime(2024, 1, 1)}]


def test_names_that_differ_in_capitals_or_hold_dots_are_told_apart():
    """Spark itself would find neither."""
    odd = pd.DataFrame({"a.b`c": [1], "A.B`C": [2]})
    with open_table(spark_frame(odd), {"one": "A.B`C"}, owner="The test") as opened:
        assert opened.collect(opened.table).to_pylist() == [{"one": 2}]


def test_a_missing_column_is_refused(frame):
    """As by every other table."""
    with (
        pytest.raises(DataError, match="The test needs the columns who; missing: who; found: cust"),
        spark_engine(frame, {"customer": "who"}, "The test"),
    ):
        pytest.fail("the block must not be entered")


def test_what_spark_cannot_compute_is_an_unreadable_table(frame):
    """The first line of what Spark says is passed on."""
    broken = frame.selectExpr("raise_error('the disk is gone') AS customer_id", "date")
    with (
        open_table(broken, COLUMNS, owner="The test") as opened,
        pytest.raises(DataError, match="X must be readable as a table; Spark says: .*disk is gone"),
    ):
        opened.collect(opened.table)


def test_a_session_of_spark_connect_is_refused():
    """Its views do not outlive the block; the message says what to do."""
    module = "pyspark.sql.connect.dataframe"
    remote = type("DataFrame", (), {"__module__": module, "sparkSession": None})()
    with (
        pytest.raises(TypeError, match="needs a DataFrame of a classic Spark session; .*Parquet"),
        open_table(remote, COLUMNS, owner="The test"),
    ):
        pytest.fail("the block must not be entered")
