"""durations_from_orders against a slow judge, in every kind of table, and what it refuses."""

from __future__ import annotations

import datetime
import uuid

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention.durations_from_orders import durations_from_orders
from custvalue.retention.retention_curve import RetentionCurve
from support.order_logs import DAYS, KINDS, STREAMS, as_input, as_pandas, random_log, small_log
from support.strategies import order_logs

END = datetime.date(2024, 12, 31)


def judge(orders, end, inactivity, unit, reactivation):
    """Return durations from a loop over customers and days; ``inactivity`` is in days."""
    rows = {}
    for customer, own in orders.groupby("customer_id"):
        days = sorted({when.date() for when in own["date"] if when.date() <= end})
        if not days:
            continue
        gaps = [(b - a).days for a, b in zip(days, [*days[1:], end], strict=True)]
        silent = [i for i, gap in enumerate(gaps) if gap >= inactivity]
        if reactivation == "ignore":
            silent = [i for i in silent if i == len(days) - 1]
        known = days[silent[0]] + datetime.timedelta(days=inactivity) if silent else end
        lasted = (known - days[0]).days
        rows[customer] = {"duration": lasted / DAYS[unit], "churned": bool(silent)}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis("customer_id").sort_index()


@given(
    orders=order_logs(),
    inactivity=st.integers(1, 400),
    end=st.dates(datetime.date(2023, 6, 1), datetime.date(2025, 3, 1)),
    unit=st.sampled_from(["day", "week", "month", "year"]),
    reactivation=st.sampled_from(["lapse", "ignore"]),
)
@settings(max_examples=15, deadline=None)
def test_it_agrees_with_a_slow_judge(orders, inactivity, end, unit, reactivation):
    """Every duration and every leaving is that of the loop."""
    kept = orders[orders["date"].dt.date <= end]
    asked = {
        "inactivity": f"{inactivity} days",
        "observation_end": end,
        "time_unit": unit,
        "reactivation": reactivation,
    }
    if kept.empty:
        with pytest.raises(DataError, match="must not lie before the first order"):
            durations_from_orders(orders, **asked)
        return
    found = durations_from_orders(kept, **asked)
    expected = judge(kept, end, inactivity, unit, reactivation)
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)


@pytest.mark.parametrize("kind", [*KINDS, *STREAMS])
def test_every_kind_of_table_gives_the_same(kind, tmp_path):
    """The result is of the kind of the orders, with the columns of groups."""
    orders = random_log(400, 60, 3)
    orders["region"] = np.where(orders["customer_id"] % 3 == 0, "north", "south")
    orders["tier"] = orders["customer_id"] % 2
    asked = {"inactivity": 2, "observation_end": END, "by": ["region", "tier"]}
    expected = durations_from_orders(orders, **asked)
    found = durations_from_orders(as_input(orders, kind, tmp_path), **asked)
    assert list(expected.columns) == ["duration", "churned", "region", "tier"]
    shown = as_pandas(found)
    pd.testing.assert_frame_equal(
        shown, expected, check_dtype=False, check_index_type=False, check_column_type=False
    )
    if kind in ("ibis", "duckdb"):
        assert isinstance(found, ibis.Table)


def test_numbers_and_words_say_the_same():
    """Two months are 60.875 days."""
    orders = random_log(300, 40, 5)
    one = durations_from_orders(orders, inactivity=2, observation_end=END)
    other = durations_from_orders(orders, inactivity="60.875 days", observation_end=END)
    pd.testing.assert_frame_equal(one, other)
    assert one.attrs["time_unit"] == "month"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (datetime.timedelta(days=90), "90 days"),
        (pd.Timedelta(days=90), "90 days"),
        (pd.Timedelta(hours=36), "1.5 days"),
        (np.timedelta64(90, "D"), "90 days"),
        (np.timedelta64(90 * 24, "h"), "90 days"),
        (np.timedelta64(90 * 86_400_000, "ms"), "90 days"),
        (np.timedelta64(12, "W"), "12 weeks"),
        (np.timedelta64(3, "M"), "3 months"),
        (np.timedelta64(1, "Y"), "1 year"),
    ],
)
def test_a_length_of_time_is_what_its_words_say(length, words):
    """No unit is read as a plain number."""
    orders = random_log(300, 40, 5)
    one = durations_from_orders(orders, inactivity=length, observation_end=END)
    other = durations_from_orders(orders, inactivity=words, observation_end=END)
    pd.testing.assert_frame_equal(one, other)


