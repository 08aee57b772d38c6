"""Declared parameter checks: the one place that takes scikit-learn's private validators.

An estimator declares ``_parameter_constraints`` and calls ``self._validate_params()`` first in
``fit``; the error is a ``ValueError`` and a ``TypeError`` at once and names parameter and value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import HasMethods, Hidden, Interval, Options, StrOptions

__all__ = [
    "HasMethods",
    "Hidden",
    "Interval",
    "Options",
    "StrOptions",
    "as_day",
    "check_choice",
    "interval",
    "whole_numbers",
]


def interval(low: float | None, high: float | None, *, closed: str = "neither") -> Any:
    """Return the constraint of a real number between ``low`` and ``high``."""
    return Interval(Real, low, high, closed=closed)


def whole_numbers(low: int, high: int | None = None) -> Any:
    """Return the constraint of a whole number from ``low`` to ``high``, both allowed."""
    return Interval(Integral, low, high, closed="left" if high is None else "both")


def check_choice(value: Any, name: str, choices: Sequence[str | None]) -> Any:
    """Return the value of a parameter if it is one of the choices.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not isinstance(value, str | None) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; found {value!r}")
    return value


def as_day(value: Any, name: str) -> date:
    """Return a date, time or ISO text as a day; a time with a zone is the day of that zone.

    Parameters
    ----------
    value : str, datetime.date, datetime.datetime, pandas.Timestamp or numpy.datetime64
    name : str
        Name of the parameter, for the message.

    Returns
    -------
    datetime.date

    Raises
    ------
    ValueError
        If the value is no date.
    """
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).date()
        if isinstance(value, date | np.datetime64) and not pd.isna(value):
            return pd.Timestamp(value).date()
    except ValueError:
        pass
    raise ValueError(f"{name} must be a date such as '2024-12-31'; found {value!r}")
