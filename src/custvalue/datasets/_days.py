"""Days that simulators are told."""

from __future__ import annotations

import pandas as pd

__all__ = ["whole_day"]


def whole_day(value: str | pd.Timestamp, name: str) -> pd.Timestamp:
    """Return a day, or raise where it has a time or a time zone, or is none.

    Raises
    ------
    ValueError
        If it is not such a day.
    """
    day = pd.Timestamp(value)
    if pd.isna(day) or day.tz is not None or day != day.normalize():
        raise ValueError(f"{name} must be a day without time or time zone; found {value!r}")
    return day
