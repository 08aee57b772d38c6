"""What the text of a query tells of its columns and tables."""

from __future__ import annotations

import pytest
import sqlglot

from custvalue.workflow._query_columns import output_names, star_written_out, tables_read


def parsed(query: str):
    """Return a query of DuckDB as a tree."""
    return sqlglot.parse_one(query, read="duckdb")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('SELECT a, t.b, 1 AS c, x + 1 AS "D e" FROM t', ["a", "b", "c", "D e"]),
        ("(SELECT a FROM t)", ["a"]),
        ("SELECT a FROM t UNION ALL SELECT b FROM u", ["a"]),
        ("SELECT * FROM (SELECT a, b FROM t) AS s", ["a", "b"]),
        (
            "WITH c AS (SELECT a FROM t), d AS (SELECT *, 1 AS b FROM c) SELECT d.* FROM d",
            ["a", "b"],
        ),
        (
            "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT * FROM n",
            ["i"],
        ),
    ],
)
def test_names_are_found_where_the_text_tells_them(query, names):
    """Aliases, columns, and a star over a query whose names are known."""
    found = output_names(parsed(query))
    assert found is not None
    assert [name.name for name in found] == names


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM t",
        "SELECT c.*, 1 AS a FROM t AS c",
        "SELECT count(*) FROM t",
        "SELECT * EXCLUDE (a) FROM (SELECT 1 AS a, 2 AS b)",
        "SELECT * FROM (SELECT 1 AS a) AS s(b)",
        "WITH c(b) AS (SELECT 1 AS a) SELECT * FROM c",
        "SELECT * FROM (SELECT 1 AS a) AS s JOIN (SELECT 1 AS a) AS r USING (a)",
        "WITH RECURSIVE n AS (SELECT * FROM n) SELECT * FROM n",
        "WITH c AS (SELECT * FROM t) SELECT * FROM c",
        "SELECT 1 AS a UNION BY NAME SELECT 2 AS b",
    ],
)
def test_names_that_only_the_database_knows_are_not_guessed(query):
    """Stars of tables, terms without a name, and names that are given elsewhere."""
    assert output_names(parsed(query)) is None


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("WITH t AS (SELECT 1 AS a) SELECT * FROM t", set()),
        ("WITH t AS (SELECT 1 AS a) SELECT (SELECT max(a) FROM t), b FROM u", {"u"}),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {"t"}),
        ("WITH u AS (SELECT * FROM t), t AS (SELECT 1 AS a) SELECT * FROM t, u", {"t"}),
        ("SELECT * FROM (WITH t AS (SELECT 1 AS a) SELECT * FROM t) AS s, t", {"t"}),
        ("WITH t AS (SELECT 1 AS a) SELECT * FROM s.t", {"t"}),
        ('WITH "T" AS (SELECT 1 AS a) SELECT * FROM t', {"t"}),
        ("WITH T AS (SELECT 1 AS a) SELECT * FROM t", set()),
        ("SELECT * FROM range(5)", set()),
    ],
)
def test_what_a_with_defines_is_no_table(query, tables):
    """Only where it is seen, and only by a name that is equal in every database."""
    assert {table.name for table in tables_read(parsed(query))} == tables


def test_a_star_of_one_table_stays_one_of_that_table():
    """Its columns are read from it by name, the others are left as they are."""
    query = parsed("SELECT c.*, s.p AS p FROM t AS c JOIN s ON c.a = s.a")
    found = star_written_out(query, ["p", "a"])
    assert found is not None
    assert found.sql() == 'SELECT c."a" AS "a", s.p AS p FROM t AS c JOIN s ON c.a = s.a'
    assert query.sql().startswith("SELECT c.*")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT DISTINCT * FROM t",
        "SELECT * FROM t GROUP BY ALL",
        "SELECT * FROM t ORDER BY 2 LIMIT 3",
        "SELECT * FROM (SELECT c.*, 9 AS a FROM c) AS s",
        "WITH s AS (SELECT c.*, 9 AS a FROM c) SELECT * FROM s",
        "SELECT *, count(*) FROM t",
        "SELECT * FROM t UNION ALL SELECT * FROM u",
    ],
)
def test_a_star_is_not_written_out_where_that_could_change_rows_or_figures(query):
    """DuckDB takes the first of two columns of one name without a word."""
    assert star_written_out(parsed(query), ["a"]) is None
