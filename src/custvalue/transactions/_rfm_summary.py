"""The customer summary as one Ibis expression: order lines -> days -> purchases -> customers.

Lines of one customer and day are netted to a day. Days of one period (``collapse``) that hold a
purchase are one purchase, dated by its first day. The purchases make the customer. Only the first
step reads orders; what it gives is worth keeping, since the summary and the counts of what was
read both follow from it. Every function takes and gives Ibis tables and runs nothing: the same
expression suits any engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue._numerics.time_units import DAYS_PER_UNIT

EXTRAS = ("n_orders", "total_value", "log_interval_sum", "first_purchase", "last_purchase")

# Amounts that cancel leave a residue of rounding (0.1 + 0.2 - 0.3 > 0); it is not a purchase.
_RESIDUE = 1e-9
_DIGITS = 12
_LARGEST_EXPONENT = 300.0
_PERIODS = {"week": "W", "month": "M"}

__all__ = [
    "EXTRAS",
    "SummaryRules",
    "customer_days",
    "customer_totals",
    "flagged_days",
    "output_columns",
    "summary_table",
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
    """

    has_amount: bool
    time_unit: str = "week"
    collapse: str = "day"
    on_negative: str = "net"
    extra: tuple[str, ...] = ()
    end: date | None = None
    calibration_end: date | None = None


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
        Columns ``customer``, ``day``, ``n_rows`` and, with amounts, ``spend``, ``gross`` (not a
        finite number where an amount is missing or not finite), ``n_negative``, ``n_zero``.
    """
    lines = orders.mutate(day=orders["date"].cast("date"))
    measures = {"n_rows": lines.count().cast("int32")}
    if rules.has_amount:
        amount = lines["amount"].cast("float64").coalesce(float("nan"))
        kept = amount >= 0 if rules.on_negative == "drop" else None
        measures |= {
            "spend": amount.sum(where=kept),
            "gross": amount.abs().sum(),
            "n_negative": lines.count(where=amount < 0).cast("int32"),
            "n_zero": lines.count(where=amount == 0).cast("int32"),
        }
    return lines.group_by("customer", "day").aggregate(**measures)


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
    return days.mutate(later=later, held=held & ~later, bought=_bought(days, rules))


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
        Columns ``customer``, ``n_days`` (within the observation), ``n_purchases``, ``first``,
        ``last`` and what else the rules ask for.
    """
    purchases = _purchases(flagged_days(days, rules), rules)
    if "log_interval_sum" in rules.extra:
        purchases = _with_intervals(purchases, rules)
    purchases = purchases.mutate(
        counted=purchases["bought"] & ~purchases["later"] & ~purchases["held"],
        held_out=purchases["bought"] & purchases["held"],
        within=~purchases["later"] & ~purchases["held"],
    )
    return purchases.group_by("customer").aggregate(
        **_timing(purchases), **_spend(purchases, rules), **_other(purchases, rules)
    )


def summary_table(
    totals: ir.Table, rules: SummaryRules, end: date, customer: str = "customer"
) -> ir.Table:
    """Return the customer summary, times in ``time_unit``.

    Parameters
    ----------
    totals : ibis.Table
        What ``customer_totals`` gave.
    rules : SummaryRules
    end : datetime.date
        Last day of observation.
    customer : str
        Name of the id column of the result.

    Returns
    -------
    ibis.Table
        One row per customer with a purchase.
    """
    kept = totals.filter(totals["n_purchases"] > 0)
    repeats = kept["n_purchases"] - 1
    columns = {
        "frequency": repeats.cast("float64"),
        "recency": _time_between(kept["first"], kept["last"], rules),
        "T": _time_between(kept["first"], _date(rules.calibration_end or end), rules),
    }
    if rules.has_amount:
        columns["monetary_value"] = _mean(_settled(kept["spend"] - kept["first_spend"]), repeats)
    columns |= {name: _extra(kept, name) for name in rules.extra}
    if rules.calibration_end is not None:
        columns |= _holdout(kept, rules, (end - rules.calibration_end).days)
    return kept.select(**{customer: kept["customer"]}, **columns)


def output_columns(rules: SummaryRules) -> tuple[str, ...]:
    """Return the names of the columns of the summary, the customer's id and the holdout apart."""
    money = ("monetary_value",) if rules.has_amount else ()
    return ("frequency", "recency", "T", *money, *rules.extra)