def test_groups_of_dates_months_and_classes():
    """Dates stay dates, periods and intervals become text, of Arrow too; curves take them."""
    orders = random_log(400, 60, 3)
    first = orders.groupby("customer_id")["date"].transform("min").dt.normalize()
    orders["joined"], orders["month"] = first, first.dt.to_period("M")
    orders["size"] = pd.cut(orders["customer_id"], [-1, 20, 40, 100])
    asked = {"inactivity": 2, "observation_end": END, "by": ["joined", "month", "size"]}
    found = durations_from_orders(orders, **asked)
    own = orders.groupby("customer_id").first()
    assert found["joined"].eq(own["joined"]).all()
    assert found["month"].tolist() == own["month"].astype(str).tolist()
    assert found["size"].tolist() == own["size"].astype(str).tolist()
    assert list(RetentionCurve(by="size").fit(found).groups_) == [
        "(-1, 20]",
        "(20, 40]",
        "(40, 100]",
    ]
    assert len(RetentionCurve(by="joined").fit(found).groups_) == found["joined"].nunique()
    arrow = durations_from_orders(pa.Table.from_pandas(orders), **asked)
    for name in ("month", "size"):
        assert arrow[name].to_pylist() == found[name].tolist()


def test_ids_of_128_bits_can_make_groups():
    """Arrow's UUIDs are text, as elsewhere."""
    who = uuid.UUID(int=7)
    columns = {"customer_id": ["a"], "date": [END], "shop": pa.array([who], pa.uuid())}
    found = durations_from_orders(
        pa.table(columns), by="shop", inactivity=1, observation_end="2025-01-31"
    )
    assert found["shop"].to_pylist() == [str(who)]


def test_an_arrow_table_carries_its_unit():
    """The schema notes it, and a curve in another unit is refused."""
    orders = pa.Table.from_pandas(small_log())
    found = durations_from_orders(orders, inactivity=1, observation_end=END, time_unit="week")
    assert found.schema.metadata[b"time_unit"] == b"week"
    assert len(RetentionCurve(time_unit="week").fit(found).curve_)
    with pytest.raises(DataError, match="measured in time_unit 'month'; it was measured in 'week'"):
        RetentionCurve().fit(found)


def test_the_past_does_not_change_with_the_future():
    """With "lapse" who had left by July has left at the same time when seen from December."""
    orders = random_log(600, 60, 7)
    july = datetime.date(2024, 7, 1)
    early = durations_from_orders(
        orders[orders["date"].dt.date <= july], inactivity=2, observation_end=july
    )
    late = durations_from_orders(orders, inactivity=2, observation_end=END)
    left = early[early["churned"]]
    assert len(left) > 20
    pd.testing.assert_frame_equal(late.loc[left.index], left)


def test_order_of_rows_and_hostile_names_change_nothing():
    """Shuffled orders, and columns with the names of the engine's own, give the same."""
    orders = random_log(300, 40, 9)[["customer_id", "date"]]
    expected = durations_from_orders(orders, inactivity=2, observation_end=END)
    hostile = orders.sample(frac=1, random_state=1).rename(
        columns={"customer_id": 'select "day"', "date": "customer"}
    )
    found = durations_from_orders(
        hostile, inactivity=2, observation_end=END, customer='select "day"', date="customer"
    )
    pd.testing.assert_frame_equal(found, expected, check_names=False)
    assert found.index.name == 'select "day"'


def test_the_curve_of_random_silences_is_that_of_the_process():
    """Orders every day until a geometric end: survival at t + inactivity is that at t.

    Each customer orders daily and stops with probability 0.02 a day; 4 standard errors.
    """
    generator = np.random.default_rng(8)
    start, stay = generator.integers(0, 200, 1200), generator.geometric(0.02, 1200)
    first = pd.Timestamp("2024-01-01")
    rows = [
        (i, first + pd.Timedelta(days=int(s + k)))
        for i, (s, n) in enumerate(zip(start, stay, strict=True))
        for k in range(0, min(int(n), 240 - int(s)))
    ]
    orders = pd.DataFrame(rows, columns=["customer_id", "date"])
    found = durations_from_orders(
        orders, inactivity=10, observation_end=first + pd.Timedelta(days=239), time_unit="day"
    )
    curve = RetentionCurve(time_unit="day").fit(found).curve_
    for t in (5, 30, 80):
        row = curve[curve["time"] <= t + 10 - 1].iloc[-1]
        assert abs(row["survival"] - 0.98**t) < 4 * row["std_error"]


def test_the_curve_takes_the_unit_of_the_durations():
    """A curve in another unit is refused."""
    found = durations_from_orders(small_log(), inactivity=1, observation_end=END, time_unit="week")
    with pytest.raises(DataError, match="measured in time_unit 'month'; it was measured in 'week'"):
        RetentionCurve().fit(found)


