"""What an order log must be before the flow of its customers is counted."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from custvalue._tables.calendar_periods import period_numbers
from custvalue._tables.checks import is_not_finite, reject_rows, require_type
from custvalue._tables.door import OpenTable
from custvalue._tables.orders import check_order_parts, check_order_types
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention._customer_flow import FlowRules

__all__ = ["LineCounts", "check_lines", "check_types", "observed_until"]


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Sums over all orders read.

    Attributes
    ----------
    n_rows, n_later : int
        Orders read, and those of them after the end of observation.
    n_no_customer, n_no_date : int
        Orders without a customer and without a date.
    n_unusable : int
        Periods of a customer with an amount that is missing or not finite.
    n_bought : int
        Periods of a customer within the observation in which they ordered.
    first_day, last_day : datetime.date
        Day of the first order read, and of the last within the observation.
    """

    n_rows: int
    n_later: int
    n_no_customer: int
    n_no_date: int
    n_unusable: int
    n_bought: int
    first_day: date
    last_day: date


def check_types(opened: OpenTable) -> None:
    """Raise unless ids can be ids, dates are dates and amounts numbers.

    Parameters
    ----------
    opened : OpenTable

    Raises
    ------
    DataError
        If a column is of another type.
    """
    check_order_types(opened)
    if "amount" in opened.names:
        require_type(
            opened, "amount", lambda found: found.is_numeric(), "numbers", "Convert it first"
        )


def check_lines(opened: OpenTable, counts: LineCounts, rules: FlowRules) -> None:
    """Raise unless every order is complete and somebody ordered.

    Parameters
    ----------
    opened : OpenTable
    counts : LineCounts
    rules : FlowRules

    Raises
    ------
    DataError
        If an id, date or amount is missing, an amount or a sum of them is not finite, or there are
        no orders.
    """
    missing = {"customer": counts.n_no_customer, "date": counts.n_no_date}
    check_order_parts(opened, counts.n_rows, missing, "customer_flow")
    if counts.n_unusable:
        name = opened.names["amount"]
        shown = ["amount", "customer", "date"]
        rule = f"column {name!r} must hold finite numbers"
        reject_rows(opened, lambda orders: is_not_finite(orders["amount"]), rule, shown)
        rule = f"column {name!r} must have finite sums of what a customer orders in a "
        rule += rules.period
        reject_rows(opened, lambda orders: _is_beyond(orders, rules.period), rule, shown)
    if counts.n_bought == 0:
        raise DataError(_nothing(opened, counts, rules))


def observed_until(counts: LineCounts, rules: FlowRules) -> date:
    """Return the last day of observation; warn where it is a guess, or orders lie after it.

    Parameters
    ----------
    counts : LineCounts
    rules : FlowRules

    Returns
    -------
    datetime.date
    """
    if rules.end is None:
        _warn(
            f"observation_end was inferred to be {counts.last_day}, the day of the last order; "
            "state it, since days without orders count too"
        )
        return counts.last_day
    if counts.n_later:
        _warn(
            f"{counts.n_later} of {counts.n_rows} orders lie after the observation_end {rules.end} "
            "and are left out"
        )
    return rules.end


def _warn(said: str) -> None:
    """Warn in the line that called the function that asks for the end of observation."""
    warnings.warn(said, DataQualityWarning, stacklevel=4)


def _nothing(opened: OpenTable, counts: LineCounts, rules: FlowRules) -> str:
    if counts.n_later == counts.n_rows:
        return (
            f"observation_end must not lie before the first order; found {rules.end}, and the "
            f"first of {counts.n_rows} orders on {counts.first_day}"
        )
    return (
        f"{opened.origin} must hold at least one purchase; found {counts.n_rows} orders, and "
        "refunds leave none"
    )


def _is_beyond(orders: ir.Table, period: str) -> Any:
    """Return the orders of customers whose amounts of a period add up to infinity."""
    amount = orders["amount"].cast("float64").abs()
    number = period_numbers(orders["date"].cast("date"), period)
    # Sums in another order differ in their last digits: none may slip through between two counts.
    most = sys.float_info.max * (1 - 1e-9)
    return amount.sum().over(group_by=[orders["customer"], number]) > most
