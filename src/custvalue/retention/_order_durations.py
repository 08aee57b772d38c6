"""Durations from orders as Ibis expressions: orders -> customer days -> silences -> customers.

A silence follows each day with orders: up to the next such day, or up to the end of observation.
One of at least ``silence`` days ends the life of a customer: the first such silence, or, where
later orders undo it, the last silence alone. Every function takes and gives Ibis tables and runs
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue._numerics.time_units import DAYS_PER_UNIT
from custvalue._tables.checks import is_missing

__all__ = [
    "DurationRules",
    "conflicts",
    "count_days",
    "customer_days",
    "customer_lives",
    "duration_table",
    "group_parts",
]


@dataclass(frozen=True, slots=True)
class DurationRules:
    """When a customer has left, and how time is measured.

    Attributes
    ----------
    inactivity : float
        How many days without an order end a life.
    forgiving : bool
        Whether a later order undoes a silence.
    time_unit : {"day", "week", "month", "year"}
    n_groups : int
        Number of columns that make groups.
    """

    inactivity: float
    forgiving: bool
    time_unit: str
    n_groups: int = 0

    @property
    def silence(self) -> int:
        """Return the shortest number of whole days that is as long as ``inactivity``."""
        return math.ceil(self.inactivity - 1e-9)


def group_parts(n_groups: int) -> tuple[str, ...]:
    """Return the names of the parts of a table that make groups."""
    return tuple(f"group{i}" for i in range(n_groups))


def customer_days(orders: ir.Table, rules: DurationRules) -> ir.Table:
    """Collect the orders of each customer and day.

    Parameters
    ----------
    orders : ibis.Table
        Columns ``customer``, ``date`` and ``group0``, ``group1``, ...
    rules : DurationRules

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``day``, ``n_rows`` and, for each group, the least and the greatest
        value of the day, ``low0`` and ``high0``, and in how many rows it is missing, ``gaps0``.
    """
    lines = orders.mutate(day=orders["date"].cast("date"))
    measures: dict[str, Any] = {"n_rows": lines.count().cast("int64")}
    for i, part in enumerate(group_parts(rules.n_groups)):
        column = lines[part]
        measures[f"low{i}"], measures[f"high{i}"] = column.min(), column.max()
        measures[f"gaps{i}"] = lines.count(where=is_missing(column)).cast("int64")
    return lines.group_by("customer", "day").aggregate(**measures)


def count_days(days: ir.Table, rules: DurationRules, end: date | None) -> ir.Table:
    """Return one row that counts the orders: all, after the end, and those that lack a part.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    rules : DurationRules
    end : datetime.date or None
        Last day of observation.

    Returns
    -------
    ibis.Table
        Columns ``n_rows``, ``n_later``, ``n_no_customer``, ``n_no_date``, ``n_no_group0``, ...,
        ``first_day`` and ``last_day``.
    """
    rows = days["n_rows"]
    later = ibis.literal(False) if end is None else (days["day"] > _constant(end)).fill_null(False)
    sums = {
        "n_rows": rows.sum(),
        "n_later": rows.sum(where=later),
        "n_no_customer": rows.sum(where=is_missing(days["customer"])),
        "n_no_date": rows.sum(where=days["day"].isnull()),
    }
    sums |= {f"n_no_group{i}": days[f"gaps{i}"].sum() for i in range(rules.n_groups)}
    whole = {name: value.coalesce(0).cast("int64") for name, value in sums.items()}
    return days.aggregate(**whole, first_day=days["day"].min(), last_day=days["day"].max())


def customer_lives(days: ir.Table, rules: DurationRules, end: date) -> ir.Table:
    """Return first day and last day before the silence that counts, a row for each customer.

    Parameters
    ----------
    days : ibis.Table
        What ``customer_days`` gave.
    rules : DurationRules
    end : datetime.date
        Last day of observation; later days are left out.

    Returns
    -------
    ibis.Table
        Columns ``customer``, ``first``, ``lapsed`` (missing where no silence was long enough),
        and ``low0``, ``high0``, ... of the first day.
    """
    within = days.filter(days["day"] <= _constant(end))
    order = ibis.window(group_by=within["customer"], order_by=within["day"])
    beside = within.mutate(
        before=within["day"].lag().over(order), after=within["day"].lead().over(order)
    )
    until = beside["after"].fill_null(_constant(end))
    told = beside.mutate(silence=until.delta(beside["day"], unit="day"))
    silent = told["silence"] >= rules.silence
    if rules.forgiving:
        silent = silent & told["after"].isnull()
    opening = told["before"].isnull()
    ends = [f"{end_of}{i}" for i in range(rules.n_groups) for end_of in ("low", "high")]
    return told.group_by("customer").aggregate(
        first=told["day"].min(),
        lapsed=told["day"].min(where=silent),
        **{name: told[name].max(where=opening) for name in ends},
    )


def conflicts(lives: ir.Table, rules: DurationRules) -> ir.Table:
    """Return the customers whose first day holds several values of a group.

    Parameters
    ----------
    lives : ibis.Table
        What ``customer_lives`` gave.
    rules : DurationRules

    Returns
    -------
    ibis.Table
    """
    differ = ibis.literal(False)
    for i in range(rules.n_groups):
        differ = differ | (lives[f"low{i}"] != lives[f"high{i}"])
    return lives.filter(differ)


def duration_table(
    lives: ir.Table, rules: DurationRules, end: date, names: dict[str, str]
) -> ir.Table:
    """Return the durations in ``time_unit``, a row for each customer.

    Parameters
    ----------
    lives : ibis.Table
        What ``customer_lives`` gave.
    rules : DurationRules
    end : datetime.date
    names : dict of str to str
        From a part to the name of its column.

    Returns
    -------
    ibis.Table
        The customer, ``duration``, ``churned`` and the groups.
    """
    unit = DAYS_PER_UNIT[rules.time_unit]
    left = lives["lapsed"].notnull()
    last = lives["lapsed"].fill_null(_constant(end))
    days = last.delta(lives["first"], unit="day").cast("float64")
    days = days + ibis.ifelse(left, rules.inactivity, 0.0)
    columns = {names["customer"]: lives["customer"], "duration": days / unit, "churned": left}
    groups = enumerate(group_parts(rules.n_groups))
    return lives.select(**columns, **{names[part]: lives[f"low{i}"] for i, part in groups})


def _constant(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)
