"""Coordinates of laws without unit and bound, and derivatives in them."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

LAWS = [GeometricLaw, ShiftedBetaGeoLaw, BetaDiscreteWeibullLaw]


@pytest.mark.parametrize("orders", [False, True])
@pytest.mark.parametrize("law", LAWS)
def test_the_derivatives_are_those_of_the_value(law, orders):
    """Central differences of value and gradient, good to about 1e-9, agree."""
    coordinates = Coordinates(law, orders)
    generator = np.random.default_rng(2)
    age, left = np.array([1.0, 2, 7, 1, 3, 9]), np.array([0.0, 0, 0, 1, 1, 1])
    x = generator.normal(0, 0.7, (6, len(coordinates.names)))
    found = coordinates.log_probability(x, age, left)
    np.testing.assert_allclose(found.value, coordinates.log_value(x, age, left), rtol=1e-12)
    for j in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[j] = 1e-5
        up, down = (coordinates.log_probability(x + s * step, age, left) for s in (1, -1))
        np.testing.assert_allclose((up.value - down.value) / 2e-5, found.gradient[:, j], atol=1e-8)
        slopes = (up.gradient - down.gradient) / 2e-5
        np.testing.assert_allclose(slopes, found.hessian[:, j], atol=1e-7)


def test_mean_churn_is_the_churn_of_the_first_age():
    """At logit m = -1, log(alpha + beta) = 0.5 the law churns m at age 1, whatever the rest."""
    m = 1 / (1 + np.exp(1))
    for law, x in ((GeometricLaw, [-1.0]), (ShiftedBetaGeoLaw, [-1, 0.5])):
        coordinates = Coordinates(law, orders=False)
        churn = 1 - coordinates.law_of(np.array([x])).survival(np.array([1.0]))
        np.testing.assert_allclose(churn, m, rtol=1e-14)


def test_parameters_and_natural_scale():
    """alpha, beta, c and q from logit m, log(alpha + beta), log c and logit q."""
    coordinates = Coordinates(BetaDiscreteWeibullLaw, orders=True)
    x = np.array([0.0, np.log(4), np.log(1.5), 0.0])
    np.testing.assert_allclose(coordinates.parameters(x), [2, 2, 1.5, 0.5])
    np.testing.assert_allclose(coordinates.natural(x), [0.5, 4, 1.5, 0.5])
    assert coordinates.names == ("mean_churn", "concentration", "c", "order_probability")


def test_nobody_orders_in_survival():
    """Without a chance to order its logarithm is 0."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders=False)
    np.testing.assert_array_equal(coordinates.log_order_probability(np.ones((3, 2))), np.zeros(3))


def test_far_coordinates_stay_finite():
    """Draws a thousand standard deviations away give parameters that double precision holds."""
    coordinates = Coordinates(BetaDiscreteWeibullLaw, orders=True)
    found = coordinates.parameters(np.array([[900.0, -900, 900, -900], [-900, 900, -900, 900]]))
    assert np.isfinite(found).all()
    assert (found[:, :3] > 0).all()
