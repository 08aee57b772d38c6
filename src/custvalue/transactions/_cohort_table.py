"""Cohorts by age: order lines -> customer days -> customer periods -> cells, and their matrix.

The period of a customer's first purchase is the *cohort*; the number of periods since then is the
*age*. The first steps are one Ibis expression, which any engine runs; only the cells travel, at
most one for each cohort and period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custvalue._tables.calendar_periods import period_numbers
from custvalue._tables.door import OpenTable, open_table
from custvalue.transactions._cohort_matrix import CohortCells, settled
from custvalue.transactions._order_checks import check_counts, check_types
from custvalue.transactions._order_counts import OrderCounts, count_orders
from custvalue.transactions._rfm_summary import SummaryRules, customer_days, flagged_days

MEASURES = ("customers", "orders", "revenue")

_NEVER = 10**9
"""The number of the period in which somebody without a purchase began: later than all others."""

__all__ = ["MEASURES", "CohortOrders", "cohort_cells", "customer_starts", "read_cohorts"]


@dataclass(frozen=True, slots=True)
class CohortOrders:
    """Checked orders, summed by cohort and period, while their table is open.

    Attributes
    ----------
    opened : OpenTable
    counts : OrderCounts
    cells : CohortCells
    """

    opened: OpenTable
    counts: OrderCounts
    cells: CohortCells


@contextmanager
def read_cohorts(
    X: Any, columns: Mapping[str, str], rules: SummaryRules, period: str, owner: str
) -> Iterator[CohortOrders]:
    """Read orders once, check them, and sum them by cohort and period.

    Parameters
    ----------
    X : table of orders
    columns : mapping of str to str
        From "customer", "date" and "amount" to the names of the columns.
    rules : SummaryRules
    period : {"day", "week", "month", "quarter", "year"}
    owner : str
        Who asks, for messages.

    Yields
    ------
    CohortOrders

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
        starts = opened.keep(customer_starts(days, rules))
        [counted] = opened.collect(count_orders(days, starts, rules)).to_pylist()
        counts = OrderCounts(**counted)
        check_counts(opened, counts, rules, owner)
        rows = opened.collect(cohort_cells(days, starts, rules, period))
        yield CohortOrders(opened, counts, _cells(rows))


def customer_starts(days: ir.Table, rules: SummaryRules) -> ir.Table:
    """Return when each customer began.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    rules : SummaryRules

    Returns
    -------
    ibis.Table
        One row a customer: ``customer``, ``n_days`` within the observation, ``n_purchases`` and
        the day of the ``first``, null where there is none.
    """
    flagged = flagged_days(days, rules)
    counted = flagged["bought"] & ~flagged["later"]
    return flagged.group_by("customer").aggregate(
        n_days=flagged.count(where=~flagged["later"]),
        n_purchases=flagged.count(where=counted),
        first=flagged["day"].min(where=counted),
    )


def cohort_cells(days: ir.Table, starts: ir.Table, rules: SummaryRules, period: str) -> ir.Table:
    """Sum what customers did by cohort and period, within the observation.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    starts : ibis.Table
        What ``customer_starts`` made of them.
    rules : SummaryRules
    period : {"day", "week", "month", "quarter", "year"}

    Returns
    -------
    ibis.Table
        The columns of `CohortCells`.
    """
    flagged = flagged_days(days, rules)
    within = flagged.filter(~flagged["later"]).mutate(period=period_numbers(flagged["day"], period))
    steps = within.group_by("customer", "period").aggregate(**_sums(within, rules))
    cohort = period_numbers(starts["first"], period).coalesce(_NEVER)
    joined = steps.join(starts.select("customer", cohort=cohort), "customer")
    sums = {name: joined[name].sum().cast("float64") for name in ("purchases", "orders")}
    money = joined["revenue"].sum()
    return joined.group_by("cohort", "period").aggregate(
        customers=joined.count(where=joined["purchases"] > 0).cast("float64"),
        **sums,
        revenue=money,
    )


def _sums(days: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    """Return what a customer did in a period."""
    refunds = days["n_negative"] if rules.has_amount else 0
    return {
        "purchases": days.count(where=days["bought"]),
        "orders": (days["n_rows"] - refunds).sum(),
        "revenue": days["spend"].sum().coalesce(0.0) if rules.has_amount else _nothing(days),
    }


def _nothing(days: ir.Table) -> Any:
    return (days["n_rows"].cast("float64") * 0.0).sum()


def _cells(rows: pa.Table) -> CohortCells:
    found = {name: rows.column(name).to_numpy() for name in rows.column_names}
    sums = {name: found[name].astype(np.float64) for name in ("customers", "purchases", "orders")}
    return CohortCells(
        cohort=found["cohort"].astype(np.int64),
        period=found["period"].astype(np.int64),
        revenue=settled(found["revenue"].astype(np.float64)),
        **sums,
    )
