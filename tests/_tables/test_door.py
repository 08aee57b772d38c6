"""The door for tables: every kind goes in, nothing stays behind."""

from __future__ import annotations

import gc
import os
import warnings
import weakref

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue._tables.door import open_table
from custvalue.exceptions import DataError, DataQualityWarning
from support.order_logs import KINDS, as_input, small_log

COLUMNS = {"customer": "customer_id", "paid": "amount"}


def read(X, columns=COLUMNS):
    """Return kind and rows of a table as the door gives them."""
    with open_table(X, columns, owner="The test") as opened:
        return opened.kind, opened.collect(opened.table).to_pylist()


def names_in(connection):
    """Return the names of all tables and views of a connection."""
    found = connection.sql(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal "
        "UNION ALL SELECT table_name FROM duckdb_tables()"
    ).fetchall()
    return [name for (name,) in found]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_rows(kind, tmp_path):
    """Columns are named by the part that they play, rows keep their order."""
    X = as_input(small_log(), kind, tmp_path)
    expected = small_log().rename(columns={"customer_id": "customer", "amount": "paid"})
    assert read(X)[1] == expected[["customer", "paid"]].to_dict("records")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("pandas", "pandas"),
        ("csv", "pandas"),
        ("parquet", "pandas"),
        ("polars", "polars"),
        ("polars lazy", "polars"),
        ("pyarrow", "pyarrow"),
        ("record batch", "pyarrow"),
        ("ibis", "ibis"),
        ("duckdb", "ibis"),
    ],
)
def test_the_kind_is_remembered(kind, expected, tmp_path):
    """The door says what the caller expects back."""
    assert read(as_input(small_log(), kind, tmp_path))[0] == expected


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "csv", "duckdb"])
def test_what_is_kept_is_computed_once(kind, tmp_path):
    """A kept expression can be used again within the block."""
    X = as_input(small_log(), kind, tmp_path)
    with open_table(X, COLUMNS, owner="The test") as opened:
        kept = opened.keep(opened.table.group_by("customer").aggregate(n=lambda t: t.count()))
        counts = opened.collect(kept.aggregate(total=kept["n"].sum(), groups=kept.count()))
    assert counts.to_pylist() == [{"total": 6, "groups": 3}]


def test_an_ibis_table_stays_in_its_own_engine():
    """Nothing is kept there: the expression itself comes back, and no table is made."""
    backend = ibis.duckdb.connect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Ibis' own calls
        backend.raw_sql(
            "CREATE TABLE orders AS SELECT range AS customer_id, 1 AS amount FROM range(6)"
        )
        table = backend.table("orders")
    with open_table(table, COLUMNS, owner="The test") as opened:
        counted = opened.table.count().as_table()
        assert opened.keep(counted) is counted
        assert opened.engine is None
        assert opened.collect(counted).to_pylist() == [{"CountStar()": 6}]
    assert names_in(backend.con) == ["orders"]


def test_nothing_is_left_in_the_connection_of_a_relation():
    """No view, no table, no setting."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE orders AS SELECT 1 AS customer_id, 2.5 AS amount")
    assert read(connection.table("orders"))[1] == [{"customer": 1, "paid": 2.5}]
    assert names_in(connection) == ["orders"]


def test_no_files_are_left(tmp_path, monkeypatch):
    """The working directory is as it was."""
    monkeypatch.chdir(tmp_path)
    small_log().to_csv("orders.csv", index=False)
    read("orders.csv")
    assert os.listdir(tmp_path) == ["orders.csv"]


def test_a_frame_is_not_kept():
    """When the block ends the door has let go of the frame's memory."""
    buffer = np.zeros(10)
    frame = pd.DataFrame({"customer_id": np.arange(10), "amount": buffer}, copy=False)
    watched = weakref.ref(buffer)
    read(frame)
    del frame, buffer
    gc.collect()
    assert watched() is None


def test_the_default_connection_of_duckdb_is_not_touched():
    """Tables that the caller has in DuckDB's shared connection are not seen or changed."""
    before = duckdb.sql("SELECT count(*) FROM duckdb_tables()").fetchall()
    read(small_log())
    assert duckdb.sql("SELECT count(*) FROM duckdb_tables()").fetchall() == before


def test_several_tables_can_be_open_at_once():
    """Blocks inside each other do not meet."""
    other = small_log().head(2)
    with (
        open_table(small_log(), COLUMNS, owner="one") as one,
        open_table(other, COLUMNS, owner="two") as two,
    ):
        assert one.collect(one.table).num_rows == 6
        assert two.collect(two.table).num_rows == 2


@pytest.mark.parametrize(
    "X",
    [None, 3, b"x", [[1]], {"a": [1]}, np.ones((2, 2)), small_log()["amount"], pl.Series([1])],
    ids=lambda X: type(X).__name__,
)
def test_what_is_no_table_is_refused(X):
    """The message names what is welcome and the type found."""
    with pytest.raises(TypeError, match=rf"The test needs a table: .* found .*{type(X).__name__}$"):
        read(X)


def test_a_missing_column_is_refused_by_every_kind(tmp_path):
    """The message names the owner and what was found."""
    for kind in KINDS:
        folder = tmp_path / kind.replace(" ", "-")
        folder.mkdir()
        X = as_input(small_log(), kind, folder)
        with pytest.raises(DataError, match="needs the columns who; missing: who; found: cust"):
            read(X, {"customer": "who"})


def test_an_unreadable_file_is_refused(tmp_path):
    """The message names the file."""
    (tmp_path / "x.parquet").write_bytes(b"this is no Parquet file at all")
    with pytest.raises(DataError, match=r"x.parquet' must be readable as a table; "):
        read(tmp_path / "x.parquet")


def test_a_file_that_breaks_off_its_types_is_refused(tmp_path):
    """A value far down that does not fit the type of its column is a DataError of that file."""
    lines = ["customer_id,amount", *["1,2.5"] * 50_000, "1,rubbish"]
    (tmp_path / "x.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"x.csv' must be readable as a table; .*Line: 50002"):
        read(tmp_path / "x.csv")


def test_instants_of_an_ibis_table_are_said_to_be_those_of_the_session():
    """The zone is the engine's affair there."""
    table = ibis.table({"customer_id": "int64", "amount": "timestamp('UTC')"}, name="orders")
    message = "'amount' of X .* of the engine's session"
    with (
        pytest.warns(DataQualityWarning, match=message),
        open_table(table, COLUMNS, owner="The test"),
    ):
        pass
