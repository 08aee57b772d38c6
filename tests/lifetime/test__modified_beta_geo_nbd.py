"""The MBG/NBD mathematics against 50 digits and against its limits."""

import numpy as np
import pytest

from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw, law_for
from support import oracle

PARAMETERS = (0.525, 6.183, 0.891, 1.614)
# The laws reach 2e-12 at all points; a little more is asked than that.
RTOL = 5e-12
HISTORY = ("x", "t_x", "T")


def test_golden_points():
    """Likelihood, P(alive) and expectations at all points are the oracle's."""
    points = oracle.load_points("modified_beta_geo_nbd")
    law = ModifiedBetaGeoNBDLaw(*(points[name] for name in ModifiedBetaGeoNBDLaw.names))
    row = tuple(points[column] for column in HISTORY)
    found = law.log_likelihood(*row)
    np.testing.assert_allclose(found, points["log_likelihood"], rtol=RTOL, atol=RTOL)
    alive = law.probability_alive(*row)
    np.testing.assert_allclose(alive, points["probability_alive"], rtol=RTOL, atol=1e-300)
    expected = law.expected_purchases(*row, points["horizon"])
    np.testing.assert_allclose(expected, points["expected_purchases"], rtol=RTOL, atol=1e-24)


def test_the_first_chance_to_leave_comes_with_the_first_purchase():
    """After one silent moment P(alive) is b / (a + b), and falls from there."""
    law, none = ModifiedBetaGeoNBDLaw(*PARAMETERS), np.zeros(3)
    alive = law.probability_alive(none, none, np.array([0.0, 10.0, 100.0]))
    assert alive[0] == pytest.approx(1.614 / (0.891 + 1.614), rel=1e-14)
    assert alive[0] > alive[1] > alive[2] > 0


def test_a_mixture_of_bg_nbd_and_nothing():
    """A new customer leaves at once, or is one of BG/NBD with b + 1."""
    r, alpha, a, b = PARAMETERS
    law, later = ModifiedBetaGeoNBDLaw(*PARAMETERS), BetaGeoNBDLaw(r, alpha, a, b + 1)
    stays = b / (a + b)
    expected = stays * later.expected_purchases_new(30.0)
    np.testing.assert_allclose(law.expected_purchases_new(30.0), expected, rtol=1e-14)
    chances = stays * later.purchase_probability_new(np.arange(5.0), 30.0)
    chances[0] += 1 - stays
    found = law.purchase_probability_new(np.arange(5.0), 30.0)
    np.testing.assert_allclose(found, chances, rtol=1e-14)


def test_nobody_leaves_where_dropout_vanishes():
    """As a goes to 0 the two models become one."""
    row = np.array([0.0, 3.0]), np.array([0.0, 9.0]), np.array([20.0, 20.0])
    both = [law(0.5, 6.0, 1e-12, 2.0) for law in (ModifiedBetaGeoNBDLaw, BetaGeoNBDLaw)]
    values = [law.log_likelihood(*row) for law in both]
    np.testing.assert_allclose(*values, rtol=1e-10)


def test_the_law_of_chance_is_the_plain_one():
    """k = 1 is MBG/NBD itself; another k is always the same class, with gaps in its rows."""
    assert law_for(1) is ModifiedBetaGeoNBDLaw
    assert law_for(3) is law_for(3)
    assert law_for(3).columns == ("frequency", "recency", "T", "log_interval_sum")
