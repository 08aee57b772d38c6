import numpy as np
import pytest

from custvalue._numerics.discounting import continuous_rate, discounted_total


def steady(u, per_unit):
    """Return the expectation of a constant flow."""
    return per_unit * u


def test_a_rate_of_ten_per_cent_divides_next_years_money_by_one_point_one():
    """Weeks and years of one annual rate discount alike."""
    assert np.exp(-52.1775 * continuous_rate(0.1, 52.1775)) == pytest.approx(1 / 1.1)
    assert continuous_rate(0.0, 12) == 0


@pytest.mark.parametrize("horizon", [0.0, 1.0, 52.0, 1e4, np.inf])
def test_a_constant_flow_has_the_annuity_value(horizon):
    """The value of 3 per unit is 3 (1 - exp(-rate H)) / rate."""
    found = discounted_total(steady, (np.array([3.0, 0.5]),), rate=0.02, horizon=horizon)
    annuity = -np.expm1(-0.02 * horizon) / 0.02
    np.testing.assert_allclose(found, np.array([3.0, 0.5]) * annuity, rtol=1e-10)


def test_without_a_rate_nothing_is_discounted():
    """Rate 0 gives the undiscounted expectation."""
    np.testing.assert_array_equal(
        discounted_total(steady, (np.array([3.0]),), rate=0.0, horizon=10.0), [30.0]
    )
