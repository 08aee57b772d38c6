"""DuckDB relations: columns by part, instants in UTC, streams across connections."""

from __future__ import annotations

import datetime

import duckdb
import pyarrow as pa
import pytest

from custvalue._tables.relations import (
    RelationStream,
    arrow_schema,
    choose_columns,
    warn_of_instants,
)
from custvalue.exceptions import DataError, DataQualityWarning


@pytest.fixture
def connection():
    """Return a connection that ends with the test."""
    with duckdb.connect() as opened:
        yield opened


def test_columns_are_chosen_and_renamed(connection):
    """Names with quotes, dots and words of SQL are names like any other."""
    relation = connection.sql('SELECT 1 AS "a.b", 2 AS "from ""x""", 3 AS other')
    chosen = choose_columns(relation, {"one": 'from "x"', "two": "a.b"}, "The test", "X")
    assert chosen.to_arrow_table().to_pylist() == [{"one": 2, "two": 1}]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_instants_are_times_in_utc_whatever_the_session(zone, connection):
    """The caller's time zone does not change the day; a warning names the column."""
    connection.execute("SET TimeZone = ?", [zone])
    relation = connection.sql("SELECT TIMESTAMPTZ '2024-01-02 00:30:00+09' AS x")
    with pytest.warns(DataQualityWarning, match="column 'x' of X holds instants .* of UTC"):
        chosen = choose_columns(relation, {"date": "x"}, "The test", "X")
    found = chosen.to_arrow_table()
    assert found["date"].type == pa.timestamp("us")
    assert found["date"].to_pylist() == [datetime.datetime(2024, 1, 1, 15, 30)]


def test_a_missing_column_is_refused(connection):
    """The message lists the columns of the relation."""
    with pytest.raises(DataError, match="The test needs the columns y; missing: y; found: x"):
        choose_columns(connection.sql("SELECT 1 AS x"), {"part": "y"}, "The test", "X")


def test_the_schema_is_known_without_reading(connection):
    """A relation whose rows cannot be computed has a schema all the same."""
    relation = connection.sql("SELECT 1 AS a, CAST(v AS INT) AS b FROM (VALUES ('x')) t(v)")
    assert arrow_schema(relation).names == ["a", "b"]


def test_a_stream_can_be_read_in_another_connection_and_again(connection):
    """Each reading starts anew; nothing is left in either connection."""
    connection.execute("CREATE TABLE t AS SELECT range AS x FROM range(1000)")
    stream = RelationStream(connection.table("t"))
    with duckdb.connect() as other:
        other.register("rows", stream)
        for _ in range(2):
            assert other.sql("SELECT sum(x) FROM rows").fetchall() == [(499_500,)]
    views = connection.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall()
    assert views == [(0,)]


def test_the_warning_of_instants_says_which_zone_is_taken():
    """Column, table and zone are named."""
    with pytest.warns(DataQualityWarning, match=r"'day' of 'x.csv' holds .* days are those of Z$"):
        warn_of_instants("day", "'x.csv'", "Z")
