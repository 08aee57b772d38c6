"""Interpolants against the functions themselves, row by row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from custvalue._numerics import interpolation
from custvalue._numerics.beta_geometric import beta_geo_expectation, beta_geo_survival
from custvalue._numerics.interpolation import by_run


def rate(alpha):
    return lambda x, T: np.exp(-(0.3 + x) * np.log1p(T / alpha))


def growth(x, T):
    return beta_geo_expectation(0.3 + x, 4.4 + T, 0.8, 2.4 + x, 52.0)


def survival(x, T):
    return beta_geo_survival(0.3 + x, 4.4 + T, 0.8, 2.4 + x, 52.0)


def log_count(x, T):
    return gammaln(0.3 + x + T) - gammaln(0.3 + x) - (0.3 + x) * np.log1p(T / 4.4)


class Counted:
    """A function that knows how often it was called, and for how many rows."""

    def __init__(self, function):
        self.function, self.calls, self.rows = function, 0, 0

    def __call__(self, x, T):
        """Evaluate the function, and count."""
        self.calls += 1
        self.rows += len(x)
        return self.function(x, T)


def customers(n, longest=1000.0, seed=0):
    """Return counts up to 60, sorted and mostly small, and times from 0 on."""
    generator = np.random.default_rng(seed)
    x = np.sort(np.minimum(generator.geometric(0.1, n) - 1, 60)).astype(float)
    return x, generator.uniform(0, longest, n)


@pytest.mark.parametrize(
    "function",
    [*map(rate, [1e-2, 1.0, 10.0, 1e3]), growth, survival, lambda x, T: -growth(x, T)],
    ids=["0.01", "1", "10", "1000", "growth", "survival", "negative"],
)
def test_every_row_is_right(function):
    """Rates of any scale, expectations and probabilities reach 1e-12, relative, in every row."""
    x, T = customers(20_000)
    np.testing.assert_allclose(by_run(function, x, T), function(x, T), rtol=1e-12)


@pytest.mark.parametrize("function", [rate(40.0), growth, survival])
def test_heavy_buyers_are_right(function):
    """Counts up to 10,000, whose values span all magnitudes down to 0, keep their digits."""
    generator = np.random.default_rng(1)
    x = np.repeat([0.0, 20.0, 500.0, 10_000.0], 400)
    T = np.exp(generator.uniform(np.log(0.1), np.log(1000), len(x)))
    expected = function(x, T)
    # Tiny values have lost digits themselves.
    np.testing.assert_allclose(by_run(function, x, T), expected, rtol=1e-12, atol=1e-290)


def test_logarithms_are_right_where_they_change_sign():
    """Logarithms from -30 to 6,000 are right to 1e-14 of the largest, through 0."""
    x, T = customers(50_000)
    function = Counted(log_count)
    found, expected = by_run(function, x, T, logs=True), log_count(x, T)
    assert expected.min() < -20 < 5000 < expected.max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14 * expected.max())
    assert function.rows < 12_000


@pytest.mark.parametrize("alpha", [1e-2, 1.0, 1e3])
def test_few_evaluations_suffice(alpha):
    """200,000 rows of 61 counts take fewer than 12,000 evaluations, in at most five calls."""
    function = Counted(rate(alpha))
    by_run(function, *customers(200_000))
    assert function.rows < 12_000
    assert function.calls <= 5


def test_rows_may_come_in_any_order():
    """Shuffled rows give the values of sorted ones."""
    x, T = customers(20_000)
    order = np.random.default_rng(2).permutation(len(x))
    np.testing.assert_array_equal(by_run(growth, x[order], T[order]), by_run(growth, x, T)[order])


def test_keys_need_not_be_whole():
    """Shuffled fractions and negative numbers are keys, too."""
    generator = np.random.default_rng(3)
    keys = generator.choice([-0.25, 0.5, 1e6 + 0.5], 3000)
    points = generator.uniform(0, 10, 3000)

    def function(k, t):
        return np.cosh(0.1 * t) + np.abs(k)

    counted = Counted(function)
    np.testing.assert_allclose(by_run(counted, keys, points), function(keys, points), rtol=1e-13)
    assert counted.rows < 1000


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_few_rows_are_evaluated_as_they_are(n):
    """Rows that are too few to share anything have the function's own values."""
    x, T = customers(n)
    np.testing.assert_array_equal(by_run(rate(10.0), x, T), rate(10.0)(x, T))


