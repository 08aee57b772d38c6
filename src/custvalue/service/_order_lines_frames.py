"""Tables by group, in the kind of the caller, and which columns they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.output import build_frame
from custvalue._typing import AnyArray, FloatArray
from custvalue.service._order_lines_shares import (
    Cycle,
    Share,
    Sums,
    complement,
    cycle_of,
    ratio_share,
    settled,
    simple_share,
)

__all__ = [
    "METRICS",
    "as_kind",
    "group_index",
    "metric_columns",
    "sorted_groups",
    "unknown_counts",
]

ALL = "all"
GROUP = "group"

SHARES = (
    "on_time",
    "in_full",
    "otif",
    "unit_fill_rate",
    "on_time_unit_rate",
    "line_fill_rate",
    "order_fill_rate",
    "stock_out_frequency",
    "undamaged",
    "documents",
    "error_free",
    "cycle_reliability",
)
CYCLE = ("mean", "sd", "cv", "p90", "n")
METRICS = (
    GROUP,
    "orders",
    "lines",
    *(f"{name}{ending}" for name in SHARES for ending in ("", "_lower", "_upper", "_n")),
    *(f"order_cycle_time_{name}" for name in CYCLE),
)
"""Names that the result may have."""

_MOMENTS = ("m", "w", "s", "ww", "ws", "ss")


def sorted_groups(rows: pa.Table, groups: Sequence[str]) -> pa.Table:
    """Return rows sorted by the columns of their groups, missing ones last."""
    if not groups or not rows.num_rows:
        return rows
    return rows.sort_by([(name, "ascending") for name in groups])


def metric_columns(rows: pa.Table, per: str, level: float) -> dict[str, AnyArray]:
    """Return the metrics of each group by name.

    Parameters
    ----------
    rows : pyarrow.Table
        What `group_sums` gave.
    per : {"order", "line"}
    level : float

    Returns
    -------
    dict of str to ndarray of shape (n_groups,)
    """
    columns: dict[str, AnyArray] = {
        "orders": rows["orders"].to_numpy(),
        "lines": rows["lines"].to_numpy(),
    }
    found = _shares(rows, per, level)
    for name in SHARES:
        if name in found:
            columns |= _share_columns(name, found[name])
    if "cycle_n" in rows.column_names:
        cycle = _cycle(rows)
        columns |= {f"order_cycle_time_{name}": getattr(cycle, name) for name in CYCLE}
        columns["order_cycle_time_n"] = cycle.n.astype(np.int64)
    return columns


def unknown_counts(rows: pa.Table, criteria: Sequence[str], per: str) -> dict[str, int]:
    """Return of how many orders, or lines, each criterion is unknown, in all groups.

    Parameters
    ----------
    rows : pyarrow.Table
        What `group_sums` gave.
    criteria : sequence of str
    per : {"order", "line"}

    Returns
    -------
    dict of str to int
    """
    known = "_w" if per == "line" else "_orders_known"
    whole = _numbers(rows, "lines" if per == "line" else "orders")
    return {name: int((whole - _numbers(rows, f"{name}{known}")).sum()) for name in criteria}


def as_kind(
    rows: pa.Table,
    groups: Sequence[str],
    by: Sequence[str],
    columns: dict[str, AnyArray],
    kind: str,
) -> Any:
    """Return groups and their columns as a frame of one kind.

    Parameters
    ----------
    rows : pyarrow.Table
    groups, by : sequence of str
        Names of the columns of the groups, here and of the user.
    columns : dict of str to ndarray of shape (n_groups,)
    kind : {"pandas", "polars", "pyarrow", "ibis"}

    Returns
    -------
    pandas.DataFrame, polars.DataFrame, pyarrow.Table or ibis.Table
    """
    if kind == "pandas":
        return pd.DataFrame(columns, index=group_index(rows, groups, by))
    named = {name: rows[group] for name, group in zip(by, groups, strict=True)}
    if not named:
        named = {GROUP: pa.array([ALL] * rows.num_rows)}
    arrow = named | {name: pa.array(values) for name, values in columns.items()}
    if kind == "polars":
        return build_frame(arrow, kind=kind, index=None)
    return ibis.memtable(pa.table(arrow)) if kind == "ibis" else pa.table(arrow)


def group_index(rows: pa.Table, groups: Sequence[str], by: Sequence[str]) -> pd.Index:
    """Return the labels of groups as an index; "all" where there are none."""
    if not by:
        return pd.Index([ALL] * rows.num_rows, name=GROUP)
    frame = rows.select(list(groups)).to_pandas()
    frame.columns = list(by)
    if len(by) == 1:
        frame = frame.set_index(by[0])
    else:
        frame.index = pd.MultiIndex.from_frame(frame)
    index: pd.Index = frame.index
    return index


def _shares(rows: pa.Table, per: str, level: float) -> dict[str, Share]:
    """Return all shares that the sums allow."""
    found: dict[str, Share] = {}
    for column in rows.column_names:
        name = column.removesuffix("_orders_known")
        if name != column:
            found[name] = _of_orders(rows, name, level)
    if "in_full" in found:
        lines = _of_lines(rows, "in_full", level)
        found["order_fill_rate"] = found["in_full"]
        found["line_fill_rate"] = lines
        found["stock_out_frequency"] = complement(lines)
        found["unit_fill_rate"] = ratio_share(
            _moments(rows, "units"), _numbers(rows, "in_full_w"), level
        )
    if "timed_w" in rows.column_names:
        found["on_time_unit_rate"] = ratio_share(
            _moments(rows, "timed"), _numbers(rows, "timed_lines"), level
        )
    if "reliable" in found:
        found["cycle_reliability"] = found.pop("reliable")
    if per == "line":
        for name in ("on_time", "in_full", "otif", "undamaged", "documents", "error_free"):
            if name in found:
                found[name] = _of_lines(rows, name, level)
    return found


def _of_orders(rows: pa.Table, name: str, level: float) -> Share:
    good, known = (_numbers(rows, f"{name}_orders_{end}") for end in ("good", "known"))
    return simple_share(good, known, level)


def _of_lines(rows: pa.Table, name: str, level: float) -> Share:
    return ratio_share(_moments(rows, name), _numbers(rows, f"{name}_w"), level)


def _moments(rows: pa.Table, name: str) -> Sums:
    return Sums(*(settled(_numbers(rows, f"{name}_{letters}")) for letters in _MOMENTS))


def _cycle(rows: pa.Table) -> Cycle:
    names = ("cycle_n", "cycle_sum", "cycle_squares", "cycle_p90")
    return cycle_of(*(_numbers(rows, name) for name in names))


def _share_columns(name: str, found: Share) -> dict[str, AnyArray]:
    return {
        name: found.share,
        f"{name}_lower": found.lower,
        f"{name}_upper": found.upper,
        f"{name}_n": found.n.astype(np.int64),
    }


def _numbers(rows: pa.Table, name: str) -> FloatArray:
    """Return a column in double precision; what has no rows to sum is 0."""
    values = rows[name].to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(values, nan=0.0))
