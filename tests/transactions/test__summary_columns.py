"""The columns of the summary, from the totals of each customer."""

from __future__ import annotations

import datetime
from dataclasses import replace

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.transactions._rfm_summary import (
    SummaryRules,
    customer_days,
    customer_totals,
    output_columns,
)
from custvalue.transactions._summary_columns import is_left_truncated, summary_table

RULES = SummaryRules(has_amount=True, end=datetime.date(2024, 2, 1))
LINES = [
    ("a", "2024-01-01 09:00", 10.0),
    ("a", "2024-01-01 23:00", -4.0),
    ("a", "2024-01-03 00:00", 0.0),
    ("b", "2024-01-02 12:00", 5.0),
    ("b", "2024-01-04 12:00", -5.0),
    ("b", "2024-02-02 00:00", 7.0),
]


def table(lines=LINES):
    """Return order lines as an Ibis table with the columns of the expression."""
    frame = pd.DataFrame(lines, columns=["customer", "date", "amount"])
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601")
    return ibis.memtable(pa.Table.from_pandas(frame))


def run(expression, *order):
    """Return the rows of an expression as records."""
    return expression.order_by(*order).to_pyarrow().to_pylist()


def day(number, month=1):
    """Return a day of 2024."""
    return datetime.date(2024, month, number)


def test_the_summary_has_those_who_bought():
    """Columns come in the documented order behind the id, which has the name asked for."""
    rules = replace(RULES, time_unit="day", extra=("n_orders",))
    totals = customer_totals(customer_days(table(), rules), rules)
    rows = run(summary_table(totals, rules, day(1, month=2), "who"), "who")
    assert rows[0] == {
        "who": "a",
        "frequency": 1.0,
        "recency": 2.0,
        "T": 31.0,
        "monetary_value": 0.0,
        "n_orders": 2.0,
    }
    assert tuple(rows[0])[1:] == output_columns(rules)
    assert rows[1]["frequency"] == 0.0


def test_the_holdout_counts_what_came_after():
    """Purchases after the calibration, their mean, and the length of the holdout."""
    rules = replace(RULES, time_unit="day", calibration_end=day(2), end=day(2, month=2))
    totals = customer_totals(customer_days(table(), rules), rules)
    rows = run(summary_table(totals, rules, day(2, month=2), "who"), "who")
    held = [(row["holdout_frequency"], row["holdout_monetary_value"]) for row in rows]
    assert held == [(1.0, 0.0), (1.0, 7.0)]
    assert {row["holdout_T"] for row in rows} == {31.0}
    assert [row["T"] for row in rows] == [1.0, 0.0]


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1.0, 123.45, 1e12, 1e300])
def test_the_order_of_adding_does_not_show(size):
    """Sums that differ in their last bits settle on one number, whatever its size."""
    found = set()
    for amounts in ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1], [0.6, 0.0, 0.0]):
        days = [f"2024-01-0{day}" for day in (1, 2, 3)]
        lines = [("a", day, amount * size) for day, amount in zip(days, amounts, strict=True)]
        rules = replace(RULES, extra=("total_value",))
        totals = customer_totals(customer_days(table(lines), rules), rules)
        [total] = summary_table(totals, rules, rules.end).to_pyarrow()["total_value"].to_pylist()
        found.add(total)
    [only] = found
    assert only == pytest.approx(0.6 * size, rel=1e-12)


def test_sums_of_cents_are_exact():
    """Ten dimes are a dollar, and nothing is nothing."""
    lines = [("a", f"2024-01-{day:02d}", 0.1) for day in range(1, 11)] + [("b", "2024-01-01", 0.0)]
    rules = replace(RULES, extra=("total_value",))
    totals = customer_totals(customer_days(table(lines), rules), rules)
    summary = summary_table(totals, rules, rules.end).order_by("customer").to_pyarrow()
    assert summary["total_value"].to_pylist() == [1.0, 0.0]
    assert summary["monetary_value"].to_pylist() == [0.1, 0.0]


CALENDAR = tuple(datetime.date(2024, 1, number) for number in (1, 2, 4, 9))


def test_a_calendar_counts_opportunities():
    """Recency and T count opportunities; an end between two of them is at the one before."""
    rules = replace(RULES, calendar=CALENDAR, time_unit="year", end=day(8))
    totals = customer_totals(customer_days(table(), rules), rules)
    rows = run(summary_table(totals, rules, day(8), "who"), "who")
    figures = [(row["who"], row["frequency"], row["recency"], row["T"]) for row in rows]
    assert figures == [("a", 1.0, 1.0, 2.0), ("b", 0.0, 0.0, 1.0)]


@pytest.mark.parametrize(("edge", "flags"), [(1.0, [True, False]), (1.5, [True, True])])
def test_customers_first_seen_at_the_left_edge_are_flagged(edge, flags):
    """A first purchase nearer to the first order than the edge may hide others; at it, it does."""
    rules = replace(RULES, time_unit="day", extra=("left_truncated",), left_edge=edge)
    totals = customer_totals(customer_days(table(), rules), rules)
    rows = run(summary_table(totals, rules, day(1, month=2), "who", day(1)), "who")
    assert [row["left_truncated"] for row in rows] == flags


def test_the_left_edge_of_a_calendar_is_counted_in_opportunities():
    """Who first bought at opportunity 1 is within an edge of two opportunities, not of one."""
    for edge, expected in ((1, False), (2, True)):
        rules = replace(RULES, calendar=CALENDAR, left_edge=edge)
        first, start = (ibis.literal(number, "int64") for number in (1, 0))
        assert is_left_truncated(first, start, rules).to_pyarrow().as_py() is expected


def test_a_query_says_null_where_an_amount_is_no_number():
    """A database cannot refuse the order, and must not sum over it."""
    rules = replace(RULES, portable=True, extra=("total_value", "n_orders"))
    lines = [*LINES, ("a", "2024-01-05", None), ("c", "2024-01-05", float("inf"))]
    totals = customer_totals(customer_days(table(lines), rules), rules)
    rows = run(summary_table(totals, rules, day(1, month=2)), "customer")
    money = [(row["monetary_value"], row["total_value"]) for row in rows]
    assert money == [(None, None), (0.0, 0.0), (None, None)]
    assert [row["frequency"] for row in rows] == [2.0, 0.0, 0.0]


@pytest.mark.parametrize("collapse", ["day", "week", "month"])
def test_what_every_database_can_do_gives_the_same(collapse):
    """The first purchase is found by the one before it or by its day."""
    rules = replace(RULES, collapse=collapse, extra=("log_interval_sum", "n_orders"))
    both = []
    for one in (rules, replace(rules, portable=True)):
        totals = customer_totals(customer_days(table(), one), one)
        both.append(run(summary_table(totals, one, day(1, month=2)), "customer"))
    assert both[0] == both[1]
