"""Tables in engines are known by their kind, and bring their distinct rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._likelihood.engine_rows import distinct_rows, is_engine_table, names_for_engine

FRAME = pd.DataFrame({"x": [0.0, 1.0, 1.0], "weight": [1.0, 2.0, 3.0]})
ARROW = pa.Table.from_pandas(FRAME, preserve_index=False)


@pytest.mark.parametrize(
    "table",
    [
        "summaries.parquet",
        Path("summaries.parquet"),
        duckdb.from_df(FRAME),
        ibis.memtable(ARROW),
        pl.from_pandas(FRAME).lazy(),
        pa.Table.from_pandas(FRAME).to_reader(),
    ],
    ids=lambda table: type(table).__name__,
)
def test_what_an_engine_holds_is_one(table):
    """Paths, relations, expressions, lazy frames and readers are counted where they are."""
    assert is_engine_table(table)


@pytest.mark.parametrize(
    "table",
    [FRAME, FRAME.to_numpy(), pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME), [[1.0]], ""],
    ids=lambda table: type(table).__name__,
)
def test_what_is_in_memory_is_none(table):
    """Frames and arrays are read as they always were."""
    assert not is_engine_table(table)


def test_distinct_rows_come_with_counts():
    """Without a weight column a row stands for those that equal it."""
    rows, counts = distinct_rows(ibis.memtable(ARROW), ("x",), None, "Model")
    assert rows["x"].tolist() == [0.0, 1.0]
    assert counts.tolist() == [1.0, 2.0]
    assert rows.index.name == "distinct_row"


def test_weights_are_a_column_of_the_engine():
    """With a weight column a row stands for the sum; an array of weights is refused."""
    _, counts = distinct_rows(ibis.memtable(ARROW), ("x",), "weight", "Model")
    assert counts.tolist() == [1.0, 5.0]
    with pytest.raises(TypeError, match="must name a column where X is a table in an engine"):
        distinct_rows(ibis.memtable(ARROW), ("x",), np.ones(3), "Model")


def test_a_column_selector_cannot_look_into_an_engine():
    """Covariates of a table in an engine are named."""
    assert names_for_engine(["age"], "churn_covariates") == ("age",)
    with pytest.raises(TypeError, match="churn_covariates may be a column selector for a pandas"):
        names_for_engine(lambda X: ["age"], "churn_covariates")
