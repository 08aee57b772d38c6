"""Rules that look at eigenvalues alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from custvalue.factors._retention.eigenvalue_rules import (
    acceleration,
    acceleration_number,
    empirical_kaiser_reference,
    kaiser_number,
    leading,
    optimal_coordinates,
    optimal_coordinates_number,
)

spectra_of_items = st.integers(3, 12).flatmap(
    lambda p: st.lists(st.floats(0.01, 5), min_size=p, max_size=p)
)


def as_eigenvalues(numbers):
    """Return positive numbers as eigenvalues of a correlation matrix: falling, with the sum p."""
    values = np.sort(np.array(numbers))[::-1]
    return values * len(values) / values.sum()


def test_leading_stops_at_the_first_that_is_not_good():
    """Later ones do not count."""
    assert leading(np.array([True, True, False, True])) == 2
    assert leading(np.array([False, True])) == 0


def test_kaiser_counts_what_exceeds_one():
    """An eigenvalue of exactly 1 is worth no more than its item; nor is one that rounds to it."""
    assert kaiser_number(np.array([2.0, 1.0 + 1e-15, 1.0, 0.0])) == 1
    assert kaiser_number(np.ones(4)) == 0


@settings(max_examples=30)
@given(spectra_of_items, st.integers(3, 1000))
def test_the_empirical_kaiser_reference_is_the_formula(numbers, n):
    """Braeken and van Assen (2017), p. 454, one eigenvalue after the other."""
    values = as_eigenvalues(numbers)
    p, used, expected = len(values), 0.0, []
    for j in range(1, p + 1):
        expected.append(max((1 + (p / n) ** 0.5) ** 2 * (p - used) / (p - j + 1), 1))
        used += values[j - 1]
    assert_allclose(empirical_kaiser_reference(values, n), expected, rtol=1e-12)


def test_the_empirical_kaiser_reference_of_many_respondents_is_kaisers():
    """Without sampling error the first reference is 1, and so are all after a larger eigenvalue."""
    assert_allclose(empirical_kaiser_reference(np.array([2.0, 0.6, 0.4]), 1e12), 1.0, atol=1e-5)


@settings(max_examples=30)
@given(spectra_of_items)
def test_optimal_coordinates_lie_on_the_line_behind(numbers):
    """np.polyfit through the next and the last eigenvalue, at the place of this one."""
    values = as_eigenvalues(numbers)
    p, foretold = len(values), optimal_coordinates(values)
    for i in range(1, p - 1):
        line = np.polyfit([i + 1, p], [values[i], values[-1]], 1)
        assert_allclose(foretold[i - 1], np.polyval(line, i), atol=1e-9)
    assert np.isnan(foretold[-2:]).all()


def test_optimal_coordinates_stop_at_one():
    """The second eigenvalue is above its line but below 1."""
    values = np.array([3.0, 0.9, 0.4, 0.35, 0.35])
    assert optimal_coordinates(values)[1] < 0.9
    assert optimal_coordinates_number(values) == 1


def test_optimal_coordinates_stop_where_the_line_is_straight():
    """Above 1, but lower than the scree behind foretells."""
    assert optimal_coordinates_number(np.array([4.0, 1.2, 1.1, 0.1, 0.1])) == 1


def test_optimal_coordinates_miss_factors_of_one_size():
    """Equal eigenvalues lie below the line, so the first already fails: R's nFactors says 0 too."""
    assert optimal_coordinates_number(np.array([2.5, 2.5, 0.25, 0.25, 0.25, 0.25])) == 0


def test_acceleration_is_the_second_difference():
    """It bends most at the second, so one comes before; the ends have none."""
    values = np.array([3.0, 1.0, 0.6, 0.4])
    found = acceleration(values)
    assert_allclose(found[1:-1], [1.6, 0.2])
    assert np.isnan(found[[0, -1]]).all()
    assert acceleration_number(values) == 1


def test_acceleration_needs_an_eigenvalue_above_one_before_it():
    """The sharpest bend, after the third, follows 0.95."""
    assert acceleration_number(np.array([1.9, 1.6, 0.95, 0.06, 0.04])) == 2


@pytest.mark.parametrize("rule", [kaiser_number, optimal_coordinates_number, acceleration_number])
def test_unrelated_items_have_no_factor(rule):
    """All eigenvalues are 1."""
    assert rule(np.ones(5)) == 0


@pytest.mark.parametrize("rule", [optimal_coordinates_number, acceleration_number])
def test_two_eigenvalues_make_no_scree(rule):
    """There is no line behind the first, and no bend."""
    assert rule(np.array([1.5, 0.5])) is None
