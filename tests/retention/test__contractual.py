"""What holds for every contractual model: truths of the domain, one model after the other."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue import retention
from custvalue.exceptions import DataError, NoUncertaintyError
from custvalue.retention._contractual import ContractualModel
from support.contractual import CASES, as_counts

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


def estimates(model):
    return np.concatenate([model.params_, model.coef_])


def test_every_model_has_a_case(case):
    """A model added to the library is tested from then on."""
    public = [getattr(retention, name) for name in retention.__all__]
    models = {one for one in public if isinstance(one, type) and issubclass(one, ContractualModel)}
    assert models <= {one.model for one in CASES}
    assert issubclass(case.model, ContractualModel)


def test_counts_and_rows_of_the_same_customers_give_the_same_estimates(case):
    """Survival counts, percentages and rows hold the same information."""
    rows = case.rows()
    counts = as_counts(rows)
    percent = counts["customers"] / len(rows) * 100
    shares = pd.DataFrame({"period": counts["period"], "survival": percent})
    one = case.model().fit(rows)
    for other in (case.model().fit(counts), case.model(cohort_size=3000).fit(shares)):
        np.testing.assert_allclose(estimates(other), estimates(one), rtol=1e-9)
        assert other.log_likelihood_ == pytest.approx(one.log_likelihood_, rel=1e-12)
        assert other.n_customers_ == pytest.approx(3000)
        assert other.n_periods_ == one.n_periods_ == 8
        pd.testing.assert_frame_equal(other.observed_, one.observed_, rtol=1e-12)
        assert other.score(counts) == pytest.approx(one.score(rows), rel=1e-12)


def test_cohorts_are_pooled(case):
    """Cohorts of different ages, seen for different times, count as their customers do."""
    parts = [case.rows(1000, periods, seed=periods) for periods in (4, 6, 9)]
    counts = [as_counts(part).assign(cohort=i) for i, part in enumerate(parts)]
    pooled = case.model().fit(pd.concat(counts))
    np.testing.assert_allclose(
        estimates(pooled), estimates(case.model().fit(pd.concat(parts))), rtol=1e-9
    )


def test_a_weight_is_a_number_of_rows(case):
    """Weights 0 to 3 are rows left out, kept, doubled and trebled."""
    rows = case.rows(600)
    weights = np.random.default_rng(4).integers(0, 4, 600)
    weighted = case.model().fit(rows, sample_weight=weights)
    repeated = case.model().fit(rows.iloc[np.repeat(np.arange(600), weights)])
    np.testing.assert_allclose(estimates(weighted), estimates(repeated), rtol=1e-7)
    pd.testing.assert_frame_equal(weighted.observed_, repeated.observed_)


def test_every_kind_of_table_gives_the_same_model(case):
    """pandas, polars, pyarrow and arrays; counts in frames; the order of rows does not matter."""
    rows, counts = case.rows(600), as_counts(case.rows(600))
    expected = estimates(case.model().fit(rows))
    flat = rows.reset_index()
    tables = [
        rows.sample(frac=1, random_state=1),
        pl.from_pandas(flat),
        pa.Table.from_pandas(flat),
        rows[["duration", "churned"]].to_numpy(),
        pl.from_pandas(counts),
        pa.Table.from_pandas(counts),
    ]
    for X in tables:
        np.testing.assert_allclose(estimates(case.model().fit(X)), expected, rtol=1e-9)


def test_late_entry_recovers_the_parameters(case):
    """Customers who left before they could be seen bias nothing, if their entry is told."""
    rows = case.rows(30_000, 12)
    rows["entry"] = np.random.default_rng(2).integers(0, 5, len(rows))
    seen = rows[rows["duration"] > rows["entry"]]
    model = case.model().fit(seen)
    away = (np.log(model.params_) - np.log(pd.Series(case.params))) * model.params_
    assert (np.abs(away / model.standard_errors_) < 3).all()
    # Forgotten, the entry makes customers look loyal: survival is far too high.
    forgetful = case.model().fit(seen.drop(columns="entry"))
    assert forgetful.survival(3) > case.typical().survival(3) + 0.05


def test_covariates_recover_their_coefficients(case):
    """Parameters and coefficients lie within three standard errors of those simulated with."""
    generator = np.random.default_rng(7)
    X = pd.DataFrame(
        {"age": generator.normal(0, 1, 4000).round(1), "promo": generator.integers(0, 2, 4000)}
    )
    coef = {("churn", "age"): 0.5, ("churn", "promo"): -0.7}
    truth = case.model.from_params(case.params, coef=coef)
    rows = truth.simulate(4000, 10, random_state=8, X=X)
    model = case.model(churn_covariates=("age", "promo")).fit(rows)
    expected = np.concatenate([list(case.params.values()), list(coef.values())])
    away = (estimates(model) - expected) / model.standard_errors_.to_numpy()
    assert (np.abs(away) < 3.5).all()
    by_promo = model.expected_lifetime(5, X=pd.DataFrame({"age": [0, 0], "promo": [0, 1]}))
    assert by_promo[1] > by_promo[0]


def test_covariates_may_be_those_of_cohorts(case):
    """Counts by cohort with a price give the model of rows with that price."""
    truth = case.model.from_params(case.params, coef={("churn", "price"): 0.4})
    parts = []
    for price in (0.0, 1.0, 2.0):
        X = pd.DataFrame({"price": np.full(500, price)})
        parts.append(truth.simulate(500, 6, random_state=int(price), X=X))
    counts = [as_counts(part).assign(cohort=i, price=float(i)) for i, part in enumerate(parts)]
    model = case.model(churn_covariates=["price"])
    by_rows = estimates(model.fit(pd.concat(parts)))
    by_counts = model.fit(pd.concat(counts))
    np.testing.assert_allclose(estimates(by_counts), by_rows, rtol=1e-7)
    assert list(by_counts.feature_names_in_) == ["duration", "churned", "price"]


def test_the_unit_of_time_says_how_long_a_period_is_and_nothing_else(case):
    """Estimates are those of periods; a year's discount is that of twelve months."""
    rows = case.rows(600)
    rows.attrs.clear()
    years, months = (case.model(time_unit=unit).fit(rows) for unit in ("year", "month"))
    np.testing.assert_array_equal(estimates(years), estimates(months))
    monthly = months.value(10.0, annual_discount_rate=0.10)
    assert monthly == pytest.approx(years.value(10.0, annual_discount_rate=1.1 ** (1 / 12) - 1))
    assert monthly > years.value(10.0, annual_discount_rate=0.10)
    rows.attrs["time_unit"] = "week"
    with pytest.raises(DataError, match="must be measured in time_unit 'year'"):
        years.transform(rows)


