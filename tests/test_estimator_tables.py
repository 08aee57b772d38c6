"""Estimators read every kind of table alike, row by row, and refuse what is none.

Each test runs over the registry; see `test_estimators` for what is not about tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from scipy import sparse

from custvalue.lifetime import BetaGeoNBD, GammaGamma
from custvalue.segmentation import RFMScorer, RFMSegmenter
from custvalue.transactions import RFMSummary
from support.estimators import (
    EVERY,
    KINDS,
    ROW_BY_ROW,
    SUMMARIES,
    as_kind,
    expected_results,
    fitted,
    results,
    same,
)
from support.registry import REGISTRY, public_estimators
from support.strategies import (
    beta_geo_nbd_params,
    customer_summaries,
    gamma_gamma_params,
    order_logs,
)

# Rows and columns


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_the_order_of_the_rows_does_not_matter(name):
    """Shuffled rows give shuffled results, and shuffled training rows the same estimator."""
    X = REGISTRY[name].table()
    order = np.random.default_rng(3).permutation(len(X))
    model, expected = fitted(name), expected_results(name)
    shuffled = expected.iloc[order].reset_index(drop=True)
    same(results(model, X.iloc[order]), shuffled, **REGISTRY[name].rounding)
    same(results(fitted(name, X.iloc[order]), X), expected, rtol=1e-6)


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_order_of_the_orders_does_not_matter(name):
    """Shuffled orders give the same customers."""
    X = REGISTRY[name].table()
    shuffled = X.sample(frac=1.0, random_state=3)
    same(results(fitted(name), shuffled), expected_results(name), rtol=1e-12)
    same(results(fitted(name, shuffled), X), expected_results(name), rtol=1e-6)


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_a_row_is_answered_alike_in_any_company(name):
    """Single rows and parts of the table give the rows of the whole."""
    X, model, whole = REGISTRY[name].table(), fitted(name), expected_results(name)
    for rows in ([0], [3, 1, 8], range(5, len(X), 2)):
        part = results(model, X.iloc[list(rows)])
        same(part, whole.iloc[list(rows)].reset_index(drop=True), rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in SUMMARIES if name != "CohortTable"])
def test_a_customer_is_answered_alike_in_any_company(name):
    """The orders of some customers give the rows of these customers."""
    X, model = REGISTRY[name].table(), fitted(name)
    whole = model.transform(X)
    some = X[X["customer_id"] % 3 == 0]
    part = model.transform(some)
    pd.testing.assert_frame_equal(part, whole.loc[part.index])
    assert set(part.index) == {label for label in whole.index if label % 3 == 0}


@pytest.mark.parametrize("name", EVERY)
def test_columns_may_stand_in_any_order_with_others_beside(name):
    """Columns are found by name; whatever stands beside them changes nothing."""
    X = REGISTRY[name].table()
    other = X[X.columns[::-1]].assign(note="text", day=pd.Timestamp("2024-01-01"), gap=np.nan)
    model = fitted(name, other)
    same(results(model, other), expected_results(name), **REGISTRY[name].rounding)
    assert "note" not in list(model.feature_names_in_)


@pytest.mark.parametrize(("name", "kind"), [pair for pair in KINDS if pair[1] != "pandas"])
def test_every_kind_of_table_gives_the_same_results(name, kind):
    """Fitted on one kind of table and asked with another: always the same numbers."""
    entry = REGISTRY[name]
    X = entry.table()
    other = as_kind(X, kind, entry.columns)
    expected = expected_results(name)
    same(results(fitted(name), other), expected, rtol=1e-12)
    same(results(fitted(name, other), X), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_lists_and_small_types_give_the_same_results(name):
    """Lists of lists, nullable columns and arrays of objects hold the same numbers."""
    entry = REGISTRY[name]
    X = entry.table()[list(entry.columns)]
    expected = expected_results(name)
    for other in (X.to_numpy().tolist(), X.to_numpy().astype(object), X.convert_dtypes()):
        same(results(fitted(name), other), expected)


@pytest.mark.parametrize("name", EVERY)
def test_what_comes_out_is_of_the_kind_that_went_in(name):
    """pandas keeps its index, polars and pyarrow have the id as their first column."""
    entry = REGISTRY[name]
    X, model = entry.table(), fitted(name)
    expected = model.transform(X)
    label = expected.index.name
    if entry.one_row_each:
        pd.testing.assert_index_equal(expected.index, X.index)
    for kind, cls in (("polars", pl.DataFrame), ("pyarrow", pa.Table)):
        out = model.transform(as_kind(X, kind, entry.columns))
        assert isinstance(out, cls)
        names = out.columns if kind == "polars" else out.column_names
        assert list(names) == [label, *expected.columns]
        labels = out[label].to_pylist() if kind == "pyarrow" else out[label].to_list()
        assert labels == list(expected.index)


@pytest.mark.parametrize(
    "name", [name for name in ROW_BY_ROW if hasattr(public_estimators()[name], "predict")]
)
def test_predictions_have_the_index_for_pandas_and_are_arrays_else(name):
    """One number per row is a Series with the ids for pandas where it is a number."""
    entry = REGISTRY[name]
    X, model = entry.table(), fitted(name)
    values = model.predict(X)
    assert len(values) == len(X)
    if isinstance(values, pd.Series):
        pd.testing.assert_index_equal(values.index, X.index)
    for kind in ("polars", "pyarrow", "array"):
        assert isinstance(model.predict(as_kind(X, kind, entry.columns)), np.ndarray)


@pytest.mark.parametrize("name", EVERY)
def test_set_output_chooses_the_frame(name):
    """pandas and polars on demand, with the ids; the default goes back to the kind of X."""
    entry = REGISTRY[name]
    X, model = entry.table(), fitted(name)
    expected = model.transform(X)
    for kind in ("pandas", "polars", "pyarrow"):
        given = as_kind(X, kind, entry.columns)
        in_pandas = model.set_output(transform="pandas").transform(given)
        pd.testing.assert_frame_equal(in_pandas, expected, check_index_type=False)
        in_polars = model.set_output(transform="polars").transform(given)
        assert in_polars.columns == [expected.index.name, *expected.columns]
    assert isinstance(model.set_output(transform="default").transform(X), pd.DataFrame)
    with pytest.raises(ValueError, match="found 'arrow'"):
        model.set_output(transform="arrow")


@pytest.mark.parametrize("name", EVERY)
def test_feature_names_out_are_the_columns_that_come_out(name):
    """The names are known after fit, before the first transform."""
    model = fitted(name)
    names = model.get_feature_names_out()
    assert isinstance(names, np.ndarray)
    assert list(names) == list(model.transform(REGISTRY[name].table()).columns)


@pytest.mark.parametrize("name", EVERY)
def test_the_columns_read_are_counted_and_named(name):
    """``n_features_in_`` always, ``feature_names_in_`` for frames alone, also after a refit."""
    entry = REGISTRY[name]
    model = fitted(name)
    assert model.n_features_in_ == len(entry.columns)
    assert list(model.feature_names_in_) == list(entry.columns)
    assert model.feature_names_in_.dtype == object
    if entry.one_row_each:
        model.fit(as_kind(entry.table(), "array", entry.columns))
        assert model.n_features_in_ == len(entry.columns)
        assert not hasattr(model, "feature_names_in_")


# Bad tables


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name in EVERY for column in REGISTRY[name].columns]
)
def test_a_missing_column_is_named(name, column):
    """The error names the column that is not there, in fit and in transform."""
    entry = REGISTRY[name]
    X = entry.table()
    with pytest.raises(ValueError, match=column):
        entry.make().fit(X.drop(columns=column))
    if column not in entry.fit_only:
        with pytest.raises(ValueError, match=column):
            fitted(name).transform(X.drop(columns=column))


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        (name, column, value)
        for name in ROW_BY_ROW
        for column in REGISTRY[name].columns
        for value in (np.nan, np.inf, -np.inf)
        if not (REGISTRY[name].gaps and np.isnan(value))
    ],
)
def test_a_number_that_is_none_is_named_with_its_row(name, column, value):
    """NaN and infinity are refused with column, position and label of the row, and the value."""
    entry = REGISTRY[name]
    X = entry.table()
    X[column] = X[column].astype(float)
    X.iloc[[5, 7], X.columns.get_loc(column)] = value
    expected = rf"'{column}' must be finite.*row 5 .*'{X.index[5]}'.* has {column}={value} \(2 such"
    later = () if column in entry.fit_only else (fitted(name).transform,)
    for fails in (entry.make().fit, *later):
        with pytest.raises(ValueError, match=expected):
            fails(X)


@pytest.mark.parametrize("name", EVERY)
def test_an_empty_table_is_refused(name):
    """Columns without rows are an error that says so, in fit and in transform."""
    entry = REGISTRY[name]
    nothing = entry.table().iloc[:0]
    for fails in (entry.make().fit, fitted(name).transform):
        with pytest.raises(ValueError, match=r"at least one (row|order|customer)|no (rows|orders)"):
            fails(nothing)


def _bad_arrays(entry: Any) -> dict[str, tuple[Any, str]]:
    array = np.ones((4, len(entry.columns)))
    return {
        "too narrow": (array[:, :-1], r"expecting \d features|0 feature"),
        "too wide": (np.ones((4, 9)), r"X has 9 features, but \w+ is expecting \d features"),
        "flat": (array[:, 0], "2-D array.* Reshape your data"),
        "deep": (array[None], "2-D array"),
        "sparse": (sparse.csr_array(array), "dense; found a sparse matrix"),
        "complex": (array.astype(complex), "Complex data not supported"),
        "text": (array.astype(str), "must be a number"),
        "a path": ("summary.csv", "found str|found 'summary.csv', which does not exist"),
        "nothing": (None, "found NoneType"),
    }


@pytest.mark.parametrize(
    ("name", "case"),
    [
        (name, case)
        for name in ROW_BY_ROW
        for case in _bad_arrays(REGISTRY[name])
        if not (REGISTRY[name].gaps and case == "text")
    ],
)
def test_what_is_no_table_is_refused(name, case):
    """Wrong width, wrong shape, wrong type: one clear error each, in fit and in transform."""
    entry = REGISTRY[name]
    bad, message = _bad_arrays(entry)[case]
    for fails in (entry.make().fit, fitted(name).transform):
        with pytest.raises((TypeError, ValueError), match=message):
            fails(bad)


@pytest.mark.parametrize("name", SUMMARIES)
def test_what_is_no_order_log_is_refused(name):
    """Arrays and numbers are no order log."""
    for bad in (np.ones((4, 3)), 5, None, sparse.csr_array(np.ones((4, 3)))):
        with pytest.raises((TypeError, ValueError), match="found"):
            REGISTRY[name].make().fit(bad)


# Any valid input


@settings(max_examples=40)
@given(X=customer_summaries(), params=beta_geo_nbd_params())
def test_any_history_has_a_probability_and_an_expectation(X, params):
    """P(alive) is a probability and expectations are finite, whatever the history and the law."""
    out = BetaGeoNBD.from_params(params).transform(X)
    assert out["probability_alive"].between(0, 1).all()
    assert np.isfinite(out["expected_purchases"]).all()
    assert (out["expected_purchases"] >= 0).all()


@settings(max_examples=40)
@given(X=customer_summaries(), params=gamma_gamma_params())
def test_any_spend_is_pulled_towards_the_mean_of_all(X, params):
    """Expected spend lies between a customer's own mean and the mean of all customers."""
    model = GammaGamma.from_params(params)
    own, expected = X["monetary_value"], model.expected_spend(X)
    everybody = params["p"] * params["v"] / (params["q"] - 1)
    low, high = np.minimum(own, everybody), np.maximum(own, everybody)
    known = X["frequency"] > 0
    assert (expected[known] >= low[known] * (1 - 1e-9)).all()
    assert (expected[known] <= high[known] * (1 + 1e-9)).all()
    np.testing.assert_allclose(expected[~known], everybody)


@settings(max_examples=40)
@given(X=customer_summaries(min_size=2))
def test_any_customers_are_scored_by_what_they_did(X):
    """Scores run from 1 to 5, are equal for equal customers, and never fall as money rises."""
    scores = RFMScorer().fit_transform(X)
    assert scores[["r_score", "f_score", "m_score"]].stack().between(1, 5).all()
    by_money = scores["m_score"].groupby(X["monetary_value"])
    assert (by_money.nunique() == 1).all()
    assert by_money.first().is_monotonic_increasing
    assert RFMSegmenter().fit(X).predict(X).all()


@settings(max_examples=15)
@given(X=order_logs())
def test_any_order_log_gives_a_summary_that_the_models_accept(X):
    """Whatever was ordered and sent back, the summary is a valid purchase history."""
    summary = RFMSummary(amount="amount", observation_end="2024-12-31").fit_transform(X)
    assert {9} <= set(summary.index) <= set(X["customer_id"])
    model = BetaGeoNBD.from_params({"r": 0.2, "alpha": 4.0, "a": 0.8, "b": 2.4})
    assert np.isfinite(model.log_likelihood(summary)).all()
