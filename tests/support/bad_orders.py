"""Wrong orders and parameters: how to spoil a good log, what to change, what is then said."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

__all__ = ["BAD_ORDERS"]

HOLE = [1.0, np.nan, 2.0, np.nan, 1.0, 1.0]
TOKYO = pd.Timestamp("2024-01-01", tz="Asia/Tokyo")
LONDON = pd.Timestamp("2024-01-01", tz="Europe/London")


def objects(*values):
    """Return a column of Python objects."""
    return pd.Series(values, dtype=object)


BAD_ORDERS = {
    "missing column": (
        lambda o: o.drop(columns="amount"),
        {},
        "needs the columns customer_id, date, amount; missing: amount; found: customer_id, date",
    ),
    "double column": (
        lambda o: pd.concat([o, o[["date"]]], axis=1),
        {},
        "column names must be unique; found more than once: date",
    ),
    "no rows": (lambda o: o.iloc[:0], {}, "needs at least one order; X has columns but no rows"),
    "missing amount": (
        lambda o: o.assign(amount=HOLE),
        {},
        "column 'amount' must hold finite numbers; row 1 has amount=missing, customer_id='a', "
        r"date=2024-01-15 00:00:00 \(2 such rows\)",
    ),
    "infinite amount": (
        lambda o: o.assign(amount=[1, 2, np.inf, 1, 1, 1]),
        {},
        r"'amount' must hold finite numbers; row 2 has amount=inf, .* \(1 such row\)",
    ),
    "infinite sum": (
        lambda o: o.assign(customer_id="a", date=o["date"][0], amount=1e308),
        {},
        "column 'amount' must have finite sums",
    ),
    "amount text": (
        lambda o: o.assign(amount="3,50"),
        {},
        r"'amount' must hold numbers; found string.*row 0 has amount='3,50' \(6 such rows\)",
    ),
    "amount yes and no": (lambda o: o.assign(amount=True), {}, "must hold numbers; found boolean"),
    "amount complex": (lambda o: o.assign(amount=1j), {}, "'amount' must .*complex128"),
    "missing date": (
        lambda o: o.assign(date=[*o["date"][:5], pd.NaT]),
        {},
        r"'date' must not have missing values; row 5 has date=missing, customer_id='c' \(1 such",
    ),
    "only missing dates": (lambda o: o.assign(date=None), {}, r"row 0 .* \(6 such rows\)"),
    "dates as text": (
        lambda o: o.assign(date=o["date"].astype(str)),
        {},
        r"'date' must hold dates or times; found string.*row 0 has date='2024-01-01' \(6 such rows",
    ),
    "dates as numbers": (
        lambda o: o.assign(date=20240101),
        {},
        "'date' must hold dates or times; found int64",
    ),
    "dates and text": (
        lambda o: o.assign(date=objects(*[datetime.date(2024, 1, 1)] * 5, "soon")),
        {},
        r"'date' must hold values of one type .* row 5 has date='soon' of str among date \(1 such",
    ),
    "two time zones": (
        lambda o: o.assign(date=objects(*[LONDON] * 4, TOKYO, TOKYO)),
        {},
        r"times of one time zone; row 4 .* of zone Asia/Tokyo among Europe/London \(2 such rows\)",
    ),
    "with and without a zone": (
        lambda o: o.assign(date=objects(*[LONDON] * 5, pd.Timestamp("2024-01-01"))),
        {},
        "times of one time zone; row 5 .* of zone None among Europe/London",
    ),
    "periods": (
        lambda o: o.assign(date=o["date"].dt.to_period("D")),
        {},
        "'date' must hold numbers, text or dates; found extension<pandas.period",
    ),
    "missing customer": (
        lambda o: o.assign(customer_id=["a", None, "b", "c", "c", "c"]),
        {},
        "'customer_id' must not have missing values; row 1 has customer_id=missing, date=2024-01",
    ),
    "customer not a number": (
        lambda o: o.assign(customer_id=[1.0, 2.0, np.nan, 3.0, 3.0, 3.0]),
        {},
        "'customer_id' must not have missing values; row 2",
    ),
    "customers of two types": (
        lambda o: o.assign(customer_id=objects(1, 1, "b", 3, 3, "c")),
        {},
        r"must hold values of one type .* row 2 has customer_id='b' of str among int \(2 such rows",
    ),
    "customers as lists": (
        lambda o: o.assign(customer_id=objects([1], [1], [2], [3], [3], [3])),
        {},
        "'customer_id' must hold numbers, text or dates; found list",
    ),
    "negative amount": (
        lambda o: o,
        {"on_negative": "raise"},
        r"'amount' must not be negative where on_negative='raise'; row 4 has amount=-30.0, .*\(1 ",
    ),
    "nothing but refunds": (
        lambda o: o.assign(amount=-1.0),
        {},
        r"X must hold at least one purchase; found 6 orders of 3 customers, .*on_negative='net'",
    ),
    "observation ends before it begins": (
        lambda o: o,
        {"observation_end": "2020-01-01"},
        "observation_end must not lie before the first order; found 2020-01-01, .* on 2024-01-01",
    ),
    "observation_end no date": (
        lambda o: o,
        {"observation_end": "yesterday"},
        "observation_end must be a date such as '2024-12-31'; found 'yesterday'",
    ),
    "observation_end not a time": (
        lambda o: o,
        {"observation_end": pd.NaT},
        "observation_end must be a date such as '2024-12-31'; found NaT",
    ),
    "observation_end a number": (lambda o: o, {"observation_end": 20240101}, "observation_end"),
    "unknown time_unit": (lambda o: o, {"time_unit": "fortnight"}, "'time_unit'.*'fortnight'"),
    "unknown collapse": (lambda o: o, {"collapse": "hour"}, "'collapse'.*'hour'"),
    "unknown on_negative": (lambda o: o, {"on_negative": "ignore"}, "'on_negative'.*'ignore'"),
    "unknown extra": (
        lambda o: o,
        {"extra": ("truncated",)},
        "extra must name columns among n_orders, .*; found 'truncated'",
    ),
    "extra twice": (lambda o: o, {"extra": ("n_orders", "n_orders")}, "name each column once"),
    "extra a word": (lambda o: o, {"extra": "n_orders"}, "'extra'.*'n_orders'"),
    "value without amount": (
        lambda o: o,
        {"amount": None, "extra": ("total_value",)},
        "extra 'total_value' needs an amount column",
    ),
    "left truncation without an edge": (
        lambda o: o,
        {"extra": ("left_truncated",)},
        "extra 'left_truncated' needs left_edge, how long .*; found left_edge=None",
    ),
    "one column for two parts": (
        lambda o: o,
        {"date": "customer_id"},
        "a column of its own for each part; found customer='customer_id', date='customer_id'",
    ),
    "customer named like a result": (
        lambda o: o.rename(columns={"customer_id": "t"}),
        {"customer": "t"},
        "customer must not be named like a column of the summary",
    ),
}
