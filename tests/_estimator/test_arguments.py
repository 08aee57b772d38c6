"""Arguments of methods are read, or refused by a sentence that names them."""

import numpy as np
import pytest

from custvalue._estimator.arguments import (
    is_number,
    read_amount,
    read_choice,
    read_probability,
    read_rate,
    read_time,
    read_whole_number,
    read_whole_numbers,
)


def test_valid_arguments_come_back_as_numbers():
    """Numbers of any kind are read."""
    assert read_time(np.int64(3), "horizon") == 3.0
    assert read_time(np.inf, "horizon") == np.inf
    assert read_amount(2, "margin") == 2.0
    assert read_rate(np.float32(0.5), np.inf) == 0.5
    assert read_rate(0, 52.0) == 0.0
    assert read_probability(0.25, "q") == 0.25
    assert read_whole_number(np.float64(3.0), "periods") == 3
    np.testing.assert_array_equal(read_whole_numbers([0, 2.0], "periods"), [0.0, 2.0])
    assert read_whole_numbers(4, "periods").ndim == 0


@pytest.mark.parametrize("value", [True, "1", None, [1], 1j])
def test_bools_text_and_lists_are_no_numbers(value):
    """A bool would pass for 1 elsewhere."""
    assert not is_number(value)


@pytest.mark.parametrize("value", [-1, np.nan, "3", None, True])
def test_times_are_numbers_of_at_least_zero(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="ahead must be a number of at least 0"):
        read_time(value, "ahead")


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "0.1", True])
def test_amounts_and_rates_are_finite_numbers_of_at_least_zero(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="margin must be a finite number"):
        read_amount(value, "margin")
    with pytest.raises(ValueError, match="rate must be a finite number"):
        read_rate(value, 52.0)


def test_something_must_discount_an_infinite_horizon():
    """A rate of 0 has no present value for ever; the error names the parameter."""
    with pytest.raises(ValueError, match="annual_discount_rate must be positive"):
        read_rate(0, np.inf, "annual_discount_rate")


@pytest.mark.parametrize("value", [0, 1, -0.1, np.nan, "half", True])
def test_probabilities_lie_between_0_and_1(value):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="q must be a number between 0 and 1"):
        read_probability(value, "q")


@pytest.mark.parametrize("value", ["value", None, 3, ["mean"]])
def test_a_choice_is_one_of_its_words(value):
    """Anything else is an error that lists them."""
    assert read_choice("mean", "of", ("purchases", "mean")) == "mean"
    with pytest.raises(ValueError, match="of must be one of purchases, mean; found"):
        read_choice(value, "of", ("purchases", "mean"))


@pytest.mark.parametrize("value", [-1, 0, 0.5, np.nan, np.inf, [[1]], "2", [1, 0], None, True, []])
def test_whole_numbers_are_whole_and_large_enough(value):
    """Anything else is an error that names parameter and lowest value."""
    with pytest.raises(ValueError, match="periods must be a whole number of at least 1"):
        read_whole_numbers(value, "periods", 1)


def test_a_single_whole_number_is_no_list():
    """Where one number is wanted, several are refused."""
    with pytest.raises(ValueError, match=r"n_customers must be a single whole number; found \[3\]"):
        read_whole_number([3], "n_customers")


@pytest.mark.parametrize("value", [-1, 0, 0.5, np.nan, np.inf, "2", None, True])
def test_a_single_whole_number_has_its_own_words(value):
    """No array is offered where none is allowed."""
    with pytest.raises(
        ValueError, match=f"^k must be a whole number of at least 1; found {value!r}$"
    ):
        read_whole_number(value, "k", 1)


def test_a_length_of_time_is_no_number():
    """NumPy counts ``timedelta64`` among its integers; its unit would be lost."""
    assert not is_number(np.timedelta64(5, "D"))
    with pytest.raises(ValueError, match="horizon must be a number"):
        read_time(np.timedelta64(5, "D"), "horizon")
