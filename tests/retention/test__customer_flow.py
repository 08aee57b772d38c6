"""The expressions of the flow: what an order does, and that any engine can hold them."""

from __future__ import annotations

import datetime

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.retention._customer_flow import (
    FlowRules,
    count_lines,
    customer_periods,
    flow_events,
    period_sums,
)

JANUARY = 2024 * 12


def table_of(**columns):
    """Return columns as an Ibis table."""
    return ibis.memtable(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False))


ORDERS = table_of(
    customer=["a", "a", "a", "b"],
    date=pd.to_datetime(["2024-01-05", "2024-02-01", "2024-05-09", "2024-06-30"]),
    amount=[0.1, 0.2, 4.0, 8.0],
)


def rows(expression, *order):
    """Return the rows of an expression as tuples, in order."""
    return [tuple(row.values()) for row in expression.order_by(*order).to_pyarrow().to_pylist()]


def test_an_order_enters_and_leaves():
    """Customer a is kept in February, lost in March, won back in May and lost in June."""
    rules = FlowRules(has_amount=False, end=datetime.date(2024, 5, 31))
    events = flow_events(customer_periods(ORDERS.drop("amount"), rules), rules)
    found = rows(events.select("period", "new", "won_back", "lost"), "period", "lost")
    happened = [(number - JANUARY, *flags) for number, *flags in found if any(flags)]
    assert happened == [(0, 1, 0, 0), (2, 0, 0, 1), (4, 0, 1, 0), (5, 0, 0, 1)]


def test_a_residue_of_rounding_is_no_order():
    """0.1 + 0.2 - 0.3 is not a purchase of 5.6e-17."""
    day = pd.Timestamp("2024-01-05")
    orders = table_of(customer="a", date=day, amount=[0.1, 0.2, -0.3])
    [row] = customer_periods(orders, FlowRules(has_amount=True)).to_pyarrow().to_pylist()
    assert row["spend"] == 0
    assert not row["bought"]


def test_rows_are_counted_beside_the_periods():
    """Later orders count as later, and give the first and last day of the others."""
    rules = FlowRules(has_amount=True, end=datetime.date(2024, 5, 31))
    [row] = count_lines(customer_periods(ORDERS, rules)).to_pyarrow().to_pylist()
    assert (row["n_rows"], row["n_later"], row["n_bought"], row["n_unusable"]) == (4, 1, 3, 0)
    assert row["first_day"] == datetime.date(2024, 1, 5)
    assert row["last_day"] == datetime.date(2024, 5, 9)


@pytest.mark.parametrize("dialect", ["bigquery", "mysql", "postgres", "snowflake", "trino"])
def test_other_databases_can_hold_the_expression(dialect):
    """Ibis writes it in their dialects."""
    schema = {"customer": "string", "date": "timestamp", "amount": "float64"}
    rules = FlowRules(has_amount=True, inactive_periods=3, end=datetime.date(2024, 5, 31))
    periods = customer_periods(ibis.table(schema, name="orders"), rules)
    query = ibis.to_sql(period_sums(flow_events(periods, rules), periods, rules), dialect=dialect)
    assert "SELECT" in str(query)
