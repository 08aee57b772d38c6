"""Units of time, and horizons in words."""

from __future__ import annotations

import math
import re

__all__ = ["DAYS_PER_UNIT", "TIME_UNITS", "parse_horizon", "units_per_year"]

DAYS_PER_UNIT = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
TIME_UNITS = frozenset(DAYS_PER_UNIT)

_WORDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(day|week|month|year)s?\s*", re.IGNORECASE)


def units_per_year(time_unit: str) -> float:
    """Return how many time units a year of 365.25 days has."""
    return DAYS_PER_UNIT["year"] / DAYS_PER_UNIT[time_unit]


def parse_horizon(horizon: float | str, time_unit: str) -> float:
    """Return a horizon in time units from a number, or from words such as "12 months".

    Parameters
    ----------
    horizon : float or str
        A number is in time units already.
    time_unit : {"day", "week", "month", "year"}

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the words are not a number and a unit, or the number is negative or NaN.
    """
    if isinstance(horizon, str):
        match = _WORDS.fullmatch(horizon)
        if match is None:
            raise ValueError(
                'horizon must be a number of time units, or words such as "12 months"; '
                f"found {horizon!r}"
            )
        days = float(match[1]) * DAYS_PER_UNIT[match[2].lower()]
        return days / DAYS_PER_UNIT[time_unit]
    if math.isnan(horizon) or horizon < 0:
        raise ValueError(f"horizon must be a number of at least 0; found {horizon!r}")
    return float(horizon)
