"""Survival, lifetime, value and projections of new customers agree with one another."""

import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import NoUncertaintyError
from custvalue.retention._new_customers import periods_ahead
from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.geometric import Geometric
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo
from support.contractual import CASES, as_counts

every = pytest.mark.parametrize("case", CASES, ids=str)
positive = st.floats(-3, 3).map(lambda x: 10.0**x)


@settings(max_examples=30)
@given(alpha=positive, beta=positive, c=st.floats(0.1, 4))
def test_survival_falls_and_retention_is_its_ratio(alpha, beta, c):
    """S(0) = 1, S never rises, r(t) = S(t) / S(t - 1), churn is the rest."""
    for model in (
        ShiftedBetaGeo.from_params({"alpha": alpha, "beta": beta}),
        BetaDiscreteWeibull.from_params({"alpha": alpha, "beta": beta, "c": c}),
        Geometric.from_params({"odds": alpha}),
    ):
        S = model.survival(np.arange(30))
        assert S[0] == 1
        assert (np.diff(S) <= 1e-15).all()
        assert ((S >= 0) & (S <= 1)).all()
        retention, churn = model.retention(np.arange(1, 30)), model.churn(np.arange(1, 30))
        np.testing.assert_allclose(np.cumprod(retention), S[1:], rtol=1e-9, atol=1e-300)
        np.testing.assert_allclose(retention + churn, 1, rtol=1e-12)


@every
def test_a_number_gives_a_float_and_a_list_an_array(case):
    """The shape of the answer is that of the question."""
    model = case.typical()
    for method in (model.survival, model.retention, model.churn):
        assert isinstance(method(3), float)
        assert method([3]).shape == (1,)
        np.testing.assert_array_equal(method([1, 3])[1], method(3))


@every
def test_lifetimes_are_sums_of_survival(case):
    """Over a horizon, the first period counted; parts of a period bring nothing."""
    model = case.typical()
    S = model.survival(np.arange(31))
    assert model.expected_lifetime(30) == pytest.approx(S.sum(), rel=1e-12)
    assert model.expected_lifetime(30.9) == model.expected_lifetime(30)
    assert model.expected_lifetime(0) == 1
    discounts = np.exp(-0.07 * np.arange(31))
    assert model.discounted_expected_lifetime(0.07, 30) == pytest.approx(S @ discounts, rel=1e-12)
    assert model.discounted_expected_lifetime(0.0, 30) == pytest.approx(S.sum(), rel=1e-12)
    far = model.discounted_expected_lifetime(0.07, 2000)
    assert model.discounted_expected_lifetime(0.07) == pytest.approx(far, rel=1e-10)


@every
def test_an_infinite_lifetime_is_said(case):
    """For ever is infinite where customers hardly leave, and a warning says so."""
    model = case.typical()
    if case.endless:
        with pytest.warns(RuntimeWarning, match="periods expected for ever is infinite"):
            assert model.expected_lifetime() == np.inf
    else:
        assert model.expected_lifetime() == pytest.approx(model.expected_lifetime(1e9), rel=1e-3)
    assert np.isfinite(model.expected_lifetime(1e6))


def test_closed_forms_of_the_expected_lifetime():
    """sBG: (alpha + beta - 1) / (alpha - 1) for alpha > 1; geometric: 1 / theta."""
    model = ShiftedBetaGeo.from_params({"alpha": 1.7, "beta": 4.0})
    assert model.expected_lifetime() == pytest.approx(4.7 / 0.7, rel=1e-12)
    assert Geometric.from_params({"odds": 0.25}).expected_lifetime() == pytest.approx(5, rel=1e-12)
    with pytest.warns(RuntimeWarning, match="infinite"):
        ShiftedBetaGeo.from_params({"alpha": 1.0, "beta": 4.0}).expected_lifetime()


@pytest.mark.parametrize("alpha", [0.668088, 1.0, 3.2])
@pytest.mark.parametrize("tenure", [0, 1, 4, 50])
def test_discounted_lifetimes_are_those_of_fader_and_hardie(alpha, tenure):
    """DEL = 2F1(1, b; a + b; 1/(1+d)); DERL with 2F1 as well, by mpmath.

    Fader and Hardie (2010), equations 5 and 6: a customer with n - 1 renewals, standing before the
    n-th, has DERL (b + n - 1)/(a + b + n - 1) 2F1(1, b + n; a + b + n; 1/(1+d)).
    """
    beta, d, n = 3.806095, 0.1, tenure + 1
    model = ShiftedBetaGeo.from_params({"alpha": alpha, "beta": beta})
    rate = np.log1p(d)
    expected = float(mpmath.hyp2f1(1, beta, alpha + beta, 1 / (1 + d)))
    assert model.discounted_expected_lifetime(rate) == pytest.approx(expected, rel=1e-11)
    ratio = (beta + n - 1) / (alpha + beta + n - 1)
    expected = ratio * float(mpmath.hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + d)))
    found = model.discounted_residual_lifetime(tenure, rate)
    assert found == pytest.approx(expected, rel=1e-11)


