"""Rules that rows must keep, and the message that names the first row that breaks one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from custvalue._tables.door import OpenTable
from custvalue.exceptions import DataError

__all__ = ["is_missing", "is_not_finite", "reject_rows", "require_type"]


def is_missing(column: Any) -> Any:
    """Return the Boolean column of what is null, or no number."""
    missing = column.isnull()
    return missing | column.isnan() if column.type().is_floating() else missing


def is_not_finite(column: Any) -> Any:
    """Return the Boolean column of what is missing, no number or infinite."""
    number = column.cast("float64").coalesce(float("nan"))
    return number.isnan() | number.isinf()


def reject_rows(
    opened: OpenTable, bad: Callable[[ir.Table], Any], rule: str, shown: Sequence[str]
) -> None:
    """Raise if there are bad rows, naming the rule, their number and the first of them.

    Parameters
    ----------
    opened : OpenTable
    bad : callable
        Takes the table and gives the Boolean column of the bad rows.
    rule : str
        What must hold, as in "column 'amount' must hold finite numbers".
    shown : sequence of str
        The parts whose values the message shows.

    Raises
    ------
    DataError
        If any row is bad.
    """
    rows = opened.table.mutate(position=ibis.row_number())
    found = rows.filter(bad(rows))
    count = opened.collect(found.aggregate(count=found.count()))["count"][0].as_py()
    if not count:
        return
    chosen = found.select("position", *shown)
    first = opened.collect(chosen.order_by("position").limit(1)).to_pylist()[0]
    values = ", ".join(f"{opened.names[part]}={_plain(first[part])}" for part in shown)
    where = f"row {first['position']}" if opened.numbered else "one row"
    raise DataError(f"{rule}; {where} has {values} ({count} such row{'' if count == 1 else 's'})")


def require_type(
    opened: OpenTable, part: str, fits: Callable[[dt.DataType], bool], rule: str, remedy: str
) -> None:
    """Raise unless a column is of a fitting type; a column of nothing but missing values passes.

    Parameters
    ----------
    opened : OpenTable
    part : str
    fits : callable
        Takes the column's type.
    rule : str
        What the column must hold, as in "dates or times".
    remedy : str
        What the caller can do.

    Raises
    ------
    DataError
        If the type does not fit.
    """
    found = opened.table[part].type()
    if found.is_null() or fits(found):
        return
    whole = f"column {opened.names[part]!r} must hold {rule}; found {found}. {remedy}"
    reject_rows(opened, lambda table: table[part].notnull(), whole, [part])
    # No row to show: the column is empty, or every value is missing.
    reject_rows(opened, lambda table: table[part].isnull(), whole, [part])


def _plain(value: Any) -> str:
    if value is None:
        return "missing"
    return str(value) if isinstance(value, date) else repr(value)
