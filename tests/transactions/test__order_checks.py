"""What orders must be."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from custvalue._tables.door import open_table
from custvalue.exceptions import DataError
from custvalue.transactions._order_checks import check_counts, check_types, reject_later
from custvalue.transactions._order_counts import OrderCounts
from custvalue.transactions._rfm_summary import SummaryRules
from support.order_logs import small_log

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
RULES = SummaryRules(has_amount=True)
DAY = datetime.date(2024, 1, 1)
FINE = OrderCounts(
    n_rows=6,
    n_later=0,
    n_no_customer=0,
    n_no_date=0,
    customers=3,
    customers_within=3,
    customers_out=3,
    n_purchases=4,
    first_day=DAY,
    last_day=DAY,
)


def types(**columns):
    """Check the types of a log with some columns replaced."""
    with open_table(small_log().assign(**columns), COLUMNS, owner="The test") as opened:
        check_types(opened)


def counts(rules=RULES, **changes):
    """Check changed counts of the small log."""
    with open_table(small_log(), COLUMNS, owner="The test") as opened:
        check_counts(opened, replace(FINE, **changes), rules, "The test")


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": 1},
        {"customer_id": 1.5},
        {"customer_id": "x"},
        {"customer_id": DAY},
        {"customer_id": pd.Timestamp(DAY)},
        {"customer_id": Decimal("1.5")},
        {"date": DAY},
        {"date": pd.Timestamp("2024-01-01 12:00")},
        {"amount": 3},
        {"amount": Decimal("3.50")},
        {"amount": None},
    ],
    ids=str,
)
def test_types_that_fit(columns):
    """Ids are numbers, text or dates; dates may be times; amounts may be exact decimals."""
    types(**columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"customer_id": True}, "'customer_id' must hold ids; found boolean. Numbers, text or"),
        ({"date": "2024-01-01"}, "'date' must hold dates or times; found string. Convert it"),
        ({"date": 1.5}, "'date' must hold dates or times; found float64"),
        ({"amount": "1"}, "'amount' must hold numbers; found string"),
        ({"amount": pd.Timestamp(DAY)}, "'amount' must hold numbers; found timestamp"),
    ],
    ids=str,
)
def test_types_that_do_not_fit(columns, message):
    """The message names column, rule, type found and the first row."""
    with pytest.raises(DataError, match=f"column {message}.* row 0 has .*6 such rows"):
        types(**columns)


def test_counts_that_are_fine_pass():
    """Refunds and later orders are no error by themselves."""
    counts()
    counts(n_later=2, n_negative=3, n_refunded=1, n_refunded_days=1)


def test_no_orders_and_no_purchases_are_refused():
    """Without rows, and with nothing but refunds."""
    with pytest.raises(DataError, match="The test needs at least one order; X has columns but no"):
        counts(n_rows=0)
    with pytest.raises(DataError, match="at least one purchase; found 6 orders of 3 customers"):
        counts(customers_out=0)


def test_negative_amounts_are_refused_where_the_rules_say_so():
    """Refunds after the end of observation are not looked at."""
    strict = replace(RULES, on_negative="raise")
    with pytest.raises(DataError, match=r"'amount' must not be negative .* row 4 has amount=-30"):
        counts(strict, n_negative=1)
    counts(replace(strict, end=DAY), n_negative=1)


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("observation_end", replace(RULES, end=datetime.date(2023, 1, 1))),
        (
            "calibration_end",
            replace(RULES, calibration_end=datetime.date(2023, 1, 1), end=DAY),
        ),
    ],
)
def test_an_end_before_the_first_order_is_refused(name, rules):
    """The message names the parameter, the day given and the day of the first order."""
    message = f"{name} must not lie before the first order; found 2023-01-01, .* on 2024-01-01"
    with pytest.raises(DataError, match=message):
        counts(rules, customers_out=0)


def test_later_orders_are_refused():
    """Orders on the last day pass."""
    with open_table(small_log(), COLUMNS, owner="The test") as opened:
        reject_later(opened, datetime.date(2024, 2, 10))
        message = r"'date' must not lie after 2024-02-09, .* row 5 has date=2024-02-10 .*\(1 such"
        with pytest.raises(DataError, match=message):
            reject_later(opened, datetime.date(2024, 2, 9))


def test_orders_before_the_first_opportunity_are_refused():
    """The rule names the day; the first such row and their number follow."""
    rules = replace(RULES, calendar=(datetime.date(2024, 1, 3), datetime.date(2024, 2, 1)))
    message = (
        "column 'date' must not lie before 2024-01-03, the first opportunity of calendar; "
        r"row 0 has date=2024-01-01 00:00:00, customer_id='a' \(3 such rows\)"
    )
    with pytest.raises(DataError, match=message):
        counts(rules, n_early=3)
