"""The columns of the customer summary, from the totals of each customer."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue._numerics.time_units import DAYS_PER_UNIT
from custvalue._tables.calendar_periods import as_date
from custvalue.transactions._opportunities import opportunity_on
from custvalue.transactions._rfm_summary import SummaryRules, time_between

_DIGITS = 12
_LARGEST_EXPONENT = 300.0

__all__ = ["is_left_truncated", "summary_table"]


def summary_table(
    totals: ir.Table,
    rules: SummaryRules,
    end: date,
    customer: str = "customer",
    start: date | None = None,
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
    start : datetime.date or None
        First day of observation; only "left_truncated" needs it.

    Returns
    -------
    ibis.Table
        One row per customer with a purchase.
    """
    kept = totals.filter(totals["n_purchases"] > 0)
    repeats = kept["n_purchases"] - 1
    last = rules.calibration_end or end
    columns = {
        "frequency": repeats.cast("float64"),
        "recency": time_between(kept["first"], kept["last"], rules),
        "T": time_between(kept["first"], _moment(last, rules), rules),
    }
    if rules.has_amount:
        mean = _mean(_settled(kept["spend"] - kept["first_spend"]), repeats)
        columns["monetary_value"] = _where_usable(mean, kept, rules)
    columns |= {name: _extra(kept, name, rules, start) for name in rules.extra}
    if rules.calibration_end is not None:
        columns |= _holdout(kept, rules, (end - rules.calibration_end).days)
    return kept.select(**{customer: kept["customer"]}, **columns)


def is_left_truncated(first: Any, start: Any, rules: SummaryRules) -> Any:
    """Return whether each first purchase lies so near the first order that others may be hidden.

    Parameters
    ----------
    first : ibis column of dates, or of numbers of opportunities
        First purchases.
    start : ibis value of the same kind
        First order of all.
    rules : SummaryRules
        With a ``left_edge``.

    Returns
    -------
    ibis column of booleans
    """
    return time_between(start, first, rules) < rules.left_edge


def _moment(day: date, rules: SummaryRules) -> Any:
    """Return a day as what time is measured with: itself, or the number of its opportunity."""
    if rules.calendar:
        return ibis.literal(opportunity_on(rules.calendar, day), type="int64")
    return as_date(day)


def _extra(kept: ir.Table, name: str, rules: SummaryRules, start: date | None) -> Any:
    if name == "left_truncated" and start is not None:
        return is_left_truncated(kept["first"], _moment(start, rules), rules)
    if name in ("first_purchase", "last_purchase"):
        return kept[name].cast("timestamp")
    if name == "n_orders":
        return kept[name].cast("float64").coalesce(0.0)
    settled = _settled(kept[name].coalesce(0.0))
    return _where_usable(settled, kept, rules) if name == "total_value" else settled


def _holdout(kept: ir.Table, rules: SummaryRules, n_days: int) -> dict[str, Any]:
    columns = {"holdout_frequency": kept["n_held"].cast("float64")}
    if rules.has_amount:
        columns["holdout_monetary_value"] = _mean(_settled(kept["held_spend"]), kept["n_held"])
    # Divided by the engine, as T is: engines read a fraction in decimals, not to the last bit.
    length = ibis.literal(n_days).cast("float64") / DAYS_PER_UNIT[rules.time_unit]
    return columns | {"holdout_T": length}


def _where_usable(money: Any, kept: ir.Table, rules: SummaryRules) -> Any:
    """Return money where all amounts are numbers; a query, which cannot refuse, says NULL."""
    if not rules.portable:
        return money
    return ibis.ifelse(kept["n_unusable"] == 0, money, ibis.null("float64"))


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
