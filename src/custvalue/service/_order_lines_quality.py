"""What became of the order lines read: counts that say what a share does not rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue.service._order_lines_rules import LineRules

__all__ = ["LineCounts", "count_lines", "quality_counts"]


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Sums over all lines read.

    Attributes
    ----------
    lines_read, lines : int
        Lines read, and those that count.
    negative, not_yet_placed, no_demand : int
        Lines with a negative quantity, others that are placed after the day of looking, and others
        that order 0.
    open, over : int
        Lines that count and are neither delivered nor due; and those delivered above the order.
    unusable, strange_flags, no_order, early_lines : int
        Lines with an infinite quantity, with a flag that is no flag, without an order, and those
        delivered before their order cycle begins.
    orders_read, orders, orders_not_yet_placed : int
        Orders read, those with a line that counts, and others with a line not yet placed.
    orders_in_several_groups, orders_of_several_customers : int
        Orders that count and are in several groups, and orders read that several customers share.
    """

    lines_read: int
    lines: int
    negative: int
    not_yet_placed: int
    no_demand: int
    open: int
    over: int
    unusable: int
    strange_flags: int
    no_order: int
    early_lines: int
    orders_read: int
    orders: int
    orders_not_yet_placed: int
    orders_in_several_groups: int
    orders_of_several_customers: int


def count_lines(orders: ir.Table, rules: LineRules) -> ir.Table:
    """Return one row whose columns are the fields of ``LineCounts``.

    Parameters
    ----------
    orders : ibis.Table
        What `order_totals` gave.
    rules : LineRules

    Returns
    -------
    ibis.Table
    """
    missing = orders["order"].isnull()
    if orders["order"].type().is_floating():
        missing = missing | orders["order"].isnan()
    of_lines = orders.aggregate(
        **{name: _sum(orders, name) for name in _SUMMED},
        no_order=_whole(orders["lines_read"].sum(where=missing)),
    )
    whole = _whole_orders(orders, rules)
    of_orders = whole.aggregate(
        orders_read=whole.count(),
        orders=whole.count(where=whole["pieces"] > 0),
        orders_not_yet_placed=whole.count(where=(whole["pieces"] == 0) & (whole["later"] > 0)),
        orders_in_several_groups=whole.count(where=whole["pieces"] > 1),
        orders_of_several_customers=whole.count(where=whole["first"] != whole["last"]),
    )
    return of_lines.cross_join(of_orders)


def quality_counts(counts: LineCounts, unknown: dict[str, int], *, grouped: bool) -> dict[str, int]:
    """Return the counts under the names that users see.

    ``lines_read`` is the sum of ``lines_negative``, ``lines_not_yet_placed``,
    ``lines_without_demand`` and ``lines``; ``orders_read`` that of ``orders_not_yet_placed``,
    ``orders_without_demand`` and ``orders``.

    Parameters
    ----------
    counts : LineCounts
    unknown : mapping of str to int
        By criterion.
    grouped : bool
        Whether there are groups.

    Returns
    -------
    dict of str to int
    """
    found = {
        "lines_read": counts.lines_read,
        "lines_negative": counts.negative,
        "lines_not_yet_placed": counts.not_yet_placed,
        "lines_without_demand": counts.no_demand,
        "lines": counts.lines,
        "lines_over_delivered": counts.over,
        "lines_open": counts.open,
        "orders_read": counts.orders_read,
        "orders_not_yet_placed": counts.orders_not_yet_placed,
        "orders_without_demand": counts.orders_read - counts.orders - counts.orders_not_yet_placed,
        "orders": counts.orders,
    }
    if grouped:
        found["orders_in_several_groups"] = counts.orders_in_several_groups
    return found | {f"{name}_unknown": count for name, count in unknown.items()}


_SUMMED = (
    "lines_read",
    "lines",
    "negative",
    "not_yet_placed",
    "no_demand",
    "open",
    "over",
    "unusable",
    "strange_flags",
    "early_lines",
)


def _whole_orders(orders: ir.Table, rules: LineRules) -> ir.Table:
    """Return in how many groups each order has lines that count, and whose it is."""
    has_lines = orders["lines"] > 0
    known = "first_customer" in orders.columns
    first, last = ("first_customer", "last_customer") if known else ("order", "order")
    if set(rules.groups) <= {"order"}:
        pieces = {"pieces": has_lines.cast("int64")}
        later = orders["not_yet_placed"]
        return orders.mutate(**pieces, later=later, first=orders[first], last=orders[last])
    return orders.group_by("order").aggregate(
        pieces=orders.count(where=has_lines),
        later=orders["not_yet_placed"].sum(),
        first=orders[first].min(),
        last=orders[last].max(),
    )


def _sum(orders: ir.Table, name: str) -> Any:
    return _whole(orders[name].sum()) if name in orders.columns else ibis.literal(0)


def _whole(total: Any) -> Any:
    return total.coalesce(0).cast("int64")
