"""Value from purchases, spend, margin and discount."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.frozen import FrozenEstimator

import custvalue
from custvalue.exceptions import DataError, PersistenceError
from custvalue.lifetime import BetaGeoNBD, GammaGamma, LifetimeValue
from support.cdnow import calibration_summary

PARTS = {
    "attrition": FrozenEstimator(
        BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    ),
    "spend": FrozenEstimator(GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})),
}


def customers():
    """Return the first 200 CDNOW customers."""
    return calibration_summary().head(200)


def test_value_is_purchases_times_spend_times_margin():
    """It equals the product of the parts' own methods, discounted at log(1.1) a year."""
    model = LifetimeValue(**PARTS, margin=0.3).fit(customers())
    rate = np.log(1.1) * 7 / 365.25
    purchases = PARTS["attrition"].discounted_expected_purchases(
        customers()[["frequency", "recency", "T"]], rate, 52.0
    )
    spend = PARTS["spend"].expected_spend(customers()[["frequency", "monetary_value"]])
    table = model.transform(customers())
    np.testing.assert_allclose(table["value"], 0.3 * purchases * spend, rtol=1e-12)
    pd.testing.assert_series_equal(model.predict(customers()), table["value"])


def test_discounting_agrees_with_a_sum_over_days():
    """Expected purchases of each day times its discount factor add up to the same value."""
    model = LifetimeValue(**PARTS, annual_discount_rate=0.5).fit(customers())
    history = customers()[["frequency", "recency", "T"]].head(5)
    days = np.arange(0, 52 * 7 + 1) / 7
    cumulative = np.column_stack([PARTS["attrition"].expected_purchases(history, t) for t in days])
    middle = (days[1:] + days[:-1]) / 2
    factors = 1.5 ** (-middle * 7 / 365.25)
    spend = model.spend_.expected_spend(customers()[["frequency", "monetary_value"]].head(5))
    # The middle of the day stands for all of it: an error far below 1e-5.
    expected = (np.diff(cumulative, axis=1) * factors).sum(axis=1) * spend
    np.testing.assert_allclose(model.predict(customers().head(5)), expected, rtol=1e-5)


def test_without_parts_both_models_are_fitted():
    """The defaults are BG/NBD and Gamma-Gamma, fitted to the summary."""
    model = LifetimeValue().fit(calibration_summary())
    assert model.attrition_.params_["r"] == pytest.approx(0.2425945, rel=1e-5)
    assert model.spend_.params_["p"] == pytest.approx(6.24957, rel=1e-5)


def test_parts_are_cloned():
    """The estimators handed in stay as they were."""
    attrition = BetaGeoNBD()
    model = LifetimeValue(attrition=attrition).fit(calibration_summary())
    assert not hasattr(attrition, "params_")
    assert hasattr(model.attrition_, "params_")


def test_horizons_in_words_and_numbers_agree():
    """52 weeks are 52 weeks, and 12 months are 365.25 days."""
    number = LifetimeValue(**PARTS, horizon=365.25 / 7).fit(customers()).predict(customers())
    words = LifetimeValue(**PARTS, horizon="12 months").fit(customers()).predict(customers())
    pd.testing.assert_series_equal(number, words, rtol=1e-12)


def test_for_ever_is_finite_when_discounted():
    """An infinite horizon is worth more than ten years, and finite."""
    ever = LifetimeValue(**PARTS, horizon=np.inf).fit(customers()).predict(customers())
    decade = LifetimeValue(**PARTS, horizon="10 years").fit(customers()).predict(customers())
    assert np.isfinite(ever).all()
    assert (ever > decade).all()


def test_the_margin_may_be_a_column():
    """Each customer's own margin multiplies their value."""
    own = customers().assign(profit_share=np.linspace(0, 1, 200))
    plain = LifetimeValue(**PARTS).fit(own).predict(own)
    by_column = LifetimeValue(**PARTS, margin="profit_share").fit(own).predict(own)
    np.testing.assert_allclose(by_column, plain * own["profit_share"], rtol=1e-14)


def test_polars_comes_out_with_the_id_first():
    """The same numbers, in the kind of frame that went in."""
    pandas = LifetimeValue(**PARTS).fit(customers()).transform(customers())
    frame = pl.from_pandas(customers().reset_index())
    out = LifetimeValue(**PARTS).fit(frame).transform(frame)
    assert out.columns[0] == "customer_id"
    np.testing.assert_array_equal(out["value"].to_numpy(), pandas["value"])


def test_saved_and_loaded_it_values_alike(tmp_path):
    """Frozen parts, fitted parts and an infinite horizon survive the file."""
    for parts in (PARTS, {}):
        model = LifetimeValue(**parts, horizon=np.inf).fit(calibration_summary())
        model.save(tmp_path / "value.json")
        again = custvalue.load(tmp_path / "value.json")
        pd.testing.assert_series_equal(again.predict(customers()), model.predict(customers()))
        assert (tmp_path / "value.json").stat().st_size < 8000


