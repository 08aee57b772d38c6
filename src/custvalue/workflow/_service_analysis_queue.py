"""A queue of open orders: who waits, what they are worth, and the order to serve them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import (
    column_names,
    column_values,
    kind_of,
    plain,
    read_table,
    such_rows,
)
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.service import OrderPriority
from custvalue.workflow._service_analysis_customers import find_customers

__all__ = [
    "RESULTS",
    "has_ranks",
    "queue_columns",
    "queue_values",
    "require_open_orders",
    "sorted_queue",
]

RESULTS = ("score", "priority")


def require_open_orders(open_orders: Any) -> None:
    """Raise unless open orders are a frame without the columns of the result.

    Raises
    ------
    TypeError
        If they are no frame.
    DataError
        If they have a column of the result.
    """
    if kind_of(open_orders) == "array":
        raise TypeError("open_orders must be a frame with named columns; found an array")
    taken = [name for name in RESULTS if name in column_names(open_orders)]
    if taken:
        raise DataError(f"open_orders must have no column {taken[0]!r}: it is one of the result")


def has_ranks(open_orders: Any, priority: OrderPriority) -> bool:
    """Tell whether open orders have ready ranks of profit, which no value weighs.

    Parameters
    ----------
    open_orders : pandas, polars or pyarrow frame
    priority : OrderPriority
    """
    names = column_names(open_orders)
    return priority.profit not in names and priority.profit_rank in names


def queue_values(open_orders: Any, book: pd.DataFrame | None, customer: str, value: str) -> Any:
    """Return what the customer behind each open order is worth.

    Parameters
    ----------
    open_orders : pandas, polars or pyarrow frame
    book : pandas.DataFrame or None
        Customers with their value, by id; None where the open orders have it themselves.
    customer, value : str
        Columns.

    Returns
    -------
    ndarray of shape (n_orders,)

    Raises
    ------
    DataError
        If there is no value, there are two, or a customer has none.
    """
    names = column_names(open_orders)
    if value in names and book is not None:
        raise DataError(
            f"open_orders have a column {value!r} and customers are given too; leave one of them "
            "out, so that it is clear which counts"
        )
    if book is None:
        _require_column(names, value, "give it, or the table of customers")
        if len(open_orders) == 0:
            return np.empty(0)
        return read_table(open_orders, [value], owner="priority_queue")[value]
    _require_column(names, customer, "it tells who waits")
    if len(open_orders) == 0:
        return np.empty(0)
    ids = column_values(open_orders, kind_of(open_orders), names.index(customer))
    return _values_of(pd.Index(ids, name=customer), book, value)


def queue_columns(
    open_orders: Any, value: FloatArray | None, priority: OrderPriority
) -> dict[str, AnyArray]:
    """Return score and priority of each open order.

    Parameters
    ----------
    open_orders : pandas, polars or pyarrow frame
    value : ndarray of shape (n_orders,) or None
        Of the customers. Not needed where ranks are ready.
    priority : OrderPriority
        Unfitted, with ``customer_value`` set where the value counts.

    Returns
    -------
    dict of str to ndarray of shape (n_orders,)
    """
    if len(open_orders) == 0:
        return {name: np.empty(0, dtype=np.int64) for name in RESULTS}
    kind, names = kind_of(open_orders), column_names(open_orders)
    wanted = (priority.profit, priority.profit_rank, priority.importance)
    columns = {
        name: column_values(open_orders, kind, names.index(name))
        for name in wanted
        if name is not None and name in names
    }
    # Rows are known by their position: two lines of one order may both be open.
    if priority.customer_value is not None and value is not None:
        columns[priority.customer_value] = value
    frame = pd.DataFrame(columns)
    ranked = priority.fit(frame).transform(frame)
    return {name: ranked[name].to_numpy() for name in RESULTS}


def sorted_queue(open_orders: Any, columns: dict[str, AnyArray]) -> Any:
    """Return the open orders with more columns, those to serve first on top.

    Parameters
    ----------
    open_orders : pandas, polars or pyarrow frame
    columns : dict of str to ndarray of shape (n_orders,)
        ``priority`` among them; equal ones stay in the order given.

    Returns
    -------
    frame of the kind of ``open_orders``
    """
    order: IntArray = np.argsort(columns["priority"], kind="stable")
    kind = kind_of(open_orders)
    if kind == "pandas":
        return open_orders.assign(**columns).iloc[order]
    if kind == "polars":
        added = [type(open_orders.to_series(0))(name, one) for name, one in columns.items()]
        return open_orders.with_columns(added)[order]
    for name, values in columns.items():
        open_orders = open_orders.append_column(name, [values])
    return open_orders.take(order)


def _values_of(ids: pd.Index, book: pd.DataFrame, value: str) -> FloatArray:
    where = find_customers(ids, book, "open orders")
    gone = where < 0
    if gone.any():
        first = int(gone.argmax())
        raise DataError(
            f"customers must have every customer of the open orders; row {first} has {ids.name}="
            f"{plain(ids[first])} ({such_rows(int(gone.sum()))})"
        )
    values: FloatArray = book[value].to_numpy(dtype=np.float64)[where]
    return values


def _require_column(names: list[str], wanted: str, why: str) -> None:
    if wanted not in names:
        raise DataError(
            f"open_orders must have a column {wanted!r}: {why}; found: {', '.join(names) or 'none'}"
        )
