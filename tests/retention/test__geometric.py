import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._likelihood.fit import fit_rows
from custvalue._likelihood.specification import Specification
from custvalue.retention._geometric import GeometricLaw

ODDS = [1e-9, 1e-3, 0.25, 1.0, 30.0, 1e6]
ROWS = (np.array([3.0, 1.0, 1e4]), np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 2.0]))


@pytest.mark.parametrize("odds", ODDS)
def test_log_likelihood_and_derivatives(odds):
    """Whoever leaves at t renewed t - 1 times: theta (1 - theta)^(t - 1), theta = o / (1 + o)."""
    values, gradient, hessian = GeometricLaw(odds).log_likelihood_with_hessian(*ROWS)
    with mp.workdps(50):

        def exact(o, row):
            theta, (t, left, entry) = o / (1 + o), [float(column[row]) for column in ROWS]
            return left * mp.log(theta) + (t - left - entry) * mp.log(1 - theta)

        for row in range(3):
            o = mpf(odds)
            assert values[row] == pytest.approx(float(exact(o, row)), rel=1e-13)
            slopes = [float(mp.diff(lambda x, r=row: exact(x, r), o, order)) for order in (1, 2)]
            found = gradient[row, 0], hessian[row, 0, 0]
            np.testing.assert_allclose(found, slopes, rtol=1e-9)


@pytest.mark.parametrize("odds", ODDS)
def test_survival_and_its_sums(odds):
    """S(t) = (1 - theta)^t is geometric, and so are its sums."""
    law, v = GeometricLaw(odds), 1 / (1 + mpf(odds))
    times = np.array([1.0, 2.0, 10_000.0])
    with mp.workdps(50):
        expected = [float(mp.exp(t * mp.log(1 / (1 + mpf(odds))))) for t in (1, 2, 10_000)]
        np.testing.assert_allclose(law.survival(times), expected, rtol=1e-11, atol=1e-300)
        for rate in (0.0, 1e-6, 0.1):
            v = mp.exp(-mpf(rate)) / (1 + mpf(odds))
            ever, some = v / (1 - v), v * (1 - v**7) / (1 - v)
            assert law.discounted_renewals(3.0, rate, np.inf) == pytest.approx(float(ever), 1e-13)
            assert law.discounted_renewals(3.0, rate, 7.0) == pytest.approx(float(some), 1e-13)
    np.testing.assert_allclose(law.churn(times) + law.retention(times), 1, rtol=1e-15)
    np.testing.assert_allclose(law.retention(times), float(1 / (1 + mpf(odds))), rtol=1e-14)
    assert law.survival(np.inf) == 0
    assert law.expected_renewals(0.0, 0.0) == 0
    left = law.probability_of_leaving(np.array([1.0, 2.0]))
    np.testing.assert_allclose(left, odds / (1 + odds) * law.survival([0.0, 1.0]), rtol=1e-14)


def test_the_estimate_is_churn_over_renewals():
    """The maximum is leavers / renewals, as odds."""
    columns = tuple(np.array(c, dtype=float) for c in ([1, 4, 6, 5], [1, 1, 0, 0], [0, 0, 2, 0]))
    fit = fit_rows(Specification(GeometricLaw, ()), columns)
    assert fit.estimates[0] == pytest.approx(2 / (0 + 3 + 4 + 5), rel=1e-7)
    assert fit.convergence.converged


def test_nobody_leaves():
    """The odds run to zero, and the limit is named."""
    columns = tuple(np.array(c, dtype=float) for c in ([3, 4], [0, 0], [0, 0]))
    convergence = fit_rows(Specification(GeometricLaw, ()), columns).convergence
    assert convergence.limiting_model == "nobody leaves"


def test_simulation_is_geometric():
    """Shares that leave at the first renewals, within 5 standard errors; the rest is not seen."""
    law, n = GeometricLaw(0.25), 40_000
    drawn = law.simulate(n, np.random.default_rng(3), 4)
    for t in (1.0, 2.0, 4.0):
        p = float(law.probability_of_leaving(t))
        assert abs((drawn == t).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    assert set(drawn) == {1, 2, 3, 4, np.inf}
