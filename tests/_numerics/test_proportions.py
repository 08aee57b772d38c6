"""Shares with their uncertainty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from custvalue._numerics.proportions import wilson_interval


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_wilson_is_that_of_scipy(level):
    """Every count of up to 30 trials has the ends that scipy's binomtest gives."""
    pairs = [(x, n) for n in range(1, 31) for x in range(n + 1)]
    x, n = np.array(pairs, dtype=float).T
    lower, upper = wilson_interval(x, n, level)
    expected = [binomtest(a, b).proportion_ci(level, method="wilson") for a, b in pairs]
    np.testing.assert_allclose(lower, [ends.low for ends in expected], atol=1e-14)
    np.testing.assert_allclose(upper, [ends.high for ends in expected], atol=1e-14)


def test_wilson_agrees_with_newcombes_table():
    """Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3, four decimals."""
    lower, upper = wilson_interval(np.array([81.0, 15, 0, 1]), np.array([263.0, 148, 20, 29]))
    np.testing.assert_allclose(lower, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(upper, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


@given(n=st.integers(1, 10**9), share=st.floats(0, 1), level=st.floats(0.01, 0.999))
def test_the_ends_solve_the_score_equation(n, share, level):
    """At each inner end the score statistic is the normal quantile; the share lies between."""
    x = np.floor(share * n)
    ends = np.array(wilson_interval(x, n, level))
    assert ends[0] <= x / n <= ends[1]
    inner = ends[(ends > 1e-6) & (ends < 1 - 1e-6)]
    score = np.abs(x / n - inner) / np.sqrt(inner * (1 - inner) / n)
    np.testing.assert_allclose(score, norm.ppf((1 + level) / 2), rtol=1e-3, atol=1e-5)


def test_no_trial_says_nothing_and_sure_shares_end_where_they_must():
    """0 of 0 gives 0 to 1; 0 of n begins at 0 and n of n ends at 1, exactly."""
    lower, upper = wilson_interval(np.array([0.0, 0.0, 7.0]), np.array([0.0, 7.0, 7.0]))
    assert lower[:2].tolist() == [0.0, 0.0]
    assert upper[[0, 2]].tolist() == [1.0, 1.0]
    assert upper[1] == pytest.approx(1 - lower[2])
