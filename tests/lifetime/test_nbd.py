"""NBD on the CDNOW customers, and what it leaves out."""

import pytest

from custvalue.lifetime.nbd import NBD
from custvalue.lifetime.pareto_nbd import ParetoNBD
from support.cdnow import calibration_summary


@pytest.fixture(scope="module")
def model():
    """Return the model fitted to the 2,357 customers, in weeks."""
    return NBD(horizon=39.0).fit(calibration_summary())


def test_estimates_are_the_maximum(model):
    """Moved by a thousandth, either parameter makes the customers less likely."""
    assert model.convergence_.sound
    for name in ("r", "alpha"):
        for factor in (0.999, 1.001):
            moved = {**model.params_, name: model.params_[name] * factor}
            other = NBD.from_params(moved).score(calibration_summary())
            assert other < model.score(calibration_summary())


def test_dropout_makes_the_customers_more_likely(model):
    """Pareto/NBD has 168 more of log-likelihood: with the same customers, they compare."""
    pareto = ParetoNBD().fit(calibration_summary())
    assert pareto.log_likelihood_ - model.log_likelihood_ == pytest.approx(168.68, abs=0.01)
    without = {**model.params_, "s": 1e-15, "beta": 10.0}
    score = ParetoNBD.from_params(without).score(calibration_summary())
    assert score == pytest.approx(model.score(calibration_summary()), rel=1e-9)


def test_nobody_leaves(model):
    """P(alive) is 1 however long ahead, and expectations grow in proportion to the horizon."""
    customers = calibration_summary()
    assert (model.probability_alive(customers, ahead=1e6) == 1).all()
    year, two = (model.expected_purchases(customers, h) for h in (52, 104))
    assert (two / year).to_numpy() == pytest.approx(2, rel=1e-12)


def test_there_is_no_dropout_to_explain():
    """Covariates of dropout are no parameter of the model."""
    assert "dropout_covariates" not in NBD().get_params()
    with pytest.raises(TypeError, match="dropout_covariates"):
        NBD(dropout_covariates=["age"])
