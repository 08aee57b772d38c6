"""The customer summary as one Ibis expression: order lines -> days -> purchases -> customers.

Lines of one customer and day are netted to a day. Days of one period (``collapse``), or of one
opportunity (``calendar``), that hold a purchase are one purchase, dated by its first day. The
purchases make the customer. Only the first step reads orders; what it gives is worth keeping, since
the summary and the counts of what was read both follow from it. Every function takes and gives Ibis
tables and runs nothing: the same expression suits any engine.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue._numerics.time_units import DAYS_PER_UNIT
from custvalue._tables.calendar_periods import as_date
from custvalue.transactions._opportunities import opportunity

EXTRAS = (
    "n_orders",
    "total_value",
    "log_interval_sum",
    "first_purchase",
    "last_purchase",
    "left_truncated",
)

# Amounts that cancel leave a residue of rounding (0.1 + 0.2 - 0.3 > 0); it is not a purchase.
_RESIDUE = 1e-9
_MONDAY = date(1900, 1, 1)
_SUMS = ("n_rows", "n_negative", "n_unusable", "spend")

__all__ = [
    "EXTRAS",
    "SummaryRules",
    "customer_days",
    "customer_totals",
    "flagged_days",
    "output_columns",
    "time_between",
]


@dataclass(frozen=True, slots=True)
class SummaryRules:
    """What counts as a purchase, and how time is measured.

    Attributes
    ----------
    has_amount : bool
        Whether orders have amounts.
    time_unit : {"day", "week", "month", "year"}
    collapse : {"day", "week", "month"}
    on_negative : {"net", "drop", "raise"}
    extra : tuple of str
        Among ``EXTRAS``.
    end : datetime.date or None
        Last day of observation; None: every order is within it.
    calibration_end : datetime.date or None
        Last day of the summary where a holdout follows up to ``end``; None: no holdout.
    calendar : tuple of datetime.date
        The opportunities to buy, which take the place of periods and of the ruler; none: time is
        measured.
    left_edge : float or None
        How long after the first order a first purchase may hide earlier ones, in ``time_unit``.
    portable : bool
        Whether to keep to what every database can do; DuckDB is faster without.
    """

    has_amount: bool
    time_unit: str = "week"
    collapse: str = "day"
    on_negative: str = "net"
    extra: tuple[str, ...] = ()
    end: date | None = None
    calibration_end: date | None = None
    calendar: tuple[date, ...] = ()
    left_edge: float | None = None
    portable: bool = False


def customer_days(orders: ir.Table, rules: SummaryRules) -> ir.Table:
    """Net the lines of each customer and day.

    Parameters
    ----------
    orders : ibis.Table
        Columns ``customer``, ``date`` and, where the rules say so, ``amount``.
    rules : SummaryRules

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``day``, ``n_rows`` and, with amounts, ``n_negative``, ``n_zero``,
        ``spend`` (null where an amount is missing or not finite) and ``bought`` (whether the day is
        a purchase).
    """
    lines = orders.mutate(day=orders["date"].cast("date"))
    if not rules.has_amount:
        return lines.group_by("customer", "day").aggregate(n_rows=lines.count().cast("int32"))
    lines = lines.mutate(amount=_amount(lines, rules))
    amount = lines["amount"]
    known = {"n_known": amount.count()} if rules.portable else {}
    days = lines.group_by("customer", "day").aggregate(
        n_rows=lines.count().cast("int32"),
        n_negative=lines.count(where=amount < 0).cast("int32"),
        n_zero=lines.count(where=amount == 0).cast("int32"),
        spend=amount.sum(where=amount >= 0 if rules.on_negative == "drop" else None),
        gross=amount.abs().sum(),
        **known,
    )
    return days.select(
        *("customer", "day", "n_rows", "n_negative", "n_zero"),
        spend=ibis.ifelse(_usable(days, rules), days["spend"].coalesce(0.0), ibis.null("float64")),
        bought=_bought(days, rules),
    )


def flagged_days(days: ir.Table, rules: SummaryRules) -> ir.Table:
    """Say of each day whether it is ``later`` than all observation, ``held`` out, ``bought`` on.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    rules : SummaryRules

    Returns
    -------
    ibis.Table
    """
    later, held = _after(days, rules.end), _after(days, rules.calibration_end)
    flags = {"later": later, "held": held if rules.calibration_end is None else held & ~later}
    if not rules.has_amount:
        flags["bought"] = ibis.literal(True)
    return days.mutate(**flags)


def customer_totals(days: ir.Table, rules: SummaryRules) -> ir.Table:
    """Return one row per customer, those without a purchase among them.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    rules : SummaryRules

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``n_days`` (within the observation), ``n_purchases``, ``first`` and
        ``last`` (days, or numbers of opportunities) and what else the rules ask for.
    """
    flagged = flagged_days(days, rules)
    if rules.portable and rules.has_amount:
        flagged = flagged.mutate(n_unusable=ibis.ifelse(flagged["spend"].isnull(), 1, 0))
    purchases = _with_before(_purchases(flagged, rules), rules)
    counted = purchases["bought"] & ~purchases["later"] & ~purchases["held"]
    moment = purchases["moment"]
    purchases = purchases.mutate(
        moment=ibis.ifelse(counted, moment, ibis.null(moment.type())),
        counted=counted,
        held_out=purchases["bought"] & purchases["held"],
        within=~purchases["later"] & ~purchases["held"],
    )
    return purchases.group_by("customer").aggregate(
        **_timing(purchases, rules), **_spend(purchases, rules), **_other(purchases, rules)
    )


def output_columns(rules: SummaryRules) -> tuple[str, ...]:
    """Return the names of the columns of the summary, the customer's id and the holdout apart."""
    money = ("monetary_value",) if rules.has_amount else ()
    return ("frequency", "recency", "T", *money, *rules.extra)


