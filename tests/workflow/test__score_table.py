"""What a score table is made of; ``test_crm_story`` joins it in databases."""

from __future__ import annotations

import dataclasses
from itertools import product

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.frozen import FrozenEstimator

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoBetaBinomial, BetaGeoNBD, GammaGamma, LifetimeValue
from custvalue.workflow._score_table import (
    keys_of_grid,
    keys_of_summary,
    predictions,
    read_model,
    row_count_of_grid,
)

PARAMS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SUMMARY = pd.DataFrame(
    {
        "frequency": [2.0, 0.0, 2.0, 1.0, 0.0],
        "recency": [30 / 7, 0.0, 30 / 7, 1 / 7, 0.0],
        "T": [38 / 7, 40 / 7, 38 / 7, 1 / 7, 3 / 7],
        "monetary_value": [5.0, 0.0, 6.0, 7.0, 0.0],
    }
)
KEYS = ["frequency", "recency_days", "T_days"]
DISTINCT = [[0, 0, 3], [0, 0, 40], [1, 1, 1], [2, 30, 38]]


def keys_of(X, time_unit="week"):
    """Return the keys that a model of a time unit looks up."""
    model = BetaGeoNBD.from_params(PARAMS, time_unit=time_unit)
    return keys_of_summary(X, read_model(model, "ask"), "ask")


def value_model(**changes) -> LifetimeValue:
    """Return a value model of given parameters."""
    parts = {
        "attrition": FrozenEstimator(BetaGeoNBD.from_params(PARAMS)),
        "spend": FrozenEstimator(GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})),
    }
    return LifetimeValue(**(parts | changes)).fit(SUMMARY)


def test_every_kind_of_summary_has_the_same_keys(tmp_path):
    """Frames, arrays, files, relations and lazy tables give the distinct histories, sorted."""
    SUMMARY.to_parquet(tmp_path / "s.parquet")
    with duckdb.connect() as connection:
        kinds = {
            "pandas": SUMMARY.sample(frac=1, random_state=1),
            "polars": pl.from_pandas(SUMMARY),
            "lazy": pl.from_pandas(SUMMARY).lazy(),
            "pyarrow": pa.Table.from_pandas(SUMMARY),
            "array": SUMMARY[["frequency", "recency", "T"]].to_numpy(),
            "path": str(tmp_path / "s.parquet"),
            "ibis": ibis.memtable(pa.Table.from_pandas(SUMMARY)),
            "relation": connection.from_df(SUMMARY),
        }
        for kind, X in kinds.items():
            assert keys_of(X).tolist() == DISTINCT, kind


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": 30.5 / 7}, "recency must be a whole number of days, .* row 0 .*5 such rows"),
        ({"T": 38.2 / 7}, "T must be a whole number of days"),
        ({"recency": 99.0}, "recency must not exceed T"),
        ({"frequency": np.nan}, "frequency"),
    ],
)
@pytest.mark.parametrize("lazy", [False, True])
def test_what_is_no_history_in_days_is_refused(change, message, lazy):
    """The message names the rule, whichever engine holds the rows."""
    bad = SUMMARY.assign(frequency=2.0, recency=4.0, T=50.0).assign(**change)
    message = message.replace("5 such rows", "1 such row") if lazy else message
    with pytest.raises(DataError, match=message):
        keys_of(ibis.memtable(pa.Table.from_pandas(bad)) if lazy else bad)


def test_the_time_unit_of_the_summary_must_be_that_of_the_model():
    """A summary that says "day" is not read in weeks."""
    summary = SUMMARY.copy()
    summary.attrs["time_unit"] = "day"
    with pytest.raises(DataError, match="time_unit 'week'; it was measured in 'day'"):
        keys_of(summary)


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_days_survive_every_unit(unit):
    """Days divided by the unit and multiplied again are the days, up to a century."""
    T = np.arange(1, 36525)
    per_unit = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}[unit]
    summary = pd.DataFrame({"frequency": 1.0, "recency": T / per_unit, "T": T / per_unit})
    assert (keys_of(summary, unit)[:, 2] == T).all()


@pytest.mark.parametrize(("longest", "most"), [(0, 0), (0, 3), (1, 1), (6, 2), (5, 9), (7, 0)])
def test_a_grid_holds_every_history_that_can_be(longest, most):
    """Counted by trying all triples: x on different days needs x <= recency <= T."""
    days = range(longest + 1)
    possible = [
        [x, t_x, T]
        for x, t_x, T in product(range(most + 1), days, days)
        if t_x <= T and x <= t_x and (x == 0) == (t_x == 0)
    ]
    assert keys_of_grid(longest, most).tolist() == possible
    assert row_count_of_grid(longest, most) == len(possible)


