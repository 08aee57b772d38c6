"""Cohorts by age as one expression."""

from __future__ import annotations

import datetime
import os

import pandas as pd
import pytest

from custvalue._tables.door import open_table
from custvalue.exceptions import DataError
from custvalue.transactions._cohort_table import cohort_cells, customer_starts, read_cohorts
from custvalue.transactions._rfm_summary import SummaryRules, customer_days
from support.order_logs import as_input, small_log

END = datetime.date(2024, 2, 29)
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
JANUARY, FEBRUARY, NEVER = 2024 * 12, 2024 * 12 + 1, 10**9
LINES = [
    ("a", "2024-01-01", 10.0),
    ("a", "2024-01-01", 5.0),
    ("a", "2024-01-09", 3.0),
    ("a", "2024-02-09", -3.0),
    ("a", "2024-03-09", 7.0),
    ("b", "2024-01-02", -1.0),
    ("b", "2024-02-03", 8.0),
    ("c", "2024-01-03", -1.0),
    ("d", "2024-03-03", 8.0),
]


def log():
    """Return order lines with refunds before, after and without a purchase."""
    frame = pd.DataFrame(LINES, columns=["customer_id", "date", "amount"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def cells_of(period="month", **parameters):
    """Return what is in each cohort and period."""
    rules = SummaryRules(**{"has_amount": True, "end": END, **parameters})
    names = COLUMNS if rules.has_amount else dict(list(COLUMNS.items())[:2])
    with read_cohorts(log(), names, rules, period, "The test") as read:
        cells = read.cells
        columns = (cells.customers, cells.purchases, cells.orders, cells.revenue)
        keys = zip(cells.cohort.tolist(), cells.period.tolist(), strict=True)
        values = zip(*(column.tolist() for column in columns), strict=True)
        return dict(zip(keys, values, strict=True)), read.counts


def test_every_cell():
    """Customers, purchases, orders, revenue; refunds before or without a first purchase apart."""
    cells, counts = cells_of()
    assert cells == {
        (JANUARY, JANUARY): (1, 2, 3, 18),
        (JANUARY, FEBRUARY): (0, 0, 0, -3),
        (FEBRUARY, JANUARY): (0, 0, 0, -1),
        (FEBRUARY, FEBRUARY): (1, 1, 1, 8),
        (NEVER, JANUARY): (0, 0, 0, -1),
    }
    assert (counts.n_rows, counts.n_later, counts.customers) == (9, 2, 4)
    assert (counts.customers_within, counts.customers_out, counts.n_purchases) == (3, 2, 3)


def test_refunds_that_are_dropped_leave_nothing():
    """No revenue is negative, and no day is taken away."""
    cells, _ = cells_of(on_negative="drop")
    assert cells[JANUARY, FEBRUARY] == (0, 0, 0, 0)
    assert cells[FEBRUARY, FEBRUARY] == (1, 1, 1, 8)


def test_without_an_amount_every_order_counts():
    """A refund is an order like others, and there is no revenue."""
    cells, _ = cells_of(has_amount=False)
    assert cells == {
        (JANUARY, JANUARY): (3, 4, 5, 0),
        (JANUARY, FEBRUARY): (2, 2, 2, 0),
    }


def test_without_an_end_everything_is_observed():
    """Customers of March are a cohort."""
    cells, counts = cells_of(end=None)
    assert cells[FEBRUARY + 1, FEBRUARY + 1] == (1, 1, 1, 8)
    assert counts.last_day == datetime.date(2024, 3, 9)


def test_the_expression_runs_nothing():
    """Days and starts need not be kept: the cells are one expression over the orders."""
    rules = SummaryRules(has_amount=True, end=END)
    with open_table(log(), COLUMNS, owner="The test") as opened:
        days = customer_days(opened.table, rules)
        expression = cohort_cells(days, customer_starts(days, rules), rules, "month")
        assert opened.collect(expression).num_rows == 5


def test_orders_are_scanned_once(tmp_path):
    """The file may vanish once the orders are read."""
    path = as_input(small_log(), "parquet", tmp_path)
    with read_cohorts(path, COLUMNS, SummaryRules(has_amount=True), "week", "The test") as read:
        os.remove(path)
        assert read.cells.customers.sum() == 4


def test_wrong_orders_are_refused():
    """The rules for orders are those of the summary."""
    rules = SummaryRules(has_amount=True)
    missing = log().assign(date=None)
    with (
        pytest.raises(DataError, match=r"'date' must not have missing .* \(9 such rows\)"),
        read_cohorts(missing, COLUMNS, rules, "month", "The test"),
    ):
        pass
