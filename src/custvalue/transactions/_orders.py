"""An order log, opened, checked and summed: what the summary and the split share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from custvalue._estimator.output import build_frame
from custvalue._tables.door import Kind, OpenTable, open_table
from custvalue.exceptions import DataQualityWarning
from custvalue.transactions._order_checks import check_counts, check_types
from custvalue.transactions._order_counts import OrderCounts, count_orders
from custvalue.transactions._rfm_summary import (
    SummaryRules,
    customer_days,
    customer_totals,
)
from custvalue.transactions._summary_columns import summary_table

__all__ = ["CustomerTotals", "inferred_end", "read_orders", "summary_frame"]


@dataclass(frozen=True, slots=True)
class CustomerTotals:
    """Checked orders, summed by customer, while their table is open.

    Attributes
    ----------
    opened : OpenTable
    rules : SummaryRules
    totals : ibis.Table
        One row per customer.
    counts : OrderCounts
    """

    opened: OpenTable
    rules: SummaryRules
    totals: ir.Table
    counts: OrderCounts


@contextmanager
def read_orders(
    X: Any, columns: Mapping[str, str], rules: SummaryRules, owner: str
) -> Iterator[CustomerTotals]:
    """Read orders once, check them, and sum them by customer.

    Parameters
    ----------
    X : table of orders
    columns : mapping of str to str
        From "customer", "date" and "amount" to the names of the columns.
    rules : SummaryRules
    owner : str
        Who asks, for messages.

    Yields
    ------
    CustomerTotals

    Raises
    ------
    DataError
        If the orders break a rule.
    TypeError
        If X is not a table.
    """
    with open_table(X, columns, owner=owner) as opened:
        check_types(opened)
        if not opened.private:
            rules = replace(rules, portable=True)
        days = opened.keep(customer_days(opened.table, rules))
        totals = opened.keep(customer_totals(days, rules))
        [counted] = opened.collect(count_orders(days, totals, rules)).to_pylist()
        counts = OrderCounts(**counted)
        check_counts(opened, counts, rules, owner)
        yield CustomerTotals(opened, rules, totals, counts)


def inferred_end(counts: OrderCounts, stacklevel: int) -> date:
    """Return the day of the last order as the end of observation, and warn that it is a guess.

    Parameters
    ----------
    counts : OrderCounts
    stacklevel : int
        Whose line the warning names: 3 for the caller of the function that asks.

    Returns
    -------
    datetime.date
    """
    warnings.warn(
        f"observation_end was inferred to be {counts.last_day}, the day of the last order; state "
        "it, since days without orders count too",
        DataQualityWarning,
        stacklevel=stacklevel,
    )
    return counts.last_day


def summary_frame(read: CustomerTotals, end: date, kind: Kind, start: date | None = None) -> Any:
    """Return the customer summary as a frame of one kind, sorted by customer.

    Parameters
    ----------
    read : CustomerTotals
    end : datetime.date
        Last day of observation.
    kind : {"pandas", "polars", "pyarrow", "ibis", "spark"}
        "ibis" and "spark" give what nothing has run yet, where the orders live in such an engine.
    start : datetime.date or None
        First day of observation; None: the day of the first order.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame, pyarrow.Table, ibis.Table or pyspark.sql.DataFrame
    """
    customer = read.opened.names["customer"]
    first_day = start or read.counts.first_day
    table = summary_table(read.totals, read.rules, end, customer, first_day)
    if kind in ("ibis", "spark") and not read.opened.private:
        return read.opened.unrun(table)
    rows = read.opened.collect(table.order_by(customer))
    if kind == "pandas":
        frame = rows.to_pandas()
        # set_index would turn ids that happen to be consecutive into a range.
        frame.index = pd.Index(frame.pop(customer), name=customer)
        frame.attrs["time_unit"] = read.rules.time_unit
        return frame
    return _as_kind(rows, kind)


def _as_kind(rows: pa.Table, kind: Kind) -> Any:
    """Return Arrow rows as another frame, without a copy where there can be none."""
    if kind == "polars":
        return build_frame(
            dict(zip(rows.column_names, rows.columns, strict=True)), kind=kind, index=None
        )
    return ibis.memtable(rows) if kind == "ibis" else rows
