"""The expression of the summary, step by step."""

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
    flagged_days,
    output_columns,
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
    """Each day has its lines, its net spend, its negative and zero lines, and what it is."""
    rows = run(customer_days(table(), RULES), "customer", "day")
    assert rows[0] == {
        "customer": "a",
        "day": day(1),
        "n_rows": 2,
        "n_negative": 1,
        "n_zero": 0,
        "spend": 6.0,
        "bought": True,
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
    assert [row["spend"] for row in rows] == [10.0, 0.0, 5.0, 0.0, 7.0]


@pytest.mark.parametrize("portable", [False, True])
def test_days_with_amounts_that_are_no_numbers_have_no_spend(portable):
    """A missing or infinite amount is not summed over, whatever else was bought on its day."""
    for amount in (None, float("nan"), float("inf"), float("-inf")):
        lines = [("a", "2024-01-01", 1.0), ("a", "2024-01-01", amount)]
        [row] = run(customer_days(table(lines), replace(RULES, portable=portable)), "day")
        assert row["spend"] is None


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


def test_output_columns_follow_the_rules():
    """Money only with an amount; the extra columns last."""
    assert output_columns(SummaryRules(has_amount=False)) == ("frequency", "recency", "T")
    assert output_columns(replace(RULES, extra=("n_orders",)))[3:] == ("monetary_value", "n_orders")


def test_weeks_begin_on_monday_before_and_after_any_year():
    """Sunday and Monday are two weeks, Monday to Sunday one, also before 1900."""
    rules = SummaryRules(has_amount=False, collapse="week")
    for monday in (datetime.date(2023, 12, 25), datetime.date(1899, 12, 25)):
        days = [monday + datetime.timedelta(days=number) for number in (-1, 0, 6, 7)]
        orders = ibis.memtable(pa.table({"customer": [1] * 4, "date": days}))
        [row] = run(customer_totals(customer_days(orders, rules), rules), "customer")
        assert (row["n_purchases"], row["first"], row["last"]) == (3, days[0], days[3])


def test_opportunities_take_the_place_of_days():
    """All orders from one opportunity to the next are one purchase, at its number."""
    calendar = (day(1), day(4))
    rules = replace(RULES, calendar=calendar, end=day(5), extra=("first_purchase",))
    rows = run(customer_totals(customer_days(table(), rules), rules), "customer")
    found = [(row["n_purchases"], row["first"], row["last"]) for row in rows]
    assert found == [(1, 0, 0), (1, 0, 0)]
    assert [row["first_purchase"] for row in rows] == [day(1), day(2)]
