"""Perfect orders as tables by group and criterion, and single orders as a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.output import build_frame
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.service._order_lines import order_states
from custvalue.service._order_lines_frames import group_index
from custvalue.service._order_lines_input import ReadLines
from custvalue.service._perfect_order import PerfectOrders

__all__ = [
    "attribution_table",
    "component_table",
    "difference_table",
    "group_numbers",
    "observed_table",
    "order_frame",
    "states_of",
]

PERFECT = "perfect"


def states_of(rows: pa.Table, n_criteria: int) -> FloatArray:
    """Return what alike orders are in each criterion: 1, 0, or NaN where that is not known."""
    columns = [rows[f"state_{i}"].to_pandas() for i in range(n_criteria)]
    return np.column_stack(
        [one.astype("boolean").to_numpy(float, na_value=np.nan) for one in columns]
    )


def group_numbers(
    rows: pa.Table, groups: Sequence[str], by: Sequence[str]
) -> tuple[IntArray, pd.Index]:
    """Return the number of the group of each row, and the labels of the groups.

    Parameters
    ----------
    rows : pyarrow.Table
        Sorted by group.
    groups, by : sequence of str
        Names of the columns of the groups, here and of the user.
    """
    if not groups:
        return np.zeros(rows.num_rows, dtype=np.int64), group_index(rows.slice(0, 1), (), ())
    frame = rows.select(list(groups)).to_pandas()
    numbers = frame.groupby(list(groups), dropna=False, sort=False).ngroup().to_numpy(np.int64)
    firsts = np.unique(numbers, return_index=True)[1]
    return numbers, group_index(rows.take(pa.array(firsts)), groups, by)


def observed_table(found: PerfectOrders, labels: pd.Index) -> pd.DataFrame:
    """Return orders and the share of perfect ones by group."""
    return pd.DataFrame(
        {
            "orders": found.orders.astype(np.int64),
            "known": found.known.astype(np.int64),
            "perfect_orders": found.perfect.astype(np.int64),
            PERFECT: found.share,
            "lower": found.lower,
            "upper": found.upper,
            "lowest": found.lowest,
            "highest": found.highest,
        },
        index=labels,
    )


def difference_table(found: PerfectOrders, labels: pd.Index) -> pd.DataFrame:
    """Return the share of perfect orders less the product of the components, in its parts."""
    return pd.DataFrame(
        {
            "observed": found.share,
            "product": found.product,
            "difference": found.share - found.product,
            "dependence": found.dependence,
            "unknown": found.unknown,
        },
        index=labels,
    )


def component_table(
    found: PerfectOrders, labels: pd.Index, criteria: Sequence[str]
) -> pd.DataFrame:
    """Return the share of each criterion by group."""
    columns = {
        "known": found.component_known.astype(np.int64),
        "share": found.component_share,
        "lower": found.component_lower,
        "upper": found.component_upper,
    }
    return _by_criterion(columns, labels, criteria)


def attribution_table(
    found: PerfectOrders, labels: pd.Index, criteria: Sequence[str]
) -> pd.DataFrame:
    """Return what each criterion costs by group."""
    missed = (1 - found.share)[:, None]
    shares: FloatArray = np.full(found.attribution.shape, np.nan)
    columns = {
        "failed": found.failed,
        "alone": found.alone,
        "attribution": found.attribution,
        "share": np.divide(found.attribution, missed, out=shares, where=missed > 0),
    }
    return _by_criterion(columns, labels, criteria)


def order_frame(read: ReadLines, criteria: dict[str, str], kind: str) -> Any:
    """Return one row an order, sorted, as a frame of one kind.

    Parameters
    ----------
    read : ReadLines
        Without groups.
    criteria : dict of str to str
        From the name of a criterion to that of its column here.
    kind : {"pandas", "polars", "pyarrow", "ibis"}
        "ibis" gives an expression that nothing has run yet, where the lines are one.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame, pyarrow.Table or ibis.Table
    """
    states = order_states(read.orders, list(criteria.values()))
    found = {name: states[f"state_{i}"] for i, name in enumerate(criteria)}
    perfect: Any = ibis.literal(True)
    for one in found.values():
        perfect = perfect & one
    order = read.opened.names["order"]
    table = states.select(**{order: states["order"]}, **found, **{PERFECT: perfect})
    if kind == "ibis" and read.opened.engine is None:
        return table
    rows = read.opened.collect(table.order_by(order))
    if kind == "pandas":
        labels = rows[order].to_pandas()
        columns = {
            name: rows[name].to_pandas().astype("boolean").array for name in rows.column_names[1:]
        }
        return pd.DataFrame(columns, index=pd.Index(labels, name=order))
    if kind == "polars":
        arrow: dict[str, AnyArray] = dict(zip(rows.column_names, rows.columns, strict=True))
        return build_frame(arrow, kind=kind, index=None)
    return ibis.memtable(rows) if kind == "ibis" else rows


def _by_criterion(
    columns: dict[str, AnyArray], labels: pd.Index, criteria: Sequence[str]
) -> pd.DataFrame:
    """Return arrays of groups by criteria as a table with a row for each pair."""
    levels = [labels.get_level_values(i).repeat(len(criteria)) for i in range(labels.nlevels)]
    names = pd.Index(list(criteria) * len(labels), name="criterion")
    index = pd.MultiIndex.from_arrays([*levels, names])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)