def test_equal_points_are_evaluated_once():
    """A count whose rows share one time or ten times takes one or ten evaluations."""
    x = np.repeat([0.0, 1.0], 5000)
    T = np.concatenate([np.full(5000, 52.0), np.arange(5000.0) % 10])
    function = Counted(growth)
    np.testing.assert_allclose(by_run(function, x, T), growth(x, T), rtol=1e-13)
    assert function.rows == 11


@pytest.mark.parametrize("value", [0.0, np.inf, -np.inf, np.nan])
def test_values_without_logarithm_are_kept(value):
    """Functions that are 0, infinite or NaN for some counts give just that, without a warning."""
    x, T = customers(20_000)

    def function(x, T):
        return np.where(x % 2 == 0, value, rate(10.0)(x, T))

    np.testing.assert_allclose(by_run(function, x, T), function(x, T), rtol=1e-12)
    np.testing.assert_allclose(by_run(function, x, T, logs=True), function(x, T), atol=1e-12)


def test_a_constant_is_exact():
    """A function that does not depend on the points keeps its value to the last digits."""
    x, T = customers(20_000)
    np.testing.assert_allclose(by_run(lambda x, T: 0.1 + x, x, T), 0.1 + x, rtol=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, T: np.sin(T * (x + 1)),
        lambda x, T: 1.0 + np.abs(T - 333.3),
        lambda x, T: 2 + np.sin(3 * T),
        lambda x, T: 1.0 + (T > 500),
    ],
    ids=["changes sign", "kink", "too many waves", "jump"],
)
def test_what_no_polynomial_follows_is_evaluated_directly(function):
    """Functions that are not smooth come out as they are."""
    x, T = customers(20_000)
    np.testing.assert_array_equal(by_run(function, x, T), function(x, T))


def test_infinite_points_are_evaluated_directly():
    """A count with a row at infinity is evaluated there, and its other rows stay right."""
    x, T = customers(20_000)
    T[::100] = np.inf
    np.testing.assert_allclose(by_run(growth, x, T), growth(x, T), rtol=1e-12)


def test_narrow_ranges_far_from_zero_are_right():
    """Points that differ in their last seven digits alone are told apart."""
    generator = np.random.default_rng(4)
    x = np.repeat([0.0, 3.0], 1000)
    T = 1000 + 1e-6 * generator.random(2000)
    np.testing.assert_allclose(by_run(growth, x, T), growth(x, T), rtol=1e-12)


@given(
    log_alpha=st.floats(-5, 7),
    log_longest=st.floats(-3, 7),
    power=st.floats(0.01, 3),
    seed=st.integers(0, 1000),
)
def test_no_scale_is_special(log_alpha, log_longest, power, seed):
    """Whatever the time unit, scale and shape, rows reach 1e-12 of a closed form."""
    generator = np.random.default_rng(seed)
    x = np.repeat([0.0, 1.0, 7.0, 50.0], [500, 300, 200, 40])
    T = np.exp(log_longest) * generator.random(len(x)) ** 3

    def function(x, T):
        return np.exp(-(power + x) * np.log1p(T / np.exp(log_alpha)))

    np.testing.assert_allclose(by_run(function, x, T), function(x, T), rtol=1e-12, atol=1e-290)


@pytest.mark.parametrize("degree", [0, 1, 7, 8, 15, 16, 40, 64])
def test_the_product_of_matrices_sums_the_series(degree):
    """Any number of coefficients gives what Clenshaw's recurrence gives, at the ends too."""
    generator = np.random.default_rng(degree)
    coefficients = generator.normal(size=degree + 1)
    t = np.append(generator.uniform(-1, 1, 100), [-1.0, 0.0, 1.0])
    found = interpolation._evaluate(interpolation._factors(coefficients), t)
    expected = np.polynomial.chebyshev.chebval(t, coefficients)
    np.testing.assert_allclose(found, expected, atol=1e-13 * (degree + 1))
