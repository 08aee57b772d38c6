"""Expressions as the text of queries."""

from __future__ import annotations

import duckdb
import ibis
import pytest
import sqlglot

from custvalue._tables.query import checked_engine, query_text

TABLE = ibis.table({'na"me': "string", "x`y": "int64"}, name="t.t", database="sch ema")
NESTED = TABLE.group_by('na"me').aggregate(total=TABLE["x`y"].sum())
EXPRESSION = NESTED.filter(NESTED["total"] > 1).order_by("total")


def test_names_of_engines_are_found_in_any_case():
    """They are names of sqlglot's dialects."""
    assert checked_engine("Postgres") == "postgres"
    assert sqlglot.Dialect.get("postgres") is not None


@pytest.mark.parametrize("dialect", ["tsql", "sequel", "", None])
def test_dialects_that_cannot_hold_every_expression_are_refused(dialect):
    """The message lists those that can."""
    with pytest.raises(ValueError, match="dialect must be one of 'bigquery', .*'trino'; found"):
        checked_engine(dialect)


@pytest.mark.parametrize("dialect", ["duckdb", "mysql", "postgres", "snowflake", "spark"])
def test_a_query_is_one_select_of_named_steps(dialect):
    """No subquery is left in it, and names come back as they went in."""
    parsed = sqlglot.parse_one(query_text(EXPRESSION, dialect), read=dialect)
    assert list(parsed.find_all(sqlglot.exp.Subquery)) == []
    assert [one.alias_or_name for one in parsed.selects] in (['na"me', "total"], ["*"])
    tables = {(one.db, one.name) for one in parsed.find_all(sqlglot.exp.Table)}
    assert ("sch ema", "t.t") in tables


def test_the_text_is_the_expression():
    """DuckDB finds the same rows."""
    with duckdb.connect() as connection:
        connection.execute('CREATE SCHEMA "sch ema"')
        connection.execute('CREATE TABLE "sch ema"."t.t" ("na""me" TEXT, "x`y" BIGINT)')
        connection.execute("""INSERT INTO "sch ema"."t.t" VALUES ('a', 1), ('b', 1), ('b', 4)""")
        assert connection.sql(query_text(EXPRESSION, "duckdb")).fetchall() == [("b", 5)]
