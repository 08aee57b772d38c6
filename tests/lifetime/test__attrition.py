"""What holds for every attrition model: truths of the domain, one model after the other."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custvalue
from custvalue.exceptions import ConvergenceWarning, NoUncertaintyError
from support.attrition import CASES, MODELS

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)
DROPOUT = [case for case in CASES if case.leaves]
PLAIN = [case for case in CASES if not case.constructor]


def test_every_model_has_a_case(case):
    """A model added to the library is tested from then on."""
    assert case.model in MODELS
    assert set(MODELS) == {one.model for one in CASES}


def test_gradient_agrees_with_central_differences(case):
    """Every derivative of every row is that of the log-likelihood.

    The error of central differences is 1e-8 of the rows' own log-likelihood.
    """
    law = case.typical()._fitted_law()
    at = case.typical().params_.to_numpy()
    values, gradient = law(*at).log_likelihood_with_gradient(*case.columns())
    np.testing.assert_allclose(values, law(*at).log_likelihood(*case.columns()), rtol=1e-12)
    for i in range(len(at)):
        step = np.eye(len(at))[i] * at[i] * 1e-5
        up, down = (law(*(at + sign * step)).log_likelihood(*case.columns()) for sign in (1, -1))
        noise = 1e-9 * np.abs(values).max() / at[i]
        difference = (up - down) / (2 * step[i])
        np.testing.assert_allclose(gradient[:, i], difference, rtol=1e-5, atol=noise)


def test_parameters_of_rows_give_what_each_row_gives_alone(case):
    """Arrays of parameters, one entry a row, agree with a law of numbers for every row."""
    law, columns = case.typical()._fitted_law(), case.columns()
    factors = np.linspace(0.5, 2.0, 10)
    together = law(*(value * factors for value in case.params.values()))
    for i, factor in enumerate(factors):
        alone = law(*(value * factor for value in case.params.values()))
        row = tuple(column[i : i + 1] for column in columns)
        for method, more in [
            ("log_likelihood", ()),
            ("probability_alive", (3.0,)),
            ("expected_purchases", (10.0,)),
            ("purchase_probability", (1.0, 10.0)),
            ("discounted_expected_purchases", (0.01, 50.0)),
        ]:
            found = getattr(together, method)(*columns, *more)[i]
            expected = getattr(alone, method)(*row, *more)[0]
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300, err_msg=method)


def test_units_of_time_do_not_matter(case):
    """In days every time and time-scaled parameter is sevenfold, every prediction the same."""
    if case.whole:
        assert case.typical()._fitted_law().time_scaled == ()
        return
    weeks = case.typical()
    law = weeks._fitted_law()
    scales = dict.fromkeys(law.time_scaled, 7) | dict.fromkeys(law.inverse_time_scaled, 1 / 7)
    in_days = {k: v * scales.get(k, 1) for k, v in weeks.params_.items()}
    days = case.model.from_params(
        in_days, **{**case.constructor, "time_unit": "day", "horizon": 52 * 7}
    )
    later = case.summary()
    later[["recency", "T"]] *= 7
    if "log_interval_sum" in later:
        later["log_interval_sum"] += later["frequency"] * np.log(7)
    pd.testing.assert_frame_equal(weeks.transform(case.summary()), days.transform(later), rtol=1e-9)


def test_count_probabilities_add_up_and_have_the_expected_mean(case):
    """Over n they sum to 1, and n P(n) sums to the expected purchases."""
    customers, n = case.summary().iloc[:7], np.arange(400)
    each = case.typical().purchase_probability(customers, n, horizon=10)
    np.testing.assert_allclose(each.sum(axis=1), 1, rtol=1e-10)
    expected = case.typical().expected_purchases(customers, horizon=10)
    np.testing.assert_allclose((each * n).sum(axis=1), expected, rtol=1e-8)
    new = case.typical().purchase_probability_new(n, horizon=10)
    assert new.sum() == pytest.approx(1, abs=1e-10)
    assert new @ n == pytest.approx(case.typical().expected_purchases_new(10), rel=1e-8)


def test_waiting_lowers_the_probability_to_be_alive(case):
    """The longer ago the last purchase, and the further ahead, the fewer are alive."""
    rows = case.summary().iloc[[4] * 31].reset_index(drop=True)
    rows["T"] = rows["recency"] + np.arange(31.0)
    alive = case.typical().probability_alive(rows)
    ahead = [case.typical().probability_alive(rows.iloc[:1], t)[0] for t in (0, 1, 10, 100)]
    if not case.leaves:
        assert (alive == 1).all()
        assert ahead == [1, 1, 1, 1]
        return
    assert (np.diff(alive) < 0).all()
    assert (np.diff(ahead) < 0).all()


def test_a_longer_horizon_brings_more_purchases(case):
    """The expectation grows with the horizon and starts at nothing."""
    horizons = [0, 1, 10, 100, 1000]
    model, customers = case.typical(), case.summary()
    each = np.column_stack([model.expected_purchases(customers, h) for h in horizons])
    assert (each[:, 0] == 0).all()
    assert (np.diff(each, axis=1) >= 0).all()


def test_discounting_takes_away(case):
    """A higher rate is worth less, none is the plain expectation, and for ever is the limit."""
    customers, model = case.summary(), case.typical()
    plain = model.discounted_expected_purchases(customers, 0.0, 52)
    expected = model.expected_purchases(customers, 52)
    pd.testing.assert_series_equal(plain, expected, check_names=False)
    low = model.discounted_expected_purchases(customers, 0.001, 52)
    high = model.discounted_expected_purchases(customers, 0.1, 52)
    assert (high <= low).all()
    assert (low <= plain).all()
    ever = model.discounted_expected_purchases(customers, 0.1)
    far = model.discounted_expected_purchases(customers, 0.1, 599)
    np.testing.assert_allclose(ever, far, rtol=1e-9)


def test_the_next_purchase_comes_when_its_probability_says(case):
    """At the quantile, P(no purchase yet) is 1 - q; beyond P(never) the wait is for ever."""
    customers, model = case.summary(), case.typical()
    for q in (0.1, 0.5, 0.9):
        wait = model.next_purchase_quantile(customers, q)
        never = model.purchase_probability(customers, 0, np.inf)
        assert (np.isinf(wait) == (1 - never < q)).all()
        for customer in wait[np.isfinite(wait)].index:
            row = customers.loc[[customer]]
            none = model.purchase_probability(row, 0, wait[customer]).iloc[0]
            if case.whole:  # the first opportunity by which the probability is reached
                before = model.purchase_probability(row, 0, wait[customer] - 1).iloc[0]
                assert none <= 1 - q < before
            else:
                assert none == pytest.approx(1 - q, abs=1e-8)


def test_heavy_buyers_and_extreme_parameters_stay_finite(case):
    """With every parameter at 0.01, at 1 and at 1000 nothing is NaN or wrongly infinite."""
    for value in (0.01, 1.0, 1000.0):
        names = case.typical()._fitted_law().names
        extreme = case.model.from_params(dict.fromkeys(names, value), **case.constructor)
        frames = [
            extreme.transform(case.summary()),
            extreme.log_likelihood(case.summary()),
            extreme.purchase_probability(case.summary(), [0, 1, 500], horizon=1e4),
            extreme.expected_purchases(case.summary(), horizon=1e6),
            extreme.discounted_expected_purchases(case.summary(), 0.01),
        ]
        assert all(np.isfinite(frame).all(axis=None) for frame in frames)


def test_simulation_agrees_with_the_expectations(case):
    """Simulated customers make the expected number of purchases, within four standard errors."""
    drawn = case.typical().simulate(200_000, 52.0, random_state=1)
    error = drawn["frequency"].std() / np.sqrt(len(drawn))
    expected = case.typical().expected_purchases_new(52.0)
    assert abs(drawn["frequency"].mean() - expected) < 4 * error
    none = (drawn["frequency"] == 0).mean()
    chance = case.typical().purchase_probability_new(0, 52.0)
    assert abs(none - chance) < 4 * np.sqrt(chance * (1 - chance) / len(drawn))


def test_futures_agree_with_the_expectations(case):
    """Drawn futures of each kind of customer have the expected mean, and fit in their span."""
    generator = np.random.default_rng(8)
    law, n = case.typical()._fitted, 40_000
    for i in (1, 2, 4, 5, 6):
        row = tuple(np.repeat(column[i], n) for column in case.columns())
        future = law.simulate_future(*row, 20.0, generator)
        one = tuple(column[:1] for column in row)
        expected = law.expected_purchases(*one, 20.0)[0]
        error = future.counts.std() / np.sqrt(n)
        assert abs(future.counts.mean() - expected) < 4 * error + 1e-9
        none = law.purchase_probability(*one, 0.0, 20.0)[0]
        assert abs((future.counts == 0).mean() - none) < 4 * np.sqrt(none * (1 - none) / n) + 1e-9
        assert (future.span <= 20).all()
        assert (future.span[future.counts > 0] > 0).all()


def test_simulation_is_repeatable_and_valid(case):
    """One seed gives one result, in a table that the model itself accepts."""
    T = np.linspace(0, 60, 481)[:: 8 if case.whole else 1]
    one = case.typical(random_state=7).simulate(len(T), T)
    two = case.typical().simulate(len(T), T, random_state=7)
    pd.testing.assert_frame_equal(one, two)
    assert len(case.typical().transform(one)) == len(T)


def test_simulated_parameters_are_recovered(case):
    """From 40,000 simulated customers the truth lies within four standard errors."""
    truth = case.typical()
    fitted = case.unfitted().fit(truth.simulate(40_000, case.times(40_000), random_state=3))
    assert fitted.convergence_.sound
    away = (fitted.params_ - truth.params_) / fitted.standard_errors_
    assert (away.abs() < 4).all()


def test_intervals_cover_the_truth_as_often_as_they_say(case):
    """Of 40 simulated fits about 36 of the 90 per cent intervals hold the truth, for each letter.

    A binomial with 40 tries and .9 is below 29 once in three thousand times.
    """
    truth = case.typical()
    covered = np.zeros(len(truth.params_))
    for seed in range(40):
        customers = truth.simulate(2000, case.observed[1], random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            ends = case.unfitted().fit(customers).confint(0.9)
        covered += (ends["lower"] < truth.params_) & (truth.params_ < ends["upper"])
    assert (covered >= 29).all()


def test_a_large_fit_reaches_the_maximum(case):
    """70,000 rows, fitted by way of samples: no step away is better, and the gradient vanishes."""
    customers = case.typical().simulate(70_000, case.times(70_000), random_state=5)
    large = case.unfitted().fit(customers)
    at = large.params_.to_numpy()
    for i in range(len(at)):
        for factor in (0.999, 1.001):
            other = at.copy()
            other[i] *= factor
            params = dict(zip(large.params_.index, other, strict=True))
            away = case.model.from_params(params, **case.constructor)
            assert away.score(customers) < large.score(customers)
    assert large.convergence_.gradient_norm < 1e-7


def test_weights_stand_for_customers(case):
    """A weight of three is three equal rows; a weight of zero is no row."""
    customers = case.typical().simulate(600, case.observed[1], random_state=2)
    weights = np.tile([0, 1, 3], 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        weighted = case.unfitted().fit(customers, sample_weight=weights)
        repeated = case.unfitted().fit(customers.loc[customers.index.repeat(weights)])
    pd.testing.assert_series_equal(weighted.params_, repeated.params_, rtol=1e-4)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-10)
    assert weighted.n_customers_ == repeated.n_customers_ == 800


def test_information_criteria_follow_from_the_log_likelihood(case):
    """AIC is 2k - 2LL, BIC is k log n - 2LL, and the score is LL per customer."""
    customers = case.typical().simulate(3000, case.observed[1], random_state=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = case.unfitted().fit(customers)
    k = len(fitted.params_)
    assert fitted.aic_ == pytest.approx(2 * k - 2 * fitted.log_likelihood_)
    assert fitted.bic_ == pytest.approx(k * np.log(3000) - 2 * fitted.log_likelihood_)
    assert fitted.score(customers) == pytest.approx(fitted.log_likelihood_ / 3000)
    assert fitted.log_likelihood(customers).sum() == pytest.approx(fitted.log_likelihood_)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_predictions_are_probabilities_and_counts(case, seed):
    """Whatever the history, P(alive) is in [0, 1], the expectation at least 0, row by row alike."""
    generator = np.random.default_rng(seed)
    T = generator.integers(0, 60, 20) * (1 if case.whole else 1 / 7)
    rows = case.typical().simulate(20, T, random_state=generator)
    out = case.typical().transform(rows)
    assert out["probability_alive"].between(0, 1).all()
    assert (out["expected_purchases"] >= 0).all()
    shuffled = rows.sample(frac=1, random_state=seed)
    again = case.typical().transform(pd.concat([shuffled, shuffled])).iloc[:20]
    pd.testing.assert_frame_equal(again.sort_index(), out, rtol=1e-12)


def test_for_ever_is_said_to_be_infinite(case):
    """Where the undiscounted expectation diverges it is inf, with a warning, not a large number."""
    if not case.endless:
        assert np.isfinite(case.typical().expected_purchases(case.summary(), np.inf)).all()
        return
    with pytest.warns(RuntimeWarning, match="infinite"):
        ever = case.typical().expected_purchases(case.summary().iloc[:7], horizon=np.inf)
    assert np.isinf(ever).all()


def test_a_single_n_gives_a_series_and_several_a_frame(case):
    """The shape of the answer follows from the question."""
    one = case.typical().purchase_probability(case.summary(), 1)
    several = case.typical().purchase_probability(case.summary(), [0, 1])
    assert isinstance(one, pd.Series)
    pd.testing.assert_series_equal(several[1], one, check_names=False)
    array = case.summary().to_numpy()
    assert case.typical().purchase_probability(array, [0, 1]).shape == (10, 2)
    assert isinstance(case.typical().purchase_probability_new(1), float)


def test_new_customers_are_followed_over_several_horizons(case):
    """One call for a curve, equal to a call for each of its points."""
    model = case.typical()
    curve = model.expected_purchases_new([0, 1, 10])
    np.testing.assert_allclose(curve, [model.expected_purchases_new(t) for t in (0, 1, 10)])


def covariate_model(case, **constructor):
    """Return a model with one covariate on every process, at known coefficients."""
    links = case.typical()._fitted_law().links
    names = {f"{process}_covariates": ("web",) for process in links}
    coef = {(process, "web"): 0.4 for process in links}
    return case.model.from_params(
        case.params, coef=coef, **{**case.constructor, **names, **constructor}
    )


def test_coefficients_are_recovered(case):
    """Of 20,000 simulated customers, within four standard errors; all predictions use them."""
    truth, X = covariate_model(case), pd.DataFrame({"web": np.tile([0.0, 1.0], 10_000)})
    customers = truth.simulate(20_000, case.times(20_000), random_state=6, X=X)
    fitted = case.model(**truth.get_params()).fit(customers)
    assert fitted.convergence_.sound
    errors = fitted.standard_errors_.iloc[len(fitted.params_) :].to_numpy()
    assert (np.abs(fitted.coef_ - 0.4) < 4 * errors).all()
    assert list(fitted.coef_.index) == list(truth.coef_.index)
    few = case.summary().assign(web=0.0)
    at_zero = case.typical().transform(case.summary())
    pd.testing.assert_frame_equal(truth.transform(few), at_zero, rtol=1e-9)
    assert not np.allclose(truth.predict(few.assign(web=1.0)), truth.predict(few))


def test_new_customers_of_a_model_with_covariates_need_them(case):
    """Without X the question has no answer, and the message says what is missing."""
    model = covariate_model(case)
    with pytest.raises(ValueError, match="give X with the columns web"):
        model.expected_purchases_new(52)
    both = model.expected_purchases_new(52, X=pd.DataFrame({"web": [0.0, 1.0]}))
    assert both[0] == pytest.approx(case.typical().expected_purchases_new(52), rel=1e-9)
    assert both[0] != both[1]


def test_a_penalised_fit_has_no_standard_errors_and_says_why(case):
    """The log-likelihood stays what it is; covariance and criteria are absent."""
    X = pd.DataFrame({"web": np.tile([0.0, 1.0], 2000)})
    truth = covariate_model(case, l2=100.0)
    customers = truth.simulate(4000, case.times(4000), random_state=6, X=X)
    fitted = case.model(**truth.get_params()).fit(customers)
    assert fitted.log_likelihood(customers).sum() == pytest.approx(fitted.log_likelihood_)
    assert not hasattr(fitted, "aic_")
    with pytest.raises(NoUncertaintyError, match=r"l2=100.0: a penalised estimate has no"):
        fitted.confint()


def fitted_small(case):
    """Return a model fitted on 3,000 simulated customers, and these."""
    customers = case.typical().simulate(3000, case.times(3000), random_state=4)
    return case.unfitted().fit(customers), customers


def test_posterior_and_normal_draws_agree_where_there_are_many_customers(case):
    """Means within a fifth of a standard error or so, deviations within a fifth, and k is small."""
    fitted, customers = fitted_small(case)
    fitted.sample_posterior(customers, 1000, random_state=1)
    assert fitted.posterior_.shape == (1000, len(fitted.params_))
    assert fitted.posterior_diagnostic_.reliable
    logs = np.log(fitted.posterior_)
    errors = fitted.standard_errors_ / fitted.params_
    away = (logs.mean() - np.log(fitted.params_)) / errors
    # The prior and the skewness of the likelihood move the mean by less than a standard error.
    assert (away.abs() < 1).all()
    assert ((logs.std() / errors).between(0.6, 1.5)).all()


def test_days_and_weeks_give_the_same_draws(case):
    """The priors do not know the unit of time."""
    if case.whole:
        return
    customers = case.typical().simulate(500, case.times(500), random_state=4)
    later = customers.copy()
    later.attrs = {}
    later[["recency", "T"]] *= 7
    if "log_interval_sum" in later:
        later["log_interval_sum"] += later["frequency"] * np.log(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        weeks = case.unfitted().fit(customers).sample_posterior(customers, 200, random_state=1)
        days = case.unfitted(time_unit="day").fit(later)
        days.sample_posterior(later, 200, random_state=1)
    law = weeks._fitted_law()
    scaled = weeks.posterior_.copy()
    scaled[list(law.time_scaled)] *= 7
    scaled[list(law.inverse_time_scaled)] /= 7
    pd.testing.assert_frame_equal(scaled, days.posterior_, rtol=1e-2)


def test_intervals_hold_most_of_the_customers_to_come(case):
    """Of 3,000 futures at least 87 per cent lie within the 90 per cent interval."""
    fitted, customers = fitted_small(case)
    horizon = 20.0
    generator = np.random.default_rng(9)
    columns = tuple(customers[name].to_numpy() for name in fitted._fitted_law().columns)
    truth = case.typical()._fitted.simulate_future(*columns, horizon, generator).counts
    ends = fitted.predict_interval(customers, 0.9, horizon=horizon, n_draws=400, random_state=2)
    assert ((ends["lower"] <= truth) & (truth <= ends["upper"])).mean() >= 0.87
    mean = fitted.predict_interval(customers, of="mean", horizon=20, n_draws=100, random_state=2)
    expected = fitted.expected_purchases(customers, 20)
    assert ((mean["lower"] <= expected) & (expected <= mean["upper"])).mean() > 0.95
    total = fitted.predict_interval(customers, horizon=20, total=True, n_draws=400, random_state=2)
    assert total.loc["total", "lower"] < expected.sum() < total.loc["total", "upper"]


def test_saved_and_loaded_it_predicts_and_is_as_unsure(case, tmp_path):
    """Every prediction to the last digit, intervals from the covariance too, in a small file."""
    fitted, customers = fitted_small(case)
    fitted.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(again.transform(customers), fitted.transform(customers))
    one, two = (
        model.predict_interval(customers.iloc[:9], n_draws=50, random_state=0)
        for model in (fitted, again)
    )
    pd.testing.assert_frame_equal(one, two)
    assert (tmp_path / "model.json").stat().st_size < 4000


ARGUMENTS = {
    "horizon negative": (lambda m, X: m.expected_purchases(X, -1), "horizon must be a number"),
    "horizon NaN": (lambda m, X: m.expected_purchases(X, np.nan), "horizon must be a number"),
    "horizon words": (lambda m, X: m.expected_purchases(X, "soon"), "horizon must be a number"),
    "ahead negative": (lambda m, X: m.probability_alive(X, ahead=-0.1), "ahead must be a number"),
    "rate negative": (lambda m, X: m.discounted_expected_purchases(X, -0.1, 5), "rate must be"),
    "no rate for ever": (lambda m, X: m.discounted_expected_purchases(X, 0), "rate must be posit"),
    "n negative": (lambda m, X: m.purchase_probability(X, -1), "n must be a whole number"),
    "n fractional": (lambda m, X: m.purchase_probability(X, 1.5), "n must be a whole number"),
    "q": (lambda m, X: m.next_purchase_quantile(X, 1.0), "q must be a number between 0 and 1"),
    "interval level": (lambda m, X: m.predict_interval(X, 0), "level must be between"),
    "interval of": (lambda m, X: m.predict_interval(X, of="value"), "of must be one of purchases"),
    "interval draws": (lambda m, X: m.predict_interval(X, n_draws=0), "n_draws must be a whole"),
    "interval for ever": (
        lambda m, X: m.predict_interval(X, horizon=np.inf),
        "horizon must be finite",
    ),
    "interval of given": (lambda m, X: m.predict_interval(X), "were given, not estimated"),
    "posterior draws": (lambda m, X: m.sample_posterior(X, 1.5), "n_draws must be a whole"),
    "prior": (lambda m, X: m.sample_posterior(X, prior={"x": (0, 1)}), "prior must name"),
    "n_customers": (lambda m, X: m.simulate(0, 10), "n_customers must be a whole number"),
    "T negative": (lambda m, X: m.simulate(3, -1.0), "T must be finite and not negative"),
    "T of another length": (lambda m, X: m.simulate(3, [1.0, 2.0]), r"shape \(3,\)"),
    "params missing": (lambda m, X: type(m).from_params({}), "params must be exactly"),
    "params negative": (
        lambda m, X: type(m).from_params(dict.fromkeys(m.params_.index, -1)),
        "params must be positive",
    ),
    "coef of no process": (
        lambda m, X: type(m).from_params(dict(m.params_), coef={("spend", "age"): 1.0}),
        "coef must be finite, by process",
    ),
    "l2 negative": (lambda m, X: type(m)(l2=-1.0).fit(X), "'l2' parameter"),
    "covariate twice": (
        lambda m, X: type(m)(purchase_covariates=("T", "T")).fit(X),
        "purchase_covariates must be different",
    ),
    "covariate missing": (
        lambda m, X: type(m)(purchase_covariates=("age",)).fit(X),
        "missing: age",
    ),
    "covariate constant": (
        lambda m, X: type(m)(purchase_covariates=("age",)).fit(X.assign(age=3.0)),
        "a covariate must vary; column 'age' is 3 in all 10 rows",
    ),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_wrong_arguments_are_refused(case, argument):
    """Each wrong argument is one error that names it."""
    call, message = ARGUMENTS[argument]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=message):
            call(case.typical(), case.summary())


def test_given_parameters_have_no_uncertainty_and_say_so(case):
    """A model of published parameters predicts, and refuses to state standard errors."""
    published = case.typical()
    assert not hasattr(published, "standard_errors_")
    with pytest.raises(ValueError, match="were given, not estimated"):
        published.confint()
    with pytest.raises(AttributeError, match="no attribute 'surprise'"):
        _ = published.surprise
    with pytest.raises(ValueError, match="call sample_posterior first"):
        _ = published.posterior_


def test_a_fold_without_repeat_buyers_is_scored(case):
    """New customers alone cannot be fitted, but their likelihood is defined."""
    new = case.summary().iloc[:2]
    assert np.isfinite(case.typical().score(new))
    with pytest.raises(ValueError, match="at least one repeat purchase"):
        case.unfitted().fit(new)


def test_weights_that_leave_no_repeat_buyer_are_refused(case):
    """The message counts the rows that count."""
    with pytest.raises(ValueError, match="frequency is 0 in all 2 rows that count"):
        case.unfitted().fit(case.summary(), sample_weight=[1, 1] + [0] * 8)


def test_100_customers_whose_optimum_lies_at_infinity_still_have_intervals(case):
    """Everybody has just bought: no dropout can be told, and the posterior says how little."""
    customers = case.summary().iloc[[3] * 50 + [5] * 50].reset_index(drop=True)
    customers["T"] = customers["recency"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = case.unfitted().fit(customers)
        fitted.sample_posterior(customers, 500, random_state=0)
    assert np.isfinite(fitted.posterior_).all(axis=None)
    ends = fitted.predict_interval(customers, horizon=20, random_state=0)
    assert np.isfinite(ends).all(axis=None)
    assert (ends["upper"] > 0).all()
    # At the rate seen, 20 weeks bring about 20 x / T purchases; ten times that is not sensible.
    seen = 20 * customers["frequency"] / customers["T"]
    assert (ends["upper"] < 10 * seen + 20).all()
