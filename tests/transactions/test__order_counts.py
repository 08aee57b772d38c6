"""What became of the orders read: sums beside the summary, and their account."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from custvalue._tables.door import open_table
from custvalue.transactions._order_counts import OrderCounts, count_orders, quality_series
from custvalue.transactions._rfm_summary import SummaryRules, customer_days, customer_totals

END = datetime.date(2024, 1, 31)
LINES = [
    ("a", "2024-01-01", 10.0),
    ("a", "2024-01-01", 5.0),
    ("a", "2024-01-09", -3.0),
    ("a", "2024-02-09", -3.0),
    ("b", "2024-01-02", 0.0),
    ("c", "2024-01-03", -1.0),
    ("d", "2024-02-03", 8.0),
]


def counted(lines=LINES, **parameters):
    """Return the counts of order lines."""
    frame = pd.DataFrame(lines, columns=["customer", "date", "amount"])
    frame["date"] = pd.to_datetime(frame["date"])
    rules = SummaryRules(**{"has_amount": True, "end": END, **parameters})
    names = ["customer", "date", "amount"] if rules.has_amount else ["customer", "date"]
    with open_table(frame, {name: name for name in names}, owner="The test") as opened:
        days = opened.keep(customer_days(opened.table, rules))
        totals = opened.keep(customer_totals(days, rules))
        [row] = opened.collect(count_orders(days, totals, rules)).to_pylist()
    return OrderCounts(**row), rules


def test_every_count():
    """Orders, customers, purchases, refunds and days of a small log."""
    counts, _ = counted()
    assert counts == OrderCounts(
        n_rows=7,
        n_later=2,
        n_no_customer=0,
        n_no_date=0,
        customers=4,
        customers_within=3,
        customers_out=2,
        n_purchases=2,
        first_day=datetime.date(2024, 1, 1),
        last_day=datetime.date(2024, 1, 9),
        n_negative=2,
        n_zero=1,
        n_refunded=2,
        n_refunded_days=2,
        n_unusable_days=0,
    )


def test_without_amounts_nothing_is_known_of_money():
    """The counts of amounts are 0, and every order is a purchase."""
    counts, _ = counted(has_amount=False)
    assert (counts.n_negative, counts.n_zero, counts.n_refunded) == (0, 0, 0)
    assert counts.n_purchases == 4


@pytest.mark.parametrize(
    ("position", "field"), [(0, "n_no_customer"), (1, "n_no_date"), (2, "n_unusable_days")]
)
def test_holes_are_counted(position, field):
    """A line without customer, date or amount shows in its own count."""
    hole = list(LINES[0])
    hole[position] = None
    counts, _ = counted([tuple(hole), *LINES[1:]])
    holes = {"n_no_customer", "n_no_date", "n_unusable_days"}
    assert {name for name in holes if getattr(counts, name)} == {field}


def test_customers_that_are_no_numbers_are_missing():
    """NaN among ids that are floats is no customer."""
    lines = [(1.0, "2024-01-01", 1.0), (float("nan"), "2024-01-01", 1.0)]
    assert counted(lines)[0].n_no_customer == 1


@pytest.mark.parametrize(("on_negative", "dropped", "refunded"), [("net", 0, 2), ("drop", 2, 0)])
def test_the_account_adds_up(on_negative, dropped, refunded):
    """The parts of the orders and of the customers are the whole."""
    account = quality_series(*counted(on_negative=on_negative), END)
    assert account["orders_dropped_negative"] == dropped
    assert account["orders_refunded_away"] == refunded
    assert account["orders_merged"] == 1
    parts = ["after_observation", "dropped_negative", "refunded_away", "merged"]
    assert sum(account[f"orders_{part}"] for part in parts) + account["purchases"] == 7
    assert account["customers_after_observation"] == 1
    assert account["customers_without_purchase"] == 1
    assert account["customers"] == 2


def test_the_account_has_days_as_timestamps():
    """The first and the last order and the end of observation."""
    account = quality_series(*counted(), END)
    assert account["first_order"] == pd.Timestamp("2024-01-01")
    assert account["last_order"] == pd.Timestamp("2024-01-09")
    assert account["observation_end"] == pd.Timestamp(END)
    assert account.name == "data_quality"


def test_orders_before_the_first_opportunity_are_counted():
    """Four lines of LINES are before 3 January."""
    calendar = (datetime.date(2024, 1, 3), datetime.date(2024, 1, 20))
    assert counted(calendar=calendar)[0].n_early == 3


@pytest.mark.parametrize(("edge", "number"), [(0.5, 1), (1.0, 1), (1.5, 2)])
def test_customers_at_the_left_edge_are_counted(edge, number):
    """Of those with a purchase; the account has their number where there is an edge."""
    counts, rules = counted(left_edge=edge, time_unit="day")
    assert counts.customers_left_truncated == number
    assert quality_series(counts, rules, END)["customers_left_truncated"] == number
    assert "customers_left_truncated" not in quality_series(*counted(), END)


def test_the_left_edge_of_a_calendar_is_counted_in_opportunities():
    """Customer b is first seen at the second day, which is opportunity 1."""
    calendar = (datetime.date(2024, 1, 1), datetime.date(2024, 1, 2))
    assert counted(left_edge=1, calendar=calendar)[0].customers_left_truncated == 1
    assert counted(left_edge=2, calendar=calendar)[0].customers_left_truncated == 2
