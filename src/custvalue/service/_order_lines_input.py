"""Order lines of any kind of table: their columns found, opened, checked, and summed by order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from custvalue._tables.checks import is_missing, reject_rows, require_type
from custvalue._tables.columns import names_of_columns
from custvalue._tables.door import OpenTable, open_table
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service._order_lines import is_no_flag, order_totals
from custvalue.service._order_lines_quality import LineCounts, count_lines
from custvalue.service._order_lines_rules import DAYS, FLAGS, LineRules

__all__ = ["ReadLines", "choose_parts", "read_order_lines", "warn_of_dropped"]

_LABELS = (dt.Integer, dt.String, dt.Floating, dt.Decimal, dt.Date, dt.Timestamp, dt.UUID)


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Checked order lines, summed by order, while their table is open.

    Attributes
    ----------
    opened : OpenTable
    rules : LineRules
    orders : ibis.Table
        What `order_totals` gave.
    counts : LineCounts
    """

    opened: OpenTable
    rules: LineRules
    orders: ir.Table
    counts: LineCounts


def choose_parts(
    X: Any,
    columns: Mapping[str, str],
    required: Sequence[str],
    optional: Sequence[str],
) -> dict[str, str]:
    """Return which columns to read, from the part that each plays to its name.

    Parameters
    ----------
    X : table
    columns : mapping of str to str
        Names that differ from the part. A column that is named here must be there.
    required, optional : sequence of str
        Parts; the optional ones are read where there is such a column.

    Returns
    -------
    dict of str to str
    """
    found = names_of_columns(X)
    chosen = [part for part in optional if part in columns or part in found]
    return {part: columns.get(part, part) for part in dict.fromkeys((*required, *chosen))}


