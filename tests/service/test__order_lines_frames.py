"""Metrics by group as frames of every kind."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.service._order_lines_frames import (
    METRICS,
    as_kind,
    group_index,
    sorted_groups,
    unknown_counts,
)

ROWS = pa.table({"group_0": ["b", None, "a"], "group_1": [2, 1, 1], "orders": [3, 4, 5]})


def test_groups_are_sorted_and_missing_ones_last():
    """By the first column, then by the next."""
    assert sorted_groups(ROWS, ["group_0"])["group_0"].to_pylist() == ["a", "b", None]
    assert sorted_groups(ROWS, ["group_1", "group_0"])["orders"].to_pylist() == [5, 4, 3]
    assert sorted_groups(ROWS, []) is ROWS


def test_labels_become_an_index():
    """One column, several, or none."""
    assert group_index(ROWS, ["group_1"], ["site"]).tolist() == [2, 1, 1]
    both = group_index(ROWS, ["group_0", "group_1"], ["x", "y"])
    assert both.names == ["x", "y"]
    assert group_index(ROWS.slice(0, 1), [], []).tolist() == ["all"]


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("pandas", pd.DataFrame),
        ("polars", pl.DataFrame),
        ("pyarrow", pa.Table),
        ("ibis", ibis.Table),
    ],
)
def test_frames_are_of_the_kind_asked_for(kind, cls):
    """Groups are the index in pandas, and the first columns elsewhere."""
    frame = as_kind(ROWS, ["group_1"], ["site"], {"orders": np.arange(3)}, kind)
    assert isinstance(frame, cls)
    names = frame.column_names if kind == "pyarrow" else list(frame.columns)
    assert names == (["orders"] if kind == "pandas" else ["site", "orders"])
    single = as_kind(ROWS.slice(0, 1), [], [], {"orders": np.arange(1)}, kind)
    assert kind == "pandas" or "group" in list(getattr(single, "column_names", single.columns))


def test_unknown_is_what_is_neither_good_nor_bad():
    """Orders less those that are known, over all groups."""
    rows = pa.table(
        {"orders": [3, 4], "otif_orders_known": [2, 4], "lines": [9, 9], "otif_w": [9, 7]}
    )
    assert unknown_counts(rows, ["otif"], "order") == {"otif": 1}
    assert unknown_counts(rows, ["otif"], "line") == {"otif": 2}


def test_names_of_metrics_are_unique():
    """Groups cannot be named like any of them."""
    assert len(set(METRICS)) == len(METRICS)
    assert {"orders", "otif_lower", "cycle_reliability_n", "order_cycle_time_cv"} <= set(METRICS)
