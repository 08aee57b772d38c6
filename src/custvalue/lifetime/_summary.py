"""Customer summaries as the models of this room read them."""

from __future__ import annotations

from typing import Any

from custvalue._estimator.customer_summary import (
    HISTORY,
    check_frequency,
    check_history,
    check_spend,
    check_time_unit,
)
from custvalue._estimator.door import Table, read_table

__all__ = ["read_history", "read_spend", "read_summary"]


def read_history(X: Any, *, time_unit: str, owner: str) -> Table:
    """Read frequency, recency and T of every customer; money beside them is left alone."""
    table = read_table(X, HISTORY, optional=("monetary_value",), owner=owner)
    check_time_unit(table, time_unit)
    check_history(table)
    columns = {name: table[name] for name in HISTORY}
    return Table(columns, table.kind, table.index, table.attrs)


def read_spend(X: Any, *, owner: str) -> Table:
    """Read frequency and monetary_value of every customer."""
    table = read_table(X, ("frequency", "monetary_value"), owner=owner)
    check_frequency(table)
    check_spend(table)
    return table


def read_summary(X: Any, *, time_unit: str, owner: str) -> Table:
    """Read frequency, recency, T and monetary_value of every customer."""
    table = read_table(X, (*HISTORY, "monetary_value"), owner=owner)
    check_time_unit(table, time_unit)
    check_history(table)
    check_spend(table)
    return table
