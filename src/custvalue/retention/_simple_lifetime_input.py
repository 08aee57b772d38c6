"""Figures of simple lifetime value: what each may be, and who has which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from custvalue._estimator.arguments import is_number
from custvalue._estimator.customer_summary import (
    HISTORY,
    check_history,
    check_spend,
    check_time_unit,
)
from custvalue._estimator.door import (
    Table,
    column_names,
    column_values,
    kind_of,
    read_table,
    rectangle,
    require,
)
from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.retention._figures import are_endless, put_endless
from custvalue.retention._simple_lifetime_value import SimpleCustomers

__all__ = ["FIGURES", "check_life", "customers_of", "named_columns", "read_figure", "read_summary"]

FIGURES = (
    "years",
    "retention_rate",
    "margin",
    "service_cost",
    "acquisition_cost",
    "annual_discount_rate",
    "share_of_spending",
)
"""Of a customer, beside what they order; each a number or a column of X."""

_RULES = {
    "years": "at least 0",
    "retention_rate": "from 0 to 1",
    "share_of_spending": "above 0 and at most 1",
}
_POSITIVE = "at least 0 and finite"


def check_life(years: Any, retention_rate: Any, owner: str) -> None:
    """Raise unless something says how long customers stay.

    Parameters
    ----------
    years, retention_rate : object or None
    owner : str

    Raises
    ------
    ValueError
        If both are None.
    """
    if years is None and retention_rate is None:
        raise ValueError(
            f"{owner} needs years, retention_rate or both: how long customers stay is an "
            "assumption that orders alone do not give; found None for both"
        )


def named_columns(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that figures name, each once, in the order of the figures.

    Parameters
    ----------
    figures : mapping of str to number, str or None

    Returns
    -------
    tuple of str
    """
    return tuple(dict.fromkeys(one for one in figures.values() if isinstance(one, str)))


def read_figure(value: Any, name: str, table: Table) -> FloatArray:
    """Return a figure for every row: a number for all of them, or a column.

    Parameters
    ----------
    value : number, str or None
        None: ``years`` without end, a ``retention_rate`` of 1.
    name : str
        One of ``FIGURES``, "average_order" or "orders_per_year".
    table : Table
        Has the column that ``value`` names.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ValueError
        If a number is out of its range.
    custvalue.exceptions.DataError
        If a value of a column is.
    """
    if value is None:
        return np.full(len(table), np.inf if name == "years" else 1.0)
    rule = _RULES.get(name, _POSITIVE)
    if isinstance(value, str):
        column = value
        said = name if column == name else f"{name} (column {column!r})"
        require(table, _fits(table[column], name), f"{said} must be {rule}", [column])
        return table[column]
    if not is_number(value) or not _fits(np.asarray(float(value)), name):
        raise ValueError(f"{name} must be a number {rule}; found {value!r}")
    return np.full(len(table), float(value))


def read_summary(
    X: Any, named: tuple[str, ...], *, endless: str | None, time_unit: str, owner: str
) -> Table:
    """Read a customer summary with money and the columns named.

    Parameters
    ----------
    X : customer summary
    named : tuple of str
    endless : str or None
        The column that may hold inf, one of those named.
    time_unit : {"day", "week", "month", "year"}
    owner : str

    Returns
    -------
    Table

    Raises
    ------
    custvalue.exceptions.DataError
        If a row breaks a rule.
    """
    wanted = tuple(dict.fromkeys((*HISTORY, "monetary_value", *named)))
    table = _read_endless(X, wanted, endless, owner)
    check_time_unit(table, time_unit)
    check_history(table)
    check_spend(table)
    return table


def customers_of(figures: Mapping[str, Any], timing: str, table: Table) -> SimpleCustomers:
    """Return customers by their figures; refuse lives without end that nothing discounts.

    Parameters
    ----------
    figures : mapping of str to float or ndarray of shape (n_rows,)
        "average_order", "orders_per_year" and all of ``FIGURES``.
    timing : {"start", "end"}
    table : Table
        Whose rows they are.

    Returns
    -------
    SimpleCustomers

    Raises
    ------
    custvalue.exceptions.DataError
        If a value is infinite.
    """
    shape = (len(table),)
    arrays = {name: np.broadcast_to(np.asarray(one, float), shape) for name, one in figures.items()}
    customers = SimpleCustomers(**arrays, timing=timing)
    rule = (
        "the value is infinite where customers never leave (retention_rate 1) and nothing is "
        "discounted: state years, or a positive annual_discount_rate"
    )
    rows = Table(arrays, table.kind, table.index, {})
    require(rows, ~customers.endless(), rule, ["retention_rate", "annual_discount_rate"])
    names = ["average_order", "orders_per_year"]
    with np.errstate(over="ignore", invalid="ignore"):
        worth, elsewhere = customers.value(), customers.potential()
    require(rows, np.isfinite(worth), "values must be finite", names)
    rule = "the potential must be finite"
    require(rows, np.isfinite(elsewhere), rule, [*names, "share_of_spending"])
    return customers


def _read_endless(X: Any, wanted: tuple[str, ...], endless: str | None, owner: str) -> Table:
    """Read columns, one of which may hold inf."""
    names = column_names(X) or list(wanted)
    values = None if endless is None else _values(X, names, endless)
    rows = np.zeros(1, dtype=bool) if values is None else are_endless(values)
    if endless is None or values is None or not rows.any():
        return read_table(X, wanted, owner=owner)
    stated = _with_column(X, names.index(endless), np.where(rows, 0.0, values))
    return put_endless(read_table(stated, wanted, owner=owner), endless, rows)


def _values(X: Any, names: list[str], name: str) -> AnyArray | None:
    """Return the values of a column; None where there is none, or more than one."""
    kind = kind_of(X)
    if names.count(name) != 1:
        return None
    if kind != "array":
        return column_values(X, kind, names.index(name))
    table = rectangle(X)
    is_there = table.ndim == 2 and table.shape[1] == len(names)
    return table[:, names.index(name)] if is_there else None


def _with_column(X: Any, position: int, values: AnyArray) -> Any:
    """Return a table with other values in one column."""
    kind = kind_of(X)
    if kind == "pandas":
        changed = X.copy(deep=False)
        changed.isetitem(position, values)
        return changed
    if kind == "polars":
        column = X.to_series(position)
        return X.with_columns(type(column)(column.name, values))
    if kind == "pyarrow":
        return X.set_column(position, X.column_names[position], [values])
    changed = rectangle(X).copy()
    changed[:, position] = values
    return changed


def _fits(values: FloatArray, name: str) -> BoolArray:
    if name == "share_of_spending":
        return np.asarray((values > 0) & (values <= 1))
    most = 1.0 if name == "retention_rate" else np.inf
    finite = np.isfinite(values) | (name == "years")
    return np.asarray((values >= 0) & (values <= most) & finite)
