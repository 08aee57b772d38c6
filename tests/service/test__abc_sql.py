"""An ABC analysis as SQL; ``test_abc_analysis`` runs it row for row."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
import sqlglot

from custvalue.service._abc_input import Columns
from custvalue.service._abc_sql import ABCRules, abc_query

RULES = ABCRules(("A", "B", "C"), np.array([0.1, 1e-300]), 0.1, "own_class", (0.5, 1.0))
COLUMNS = Columns("value", ("q1", "q2"), "last")


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "mysql", "tsql", "bigquery", "spark"])
def test_each_dialect_reads_what_is_written(dialect):
    """sqlglot's parser of the dialect takes the query and finds the four columns."""
    query = abc_query(COLUMNS, RULES, table=("shop", "pro ducts"), dialect=dialect)
    parsed = sqlglot.parse_one(query, read=dialect)
    assert [one.alias_or_name for one in parsed.selects] == ["*", "class", "xyz", "abc_xyz"]


@pytest.mark.parametrize("least", [0.1, 1 / 3, 12345678901234567.0, 5e-324, 1.7e308, 2.0**60 + 256])
def test_thresholds_are_written_to_the_last_bit(least):
    """DuckDB finds the very number at the threshold, and not the one below it."""
    rules = ABCRules(("A", "B"), np.array([least]), 0.0, "zero", (0.5, 1.0))
    query = abc_query(Columns("value", (), None), rules, table=("t",), dialect="duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (value DOUBLE)")
        connection.executemany("INSERT INTO t VALUES (?)", [[least], [np.nextafter(least, 0)]])
        assert connection.execute(query).df()["class"].tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("columns", "taken"),
    [
        (Columns("value", (), "class"), "'class'"),
        (Columns("Class", (), None), "'Class'"),
        (Columns("value", ("xyz",), "last"), "'xyz'"),
        (Columns("value", ("ABC_XYZ", "q"), "class"), "'ABC_XYZ', 'class'"),
    ],
)
def test_no_column_of_the_table_may_have_a_name_that_the_query_gives(columns, taken):
    """Of two columns of one name the old one would be read, in any case of the letters."""
    with pytest.raises(ValueError, match=f"to_sql gives the columns class.*; found {taken}$"):
        abc_query(columns, RULES, table=("t",), dialect="duckdb")


def test_names_of_variability_are_free_without_it():
    """A column xyz of the table is then the only one."""
    query = abc_query(Columns("xyz", (), "last"), RULES, table=("t",), dialect="duckdb")
    assert '"xyz"' in query
