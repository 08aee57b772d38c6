"""Loss functions against published figures, sums and 40-digit arithmetic."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from custvalue._numerics.loss_functions import (
    count_loss,
    count_probability,
    count_tail,
    gamma_loss,
    inverse_gamma_loss,
    inverse_normal_loss,
    normal_loss,
)

INF = np.inf


def one(*values):
    """Return each number as an array of one row."""
    return [np.array([float(value)]) for value in values]


# stockpyl, tests/test_loss_functions.py: figures printed to 15 decimals; those of the negative
# binomial law are compared there to 4 decimals, so that more cannot be asked for.
@pytest.mark.parametrize(
    ("k", "loss"), [(-1.4, 1.436668142708465), (0.3, 0.26676124211721), (3.1, 2.672490952231408e-4)]
)
def test_the_normal_loss_is_that_of_stockpyl(k, loss):
    """The standard normal losses that stockpyl publishes come out."""
    assert normal_loss(*one(k))[0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "mean", "loss"), [(220, 200, 0.536005857158494), (5, 7, 2.292599516747219)]
)
def test_the_poisson_loss_is_that_of_stockpyl(x, mean, loss):
    """Its figures sum a series that was cut off at 1e-6 for the second."""
    assert count_loss(*one(x, mean, INF))[0] == pytest.approx(loss, abs=2e-6)


@pytest.mark.parametrize(
    ("x", "mean", "sd", "loss"),
    [
        (14, 70 / 3, 8.819171036881968, 9.740089476453932),
        (28, 70 / 3, 8.819171036881968, 1.805485505752903),
        (10, 15, 6.123724356957944, 5.533809274622726),
    ],
)
def test_the_negative_binomial_loss_is_that_of_stockpyl(x, mean, sd, loss):
    """Mean and standard deviation as given there."""
    size = mean**2 / (sd**2 - mean)
    assert count_loss(*one(x, mean, size))[0] == pytest.approx(loss, abs=5e-5)


@pytest.mark.parametrize("k", [-30, -5, -0.5, 0, 1, 3, 6, 10, 20])
def test_the_normal_loss_keeps_twelve_digits(k):
    """Far in the tail too, against 40 digits of phi(k) - k (1 - Phi(k))."""
    with mp.workdps(40):
        expected = float(mp.npdf(k) - k * mp.erfc(k / mp.sqrt(2)) / 2)
    assert normal_loss(*one(k))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [1e-3, 0.1, 2.5, 30, 1000])
@pytest.mark.parametrize("k", [-0.7, 0, 1, 4])
def test_the_gamma_loss_keeps_twelve_digits(shape, k):
    """Against (a - z) Q(a, z) + z^a e^-z / Gamma(a) with 40 digits."""
    z = max(shape + k * np.sqrt(shape), 0.1 * shape)
    with mp.workdps(40):
        a, x = mp.mpf(shape), mp.mpf(z)
        tail = mp.gammainc(a, x, mp.inf, regularized=True)
        expected = float((a - x) * tail + mp.exp(a * mp.log(x) - x - mp.loggamma(a)))
    assert gamma_loss(*one(z, shape))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [0.05, 2.0, 50.0, INF])
@pytest.mark.parametrize("mean", [0.01, 0.5, 7.0, 150.0])
def test_losses_and_tails_of_counts_are_sums_of_probabilities(mean, size):
    """Probabilities sum to 1, and tails and losses are what they sum up to."""
    j = np.arange(200_000 if size < 1 else 3000, dtype=float)
    means, sizes = np.full(len(j), mean), np.full(len(j), size)
    probability = count_probability(j, means, sizes)
    assert probability.sum() == pytest.approx(1.0, rel=1e-12)
    for x in (0.0, 1.0, 5.0, 40.0, 160.0):
        tail = probability[j > x].sum()
        loss = (probability * np.maximum(j - x, 0)).sum()
        assert count_tail(*one(x, mean, size))[0] == pytest.approx(tail, rel=1e-11, abs=1e-25)
        assert count_loss(*one(x, mean, size))[0] == pytest.approx(loss, rel=1e-11, abs=1e-25)


@pytest.mark.parametrize(("mean", "size"), [(1e5, INF), (1e5, 30.0), (1e5, 1e9)])
def test_probabilities_of_large_counts_keep_twelve_digits(mean, size):
    """Means of a hundred thousand, where logarithms of factorials lose six digits."""
    j = mean + 300.0
    with mp.workdps(40):
        m, x = mp.mpf(mean), mp.mpf(j)
        log = x * mp.log(m) - m - mp.loggamma(x + 1)
        if np.isfinite(size):
            r = mp.mpf(size)
            log = mp.loggamma(r + x) - mp.loggamma(x + 1) - mp.loggamma(r)
            log += r * mp.log(r / (r + m)) + x * mp.log(m / (r + m))
        expected = float(mp.exp(log))
    assert count_probability(*one(j, mean, size))[0] == pytest.approx(expected, rel=1e-12)


def test_the_negative_binomial_law_is_that_of_scipy():
    """Size r and chance r / (r + mean) are its n and p."""
    j, mean, size = np.arange(40.0), np.full(40, 7.0), np.full(40, 2.5)
    law = stats.nbinom(2.5, 2.5 / 9.5)
    np.testing.assert_allclose(count_probability(j, mean, size), law.pmf(j), rtol=1e-12)
    np.testing.assert_allclose(count_tail(j, mean, size), law.sf(j), rtol=1e-12)


def test_losses_at_both_ends():
    """Below all demand a unit less is a unit missed; an infinite stock misses nothing."""
    ends = np.array([-3.0, -INF, INF])
    mean, size = np.full(3, 2.0), np.array([INF, 4.0, 4.0])
    assert count_loss(ends, mean, size).tolist() == [5.0, INF, 0.0]
    assert gamma_loss(ends, mean).tolist() == [5.0, INF, 0.0]
    assert normal_loss(ends)[1:].tolist() == [INF, 0.0]
    assert count_tail(np.array([-1.0]), mean[:1], size[:1]).tolist() == [1.0]


def test_the_count_loss_is_a_straight_line_between_whole_numbers():
    """Half a unit lies half way."""
    whole = count_loss(np.array([3.0, 4.0]), np.full(2, 5.0), np.full(2, 2.0))
    assert count_loss(*one(3.5, 5, 2))[0] == pytest.approx(whole.mean(), rel=1e-14)


def test_the_inverse_of_the_published_fill_rate():
    """beta = .99 with sigma 20 and Q 200 is G(k) = .1 and needs k = .902346 (constructed)."""
    assert inverse_normal_loss(*one(0.1))[0] == pytest.approx(0.902346, abs=5e-7)


@settings(max_examples=30)
@given(k=st.floats(-20, 20), shape=st.floats(0.01, 1e4), part=st.floats(0.01, 4))
def test_the_inverse_losses_undo_the_losses(k, shape, part):
    """The loss at the inverse is the loss given."""
    loss = normal_loss(*one(k))
    np.testing.assert_allclose(normal_loss(inverse_normal_loss(loss)), loss, rtol=1e-11)
    size = np.array([shape])
    loss = gamma_loss(part * size, size)
    if loss[0] > 1e-250:
        found = gamma_loss(inverse_gamma_loss(loss, size), size)
        np.testing.assert_allclose(found, loss, rtol=1e-9)


def test_no_loss_needs_an_infinite_stock_and_much_loss_a_negative_one():
    """The two ends of both inverses."""
    assert inverse_normal_loss(np.array([0.0])).tolist() == [INF]
    assert inverse_gamma_loss(np.array([0.0, 5.0]), np.array([2.0, 2.0])).tolist() == [INF, -3.0]
