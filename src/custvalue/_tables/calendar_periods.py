"""Periods of the calendar by number: of days in Python and of columns in any engine.

Periods that follow one another have numbers that follow one another, so that a difference of
numbers is an age in periods. Weeks begin on Monday.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np

from custvalue._typing import AnyArray, IntArray

PERIODS = ("day", "week", "month", "quarter", "year")

_MONDAY = date(1900, 1, 1)
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONTHS_TO_1970 = 1970 * 12

__all__ = [
    "PERIODS",
    "as_date",
    "first_days",
    "last_whole_period",
    "period_number",
    "period_numbers",
]


def as_date(day: date) -> Any:
    """Return a day as a constant of the engine."""
    return ibis.date(day.year, day.month, day.day)


def period_number(day: date, period: str) -> int:
    """Return the number of the period that a day lies in.

    Parameters
    ----------
    day : datetime.date
    period : {"day", "week", "month", "quarter", "year"}

    Returns
    -------
    int

    Examples
    --------
    >>> from datetime import date
    >>> period_number(date(2024, 2, 29), "month") - period_number(date(2023, 12, 1), "month")
    2
    """
    if period in _DAYS:
        return (day - _MONDAY).days // _DAYS[period]
    return (day.year * 12 + day.month - 1) // _MONTHS[period]


def period_numbers(day: Any, period: str) -> Any:
    """Return the number of the period that each day of a column lies in.

    Parameters
    ----------
    day : ibis column of dates
    period : {"day", "week", "month", "quarter", "year"}

    Returns
    -------
    ibis column of int64
    """
    if period in _DAYS:
        # By number: not every database cuts a date to its Monday.
        monday = ibis.date(_MONDAY.year, _MONDAY.month, _MONDAY.day)
        return _parts(day.delta(monday, unit="day"), _DAYS[period])
    if period == "year":
        return day.year().cast("int64")
    return _parts(day.year() * 12 + day.month() - 1, _MONTHS[period])


def first_days(numbers: IntArray, period: str) -> AnyArray:
    """Return the first day of each period.

    Parameters
    ----------
    numbers : ndarray of int of shape (n_periods,)
    period : {"day", "week", "month", "quarter", "year"}

    Returns
    -------
    ndarray of datetime64[us] of shape (n_periods,)
    """
    if period in _DAYS:
        days: AnyArray = np.datetime64(_MONDAY) + np.asarray(numbers) * _DAYS[period]
        return days.astype("datetime64[us]")
    months = np.asarray(numbers, dtype=np.int64) * _MONTHS[period] - _MONTHS_TO_1970
    return months.astype("datetime64[M]").astype("datetime64[us]")


def last_whole_period(end: date, period: str) -> int:
    """Return the number of the last period that is over when a day is.

    Parameters
    ----------
    end : datetime.date
    period : {"day", "week", "month", "quarter", "year"}

    Returns
    -------
    int

    Examples
    --------
    >>> from datetime import date
    >>> here = period_number(date(2024, 2, 1), "month")
    >>> [last_whole_period(date(2024, 2, day), "month") - here for day in (28, 29)]
    [-1, 0]
    """
    here = period_number(end, period)
    if end == date.max:  # the last day of a year, and no Sunday
        return here - (period == "week")
    over = period_number(end + timedelta(days=1), period) > here
    return here if over else here - 1


def _parts(whole: Any, size: int) -> Any:
    """Return how often a size goes into whole numbers, rounded down."""
    if size == 1:
        return whole.cast("int64")
    return (whole.cast("float64") / float(size)).floor().cast("int64")