def test_the_posterior_agrees_with_the_estimates_where_data_are_many(case):
    """Draws are reliable; their median is within a standard error of the maximum."""
    rows = case.rows(4000, 10)
    counts = as_counts(rows)
    model = case.model(random_state=1).fit(counts).sample_posterior(counts, 400)
    assert model.posterior_diagnostic_.reliable
    assert list(model.posterior_.columns) == list(model.params_.index)
    logs = np.log(model.posterior_.median()) - np.log(model.params_)
    assert (np.abs(logs * model.params_ / model.standard_errors_) < 1).all()
    again = case.model(random_state=1).fit(rows).sample_posterior(rows, 400)
    np.testing.assert_allclose(again.posterior_, model.posterior_, rtol=1e-5)
    with pytest.raises(ValueError, match="X must be the 4000 customers"):
        model.sample_posterior(rows.iloc[1:])


def test_who_has_left_does_not_renew(case):
    """Both columns are 0 for a customer who left, whatever the tenure."""
    rows = pd.DataFrame({"duration": [1, 5, 0, 5], "churned": [1, 1, 0, 0]})
    model = case.typical(horizon=3)
    out = model.transform(rows)
    assert (out.iloc[:2] == 0).all(axis=None)
    np.testing.assert_allclose(out["retention_probability"][2:], model.retention([1, 6]))
    S = model.survival(np.arange(9))
    expected = [S[1] + S[2] + S[3], (S[6] + S[7] + S[8]) / S[5]]
    np.testing.assert_allclose(out["expected_renewals"][2:], expected, rtol=1e-12)
    pd.testing.assert_series_equal(model.predict(rows), out["expected_renewals"])
    part = case.typical(horizon=3.9)
    pd.testing.assert_frame_equal(part.transform(rows), out)
    assert (case.typical(horizon=0).predict(rows) == 0).all()


