"""Parameters that the summary and the split share: which columns, which days, which extras."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from custvalue.transactions._rfm_summary import EXTRAS

__all__ = ["as_day", "check_choice", "check_extra", "check_id_name", "order_columns"]


def order_columns(customer: str, date: str, amount: str | None) -> dict[str, str]:
    """Return the columns of an order log, from the part that each plays to its name."""
    columns = {"customer": customer, "date": date}
    return columns if amount is None else {**columns, "amount": amount}


def check_choice(value: str, name: str, choices: tuple[str, ...]) -> str:
    """Return the value if it is one of the choices.

    Raises
    ------
    ValueError
        If it is not.
    """
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; found {value!r}")
    return value


def check_extra(extra: Any, has_amount: bool) -> tuple[str, ...]:
    """Return the names of the extra columns.

    Raises
    ------
    ValueError
        If a name is unknown or double, or needs an amount and there is none.
    """
    names = tuple(extra)
    unknown = [name for name in names if name not in EXTRAS]
    if unknown:
        raise ValueError(f"extra must name columns among {', '.join(EXTRAS)}; found {unknown[0]!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"extra must name each column once; found {names!r}")
    if "total_value" in names and not has_amount:
        raise ValueError("extra 'total_value' needs an amount column; found amount=None")
    return names


def check_id_name(customer: str, columns: tuple[str, ...]) -> None:
    """Raise if the id column is named like a column of the summary, in capitals or not.

    Raises
    ------
    ValueError
        If the names collide.
    """
    if customer.casefold() in {name.casefold() for name in columns}:
        raise ValueError(
            f"customer must not be named like a column of the summary ({', '.join(columns)}); "
            f"found {customer!r}"
        )


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
