"""The robust spread is that of a normal, follows the unit, and falls back where half are equal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from custvalue._numerics.robust import robust_spread

VALUES = np.random.default_rng(0).gamma(2.0, 3.0, 501)


def test_it_is_the_scaled_median_absolute_deviation_of_scipy():
    """scale="normal" is the same constant."""
    assert robust_spread(VALUES) == pytest.approx(median_abs_deviation(VALUES, scale="normal"))
    assert robust_spread(VALUES * 100) == pytest.approx(100 * robust_spread(VALUES))


def test_gaps_are_left_out():
    """NaN changes nothing."""
    assert robust_spread(np.append(VALUES, np.nan)) == robust_spread(VALUES)


def test_where_most_are_equal_the_standard_deviation_serves():
    """And a constant, or nothing, has no spread."""
    assert robust_spread(np.array([0.0, 0, 0, 9])) == pytest.approx(np.std([0.0, 0, 0, 9]))
    assert robust_spread(np.ones(5)) == robust_spread(np.zeros(0)) == 0
