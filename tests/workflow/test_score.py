"""Scoring at any size gives what ``transform`` gives, from and to everything, and can go on."""

from __future__ import annotations

import os

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from custvalue.datasets import make_orders
from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD, LifetimeValue
from custvalue.segmentation import RFMSegmenter
from custvalue.transactions import RFMSummary
from custvalue.workflow import CustomerAnalysis, _score_job
from custvalue.workflow.score import score
from support.cdnow import calibration_summary
from support.order_logs import random_log
from support.spark import quiet_spark, spark_frame

HOSTILE = 'id"; drop table x; --'
EXACT = {"rtol": 1e-12}


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Return the CDNOW summary, all customers of it twice, in another order."""
    frame = calibration_summary()
    frame = pd.concat([frame, frame.set_index(frame.index + 10_000)])
    return frame.sample(frac=1, random_state=4)


@pytest.fixture(scope="module")
def model(customers) -> LifetimeValue:
    """Return a fitted model of value."""
    return LifetimeValue().fit(customers)


@pytest.fixture
def file(customers, tmp_path):
    """Return the customers as a Parquet file of row groups of 700."""
    path = tmp_path / "customers.parquet"
    pq.write_table(pa.Table.from_pandas(customers.reset_index()), path, row_group_size=700)
    return path


def left_beside(path) -> list[str]:
    """Return what lies in the folder of a path, hidden files too."""
    return sorted(os.listdir(path.parent))


@pytest.mark.parametrize("chunk_rows", [1, 699, 2_000, 10**7])
def test_any_chunk_gives_the_scores_of_all_at_once(customers, model, file, chunk_rows, tmp_path):
    """Chunks change neither numbers nor the order of rows."""
    if chunk_rows == 1:
        rows = customers.head(20)
        pq.write_table(pa.Table.from_pandas(rows.reset_index()), file)
    else:
        rows = customers
    to = score(model, file, tmp_path / "scores.parquet", chunk_rows=chunk_rows)
    scores = pd.read_parquet(to).set_index("customer_id")
    pd.testing.assert_frame_equal(scores, model.transform(rows), **EXACT)
    assert left_beside(to) == ["customers.parquet", "scores.parquet"]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_frame_comes_back_as_its_kind(customers, model, kind):
    """Without an output the answer is that of transform, the columns kept before it."""
    plain = customers.reset_index()
    given = {
        "pandas": customers,
        "polars": pl.from_pandas(plain),
        "pyarrow": pa.Table.from_pandas(plain),
    }[kind]
    answer = score(model, given, keep=["T"], chunk_rows=1_000)
    assert type(answer) is type(given)
    frame = answer if kind == "pandas" else answer.to_pandas().set_index("customer_id")
    pd.testing.assert_series_equal(frame["T"], customers["T"])
    pd.testing.assert_frame_equal(frame.drop(columns="T"), model.transform(customers), **EXACT)
    assert type(score(model, given)) is type(given)


@pytest.mark.parametrize("kind", ["path", "glob", "duckdb", "ibis", "lazy", "csv"])
def test_what_lives_elsewhere_comes_back_as_pandas(customers, model, file, kind, tmp_path):
    """Files and engines give a frame with the ids as index."""
    plain = customers.reset_index()
    plain.to_csv(tmp_path / "customers.csv", index=False)
    given = {
        "path": file,
        "glob": str(tmp_path / "*.parquet"),
        "duckdb": duckdb.from_df(plain),
        "ibis": ibis.memtable(pa.Table.from_pandas(plain)),
        "lazy": pl.from_pandas(plain).lazy(),
        "csv": str(tmp_path / "customers.csv"),
    }[kind]
    answer = score(model, given, chunk_rows=1_500)
    pd.testing.assert_frame_equal(
        answer.sort_index(), model.transform(customers).sort_index(), **EXACT
    )
    to = score(model, given, tmp_path / "scores", chunk_rows=1_500)
    written = pd.read_parquet(to).set_index("customer_id")
    pd.testing.assert_frame_equal(written, answer, **EXACT)


@pytest.mark.xdist_group("spark")
def test_spark_scores_where_the_data_are(customers, model, tmp_path):
    """A Spark DataFrame gives one, computed by its workers; a folder is written whole."""
    plain = customers.reset_index().rename(columns={"customer_id": HOSTILE})
    given = spark_frame(plain)
    with quiet_spark():
        answer = score(model, given, keep=["T"], chunk_rows=1_000)
        found = answer.toPandas().set_index(HOSTILE).sort_index()
        to = score(model, given, tmp_path / "scores")
    assert type(answer).__module__.startswith("pyspark")
    expected = model.transform(customers).sort_index()
    pd.testing.assert_frame_equal(found.drop(columns="T"), expected, check_names=False, **EXACT)
    assert len(pd.read_parquet(to)) == len(customers)
    assert left_beside(to) == ["scores"]
    with quiet_spark(), pytest.raises(ValueError, match="to must name a folder where Spark"):
        score(model, given, tmp_path / "scores.parquet")


def test_an_interrupted_run_goes_on(customers, model, file, tmp_path, monkeypatch):
    """Finished parts are not scored again; the output is what one run gives."""
    real, calls = _score_job.score_rows, []

    def failing(*arguments):
        calls.append(arguments[-1])
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(_score_job, "score_rows", failing)
    to = tmp_path / "scores.parquet"
    with pytest.raises(KeyboardInterrupt):
        score(model, file, to, chunk_rows=700)
    assert not to.exists()
    score(model, file, to, chunk_rows=700)
    assert len(calls) == 7 + 1  # seven parts, of which the fourth was begun twice
    scores = pd.read_parquet(to).set_index("customer_id")
    pd.testing.assert_frame_equal(scores, model.transform(customers), **EXACT)
    assert left_beside(to) == ["customers.parquet", "scores.parquet"]


@pytest.mark.parametrize("changed", ["model", "file", "chunk_rows", "keep"])
def test_a_changed_run_starts_anew(customers, model, file, tmp_path, monkeypatch, changed):
    """Parts of another model, file or parameter are not taken up."""
    real, calls = _score_job.score_rows, []

    def failing(*arguments):
        calls.append(arguments[-1])
        if len(calls) == 3:
            raise RuntimeError("the power is gone")
        return real(*arguments)

    monkeypatch.setattr(_score_job, "score_rows", failing)
    to, arguments = tmp_path / "scores.parquet", {"chunk_rows": 700, "keep": ["T"]}
    with pytest.raises(RuntimeError):
        score(model, file, to, **arguments)
    if changed == "model":
        model = LifetimeValue(margin=0.5).fit(customers)
    elif changed == "file":
        pq.write_table(pa.Table.from_pandas(customers.reset_index()), file, row_group_size=700)
        os.utime(file, ns=(1, 1))
    else:
        arguments[changed] = {"chunk_rows": 701, "keep": ["recency"]}[changed]
    score(model, file, to, **arguments)
    assert len(calls) == 3 + 7
    scores = pd.read_parquet(to).set_index("customer_id")
    np.testing.assert_allclose(scores["value"], model.predict(customers), **EXACT)
    assert left_beside(to) == ["customers.parquet", "scores.parquet"]


def test_ids_come_through_whatever_they_are(customers, model, tmp_path):
    """Large numbers beside missing ones, an index that pandas stored, and several levels."""
    rows = customers.head(20)
    ids = pa.array([2**53 + 1 + 2 * i if i else None for i in range(20)], pa.int64())
    table = pa.Table.from_pandas(rows, preserve_index=False).add_column(0, "id", ids)
    assert score(model, duckdb.from_arrow(table)).index.dropna().to_list() == ids.to_pylist()[1:]
    rows.to_parquet(tmp_path / "stored.parquet")
    found = score(model, tmp_path / "stored.parquet")
    pd.testing.assert_frame_equal(found, model.transform(rows), **EXACT)
    levels = rows.set_axis(pd.MultiIndex.from_arrays([rows.index, range(20)], names=["id", "shop"]))
    to = score(model, levels, tmp_path / "levels.parquet")
    assert pd.read_parquet(to).columns[:2].to_list() == ["id", "shop"]


def test_bad_rows_are_named_and_nothing_is_written(customers, model, tmp_path):
    """The message says in which rows of which file; no output and no parts are left behind."""
    bad = customers.reset_index()
    bad.loc[1_500, "recency"] = -1.0
    path, to = tmp_path / "bad.parquet", tmp_path / "scores"
    pq.write_table(pa.Table.from_pandas(bad), path, row_group_size=1_000)
    said = "recency must not be negative; row 1500 .*, in 'bad.parquet'"
    with pytest.raises(DataError, match=said):
        score(model, path, to, chunk_rows=1_000)
    assert not to.exists()
    with pytest.raises(DataError, match="recency must not be negative"):
        score(model, duckdb.from_df(bad), to)
    assert [name for name in left_beside(to) if "partial" not in name] == ["bad.parquet"]


def test_an_output_is_replaced_only_if_asked(model, file, tmp_path):
    """What is there stays there, a file or a folder; overwriting leaves one of them."""
    for name in ("scores.parquet", "scores"):
        to = score(model, file, tmp_path / name)
        before = pd.read_parquet(to)
        with pytest.raises(FileExistsError, match="exists; state overwrite=True"):
            score(model, file, to)
        score(model, file, to, overwrite=True, chunk_rows=700)
        pd.testing.assert_frame_equal(pd.read_parquet(to), before, **EXACT)
    assert left_beside(to) == ["customers.parquet", "scores", "scores.parquet"]


def test_segments_and_pipelines_are_scored_too(customers, file):
    """Text comes out as text; a pipeline's array has the names of its columns."""
    segmenter = RFMSegmenter().fit(customers)
    answer = score(segmenter, file, chunk_rows=900)
    pd.testing.assert_frame_equal(answer, segmenter.transform(customers), check_dtype=False)
    pipeline = make_pipeline(BetaGeoNBD(), StandardScaler()).fit(customers)
    scaled = score(pipeline, file, chunk_rows=900)
    np.testing.assert_allclose(scaled.to_numpy(), pipeline.transform(customers), rtol=1e-9)


