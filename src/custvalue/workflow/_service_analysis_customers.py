"""Customers and what they are worth, joined to the service that they got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import (
    column_names,
    column_values,
    kind_of,
    plain,
    read_table,
    row_labels,
    row_name,
    such_rows,
)
from custvalue._estimator.mixed import is_missing, read_mixed, reject
from custvalue._typing import BoolArray, IntArray
from custvalue.exceptions import DataError
from custvalue.service import LostSalesCost
from custvalue.workflow._service_analysis import UNKNOWN, failure_columns, segment_text

__all__ = [
    "COSTING",
    "ORDERS",
    "cost_table",
    "find_customers",
    "is_estimated",
    "joined",
    "lost_sales",
    "numbers_read",
    "quality_counts",
    "read_customers",
]

COSTING = (
    "value",
    "leaving_probability",
    "alive",
    "strata",
    "repeated",
    "prospects_per_leaver",
    "prospect_value",
    "level",
)
"""Parameters that the analysis hands on to `LostSalesCost`."""

ORDERS = "orders"
"""Column of the number of orders, as the cost of lost sales reads it."""


def is_estimated(analysis: Any) -> bool:
    """Tell whether a probability of leaving is estimated, for all failures or for a criterion.

    Parameters
    ----------
    analysis : ServiceAnalysis
    """
    given = analysis.leaving_probability
    return given is None or (isinstance(given, dict) and None in given.values())


def numbers_read(analysis: Any, *, history: bool) -> list[str]:
    """Return which columns of numbers the cost of lost sales needs of customers.

    Parameters
    ----------
    analysis : ServiceAnalysis
    history : bool
        Also who stayed, where the probability of leaving is estimated.
    """
    given = analysis.leaving_probability
    names = [analysis.value]
    if isinstance(given, str):
        names.append(given)
    if history and is_estimated(analysis):
        names.append(analysis.alive)
    return names


def read_customers(
    customers: Any,
    customer: str,
    numbers: Sequence[str],
    labels: Sequence[str] = (),
    *,
    owner: str,
) -> pd.DataFrame:
    """Read a table of customers, one row each.

    Parameters
    ----------
    customers : pandas, polars or pyarrow frame
        The ids are the column ``customer`` if there is one, else the index, or the first column of
        a polars or pyarrow frame.
    customer : str
        Column of the ids.
    numbers, labels : sequence of str
        Columns of finite numbers, and of groups that become text.
    owner : str
        Who asks, for messages.

    Returns
    -------
    pandas.DataFrame
        Index: the ids.

    Raises
    ------
    DataError
        If a column is missing, a value is none, there are no ids, or one is there twice.
    TypeError
        If it is no frame.
    """
    kind = kind_of(customers)
    if kind == "array":
        raise TypeError("customers must be a frame with the ids of the customers; found an array")
    columns = dict(read_table(customers, list(dict.fromkeys(numbers)), owner=owner).columns)
    if labels:
        table = read_mixed(customers, list(dict.fromkeys(labels)), owner=owner)
        for name in labels:
            reject(table, name, is_missing(table[name]), "known for every customer")
            texts = [segment_text(one) for one in table[name].tolist()]
            columns[name] = np.array(texts, dtype=object)
    ids = _ids_of(customers, customer, [*numbers, *labels])
    return pd.DataFrame(columns, index=ids)


def find_customers(ids: pd.Index, book: pd.DataFrame, where: str) -> IntArray:
    """Return at which row of the table of customers each id stands, -1 where it is not there.

    Parameters
    ----------
    ids : pandas.Index
    book : pandas.DataFrame
        What `read_customers` gave.
    where : str
        Where the ids are from, for the message.

    Returns
    -------
    ndarray of int of shape (n_ids,)

    Raises
    ------
    DataError
        If none is there.
    """
    found: IntArray = book.index.get_indexer(ids)
    if not (found >= 0).any():
        raise DataError(
            f"customers must have the customers of the {where}; found none of them: the {where} "
            f"have {plain(ids[0])}, customers {plain(book.index[0])}"
        )
    return found


def joined(ids: pd.Index, of_book: pd.Series, where: IntArray) -> pd.Series:
    """Return what the table of customers says of each customer, "unknown" of others.

    Parameters
    ----------
    ids : pandas.Index
    of_book : pandas.Series of str
        One column of the table.
    where : ndarray of int of shape (n_ids,)
        What `find_customers` gave.

    Returns
    -------
    pandas.Series of str
    """
    values = np.full(len(ids), UNKNOWN, dtype=object)
    values[where >= 0] = of_book.to_numpy(dtype=object)[where[where >= 0]]
    return pd.Series(values, index=ids)


def quality_counts(
    lines: pd.Series, judged: BoolArray, book: pd.DataFrame | None, where: IntArray | None
) -> pd.Series:
    """Return what became of order lines, and how many customers are in which table.

    Parameters
    ----------
    lines : pandas.Series
        ``data_quality_`` of a `PerfectOrder`.
    judged : ndarray of bool of shape (n_served,)
        What `judged_customers` gave.
    book : pandas.DataFrame or None
    where : ndarray of int of shape (n_served,) or None

    Returns
    -------
    pandas.Series of int
        Without a table of customers nobody is counted who is in one table alone.
    """
    counts = {"customers": len(judged), "customers_not_judged": int((~judged).sum())}
    if book is not None and where is not None:
        counts["customers_without_value"] = int((where < 0).sum())
        counts["customers_without_order"] = len(book) - int((where >= 0).sum())
    both: dict[str, int] = {str(name): int(one) for name, one in lines.items()} | counts
    return pd.Series(both, dtype=np.int64, name="data_quality")


def cost_table(
    served: pd.DataFrame, book: pd.DataFrame, criteria: Sequence[str], where: IntArray
) -> pd.DataFrame:
    """Return the customers that are in both tables, as `LostSalesCost` reads them.

    Parameters
    ----------
    served : pandas.DataFrame
        What `serve_customers` gave.
    book : pandas.DataFrame
        What `read_customers` gave.
    criteria : sequence of str
        The components of service; the columns of failures are called so.
    where : ndarray of int of shape (n_served,)
        What `find_customers` gave; -1 leaves a customer out.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    DataError
        If a column of the customers is called like one of the service, or nobody is left.
    """
    if not (where >= 0).any():
        raise DataError(
            "customers must have a customer with an order of which a criterion is known; found "
            f"none among {len(where)} with an order"
        )
    both = [name for name in book.columns if name in (*criteria, ORDERS)]
    if both:
        raise DataError(
            f"columns of customers must not be called like a criterion or {ORDERS!r}; found "
            f"{both[0]!r}"
        )
    known = where >= 0
    failures = served.loc[known, failure_columns(criteria)].set_axis(list(criteria), axis=1)
    mine = book.iloc[where[known]].set_axis(failures.index, axis=0)
    return pd.concat([failures, served.loc[known, [ORDERS]], mine], axis=1)


def lost_sales(analysis: Any, segment: str | None) -> LostSalesCost:
    """Return an unfitted cost of lost sales.

    Parameters
    ----------
    analysis : ServiceAnalysis
        Its parameters say what a failure does.
    segment : str or None
        Column to sum the cost by.

    Returns
    -------
    LostSalesCost
    """
    given = {name: getattr(analysis, name) for name in COSTING}
    components = tuple(analysis.criteria)
    return LostSalesCost(components=components, orders=ORDERS, segment=segment, **given)


def _ids_of(customers: Any, customer: str, used: list[str]) -> pd.Index:
    """Return the ids of customers, each known and there once."""
    kind, names = kind_of(customers), column_names(customers)
    ids: pd.Index | None
    if customer in names:
        ids = pd.Index(column_values(customers, kind, names.index(customer)), name=customer)
    else:
        ids = row_labels(customers, kind, names, used)
    if ids is None or (isinstance(ids, pd.RangeIndex) and ids.name is None):
        raise DataError(
            f"customers must have the ids of the customers as index or as a column {customer!r}; "
            "found rows without a name"
        )
    missing = np.asarray(ids.isna(), dtype=bool)
    if missing.any():
        first, count = int(missing.argmax()), int(missing.sum())
        raise DataError(
            f"customers must have an id in every row; row {first} has none ({such_rows(count)})"
        )
    again = np.asarray(ids.duplicated(), dtype=bool)
    if again.any():
        raise DataError(
            f"each customer must have one row; {row_name(ids, int(again.argmax()))} is there "
            f"before ({such_rows(int(again.sum()))})"
        )
    return ids
