"""Opportunities to buy: a calendar of days, and the number of the last one at or before a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import ibis
import numpy as np

from custvalue._estimator.parameters import as_day

_MOST = 10_000

__all__ = ["check_calendar", "opportunity", "opportunity_on"]


def check_calendar(
    calendar: Any, collapse: str = "day", end: date | None = None
) -> tuple[date, ...]:
    """Return the days of a calendar of opportunities.

    Parameters
    ----------
    calendar : sequence, Series, Index or ndarray of dates, or None
        None: no calendar, and no days.
    collapse : {"day", "week", "month"}
        What else says which orders are one purchase; must be "day" beside a calendar.
    end : datetime.date or None
        End of observation, which must not come before all opportunities.

    Returns
    -------
    tuple of datetime.date

    Raises
    ------
    ValueError
        If there are none or too many, they do not ascend, or another parameter disagrees.
    """
    if calendar is None:
        return ()
    if collapse != "day":
        raise ValueError(
            "collapse must be 'day' where a calendar says which orders are one purchase; "
            f"found {collapse!r}"
        )
    days = tuple(as_day(_plain(one), "every day of calendar") for one in calendar)
    if not 1 <= len(days) <= _MOST:
        raise ValueError(
            f"calendar must hold between 1 and {_MOST:,} opportunities; found {len(days):,}"
        )
    for place, (one, other) in enumerate(pairwise(days), start=1):
        if one >= other:
            raise ValueError(
                f"calendar must hold each day once, ascending; found {one} before {other}, which "
                f"is entry {place}"
            )
    if end is not None and end < days[0]:
        raise ValueError(
            f"observation_end must not lie before the first opportunity of calendar, {days[0]}; "
            f"found {end}"
        )
    return days


def opportunity_on(calendar: Sequence[date], day: date) -> int:
    """Return the number, from 0, of the last opportunity at or before a day; -1 before all."""
    return bisect_right(calendar, day) - 1


def opportunity(day: Any, calendar: Sequence[date]) -> Any:
    """Return the number of the last opportunity at or before each day of a column.

    A tree of comparisons, so that a row takes as many as the logarithm of the opportunities and
    any engine can do it.

    Parameters
    ----------
    day : ibis column of dates
    calendar : sequence of datetime.date
        Ascending.

    Returns
    -------
    ibis column of int64
        From 0; -1 before the first.
    """
    return _between(day, calendar, 0, len(calendar))


def _between(day: Any, calendar: Sequence[date], low: int, high: int) -> Any:
    """Return the number where it is known to be from ``low - 1`` to ``high - 1``."""
    if low == high:
        return ibis.literal(low - 1, type="int64")
    middle = (low + high) // 2
    cut = calendar[middle]
    return ibis.ifelse(
        day < ibis.date(cut.year, cut.month, cut.day),
        _between(day, calendar, low, middle),
        _between(day, calendar, middle + 1, high),
    )


def _plain(one: Any) -> Any:
    """Return the only entry of an array of no dimensions, else the entry itself."""
    return one[()] if isinstance(one, np.ndarray) and one.ndim == 0 else one
