"""Score tables and the SQL around them, as they are asked for."""

from __future__ import annotations

import datetime

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

import custvalue
from custvalue.lifetime import BetaGeoBetaBinomial, BetaGeoNBD, GammaGamma, LifetimeValue
from custvalue.workflow import CustomerAnalysis
from custvalue.workflow.score_table import (
    clear_score_table,
    create_score_table,
    refresh_statements,
    score_query,
    score_table,
)

MODEL = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
SUMMARY = pd.DataFrame(
    {"frequency": [1.0, 0.0, 0.0], "recency": [2.0, 0.0, 0.0], "T": [3.0, 4.0, 4.0]},
    index=pd.Index(["a", "b", "c"], name="customer_id"),
)
SPAN = {"observation_end": "2024-03-31"}


def test_the_table_has_one_row_a_history_with_stamp_and_model():
    """Keys are whole numbers, rows are sorted, and no customer is in it."""
    found = score_table(MODEL, summary=SUMMARY, **SPAN)
    assert found.columns.tolist() == [
        "frequency",
        "recency_days",
        "T_days",
        "probability_alive",
        "expected_purchases",
        "observation_end",
        "model",
        "model_id",
    ]
    assert found.iloc[:, :3].to_numpy().tolist() == [[0, 0, 28], [1, 14, 21]]
    assert found.dtypes.iloc[:3].tolist() == [np.dtype("int64")] * 3
    assert found["observation_end"].tolist() == [pd.Timestamp("2024-03-31")] * 2
    assert found["model"].tolist() == ["BetaGeoNBD"] * 2
    assert found["model_id"].nunique() == 1
    assert found["expected_purchases"].tolist() == MODEL.predict(SUMMARY).tolist()[1::-1]


def test_a_table_for_all_histories_has_those_of_a_summary():
    """The rows of a summary are among those of the bounds, with their predictions."""
    keys = ["frequency", "recency_days", "T_days"]
    some = score_table(MODEL, summary=SUMMARY, **SPAN).set_index(keys)
    every = score_table(MODEL, longest=30, most_purchases=2, **SPAN).set_index(keys)
    # Models share work between rows of one count, which can move the last bit.
    pd.testing.assert_frame_equal(every.loc[some.index], some, rtol=1e-13)


@pytest.mark.parametrize(
    "day", ["2024-03-31", datetime.date(2024, 3, 31), pd.Timestamp("2024-03-31 18:00")]
)
def test_the_stamp_is_a_day(day):
    """Text, date or time; anything else is refused."""
    found = score_table(MODEL, observation_end=day, summary=SUMMARY)
    assert found["observation_end"].iloc[0] == pd.Timestamp("2024-03-31")
    assert "'2024-03-31'" in score_query(MODEL, observation_end=day)
    for ask in (
        lambda: score_table(MODEL, observation_end="soon", summary=SUMMARY),
        lambda: score_query(MODEL, observation_end="soon"),
        lambda: clear_score_table(MODEL, observation_end="soon"),
    ):
        with pytest.raises(ValueError, match="observation_end must be a date"):
            ask()


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({}, "needs a summary, or both longest and most_purchases"),
        ({"longest": 5}, "found summary=None, longest=5, most_purchases=None"),
        ({"longest": 5.5, "most_purchases": 2}, "longest must be a whole number"),
        ({"longest": 5, "most_purchases": -1}, "most_purchases must be a whole number"),
        ({"longest": 5, "summary": SUMMARY}, "summary must be None where longest and most_purch"),
        ({"longest": 3000, "most_purchases": 3}, "at most 5,000,000 rows; .* ask for 13,498,502"),
    ],
)
def test_one_of_summary_and_bounds_is_needed(bounds, message):
    """Neither, half, both, or too much of it."""
    with pytest.raises(ValueError, match=message):
        score_table(MODEL, **SPAN, **bounds)


