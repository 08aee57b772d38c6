"""Order lines by customer and by segment, read with the rules of one analysis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.door import plain
from custvalue._tables.columns import names_of_columns
from custvalue._tables.door import open_table
from custvalue._typing import BoolArray
from custvalue.exceptions import DataError
from custvalue.service import PerfectOrder, order_line_metrics

__all__ = [
    "COUNTS",
    "READING",
    "UNKNOWN",
    "Measured",
    "customer_column",
    "customer_segments",
    "failure_columns",
    "judged_customers",
    "line_metrics",
    "lines_with_segments",
    "measure",
    "perfect_orders",
    "segment_text",
    "serve_customers",
]

READING = ("columns", "reference", "tolerance", "early", "as_of", "on_negative", "level")
"""Parameters that the analysis hands on to whatever reads its order lines."""

COUNTS = ("orders", "known_orders", "perfect_orders")
UNKNOWN = "unknown"
"""Segment of customers that the table of customers does not have."""

_BY_GROUP = ("observed_", "components_", "product_", "difference_", "attribution_")
"""Tables by group of a `PerfectOrder`."""

_PARTS = (
    "order",
    "customer",
    "placed",
    "requested",
    "promised",
    "delivered",
    "ordered",
    "delivered_quantity",
    "damaged",
    "documents_correct",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Perfect orders and metrics, in all and by segment.

    Attributes
    ----------
    overall, by_segment : PerfectOrder
        Fitted; one and the same where there are no segments.
    overall_metrics, metrics : pandas.DataFrame or None
        None where the order lines have the columns of no metric.
    """

    overall: PerfectOrder
    by_segment: PerfectOrder
    overall_metrics: pd.DataFrame | None
    metrics: pd.DataFrame | None


def measure(analysis: Any, X: Any, segments: pd.Series | None) -> Measured:
    """Judge all orders together and by segment.

    Parameters
    ----------
    analysis : ServiceAnalysis
    X : table of order lines
    segments : pandas.Series of str, or None
        By customer, where the segments are not a column of X.

    Returns
    -------
    Measured
        Segments are text, "unknown" where one is missing, wherever they come from.

    Raises
    ------
    ValueError
        If ``segment`` is called like a column of the result.
    """
    by = analysis.segment
    overall, metrics = perfect_orders(analysis, None).fit(X), line_metrics(analysis, X, None)
    if by is None:
        return Measured(overall, overall, metrics, metrics)
    lines = X if segments is None else lines_with_segments(analysis, X, segments)
    with _naming_the_segment():
        judge, found = perfect_orders(analysis, by).fit(lines), line_metrics(analysis, lines, by)
    for name in _BY_GROUP:
        setattr(judge, name, _with_text(getattr(judge, name)))
    return Measured(overall, judge, metrics, None if found is None else _with_text(found))


def segment_text(one: Any) -> str:
    """Return the name of a segment as text, "unknown" where there is none.

    Whole numbers that were read as floats, because some are missing, have no decimals.

    Examples
    --------
    >>> segment_text("gold"), segment_text(2.0), segment_text(None)
    ('gold', '2', 'unknown')
    """
    if pd.isna(one):
        return UNKNOWN
    return str(int(one)) if isinstance(one, float) and one.is_integer() else str(one)


def customer_column(analysis: Any) -> str:
    """Return the name of the order lines' column of customers."""
    return str((analysis.columns or {}).get("customer", "customer"))


def failure_columns(criteria: Any) -> list[str]:
    """Return the names of the columns that count failures, one a criterion.

    Examples
    --------
    >>> failure_columns(("on_time", "in_full"))
    ['on_time_failures', 'in_full_failures']
    """
    return [f"{name}_failures" for name in criteria]


def perfect_orders(analysis: Any, by: Any) -> PerfectOrder:
    """Return an unfitted judge of orders.

    Parameters
    ----------
    analysis : ServiceAnalysis
        Its parameters say how order lines are read.
    by : str, sequence of str, or None

    Returns
    -------
    PerfectOrder
    """
    given = {name: getattr(analysis, name) for name in READING}
    return PerfectOrder(by=by, criteria=analysis.criteria, **given)


def line_metrics(analysis: Any, X: Any, by: str | None) -> pd.DataFrame | None:
    """Return the metrics of order lines as a pandas frame, whatever kind of table they are.

    Parameters
    ----------
    analysis : ServiceAnalysis
    X : table of order lines
    by : str or None

    Returns
    -------
    pandas.DataFrame or None
        One row a group, or the row "all"; None where X has the columns of no metric.
    """
    if not _is_measurable(analysis, names_of_columns(X)):
        return None
    given = {name: getattr(analysis, name) for name in (*READING, "cycle_from")}
    found = order_line_metrics(X, by, **given)
    if hasattr(found, "to_pyarrow"):  # Ibis
        found = found.to_pyarrow()
    if not isinstance(found, pd.DataFrame):
        found = found.to_pandas()
        found = found.set_index(found.columns[0])
    table: pd.DataFrame = found
    table.attrs = {}
    return table


