"""Durations as expressions, step by step."""

from __future__ import annotations

import datetime

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.retention._order_durations import (
    DurationRules,
    conflicts,
    count_days,
    customer_days,
    customer_lives,
    duration_table,
    group_parts,
)

END = datetime.date(2024, 7, 1)
NAMES = {"customer": "who", "date": "when", "group0": "place"}


def rules(**changes):
    """Return rules of 30 days, in days, with one group."""
    return DurationRules(
        **{
            "inactivity": 30.0,
            "forgiving": False,
            "time_unit": "day",
            "n_groups": 1,
            **changes,
        }
    )


def orders(*rows):
    """Return orders of customer, ISO date and group."""
    frame = pd.DataFrame(rows, columns=["customer", "date", "group0"])
    dated = frame.assign(date=pd.to_datetime(frame["date"], format="ISO8601"))
    return ibis.memtable(pa.Table.from_pandas(dated, preserve_index=False))


def run(table):
    """Return the rows of an expression in pandas."""
    return table.to_pyarrow().to_pandas()


def lives(*rows, **changes):
    """Return the durations of orders in days, by customer."""
    given = rules(**changes)
    table = customer_lives(customer_days(orders(*rows), given), given, END)
    return run(duration_table(table, given, END, NAMES)).set_index("who").sort_index()


def test_orders_of_a_day_are_one():
    """Lines of a day are counted, and their least and greatest group kept."""
    table = customer_days(
        orders(("a", "2024-01-01", "x"), ("a", "2024-01-01 18:00", "y"), ("b", "2024-01-01", None)),
        rules(),
    )
    found = run(table).set_index("customer").sort_index()
    assert found["n_rows"].tolist() == [2, 1]
    assert found.loc["a", ["low0", "high0"]].tolist() == ["x", "y"]
    assert found["gaps0"].tolist() == [0, 1]


def test_counts_are_of_orders():
    """All, later than the end, without customer, date and group."""
    days = customer_days(
        orders(
            ("a", "2024-01-01", "x"),
            ("a", "2024-08-01", None),
            (None, "2024-01-02", "x"),
            ("b", None, "x"),
        ),
        rules(),
    )
    found = run(count_days(days, rules(), END)).iloc[0]
    counted = ["n_rows", "n_later", "n_no_customer", "n_no_date", "n_no_group0"]
    assert found[counted].tolist() == [4, 1, 1, 1, 1]
    assert run(count_days(days, rules(), None))["n_later"][0] == 0


def test_a_silence_of_exactly_the_inactivity_ends_a_life():
    """29 days do not, 30 days do, in the midst and at the end of observation."""
    found = lives(
        ("a", "2024-06-01", "x"),  # 30 days before the end
        ("b", "2024-06-02", "x"),
        ("c", "2024-01-01", "x"),
        ("c", "2024-01-31", "x"),  # 30 days later
        ("d", "2024-06-01", "x"),
        ("d", "2024-06-30", "x"),  # 29 days later
    )
    assert found["churned"].tolist() == [True, False, True, False]
    assert found["duration"].tolist() == [30.0, 29.0, 30.0, 30.0]


def test_a_fraction_of_a_day_needs_the_whole_day():
    """29.5 days have passed after 30; the duration has the fraction."""
    found = lives(("a", "2024-06-01", "x"), ("b", "2024-06-02", "x"), inactivity=29.5)
    assert found["churned"].tolist() == [True, False]
    assert found["duration"].tolist() == [29.5, 29.0]
    assert rules(inactivity=30 + 1e-12).silence == 30


def test_a_later_order_undoes_a_silence_only_where_it_may():
    """Three lives of one customer: the first ends it, or the last silence alone counts."""
    rows = [("a", day, "x") for day in ("2024-01-01", "2024-01-11", "2024-03-11", "2024-06-20")]
    assert lives(*rows).loc["a", ["duration", "churned"]].tolist() == [40.0, True]
    undone = lives(*rows, forgiving=True).loc["a", ["duration", "churned"]].tolist()
    assert undone == [182.0, False]


def test_days_after_the_end_are_left_out():
    """A customer of only later days is not there; later days end no silence."""
    found = lives(("a", "2024-05-31", "x"), ("a", "2024-07-02", "x"), ("b", "2024-07-02", "x"))
    assert found.index.tolist() == ["a"]
    assert found.loc["a", "duration"] == 30.0


def test_the_group_is_that_of_the_first_day():
    """Later values do not count; two values on the first day are a conflict."""
    rows = [("a", "2024-01-01", "z"), ("a", "2024-01-05", "x"), ("b", "2024-01-01", "x")]
    assert lives(*rows)["place"].tolist() == ["z", "x"]
    table = customer_lives(
        customer_days(orders(*rows, ("b", "2024-01-01 12:00", "y")), rules()), rules(), END
    )
    assert run(conflicts(table, rules()))["customer"].tolist() == ["b"]


@pytest.mark.parametrize(("unit", "days"), [("week", 7), ("month", 30.4375), ("year", 365.25)])
def test_time_is_measured_in_the_unit(unit, days):
    """Days divided by the days of a unit."""
    found = lives(("a", "2024-06-20", "x"), time_unit=unit)
    assert found.loc["a", "duration"] == pytest.approx(11 / days)


def test_parts_are_numbered():
    """Columns of groups have names that no caller's name can meet."""
    assert group_parts(2) == ("group0", "group1")
    assert group_parts(0) == ()
