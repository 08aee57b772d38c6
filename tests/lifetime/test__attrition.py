"""What holds for every attrition model: truths of the domain, one model after the other."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.attrition import MODELS, histories, typical

pytestmark = pytest.mark.parametrize("model", MODELS)

HISTORY = dict(zip(("frequency", "recency", "T"), histories(), strict=True))


def summary():
    """Return customers of every kind as a frame."""
    return pd.DataFrame(HISTORY, index=pd.Index([f"c{i}" for i in range(10)], name="customer_id"))


def test_gradient_agrees_with_central_differences(model):
    """Every derivative of every row is that of the log-likelihood.

    The error of central differences is 1e-8 of the rows' own log-likelihood.
    """
    law = type(typical(model)._fitted)
    at = typical(model).params_.to_numpy()
    values, gradient = law(*at).log_likelihood_with_gradient(*histories())
    np.testing.assert_allclose(values, law(*at).log_likelihood(*histories()), rtol=1e-12)
    for i in range(len(at)):
        step = np.eye(len(at))[i] * at[i] * 1e-5
        up, down = (law(*(at + sign * step)).log_likelihood(*histories()) for sign in (1, -1))
        noise = 1e-9 * np.abs(values).max() / at[i]
        difference = (up - down) / (2 * step[i])
        np.testing.assert_allclose(gradient[:, i], difference, rtol=1e-5, atol=noise)


def test_units_of_time_do_not_matter(model):
    """In days every time and time-scaled parameter is sevenfold, every prediction the same."""
    weeks = typical(model)
    scaled = weeks._law.time_scaled
    in_days = {k: v * (7 if k in scaled else 1) for k, v in weeks.params_.items()}
    days = model.from_params(in_days, time_unit="day", horizon=52 * 7)
    later = summary()
    later[["recency", "T"]] *= 7
    pd.testing.assert_frame_equal(weeks.transform(summary()), days.transform(later), rtol=1e-9)


def test_count_probabilities_add_up_and_have_the_expected_mean(model):
    """Over n they sum to 1, and n P(n) sums to the expected purchases."""
    customers, n = summary().iloc[:7], np.arange(400)
    each = typical(model).purchase_probability(customers, n, horizon=10)
    np.testing.assert_allclose(each.sum(axis=1), 1, rtol=1e-10)
    expected = typical(model).expected_purchases(customers, horizon=10)
    np.testing.assert_allclose((each * n).sum(axis=1), expected, rtol=1e-8)
    new = typical(model).purchase_probability_new(n, horizon=10)
    assert new.sum() == pytest.approx(1, abs=1e-10)
    assert new @ n == pytest.approx(typical(model).expected_purchases_new(10), rel=1e-8)


def test_waiting_lowers_the_probability_to_be_alive(model):
    """The longer ago the last purchase, and the further ahead, the fewer are alive."""
    since = np.linspace(0, 30, 31)
    rows = pd.DataFrame({"frequency": 4.0, "recency": 10.0, "T": 10.0 + since})
    alive = typical(model).probability_alive(rows)
    assert (np.diff(alive) < 0).all()
    ahead = [typical(model).probability_alive(rows.iloc[:1], t)[0] for t in (0, 1, 10, 100)]
    assert (np.diff(ahead) < 0).all()


def test_a_longer_horizon_brings_more_purchases(model):
    """The expectation grows with the horizon and starts at nothing."""
    horizons = [0, 0.1, 1, 10, 100, 1000]
    each = np.column_stack([typical(model).expected_purchases(summary(), h) for h in horizons])
    assert (each[:, 0] == 0).all()
    assert (np.diff(each, axis=1) >= 0).all()


def test_discounting_takes_away(model):
    """A higher rate is worth less, none is the plain expectation, and for ever is the limit."""
    customers = summary()
    plain = typical(model).discounted_expected_purchases(customers, 0.0, 52)
    pd.testing.assert_series_equal(
        plain, typical(model).expected_purchases(customers, 52), check_names=False
    )
    low = typical(model).discounted_expected_purchases(customers, 0.001, 52)
    high = typical(model).discounted_expected_purchases(customers, 0.1, 52)
    assert (high <= low).all()
    assert (low <= plain).all()
    ever = typical(model).discounted_expected_purchases(customers, 0.1)
    far = typical(model).discounted_expected_purchases(customers, 0.1, 599)
    np.testing.assert_allclose(ever, far, rtol=1e-9)


def test_heavy_buyers_and_extreme_parameters_stay_finite(model):
    """With every parameter at 0.01, at 1 and at 1000 nothing is NaN or wrongly infinite."""
    for value in (0.01, 1.0, 1000.0):
        extreme = model.from_params(dict.fromkeys(model._law.names, value))
        frames = [
            extreme.transform(summary()),
            extreme.log_likelihood(summary()),
            extreme.purchase_probability(summary(), [0, 1, 500], horizon=1e4),
            extreme.expected_purchases(summary(), horizon=1e6),
            extreme.discounted_expected_purchases(summary(), 0.01),
        ]
        assert all(np.isfinite(frame).all(axis=None) for frame in frames)


def test_simulation_agrees_with_the_expectations(model):
    """Simulated customers make the expected number of purchases, within four standard errors."""
    drawn = typical(model).simulate(200_000, 52.0, random_state=1)
    error = drawn["frequency"].std() / np.sqrt(len(drawn))
    expected = typical(model).expected_purchases_new(52.0)
    assert abs(drawn["frequency"].mean() - expected) < 4 * error
    none = (drawn["frequency"] == 0).mean()
    chance = typical(model).purchase_probability_new(0, 52.0)
    assert abs(none - chance) < 4 * np.sqrt(chance * (1 - chance) / len(drawn))


def test_simulation_is_repeatable_and_valid(model):
    """One seed gives one result, in a table that the model itself accepts."""
    one = typical(model, random_state=7).simulate(500, np.linspace(0, 60, 500))
    two = typical(model).simulate(500, np.linspace(0, 60, 500), random_state=7)
    pd.testing.assert_frame_equal(one, two)
    assert len(typical(model).transform(one)) == 500


def test_simulated_parameters_are_recovered(model):
    """From 40,000 simulated customers the truth lies within four standard errors."""
    truth = typical(model)
    fitted = model().fit(truth.simulate(40_000, np.linspace(20, 80, 40_000), random_state=3))
    assert fitted.convergence_.sound
    away = (fitted.params_ - truth.params_) / fitted.standard_errors_
    assert (away.abs() < 4).all()


def test_intervals_cover_the_truth_as_often_as_they_say(model):
    """Of 40 simulated fits about 36 of the 90 per cent intervals hold the truth, for each letter.

    A binomial with 40 tries and .9 is below 29 once in three thousand times.
    """
    truth = typical(model)
    covered = np.zeros(len(truth.params_))
    for seed in range(40):
        ends = model().fit(truth.simulate(2000, 80.0, random_state=seed)).confint(0.9)
        covered += (ends["lower"] < truth.params_) & (truth.params_ < ends["upper"])
    assert (covered >= 29).all()


def test_a_large_fit_equals_the_fit_of_its_compressed_rows(model):
    """70,000 distinct rows, fitted by way of a sample, reach the maximum of a direct fit."""
    customers = typical(model).simulate(70_000, np.linspace(20, 80, 70_000), random_state=5)
    large = model().fit(customers)
    at = large.params_.to_numpy()
    for i in range(len(at)):
        for factor in (0.999, 1.001):
            other = at.copy()
            other[i] *= factor
            away = model.from_params(dict(zip(large.params_.index, other, strict=True)))
            assert away.score(customers) < large.score(customers)
    assert large.convergence_.gradient_norm < 1e-7


def test_weights_stand_for_customers(model):
    """A weight of three is three equal rows; a weight of zero is no row."""
    customers = typical(model).simulate(300, 50.0, random_state=2)
    weights = np.tile([0, 1, 3], 100)
    weighted = model().fit(customers, sample_weight=weights)
    repeated = model().fit(customers.loc[customers.index.repeat(weights)])
    pd.testing.assert_series_equal(weighted.params_, repeated.params_, rtol=1e-6)
    pd.testing.assert_frame_equal(weighted.covariance_, repeated.covariance_, rtol=1e-4)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert weighted.n_customers_ == repeated.n_customers_ == 400


def test_information_criteria_follow_from_the_log_likelihood(model):
    """AIC is 2k - 2LL, BIC is k log n - 2LL, and the score is LL per customer."""
    customers = typical(model).simulate(500, 50.0, random_state=2)
    fitted = model().fit(customers)
    k = len(fitted.params_)
    assert fitted.aic_ == pytest.approx(2 * k - 2 * fitted.log_likelihood_)
    assert fitted.bic_ == pytest.approx(k * np.log(500) - 2 * fitted.log_likelihood_)
    assert fitted.score(customers) == pytest.approx(fitted.log_likelihood_ / 500)
    assert fitted.log_likelihood(customers).sum() == pytest.approx(fitted.log_likelihood_)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_predictions_are_probabilities_and_counts(model, seed):
    """Whatever the history, P(alive) is in [0, 1] and the expectation is at least 0."""
    generator = np.random.default_rng(seed)
    T = generator.uniform(0, 300, 20)
    x = np.where(T > 0, generator.poisson(generator.gamma(0.3, 10, 20)), 0)
    recency = np.where(x > 0, T * generator.uniform(0.001, 1, 20), 0)
    out = typical(model).transform(pd.DataFrame({"frequency": x, "recency": recency, "T": T}))
    assert out["probability_alive"].between(0, 1).all()
    assert (out["expected_purchases"] >= 0).all()


def test_for_ever_is_said_to_be_infinite(model):
    """Where the undiscounted expectation diverges it is inf, with a warning, not a large number."""
    with pytest.warns(RuntimeWarning, match="infinite"):
        ever = typical(model).expected_purchases(summary(), horizon=np.inf)
    assert np.isinf(ever).all()


def test_a_single_n_gives_a_series_and_several_a_frame(model):
    """The shape of the answer follows from the question."""
    one = typical(model).purchase_probability(summary(), 1)
    several = typical(model).purchase_probability(summary(), [0, 1])
    assert isinstance(one, pd.Series)
    pd.testing.assert_series_equal(several[1], one, check_names=False)
    assert typical(model).purchase_probability(summary().to_numpy(), [0, 1]).shape == (10, 2)
    assert isinstance(typical(model).purchase_probability_new(1), float)


ARGUMENTS = {
    "horizon negative": (lambda m, X: m.expected_purchases(X, -1), "horizon must be a number"),
    "horizon NaN": (lambda m, X: m.expected_purchases(X, np.nan), "horizon must be a number"),
    "horizon words": (lambda m, X: m.expected_purchases(X, "soon"), "horizon must be a number"),
    "ahead negative": (lambda m, X: m.probability_alive(X, ahead=-0.1), "ahead must be a number"),
    "rate negative": (lambda m, X: m.discounted_expected_purchases(X, -0.1, 5), "rate must be"),
    "no rate for ever": (lambda m, X: m.discounted_expected_purchases(X, 0), "rate must be posit"),
    "n negative": (lambda m, X: m.purchase_probability(X, -1), "n must be a whole number"),
    "n fractional": (lambda m, X: m.purchase_probability(X, 1.5), "n must be a whole number"),
    "level": (lambda m, X: m.fit(X).confint(1.0), "level must be between"),
    "n_customers": (lambda m, X: m.simulate(0, 10), "n_customers must be a whole number"),
    "T negative": (lambda m, X: m.simulate(3, -1.0), "T must be finite and not negative"),
    "T of another length": (lambda m, X: m.simulate(3, [1.0, 2.0]), r"shape \(3,\)"),
    "params missing": (lambda m, X: type(m).from_params({}), "params must be exactly"),
    "params negative": (
        lambda m, X: type(m).from_params(dict.fromkeys(m.params_.index, -1)),
        "params must be positive",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_arguments_are_refused(model, case):
    """Each wrong argument is one error that names it."""
    call, message = ARGUMENTS[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=message):
            call(typical(model), summary())


def test_given_parameters_have_no_uncertainty_and_say_so(model):
    """A model of published parameters predicts, and refuses to state standard errors."""
    published = typical(model)
    assert not hasattr(published, "standard_errors_")
    with pytest.raises(ValueError, match="were given, not estimated"):
        published.confint()
    with pytest.raises(AttributeError, match="no attribute 'surprise'"):
        _ = published.surprise


def test_a_fold_without_repeat_buyers_is_scored(model):
    """New customers alone cannot be fitted, but their likelihood is defined."""
    new = summary().iloc[:2]
    assert np.isfinite(typical(model).score(new))
    with pytest.raises(ValueError, match="at least one repeat purchase"):
        model().fit(new)


def test_weights_that_leave_no_repeat_buyer_are_refused(model):
    """The message counts the rows that count."""
    with pytest.raises(ValueError, match="frequency is 0 in all 2 rows that count"):
        model().fit(summary(), sample_weight=[1, 1] + [0] * 8)