def serve_customers(analysis: Any, X: Any) -> tuple[pd.DataFrame, PerfectOrder]:
    """Return the service that each customer got, and the judge that told it.

    Parameters
    ----------
    analysis : ServiceAnalysis
    X : table of order lines

    Returns
    -------
    served : pandas.DataFrame
        Index: the customers, sorted. Whole numbers: ``orders``, ``known_orders``,
        ``perfect_orders``, and for each criterion the orders that failed it.
    judge : PerfectOrder
        Fitted by customer.

    Raises
    ------
    DataError
        If the lines break a rule, or an order has no customer.
    """
    judge = perfect_orders(analysis, customer_column(analysis)).fit(X)
    observed = judge.observed_
    _require_customers(observed)
    counted = dict(zip(COUNTS, ("orders", "known", "perfect_orders"), strict=True))
    served = pd.DataFrame({name: observed[column] for name, column in counted.items()})
    # An order that failed is known not to be perfect, so that shares are of these.
    failed = judge.attribution_["failed"].fillna(0.0).to_numpy(dtype=np.float64)
    by_criterion = failed.reshape(len(observed), len(analysis.criteria))
    failures = np.rint(by_criterion * observed["known"].to_numpy()[:, None])
    served[failure_columns(analysis.criteria)] = failures.astype(np.int64)
    return served, judge


def judged_customers(judge: PerfectOrder) -> BoolArray:
    """Return of which customers at least one order is known in at least one criterion.

    Parameters
    ----------
    judge : PerfectOrder
        Fitted by customer.

    Returns
    -------
    ndarray of bool of shape (n_customers,)
    """
    known = judge.components_["share"].notna().to_numpy()
    return np.asarray(known.reshape(len(judge.observed_), -1).any(axis=1), dtype=bool)


def customer_segments(analysis: Any, X: Any) -> pd.Series:
    """Return the segment of each customer where order lines tell it.

    Parameters
    ----------
    analysis : ServiceAnalysis
        ``segment`` names a column of the order lines.
    X : table of order lines

    Returns
    -------
    pandas.Series of str
        By customer; "unknown" where it is missing.

    Raises
    ------
    DataError
        If the orders of one customer are in several segments.
    """
    customer = customer_column(analysis)
    with _naming_the_segment():
        pairs = perfect_orders(analysis, [customer, analysis.segment]).fit(X).observed_.index
    labels = pairs.get_level_values(0)
    again = labels[labels.duplicated()].unique()
    if len(again):
        such = f"{len(again)} such customer{'' if len(again) == 1 else 's'}"
        raise DataError(
            f"each customer must have one {analysis.segment!r} where costs are summed by it; "
            f"{customer} {plain(again[0])} has several ({such}). Give the segment with the "
            "customers, or set segment to None"
        )
    known = pairs.get_level_values(1)
    return pd.Series([segment_text(one) for one in known], index=labels, dtype=object)


def lines_with_segments(analysis: Any, X: Any, segments: pd.Series) -> pa.Table:
    """Return order lines with the segment of their customer beside them.

    Parameters
    ----------
    analysis : ServiceAnalysis
        ``segment`` names the new column; one of that name in X gives way.
    X : table of order lines
    segments : pandas.Series of str
        By customer. Who is not in it has no order that counts, and is of the segment "unknown".

    Returns
    -------
    pyarrow.Table
    """
    customer = customer_column(analysis)
    found = names_of_columns(X)
    named = [(analysis.columns or {}).get(part, part) for part in _PARTS]
    wanted = [
        name
        for name in dict.fromkeys((*named, *analysis.criteria))
        if name in found and name != analysis.segment
    ]
    columns = {f"part_{i}": name for i, name in enumerate(wanted)}
    with open_table(X, columns, owner=type(analysis).__name__) as opened:
        rows = opened.collect(opened.table).select(list(columns)).rename_columns(wanted)
    of_line = rows[customer].to_pandas().map(segments).fillna(UNKNOWN)
    return rows.append_column(analysis.segment, pa.array(of_line.to_list(), type=pa.string()))


@contextmanager
def _naming_the_segment() -> Iterator[None]:
    """Name the parameter of the analysis where a part complains of its own."""
    try:
        yield
    except ValueError as error:
        said = str(error)
        if not said.startswith("by must "):
            raise
        raise type(error)(f"segment{said.removeprefix('by')}") from error


def _with_text(table: Any) -> Any:
    """Return a table by group whose groups, the first level of its index, are text."""
    groups = table.index.get_level_values(0)
    texts = [segment_text(one) for one in groups]
    if texts == groups.tolist():
        return table
    labels = pd.Index(texts, name=groups.name)
    others = [table.index.get_level_values(i) for i in range(1, table.index.nlevels)]
    return table.set_axis(pd.MultiIndex.from_arrays([labels, *others]) if others else labels)


def _is_measurable(analysis: Any, found: list[str]) -> bool:
    """Tell whether order lines have the columns of a metric, or ought to."""
    given = analysis.columns or {}
    parts = {part for part in _PARTS if part in given or part in found}
    needed = [
        {analysis.reference, "delivered"},
        {"ordered", "delivered_quantity"},
        {"damaged"},
        {"documents_correct"},
    ]
    if analysis.cycle_from is not None:
        needed += [{"placed", "delivered"}, {"requested", "delivered"}]
    explicit = analysis.cycle_from in ("placed", "requested")
    return explicit or any(some <= parts for some in needed)


def _require_customers(observed: pd.DataFrame) -> None:
    nobody = observed.index.isna()
    if nobody.any():
        count = int(observed["orders"][nobody].sum())
        raise DataError(
            f"column {observed.index.name!r} must name the customer of every order; found none "
            f"for {count} order{'' if count == 1 else 's'}"
        )
