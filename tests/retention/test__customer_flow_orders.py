"""Orders that the flow refuses, with the words that say why."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from custvalue._tables.calendar_periods import PERIODS
from custvalue._tables.door import open_table
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention._customer_flow import FlowRules, count_lines, customer_periods
from custvalue.retention._customer_flow_orders import (
    LineCounts,
    check_lines,
    check_types,
    observed_until,
)
from support.order_logs import small_log

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}


def checked(orders, rules):
    """Check orders and return what is counted of them."""
    with open_table(orders, COLUMNS, owner="customer_flow") as opened:
        check_types(opened)
        [row] = opened.collect(count_lines(customer_periods(opened.table, rules))).to_pylist()
        counts = LineCounts(**row)
        check_lines(opened, counts, rules)
    return counts


def test_good_orders_pass():
    """The day of the last order ends the observation where none is stated, with a warning."""
    rules = FlowRules(has_amount=True)
    counts = checked(small_log(), rules)
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10, the day of the last"):
        assert observed_until(counts, rules) == datetime.date(2024, 2, 10)


def test_later_orders_are_counted():
    """They are left out, and the warning says how many."""
    rules = FlowRules(has_amount=True, end=datetime.date(2024, 1, 10))
    counts = checked(small_log(), rules)
    with pytest.warns(DataQualityWarning, match="2 of 6 orders lie after the observation_end 2024"):
        assert observed_until(counts, rules) == rules.end


def test_an_end_before_all_orders_is_refused():
    """The message has both days."""
    with pytest.raises(DataError, match="found 2023-12-31, and the first of 6 orders on 2024-01-0"):
        checked(small_log(), FlowRules(has_amount=True, end=datetime.date(2023, 12, 31)))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("period", PERIODS)
def test_amounts_that_add_up_to_infinity_are_named(period, sign):
    """By the first order of such a customer and period, and their number."""
    orders = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "b"],
            "date": pd.to_datetime(["2023-01-02"] + ["2024-01-02"] * 3),
            "amount": [1e308, 1e308, 1.0, sign * 1e308],
        }
    )
    message = (
        f"column 'amount' must have finite sums of what a customer orders in a {period}; row 1 "
        r"has amount=1e\+308, customer_id='b', date=2024-01-02 00:00:00 \(2 such rows\)"
    )
    with pytest.raises(DataError, match=message):
        checked(orders, FlowRules(has_amount=True, period=period))