def test_orders_are_scored_by_an_analysis_at_once(tmp_path):
    """A CustomerAnalysis takes orders of any kind and writes its customer table."""
    orders = make_orders(300, random_state=5)
    analysis = CustomerAnalysis(observation_end=orders["date"].max(), holdout=None).fit(orders)
    to = score(analysis, orders, tmp_path / "customers.parquet")
    written = pd.read_parquet(to).set_index("customer_id")
    expected = analysis.transform(orders)
    np.testing.assert_allclose(written["value"], expected["value"], rtol=1e-9)
    with pytest.raises(ValueError, match="keep must be empty where a CustomerAnalysis"):
        score(analysis, orders, keep="amount")


def test_what_cannot_be_scored_is_refused(customers, model, file, tmp_path):
    """Every argument says what it must be."""
    with pytest.raises(TypeError, match="model must have transform; found str"):
        score("model", file)
    orders = random_log(50, 5, seed=1)
    summary = RFMSummary(observation_end="2024-12-31").fit(orders)
    with pytest.raises(TypeError, match="must give one row a customer; RFMSummary gave"):
        score(summary, pa.Table.from_pandas(orders), tmp_path / "x.parquet")
    with pytest.raises(ValueError, match="chunk_rows must be a whole number"):
        score(model, file, chunk_rows=0)
    with pytest.raises(ValueError, match="keep must be different column names"):
        score(model, file, keep=["T", "T"])
    for data in (file, customers, pl.from_pandas(customers)):
        with pytest.raises(DataError, match="keep must name columns of the data; missing: nothing"):
            score(model, data, keep=["nothing"])
    with pytest.raises(ValueError, match="keep must not name what the model gives; found value"):
        score(model, customers.assign(value=1.0), keep=["value"])
    with pytest.raises(ValueError, match="to must not be one of the files that are read"):
        score(model, file, file, overwrite=True)
    with pytest.raises(TypeError, match="to must be a path; found 5"):
        score(model, file, 5)
    with pytest.raises(ValueError, match="to must end in .parquet"):
        score(model, file, tmp_path / "scores.csv")
    with pytest.raises(FileNotFoundError, match="the folder of .* must exist"):
        score(model, file, tmp_path / "no" / "scores.parquet")
    with pytest.raises(DataError, match="data must name a file or a glob"):
        score(model, tmp_path / "nowhere.parquet")
    with pytest.raises(TypeError, match="data must be a frame where keep or to is stated"):
        score(model, customers.to_numpy(), tmp_path / "scores.parquet")
    pq.write_table(pa.Table.from_pandas(customers.reset_index()).slice(0, 0), file)
    with pytest.raises(DataError, match="at least one customer; found none"):
        score(model, file)


def test_progress_is_shown_when_asked(model, file, capsys):
    """A bar goes to standard error, and only then."""
    score(model, file)
    assert capsys.readouterr().err == ""
    score(model, file, progress=True)
    assert capsys.readouterr().err != ""