@every
def test_before_a_renewal_is_worth_a_period_of_discount_more_than_after(case):
    """The same payments, each a period earlier; the default is before."""
    model, tenures = case.typical(), np.array([0, 1, 7, 100])
    before = model.discounted_residual_lifetime(tenures, 0.05, when="before_renewal")
    after = model.discounted_residual_lifetime(tenures, 0.05, when="after_renewal")
    np.testing.assert_allclose(before, after * np.exp(0.05), rtol=1e-13)
    np.testing.assert_array_equal(model.discounted_residual_lifetime(tenures, 0.05), before)
    one = model.discounted_residual_lifetime(tenures, 0.05, horizon=1)
    np.testing.assert_allclose(one, model.retention(tenures + 1), rtol=1e-12)
    new = 1 + model.discounted_residual_lifetime(0, 0.05, when="after_renewal")
    assert model.discounted_expected_lifetime(0.05) == pytest.approx(new, rel=1e-12)


def test_those_who_stayed_are_worth_more():
    """Residual lifetime grows with tenure where customers differ, and only there."""
    tenures = [0, 1, 2, 5, 20]
    mixed = ShiftedBetaGeo.from_params({"alpha": 0.7, "beta": 3.8})
    assert (np.diff(mixed.discounted_residual_lifetime(tenures, 0.1)) > 0).all()
    alike = Geometric.from_params({"odds": 0.25})
    constant = 0.8 / (1 - 0.8 * np.exp(-0.1))
    np.testing.assert_allclose(alike.discounted_residual_lifetime(tenures, 0.1), constant)


@every
def test_quantiles_are_the_first_period_so_low(case):
    """S falls to 1 - q there and not before."""
    model = case.typical()
    for q in (0.01, 0.3, 0.5, 0.9, 0.99):
        t = model.lifetime_quantile(q)
        assert isinstance(t, float)
        assert model.survival(t) <= (1 - q) * (1 + 1e-11)
        assert model.survival(t - 1) > 1 - q
    assert model.median_lifetime() == model.lifetime_quantile(0.5)


@every
def test_value_is_margin_times_discounted_lifetime_less_what_it_cost(case):
    """By the year or by the month; a horizon counts renewals."""
    model = case.typical(time_unit="month")
    rate = np.log(1.1) / 12
    expected = 20 * model.discounted_expected_lifetime(rate) - 30
    assert model.value(20, acquisition_cost=30) == pytest.approx(expected, rel=1e-12)
    undiscounted = model.value(20, annual_discount_rate=0, horizon=12)
    assert undiscounted == pytest.approx(20 * model.expected_lifetime(12), rel=1e-12)


