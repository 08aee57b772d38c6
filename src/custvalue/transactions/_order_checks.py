"""What orders must be: the types of their columns, and rules for their rows."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from custvalue._tables.calendar_periods import as_date
from custvalue._tables.checks import is_missing, is_not_finite, reject_rows, require_type
from custvalue._tables.door import OpenTable
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions._order_counts import OrderCounts
from custvalue.transactions._rfm_summary import SummaryRules

__all__ = ["check_counts", "check_types", "reject_earlier", "reject_later", "warn_of_later"]


_LABELS = (dt.Integer, dt.String, dt.Floating, dt.Decimal, dt.Date, dt.Timestamp, dt.UUID)


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
    require_type(opened, "customer", _is_label, "ids", "Numbers, text or dates can be ids.")
    require_type(
        opened,
        "date",
        lambda found: found.is_date() or found.is_timestamp(),
        "dates or times",
        "Convert it first, for example with pandas.to_datetime or as YYYY-MM-DD in a CSV file",
    )
    if "amount" in opened.names:
        require_type(
            opened, "amount", lambda found: found.is_numeric(), "numbers", "Convert it first"
        )


def check_counts(opened: OpenTable, counts: OrderCounts, rules: SummaryRules, owner: str) -> None:
    """Raise unless every order is complete and some customer has a purchase.

    Parameters
    ----------
    opened : OpenTable
    counts : OrderCounts
    rules : SummaryRules
    owner : str

    Raises
    ------
    DataError
        If an id, date or amount is missing, an amount is not finite, or (where the rules say so)
        negative; if an order lies before the first opportunity; if there are no orders, or no
        purchases.
    """
    if counts.n_rows == 0:
        raise DataError(
            f"{owner} needs at least one order; {opened.origin} has columns but no rows"
        )
    if counts.n_no_customer:
        _reject(opened, "customer", is_missing, "must not have missing values", ["date"])
    if counts.n_no_date:
        _reject(opened, "date", is_missing, "must not have missing values", ["customer"])
    if counts.n_unusable_days:
        shown = ["customer", "date"]
        if not opened.private:  # some engines know no NaN, and cannot be asked for it
            _reject(opened, "amount", _is_null, "must hold finite numbers", shown)
        _reject(opened, "amount", is_not_finite, "must hold finite numbers", shown)
        raise DataError(
            f"column {opened.names['amount']!r} must have finite sums; the amounts of "
            f"{counts.n_unusable_days} customer days add up to infinity"
        )
    if counts.n_early:
        reject_earlier(opened, rules.calendar[0], "the first opportunity of calendar")
    if rules.on_negative == "raise" and counts.n_negative:
        _reject_negative(opened, rules)
    _require_purchases(opened, counts, rules)


def reject_later(opened: OpenTable, end: date) -> None:
    """Raise for orders after the end of observation that ``fit`` learned.

    Parameters
    ----------
    opened : OpenTable
    end : datetime.date

    Raises
    ------
    DataError
        If there is such an order.
    """
    reject_rows(
        opened,
        lambda orders: orders["date"].cast("date") > end,
        f"column {opened.names['date']!r} must not lie after {end}, the observation_end_ that fit "
        "learned (fit again, or state observation_end)",
        ["date", "customer"],
    )


def reject_earlier(opened: OpenTable, first: date, what: str) -> None:
    """Raise for orders before a day.

    Parameters
    ----------
    opened : OpenTable
    first : datetime.date
    what : str
        What the day is.

    Raises
    ------
    DataError
        If there is such an order.
    """
    reject_rows(
        opened,
        lambda orders: orders["date"].cast("date") < as_date(first),
        f"column {opened.names['date']!r} must not lie before {first}, {what}",
        ["date", "customer"],
    )


def warn_of_later(n_later: int, n_rows: int, end: date) -> None:
    """Warn of orders after the end of observation, which the summary leaves out.

    Parameters
    ----------
    n_later, n_rows : int
        How many there are, and of how many.
    end : datetime.date
    """
    warnings.warn(
        f"{n_later} of {n_rows} orders lie after the observation_end {end} and are left out; to "
        "look from a later day, state it with set_params(observation_end=...)",
        DataQualityWarning,
        stacklevel=3,
    )


def _is_label(found: dt.DataType) -> bool:
    return isinstance(found, _LABELS)


def _reject(opened: OpenTable, part: str, bad: Any, rule: str, beside: list[str]) -> None:
    reject_rows(
        opened,
        lambda orders: bad(orders[part]),
        f"column {opened.names[part]!r} {rule}",
        [part, *beside],
    )


def _is_null(column: Any) -> Any:
    return column.isnull()


def _reject_negative(opened: OpenTable, rules: SummaryRules) -> None:
    def negative(orders: ir.Table) -> Any:
        refunds = orders["amount"] < 0
        return (
            refunds if rules.end is None else refunds & (orders["date"].cast("date") <= rules.end)
        )

    name = opened.names["amount"]
    rule = f"column {name!r} must not be negative where on_negative='raise'"
    reject_rows(opened, negative, rule, ["amount", "customer", "date"])


def _require_purchases(opened: OpenTable, counts: OrderCounts, rules: SummaryRules) -> None:
    if counts.customers_out:
        return
    last, name = rules.end, "observation_end"
    if rules.calibration_end is not None:
        last, name = rules.calibration_end, "calibration_end"
    if last is not None and counts.first_day > last:
        raise DataError(
            f"{name} must not lie before the first order; found {last}, and the first of "
            f"{counts.n_rows} orders on {counts.first_day}"
        )
    raise DataError(
        f"{opened.origin} must hold at least one purchase; found {counts.n_rows} orders of "
        f"{counts.customers} customers, and refunds (on_negative={rules.on_negative!r}) leave none"
    )
