"""What an order log must be, whoever reads it."""

from __future__ import annotations

import pandas as pd
import pytest

from custvalue._tables.door import open_table
from custvalue._tables.orders import check_order_parts, check_order_types
from custvalue.exceptions import DataError
from support.order_logs import small_log

COLUMNS = {"customer": "customer_id", "date": "date"}


def check(orders, n_missing=None):
    """Check types, then that rows are there and complete."""
    with open_table(orders, COLUMNS, owner="The test") as opened:
        check_order_types(opened)
        check_order_parts(opened, len(orders), n_missing or {}, "The test")


def test_a_good_log_passes():
    """Ids and dates are there; parts of which none is missing are not looked for."""
    check(small_log(), {"customer": 0, "date": 0})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda o: o.assign(date=o["date"].astype(str)), "'date' must hold dates or times; found"),
        (lambda o: o.assign(customer_id=True), "'customer_id' must hold ids; found boolean"),
        (lambda o: o.iloc[:0], "The test needs at least one order; X has columns but no rows"),
    ],
)
def test_types_and_emptiness_are_refused(spoil, message):
    """The message names the column and what was found."""
    with pytest.raises(DataError, match=message):
        check(spoil(small_log()))


@pytest.mark.parametrize(
    ("column", "part", "message"),
    [
        (
            "customer_id",
            "customer",
            r"row 1 has customer_id=missing, date=2024-01-15.*\(1 such row",
        ),
        ("date", "date", r"row 1 has date=missing, customer_id='a' \(1 such row\)"),
    ],
)
def test_the_first_order_that_lacks_a_part_is_named(column, part, message):
    """Row, values and number of such rows are said."""
    orders = small_log()
    orders.loc[1, column] = pd.NaT if column == "date" else None
    with pytest.raises(DataError, match=f"'{column}' must not have missing values; {message}"):
        check(orders, {part: 1})