@every
def test_arguments_out_of_their_range_are_named(case):
    """Periods, tenures, rates, words and probabilities."""
    model = case.typical()
    for call, message in [
        (lambda: model.survival(-1), "periods must be a whole number of at least 0"),
        (lambda: model.survival(1.5), "periods must be a whole number"),
        (lambda: model.retention(0), "periods must be a whole number of at least 1"),
        (lambda: model.churn([1, 0]), "periods must be a whole number of at least 1"),
        (lambda: model.expected_lifetime(-1), "horizon must be a number of at least 0"),
        (lambda: model.discounted_expected_lifetime(-0.1), "rate must be a finite number"),
        (lambda: model.discounted_expected_lifetime(0.0), "rate must be positive where the hor"),
        (lambda: model.discounted_residual_lifetime(0.5, 0.1), "tenure must be a whole number"),
        (lambda: model.discounted_residual_lifetime(1, 0.1, when="now"), "when must be one of"),
        (lambda: model.lifetime_quantile(1.0), "q must be a number between 0 and 1"),
        (lambda: model.value(-1.0), "margin must be a finite number"),
        (lambda: model.value(1.0, acquisition_cost=-1), "acquisition_cost must be a finite"),
        (lambda: model.value(1.0, annual_discount_rate=0), "annual_discount_rate must be positive"),
        (lambda: model.simulate(0, 3), "n_customers must be a whole number of at least 1"),
        (lambda: model.simulate(3, [1, 2]), "periods must have 3 entries, one a customer; found 2"),
        (lambda: model.simulate(3, -1), "periods must be a whole number"),
        (lambda: model.survival(1, X=pd.DataFrame({"age": [1]})), "has no covariates: leave X out"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


@every
def test_nothing_is_said_before_fit(case):
    """Each method that needs parameters says that it needs a fit."""
    model = case.model()
    for call in (
        lambda: model.survival(1),
        model.expected_lifetime,
        model.median_lifetime,
        lambda: model.value(1.0),
        lambda: model.discounted_residual_lifetime(1, 0.1),
        lambda: model.projection(3),
        lambda: model.simulate(3, 2),
    ):
        with pytest.raises(NotFittedError):
            call()


def with_age():
    """Return a model with a covariate, and the parameters of its customers by age."""
    model = ShiftedBetaGeo.from_params(
        {"alpha": 1.5, "beta": 4.5}, coef={("churn", "age"): 0.8}, horizon=4
    )
    ages = np.array([-1.0, 0.0, 0.0, 2.0])
    logits = np.log(1.5 / 4.5) + 0.8 * ages
    alpha = 6 / (1 + np.exp(-logits))
    alone = [ShiftedBetaGeo.from_params({"alpha": a, "beta": 6 - a}, horizon=4) for a in alpha]
    return model, pd.DataFrame({"age": ages}, index=list("abcd")), alone


def test_covariates_give_every_customer_parameters_of_their_own():
    """Each row is answered as a model of its own parameters answers."""
    model, X, alone = with_age()
    for name, arguments in [
        ("survival", (3,)),
        ("retention", (3,)),
        ("churn", (1,)),
        ("expected_lifetime", (10,)),
        ("discounted_expected_lifetime", (0.1,)),
        ("discounted_residual_lifetime", (2, 0.1)),
        ("lifetime_quantile", (0.7,)),
        ("median_lifetime", ()),
        ("value", (7.0,)),
    ]:
        found = getattr(model, name)(*arguments, X=X)
        expected = [getattr(one, name)(*arguments) for one in alone]
        np.testing.assert_allclose(found, expected, rtol=1e-11, err_msg=name)
        assert list(found.index) == list("abcd")
        assert isinstance(getattr(model, name)(*arguments, X=X.to_numpy()), np.ndarray)
    rows = X.assign(duration=[0, 1, 2, 3], churned=0)
    np.testing.assert_allclose(
        model.predict(rows), [one.predict(rows).iloc[i] for i, one in enumerate(alone)], rtol=1e-11
    )


def test_several_periods_of_several_customers_are_a_table():
    """A row a customer, a column a period."""
    model, X, alone = with_age()
    found = model.survival([0, 2, 5], X=X)
    assert list(found.columns) == [0, 2, 5]
    assert list(found.index) == list("abcd")
    np.testing.assert_allclose(found, [one.survival([0, 2, 5]) for one in alone], rtol=1e-12)
    in_polars = model.survival([0, 2, 5], X=pl.from_pandas(X))
    np.testing.assert_array_equal(in_polars, found)


def test_new_customers_must_have_their_covariates():
    """Without them, or with too few of them, there is no answer."""
    model, X, _ = with_age()
    with pytest.raises(ValueError, match="has covariates: give X with the columns age"):
        model.survival(3)
    with pytest.raises(ValueError, match="missing: age"):
        model.survival(3, X=X.rename(columns={"age": "years"}))
    with pytest.raises(ValueError, match="X must have 9 entries, one a customer; found 4"):
        model.simulate(9, 3, X=X)


@every
def test_simulated_customers_survive_as_they_should(case):
    """Within four standard errors, and censored where their observation ends."""
    model = case.typical(time_unit="month")
    drawn = model.simulate(40_000, 6, random_state=1)
    assert drawn.attrs["time_unit"] == "month"
    assert drawn["duration"].max() == 6
    until = np.where(drawn["churned"] == 1, drawn["duration"], np.inf)
    for t in range(1, 7):
        S = model.survival(t)
        assert abs((until > t).mean() - S) < 4 * np.sqrt(S * (1 - S) / 40_000)
    pd.testing.assert_frame_equal(drawn, model.simulate(40_000, 6, random_state=1))
    some = model.simulate(4, [0, 1, 2, 3], random_state=1)
    assert (some["duration"] <= [0, 1, 2, 3]).all()
    assert some["churned"][0] == 0


@every
def test_projections_are_estimates_with_bands(case):
    """A number is all periods up to it; customers are whole; more certainty is a wider band."""
    counts = as_counts(case.rows(1000))
    model = case.model(random_state=3).fit(counts)
    survival = model.projection(12)
    assert list(survival.index) == list(range(13))
    assert survival.index.name == "period"
    np.testing.assert_allclose(survival["estimate"], model.survival(np.arange(13)), rtol=1e-12)
    assert (survival.loc[0] == 1).all()
    assert (survival["lower"] <= survival["estimate"]).all()
    assert (survival["estimate"] <= survival["upper"]).all()
    wide = model.projection(12, 0.99)
    assert (wide["lower"][1:] < survival["lower"][1:]).all()
    assert (wide["upper"][1:] > survival["upper"][1:]).all()
    retention = model.projection(12, of="retention")
    assert list(retention.index) == list(range(1, 13))
    np.testing.assert_allclose(retention["estimate"], model.retention(np.arange(1, 13)), rtol=1e-12)
    customers = model.projection([3, 9], of="customers", n_customers=200)
    np.testing.assert_allclose(customers["estimate"], 200 * survival["estimate"][[3, 9]])
    assert (customers[["lower", "upper"]] % 1 == 0).all(axis=None)
    chance = (customers["upper"] - customers["lower"]) / 200
    assert (chance > (survival["upper"] - survival["lower"])[[3, 9]]).all()
    pd.testing.assert_frame_equal(survival, model.projection(12))


def test_bands_of_the_posterior_are_taken_where_there_is_one():
    """They agree with those of the estimates, roughly, but are drawn from posterior_."""
    counts = as_counts(CASES[0].rows(1000))
    model = ShiftedBetaGeo(random_state=3).fit(counts)
    before = model.projection(12)
    after = model.sample_posterior(counts, 500).projection(12, n_draws=500)
    np.testing.assert_allclose(after, before, atol=0.02)
    S = [
        ShiftedBetaGeo.from_params(dict(row)).survival(12) for _, row in model.posterior_.iterrows()
    ]
    np.testing.assert_allclose(after.loc[12, ["lower", "upper"]], np.quantile(S, [0.05, 0.95]))


def test_projections_refuse_what_they_cannot_give():
    """Words, levels, draws and the size of the cohort."""
    model = ShiftedBetaGeo().fit(as_counts(CASES[0].rows(300)))
    for arguments, message in [
        ({"of": "churn"}, "of must be one of survival, retention, customers"),
        ({"level": 1.0}, "level must be between 0 and 1"),
        ({"n_draws": 0}, "n_draws must be a whole number"),
        ({"of": "customers"}, "n_customers must be a whole number of at least 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.projection(3, **arguments)
    with pytest.raises(ValueError, match="periods must be a whole number of at least 1"):
        model.projection([0, 1], of="retention")


def test_bands_cover_what_they_promise():
    """Of 90 % bands fitted to 60 simulated cohorts about 54 hold, of survival and of customers.

    At period 14 of cohorts of 500 seen for 7 periods: the true survival, and the number of a second
    cohort. Between 48 and 59 of 60 is within 2.6 standard errors of 54.
    """
    truth = ShiftedBetaGeo.from_params({"alpha": 1.0, "beta": 3.0})
    holds = np.zeros(2)
    for seed in range(60):
        model = ShiftedBetaGeo(random_state=seed).fit(truth.simulate(500, 7, random_state=seed))
        second = truth.simulate(500, 14, random_state=1000 + seed)
        there = (second["churned"] == 0).sum()
        S = model.projection([14], n_draws=400)
        n = model.projection([14], of="customers", n_customers=500, n_draws=400)
        holds += (
            S["lower"][14] <= truth.survival(14) <= S["upper"][14],
            (n["lower"][14] <= there <= n["upper"][14]),
        )
    assert (holds >= 48).all()
    assert (holds <= 59).all()


def test_a_cohort_of_different_customers_survives_as_their_mean():
    """With covariates a projection is of the customers of X together."""
    model, X, alone = with_age()
    rows = model.simulate(4000, 8, random_state=5, X=pd.concat([X] * 1000))
    fitted = ShiftedBetaGeo(churn_covariates=("age",), random_state=1).fit(rows)
    out = fitted.projection(8, X=X)
    np.testing.assert_allclose(
        out["estimate"], fitted.survival(np.arange(9), X=X).mean(axis=0), rtol=1e-12
    )
    truth = np.mean([one.survival(np.arange(9)) for one in alone], axis=0)
    assert (np.abs(out["estimate"] - truth) < 0.03).all()
    retention = fitted.projection(8, of="retention", X=X)["estimate"].to_numpy()
    np.testing.assert_allclose(retention, out["estimate"][1:] / out["estimate"][:-1].to_numpy())


def test_before_the_renewal_payments_come_a_period_earlier():
    """One period, or none; another word is refused."""
    assert periods_ahead("before_renewal") == 1
    assert periods_ahead("after_renewal") == 0
    with pytest.raises(ValueError, match="when must be one of"):
        periods_ahead(None)


@every
def test_figures_with_a_level_have_one_form(case):
    """Estimate, lower and upper: the estimate is that without a level, and lies between them."""
    model = case.model(random_state=0).fit(case.rows())
    figures = {
        "expected_lifetime": lambda **more: model.expected_lifetime(12, **more),
        "discounted_expected_lifetime": lambda **more: model.discounted_expected_lifetime(
            0.1, **more
        ),
        "discounted_residual_lifetime": lambda **more: model.discounted_residual_lifetime(
            3, 0.1, **more
        ),
        "value": lambda **more: model.value(50.0, acquisition_cost=20.0, **more),
    }
    for name, figure in figures.items():
        found = figure(level=0.9)
        assert list(found.index) == ["estimate", "lower", "upper"]
        assert found.name == name
        assert found["estimate"] == figure()
        assert found["lower"] < found["estimate"] < found["upper"]
        wide = figure(level=0.99)
        assert wide["lower"] <= found["lower"]
        assert wide["upper"] >= found["upper"]
        with pytest.raises(ValueError, match="level must be between 0 and 1; found 2"):
            figure(level=2)
        with pytest.raises(ValueError, match="n_draws must be"):
            figure(level=0.9, n_draws=0)
    with pytest.raises(NoUncertaintyError):
        case.typical().value(50.0, level=0.9)


@every
def test_residual_lifetimes_of_several_tenures_are_a_frame(case):
    """Every row is what the tenure has alone."""
    model = case.model(random_state=0).fit(case.rows())
    found = model.discounted_residual_lifetime([0, 5], 0.1, level=0.9)
    assert found.index.name == "tenure"
    for tenure, row in found.iterrows():
        alone = model.discounted_residual_lifetime(tenure, 0.1, level=0.9)
        pd.testing.assert_series_equal(row, alone, check_names=False)


def test_figures_with_covariates_have_a_row_for_each_customer():
    """The index is that of X; several tenures and covariates together are refused."""
    case = CASES[0]
    rows = case.rows().assign(age=lambda frame: np.arange(len(frame)) % 7)
    model = case.model(churn_covariates=("age",), random_state=0).fit(rows)
    X = rows[["age"]].head(5)
    found = model.value(50.0, X=X, level=0.9)
    pd.testing.assert_series_equal(found["estimate"], model.value(50.0, X=X), check_names=False)
    assert ((found["lower"] < found["estimate"]) & (found["estimate"] < found["upper"])).all()
    part = model.value(50.0, X=X.iloc[3:], level=0.9)
    pd.testing.assert_frame_equal(part, found.iloc[3:])
    with pytest.raises(ValueError, match="tenure must be a single number where X and a level"):
        model.discounted_residual_lifetime([1, 2], 0.1, X=X, level=0.9)
    columns = model.discounted_residual_lifetime([1, 2], 0.1, X=X).columns
    assert columns.name == "tenure"


@pytest.mark.parametrize("case", [CASES[0], CASES[2]], ids=str)
def test_intervals_of_a_discounted_lifetime_hold_the_truth(case):
    """Of 40 simulated cohorts between 30 and 39 intervals of 90 % do; by chance 98 times in 100."""
    truth, held = case.typical().discounted_expected_lifetime(0.1), 0
    for seed in range(40):
        rows = case.rows(1500, 8, seed=seed)
        model = case.model(random_state=seed).fit(as_counts(rows))
        _, low, high = model.discounted_expected_lifetime(0.1, level=0.9, n_draws=500)
        held += low <= truth <= high
    assert 30 <= held <= 39


def test_an_endless_lifetime_has_an_infinite_upper_end():
    """The estimate is infinite too and is warned of; over a horizon nothing is."""
    model = CASES[0].model(random_state=0).fit(CASES[0].rows())
    with pytest.warns(RuntimeWarning, match="infinite"):
        found = model.expected_lifetime(level=0.9)
    assert found["upper"] == np.inf
    assert np.isfinite(model.expected_lifetime(20, level=0.9)).all()