def test_later_orders_are_left_out_with_a_warning():
    """The number of orders after the end is said."""
    with pytest.warns(DataQualityWarning, match="1 of 6 orders lie after the observation_end"):
        found = durations_from_orders(small_log(), inactivity=1, observation_end="2024-01-31")
    assert len(found) == 3


def test_an_inferred_end_is_warned_of():
    """Without observation_end the day of the last order is taken."""
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10, the day of the last"):
        inferred = durations_from_orders(small_log(), inactivity=1)
    stated = durations_from_orders(small_log(), inactivity=1, observation_end="2024-02-10")
    pd.testing.assert_frame_equal(inferred, stated)


def plans(*values):
    """Return the small log with a column of plans."""
    return small_log().assign(plan=list(values))


REFUSED = {
    "inactivity 0": ({"inactivity": 0}, "inactivity must be a positive number .*; found 0"),
    "inactivity negative": ({"inactivity": -1.0}, "inactivity must be a positive number"),
    "inactivity infinite": ({"inactivity": np.inf}, "inactivity must be .*; found inf"),
    "inactivity words": ({"inactivity": "a while"}, "such as '90 days'; found 'a while'"),
    "inactivity bool": ({"inactivity": True}, "found True"),
    "unit": ({"time_unit": "fortnight"}, "time_unit must be one of .*; found 'fortnight'"),
    "reactivation": ({"reactivation": "return"}, "reactivation must be one of 'lapse', 'ignore'"),
    "end": ({"observation_end": "soon"}, "observation_end must be a date"),
    "end too early": (
        {"observation_end": "2020-01-01"},
        "must not lie before the first order; found 2020-01-01, and the first of 6 orders on 2024",
    ),
    "by twice": ({"by": ["plan", "plan"]}, "by must be a column name, different column names"),
    "by a result": ({"by": "Duration"}, "by must not name duration, churned; found 'Duration'"),
    "inactivity no time": ({"inactivity": pd.NaT}, "found NaT"),
    "inactivity NumPy's NaT": ({"inactivity": np.timedelta64("NaT", "D")}, "found np.timedelta64"),
    "inactivity of no unit": ({"inactivity": np.timedelta64(90)}, "found np.timedelta64"),
    "by the customer": (
        {"by": "customer_id"},
        "by must not name the column of customer or date; found 'customer_id'",
    ),
    "by the date": ({"by": ["plan", "date"]}, "of customer or date; found 'date'"),
    "customer a result": ({"customer": "churned"}, "customer must not be named like a column"),
    "no column": ({"date": "day"}, "missing: day"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_parameters_are_named(name):
    """Parameter, rule and value are in the message."""
    changes, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        durations_from_orders(
            plans(*"xxxxxx"), **{"inactivity": 1, "observation_end": END, **changes}
        )


BAD_ORDERS = {
    "no rows": (lambda o: o.iloc[:0], "needs at least one order; X has columns but no rows"),
    "missing customer": (
        lambda o: o.assign(customer_id=["a", None, "b", "c", "c", "c"]),
        "'customer_id' must not have missing values; row 1 has customer_id=missing",
    ),
    "missing date": (
        lambda o: o.assign(date=[*o["date"][:5], pd.NaT]),
        r"'date' must not have missing values; row 5 has date=missing, customer_id='c' \(1 such",
    ),
    "dates as text": (
        lambda o: o.assign(date=o["date"].astype(str)),
        "'date' must hold dates or times; found string",
    ),
    "missing plan": (
        lambda o: o.assign(plan=["x", None, "x", "x", "x", None]),
        r"'plan' must not have missing values; row 1 has plan=missing, customer_id='a' \(2 such",
    ),
    "lengths of time as plans": (
        lambda o: pl.from_pandas(o.assign(plan=o["date"] - o["date"].min())),
        r"column 'plan' of by must hold numbers, text, .*\.astype\(str\)",
    ),
    "two plans on the first day": (
        lambda o: o.assign(plan=["x", "x", "x", "x", "y", "x"]),
        r"customer 'c' has plan='x' and 'y' on 2024-01-02 \(1 such customer\)",
    ),
}


@pytest.mark.parametrize("name", BAD_ORDERS)
def test_bad_orders_are_named(name):
    """The message names rule, first row and number; a plan may change after the first day."""
    spoil, message = BAD_ORDERS[name]
    asked = {"inactivity": 1, "observation_end": END, "by": "plan"}
    assert len(durations_from_orders(plans(*"xyxxxz"), **asked)) == 3
    with pytest.raises(DataError, match=message):
        durations_from_orders(spoil(plans(*"xxxxxx")), **asked)


def test_what_is_no_table_is_refused():
    """An array has no dates."""
    with pytest.raises(TypeError, match="durations_from_orders needs a table"):
        durations_from_orders(np.ones((3, 2)), inactivity=1)
