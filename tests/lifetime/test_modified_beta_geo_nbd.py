"""MBG/NBD on the CDNOW customers: the published fit."""

import pytest

from custvalue.lifetime import ModifiedBetaGeoNBD
from support.cdnow import calibration_summary


@pytest.fixture(scope="module")
def model():
    """Return the model fitted to the 2,357 customers, in weeks."""
    return ModifiedBetaGeoNBD(horizon=39.0).fit(calibration_summary())


def test_estimates_are_the_published_ones(model):
    """lifetimes' test and BTYDplus print three digits: .525, 6.183, .891, 1.614."""
    published = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
    for name, value in published.items():
        assert model.params_[name] == pytest.approx(value, abs=6e-4)
    theirs = ModifiedBetaGeoNBD.from_params(published).score(calibration_summary())
    assert theirs <= model.score(calibration_summary())
    assert model.convergence_.sound


def test_customers_without_a_repeat_may_have_left(model):
    """P(alive) of one-time buyers is below 1, and higher for those who came later."""
    once = calibration_summary().query("frequency == 0")
    alive = model.probability_alive(once)
    assert (alive < 1).all()
    assert alive[once["T"].idxmin()] > alive[once["T"].idxmax()]
