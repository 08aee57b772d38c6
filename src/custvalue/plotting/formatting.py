"""Numbers as people read them: thousands parted, no more digits than help, a true minus sign."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

__all__ = [
    "amount",
    "amounts",
    "count",
    "counted",
    "day",
    "decimal",
    "nice_steps",
    "period_names",
    "share",
    "significant",
]

_NO_BREAK = "\u00a0"
_MINUS = "\u2212"
_NOTHING = "\u2013"
_BILLION = 1e9
_TRILLION = 1e12
_SMALLEST_PLAIN = -4
_WITH_CENTS_BELOW = 100
_COLUMN_WITH_CENTS_BELOW = 1000
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS_A_PERIOD = (("year", 12), ("quarter", 3), ("month", 1))
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def count(value: float) -> str:
    """Return a number of things, without decimals.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> count(1234567)
    '1,234,567'
    """
    return decimal(value, 0)


def amount(value: float) -> str:
    r"""Return an amount of money, with two decimals where it is below 100.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> amount(1234.56), amount(12.345), amount(2.5e9)
    ('1,235', '12.35', '2.50\xa0billion')
    """
    return decimal(value, 2 if abs(value) < _WITH_CENTS_BELOW else 0)


def amounts(values: Iterable[float]) -> list[str]:
    """Return amounts of money for one column: all with two decimals, or none of them.

    Parameters
    ----------
    values : iterable of float

    Returns
    -------
    list of str

    Examples
    --------
    >>> amounts([49796.2, 80.4]), amounts([124.181, 3.0])
    (['49,796', '80'], ['124.18', '3.00'])
    """
    column = [float(value) for value in values]
    finite = [abs(value) for value in column if math.isfinite(value)]
    places = 2 if max(finite, default=0.0) < _COLUMN_WITH_CENTS_BELOW else 0
    return [decimal(value, places) for value in column]


def decimal(value: float, places: int) -> str:
    """Return a number with a fixed number of decimals; billions in words.

    Parameters
    ----------
    value : float
    places : int

    Returns
    -------
    str
        A dash where the value is NaN.

    Examples
    --------
    >>> decimal(-0.04, 1), decimal(float("nan"), 1), decimal(float("inf"), 1)
    ('0.0', '–', '∞')
    """
    if math.isnan(value):
        return _NOTHING
    if math.isinf(value):
        return "\u221e" if value > 0 else _MINUS + "\u221e"
    if abs(value) >= _TRILLION:
        return _scientific(value, 3)
    if abs(value) >= _BILLION:
        return decimal(value / _BILLION, 2) + f"{_NO_BREAK}billion"
    text = f"{round(value, places) + 0.0:,.{places}f}"
    return text.replace("-", _MINUS)


def share(value: float, places: int = 1) -> str:
    r"""Return a share as a percentage.

    Parameters
    ----------
    value : float
        1 is the whole.
    places : int

    Returns
    -------
    str

    Examples
    --------
    >>> share(0.1234)
    '12.3\xa0%'
    """
    if not math.isfinite(value):
        return _NOTHING
    return decimal(100 * value, places) + f"{_NO_BREAK}%"


def significant(value: float, digits: int = 4) -> str:
    """Return a number with that many significant digits.

    Parameters
    ----------
    value : float
    digits : int

    Returns
    -------
    str

    Examples
    --------
    >>> significant(0.2425945), significant(4.4136019), significant(12345.6), significant(1e-12)
    ('0.2426', '4.414', '12,346', '1.000e−12')
    """
    if not math.isfinite(value) or value == 0:
        return decimal(value, 0)
    size = math.floor(math.log10(abs(value)))
    if size < _SMALLEST_PLAIN:
        return _scientific(value, digits)
    return decimal(value, max(digits - 1 - size, 0))


def counted(value: float, noun: str) -> str:
    r"""Return a number of things with their name, in the singular or plural.

    Parameters
    ----------
    value : float
        Shown with at most one decimal.
    noun : str
        In the singular.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "week"), counted(39.0, "week"), counted(2.55, "repeat purchase")
    ('1 week', '39 weeks', '2.5 repeat purchases')
    """
    places = 0 if round(value, 1) == round(value) else 1
    number = decimal(value, places)
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def day(value: pd.Timestamp, *, short: bool = False) -> str:
    r"""Return a date in words.

    Parameters
    ----------
    value : pandas.Timestamp
    short : bool, default=False
        Three letters of the month instead of its name.

    Returns
    -------
    str

    Examples
    --------
    >>> import pandas as pd
    >>> day(pd.Timestamp("1998-06-30 12:00"))
    '30\xa0June\xa01998'
    >>> day(pd.Timestamp("1998-09-30"), short=True)
    '30\xa0Sep\xa01998'
    """
    month = _MONTHS[value.month - 1]
    return _NO_BREAK.join((str(value.day), month[:3] if short else month, str(value.year)))


def nice_steps(largest: float, most: int) -> list[float]:
    """Return round numbers from 0 up to at most ``largest``, evenly spaced, at most ``most``.

    Parameters
    ----------
    largest : float
        Positive.
    most : int
        At least 2.

    Returns
    -------
    list of float

    Examples
    --------
    >>> nice_steps(77.0, 8)
    [0.0, 20.0, 40.0, 60.0]
    >>> nice_steps(77.0, 9)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    """
    rough = largest / (most - 1)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * magnitude for nice in _NICE if nice * magnitude >= rough * (1 - 1e-9))
    return [i * step for i in range(math.floor(largest / step + 1e-9) + 1)]


def period_names(firsts: pd.DatetimeIndex, period: str | None = None) -> list[str]:
    r"""Return the names of periods of the calendar.

    Parameters
    ----------
    firsts : pandas.DatetimeIndex of shape (n_periods,)
        First days of the periods.
    period : {"day", "week", "month", "quarter", "year"} or None
        None is the longest that begins on each of two or more days, and the day of one alone.

    Returns
    -------
    list of str
        Nothing for a missing day.

    Examples
    --------
    >>> import pandas as pd
    >>> firsts = pd.DatetimeIndex(["2024-01-01", "2024-04-01"])
    >>> period_names(firsts), period_names(firsts, "month"), period_names(firsts, "week")
    (['2024 Q1', '2024 Q2'], ['Jan 2024', 'Apr 2024'], ['1\xa0Jan\xa02024', '1\xa0Apr\xa02024'])
    """
    unit = _period_of(firsts.dropna()) if period is None else period
    return ["" if pd.isna(first) else _period_name(first, unit) for first in firsts]


def _period_of(firsts: pd.DatetimeIndex) -> str:
    """Return the longest period that begins on each of two or more days."""
    if firsts.nunique() < 2 or (firsts.day != 1).any():
        return "day"
    units = (unit for unit, months in _MONTHS_A_PERIOD if ((firsts.month - 1) % months == 0).all())
    return next(units)


def _period_name(first: pd.Timestamp, period: str) -> str:
    if period == "year":
        return str(first.year)
    if period == "quarter":
        return f"{first.year} Q{first.quarter}"
    if period == "month":
        return f"{_MONTHS[first.month - 1][:3]} {first.year}"
    return day(first, short=True)


def _scientific(value: float, digits: int) -> str:
    return f"{value:.{digits - 1}e}".replace("-", _MINUS)
