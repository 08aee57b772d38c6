"""The summary as SQL: read by every dialect, run by DuckDB, equal to ``transform`` in every row."""

from __future__ import annotations

import datetime

import duckdb
import pandas as pd
import pytest
import sqlglot

from custvalue.transactions._rfm_summary import EXTRAS, SummaryRules, output_columns
from custvalue.transactions._summary_sql import summary_query
from support.order_logs import random_log

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
START, END = datetime.date(2023, 1, 1), datetime.date(2024, 10, 15)
DIALECTS = (
    "bigquery",
    "databricks",
    "duckdb",
    "mysql",
    "postgres",
    "snowflake",
    "spark",
    "trino",
)


def query(rules, *, columns=COLUMNS, table=("orders",), dialect="duckdb"):
    """Return the query of the summary."""
    return summary_query(columns, rules, start=START, end=END, table=table, dialect=dialect)


def run(text, **tables):
    """Return the rows of a query in DuckDB, sorted by the id."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(text).df().sort_values("customer_id", ignore_index=True)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("collapse", ["day", "week", "month"])
def test_each_dialect_reads_what_is_written(dialect, collapse):
    """sqlglot's parser of the dialect takes the query and finds all columns."""
    rules = SummaryRules(has_amount=True, collapse=collapse, extra=EXTRAS, left_edge=2.0)
    parsed = sqlglot.parse_one(query(rules, dialect=dialect), read=dialect)
    assert [one.alias_or_name for one in parsed.selects] == ["customer_id", *output_columns(rules)]


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one != "bigquery"])
def test_names_are_quoted_in_every_dialect(dialect):
    """Schema, table and columns come back from the parser as they went in; BigQuery allows few."""
    odd = {"customer": 'cus"to`mer', "date": "order date; DROP TABLE x", "amount": "größe.select"}
    rules = SummaryRules(has_amount=True)
    text = query(rules, columns=odd, table=("sh op", "or.ders"), dialect=dialect)
    parsed = sqlglot.parse_one(text, read=dialect)
    tables = [(one.db, one.name) for one in parsed.find_all(sqlglot.exp.Table) if one.db]
    assert tables == [("sh op", "or.ders")]
    assert parsed.selects[0].alias_or_name == 'cus"to`mer'
    assert {one.name for one in parsed.find_all(sqlglot.exp.Column)} >= set(odd.values())


@pytest.mark.parametrize("kind", ["VARCHAR", "TIMESTAMP", "DATE"])
def test_columns_of_any_fitting_type_are_cast(kind):
    """Dates may be text or times, amounts decimals or text."""
    orders = random_log(200, 20, seed=3)
    text = query(SummaryRules(has_amount=True))
    casts = f"CAST(date AS {kind}) AS date, CAST(amount AS DECIMAL(12, 2)) AS amount"
    with duckdb.connect() as connection:
        connection.register("log", orders)
        connection.execute(f"CREATE TABLE orders AS SELECT customer_id, {casts} FROM log")
        found = connection.sql(text).df().sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, run(text, orders=orders), check_exact=True)


def test_orders_that_belong_to_nobody_or_to_no_day_are_left_out():
    """So are those after the end, and before the first opportunity of a calendar."""
    orders = random_log(200, 20, seed=3).astype({"customer_id": "Int64"})
    more = orders.head(4).copy()
    more.loc[0, "customer_id"] = pd.NA
    more.loc[1, "date"] = pd.NaT
    more.loc[2, "date"] = pd.Timestamp("2024-10-16")
    more.loc[3, "date"] = pd.Timestamp("2022-12-31 23:59")
    rules = SummaryRules(has_amount=True, calendar=(START, datetime.date(2024, 1, 1)))
    text = query(rules)
    found = run(text, orders=pd.concat([orders, more]))
    pd.testing.assert_frame_equal(found, run(text, orders=orders), check_exact=True)


def test_a_table_called_like_a_step_is_no_step():
    """The names of the steps make way for the table's own."""
    orders = random_log(200, 20, seed=3)
    rules = SummaryRules(has_amount=True)
    expected = run(query(rules), orders=orders)
    for name in ("t1", "t3", "t6"):
        found = run(query(rules, table=(name,)), **{name: orders})
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
