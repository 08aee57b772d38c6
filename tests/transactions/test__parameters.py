"""Parameters that the summary and the split share."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from custvalue.transactions._parameters import (
    as_day,
    check_choice,
    check_extra,
    check_id_name,
    order_columns,
)


def test_columns_by_part():
    """Without an amount there are two parts."""
    assert order_columns("a", "b", None) == {"customer": "a", "date": "b"}
    assert order_columns("a", "b", "c") == {"customer": "a", "date": "b", "amount": "c"}


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-29",
        "2024-02-29 23:59",
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 23, 59),
        pd.Timestamp("2024-02-29 23:59", tz="Asia/Tokyo"),
        np.datetime64("2024-02-29T12", "h"),
    ],
    ids=repr,
)
def test_dates_times_and_text_are_days(value):
    """A time is the day of its own clock."""
    assert as_day(value, "end") == datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "29/02/2024", "2023-02-29", pd.NaT, np.datetime64("NaT"), 20240229, 1.5, None],
    ids=repr,
)
def test_what_is_no_day_is_refused(value):
    """The message names the parameter, shows how to write a date, and what was found."""
    with pytest.raises(ValueError, match=r"^end must be a date such as '2024-12-31'; found "):
        as_day(value, "end")


def test_choices():
    """One of the choices comes back; anything else is refused with all of them."""
    assert check_choice("b", "letter", ("a", "b")) == "b"
    with pytest.raises(ValueError, match="letter must be one of a, b; found 'c'"):
        check_choice("c", "letter", ("a", "b"))


def test_extra_columns():
    """A list does as well as a tuple; the order stays."""
    assert check_extra(["total_value", "n_orders"], has_amount=True) == ("total_value", "n_orders")
    assert check_extra((), has_amount=False) == ()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (("n_orders", "n"), "among n_orders, .*, last_purchase; found 'n'"),
        (("n_orders", "n_orders"), "each column once; found"),
        (("total_value",), "'total_value' needs an amount column; found amount=None"),
    ],
)
def test_wrong_extra_columns_are_refused(extra, message):
    """Unknown and double names, and values without an amount."""
    with pytest.raises(ValueError, match=message):
        check_extra(extra, has_amount=False)


@pytest.mark.parametrize("name", ["T", "t", "frequency", "Frequency"])
def test_the_id_must_not_be_named_like_a_column_of_the_summary(name):
    """Engines do not tell capitals apart."""
    check_id_name("customer_id", ("frequency", "T"))
    with pytest.raises(ValueError, match=f"customer must not be named .*; found '{name}'"):
        check_id_name(name, ("frequency", "T"))
