import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue._numerics.beta_geometric import beta_geo_survival
from custvalue._numerics.roots import increasing_root


def bought(t, rate, share):
    """Return the probability that a customer, one of ``share``, has bought by t."""
    return -share * np.expm1(-rate * t)


def lomax(t, shape, scale):
    return -np.expm1(-shape * np.log1p(t / scale))


@given(
    log_rate=st.floats(-25, 25),
    share=st.floats(0.01, 1),
    target=st.floats(1e-6, 0.999),
)
def test_times_of_all_sizes_are_found(log_rate, share, target):
    """Roots from 1e-17 to 1e12 agree with the closed form; there is none above the share."""
    rate, limit = np.array([np.exp(log_rate)]), np.array([share])
    found = increasing_root(bought, target, 0.0, np.inf, (rate, limit))
    if target > share:
        assert found == np.inf
    elif target < 0.999 * share:
        expected = -np.log1p(-target / share) / rate
        # Close to the limit the function is flat, and the root that much less certain.
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_table_of_rows_is_solved_at_once():
    """20,000 quantiles of Lomax times reach 1e-12 in fewer than 40 calls."""
    generator = np.random.default_rng(0)
    shape, scale = np.exp(generator.uniform(-2, 5, (2, 20_000)))
    target = generator.uniform(0.01, 0.99, 20_000)
    calls = []

    def function(t, shape, scale):
        calls.append(len(t))
        return lomax(t, shape, scale)

    found = increasing_root(function, target, 0.0, np.inf, (shape, scale))
    expected = scale * np.expm1(-np.log1p(-target) / shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert len(calls) < 40
    assert sum(calls) < 25 * 20_000


def test_very_heavy_tails_are_followed():
    """The median of a Lomax time of shape 0.001 is 2^1000, and is found."""
    found = increasing_root(lomax, 0.5, 0.0, np.inf, (np.array([1e-3]), np.array([1.0])))
    # The target is rounded by 1e-16; its distance from the limit decides 1,000 powers of two.
    np.testing.assert_allclose(np.log(found), 1000 * np.log(2), rtol=1e-13)


def test_the_ends_of_the_range_are_kept():
    """Rows that start at the target stay at the lower end, those that do not reach it have inf."""
    rate, share = np.array([1.0, 1.0, 1.0]), np.ones(3)
    target = bought(np.array([0.5, 2.0, 20.0]), rate, share)
    found = increasing_root(bought, target, 1.0, 10.0, (rate, share))
    np.testing.assert_allclose(found, [1.0, 2.0, np.inf], rtol=1e-12)


def test_the_target_may_be_reached_at_once_or_at_infinity_only():
    """A target of 0 takes no time; a limit that is approached for ever takes for ever."""
    columns = (np.ones(2), np.ones(2))
    found = increasing_root(bought, np.array([0.0, 1 + 1e-12]), 0.0, np.inf, columns)
    np.testing.assert_array_equal(found, [0.0, np.inf])


def test_the_function_is_asked_within_the_range_only():
    """Nothing outside of lower to upper is evaluated."""
    seen = []

    def function(t, rate):
        seen.append(t)
        return -np.expm1(-rate * t)

    increasing_root(function, 0.3, 1e-3, 1e3, (np.array([1e-2, 1.0, 1e2]),))
    times = np.concatenate(seen)
    assert times.min() == 1e-3
    assert times.max() == 1e3


def test_functions_that_become_infinite_are_solved():
    """An expectation that is infinite at the end still has a place where it is 5."""

    def function(t, rate):
        with np.errstate(over="ignore"):
            return np.expm1(rate * t)

    found = increasing_root(function, 5.0, 0.0, np.inf, (np.array([1e-3, 1.0, 1e3]),))
    np.testing.assert_allclose(found, np.log(6) / np.array([1e-3, 1.0, 1e3]), rtol=1e-12)


def test_the_quantile_of_leaving_gives_its_probability():
    """At the time that is found, half of the customers have left; some take very long."""
    x = np.array([0.0, 1.0, 5.0, 100.0])

    def left(t, x):
        return 1 - beta_geo_survival(0.24 + x, 4.4 + 52.0, 0.79, 2.4 + x, t)

    found = increasing_root(left, 0.5, 0.0, np.inf, (x,))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(left(found, x), 0.5, rtol=1e-11)


def test_other_units_give_other_numbers_alone():
    """Weeks times seven are days, to 1e-13."""
    rate, share = np.array([0.01, 0.3, 5.0]), np.array([0.4, 0.7, 1.0])
    weeks = increasing_root(bought, 0.3, 0.0, np.inf, (rate, share))
    days = increasing_root(bought, 0.3, 0.0, np.inf, (rate / 7, share))
    np.testing.assert_allclose(days, 7 * weeks, rtol=1e-13)


def test_no_rows_give_no_roots():
    """An empty table is solved."""
    assert increasing_root(bought, 0.5, 0.0, np.inf, (np.empty(0), np.empty(0))).shape == (0,)


@pytest.mark.parametrize(
    "hole", [lambda t: t > 0.1, lambda t: (t > 0.01) & (t < 100)], ids=["at the end", "inside"]
)
def test_a_function_that_is_no_number_is_an_error(hole):
    """NaN is not taken for an answer; the row is named."""

    def function(t, rate):
        return np.where((rate == 2) & hole(t), np.nan, -np.expm1(-rate * t))

    with pytest.raises(ArithmeticError, match=r"for the row \(2.0\)"):
        increasing_root(function, 0.5, 0.0, np.inf, (np.array([1.0, 2.0]),))
