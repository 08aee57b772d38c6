import numpy as np
import pytest

from custvalue._numerics.quadrature import integrate_rows


def test_integrals_agree_with_closed_forms():
    """Rows with other ends and other scales all reach 1e-10."""
    rate = np.array([1e-3, 1.0, 50.0, 1e4])
    upper = np.array([5.0, 2.0, 100.0, 3.0])
    found = integrate_rows(lambda u, k: np.exp(-k * u), upper, (rate,))
    np.testing.assert_allclose(found, -np.expm1(-rate * upper) / rate, rtol=1e-10)


def test_an_integral_that_does_not_settle_is_an_error():
    """Noise cannot be integrated to nine digits, and that is said."""
    generator = np.random.default_rng(0)
    with pytest.raises(ArithmeticError, match="relative accuracy"):
        integrate_rows(lambda u, k: generator.random(u.shape), np.ones(1), (np.ones(1),))
