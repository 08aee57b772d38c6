"""The flow of customers as Ibis expressions: orders -> customer periods -> events -> periods.

A customer who orders in a period is in the base at its end, and at the end of the k - 1 periods
that follow (k = ``inactive_periods``). An order in period q therefore does two things: it brings
revenue in at q, and takes it out of the last k periods at q + k, when the customer is lost unless
another order came between. Counts and revenue follow from sums over these events alone; no table of
all customers in all periods is made. Every function takes and gives Ibis tables and runs nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue._tables.calendar_periods import as_date, period_numbers
from custvalue._tables.checks import is_missing

__all__ = ["FlowRules", "count_lines", "customer_periods", "flow_events", "period_sums"]

# Amounts that cancel leave a residue of rounding (0.1 + 0.2 - 0.3 > 0); it is not a purchase.
_RESIDUE = 1e-9


@dataclass(frozen=True, slots=True)
class FlowRules:
    """What counts as a customer.

    Attributes
    ----------
    has_amount : bool
        Whether orders have amounts.
    period : {"day", "week", "month", "quarter", "year"}
    inactive_periods : int
        Periods without an order after which a customer is lost, k.
    returning_are_new : bool
        Whether who comes back is a new customer.
    end : datetime.date or None
        Last day of observation; None: every order is within it.
    """

    has_amount: bool
    period: str = "month"
    inactive_periods: int = 1
    returning_are_new: bool = False
    end: date | None = None


def customer_periods(orders: ir.Table, rules: FlowRules) -> ir.Table:
    """Net the lines of each customer and period.

    Parameters
    ----------
    orders : ibis.Table
        Columns ``customer``, ``date`` and, where the rules say so, ``amount``.
    rules : FlowRules

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``period`` (its number), ``later`` (after the observation),
        ``n_rows``, ``first_day``, ``last_day``, ``spend`` (net; 0 where amounts cancel),
        ``bought`` (whether the customer ordered in the period) and ``n_unusable`` (1 where an
        amount is missing, or not finite by itself or in sum).
    """
    days = orders.mutate(day=orders["date"].cast("date"))
    lines = days.mutate(
        period=period_numbers(days["day"], rules.period), later=_after(days, rules.end)
    )
    if not rules.has_amount:
        lines = lines.mutate(amount=ibis.literal(0.0))
    lines = lines.mutate(amount=lines["amount"].cast("float64"))
    amount = lines["amount"]
    netted = lines.group_by("customer", "period", "later").aggregate(
        n_rows=lines.count(),
        first_day=lines["day"].min(),
        last_day=lines["day"].max(),
        n_known=amount.count(),
        n_negative=lines.count(where=amount < 0),
        spend=amount.sum(),
        gross=amount.abs().sum(),
    )
    usable = (netted["n_known"] == netted["n_rows"]) & (netted["gross"] <= sys.float_info.max)
    spend, residue = netted["spend"], netted["gross"] * _RESIDUE
    bought = (netted["n_negative"] == 0) | (spend > residue)
    return netted.select(
        *("customer", "period", "later", "n_rows", "first_day", "last_day"),
        spend=ibis.ifelse(bought | (spend < -residue), spend, 0.0),
        bought=bought,
        n_unusable=ibis.ifelse(usable, 0, 1),
    )


def count_lines(periods: ir.Table) -> ir.Table:
    """Return one row of sums over all orders read.

    Parameters
    ----------
    periods : ibis.Table
        What ``customer_periods`` gave.

    Returns
    -------
    ibis.Table
    """
    rows, within, customer = periods["n_rows"], ~periods["later"], periods["customer"]
    sums = {
        "n_rows": rows.sum(),
        "n_later": rows.sum(where=periods["later"]),
        "n_no_customer": rows.sum(where=is_missing(customer)),
        "n_no_date": rows.sum(where=periods["period"].isnull()),
        "n_unusable": periods["n_unusable"].sum(),
        "n_bought": periods.count(where=within & periods["bought"]),
    }
    return periods.aggregate(
        **{name: value.coalesce(0).cast("int64") for name, value in sums.items()},
        first_day=periods["first_day"].min(),
        last_day=periods["last_day"].max(where=within),
    )


def flow_events(periods: ir.Table, rules: FlowRules) -> ir.Table:
    """Return what each order of a customer does to the base, and when.

    Parameters
    ----------
    periods : ibis.Table
        What ``customer_periods`` gave.
    rules : FlowRules

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``period``; ``new``, ``won_back`` and ``lost`` (0 or 1); ``came`` and
        ``went``, the revenue that enters and leaves the last k periods.
    """
    k = rules.inactive_periods
    bought = periods.filter(~periods["later"] & periods["bought"])
    in_turn = ibis.window(group_by=bought["customer"], order_by=bought["period"])
    linked = bought.mutate(
        before=bought["period"].lag().over(in_turn), after=bought["period"].lead().over(in_turn)
    )
    first = linked["before"].isnull()
    back = _flag(linked["period"] - linked["before"] > k)
    new, won_back = (_flag(first) + back, _flag(ibis.literal(False)))
    if not rules.returning_are_new:
        new, won_back = _flag(first), back
    none, nothing = _flag(ibis.literal(False)), ibis.literal(0.0)
    lost = _flag(linked["after"].isnull()) + _flag(linked["after"] - linked["period"] > k)
    came = linked.select(
        "customer", "period", new=new, won_back=won_back, lost=none, came="spend", went=nothing
    )
    went = linked.select(
        "customer",
        period=linked["period"] + k,
        new=none,
        won_back=none,
        lost=lost,
        came=nothing,
        went="spend",
    )
    return came.union(went)


def period_sums(events: ir.Table, periods: ir.Table, rules: FlowRules) -> ir.Table:
    """Return the customers, and the revenue, that entered and left in each period.

    Parameters
    ----------
    events : ibis.Table
        What ``flow_events`` gave.
    periods : ibis.Table
        What ``customer_periods`` gave.
    rules : FlowRules

    Returns
    -------
    ibis.Table
        One row a period in which something happened, in no order, some of them after the
        observation.
    """
    counts = {name: events[name].sum().cast("int64") for name in ("new", "won_back", "lost")}
    if not rules.has_amount:
        return events.group_by("period").aggregate(**counts)
    sums = events.group_by("customer", "period").aggregate(
        **counts, came=events["came"].sum(), went=events["went"].sum()
    )
    money = sums.group_by("period").aggregate(
        **{name: sums[name].sum().cast("int64") for name in counts}, **_money(sums)
    )
    unmatched = periods.filter(~periods["later"] & ~periods["bought"])
    refunds = unmatched.group_by("period").aggregate(unmatched_refunds=-unmatched["spend"].sum())
    joined = money.outer_join(refunds, "period")
    return joined.select(
        period=ibis.coalesce(joined["period"], joined["period_right"]),
        **{name: joined[name] for name in money.columns if name != "period"},
        unmatched_refunds=joined["unmatched_refunds"],
    )


def _money(sums: ir.Table) -> dict[str, Any]:
    """Return the sums of revenue over the customers of a period, by what they did."""
    came, went = sums["came"], sums["went"]
    new, back, lost = (sums[name] > 0 for name in ("new", "won_back", "lost"))
    kept = ~new & ~back & ~lost
    return {
        "revenue": came.sum(),
        "new_revenue": came.sum(where=new),
        "won_back_revenue": came.sum(where=back),
        "churned_revenue": went.sum(where=lost),
        "expansion": (came - went).sum(where=kept & (came > went)),
        "contraction": (went - came).sum(where=kept & (went > came)),
    }


def _flag(condition: Any) -> Any:
    return condition.fill_null(False).ifelse(1, 0).cast("int64")


def _after(days: ir.Table, end: date | None) -> Any:
    if end is None:
        return ibis.literal(False)
    return (days["day"] > as_date(end)).fill_null(False)
