"""Equal rows of a table of any size, counted where the table is: only the distinct ones travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np

from custvalue._tables.checks import is_missing, reject_rows, require_type
from custvalue._tables.door import OpenTable, open_table
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = ["COUNT", "CountedRows", "counted_rows", "systematic_sample"]

COUNT = "count"
"""The column of counts, beside parts named "c0", "c1", ..."""
_WEIGHT = "weight"

Reduce = Callable[[ir.Table, float], ir.Table]


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Distinct rows.

    Attributes
    ----------
    columns : dict of str to ndarray of shape (n_distinct,)
        By the caller's names.
    counts : ndarray of shape (n_distinct,)
        How many rows each stands for, or the sum of their weights.
    n_distinct : int
        Distinct rows before anything was reduced.
    n_rows : int
        Rows of the table.
    """

    columns: dict[str, FloatArray]
    counts: FloatArray
    n_distinct: int
    n_rows: int


def counted_rows(
    X: Any,
    names: Sequence[str],
    *,
    owner: str,
    most: int,
    remedy: str,
    weight: str | None = None,
    moved: Mapping[str, Callable[[Any], Any]] | None = None,
    reduce: Reduce | None = None,
) -> CountedRows:
    """Count the equal rows of a table in its engine.

    Parameters
    ----------
    X : table of any kind that ``open_table`` takes
    names : sequence of str
        Columns of numbers.
    owner : str
        Who asks, for messages.
    most : int
        So many distinct rows may travel.
    remedy : str
        What the caller can do where there are more.
    weight : str or None
        Column of weights; None counts rows.
    moved : mapping of str to callable or None
        What becomes of the values of a column before rows are compared, such as rounding.
    reduce : callable or None
        Takes the distinct rows and the sum of their counts and gives fewer; not called where they
        are few.

    Returns
    -------
    CountedRows
        In ascending order of the columns.

    Raises
    ------
    DataError
        If a column is missing, not of numbers, or holds missing values; if the table is empty, a
        weight is negative, or there are more distinct rows than may travel.
    """
    parts = {f"c{i}": name for i, name in enumerate(names)}
    columns = parts if weight is None else {**parts, _WEIGHT: weight}
    with open_table(X, columns, owner=owner) as opened:
        _check_numbers(opened)
        rows = _distinct(opened, parts, moved or {})
        kept = opened.keep(rows)
        sums = kept.aggregate(n=kept.count(), rows=kept["rows"].sum(), total=kept[COUNT].sum())
        [found] = opened.collect(sums).to_pylist()
        n_distinct, n_rows = int(found["n"]), int(found["rows"] or 0)
        if n_rows == 0:
            raise DataError(_nothing(opened, weight, owner))
        if n_distinct > most and reduce is None:
            raise DataError(
                f"at most {most:,} distinct rows may leave the engine; these {n_rows:,} customers "
                f"have {n_distinct:,}. {remedy}"
            )
        if n_distinct > most and reduce is not None:
            kept = reduce(kept, float(found["total"]))
        arrow = opened.collect(kept.order_by(list(parts)))
    values = {
        name: np.asarray(arrow.column(part).to_numpy(), dtype=np.float64)
        for part, name in parts.items()
    }
    counts = np.asarray(arrow.column(COUNT).to_numpy(), dtype=np.float64)
    return CountedRows(values, counts, n_distinct, n_rows)


def _nothing(opened: OpenTable, weight: str | None, owner: str) -> str:
    """Say why no row counts."""
    [found] = opened.collect(opened.table.aggregate(n=opened.table.count())).to_pylist()
    if weight is None or not found["n"]:
        return f"{owner} needs at least one row; {opened.origin} has none"
    return f"column {weight!r} must hold a positive weight; it is 0 in all {found['n']} rows"


def systematic_sample(rows: ir.Table, order: Sequence[str], step: float, offset: float) -> ir.Table:
    """Take every step-th of the customers that counted rows stand for, in the order of the rows.

    The sample is stratified by the order, each customer is in it with probability 1 / step where
    the offset is drawn evenly, and it is the same on every engine.

    Parameters
    ----------
    rows : ibis.Table
        With the column ``count``.
    order : sequence of str
        Columns that together differ between rows.
    step : float
        More than 1.
    offset : float
        From 0 up to the step.

    Returns
    -------
    ibis.Table
        Rows with a customer in the sample; ``count`` stands for all customers again.
    """
    window = ibis.cumulative_window(order_by=list(order))
    until = rows.mutate(until=rows[COUNT].sum().over(window))
    before = (until["until"] - until[COUNT] + offset) / step
    taken = ((until["until"] + offset) / step).floor() - before.floor()
    counted = until.mutate(**{COUNT: taken.cast("float64") * step})
    return counted.filter(counted[COUNT] > 0).drop("until")


def _check_numbers(opened: OpenTable) -> None:
    for part, name in opened.names.items():
        require_type(opened, part, _is_number, "numbers", "Convert it first")
        rule = f"column {name!r} must not have missing values"
        reject_rows(opened, partial(_is_missing_in, part), rule, [part])
        rule = f"column {name!r} must hold finite numbers"
        reject_rows(opened, partial(_is_infinite_in, part), rule, [part])
    if _WEIGHT in opened.names:
        rule = f"column {opened.names[_WEIGHT]!r} must hold weights of at least 0"
        reject_rows(opened, lambda table: table[_WEIGHT] < 0, rule, [_WEIGHT])


def _is_number(found: dt.DataType) -> bool:
    return bool(found.is_numeric() or found.is_boolean())


def _is_missing_in(part: str, table: ir.Table) -> Any:
    return is_missing(table[part])


def _is_infinite_in(part: str, table: ir.Table) -> Any:
    column = table[part]
    return column.isinf() if column.type().is_floating() else ibis.literal(False)


def _distinct(
    opened: OpenTable, parts: Mapping[str, str], moved: Mapping[str, Callable[[Any], Any]]
) -> ir.Table:
    """Return the distinct rows with ``count`` and ``rows``, the number of rows of the table."""
    numbers = opened.table.mutate(**{part: _as_float(opened.table[part]) for part in opened.names})
    changed = {part: moved[name](numbers[part]) for part, name in parts.items() if name in moved}
    numbers = numbers.mutate(**changed)
    count = numbers[_WEIGHT].sum() if _WEIGHT in opened.names else numbers.count().cast("float64")
    grouped = numbers.group_by(*parts).aggregate(**{COUNT: count, "rows": numbers.count()})
    return grouped.filter(grouped[COUNT] > 0)


def _as_float(column: Any) -> Any:
    """Return a column as float64, so that equal numbers of all types are equal rows."""
    if column.type().is_boolean():
        column = column.cast("int64")
    return column.cast("float64")
