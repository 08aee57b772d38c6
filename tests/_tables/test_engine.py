"""The private engine: silent, alone, and gone after use."""

from __future__ import annotations

import os
import re
import tempfile

import duckdb
import ibis
import pyarrow as pa
import pytest

from custvalue._tables.engine import collect, memory_limit, private_engine, readable
from custvalue.exceptions import DataError

ROWS = pa.table({"a": [1, 2, 3]})


def test_tables_can_be_registered_kept_and_collected():
    """An expression on a registered table is computed once and read back."""
    with private_engine() as engine:
        table = engine.register(ROWS, ROWS.schema)
        kept = engine.keep(table.mutate(b=table["a"] * 2), "X")
        assert collect(kept, engine, "X")["b"].to_pylist() == [2, 4, 6]


def test_what_is_kept_is_not_computed_again():
    """A kept table stays as it was when its source is gone."""
    with private_engine() as engine:
        kept = engine.keep(engine.register(ROWS, ROWS.schema), "X")
        engine.connection.unregister("custvalue_0")
        assert collect(kept, engine, "X").num_rows == 3


def test_a_relation_becomes_a_view():
    """A relation of the same connection is read where it is."""
    with private_engine() as engine:
        table = engine.view(engine.connection.sql("SELECT 7 AS a"))
        assert collect(table, engine, "X").to_pylist() == [{"a": 7}]


def test_the_connection_is_closed_after_use():
    """Also after an error within the block."""
    with pytest.raises(KeyError), private_engine() as engine:
        raise KeyError
    with pytest.raises(duckdb.Error):
        engine.connection.execute("SELECT 1")


def test_two_engines_do_not_see_each_other():
    """There is no state that calls share."""
    with private_engine() as one, private_engine() as two:
        table = one.register(ROWS, ROWS.schema)
        assert collect(table, one, "X").num_rows == 3
        with pytest.raises(DataError):
            collect(table, two, "X")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("enable_progress_bar", False),
        ("autoinstall_known_extensions", False),
        ("python_enable_replacements", False),
        ("TimeZone", "UTC"),
    ],
)
def test_the_engine_is_silent_and_alone(setting, value):
    """No progress bar, nothing from the network, no Python variables, no local time zone."""
    with private_engine() as engine:
        found = engine.connection.execute("SELECT current_setting(?)", [setting]).fetchall()
    assert found == [(value,)]


def test_spilling_leaves_no_files(tmp_path, monkeypatch):
    """What does not fit into memory goes to the system's temporary directory, and goes away."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with private_engine() as engine:
        engine.connection.execute("SET memory_limit = '40MB'; SET threads = 1")
        engine.connection.execute("CREATE TEMP TABLE t AS SELECT range AS x FROM range(10_000_000)")
        spilled = [name for name in os.listdir(tmp_path) if name.startswith("custvalue-")]
    assert len(spilled) == 1
    assert os.listdir(tmp_path) == []


def test_an_unreadable_table_is_a_data_error_that_names_it():
    """The engine's own words follow, on one line, and no more than three lines of them."""
    message = r"^'x.csv' must be readable as a table; one; two; three$"
    with pytest.raises(DataError, match=message), readable("'x.csv'"):
        raise duckdb.Error("one\n two\nthree\nfour")


def test_other_errors_pass_as_they_are():
    """Only the engine's errors are about the table."""
    with pytest.raises(KeyError), readable("X"):
        raise KeyError


def test_an_expression_that_no_engine_can_run_is_a_data_error():
    """An unbound Ibis table holds no rows."""
    unbound = ibis.table({"a": "int64"}, name="nowhere")
    with pytest.raises(DataError, match="X must be readable as a table; .*unbound"):
        collect(unbound, None, "X")


@pytest.mark.parametrize(("size", "shown"), [("300MB", "286.1 MiB"), ("1.5 GiB", "1.5 GiB")])
def test_the_environment_says_how_much_memory_an_engine_takes(size, shown, monkeypatch):
    """A size in bytes with its unit; DuckDB shows it in its own."""
    monkeypatch.setenv("CUSTVALUE_MEMORY_LIMIT", size)
    assert memory_limit() == size
    with private_engine() as engine:
        found = engine.connection.execute("SELECT current_setting('memory_limit')").fetchall()
    assert found == [(shown,)]


def test_without_the_variable_duckdb_decides(monkeypatch):
    """An empty one is none."""
    monkeypatch.delenv("CUSTVALUE_MEMORY_LIMIT", raising=False)
    assert memory_limit() is None
    monkeypatch.setenv("CUSTVALUE_MEMORY_LIMIT", " ")
    assert memory_limit() is None


@pytest.mark.parametrize("size", ["3", "lots", "-1GB", "0GB", "80%", "3GB; DROP TABLE x"])
def test_what_is_no_size_is_refused(size, monkeypatch):
    """The message names the variable, gives examples and says what was found."""
    monkeypatch.setenv("CUSTVALUE_MEMORY_LIMIT", size)
    message = f"variable CUSTVALUE_MEMORY_LIMIT must hold a size .*; found {re.escape(repr(size))}"
    with pytest.raises(ValueError, match=message), private_engine():
        pytest.fail("the block must not be entered")
