import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.discrete_weibull_sums import survivals_ahead
from support.oracle.contracts import BetaDiscreteWeibull

STORED = [
    (1.2, 3.5, 1.4, 0.0, 0.0, np.inf, 4.0266645578219984),
    (0.5, 8.0, 2.1, 1000.0, 0.0, np.inf, 19999.538026169604),
    (25.0, 400.0, 0.06, 3.0, 0.0, np.inf, 8.9341053713134795e37),
    (2.0, 900.0, 0.55, 7.0, 0.0, np.inf, 2047968.4333882003),
    (1000.0, 0.01, 0.7, 2.0, 0.0, np.inf, 0.031911546490821967),
    (0.3, 5.0, 0.8, 4.0, 1e-06, np.inf, 81131.280951977118),
    (0.7, 1.2, 2.5, 1000000.0, 0.0001, np.inf, 9829.1401499878531),
    (90.0, 300.0, 0.3, 0.0, 0.001, 100000.0, 187.56106475459243),
    (0.01, 0.02, 4.0, 12.0, 0.0, 10000.0, 7956.2373291273991),
    (2.0, 4.0, 0.5, 0.0, 0.05, np.inf, 6.2606605901777384),
]
"""a, b, c, start, rate, m, sum: `BetaDiscreteWeibull.renewals` of the oracle, seconds each."""


@pytest.mark.parametrize(("a", "b", "c", "start", "rate", "m", "expected"), STORED)
def test_long_sums_are_those_of_the_oracle(a, b, c, start, rate, m, expected):
    """Without end and next to a c = 1, where the survival becomes a power after 10^20 periods."""
    assert survivals_ahead(a, b, c, start, rate, m) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("c", [0.05, 0.7, 1.0, 1.8, 5.0])
@pytest.mark.parametrize("rate", [0.0, 1e-6, 0.3])
def test_short_sums_are_those_of_the_oracle(c, rate):
    """Term by term in mpmath, among them none and one, of parameters from 1e-3 to 1e3."""
    rows = [(1e-3, 1e3, 0, 12), (1e3, 1e-3, 5, 3), (1.0, 1.0, 1e6, 40), (0.5, 1e9, 1, 1)]
    for a, b, start, m in [*rows, (2.0, 3.0, 4, 0)]:
        expected = float(BetaDiscreteWeibull(a, b, c).renewals(start, rate, m))
        found = survivals_ahead(a, b, c, float(start), rate, float(m))
        assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 0.1, 3.0])
def test_discounted_lives_without_end_are_hypergeometric(rate):
    """At c = 1 they are 2F1(1, b + 1; a + b + 1; exp(-rate)), with a factor."""
    with mp.workdps(40):
        for a, b in [(0.01, 0.01), (0.657, 2.784), (1.0, 50.0), (3.0, 500.0), (1000.0, 1000.0)]:
            v, a_, b_ = mp.exp(-mpf(rate)), mpf(a), mpf(b)
            expected = float(v * b_ / (a_ + b_) * mp.hyp2f1(1, b_ + 1, a_ + b_ + 1, v))
            assert survivals_ahead(a, b, 1.0, 0.0, rate, np.inf) == pytest.approx(
                expected, rel=5e-13
            )


def test_sums_without_end_are_finite_exactly_for_powers_below_minus_one():
    """At c = 1 they are (b + start) / (a - 1); a c = 1 itself has no finite sum."""
    a = np.array([0.5, 1.0, 1 + 1e-6, 3.0, 1e3])
    found = survivals_ahead(a, 4.0, 1.0, 2.0, 0.0, np.inf)
    np.testing.assert_allclose(found[2:], 6 / (a[2:] - 1), rtol=1e-12)
    assert np.isinf(found[:2]).all()
    assert np.isinf(survivals_ahead(2.0, 4.0, 0.5, 0.0, 0.0, np.inf))
    assert np.isfinite(survivals_ahead(0.2, 4.0, 5.1, 0.0, 0.0, np.inf))


def test_astronomic_sums():
    """For large b the mean is b^(1/c) Gamma(1 + 1/c) Gamma(a - 1/c) / Gamma(a); beyond 1e308 inf.

    The survival is (1 + t^c / b)^(-a) but for a part of order a^2 / b.
    """
    a, b, c = 16 + 2.0**-20, 1e12, 1 / 16
    with mp.workdps(40):
        expected = mpf(b) ** 16 * mp.gamma(17) * mp.gamma(mpf(a) - 16) / mp.gamma(a)
    assert survivals_ahead(a, b, c, 0.0, 0.0, np.inf) == pytest.approx(float(expected), rel=1e-9)
    assert np.isinf(survivals_ahead(a, 1e20, c, 0.0, 0.0, np.inf))


def test_anything_that_broadcasts_is_accepted():
    """A column of shapes against a row of horizons gives a table; rows are on their own."""
    table = survivals_ahead(
        np.array([[0.5], [2.0]]), 3.0, 1.5, 4.0, 0.0, np.array([0.0, 4.0, 3000.0, np.inf])
    )
    assert table.shape == (2, 4)
    assert (table[:, 0] == 0).all()
    assert np.isinf(table[0, 3])
    assert table[1, 2] == survivals_ahead(2.0, 3.0, 1.5, 4.0, 0.0, 3000.0)
    assert (np.diff(table, axis=1) > 0).all()