def test_bounds_are_opportunities_for_a_model_that_counts_them():
    """One opportunity a year is no whole number of days; too many are named as they were asked."""
    model = BetaGeoBetaBinomial.from_params(
        {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}, horizon=5, time_unit="year"
    )
    found = score_table(model, longest=15, most_purchases=1, **SPAN)
    keys = found[["frequency", "recency_opportunities", "T_opportunities"]]
    assert keys.max().tolist() == [1, 15, 15]
    history = keys.set_axis(["frequency", "recency", "T"], axis=1).astype(float)
    # Models share work between rows of one count, which can move the last bit.
    np.testing.assert_allclose(found["expected_purchases"], model.predict(history), rtol=1e-13)
    assert '"s"."T_opportunities"' in score_query(model)
    assert "recency_opportunities" in create_score_table(model)
    with pytest.raises(ValueError, match="longest .in opportunities. .* longest=10001, most_purch"):
        score_table(model, longest=10_001, most_purchases=0, **SPAN)


def test_unfitted_models_are_refused():
    """By every function that takes a model."""
    for model in (BetaGeoNBD(), LifetimeValue(), CustomerAnalysis()):
        with pytest.raises(NotFittedError):
            score_table(model, summary=SUMMARY, **SPAN)
        with pytest.raises(NotFittedError):
            score_query(model)
        with pytest.raises(NotFittedError):
            create_score_table(model)
        with pytest.raises(NotFittedError):
            clear_score_table(model, **SPAN)


def test_a_loaded_model_finds_the_rows_of_the_saved_one(tmp_path):
    """Its id is the same, so that the query may be written by another process."""
    MODEL.save(tmp_path / "m.json")
    loaded = custvalue.load(tmp_path / "m.json")
    assert score_query(loaded, "postgres") == score_query(MODEL, "postgres")


def test_the_analysis_is_scored_by_its_value(analysis):
    """A CustomerAnalysis stands for the LifetimeValue in it."""
    assert score_query(analysis) == score_query(analysis.value_)
    assert "discounted_purchases" in create_score_table(analysis)


def test_infinite_mean_spend_is_an_error_as_in_python():
    """With q <= 1 there is no value to write a formula of."""
    spend = FrozenEstimator(GammaGamma.from_params({"p": 6.25, "q": 0.9, "v": 15.44}))
    rows = SUMMARY.assign(monetary_value=[9.0, 0.0, 0.0])
    model = LifetimeValue(attrition=FrozenEstimator(MODEL), spend=spend).fit(rows)
    with pytest.raises(ValueError, match="found q=0.9"):
        score_query(model)


def test_dialects_and_tables_are_checked():
    """Unknown dialects and tables without a name."""
    for ask in (score_query, create_score_table):
        assert ask(MODEL, "Postgres") == ask(MODEL, "postgres")
        with pytest.raises(ValueError, match="dialect must name a dialect"):
            ask(MODEL, "latin")
    with pytest.raises(ValueError, match="dialect must be one of 'bigquery'.* found 'tsql'"):
        refresh_statements("SELECT 1", "tsql", table="t")
    for bad in (
        lambda: score_query(MODEL, summary=()),
        lambda: score_query(MODEL, scores=""),
        lambda: create_score_table(MODEL, table=3),
        lambda: refresh_statements("SELECT 1 AS a", table=("a", "b", "c", "d")),
    ):
        with pytest.raises(ValueError, match="table must be a name"):
            bad()


def test_a_refresh_replaces_the_rows_of_a_table():
    """However often; where the query gives less, less is left."""
    statements = refresh_statements(
        "SELECT * FROM source WHERE n > 1;", table='a "t"', columns=["n"]
    )
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE source AS SELECT range AS n FROM range(5)")
        for gone, expected in ((0, [2, 3, 4]), (1, [2, 3, 4]), (2, [3, 4])):
            connection.execute(f"DELETE FROM source WHERE n = {gone}")
            for statement in statements:
                connection.execute(statement)
            found = connection.execute('SELECT n FROM "a ""t""" ORDER BY n').fetchall()
            assert [n for (n,) in found] == expected


@pytest.mark.parametrize("columns", ["id", [], ["id", ""], ["id", 3], ["id", "ID"]])
def test_columns_are_different_names(columns):
    """For the query of scores and for what refills a table."""
    for ask in (
        lambda: score_query(MODEL, columns=columns),
        lambda: refresh_statements("SELECT * FROM a", table="t", columns=columns),
    ):
        with pytest.raises(ValueError, match="columns must be a list of names that differ"):
            ask()


def test_a_query_is_text():
    """Anything else is an error of ours, not of the parser."""
    with pytest.raises(TypeError, match="query must be the text of one SELECT; found int"):
        refresh_statements(5, table="t")
