"""Nested contractual models are compared, and others are refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import custvalue
from custvalue.exceptions import NoUncertaintyError
from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.geometric import Geometric
from custvalue.retention.likelihood_ratio_test import likelihood_ratio_test
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo
from support.contractual import HIGH_END, cohort


@pytest.fixture(scope="module")
def fitted():
    """Return the three models of the published high-end cohort."""
    models = Geometric, ShiftedBetaGeo, BetaDiscreteWeibull
    return [model(cohort_size=1000).fit(cohort(HIGH_END)) for model in models]


def test_customers_of_the_published_cohort_differ(fitted):
    """The constant churn rate is refused; the statistic is twice the difference."""
    geometric, sbg, _ = fitted
    found = likelihood_ratio_test(sbg, geometric)
    difference = 2 * (sbg.log_likelihood_ - geometric.log_likelihood_)
    assert found.statistic == pytest.approx(difference, rel=1e-12)
    assert found.df == 1
    assert found.p_value == pytest.approx(chi2.sf(difference, 1) / 2, rel=1e-9)
    assert found.p_value < 1e-6
    assert found.distribution == "1/2 chi2_0 + 1/2 chi2_1"
    assert (found.larger, found.smaller) == ("ShiftedBetaGeo", "Geometric")


def test_c_lies_inside_its_range_and_being_alike_does_not(fitted):
    """BdW against sBG is plain chi-squared; against the geometric one parameter is at the edge."""
    geometric, sbg, bdw = fitted
    inside = likelihood_ratio_test(bdw, sbg)
    assert (inside.df, inside.distribution) == (1, "chi2_1")
    assert inside.p_value == pytest.approx(chi2.sf(inside.statistic, 1), rel=1e-12)
    edge = likelihood_ratio_test(bdw, geometric)
    assert (edge.df, edge.distribution) == (2, "1/2 chi2_1 + 1/2 chi2_2")


def test_covariates_that_do_nothing_are_seldom_found():
    """Under the smaller model p-values are uniform: 5 % below .05, within four standard errors."""
    truth, generator = Geometric.from_params({"odds": 0.3}), np.random.default_rng(3)
    p_values = []
    for seed in range(60):
        rows = truth.simulate(300, 6, random_state=seed).assign(noise=generator.integers(0, 2, 300))
        larger = Geometric(churn_covariates=("noise",)).fit(rows)
        p_values.append(likelihood_ratio_test(larger, Geometric().fit(rows)).p_value)
    assert np.mean(np.array(p_values) < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60)
    assert abs(np.mean(p_values) - 0.5) < 4 * np.sqrt(1 / 12 / 60)


def test_models_that_are_no_cases_of_each_other_are_refused(fitted):
    """The wrong way round, twice the same, other covariates, something else."""
    geometric, sbg, _ = fitted
    for pair in ((geometric, sbg), (sbg, sbg)):
        with pytest.raises(ValueError, match="smaller must be a special case of larger"):
            likelihood_ratio_test(*pair)
    rows = ShiftedBetaGeo.from_params({"alpha": 1.5, "beta": 5.0}).simulate(300, 6, random_state=0)
    rows = rows.assign(a=np.arange(300) % 2, b=np.arange(300) % 3)
    one = ShiftedBetaGeo(churn_covariates=("a",)).fit(rows)
    other = Geometric(churn_covariates=("b",)).fit(rows)
    with pytest.raises(ValueError, match="found Geometric with b and ShiftedBetaGeo with a"):
        likelihood_ratio_test(one, other)
    with pytest.raises(TypeError, match="smaller must be one of Geometric.*found dict"):
        likelihood_ratio_test(one, {})


def test_other_customers_are_refused(fitted):
    """Another number of customers, or as many who left at other times."""
    _, sbg, _ = fitted
    more = Geometric(cohort_size=2000).fit(cohort(HIGH_END))
    with pytest.raises(ValueError, match="same customers; found 1000 and 2000 of them"):
        likelihood_ratio_test(sbg, more)
    longer = Geometric(cohort_size=1000).fit(cohort(HIGH_END, 9))
    with pytest.raises(ValueError, match="must be fitted on the same customers"):
        likelihood_ratio_test(sbg, longer)


def test_rows_that_look_alike_by_period_are_told_apart(tmp_path):
    """Entry that cancels by period, or other values of a covariate, are other customers."""
    rows = Geometric.from_params({"odds": 0.3}).simulate(300, 6, random_state=0)
    rows = rows.assign(a=np.arange(300) % 2, b=np.arange(300) % 3)
    larger = Geometric(churn_covariates=("a", "b")).fit(rows)
    smaller = Geometric(churn_covariates=("a",)).fit(rows.sample(frac=1, random_state=1))
    assert likelihood_ratio_test(larger, smaller).df == 1
    other = Geometric(churn_covariates=("a",)).fit(rows.assign(a=rows["a"].to_numpy()[::-1]))
    other.save(tmp_path / "model.json")
    for model in (other, custvalue.load(tmp_path / "model.json")):
        with pytest.raises(ValueError, match="same customers; found other values of a$"):
            likelihood_ratio_test(larger, model)
    one = pd.DataFrame({"duration": [3, 2, 5, 4], "churned": 0, "entry": [0, 1, 0, 1]})
    two = one.assign(entry=[1, 0, 1, 0])
    left = pd.DataFrame({"duration": [1, 2, 3], "churned": 1, "entry": 0})
    wide, narrow = (pd.concat([each, left]) for each in (one, two))
    larger = Geometric(churn_covariates=("a",)).fit(wide.assign(a=[0, 1, 1, 0, 1, 0, 1]))
    pd.testing.assert_frame_equal(larger.observed_, Geometric().fit(narrow).observed_)
    with pytest.raises(ValueError, match="same customers; found 7 and 7 of them"):
        likelihood_ratio_test(larger, Geometric().fit(narrow))


def test_models_of_old_files_are_compared_by_what_was_seen(fitted):
    """They have no hashes of their rows; others who left are still refused."""
    geometric, sbg, _ = fitted
    old = Geometric(cohort_size=1000).fit(cohort(HIGH_END))
    del old.fingerprint_
    assert likelihood_ratio_test(sbg, old) == likelihood_ratio_test(sbg, geometric)
    other = Geometric(cohort_size=2000).fit(cohort(HIGH_END))
    del other.fingerprint_
    with pytest.raises(ValueError, match="must be fitted on the same customers"):
        likelihood_ratio_test(sbg, other)


def test_what_is_no_maximum_is_refused(fitted):
    """Given parameters and penalties have no likelihood to compare; a bad end is told."""
    geometric = fitted[0]
    given = ShiftedBetaGeo.from_params({"alpha": 1.0, "beta": 2.0})
    with pytest.raises(NoUncertaintyError, match="ShiftedBetaGeo must be fitted without a penalty"):
        likelihood_ratio_test(given, geometric)
    rows = pd.DataFrame(
        {"duration": [1, 2, 3, 3] * 9, "churned": [1, 1, 1, 0] * 9, "a": [0, 1, 2] * 12}
    )
    penalised = Geometric(churn_covariates=("a",), l2=1.0).fit(rows)
    with pytest.raises(NoUncertaintyError, match="l2=1.0"):
        likelihood_ratio_test(penalised, Geometric().fit(rows))
    bad = ShiftedBetaGeo(cohort_size=1000).fit(cohort(HIGH_END))
    bad.log_likelihood_ = geometric.log_likelihood_ - 1.0
    with pytest.raises(ValueError, match=r"its search ended 1 below: see its convergence_"):
        likelihood_ratio_test(bad, geometric)
