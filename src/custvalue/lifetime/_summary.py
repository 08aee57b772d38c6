"""Customer summaries as the models of this room read them."""

from __future__ import annotations

from typing import Any

from custvalue._estimator.customer_summary import (
    HISTORY,
    check_frequency,
    check_history,
    check_intervals,
    check_spend,
    check_time_unit,
)
from custvalue._estimator.door import Table, read_table

__all__ = ["read_history", "read_spend", "read_summary"]


def read_history(X: Any, names: tuple[str, ...], *, time_unit: str, owner: str) -> Table:
    """Read the named columns, frequency, recency and T first; money beside them is left alone."""
    wanted = tuple(dict.fromkeys((*HISTORY, *names)))
    table = read_table(X, wanted, optional=_left_alone(wanted), owner=owner)
    check_time_unit(table, time_unit)
    check_history(table)
    if "log_interval_sum" in table:
        check_intervals(table)
    columns = {name: table[name] for name in wanted}
    return Table(columns, table.kind, table.index, table.attrs)


def read_spend(X: Any, names: tuple[str, ...], *, owner: str) -> Table:
    """Read the named columns, frequency and monetary_value first."""
    table = read_table(X, tuple(dict.fromkeys(names)), owner=owner)
    check_frequency(table)
    check_spend(table)
    return table


def _left_alone(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the money column, which may stand beside the history, unless it is a covariate."""
    return tuple(name for name in ("monetary_value",) if name not in wanted)


def read_summary(X: Any, *, time_unit: str, owner: str) -> Table:
    """Read frequency, recency, T and monetary_value of every customer."""
    table = read_table(X, (*HISTORY, "monetary_value"), owner=owner)
    check_time_unit(table, time_unit)
    check_history(table)
    check_spend(table)
    return table
