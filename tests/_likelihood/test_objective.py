from types import SimpleNamespace

import numpy as np
import pytest

from custvalue._likelihood import chunks
from custvalue._likelihood.objective import MeanLogLikelihood
from custvalue._likelihood.prior import default_prior, penalty
from custvalue._likelihood.specification import Process, Specification
from custvalue._numerics.optimisation import differences_of_gradient
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from support.attrition import histories

PLAIN = Specification(BetaGeoNBDLaw)
COVARIATE = Specification(
    BetaGeoNBDLaw, (Process("dropout", BetaGeoNBDLaw.links["dropout"], ("age",)),)
)
THETA = np.log([0.243, 4.414, 0.793, 2.426])
AGE = np.linspace(-1, 1, 10)
CASES = {
    "plain": SimpleNamespace(spec=PLAIN, columns=histories(), theta=THETA),
    "covariate": SimpleNamespace(
        spec=COVARIATE, columns=(*histories(), AGE), theta=np.append(THETA, 0.4)
    ),
}


def objective(case, weights=None, l2=0.0):
    """Return the mean log-likelihood of the histories."""
    weights = np.arange(1.0, 11) if weights is None else weights
    prior = penalty(case.spec, l2)
    return MeanLogLikelihood(case.spec, case.columns, weights, prior, float(weights.sum()))


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_agrees_with_central_differences(name):
    """With and without covariates, with a penalty; the differences are good to 1e-7."""
    case = CASES[name]
    found = objective(case, l2=3.0)
    for i in range(len(case.theta)):
        step = 1e-5 * np.eye(len(case.theta))[i]
        slope = (found(case.theta + step)[0] - found(case.theta - step)[0]) / 2e-5
        np.testing.assert_allclose(found(case.theta)[1][i], slope, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_the_hessian_agrees_with_differences_of_the_gradient(name):
    """Analytic where the law has it; the differences are good to 1e-6 of the largest entry."""
    case = CASES[name]
    found = objective(case)
    expected = differences_of_gradient(found, case.theta)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.hessian(case.theta), expected, atol=1e-6 * scale)


def test_chunks_make_no_difference(monkeypatch):
    """Three rows at a time give what all rows at once give."""
    found = objective(CASES["plain"])
    whole, hessian = found(THETA), found.hessian(THETA)
    monkeypatch.setattr(chunks, "_ROWS", 3)
    by_threes = found(THETA)
    np.testing.assert_allclose(by_threes[0], whole[0], rtol=1e-14)
    np.testing.assert_allclose(by_threes[1], whole[1], rtol=1e-12)
    np.testing.assert_allclose(found.hessian(THETA), hessian, rtol=1e-12)


def test_the_mean_is_weighted():
    """A weight of two counts twice in value and gradient."""
    one = SimpleNamespace(spec=PLAIN, columns=tuple(column[3:5] for column in histories()))
    twice = SimpleNamespace(spec=PLAIN, columns=tuple(column[[3, 3, 4]] for column in histories()))
    value, gradient = objective(one, np.array([2.0, 1.0]))(THETA)
    expected, expected_gradient = objective(twice, np.ones(3))(THETA)
    np.testing.assert_allclose(value, expected, rtol=1e-15)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-14)


def test_the_plain_log_likelihood_has_no_penalty():
    """The sum over weighted rows, whatever the prior."""
    case = CASES["covariate"]
    free, bound = objective(case), objective(case, l2=100.0)
    assert bound.log_likelihood(case.theta) == free.log_likelihood(case.theta)
    np.testing.assert_allclose(free.log_likelihood(case.theta) / 55, free(case.theta)[0])
    assert bound(case.theta)[0] < free(case.theta)[0]


def test_a_sample_keeps_the_weight_of_the_whole_for_the_prior():
    """So that the prior does not count more in a sample."""
    prior = default_prior(PLAIN, np.ones(4), 0.0)
    whole = MeanLogLikelihood(PLAIN, histories(), np.ones(10), prior, 10.0)
    sampled = whole.sampled(4)
    np.testing.assert_array_equal(sampled.columns[0], histories()[0][1::2])
    assert len(sampled.weights) == 5
    assert sampled.total == 10.0
