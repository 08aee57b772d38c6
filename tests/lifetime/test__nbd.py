"""The NBD mathematics: closed forms, and their derivatives."""

import numpy as np
import pytest
from scipy.stats import nbinom

from custvalue.lifetime._nbd import NBDLaw
from support.attrition import histories

LAW = NBDLaw(0.9, 10.0)


def test_the_likelihood_is_that_of_the_times():
    """It differs from the negative binomial probability by T^x / x!, here 39^3 / 6."""
    row = np.array([3.0]), np.array([20.0]), np.array([39.0])
    expected = nbinom.logpmf(3, 0.9, 10 / 49) - np.log(39**3 / 6)
    assert LAW.log_likelihood(*row)[0] == pytest.approx(expected, rel=1e-13)


def test_recency_does_not_matter():
    """Any time of the last purchase gives the same."""
    x, t_x, T = histories()
    np.testing.assert_array_equal(LAW.log_likelihood(x, t_x, T), LAW.log_likelihood(x, T, T))


def test_derivatives_are_those_of_the_likelihood():
    """Gradient and Hessian, against central differences, with one r or one of each row."""
    x, t_x, T = histories()
    r, alpha = np.linspace(0.3, 40, len(x)), np.linspace(3, 30, len(x))
    for at in ((0.9, 10.0), (r, 10.0), (r, alpha)):
        values, gradient, hessian = NBDLaw(*at).log_likelihood_with_hessian(x, t_x, T)
        np.testing.assert_array_equal(values, NBDLaw(*at).log_likelihood(x, t_x, T))
        for i in range(2):
            up, down = (
                NBDLaw(*(v * (1 + sign * 1e-5 * (i == j)) for j, v in enumerate(at)))
                for sign in (1, -1)
            )
            width = 2e-5 * at[i]
            slope = (up.log_likelihood(x, t_x, T) - down.log_likelihood(x, t_x, T)) / width
            noise = 1e-10 * np.abs(values).max() / np.min(at[i])
            np.testing.assert_allclose(gradient[:, i], slope, rtol=1e-6, atol=noise)
            ends = [law.log_likelihood_with_gradient(x, t_x, T)[1] for law in (up, down)]
            bend = (ends[0] - ends[1]).T / width
            noise = 1e-9 * np.abs(gradient).max()
            np.testing.assert_allclose(hessian[:, i].T, bend, rtol=1e-6, atol=noise)


def test_the_future_is_negative_binomial():
    """Of customers with a history and new ones; for ever nobody stops at any count."""
    row, n = (np.full(4, 3.0), np.full(4, 20.0), np.full(4, 39.0)), np.array([0.0, 1, 7, 200])
    found = LAW.purchase_probability(*row, n, 10.0)
    np.testing.assert_allclose(found, nbinom.pmf(n, 3.9, 49 / 59), rtol=1e-10)
    new = LAW.purchase_probability_new(n, 10.0)
    np.testing.assert_allclose(new, nbinom.pmf(n, 0.9, 0.5), rtol=1e-10)
    np.testing.assert_array_equal(LAW.purchase_probability(*row, n, 0.0), [1, 0, 0, 0])
    np.testing.assert_array_equal(LAW.purchase_probability(*row, n, np.inf), 0)


def test_expectations_grow_without_end():
    """Proportional to the horizon, infinite for ever, and finite where discounted."""
    row = np.array([3.0]), np.array([20.0]), np.array([39.0])
    assert LAW.probability_alive(*row, 1e6) == 1
    assert LAW.expected_purchases(*row, 10.0)[0] == pytest.approx(3.9 / 49 * 10)
    assert LAW.expected_purchases_new(10.0) == pytest.approx(0.9)
    assert np.isinf(LAW.expected_purchases(*row, np.inf)).all()
    assert LAW.discounted_expected_purchases(*row, 0.0, 10.0)[0] == pytest.approx(39 / 49)
    ever = LAW.discounted_expected_purchases(*row, 0.01, np.inf)[0]
    assert ever == pytest.approx(3.9 / 49 * 100)
    assert LAW.discounted_expected_purchases(*row, 0.01, 1e4)[0] == pytest.approx(ever)


def test_simulated_customers_behave_as_expected():
    """Mean counts within four standard errors, the last of x purchases at x / (x + 1) of T."""
    n, generator = 200_000, np.random.default_rng(0)
    x, t_x = LAW.simulate(np.full(n, 52.0), generator)
    assert abs(x.mean() - 4.68) < 4 * x.std() / np.sqrt(n)
    assert t_x[x == 3].mean() == pytest.approx(39.0, abs=0.3)
    assert ((t_x == 0) == (x == 0)).all()
    row = tuple(np.full(n, value) for value in (3.0, 20.0, 39.0))
    future = LAW.simulate_future(*row, 10.0, generator)
    assert abs(future.counts.mean() - 39 / 49) < 4 * future.counts.std() / np.sqrt(n)
    assert (future.span == 10.0).all()
    assert not future.ends_with_purchase.any()


def test_starts_have_the_mean_rate():
    """r / alpha is the number of purchases per time; units follow the unit of time."""
    x, t_x, T = histories()
    starts = NBDLaw.starts(x, t_x, T, np.ones(len(x)))
    np.testing.assert_allclose(starts[:, 0] / starts[:, 1], x.sum() / T.sum())
    np.testing.assert_allclose(NBDLaw.units(x, t_x, T, np.ones(len(x))), [1.0, T.mean()])
