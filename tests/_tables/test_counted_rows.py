"""Equal rows are counted in the engine; few travel, and a sample stands for all."""

from __future__ import annotations

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from custvalue._tables.counted_rows import COUNT, counted_rows, systematic_sample
from custvalue.exceptions import DataError

ASKED = {"owner": "Model", "most": 100, "remedy": "Reduce them"}


def rows() -> pd.DataFrame:
    """Return seven rows, four of them different."""
    return pd.DataFrame(
        {"x": [1, 1, 0, 2, 2, 2, 2], "t": [0.5, 0.5, 0.0, 1.0, 1.0, 1.0, 1.5], "w": 7 * [2]}
    )


def as_given(frame: pd.DataFrame, kind: str):
    """Return a frame, or the same rows in an engine."""
    if kind == "frame":
        return frame
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    return ibis.memtable(arrow) if kind == "ibis" else duckdb.from_df(frame)


@pytest.mark.parametrize("kind", ["frame", "ibis", "duckdb"])
def test_counts_are_those_of_a_slow_count(kind):
    """Distinct rows come in order, each with its number."""
    found = counted_rows(as_given(rows(), kind), ("x", "t"), **ASKED)
    slow = rows().groupby(["x", "t"]).size()
    assert list(zip(found.columns["x"], found.columns["t"], strict=True)) == list(slow.index)
    assert found.counts.tolist() == slow.tolist()
    assert (found.n_rows, found.n_distinct) == (7, 4)


def test_a_weight_column_is_summed():
    """With weights a distinct row stands for their sum, and rows of weight 0 for nobody."""
    frame = rows().assign(w=[1, 2, 0, 1, 1, 1, 0.5])
    found = counted_rows(frame, ("x", "t"), weight="w", **ASKED)
    assert found.columns["x"].tolist() == [1, 2, 2]
    assert found.counts.tolist() == [3, 3, 0.5]


def test_true_and_false_count_as_numbers():
    """A Boolean column is read as 0 and 1."""
    found = counted_rows(pd.DataFrame({"flag": [True, False, True]}), ("flag",), **ASKED)
    assert found.columns["flag"].tolist() == [0.0, 1.0]
    assert found.counts.tolist() == [1.0, 2.0]


def test_more_rows_than_may_travel_are_refused_with_both_numbers():
    """The guard names customers, distinct rows and the remedy."""
    with pytest.raises(
        DataError, match="at most 3 distinct rows .* 7 customers have 4. Reduce them"
    ):
        counted_rows(rows(), ("x", "t"), **{**ASKED, "most": 3})


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (rows().assign(x=["a"] * 7), "column 'x' must hold numbers"),
        (rows().assign(x=[np.nan, *[1.0] * 6]), "column 'x' must not have missing values; row 0"),
        (rows().assign(w=-1), "column 'w' must hold weights of at least 0; row 0 has w=-1 .7 such"),
        (rows().assign(t=np.inf), "column 't' must hold finite numbers; row 0 has t=inf .7 such"),
        (rows().assign(w=0), "column 'w' must hold a positive weight; it is 0 in all 7 rows"),
        (rows().head(0), "Model needs at least one row"),
        (rows()[["x", "w"]], "missing: t"),
    ],
)
def test_bad_tables_are_refused(frame, said):
    """Every rule names the column, the first row and the number of rows."""
    with pytest.raises(DataError, match=said):
        counted_rows(frame, ("x", "t"), weight="w", **ASKED)


def test_hostile_names_are_only_names():
    """Quotes, keywords and SQL in the names of columns change nothing."""
    names = ('a"; drop table x; --', "select")
    frame = rows()[["x", "t"]].set_axis(list(names), axis=1)
    found = counted_rows(frame, names, **ASKED)
    assert found.counts.tolist() == [1, 2, 3, 1]
    assert tuple(found.columns) == names


@pytest.mark.parametrize("offset", [0.0, 1.3, 2.4])
def test_a_systematic_sample_takes_customers_evenly(offset):
    """Of 100 customers every 2.5th is taken: 40, and each stretch of rows has its share."""
    counts = np.array([10, 1, 29, 60])
    table = ibis.memtable(pa.table({"c0": [0, 1, 2, 3], COUNT: counts.astype(float)}))
    sample = systematic_sample(table, ["c0"], 2.5, offset).to_pyarrow().to_pandas()
    assert sample[COUNT].sum() == pytest.approx(100)
    taken = (sample.set_index("c0")[COUNT] / 2.5).reindex(range(4), fill_value=0)
    assert (np.abs(taken - counts / 2.5) < 1).all()
    np.testing.assert_allclose(taken, taken.round())


def test_a_systematic_sample_is_unbiased():
    """Over all offsets each row stands for as many customers as it has."""
    counts = np.array([3.0, 1.0, 7.0, 2.0])
    table = ibis.memtable(pa.table({"c0": np.arange(4), COUNT: counts}))
    offsets = (np.arange(40) + 0.5) / 40 * 4.0
    drawn = [
        systematic_sample(table, ["c0"], 4.0, float(one))
        .to_pyarrow()
        .to_pandas()
        .set_index("c0")[COUNT]
        for one in offsets
    ]
    mean = pd.concat(drawn, axis=1).reindex(range(4)).fillna(0).mean(axis=1)
    np.testing.assert_allclose(mean, counts, rtol=1e-12)