def _after(days: ir.Table, end: date | None) -> Any:
    if end is None:
        return ibis.literal(False)
    return (days["day"] > _date(end)).fill_null(False)


def _bought(days: ir.Table, rules: SummaryRules) -> Any:
    if not rules.has_amount:
        return ibis.literal(True)
    if rules.on_negative == "drop":
        return days["n_rows"] > days["n_negative"]
    return (days["n_negative"] == 0) | (days["spend"] > days["gross"] * _RESIDUE)


def _purchases(days: ir.Table, rules: SummaryRules) -> ir.Table:
    """Merge the days of one period that are alike; each group that bought is one purchase."""
    if rules.collapse == "day":
        return days
    dated = days.mutate(period=days["day"].truncate(_PERIODS[rules.collapse]))
    sums = [name for name in ("n_rows", "n_negative", "spend") if name in days.columns]
    return dated.group_by("customer", "period", "later", "held", "bought").aggregate(
        day=dated["day"].min(), **{name: dated[name].sum() for name in sums}
    )


def _with_intervals(purchases: ir.Table, rules: SummaryRules) -> ir.Table:
    """Add the log of the time since the purchase before."""
    alike = [purchases[name] for name in ("customer", "later", "held", "bought")]
    order = ibis.window(group_by=alike, order_by=purchases["day"])
    before = purchases["day"].lag().over(order)
    return purchases.mutate(log_interval=_time_between(before, purchases["day"], rules).ln())


def _timing(purchases: ir.Table) -> dict[str, Any]:
    counted = purchases["counted"]
    return {
        "n_days": purchases.count(where=~purchases["later"]),
        "n_purchases": purchases.count(where=counted),
        "first": purchases["day"].min(where=counted),
        "last": purchases["day"].max(where=counted),
    }


def _spend(purchases: ir.Table, rules: SummaryRules) -> dict[str, Any]:
    if not rules.has_amount:
        return {}
    spend, counted = purchases["spend"], purchases["counted"]
    return {
        "spend": spend.sum(where=counted),
        "first_spend": spend.argmin(purchases["day"], where=counted),
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
        measures["log_interval_sum"] = purchases["log_interval"].sum(where=purchases["counted"])
    if rules.calibration_end is not None:
        held_out = purchases["held_out"]
        measures["n_held"] = purchases.count(where=held_out)
        if rules.has_amount:
            measures["held_spend"] = purchases["spend"].sum(where=held_out)
    return measures


def _extra(kept: ir.Table, name: str) -> Any:
    if name in ("first_purchase", "last_purchase"):
        return kept[name.removesuffix("_purchase")].cast("timestamp")
    return _settled(kept[name].cast("float64").coalesce(0.0))


def _holdout(kept: ir.Table, rules: SummaryRules, n_days: int) -> dict[str, Any]:
    columns = {"holdout_frequency": kept["n_held"].cast("float64")}
    if rules.has_amount:
        columns["holdout_monetary_value"] = _mean(_settled(kept["held_spend"]), kept["n_held"])
    # Divided by the engine, as T is: engines read a fraction in decimals, not to the last bit.
    length = ibis.literal(n_days).cast("float64") / DAYS_PER_UNIT[rules.time_unit]
    return columns | {"holdout_T": length}


def _mean(total: Any, count: Any) -> Any:
    """Return the total per purchase; 0 where there is none."""
    return ibis.ifelse(count > 0, total / count, 0.0)


def _settled(total: Any) -> Any:
    """Return a sum to twelve significant digits.

    An engine adds in whatever order its threads finish, so that the last bits vary from run to run;
    a customer at a cut point would move between scores. Sums of cents come out exact.
    """
    size = total.abs().nullif(0.0).log10().floor().coalesce(0.0)
    scale = ibis.literal(10.0) ** ibis.least(_DIGITS - 1 - size, _LARGEST_EXPONENT)
    return (total * scale).round() / scale


def _time_between(start: Any, end: Any, rules: SummaryRules) -> Any:
    """Return the time from one date to another, in ``time_unit``."""
    return end.delta(start, unit="day").cast("float64") / DAYS_PER_UNIT[rules.time_unit]


def _date(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)
