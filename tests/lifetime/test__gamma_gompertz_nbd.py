"""The Gamma-Gompertz/NBD mathematics against its limits and closed forms."""

import numpy as np
import pytest

from custvalue.lifetime._gamma_gompertz_nbd import GammaGompertzNBDLaw
from custvalue.lifetime._pareto_nbd import ParetoNBDLaw
from support.attrition import histories
from support.cdnow import calibration_summary


def cdnow():
    """Return x, t_x and T of the CDNOW customers."""
    return tuple(calibration_summary()[name].to_numpy() for name in GammaGompertzNBDLaw.columns)


def test_published_log_likelihoods():
    """At the estimates of CLVTools and of the paper, -9594.9762 and -9594.98 on CDNOW.

    What matters is beta / b: CLVTools' digits leave 11.3 to 12.9 of it, the paper's 10 to 18.
    """
    clvtools = GammaGompertzNBDLaw(0.55313, 10.5758, 1.1e-6, 0.60682, 1.3e-5)
    assert clvtools.log_likelihood(*cdnow()).sum() == pytest.approx(-9594.9762, abs=0.01)
    paper = GammaGompertzNBDLaw(0.553, 10.578, 0.0002, 0.603, 0.0026)
    assert paper.log_likelihood(*cdnow()).sum() == pytest.approx(-9594.98, abs=1.0)


@pytest.mark.parametrize("b", [1e-6, 1e-8, 1e-12])
def test_with_b_and_beta_small_it_is_pareto(b):
    """The difference is of the order of b T, and the derivatives agree as well."""
    law = GammaGompertzNBDLaw(0.553, 10.58, b, 0.606, 11.67 * b)
    pareto, close = ParetoNBDLaw(0.553, 10.58, 0.606, 11.67), {"rtol": 1e4 * b + 1e-10}
    ours, theirs = law.log_likelihood(*cdnow()), pareto.log_likelihood(*cdnow())
    np.testing.assert_allclose(ours, theirs, **close)
    np.testing.assert_allclose(
        law.expected_purchases(*cdnow(), 52.0), pareto.expected_purchases(*cdnow(), 52.0), **close
    )
    _, gradient = law.log_likelihood_with_gradient(*histories())
    _, of_pareto = pareto.log_likelihood_with_gradient(*histories())
    np.testing.assert_allclose(
        gradient[:, [0, 1, 3]], of_pareto[:, :3], **close, atol=1e-3 * b**0.5
    )


def test_with_beta_one_lives_are_exponential():
    """The purchases expected of a new customer are r / alpha (1 - exp(-s b t)) / (s b)."""
    law = GammaGompertzNBDLaw(0.9, 7.0, 0.05, 0.8, 1.0)
    for horizon in (1e-6, 52.0, 1e6, np.inf):
        expected = 0.9 / 7.0 * -np.expm1(-0.04 * horizon) / 0.04
        assert law.expected_purchases_new(horizon) == pytest.approx(expected, rel=1e-12)


def test_b_times_time_may_be_a_million():
    """Everybody has left, or bought until the end; nothing overflows and nothing is negative."""
    law = GammaGompertzNBDLaw(0.9, 7.0, 1000.0, 0.8, 1.5)
    rows = tuple(np.array(v) for v in ([0.0, 5.0, 5.0], [0.0, 3.0, 1000.0], [1000.0] * 3))
    assert np.isfinite(law.log_likelihood(*rows)).all()
    np.testing.assert_allclose(law.probability_alive(*rows), [0.0, 0.0, 1.0], atol=1e-12)
    assert (law.expected_purchases(*rows, np.inf) >= 0).all()


def test_covariates_of_dropout_act_through_beta():
    """A smaller beta leaves sooner; the links say so."""
    assert GammaGompertzNBDLaw.links["dropout"].parameters == ("beta",)
    rows = tuple(np.full(2, value) for value in (3.0, 20.0, 39.0))
    alive = GammaGompertzNBDLaw(0.9, 7.0, 0.05, 0.8, np.array([0.5, 2.0])).probability_alive(*rows)
    assert alive[0] < alive[1]


def test_starts_are_ordinary_parameters():
    """Units and starts follow the unit of time: alpha with it, b against it."""
    x, t_x, T = histories()
    weights, scale = np.ones(len(x)), np.array([1.0, 7.0, 1 / 7, 1.0, 1.0])
    for name in ("units", "starts"):
        function = getattr(GammaGompertzNBDLaw, name)
        weeks, days = function(x, t_x, T, weights), function(x, 7 * t_x, 7 * T, weights)
        np.testing.assert_allclose(days, weeks * scale)
        assert (weeks > 0).all()