def test_predictions_are_those_of_the_model():
    """Of an attrition model and of a value, for histories in the unit of the model."""
    keys = np.array(DISTINCT)
    history = pd.DataFrame(keys / [1, 7, 7], columns=["frequency", "recency", "T"])
    attrition = BetaGeoNBD.from_params(PARAMS, horizon=26.0)
    found = predictions(read_model(attrition, "ask"), keys)
    assert found[KEYS].to_numpy().tolist() == DISTINCT
    pd.testing.assert_frame_equal(found.iloc[:, 3:], attrition.transform(history), check_exact=True)
    value = value_model(horizon="12 months", annual_discount_rate=0.2)
    found = predictions(read_model(value, "ask"), keys)
    rate = np.log(1.2) / (365.25 / 7)
    expected = attrition.discounted_expected_purchases(history, rate, 365.25 / 7)
    np.testing.assert_allclose(found["discounted_purchases"], expected, rtol=1e-13)


def test_the_id_of_a_model_tells_what_predictions_depend_on():
    """Equal for equal models; another for any other parameter, horizon, margin, rate or spend."""
    spend = FrozenEstimator(GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.45}))
    models = [
        value_model(),
        value_model(margin=0.5),
        value_model(horizon=51.0),
        value_model(annual_discount_rate=0.11),
        value_model(spend=spend),
        value_model(attrition=FrozenEstimator(BetaGeoNBD.from_params(PARAMS | {"r": 0.2430001}))),
        BetaGeoNBD.from_params(PARAMS),
        BetaGeoNBD.from_params(PARAMS, horizon=51.0),
        BetaGeoNBD.from_params(PARAMS, time_unit="day"),
    ]
    ids = [read_model(model, "ask").model_id for model in models]
    assert len(set(ids)) == len(models)
    assert read_model(FrozenEstimator(value_model()), "ask").model_id == ids[0]
    assert all(len(one) == 12 for one in ids)
    reshaped = dataclasses.replace(read_model(models[0], "ask"), name="Another")
    assert reshaped.model_id != ids[0]


def test_models_that_need_more_than_three_numbers_are_refused():
    """Covariates of purchases or spend, and regularity, which needs the intervals."""
    covariates = BetaGeoNBD.from_params(
        PARAMS, purchase_covariates=("age",), coef={("purchase", "age"): 0.1}
    )
    with pytest.raises(
        ValueError, match="ask is keyed on .*BetaGeoNBD depends on the covari.* age"
    ):
        read_model(covariates, "ask")
    with pytest.raises(ValueError, match="regularity 2 depends on log_interval_sum"):
        read_model(BetaGeoNBD.from_params(PARAMS, regularity=2), "ask")
    spend = GammaGamma.from_params(
        {"p": 6.25, "q": 3.74, "v": 15.44},
        covariates=("frequency",),
        coef={("spend", "frequency"): 1},
    )
    with pytest.raises(ValueError, match="this GammaGamma depends on the covariates frequency"):
        read_model(value_model(spend=FrozenEstimator(spend)), "ask")


def test_other_models_are_refused():
    """A spend model, a class, and what is no model at all."""
    for other in (GammaGamma.from_params({"p": 6.0, "q": 3.0, "v": 15.0}), BetaGeoNBD, 3):
        with pytest.raises(TypeError, match="ask takes a fitted attrition model"):
            read_model(other, "ask")


OPPORTUNITIES = pd.DataFrame(
    {"frequency": [0.0, 2.0], "recency": [0.0, 3.0], "T": [6.0, 6.0]}, index=["ann", "bob"]
)


@pytest.mark.parametrize("time_unit", ["day", "week", "month", "year"])
def test_opportunities_are_counted_in_themselves(time_unit):
    """However many days they are apart: years and months are no whole number of days."""
    model = BetaGeoBetaBinomial.from_params(
        {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}, horizon=5, time_unit=time_unit
    )
    facts = read_model(model, "ask")
    keys = keys_of_summary(OPPORTUNITIES, facts, "ask")
    assert keys.tolist() == [[0, 0, 6], [2, 3, 6]]
    found = predictions(facts, keys)
    assert list(found)[:3] == ["frequency", "recency_opportunities", "T_opportunities"]
    assert found["expected_purchases"].tolist() == model.predict(OPPORTUNITIES).tolist()


def test_a_wrong_opportunity_is_that_of_the_summary():
    """The message names the row that was given, not one of the table of scores."""
    model = BetaGeoBetaBinomial.from_params(
        {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    )
    for change, message in (
        ({"recency": [0.0, 1.0]}, "frequency must not exceed recency .*'bob'"),
        ({"recency": [0.0, 2.5]}, "recency must be a whole number of opportunities.*'bob'"),
    ):
        with pytest.raises(DataError, match=message):
            keys_of_summary(OPPORTUNITIES.assign(**change), read_model(model, "ask"), "ask")
