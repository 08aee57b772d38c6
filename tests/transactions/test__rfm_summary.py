"""The expression of the summary, step by step, and in other dialects of SQL."""

from __future__ import annotations

import datetime
from dataclasses import replace

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.transactions._rfm_summary import (
    EXTRAS,
    SummaryRules,
    customer_days,
    customer_totals,
    flagged_days,
    output_columns,
    summary_table,
)

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


def test_lines_of_a_customer_and_day_are_netted():
    """Each day has its lines, its net spend, its gross, its negative and zero lines."""
    rows = run(customer_days(table(), RULES), "customer", "day")
    assert rows[0] == {
        "customer": "a",
        "day": day(1),
        "n_rows": 2,
        "spend": 6.0,
        "gross": 14.0,
        "n_negative": 1,
        "n_zero": 0,
    }
    assert [(row["day"], row["spend"], row["n_zero"]) for row in rows[1:]] == [
        (day(3), 0.0, 1),
        (day(2), 5.0, 0),
        (day(4), -5.0, 0),
        (day(2, month=2), 7.0, 0),
    ]


def test_dropped_lines_are_not_in_the_spend():
    """With "drop" only what was paid counts."""
    rows = run(customer_days(table(), replace(RULES, on_negative="drop")), "customer", "day")
    assert [row["spend"] for row in rows] == [10.0, 0.0, 5.0, None, 7.0]


def test_missing_and_infinite_amounts_show_in_the_gross():
    """The gross of such a day is no finite number, so that no other column need be looked at."""
    for amount in (None, float("nan"), float("inf"), float("-inf")):
        lines = [("a", "2024-01-01", 1.0), ("a", "2024-01-01", amount)]
        [row] = run(customer_days(table(lines), RULES), "day")
        assert row["gross"] - row["gross"] != 0.0


def test_days_are_flagged():
    """A day is later than all observation, held out, bought on, or none of them."""
    rules = replace(RULES, calibration_end=day(2))
    rows = run(flagged_days(customer_days(table(), rules), rules), "customer", "day")
    flags = [(row["later"], row["held"], row["bought"]) for row in rows]
    assert flags == [
        (False, False, True),
        (False, True, True),
        (False, False, True),
        (False, True, False),
        (True, False, True),
    ]


def test_without_an_end_no_day_is_later():
    """Then all orders are within the observation."""
    rules = replace(RULES, end=None)
    rows = run(flagged_days(customer_days(table(), rules), rules), "customer", "day")
    assert not any(row["later"] or row["held"] for row in rows)


def test_totals_have_every_customer():
    """Those whose orders are all refunded or later stay, with no purchases."""
    lines = [*LINES, ("c", "2024-01-05", -1.0), ("d", "2024-03-01", 1.0)]
    rows = run(customer_totals(customer_days(table(lines), RULES), RULES), "customer")
    assert [(row["customer"], row["n_days"], row["n_purchases"]) for row in rows] == [
        ("a", 2, 2),
        ("b", 2, 1),
        ("c", 1, 0),
        ("d", 0, 0),
    ]
    assert rows[0]["spend"] == 6.0
    assert rows[0]["first_spend"] == 6.0


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


def test_output_columns_follow_the_rules():
    """Money only with an amount; the extra columns last."""
    assert output_columns(SummaryRules(has_amount=False)) == ("frequency", "recency", "T")
    assert output_columns(replace(RULES, extra=("n_orders",)))[3:] == ("monetary_value", "n_orders")


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "snowflake", "bigquery", "databricks"])
@pytest.mark.parametrize("collapse", ["day", "month"])
def test_the_expression_is_sql_for_other_engines(dialect, collapse):
    """Nothing in it belongs to one engine, extra columns and a holdout included."""
    orders = ibis.table({"customer": "string", "date": "timestamp", "amount": "float64"}, name="o")
    rules = replace(RULES, collapse=collapse, extra=EXTRAS, calibration_end=day(15))
    totals = customer_totals(customer_days(orders, rules), rules)
    text = ibis.to_sql(summary_table(totals, rules, day(1, month=2)), dialect=dialect)
    assert text.upper().startswith(("SELECT", "WITH"))
    assert "holdout_frequency" in text


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
