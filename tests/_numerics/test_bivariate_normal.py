"""The bivariate normal law against integrals of 40 and more digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from custvalue._numerics.bivariate_normal import (
    bivariate_normal_cdf,
    log_bivariate_normal_density,
    log_bivariate_normal_rectangle,
    log_density_slope,
)

places = st.floats(-6, 6) | st.sampled_from([0.0, -0.0, np.inf, -np.inf])
inner_rho = st.floats(-0.9999, 0.9999)


def exact_cdf(h: float, k: float, rho: float) -> mp.mpf:
    """Return P(X <= h, Y <= k) as the integral of the density over the correlation from 0."""
    with mp.workdps(50):
        h, k = mp.mpf(h), mp.mpf(k)

        def density(angle):
            square = h * h - 2 * h * k * mp.sin(angle) + k * k
            return mp.exp(-square / (2 * mp.cos(angle) ** 2))

        end = mp.asin(mp.mpf(rho))
        joint = mp.quad(density, mp.linspace(0, end, 9)) / (2 * mp.pi)
        return mp.ncdf(h) * mp.ncdf(k) + joint


@pytest.mark.parametrize(
    ("h", "k", "rho"),
    [
        (0.0, 0.0, 0.5),
        (0.0, -0.0, -0.7),
        (-0.0, 1.3, 0.9),
        (1.0, -2.0, 0.3),
        (-1.07, 1.16, 0.0992),
        (0.5717063, 1.1798862, -0.6151387),
        (1.2146943, 0.5370727, 0.935676),
        (1.0, 1.0001, 0.9999),
        (-2.0, 2.0003, -0.9999),
        (0.3, 0.9, 0.9999),
        (-5.0, -4.0, 0.2),
        (6.0, -6.0, -0.5),
    ],
)
def test_the_distribution_function_is_exact(h, k, rho):
    """It agrees with 50 digits to three units of the last place of 1."""
    error = mp.mpf(float(bivariate_normal_cdf(h, k, rho))) - exact_cdf(h, k, rho)
    assert abs(error) < 6e-16


@given(h=places, k=places, rho=st.floats(-1, 1))
@settings(max_examples=30)
def test_the_distribution_function_obeys_its_symmetries(h, k, rho):
    """The variables may be swapped, and one may be mirrored; no value leaves Frechet's bounds."""
    both = bivariate_normal_cdf(h, k, rho)
    np.testing.assert_allclose(bivariate_normal_cdf(k, h, rho), both, atol=1e-15)
    np.testing.assert_allclose(both + bivariate_normal_cdf(h, -k, -rho), ndtr(h), atol=1e-15)
    assert max(0.0, ndtr(h) + ndtr(k) - 1) - 1e-15 <= both <= min(ndtr(h), ndtr(k))


@pytest.mark.parametrize(("rho", "expected"), [(1.0, ndtr(-0.4)), (-1.0, ndtr(0.7) - ndtr(0.4))])
def test_perfect_correlations_have_one_variable(rho, expected):
    """At rho = 1 the smaller place counts, at -1 the stretch between the places."""
    np.testing.assert_allclose(bivariate_normal_cdf(0.7, -0.4, rho), expected, atol=1e-16)


@given(h=st.floats(-4, 4), k=st.floats(-4, 4), rho=st.floats(-0.95, 0.95))
@settings(max_examples=30)
def test_the_density_is_the_slope_of_the_distribution_function_in_rho(h, k, rho):
    """Plackett's identity, and the derivative of the density, by central differences."""
    step = 1e-5
    slope = (bivariate_normal_cdf(h, k, rho + step) - bivariate_normal_cdf(h, k, rho - step)) / (
        2 * step
    )
    density = np.exp(log_bivariate_normal_density(h, k, rho))
    np.testing.assert_allclose(slope, density, rtol=1e-4, atol=1e-10)
    logs = [log_bivariate_normal_density(h, k, rho + sign * step) for sign in (1, -1)]
    np.testing.assert_allclose(
        (logs[0] - logs[1]) / (2 * step), log_density_slope(h, k, rho), rtol=1e-4, atol=1e-6
    )


def test_infinite_places_have_no_density():
    """At infinity the density is 0 and its logarithm does not change with rho."""
    assert log_bivariate_normal_density(np.inf, 1.0, 0.3) == -np.inf
    assert log_density_slope(0.0, -np.inf, 0.3) == 0


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ((-np.inf, -1.5, 1.5, np.inf, 0.95), -52.5087082152268318),
        ((1.5, np.inf, -np.inf, -1.5, 0.97), -83.267310566888052),
        ((-np.inf, -1.0, -np.inf, -1.2, -0.99), -130.297587229476945),
        ((2.53, np.inf, -np.inf, -1.385, 0.878), -38.2806389212161974),
        ((-2.4, -2.1, 0.1, 0.6, 0.9), -18.5609695027081911),
        ((-0.5, 0.5, 1.5, 2.0, 0.9), -7.66635475574666138),
        ((-0.5, 0.5, 4.5, np.inf, 0.1), -13.6505498665160075),
        ((1.0, 1.01, -2.0, -1.9, 0.7), -15.8064631602995303),
        ((4.9, np.inf, -np.inf, np.inf, 0.5), -14.5511826893553126),
    ],
)
def test_small_rectangles_keep_their_digits(cell, expected):
    """Cells down to e^-130 agree with the logs of integrals of 40 digits by mpmath's quad."""
    got = log_bivariate_normal_rectangle(*(np.array([side]) for side in cell))[0]
    assert abs(got - expected) < 2e-11


@pytest.mark.parametrize("rho", [0.9999, -0.9999])
def test_rectangles_far_below_the_smallest_number_have_a_logarithm(rho):
    """The far corner of nearly perfect variables has a finite logarithm, with the right head."""
    bottom, top = (1.5, np.inf) if rho > 0 else (-np.inf, -1.5)
    sides = (-np.inf, -1.5, bottom, top, rho)
    got = log_bivariate_normal_rectangle(*(np.array([side]) for side in sides))[0]
    # The density at the corner (-1.5, +-1.5): -(h^2 - 2 rho h k + k^2) / 2q with q = 1 - rho^2.
    leading = -(1.5**2) * (1 + abs(rho)) / (1 - rho**2)
    # What follows is of the order of log q and log 15000, the steepness of the fall.
    assert leading - 30 < got < leading


def test_all_rectangles_of_a_grid_make_the_whole():
    """Probabilities of cells add up to one, small and large alike."""
    cuts = np.array([-np.inf, -1.2, 0.3, 1.1, np.inf])
    i, j = (index.ravel() for index in np.indices((4, 4)))
    logs = log_bivariate_normal_rectangle(
        cuts[i], cuts[i + 1], cuts[j], cuts[j + 1], np.full(16, 0.6)
    )
    np.testing.assert_allclose(np.exp(logs).sum(), 1.0, atol=1e-12)