@contextmanager
def read_order_lines(
    X: Any,
    parts: Mapping[str, str],
    rules: LineRules,
    owner: str,
    *,
    by: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> Iterator[ReadLines]:
    """Read order lines once, check them, and sum them by order.

    Parameters
    ----------
    X : table of order lines
    parts : mapping of str to str
        From part to column.
    rules : LineRules
        The parts of groups and flags are added here.
    owner : str
        Who asks, for messages.
    by, flags : sequence of str
        Columns to group by, and columns that are criteria as they are.

    Yields
    ------
    ReadLines

    Raises
    ------
    DataError
        If the lines break a rule.
    TypeError
        If X is not a table.
    """
    chosen = dict(parts)
    groups = _parts_of(by, chosen, "group")
    rules = replace(rules, groups=groups, flags=_parts_of(flags, chosen, "flag"))
    with open_table(X, chosen, owner=owner) as opened:
        _check_types(opened, rules)
        orders = opened.keep(order_totals(opened.table, rules))
        [counted] = opened.collect(count_lines(orders, rules)).to_pylist()
        counts = LineCounts(**counted)
        _check_counts(opened, orders, counts, rules, owner)
        yield ReadLines(opened, rules, orders, counts)


def warn_of_dropped(read: ReadLines, *, stacklevel: int = 3) -> None:
    """Warn of lines left out for a negative quantity: frames without ``attrs`` tell no counts.

    Parameters
    ----------
    read : ReadLines
    stacklevel : int, default=3
        3 names the caller of the function that calls this one.
    """
    dropped, whole = read.counts.negative, read.counts.lines_read
    if dropped:
        what = "its quantity is" if dropped == 1 else "their quantities are"
        sentence = f"{dropped} of {whole} lines left out: {what} negative (on_negative='drop')"
        warnings.warn(sentence, DataQualityWarning, stacklevel=stacklevel)


def _parts_of(names: Sequence[str], chosen: dict[str, str], kind: str) -> tuple[str, ...]:
    """Return the parts that columns play, adding those that play none yet."""
    known = {name: part for part, name in chosen.items()}
    found = [known.get(name, f"{kind}_{i}") for i, name in enumerate(names)]
    chosen.update(zip(found, names, strict=True))
    return tuple(found)


def _check_types(opened: OpenTable, rules: LineRules) -> None:
    for part in ("order", "customer"):
        if part in opened.names:
            require_type(opened, part, _is_label, "ids", "Numbers, text or dates can be ids.")
    remedy = "Convert it first, for example with pandas.to_datetime or as YYYY-MM-DD in a CSV file"
    for part in DAYS:
        if part in opened.names:
            require_type(opened, part, _is_day, "dates or times", remedy)
    for part in ("ordered", "delivered_quantity"):
        if part in opened.names:
            require_type(opened, part, lambda found: found.is_numeric(), "numbers", "Convert it")
    for part in (*FLAGS, *rules.flags):
        if part in opened.names:
            require_type(opened, part, _is_flag, "True, False or missing", "Convert it first")


def _is_label(found: dt.DataType) -> bool:
    return isinstance(found, _LABELS)


def _is_day(found: dt.DataType) -> bool:
    return bool(found.is_date() or found.is_timestamp())


def _is_flag(found: dt.DataType) -> bool:
    return bool(found.is_boolean() or found.is_numeric())


def _check_counts(
    opened: OpenTable, orders: ir.Table, counts: LineCounts, rules: LineRules, owner: str
) -> None:
    """Raise for lines that cannot be judged, and if none is left."""
    if counts.lines_read == 0:
        raise DataError(
            f"{owner} needs at least one order line; {opened.origin} has columns but no rows"
        )
    if counts.no_order:
        _reject(opened, ["order"], is_missing, "must not have missing values")
    _check_values(opened, counts, rules)
    if counts.early_lines:
        _reject_early(opened, rules)
    if counts.orders_of_several_customers:
        _reject_several_customers(opened, orders, counts)
    if counts.lines == 0:
        later = f", {counts.not_yet_placed} are placed after as_of" if counts.not_yet_placed else ""
        raise DataError(
            f"{owner} needs at least one line with demand; of {counts.lines_read} lines "
            f"{counts.no_demand} order 0 and {counts.negative} are negative{later}"
        )


def _check_values(opened: OpenTable, counts: LineCounts, rules: LineRules) -> None:
    quantities = ["ordered", "delivered_quantity"]
    if counts.unusable:
        _reject(opened, quantities, _is_infinite, "must hold finite numbers")
    if counts.strange_flags:
        _reject(opened, [*FLAGS, *rules.flags], is_no_flag, "must be True or False, or 1 or 0")
    if counts.negative and rules.on_negative == "raise":
        rule = "must not be negative (returns are left out with on_negative='drop')"
        _reject(opened, quantities, _is_negative, rule)


def _reject(opened: OpenTable, parts: Sequence[str], bad: Any, rule: str) -> None:
    """Raise for the first of some columns that breaks a rule."""
    for part in parts:
        if part in opened.names:
            shown = list(dict.fromkeys((part, "order")))
            whole = f"column {opened.names[part]!r} {rule}"
            reject_rows(opened, _of_part(bad, part), whole, shown)


def _of_part(bad: Any, part: str) -> Callable[[ir.Table], Any]:
    return lambda lines: bad(lines[part])


def _is_negative(column: Any) -> Any:
    return column < 0


def _is_infinite(column: Any) -> Any:
    return column.cast("float64").isinf()


def _reject_early(opened: OpenTable, rules: LineRules) -> None:
    start = str(rules.cycle_from)

    def early(lines: ir.Table) -> Any:
        return lines["delivered"].cast("date") < lines[start].cast("date")

    names = opened.names
    reject_rows(
        opened,
        early,
        f"column {names['delivered']!r} must not lie before {names[start]!r}, where the order "
        "cycle begins (name the day of the order with columns={'placed': ...}, or leave the cycle "
        "out with cycle_from=None)",
        ["delivered", start, "order"],
    )


def _reject_several_customers(opened: OpenTable, orders: ir.Table, counts: LineCounts) -> None:
    by_order = orders.group_by("order").aggregate(
        first=orders["first_customer"].min(), last=orders["last_customer"].max()
    )
    several = by_order.filter(by_order["first"] != by_order["last"])
    [one] = opened.collect(several.order_by("order").limit(1)).to_pylist()
    count = counts.orders_of_several_customers
    raise DataError(
        f"column {opened.names['customer']!r} must name one customer an order; order "
        f"{one['order']!r} has {one['first']!r} and {one['last']!r} "
        f"({count} such order{'' if count == 1 else 's'})"
    )
