import numpy as np
import pytest

from custvalue.lifetime._arguments import (
    read_choice,
    read_counts,
    read_observed_time,
    read_probability,
    read_rate,
    read_time,
)


def test_valid_arguments_come_back_as_floats():
    """Numbers of any kind are read."""
    assert read_time(np.int64(3), "horizon") == 3.0
    assert read_time(np.inf, "horizon") == np.inf
    assert read_rate(np.float32(0.5), np.inf) == 0.5
    assert read_rate(0, 52.0) == 0.0
    np.testing.assert_array_equal(read_counts([0, 2]), [0.0, 2.0])
    np.testing.assert_array_equal(read_observed_time(5, 2), [5.0, 5.0])


@pytest.mark.parametrize("value", [-1, np.nan, "3", None, True])
def test_times_are_numbers_of_at_least_zero(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="ahead must be a number of at least 0"):
        read_time(value, "ahead")


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "0.1", True])
def test_rates_are_finite_numbers_of_at_least_zero(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="rate must be a finite number"):
        read_rate(value, 52.0)


@pytest.mark.parametrize("value", [0, 1, -0.1, np.nan, "half", True])
def test_probabilities_lie_between_0_and_1(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="q must be a number between 0 and 1"):
        read_probability(value, "q")


def test_a_choice_is_one_of_its_words():
    """Anything else is an error that lists them."""
    assert read_choice("mean", "of", ("purchases", "mean")) == "mean"
    with pytest.raises(ValueError, match="of must be one of purchases, mean; found 'value'"):
        read_choice("value", "of", ("purchases", "mean"))


@pytest.mark.parametrize("value", [-1, 0.5, [[1]], "2", [1, -1], None])
def test_counts_are_whole_numbers(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="n must be a whole number"):
        read_counts(value)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_observed_times_are_finite(value):
    """Nobody is observed for ever, or for less than nothing."""
    with pytest.raises(ValueError, match="T must be finite"):
        read_observed_time(value, 3)
