"""Customer summaries as the scoring of this room reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from custvalue._estimator.customer_summary import HISTORY, check_history, check_time_unit
from custvalue._estimator.door import Table, kind_of, read_table, rectangle
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._typing import AnyArray
from custvalue.exceptions import DataError

__all__ = [
    "check_money_positive",
    "check_money_to_learn_from",
    "find_money",
    "money_of",
    "read_customers",
    "read_summary",
    "time_unit_of",
]

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


def read_customers(
    X: Any, money: str, *, by: str | None, owner: str, time_unit: str | None = None
) -> MixedTable:
    """Read the summary, and the group of every customer where they are told apart by a column.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array with the columns frequency, recency, T, money
        Of an array, the column after these is ``by``.
    money : str
        Name of the money column.
    by : str or None
        Column of text, whole numbers or bools without gaps.
    owner : str
        Who asks, for the messages.
    time_unit : str, optional
        As in `read_summary`.

    Returns
    -------
    MixedTable
        The groups last, as objects; whole numbers as such.

    Raises
    ------
    ValueError
        If ``by`` names a column that is scored.
    DataError
        As `read_summary`, and if a group is missing.
    """
    if by is None:
        table = read_summary(X, money, owner=owner, time_unit=time_unit)
        return MixedTable(dict(table.columns), table.kind, table.index, table.attrs)
    if by in (*HISTORY, *_MONEY):
        raise ValueError(f"by must name a column beside those that are scored; found {by!r}")
    every = read_mixed(X, [*HISTORY, money, by], owner=owner)
    numbers = rectangle(X)[:, : len(HISTORY) + 1] if every.kind == "array" else X
    table = read_summary(numbers, money, owner=owner, time_unit=time_unit)
    reject(every, by, is_missing(every[by]), "given in every row, being the group of the customer")
    columns = {**table.columns, by: _as_labels(every[by])}
    return MixedTable(columns, every.kind, every.index, every.attrs)


def check_money_positive(table: MixedTable) -> None:
    """Check that the money of every customer is positive.

    Raises
    ------
    DataError
        If that of any customer is not.
    """
    money = money_of(table)
    reject(table, money, table[money] <= 0, "positive for nonpositive_money='raise'")


def check_money_to_learn_from(table: MixedTable, by: str | None) -> None:
    """Check that the money of some customer, of every group, is positive.

    Raises
    ------
    DataError
        If there is no such customer.
    """
    money = money_of(table)
    positive = table[money] > 0
    groups = np.full(len(table), "the table", dtype=object) if by is None else table[by]
    poor = set(groups) - set(groups[positive])
    if poor:
        raise DataError(
            f"{money} must be positive for at least one customer of each group for "
            f"nonpositive_money='lowest', which learns from those customers; there is none in "
            f"{min(map(str, poor))} ({len(poor)} such group(s))"
        )


def time_unit_of(table: MixedTable) -> str | None:
    """Return the time unit that a summary names for itself."""
    found = table.attrs.get("time_unit")
    return found if isinstance(found, str) else None


def money_of(table: Table | MixedTable) -> str:
    """Return the name of the money column that was read."""
    return next(name for name in _MONEY if name in table)


def _as_labels(values: AnyArray) -> AnyArray:
    """Return groups as objects, whole numbers without their decimal point."""
    if values.dtype == object:
        return values
    if (values == np.floor(values)).all() and (np.abs(values) < 2**53).all():
        return values.astype(np.int64).astype(object)
    return values.astype(object)