def test_renewals_for_ever_are_infinite_where_lifetimes_are(case):
    """An infinite expectation is given as such, with a warning."""
    rows = pd.DataFrame({"duration": [2], "churned": [0]})
    model = case.typical(horizon=np.inf)
    if case.endless:
        with pytest.warns(RuntimeWarning, match="renewals expected for ever is infinite"):
            assert np.isinf(model.predict(rows)).all()
        with pytest.warns(RuntimeWarning, match="renewals expected for ever is infinite"):
            model.transform(rows)
    else:
        assert np.isfinite(model.predict(rows)).all()


def test_the_value_of_customers_is_margin_times_discounted_renewals(case):
    """A number or a column of margins; before a renewal a period's discount more than after."""
    rows = pd.DataFrame({"duration": [0, 3, 3], "churned": [0, 0, 1], "fee": [10.0, 20.0, 30.0]})
    model = case.typical(time_unit="month")
    rate = np.log(1.1) / 12
    after = model.customer_value(rows, "fee")
    residual = model.discounted_residual_lifetime([0, 3], rate, when="after_renewal")
    np.testing.assert_allclose(after, [10 * residual[0], 20 * residual[1], 0], rtol=1e-12)
    before = model.customer_value(rows, "fee", when="before_renewal")
    np.testing.assert_allclose(before, after * np.exp(rate), rtol=1e-12)
    pd.testing.assert_series_equal(
        model.customer_value(rows, 10.0, horizon=6) * 2, model.customer_value(rows, 20, horizon=6.5)
    )
    one = model.customer_value(rows, 1.0, annual_discount_rate=0, horizon=1)
    np.testing.assert_allclose(one[:2], model.retention([1, 4]), rtol=1e-12)


