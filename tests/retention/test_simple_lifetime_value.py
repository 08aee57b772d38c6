"""Simple lifetime value: the textbook figure, every parameter, and what is refused or said."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention.simple_lifetime_value import SimpleLifetimeValue, simple_lifetime_value
from support.strategies import customer_summaries

FIGURES = {"average_order": 200, "orders_per_year": 4}
COLUMNS = ["average_order", "orders_per_year", "years", "value", "payback_time", "potential"]
YEAR = 365.25 / 7


def customers():
    """Return three customers, in weeks: a good one, one who ordered once, a silent one."""
    return pd.DataFrame(
        {
            "frequency": [7.0, 0.0, 3.0],
            "recency": [1.9 * YEAR, 0.0, YEAR],
            "T": [2 * YEAR, 2 * YEAR, 4 * YEAR],
            "monetary_value": [200.0, 0.0, 50.0],
        },
        index=pd.Index(["a", "b", "c"], name="customer_id"),
    )


def value_of(**figures):
    """Return the value of the customer of the textbook, with other figures where given."""
    return simple_lifetime_value(**FIGURES | figures)["value"].item()


# Plain figures


def test_the_textbook_figure():
    """200 x 4 x 5 = 4,000."""
    assert value_of(years=5) == 4000


def test_costs_and_margin_turn_revenue_into_profit():
    """(30 % of 800 - 40 of service) for 5 years, less 100 to win: 900."""
    found = value_of(years=5, margin=0.3, service_cost=40, acquisition_cost=100)
    assert found == pytest.approx(900, rel=1e-14)


@pytest.mark.parametrize(("timing", "value"), [("start", 1.1 / 0.3), ("end", 0.8 / 0.3)])
def test_the_retention_and_discount_formula(timing, value):
    """m (1 + d) / (1 + d - r) with the first payment now, m r / (1 + d - r) after a year."""
    found = value_of(retention_rate=0.8, annual_discount_rate=0.1, timing=timing)
    assert found == pytest.approx(800 * value, rel=1e-14)


def test_churn_and_years_agree():
    """A life of 1 / churn years has the same undiscounted value."""
    assert value_of(retention_rate=0.8) == pytest.approx(value_of(years=5), rel=1e-14)


def test_figures_broadcast_and_keep_an_index():
    """One row a figure of the Series."""
    lives = pd.Series([1.0, 5.0], index=["bronze", "gold"])
    found = simple_lifetime_value(**FIGURES, years=lives, acquisition_cost=[400, 1200])
    assert found.index.tolist() == ["bronze", "gold"]
    assert found["yearly_profit"].tolist() == [800, 800]
    assert found["value"].tolist() == [400, 2800]
    assert found["payback_time"].tolist() == [0, 1]
    later = simple_lifetime_value(
        **FIGURES, years=lives, acquisition_cost=[400, 1200], timing="end"
    )
    assert later["payback_time"].tolist() == [1, 2]


def test_years_are_those_paid_for():
    """A year that is paid for at its end is not paid by those who leave in it: 4, not 5."""
    here, later = (
        simple_lifetime_value(**FIGURES, retention_rate=0.8, timing=one).iloc[0]
        for one in ("start", "end")
    )
    assert here["years"] == pytest.approx(5, rel=1e-14)
    assert later["years"] == pytest.approx(4, rel=1e-14)
    assert later["value"] == pytest.approx(800 * later["years"], rel=1e-14)


def test_years_without_end_are_no_limit():
    """inf is None, alone or among others."""
    alone = simple_lifetime_value(**FIGURES, years=np.inf, retention_rate=0.8)
    pd.testing.assert_frame_equal(alone, simple_lifetime_value(**FIGURES, retention_rate=0.8))
    found = simple_lifetime_value(**FIGURES, years=[np.inf, 1], retention_rate=0.8)
    np.testing.assert_allclose(found["years"], [5, 1], rtol=1e-14)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.01, 1.0),
    st.sampled_from(["start", "end"]),
)
def test_values_move_as_they_must(retention, rate, share, timing):
    """More with retention, less with discount; the market is value / share without costs."""
    given_figures = {"years": 20, "timing": timing}
    here = simple_lifetime_value(
        **FIGURES,
        **given_figures,
        retention_rate=retention,
        annual_discount_rate=rate,
        share_of_spending=share,
    )
    value, potential = here["value"].item(), here["potential"].item()
    usual = {"retention_rate": retention, "annual_discount_rate": rate}
    assert value <= value_of(**given_figures, **usual | {"retention_rate": 1.0}) + 1e-9
    assert value >= value_of(**given_figures, **usual | {"annual_discount_rate": rate + 1}) - 1e-9
    assert value + potential == pytest.approx(value / share, rel=1e-12)


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({}, "simple_lifetime_value needs years, retention_rate or both: how long customers stay"),
        ({"retention_rate": 1}, "value is infinite where customers never leave .* row 0 has"),
        ({"years": 5, "margin": -0.1}, r"at least 0 and finite; row 0 has margin=-0.1 \(1 such"),
        ({"years": np.inf}, "value is infinite where customers never leave"),
        ({"years": -np.inf}, "column 'years' must be finite .* row 0 has years=-inf"),
        ({"years": 5, "margin": np.inf}, "column 'margin' must be finite .* row 0 has margin=inf"),
        ({"years": [[1], [1, 2]]}, "found years with parts of different shapes"),
        ({"years": 5, "share_of_spending": 1e-307}, "the potential must be finite; row 0 has"),
        ({"years": -1}, "years must be at least 0; row 0 has years=-1.0"),
        ({"years": [1, 2], "margin": [1, 2, 3]}, "needs numbers or 1-D arrays of one length"),
        ({"retention_rate": 80}, "retention_rate must be from 0 to 1; row 0 has retention_rate=80"),
        ({"years": 5, "share_of_spending": 0}, "share_of_spending must be above 0 and at most 1"),
        ({"years": 5, "orders_per_year": np.nan}, "column 'orders_per_year' must be finite"),
        ({"years": 5, "timing": "middle"}, "timing must be one of 'start', 'end'; found 'middle'"),
    ],
)
def test_figures_that_cannot_be_are_refused(figures, message):
    """The message names the figure, the rule and the row."""
    with pytest.raises(ValueError, match=message):
        value_of(**figures)


# The estimator


def test_customers_by_hand():
    """8 orders in 2 years at 200; one order is worth the average of the others."""
    model = SimpleLifetimeValue(years=5, margin=0.5, acquisition_cost=100).fit(customers())
    assert model.average_order_ == 155.0
    assert model.orders_per_year_ == pytest.approx(13 / 8)
    assert model.value_ == pytest.approx(0.5 * 155 * 13 / 8 * 5 - 100)
    found = model.transform(customers())
    assert found.columns.tolist() == COLUMNS
    np.testing.assert_allclose(found["average_order"], [200, 155, 50])
    np.testing.assert_allclose(found["orders_per_year"], [4, 0.5, 1])
    np.testing.assert_allclose(found["value"], [1900, 93.75, 25])
    np.testing.assert_allclose(found["payback_time"], [0, 2, 3])
    np.testing.assert_allclose(model.predict(customers()), found["value"])
    assert (model.n_customers_, model.n_short_) == (3, 0)


def test_figures_may_be_columns():
    """Each customer has those of their segment; the average customer has the means."""
    X = customers().assign(stay=[0.9, 0.5, 0.8], profit=[0.5, 0.4, 0.3])
    model = SimpleLifetimeValue(retention_rate="stay", margin="profit").fit(X)
    found = model.transform(X)
    np.testing.assert_allclose(found["years"], [10, 2, 5])
    np.testing.assert_allclose(found["value"], [0.5 * 800 * 10, 0.4 * 77.5 * 2, 0.3 * 50 * 5])
    stay, profit = X["stay"].mean(), X["profit"].mean()
    assert model.value_ == pytest.approx(profit * 155 * 13 / 8 / (1 - stay))
    names = ["frequency", "recency", "T", "monetary_value", "stay", "profit"]
    assert model.feature_names_in_.tolist() == names
    array = SimpleLifetimeValue(retention_rate="stay", margin="profit").fit(X.to_numpy())
    np.testing.assert_array_equal(array.predict(X.to_numpy()), found["value"])


@pytest.mark.parametrize("convert", [lambda X: X, pl.from_pandas, pa.Table.from_pandas])
def test_years_of_a_column_may_have_no_end(convert):
    """Who has inf stays as long as the retention rate lets them; a limit holds for the others."""
    X = customers().assign(life=[np.inf, 1.0, 2.0]).reset_index()
    model = SimpleLifetimeValue(years="life", retention_rate=0.5).fit(convert(X))
    years = model.transform(convert(X))["years"]
    np.testing.assert_allclose(np.asarray(years), [2, 1, 1.5])
    assert model.value_ == pytest.approx(155 * 13 / 8 * 2)
    both = SimpleLifetimeValue(years="life", service_cost="life", retention_rate=0.5)
    with pytest.raises(
        DataError, match=r"service_cost \(column 'life'\) must be .* and finite; row"
    ):
        both.fit(convert(X))


@pytest.mark.parametrize(
    ("population", "counted"), [("all", "abc"), ("active", "a"), ("repeat", "ac")]
)
def test_only_customers_who_count_have_a_value(population, counted):
    """The averages are theirs, and the others are worth 0."""
    X = customers()
    model = SimpleLifetimeValue(years=2, population=population).fit(X)
    found = model.transform(X)
    assert "".join(found.index[found["value"] > 0]) == counted
    left = found.loc[~found.index.isin(list(counted))]
    assert (left[["orders_per_year", "years", "value", "potential"]] == 0).all(axis=None)
    assert np.isinf(left["payback_time"]).all()
    own = SimpleLifetimeValue(years=2).fit(X.loc[list(counted)])
    assert model.orders_per_year_ == own.orders_per_year_
    assert model.value_ == own.value_


def test_customers_observed_too_short_are_pooled_and_counted():
    """Two orders in the first month are no 24 a year; the warning says who, in both methods."""
    X = customers()
    X.loc["d"] = [1.0, 2.0, 4.0, 100.0]
    message = (
        r"observed for less than minimum_observation=1.0 years say little .* row 3 "
        r"\(customer_id 'd'\) \(1 such row\)"
    )
    with pytest.warns(DataQualityWarning, match=message) as caught:
        model = SimpleLifetimeValue(years=1).fit(X)
    assert caught[0].filename == __file__
    assert model.n_short_ == 1
    with pytest.warns(DataQualityWarning, match=message) as caught:
        found = model.transform(X)
    assert caught[0].filename == __file__
    assert found.loc["d", "orders_per_year"] == model.orders_per_year_ == pytest.approx(13 / 8)
    own = SimpleLifetimeValue(years=1, short="annualise").fit(X).transform(X)
    assert own.loc["d", "orders_per_year"] == pytest.approx(2 * YEAR / 4)
    with pytest.raises(DataError, match=r"short='raise'; row 3 \(customer_id 'd'\) has T=4.0"):
        SimpleLifetimeValue(years=1, short="raise").fit(X)


@pytest.mark.parametrize("short", ["annualise", "raise"])
def test_only_customers_who_count_can_be_too_short(short):
    """Who ordered once on the last day is no repeat customer; who has no weight is none at all."""
    X = customers()
    X.loc["d"] = [0.0, 0.0, 0.0, 0.0]
    model = SimpleLifetimeValue(years=1, short=short, population="repeat").fit(X)
    assert model.value_ == SimpleLifetimeValue(years=1, population="repeat").fit(X).value_
    assert model.transform(X).loc["d", "value"] == 0
    weighted = SimpleLifetimeValue(years=1, short=short).fit(X, sample_weight=[1, 1, 1, 0])
    assert weighted.value_ == SimpleLifetimeValue(years=1).fit(customers()).value_
    with pytest.raises(DataError, match=r"row 3 \(customer_id 'd'\) has T=0.0 \(1 such row\)"):
        SimpleLifetimeValue(years=1, short=short).fit(X)


def test_the_warning_counts_what_the_model_counts():
    """Three customers in one row are three; those without a weight are none."""
    X = customers()
    X.loc["d"] = [1.0, 2.0, 4.0, 100.0]
    X.loc["e"] = [1.0, 2.0, 4.0, 100.0]
    message = r"left out of the average: 2.5 of 5.5 customers; so in row 3 .* \(1 such row\)"
    with pytest.warns(DataQualityWarning, match=message):
        model = SimpleLifetimeValue(years=1).fit(X, sample_weight=[1, 1, 1, 2.5, 0])
    assert model.n_short_ == 2.5
    assert model.n_customers_ == 5.5


@settings(max_examples=20, deadline=None)
@given(customer_summaries(), st.integers(0, 99))
def test_order_weights_and_unit_do_not_matter(X, seed):
    """Rows in another order, doubled, or measured in days give the same values."""
    model = SimpleLifetimeValue(years=3, minimum_observation=0.0)
    X = X.assign(T=X["T"] + 1.0)
    X.loc["repeat"] = [2.0, 5.0, 60.0, 20.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        fitted = clone(model).fit(X)
        shuffled = clone(model).fit(X.sample(frac=1, random_state=seed))
        doubled = clone(model).fit(X, sample_weight=np.full(len(X), 2.0))
        days = X.assign(T=X["T"] * 7, recency=X["recency"] * 7)
        days.attrs["time_unit"] = "day"
        measured = clone(model).set_params(time_unit="day").fit(days)
    assert shuffled.value_ == fitted.value_
    assert doubled.value_ == pytest.approx(fitted.value_, rel=1e-12)
    assert measured.value_ == pytest.approx(fitted.value_, rel=1e-12)
    np.testing.assert_allclose(measured.predict(days), fitted.predict(X), rtol=1e-12)
    alone = fitted.predict(X.iloc[[-1]])
    assert alone.iloc[0] == fitted.predict(X).iloc[-1]


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_frames_keep_their_kind(convert):
    """The id is their first column."""
    X = customers().reset_index()
    model = SimpleLifetimeValue(years=5).fit(convert(X))
    found = model.transform(convert(X))
    assert type(found) is type(convert(X))
    names = found.columns if isinstance(found, pl.DataFrame) else found.column_names
    assert list(names) == ["customer_id", *COLUMNS]


def test_a_saved_model_is_small_and_the_same(tmp_path):
    """It holds averages and parameters, and no customer."""
    model = SimpleLifetimeValue(years=5, retention_rate=0.9).fit(customers())
    model.save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 2000
    assert "customer_id" not in text


def test_an_unfitted_model_says_so():
    """Before ``fit`` there are no averages."""
    with pytest.raises(NotFittedError):
        SimpleLifetimeValue(years=5).predict(customers())


def bad(**columns):
    """Return the customers with other columns."""
    return customers().assign(**columns)


@pytest.mark.parametrize(
    ("X", "parameters", "message"),
    [
        (customers(), {}, "SimpleLifetimeValue needs years, retention_rate or both"),
        (customers(), {"retention_rate": 1.0}, "value is infinite where customers never leave"),
        (customers(), {"years": -1}, "'years' parameter"),
        (customers(), {"retention_rate": 90}, "'retention_rate' parameter"),
        (customers(), {"years": 5, "share_of_spending": 0}, "'share_of_spending' parameter"),
        (customers(), {"years": 5, "population": "new"}, "'population' parameter"),
        (customers(), {"years": 5, "short": "drop"}, "'short' parameter"),
        (customers(), {"years": "stay"}, "missing: stay; found: frequency, recency"),
        (bad(stay=[0.5, 2.0, 1.0]), {"retention_rate": "stay"}, r"column 'stay'\) must be from 0"),
        (bad(stay=1.0), {"retention_rate": "stay"}, r"never leave .*\(customer_id 'a'\) .*3 such"),
        (bad(T=1.0), {"years": 5}, "recency must not exceed T; row 0"),
        (bad(monetary_value=[-1.0, 0.0, 2.0]), {"years": 5}, "monetary_value must be positive"),
        (bad(frequency=0.0, recency=0.0, monetary_value=0.0), {"years": 5}, "with a repeat order"),
        (bad(), {"years": 5, "minimum_observation": 9.0}, "the longest .* is observed for 4 years"),
        (bad(), {"years": 5, "population": "active", "active_within": 0.0}, "at least one custome"),
    ],
)
def test_what_cannot_be_is_refused(X, parameters, message):
    """The message names the parameter or column, the rule and the row."""
    with pytest.raises(ValueError, match=message):
        SimpleLifetimeValue(**parameters).fit(X)


def test_a_summary_in_another_unit_is_refused():
    """It says itself what it was measured in."""
    X = customers()
    X.attrs["time_unit"] = "day"
    with pytest.raises(DataError, match="measured in time_unit 'week'; it was measured in 'day'"):
        SimpleLifetimeValue(years=5).fit(X)