def test_a_foreign_part_is_not_saved(tmp_path):
    """An estimator of another library as a parameter is refused with its name; no file is left."""
    model = LifetimeValue(**PARTS).fit(customers())
    model.spend = Foreign()
    with pytest.raises(PersistenceError, match=r"spend must be data.*Foreign"):
        model.save(tmp_path / "value.json")
    assert not list(tmp_path.iterdir())


class Foreign:
    """An object that JSON cannot hold."""


BAD = {
    "horizon words": ({"horizon": "soon"}, "horizon must be a number"),
    "horizon negative": ({"horizon": -1.0}, "'horizon' parameter"),
    "margin negative": ({"margin": -0.1}, "'margin' parameter"),
    "margin column": ({"margin": "share"}, "missing: share"),
    "margin below 0": ({"margin": "loss"}, "margin must be at least 0; row 0"),
    "rate": ({"annual_discount_rate": -0.1}, "'annual_discount_rate' parameter"),
    "nothing discounts": (
        {"horizon": np.inf, "annual_discount_rate": 0.0},
        "annual_discount_rate must be positive",
    ),
    "time unit": ({"time_unit": "day"}, "time_unit of the attrition model must be 'day'"),
    "unknown unit": ({"time_unit": "fortnight"}, "'time_unit' parameter"),
    "attrition": ({"attrition": "BG/NBD"}, "'attrition' parameter"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_parameters_are_refused(case):
    """Each is one error that names the parameter."""
    parameters, message = BAD[case]
    frame = customers().assign(loss=-1.0)
    frame.attrs = {}
    with pytest.raises(ValueError, match=message):
        LifetimeValue(**PARTS | parameters).fit(frame)


def test_mixed_units_are_refused():
    """A summary in weeks is not taken for one in days."""
    with pytest.raises(DataError, match="measured in 'week'"):
        LifetimeValue(time_unit="day").fit(customers())


def test_intervals_hold_the_value_and_the_mean_is_surer():
    """Expectations lie inside, surer without chance; a customer who hardly returns has 0 to 0."""
    model = LifetimeValue(margin=0.5).fit(calibration_summary())
    summary = calibration_summary().iloc[:200]
    options = {"n_draws": 400, "random_state": 0}
    chance = model.predict_interval(summary, 0.9, **options)
    mean = model.predict_interval(summary, 0.9, of="mean", **options)
    value = model.predict(summary)
    assert ((mean["lower"] < value) & (value < mean["upper"])).mean() > 0.9
    returns = (1 - model.attrition_.purchase_probability(summary, 0)) > 0.06
    assert (chance["upper"] > value)[returns].all()
    width = {"chance": chance["upper"] - chance["lower"], "mean": mean["upper"] - mean["lower"]}
    assert (width["mean"] < width["chance"])[returns].all()
    assert (chance["upper"] == 0)[~returns].sum() > 0
    total = model.predict_interval(summary, 0.9, total=True, **options).loc["total"]
    assert total["lower"] < value.sum() < total["upper"]
    assert total["upper"] < chance["upper"].sum()
    count = model.predict_interval(summary, of="purchases", **options)
    assert (count == count.round()).all(axis=None)


def test_the_value_for_ever_has_an_interval():
    """Discounting makes it finite."""
    model = LifetimeValue(horizon=np.inf).fit(calibration_summary())
    ends = model.predict_interval(calibration_summary().iloc[:50], n_draws=100, random_state=0)
    assert np.isfinite(ends).all(axis=None)
    assert (ends["upper"] > 0).all()


def test_parts_with_covariates_read_them_beside_the_summary():
    """Both models find their columns in the one frame."""
    generator = np.random.default_rng(0)
    summary = calibration_summary()
    summary["web"] = generator.integers(0, 2, len(summary))
    model = LifetimeValue(
        attrition=BetaGeoNBD(purchase_covariates=("web",)), spend=GammaGamma(covariates=("web",))
    ).fit(summary)
    assert list(model.attrition_.coef_.index) == [("purchase", "web")]
    assert list(model.spend_.coef_.index) == [("spend", "web")]
    assert np.isfinite(model.transform(summary)).all(axis=None)
    with pytest.raises(DataError, match="missing: web"):
        model.transform(calibration_summary())


INTERVAL_ARGUMENTS = {
    "level": ({"level": 1.0}, "level must be between"),
    "of": ({"of": "profit"}, "of must be one of value, purchases, mean"),
    "draws": ({"n_draws": 0}, "n_draws must be a whole number"),
    "given": ({}, "were given, not estimated"),
}


@pytest.mark.parametrize("case", INTERVAL_ARGUMENTS)
def test_wrong_arguments_of_intervals_are_refused(case):
    """Each is one error that names it; given parameters have no uncertainty."""
    arguments, message = INTERVAL_ARGUMENTS[case]
    with pytest.raises(ValueError, match=message):
        LifetimeValue(**PARTS).fit(customers()).predict_interval(customers(), **arguments)