def test_values_are_refused_that_cannot_be(case):
    """Margins, rates, horizons and words out of their range are named."""
    rows = pd.DataFrame({"duration": [0, 3], "churned": [0, 0], "fee": [10.0, -2.0]})
    model = case.typical()
    for arguments, message in [
        ({"margin": -1.0}, "margin must be a finite number of at least 0"),
        ({"margin": "fee"}, r"the margin fee must not be negative; row 1 has fee=-2.0"),
        ({"margin": "price"}, "missing: price"),
        ({"margin": 1.0, "annual_discount_rate": 0.0}, "annual_discount_rate must be positive"),
        ({"margin": 1.0, "horizon": -1.0}, "horizon must be a number of at least 0"),
        ({"margin": 1.0, "when": "later"}, "when must be one of before_renewal, after_renewal"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.customer_value(rows, **arguments)
    with pytest.raises(ValueError, match="margin must be a number where X is an array"):
        model.customer_value(rows.to_numpy()[:, :2], "fee")


def test_a_file_gives_the_same_model(case, tmp_path):
    """Saved and loaded, with what was observed and drawn; small, without an id."""
    rows = case.rows(300, 9)
    model = case.model(random_state=2, cohort_size={"a": 3.0}).fit(rows)
    model.save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 20_000
    assert "c0001" not in text
    if case.model.__name__ in retention.__all__:
        again = custvalue.load(tmp_path / "model.json")
        pd.testing.assert_frame_equal(again.observed_, model.observed_)
        pd.testing.assert_frame_equal(again.projection(9), model.projection(9))
        pd.testing.assert_frame_equal(again.transform(rows), model.transform(rows))


def test_what_is_observed_is_kept_by_period(case):
    """Shares by period agree with counts; the columns read are named without a default entry."""
    rows = case.rows()
    model = case.model().fit(rows)
    counts = as_counts(rows)["customers"].to_numpy()
    assert list(model.observed_.columns) == ["at_risk", "churned", "retention", "survival"]
    assert model.observed_.index.name == "period"
    np.testing.assert_allclose(model.observed_["survival"], counts / 3000, rtol=1e-12)
    np.testing.assert_allclose(model.observed_["at_risk"][1:], counts[:-1])
    assert list(model.feature_names_in_) == ["duration", "churned"]
    assert model.n_features_in_ == 2
    late = model.fit(rows[rows["duration"] > 1].assign(entry=1))
    assert list(late.feature_names_in_) == ["duration", "churned", "entry"]


def test_tables_that_tell_nothing_are_refused(case):
    """Nobody left, everybody left at once, weights with counts, shares without a size."""
    one = pd.DataFrame({"duration": [1, 2, 3], "churned": [0, 0, 0]})
    with pytest.raises(DataError, match=f"{case} needs at least one customer who left"):
        case.model().fit(one)
    with pytest.raises(DataError, match=f"{case} needs at least one renewal"):
        case.model().fit(pd.DataFrame({"duration": [1, 1], "churned": [1, 1]}))
    flat = pd.DataFrame({"period": [0, 1, 2], "customers": [9, 9, 9]})
    with pytest.raises(DataError, match="at least one customer who left"):
        case.model().fit(flat)
    with pytest.raises(DataError, match="at least one renewal"):
        case.model().fit(flat.assign(customers=[9, 0, 0]))
    falling = flat.assign(customers=[9, 5, 4])
    with pytest.raises(ValueError, match="sample_weight must be left out where X has survival"):
        case.model().fit(falling, sample_weight=[1, 1, 1])
    with pytest.raises(ValueError, match="cohort_size must be given with survival"):
        case.model().fit(flat.assign(survival=[1, 0.5, 0.4]).drop(columns="customers"))
    with pytest.raises(DataError, match="needs the columns duration, churned; missing: duration"):
        case.typical().transform(falling)
    with pytest.raises(ValueError, match="must not be a column that the model describes"):
        case.model(churn_covariates=("duration",)).fit(case.rows(50))


def test_a_model_of_given_parameters_has_no_uncertainty(case):
    """It predicts, and says so when asked how sure it is."""
    with pytest.raises(NoUncertaintyError, match="made from_params"):
        case.typical().projection(3)
    with pytest.raises(NotFittedError):
        case.model().score(case.rows(20))
    with pytest.raises(NotFittedError):
        case.model().sample_posterior(case.rows(20))


def test_a_refit_follows_the_covariates_of_the_constructor(case):
    """Covariates of counts are those asked for now, not those of an earlier fit."""
    counts = pd.concat(
        as_counts(case.rows(400, 6, seed=i)).assign(cohort=i, price=float(i)) for i in range(3)
    )
    model = case.model(churn_covariates=("price",)).fit(counts)
    assert len(model.coef_) == 1
    model.set_params(churn_covariates=()).fit(counts)
    assert len(model.coef_) == 0


def test_extreme_parameters_stay_finite(case):
    """With every parameter at 0.01, at 1 and at 1000 nothing is NaN, near or far."""
    rows = pd.DataFrame({"duration": [0, 1, 10, 10_000, 10**6], "churned": [0, 1, 0, 0, 0]})
    for value in (0.01, 1.0, 1000.0):
        extreme = case.model.from_params(dict.fromkeys(case.params, value))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            frames = [
                extreme.transform(rows),
                extreme.customer_value(rows, 1.0),
                pd.Series(extreme.survival([0, 1, 10_000])),
                pd.Series(extreme.discounted_residual_lifetime([0, 3, 10_000], 0.01)),
            ]
        assert all(np.isfinite(frame).all(axis=None) for frame in frames)


def fitted(case, **constructor):
    """Return a model of 3000 customers."""
    return case.model(random_state=0, **constructor).fit(case.rows())


def some(case):
    """Return customers of several tenures, the last of whom left."""
    return case.rows(40, np.arange(40) % 9).assign(churned=[0] * 39 + [1])


def test_intervals_of_renewals_hold_the_mean_and_end_at_whole_numbers(case):
    """Chance makes them wider than the uncertainty of the mean; who left has none."""
    model, customers = fitted(case), some(case)
    renewals = model.predict_interval(customers)
    mean = model.predict_interval(customers, of="mean")
    expected = model.predict(customers)
    assert ((mean["lower"] <= expected) & (expected <= mean["upper"])).all()
    assert (renewals == np.floor(renewals)).all(axis=None)
    assert (renewals.to_numpy() >= 0).all()
    assert (renewals.to_numpy() <= 10).all()
    width, narrow = (frame["upper"] - frame["lower"] for frame in (renewals, mean))
    assert (width[:-1] > narrow[:-1]).all()
    assert (renewals.iloc[-1] == 0).all()
    assert (mean.iloc[-1] == 0).all()
    pd.testing.assert_index_equal(renewals.index, customers.index)


def test_an_interval_does_not_depend_on_the_other_rows(case):
    """Nor does one of a total on their order, or on whether equal rows are one with a weight."""
    model, customers = fitted(case), some(case)
    for of in ("renewals", "mean"):
        whole = model.predict_interval(customers, of=of)
        pd.testing.assert_frame_equal(
            model.predict_interval(customers.iloc[5:9], of=of), whole.iloc[5:9]
        )
        total = model.predict_interval(customers, of=of, total=True)
        turned = model.predict_interval(customers.iloc[::-1], of=of, total=True)
        pd.testing.assert_frame_equal(turned, total)
        twice = model.predict_interval(pd.concat([customers] * 2), of=of, total=True)
        weighted = model.predict_interval(customers, of=of, total=True, sample_weight=[2] * 40)
        pd.testing.assert_frame_equal(weighted, twice)


def test_intervals_come_from_the_posterior_where_there_is_one(case, tmp_path):
    """Of few draws they differ from those of the estimates; a loaded model gives the same."""
    model, customers = fitted(case), some(case)
    from_estimates = model.predict_interval(customers, of="mean")
    model.sample_posterior(case.rows(), 50, random_state=1)
    found = model.predict_interval(customers, of="mean")
    assert (found != from_estimates).any(axis=None)
    model.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json").predict_interval(customers, of="mean")
    pd.testing.assert_frame_equal(again, found, rtol=1e-12)
    figure = model.expected_lifetime(9, level=0.9)
    draws = (dict(one) for _, one in model.posterior_.iterrows())
    ends = [case.model.from_params(one).expected_lifetime(9) for one in draws]
    for end in (figure["lower"], figure["upper"]):
        assert np.isclose(ends, end, rtol=1e-9).any()


def test_intervals_that_cannot_be_are_refused(case):
    """Arguments are named; a model without uncertainty says so; an endless horizon has no total."""
    model, customers = fitted(case), some(case)
    with pytest.raises(ValueError, match="of must be one of renewals, mean; found 'purchases'"):
        model.predict_interval(customers, of="purchases")
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        model.predict_interval(customers, level=1.5)
    with pytest.raises(ValueError, match="whole numbers of customers for a total"):
        model.predict_interval(customers, total=True, sample_weight=[0.5] * 40)
    model.set_params(horizon=20_000)
    with pytest.raises(ValueError, match="horizon must not exceed 10000 .*found 20000"):
        model.predict_interval(customers, total=True)
    model.set_params(horizon=np.inf)
    with pytest.raises(ValueError, match="horizon must be finite for an interval; found inf"):
        model.predict_interval(customers)
    with pytest.raises(NoUncertaintyError):
        case.typical().predict_interval(customers)
    with pytest.raises(NotFittedError):
        case.model().predict_interval(customers)


def test_too_few_renewals_are_refused_before_the_fit(case):
    """One cannot tell more than one parameter: only the geometric model takes it."""
    counts = pd.DataFrame({"period": [0, 1], "customers": [100, 60]})
    if len(case.params) == 1:
        assert case.model().fit(counts).params_["odds"] == pytest.approx(40 / 60, rel=1e-6)
        return
    with pytest.raises(DataError, match="needs at least . renewals .*; found 1. Fit Geometric"):
        case.model().fit(counts)


def test_a_frame_of_neither_form_is_told_of_both(case):
    """Names are as they are written, capitals too."""
    counts = pd.DataFrame({"Period": [0, 1, 2], "Customers": [100, 60, 40]})
    with pytest.raises(DataError, match="duration, churned .* or period, customers .*: Period, Cu"):
        case.model().fit(counts)
