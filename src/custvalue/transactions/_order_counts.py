"""What became of the orders read: counts, taken beside the summary, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from custvalue._tables.calendar_periods import as_date
from custvalue.transactions._opportunities import opportunity
from custvalue.transactions._rfm_summary import SummaryRules, flagged_days
from custvalue.transactions._summary_columns import is_left_truncated

__all__ = ["OrderCounts", "count_orders", "quality_series"]


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """Sums over all orders read.

    Attributes
    ----------
    n_rows, n_later : int
        Orders read, and those of them after the end of observation.
    n_no_customer, n_no_date : int
        Orders without a customer and without a date.
    customers, customers_within, customers_out : int
        Customers read, those with an order within the observation, those with a purchase.
    n_purchases : int
        Purchases of the summary.
    first_day : datetime.date
        Day of the first order read.
    last_day : datetime.date
        Day of the last order within the observation.
    n_negative, n_zero : int
        Negative and zero amounts within the observation.
    n_refunded, n_refunded_days : int
        Orders on days that refunds bring to zero or below, and the number of such days.
    n_unusable_days : int
        Days of a customer with an amount that is missing or not finite.
    n_early : int
        Orders before the first opportunity of a calendar.
    customers_left_truncated : int
        Customers first seen at the left edge.
    """

    n_rows: int
    n_later: int
    n_no_customer: int
    n_no_date: int
    customers: int
    customers_within: int
    customers_out: int
    n_purchases: int
    first_day: date
    last_day: date
    n_negative: int = 0
    n_zero: int = 0
    n_refunded: int = 0
    n_refunded_days: int = 0
    n_unusable_days: int = 0
    n_early: int = 0
    customers_left_truncated: int = 0


def count_orders(days: ir.Table, totals: ir.Table, rules: SummaryRules) -> ir.Table:
    """Return one row whose columns are the fields of ``OrderCounts``.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    totals : ibis.Table
        What ``customer_totals`` made of them.
    rules : SummaryRules

    Returns
    -------
    ibis.Table
    """
    flagged = flagged_days(days, rules)
    sums = _sums(flagged, rules) | _money_sums(flagged, rules)
    whole = {name: value.coalesce(0).cast("int64") for name, value in sums.items()}
    later = flagged["later"]
    of_days = flagged.aggregate(
        **whole, first_day=flagged["day"].min(), last_day=flagged["day"].max(where=~later)
    )
    counted = of_days.cross_join(
        totals.aggregate(
            customers=totals.count(),
            customers_within=totals.count(where=totals["n_days"] > 0),
            customers_out=totals.count(where=totals["n_purchases"] > 0),
            n_purchases=totals["n_purchases"].sum().coalesce(0).cast("int64"),
        )
    )
    if rules.left_edge is None:
        return counted
    return counted.cross_join(_left_truncated(days, totals, rules))


def quality_series(counts: OrderCounts, rules: SummaryRules, end: date) -> pd.Series:
    """Return the counts as a labelled Series; its parts add up to the orders and customers read.

    Parameters
    ----------
    counts : OrderCounts
    rules : SummaryRules
    end : datetime.date
        Last day of observation.

    Returns
    -------
    pandas.Series
        Of dtype object: whole numbers, and dates as Timestamps.
    """
    dropped = counts.n_negative if rules.on_negative == "drop" else 0
    merged = counts.n_rows - counts.n_later - dropped - counts.n_refunded - counts.n_purchases
    entries: dict[str, Any] = {
        "orders_read": counts.n_rows,
        "orders_after_observation": counts.n_later,
        "orders_dropped_negative": dropped,
        "orders_refunded_away": counts.n_refunded,
        "orders_merged": merged,
        "purchases": counts.n_purchases,
        "negative_amounts": counts.n_negative,
        "zero_amounts": counts.n_zero,
        "days_refunded_away": counts.n_refunded_days,
        "customers_read": counts.customers,
        "customers_after_observation": counts.customers - counts.customers_within,
        "customers_without_purchase": counts.customers_within - counts.customers_out,
        "customers": counts.customers_out,
    }
    if rules.left_edge is not None:
        entries["customers_left_truncated"] = counts.customers_left_truncated
    entries |= {
        "first_order": pd.Timestamp(counts.first_day),
        "last_order": pd.Timestamp(counts.last_day),
        "observation_end": pd.Timestamp(end),
    }
    return pd.Series(entries, name="data_quality", dtype=object)


def _left_truncated(days: ir.Table, totals: ir.Table, rules: SummaryRules) -> ir.Table:
    """Count the customers whose first purchase lies at the left edge of all days."""
    start = days.aggregate(start=days["day"].min())
    beside = totals.filter(totals["n_purchases"] > 0).cross_join(start)
    moment = beside["start"]
    if rules.calendar:
        moment = opportunity(moment, rules.calendar)
    near = is_left_truncated(beside["first"], moment, rules)
    return beside.aggregate(customers_left_truncated=beside.count(where=near))


def _sums(days: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    rows, customer = days["n_rows"], days["customer"]
    nobody = customer.isnull()
    if customer.type().is_floating():
        nobody = nobody | customer.isnan()
    sums = {
        "n_rows": rows.sum(),
        "n_later": rows.sum(where=days["later"]),
        "n_no_customer": rows.sum(where=nobody),
        "n_no_date": rows.sum(where=days["day"].isnull()),
    }
    if rules.calendar:
        sums["n_early"] = rows.sum(where=days["day"] < as_date(rules.calendar[0]))
    return sums


def _money_sums(days: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    if not rules.has_amount:
        return {}
    within = ~days["later"]
    sums = {
        "n_negative": days["n_negative"].sum(where=within),
        "n_zero": days["n_zero"].sum(where=within),
        "n_unusable_days": days.count(where=days["spend"].isnull()),
    }
    if rules.on_negative == "drop":
        return sums
    refunded = within & ~days["bought"]
    return sums | {
        "n_refunded": days["n_rows"].sum(where=refunded),
        "n_refunded_days": days.count(where=refunded),
    }
