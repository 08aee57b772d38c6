"""Calendars of opportunities, and which opportunity a day belongs to."""

from __future__ import annotations

import datetime
from bisect import bisect_right

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.transactions._opportunities import check_calendar, opportunity, opportunity_on

DAYS = tuple(datetime.date(2024, month, 1) for month in (1, 2, 4))


@pytest.mark.parametrize(
    "calendar",
    [
        ["2024-01-01", "2024-02-01", "2024-04-01"],
        DAYS,
        pd.to_datetime(pd.Series(DAYS)),
        pd.DatetimeIndex(DAYS),
        np.array(DAYS, dtype="datetime64[D]"),
        pd.DatetimeIndex(DAYS).to_numpy(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_calendars_of_any_kind_are_days(calendar):
    """Lists, tuples, Series, indexes and arrays of texts, dates and times."""
    assert check_calendar(calendar) == DAYS


def test_no_calendar_has_no_days():
    """None is the way to say so; with it any collapse is right."""
    assert check_calendar(None, "week") == ()


@pytest.mark.parametrize(
    ("calendar", "more", "message"),
    [
        ([], {}, "calendar must hold between 1 and 10,000 opportunities; found 0"),
        (["soon"], {}, "every day of calendar must be a date such as '2024-12-31'; found 'soon'"),
        ([1.5], {}, "every day of calendar must be a date"),
        (["2024-01-02", "2024-01-02"], {}, "each day once, ascending; found 2024-01-02 before "),
        (["2024-01-03", "2024-01-02"], {}, "found 2024-01-03 before 2024-01-02, which is entry 1"),
        (DAYS, {"collapse": "week"}, "collapse must be 'day' where a calendar .*; found 'week'"),
        (
            DAYS,
            {"end": datetime.date(2023, 1, 1)},
            "observation_end must .* 2024-01-01; found 2023",
        ),
    ],
)
def test_what_is_no_calendar_is_refused(calendar, more, message):
    """The message says what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        check_calendar(calendar, **more)


@given(
    calendar=st.sets(st.integers(0, 60), min_size=1, max_size=20),
    days=st.lists(st.integers(-5, 70), min_size=1, max_size=10),
)
@settings(max_examples=20, deadline=None)
def test_the_tree_of_comparisons_finds_the_last_opportunity(calendar, days):
    """It agrees with a search through the sorted calendar, before, at and after every day."""
    origin = datetime.date(2024, 1, 1)
    opportunities = tuple(origin + datetime.timedelta(days=one) for one in sorted(calendar))
    dates = [origin + datetime.timedelta(days=one) for one in days]
    column = ibis.memtable(pa.table({"day": dates}))
    found = column.select(n=opportunity(column["day"], opportunities)).to_pyarrow()["n"]
    expected = [bisect_right(sorted(calendar), one) - 1 for one in days]
    assert found.to_pylist() == expected
    assert [opportunity_on(opportunities, one) for one in dates] == expected


def test_a_long_calendar_is_no_deep_expression():
    """A thousand opportunities: a row takes ten comparisons, and the engine takes them."""
    origin = datetime.date(2020, 1, 1)
    calendar = tuple(origin + datetime.timedelta(days=one) for one in range(1000))
    column = ibis.memtable(pa.table({"day": [calendar[777], calendar[0]]}))
    found = column.select(n=opportunity(column["day"], calendar)).to_pyarrow()["n"]
    assert found.to_pylist() == [777, 0]