def time_between(start: Any, end: Any, rules: SummaryRules) -> Any:
    """Return the time from one date to another in ``time_unit``, or the opportunities between."""
    if rules.calendar:
        return (end - start).cast("float64")
    return end.delta(start, unit="day").cast("float64") / DAYS_PER_UNIT[rules.time_unit]


def _after(days: ir.Table, end: date | None) -> Any:
    if end is None:
        return ibis.literal(False)
    return (days["day"] > as_date(end)).fill_null(False)


def _amount(lines: ir.Table, rules: SummaryRules) -> Any:
    amount = lines["amount"].cast("float64")
    # A sum that is no number tells of a missing amount without a count; not all databases have NaN.
    return amount if rules.portable else amount.coalesce(float("nan"))


def _usable(days: ir.Table, rules: SummaryRules) -> Any:
    """Return whether all amounts of a day are numbers; to engines NaN is above them, or no less."""
    finite = days["gross"] <= sys.float_info.max
    return (days["n_known"] == days["n_rows"]) & finite if rules.portable else finite


def _bought(days: ir.Table, rules: SummaryRules) -> Any:
    if rules.on_negative == "drop":
        return days["n_rows"] > days["n_negative"]
    return (days["n_negative"] == 0) | (days["spend"] > days["gross"] * _RESIDUE)


def _purchases(days: ir.Table, rules: SummaryRules) -> ir.Table:
    """Merge the days of one period that are alike; each group that bought is one purchase."""
    if rules.collapse == "day" and not rules.calendar:
        return days.mutate(moment=days["day"])
    dated = days.mutate(period=_period(days["day"], rules))
    sums = {name: dated[name].sum() for name in _SUMS if name in days.columns}
    merged = dated.group_by("customer", "period", "later", "held", "bought").aggregate(
        day=dated["day"].min(), **sums
    )
    return merged.mutate(moment=merged["period" if rules.calendar else "day"])


def _period(day: Any, rules: SummaryRules) -> Any:
    if rules.calendar:
        return opportunity(day, rules.calendar)
    if rules.collapse == "month":
        return day.truncate("M")
    # The number of the week: not every database cuts a date to its Monday.
    return (day.delta(as_date(_MONDAY), unit="day").cast("float64") / 7.0).floor()


def _with_before(purchases: ir.Table, rules: SummaryRules) -> ir.Table:
    """Add the moment of the purchase before, where something follows from it."""
    needed = "log_interval_sum" in rules.extra or (rules.portable and rules.has_amount)
    if not needed:
        return purchases
    alike = [purchases[name] for name in ("customer", "later", "held", "bought")]
    order = ibis.window(group_by=alike, order_by=purchases["moment"])
    return purchases.mutate(before=purchases["moment"].lag().over(order))


def _timing(purchases: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    counted, moment = purchases["counted"], purchases["moment"]
    timing = {
        "n_days": purchases.count(where=~purchases["later"]),
        "n_purchases": moment.count(),
        "first": moment.min(),
        "last": moment.max(),
    }
    if "first_purchase" in rules.extra:
        timing["first_purchase"] = purchases["day"].min(where=counted)
    if "last_purchase" in rules.extra:
        timing["last_purchase"] = purchases["day"].max(where=counted)
    return timing


def _spend(purchases: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    if not rules.has_amount:
        return {}
    spend, counted = purchases["spend"], purchases["counted"]
    sums = {"spend": spend.sum(where=counted)}
    if not rules.portable:
        return sums | {"first_spend": spend.argmin(purchases["moment"], where=counted)}
    return sums | {
        "first_spend": spend.sum(where=counted & purchases["before"].isnull()),
        "n_unusable": purchases["n_unusable"].sum(where=purchases["within"]),
    }


def _other(purchases: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    """Measures that only a holdout or an extra column needs."""
    measures: dict[str, Any] = {}
    within = purchases["within"]
    if "n_orders" in rules.extra:
        refunds = purchases["n_negative"] if rules.has_amount else 0
        measures["n_orders"] = (purchases["n_rows"] - refunds).sum(where=within)
    if "total_value" in rules.extra:
        measures["total_value"] = purchases["spend"].sum(where=within)
    if "log_interval_sum" in rules.extra:
        interval = time_between(purchases["before"], purchases["moment"], rules)
        measures["log_interval_sum"] = interval.ln().sum(where=purchases["counted"])
    if rules.calibration_end is not None:
        held_out = purchases["held_out"]
        measures["n_held"] = purchases.count(where=held_out)
        if rules.has_amount:
            measures["held_spend"] = purchases["spend"].sum(where=held_out)
    return measures
