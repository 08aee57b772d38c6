"""Customer summaries as the scoring of this room reads them."""

from __future__ import annotations

from typing import Any

from custvalue._estimator.customer_summary import HISTORY, check_history, check_time_unit
from custvalue._estimator.door import Table, kind_of, read_table
from custvalue.exceptions import DataError

__all__ = ["find_money", "money_of", "read_summary"]

_MONEY = ("total_value", "monetary_value")


def find_money(X: Any, *, owner: str) -> str:
    """Return the name of the money column to score: total_value, else monetary_value.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    owner : str
        Who asks, for the message.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If a frame has neither column.
    """
    kind = kind_of(X)
    if kind == "array":
        return "monetary_value"
    names = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
    for money in _MONEY:
        if money in names:
            return money
    raise DataError(
        f"{owner} needs the columns {', '.join(HISTORY)} and one of money, "
        f"{' or '.join(_MONEY)}; found: {', '.join(names) or 'none'}"
    )


def read_summary(X: Any, money: str, *, owner: str, time_unit: str | None = None) -> Table:
    """Read the history and money of every customer and check that the history can be.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array with the columns frequency, recency, T, money
    money : str
        Name of the money column.
    owner : str
        Who asks, for the messages.
    time_unit : str, optional
        The unit of the fitted summary; one that X names for itself must agree with it.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing or a row is not a purchase history.
    """
    table = read_table(X, [*HISTORY, money], owner=owner)
    check_time_unit(table, time_unit)
    check_history(table)
    return table


def money_of(table: Table) -> str:
    """Return the name of the money column that was read."""
    return next(name for name in _MONEY if name in table)
