"""Periods of the calendar by number, against those of pandas."""

from __future__ import annotations

import datetime

import ibis
import numpy as np
import pandas as pd
import pytest

from custvalue._tables.calendar_periods import (
    PERIODS,
    as_date,
    first_days,
    last_whole_period,
    period_number,
    period_numbers,
)

CODES = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
DAYS = pd.date_range("1895-12-20", "1905-01-15").union(pd.date_range("2019-12-20", "2029-01-20"))


def judged(period):
    """Return the numbers and the first days that pandas gives, with 1 January 1900 as number 0."""
    periods = DAYS.to_period(CODES[period])
    origin = pd.Period("1900-01-01", CODES[period]).ordinal
    return periods.astype("int64").to_numpy() - origin, periods.start_time


@pytest.mark.parametrize("period", PERIODS)
def test_numbers_are_those_of_pandas(period):
    """Leap days, ends of years and Mondays of two decades, before 1900 too."""
    ordinals, _ = judged(period)
    numbers = np.array([period_number(day.date(), period) for day in DAYS])
    np.testing.assert_array_equal(
        numbers - period_number(datetime.date(1900, 1, 1), period), ordinals
    )


@pytest.mark.parametrize("period", PERIODS)
def test_a_column_has_the_same_numbers(period):
    """An engine counts as Python does; a missing day has no number."""
    table = ibis.memtable({"day": [day.date() for day in DAYS]})
    found = table.select(number=period_numbers(table["day"], period)).to_pyarrow()["number"]
    assert str(found.type) == "int64"
    assert found.to_pylist() == [period_number(day.date(), period) for day in DAYS]
    nothing = ibis.memtable({"day": [None]}, schema={"day": "date"})
    empty = nothing.select(number=period_numbers(nothing["day"], period)).to_pyarrow()
    assert empty["number"].to_pylist() == [None]


@pytest.mark.parametrize("period", PERIODS)
def test_first_days_are_those_of_pandas(period):
    """Every day lies in the period that begins on the first day of its number."""
    numbers = np.array([period_number(day.date(), period) for day in DAYS])
    found = first_days(numbers, period)
    assert found.dtype == "datetime64[us]"
    np.testing.assert_array_equal(found, judged(period)[1].to_numpy())


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_is_whole_on_its_last_day(period):
    """On the last day of a period it is the last whole one, on any other day the one before."""
    ends = DAYS.to_period(CODES[period]).end_time.normalize()
    whole = np.array([last_whole_period(day.date(), period) for day in DAYS])
    numbers = np.array([period_number(day.date(), period) for day in DAYS])
    np.testing.assert_array_equal(numbers - whole, np.where(ends == DAYS, 0, 1))


def test_the_last_day_of_all_ends_its_year():
    """31 December 9999 has no day after it, and is a Friday."""
    end = datetime.date.max
    over = [last_whole_period(end, period) == period_number(end, period) for period in PERIODS]
    assert dict(zip(PERIODS, over, strict=True)) == {
        "day": True,
        "week": False,
        "month": True,
        "quarter": True,
        "year": True,
    }


def test_a_day_is_a_constant():
    """It is a date of the engine."""
    day = as_date(datetime.date(2024, 2, 29))
    assert day.type().is_date()
    assert "29" in str(ibis.to_sql(day))
