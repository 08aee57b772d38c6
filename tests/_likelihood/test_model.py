import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector

import custvalue
from custvalue.exceptions import ConvergenceWarning, DataError, NoUncertaintyError
from custvalue.lifetime import BetaGeoNBD, GammaGamma

# Everybody has just bought: nobody leaves, and the dropout parameters run to infinity.
SUMMARY = pd.DataFrame({"frequency": [1, 3, 12, 2, 5, 7], "recency": 38.0, "T": 38.0})


def test_a_poor_end_is_warned_of_with_its_reason():
    """Data that cannot carry the model are fitted, and the warning says what is wrong."""
    with pytest.warns(ConvergenceWarning, match=r"boundary|Hessian|gradient norm"):
        BetaGeoNBD().fit(SUMMARY)


def test_a_proper_end_is_not_warned_of():
    """The warning is not a habit (warnings are errors here)."""
    model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    assert BetaGeoNBD().fit(model.simulate(2000, 60.0, random_state=1)).convergence_.sound


def test_the_warning_points_at_the_caller():
    """Its file is the user's, not the library's."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        BetaGeoNBD().fit(SUMMARY)
    assert caught[0].filename == __file__


def test_rows_left_out_of_the_fit_are_left_out_of_the_score():
    """Gamma-Gamma is fitted and scored on customers with repeat purchases."""
    generator = np.random.default_rng(0)
    rows = pd.DataFrame({"frequency": generator.integers(0, 6, 400).astype(float)})
    spend = generator.gamma(3, 10, 400)
    rows["monetary_value"] = np.where(rows["frequency"] > 0, spend, 0)
    model = GammaGamma().fit(rows)
    repeat = rows[rows["frequency"] > 0]
    assert model.n_customers_ == len(repeat)
    assert model.score(rows) == pytest.approx(model.log_likelihood_ / len(repeat))


def test_parameters_are_read_by_name():
    """The order of the mapping does not matter."""
    one = BetaGeoNBD.from_params({"r": 1, "alpha": 2, "a": 3, "b": 4})
    two = BetaGeoNBD.from_params({"b": 4, "a": 3, "alpha": 2, "r": 1})
    pd.testing.assert_series_equal(one.params_, two.params_)


def customers(n=600):
    """Return simulated customers with a covariate."""
    model = BetaGeoNBD.from_params({"r": 0.8, "alpha": 4.4, "a": 0.8, "b": 2.4})
    frame = model.simulate(n, 60.0, random_state=1)
    return frame.assign(age=np.random.default_rng(0).normal(40, 10, n))


def test_a_fit_at_the_boundary_has_no_intervals_without_a_posterior():
    """Its covariance is not that of a maximum; the message says what to do."""
    with pytest.warns(ConvergenceWarning):
        model = BetaGeoNBD().fit(SUMMARY)
    with pytest.raises(ValueError, match="no proper maximum .* call sample_posterior first"):
        model.predict_interval(SUMMARY)
    with pytest.raises(NoUncertaintyError, match="no proper maximum .* call sample_posterior"):
        model.confint()
    assert model.convergence_.at_boundary
    assert model.standard_errors_.isna().all()
    assert model.covariance_.isna().all(axis=None)


def test_fitted_parameters_and_coefficients_can_be_given_back():
    """``params_`` and ``coef_`` as they are make the same model."""
    fitted = BetaGeoNBD(purchase_covariates=("age",)).fit(customers())
    again = BetaGeoNBD.from_params(fitted.params_, coef=fitted.coef_)
    pd.testing.assert_frame_equal(again.transform(customers()), fitted.transform(customers()))


@pytest.mark.parametrize("name", ["frequency", "recency", "T", "log_interval_sum"])
def test_what_the_model_describes_is_no_covariate(name):
    """A model of purchases cannot be driven by them."""
    with pytest.raises(ValueError, match=f"must not be a column that the model describes.*{name}"):
        BetaGeoNBD(purchase_covariates=(name,)).fit(customers())


def test_a_covariate_far_from_zero_is_refused():
    """Where it is zero the parameters overflow; the message says to centre it."""
    far = customers().assign(age=lambda frame: frame["age"] / 100 + 1e6)
    with pytest.raises(DataError, match="age must not lie so far from 0 .* centre them"):
        BetaGeoNBD(purchase_covariates=("age",)).fit(far)


def test_a_posterior_is_of_the_customers_that_were_fitted():
    """Another number of them is refused."""
    fitted = BetaGeoNBD().fit(customers())
    with pytest.raises(ValueError, match="X must be the 600 customers .*; found 60"):
        fitted.sample_posterior(customers().head(60))


def test_a_posterior_is_of_the_histories_that_were_fitted(tmp_path):
    """As many customers with other histories are refused, after loading too; any order will do."""
    fitted = BetaGeoNBD().fit(customers())
    fitted.save(tmp_path / "model.json")
    others = customers().assign(T=lambda frame: frame["T"] + 1)
    for model in (fitted, custvalue.load(tmp_path / "model.json")):
        with pytest.raises(ValueError, match="X must be the customers .*; found as many, of log"):
            model.sample_posterior(others)
        model.sample_posterior(customers().iloc[::-1], 50, random_state=0)
        assert len(model.posterior_) == 50


def test_a_posterior_with_a_penalty_or_weights_is_of_the_same_customers():
    """The log-likelihood that is compared is weighted, and without the penalty."""
    weights = np.arange(600) % 3
    fitted = BetaGeoNBD(purchase_covariates=("age",), l2=2.0)
    fitted.fit(customers(), sample_weight=weights)
    fitted.sample_posterior(customers(), 50, sample_weight=weights, random_state=0)
    assert len(fitted.posterior_) == 50
    with pytest.raises(ValueError, match="X must be the customers"):
        fitted.sample_posterior(customers(), 50, sample_weight=weights[::-1])


def test_a_column_selector_is_saved_as_the_columns_it_chose(tmp_path):
    """The file holds data only, and the model reads its columns after loading."""
    selector = make_column_selector(pattern="^age$")
    fitted = BetaGeoNBD(purchase_covariates=selector).fit(customers())
    fitted.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    assert again.purchase_covariates == ("age",)
    pd.testing.assert_frame_equal(again.transform(customers()), fitted.transform(customers()))


def test_new_customers_of_a_model_without_covariates_need_none():
    """X would be ignored, so it is refused."""
    model = BetaGeoNBD().fit(customers())
    with pytest.raises(ValueError, match="has no covariates: leave X out"):
        model.expected_purchases_new(52, X=customers())
