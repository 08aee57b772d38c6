"""The Gamma-Gamma mathematics against 50 digits, central differences and simulation."""

import numpy as np
import pytest

from custvalue.lifetime._gamma_gamma import GammaGammaLaw
from support import oracle


def each(points, evaluate):
    """Evaluate at every point, a law and a row at a time."""
    return np.array(
        [
            evaluate(GammaGammaLaw(p, q, v), np.array([x]), np.array([m]))[0]
            for p, q, v, x, m in zip(*(points[k] for k in ["p", "q", "v", "x", "m"]), strict=True)
        ]
    )


def test_log_likelihood_at_golden_points():
    """The log density agrees with the oracle for p, q, v in [0.01, 1000] and x to 10,000.

    log B(px, q) is a difference of log Gammas near px log(px), with an error of a few 1e-16 of
    those: at px = 1e7 that is 3e-8 in absolute terms, and less than 1e-12 per unit of px.
    """
    points = oracle.load_points("gamma_gamma")
    found = each(points, lambda law, x, m: law.log_likelihood(x, m))
    noise = 1e-14 * points["p"] * points["x"]
    assert (np.abs(found - points["log_likelihood"]) <= 1e-11 + 1e-12 * np.abs(found) + noise).all()


def test_expected_spend_at_golden_points():
    """The conditional mean agrees with the oracle."""
    points = oracle.load_points("gamma_gamma", "spend")
    found = each(points, lambda law, x, m: law.expected_spend(x, m))
    np.testing.assert_allclose(found, points["expected_spend"], rtol=1e-12)


def test_gradient_agrees_with_central_differences():
    """Each derivative is that of the log density, to the error of the differences."""
    x, m = np.array([1.0, 2, 9, 400]), np.array([3.0, 500, 0.2, 40])
    at = np.array([6.25, 3.74, 15.44])
    values, gradient = GammaGammaLaw(*at).log_likelihood_with_gradient(x, m)
    np.testing.assert_array_equal(values, GammaGammaLaw(*at).log_likelihood(x, m))
    for i in range(3):
        step = np.eye(3)[i] * at[i] * 1e-5
        high = GammaGammaLaw(*(at + step)).log_likelihood(x, m)
        low = GammaGammaLaw(*(at - step)).log_likelihood(x, m)
        np.testing.assert_allclose(gradient[:, i], (high - low) / (2 * step[i]), rtol=1e-5)


def test_density_integrates_to_one():
    """Over all mean spends the probability is 1."""
    law, logs = GammaGammaLaw(6.25, 3.74, 15.44), np.linspace(-12, 16, 20_001)
    for x in (1.0, 5.0, 80.0):
        density = np.exp(law.log_likelihood(np.full_like(logs, x), np.exp(logs)) + logs)
        assert np.trapezoid(density, logs) == pytest.approx(1, abs=1e-9)


def test_many_purchases_outweigh_the_population():
    """No purchases give the mean of all customers; ten thousand give their own."""
    law = GammaGammaLaw(6.25, 3.74, 15.44)
    none, many = law.expected_spend(np.array([0.0, 1e4]), np.array([0.0, 80.0]))
    assert none == pytest.approx(law.p * law.v / (law.q - 1))
    assert many == pytest.approx(80, rel=1e-3)


def test_simulated_spend_has_the_population_mean():
    """The mean of simulated customers is p v / (q - 1), within four standard errors."""
    law = GammaGammaLaw(6.25, 3.74, 15.44)
    x = np.tile([0.0, 1.0, 6.0], 60_000)
    m = law.simulate(x, np.random.default_rng(4))
    assert (m[x == 0] == 0).all()
    spent = m[x > 0]
    error = spent.std() / np.sqrt(len(spent))
    assert abs(spent.mean() - law.p * law.v / (law.q - 1)) < 4 * error
