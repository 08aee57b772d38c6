"""Models fit where the summaries are: the same estimates from every engine."""

from __future__ import annotations

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from custvalue import _likelihood, lifetime
from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoBetaBinomial, BetaGeoNBD, GammaGamma, LifetimeValue
from support import registry
from support.spark import spark_frame

HOSTILE = 'we"ird; drop table "customers"; --'
KINDS = [
    "parquet",
    "duckdb",
    "ibis",
    pytest.param("spark", marks=pytest.mark.xdist_group("spark")),
]
MODELS = {
    "BetaGeoNBD": registry.customers,
    "ModifiedBetaGeoNBD": registry.leaving_at_purchases,
    "ParetoNBD": registry.leaving_any_time,
    "GammaGompertzNBD": registry.short_lived,
    "BetaGeoBetaBinomial": registry.donors,
    "NBD": registry.loyal,
    "GammaGamma": registry.customers,
    "LifetimeValue": registry.customers,
}


def in_engine(frame: pd.DataFrame, kind: str, folder):
    """Return a summary as a table in an engine."""
    arrow = pa.Table.from_pandas(frame)
    if kind == "parquet":
        pq.write_table(arrow, folder / "summary.parquet")
        return folder / "summary.parquet"
    if kind == "ibis":
        return ibis.memtable(arrow)
    if kind == "duckdb":
        return duckdb.connect().from_arrow(arrow)
    return spark_frame(arrow)


def estimates(model) -> np.ndarray:
    """Return all that a model has estimated."""
    if isinstance(model, LifetimeValue):
        return np.concatenate([estimates(model.attrition_), estimates(model.spend_)])
    return np.concatenate([model.params_, model.coef_, [model.log_likelihood_]])


@pytest.mark.parametrize("name", MODELS)
def test_a_model_fits_in_an_engine_as_on_a_frame(name):
    """Counted rows give the estimates of all rows, but for the order of sums."""
    frame = MODELS[name]()
    counted = getattr(lifetime, name)().fit(in_engine(frame, "duckdb", None))
    np.testing.assert_allclose(
        estimates(counted), estimates(getattr(lifetime, name)().fit(frame)), rtol=1e-7
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_engine_gives_the_same_fit(kind, tmp_path):
    """A path, a relation, an expression and a Spark frame give what the frame gives."""
    frame = registry.customers()
    counted = LifetimeValue().fit(in_engine(frame, kind, tmp_path))
    whole = LifetimeValue().fit(frame)
    np.testing.assert_allclose(estimates(counted), estimates(whole), rtol=1e-9)
    assert counted.attrition_.n_customers_ == len(frame)
    assert list(counted.feature_names_in_) == list(whole.feature_names_in_)
    np.testing.assert_allclose(counted.predict(frame), whole.predict(frame), rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_covariates_and_weights_are_columns_of_the_engine(kind, tmp_path):
    """A hostile name is only a name; weights are those of equal rows together."""
    frame = registry.customers()
    generator = np.random.default_rng(8)
    frame[HOSTILE] = generator.integers(0, 3, len(frame)).astype(float)
    frame["how many"] = generator.integers(1, 4, len(frame))
    model = BetaGeoNBD(purchase_covariates=(HOSTILE,))
    counted = model.fit(in_engine(frame, kind, tmp_path), sample_weight="how many")
    found = estimates(counted)
    whole = estimates(
        BetaGeoNBD(purchase_covariates=(HOSTILE,)).fit(frame, sample_weight=frame["how many"])
    )
    np.testing.assert_allclose(found, whole, rtol=1e-7)


def test_rows_that_break_a_rule_are_refused():
    """The rules of a summary hold for distinct rows too."""
    frame = registry.customers()
    frame.loc["c003", ["frequency", "recency"]] = [1.0, 1e4]
    with pytest.raises(DataError, match=r"recency must not exceed T; row \d+ \(distinct_row"):
        BetaGeoNBD().fit(in_engine(frame, "duckdb", None))
    frame.loc["c003", "recency"] = np.nan
    with pytest.raises(DataError, match="column 'recency' must not have missing values"):
        BetaGeoNBD().fit(in_engine(frame, "ibis", None))


def test_a_selector_of_columns_is_refused_in_an_engine():
    """Covariates must be named there."""
    model = BetaGeoNBD(dropout_covariates=lambda X: ["age"])
    with pytest.raises(TypeError, match="dropout_covariates may be a column selector for a pandas"):
        model.fit(in_engine(registry.customers(), "duckdb", None))


def test_too_many_distinct_rows_do_not_travel(monkeypatch):
    """The guard says how many there are and how to reduce them."""
    monkeypatch.setattr(_likelihood.engine_rows, "MOST_ROWS", 100)
    with pytest.raises(DataError, match=r"at most 100 .* 200 customers .*compressed_summary"):
        BetaGeoNBD().fit(in_engine(registry.customers(), "duckdb", None))


def test_money_of_one_time_buyers_is_one_row():
    """GammaGamma leaves customers without a repeat purchase out, however they come."""
    frame = registry.customers()
    counted = GammaGamma().fit(in_engine(frame, "duckdb", None))
    assert counted.n_customers_ == (frame["frequency"] > 0).sum()


def test_opportunities_fit_in_an_engine():
    """Whole numbers of the discrete model are counted as they are."""
    counted = BetaGeoBetaBinomial().fit(in_engine(registry.donors(), "ibis", None))
    assert counted.n_customers_ == len(registry.donors())


def test_another_unit_of_time_is_refused(tmp_path):
    """A Parquet file that pandas wrote says what its times are measured in."""
    frame = registry.customers()
    frame.attrs["time_unit"] = "day"
    frame.to_parquet(tmp_path / "days.parquet")
    with pytest.raises(DataError, match="time_unit 'week'; it was measured in 'day'"):
        BetaGeoNBD().fit(tmp_path / "days.parquet")


def test_a_reader_serves_both_models_of_value():
    """It can be read once; value needs it for purchases and for spend."""
    frame = registry.customers()
    counted = LifetimeValue().fit(pa.Table.from_pandas(frame).to_reader())
    np.testing.assert_allclose(estimates(counted), estimates(LifetimeValue().fit(frame)), rtol=1e-9)
