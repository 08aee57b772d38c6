"""The first period by which survival has fallen so far is found exactly, near and far."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.retention._lifetime_quantiles import first_period_reaching


def slow(power):
    """Return S(t) = (1 + t)^-power."""
    return lambda t: (1 + t) ** -power


@settings(max_examples=30)
@given(st.floats(0.05, 5), st.floats(0.01, 0.99))
def test_it_is_the_first_such_period(power, target):
    """Survival is at most the target there, and above it one period before."""
    [found] = first_period_reaching(slow(power), target, 1)
    assert found == np.floor(found) >= 1
    assert slow(power)(found) <= target * (1 + 1e-11)
    if found < 2**52:
        assert slow(power)(found - 1) > target * (1 - 1e-11)


@pytest.mark.parametrize("period", [1, 2, 3, 4, 5, 7, 8, 9, 1023, 1024, 1025, 10**9, 2**52 + 1])
def test_a_step_is_found_wherever_it_is(period):
    """Around every power of 2, and far away."""
    [found] = first_period_reaching(lambda t: np.where(t >= period, 0.4, 0.6), 0.5, 1)
    assert found == period


def test_rows_are_found_together():
    """Each row has its own answer; what is never reached is infinite."""
    powers = np.array([1e-4, 0.5, 1.0, 9.0])
    found = first_period_reaching(slow(powers), 0.1, 4)
    np.testing.assert_array_equal(found, [np.inf, 99, 9, 1])


def test_a_survival_that_equals_its_target_but_for_rounding_has_reached_it():
    """Of half the customers half has left after one renewal, though exp(log .5) may be above."""
    [found] = first_period_reaching(lambda t: 0.5**t * (1 + 1e-15), 0.5, 1)
    assert found == 1
