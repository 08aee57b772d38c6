"""Segments as the states of a Markov chain."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.segmentation._migration_chain import chain_value, forecast_sizes, long_run

NAMES = ["a", "b", "c", "d", "e"]

# Pfeifer and Carraway 2000: recency 1 to 4 and former customer; a purchase resets recency.
BUYS = ["0.3", "0.2", "0.15", "0.05"]
RECENCY = np.zeros((5, 5))
RECENCY[range(4), 0] = [float(p) for p in BUYS]
RECENCY[range(4), range(1, 5)] = 1 - RECENCY[range(4), 0]
RECENCY[4, 4] = 1.0
MARGIN = np.array([36.0, -4.0, -4.0, -4.0, 0.0])


def exact_value(horizon: int | None) -> list[float]:
    """Return the value in the model of Pfeifer and Carraway with d = 0.2, in 50 digits."""
    with mpmath.workdps(50):
        P = mpmath.zeros(5)
        for i, p in enumerate(map(mpmath.mpf, BUYS)):
            P[i, 0], P[i, i + 1] = p, 1 - p
        P[4, 4] = 1
        R = mpmath.matrix([36, -4, -4, -4, 0])
        step = P / mpmath.mpf("1.2")
        if horizon is None:
            value = mpmath.lu_solve(mpmath.eye(5) - step, R)
        else:
            value, term = R, R
            for _ in range(horizon):
                term = step * term
                value = value + term
        return [float(v) for v in value]


chains = st.integers(2, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n
    ).map(lambda rows: np.array(rows) + np.roll(np.eye(n), 1, axis=1) + np.eye(n))
)


@pytest.mark.parametrize("horizon", [0, 1, 4, 30, None])
def test_the_recency_chain_has_the_value_of_fifty_digits(horizon):
    """Pfeifer and Carraway's model, d = 0.2, to 1e-13 of 50-digit arithmetic."""
    value = chain_value(RECENCY, MARGIN, 0.2, horizon)
    np.testing.assert_allclose(value, exact_value(horizon), rtol=1e-13, atol=1e-13)
    if horizon is None:
        assert value.round(3).tolist() == [52.32, 5.554, 1.251, -1.82, 0.0]


@settings(max_examples=30)
@given(counts=chains, rate=st.floats(0.01, 2.0))
def test_an_endless_value_is_the_limit_of_the_sums(counts, rate):
    """Direct summation over many periods comes to the solution of the equations."""
    P = counts / counts.sum(axis=1, keepdims=True)
    margin = np.arange(len(P)) - 1.5
    total, term = np.zeros(len(P)), margin
    for _ in range(int(40 / np.log1p(rate))):
        total, term = total + term, P @ term / (1 + rate)
    np.testing.assert_allclose(chain_value(P, margin, rate, None), total, rtol=1e-9, atol=1e-9)


def test_what_nobody_was_seen_leaving_makes_values_unknown_where_it_can_be_reached():
    """Segment c is not known: a leads there, b does not; the present margin is always known."""
    P = np.array([[0.5, 0.2, 0.3], [0.0, 1.0, 0.0], [np.nan] * 3])
    margin = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(chain_value(P, margin, 1.0, None), [np.nan, 4.0, np.nan])
    np.testing.assert_allclose(chain_value(P, margin, 1.0, 0), margin)
    np.testing.assert_allclose(chain_value(P, margin, 1.0, 1), [1.9, 3.0, np.nan])
    np.testing.assert_allclose(chain_value(P, margin, 1.0, 2), [np.nan, 3.5, np.nan])


@settings(max_examples=30)
@given(counts=chains)
def test_the_long_run_is_the_limit_of_many_periods(counts):
    """Shares stay as they are, sum to 1, and are every row of a high power."""
    P = counts / counts.sum(axis=1, keepdims=True)
    found = long_run(P, [*NAMES, "f"])
    assert found.chain == "regular"
    np.testing.assert_allclose(found.shares @ P, found.shares, atol=1e-14)
    np.testing.assert_allclose(np.linalg.matrix_power(P, 2**20), [found.shares] * len(P), atol=1e-9)


def test_small_shares_keep_their_digits():
    """A birth and death chain with steps up of 1e-9 has shares that fall by 1e-9 each, exactly."""
    up, down = 1e-9, 1.0
    P = np.array([[1 - up, up, 0], [down, 0, 0], [0, 0, 0]])
    P[1] = [down - up, 0, up]
    P[2] = [0, down, 0]
    shares = long_run(P, NAMES).shares
    expected = np.array([1.0, up / (down - up), up**2 / ((down - up) * down)])
    np.testing.assert_allclose(shares, expected / expected.sum(), rtol=1e-12)


def test_a_chain_with_one_end_has_a_long_run_and_with_two_has_none():
    """All recency states end as former customers; two ends depend on the start."""
    assert long_run(RECENCY, NAMES).shares.tolist() == [0, 0, 0, 0, 1]
    two = np.array([[1.0, 0, 0], [0.3, 0.4, 0.3], [0, 0, 1.0]])
    found = long_run(two, NAMES)
    assert found.chain == "reducible: who is in a and c can never meet"
    assert np.isnan(found.shares).all()


def test_a_chain_that_goes_round_in_step_is_periodic():
    """Three segments in a ring return every 3 periods; a shortcut makes the chain regular."""
    ring = np.roll(np.eye(3), 1, axis=1)
    assert long_run(ring, NAMES).chain == "periodic: customers return every 3 periods"
    two = np.array([[0, 0.5, 0, 0.5], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1.0, 0]])
    assert long_run(two, NAMES).chain == "periodic: customers return every 2 periods"
    ring[0] = [0.1, 0.9, 0]
    assert long_run(ring, NAMES).chain == "regular"


def test_a_segment_without_leavers_leaves_the_long_run_open_unless_nobody_comes():
    """Entered but never left: open, by name; never entered: share 0."""
    P = np.array([[0.5, 0.4, 0.1], [0.5, 0.5, 0.0], [np.nan] * 3])
    assert long_run(P, NAMES).chain == "open: nobody was seen leaving c"
    P[0] = [0.5, 0.5, 0.0]
    np.testing.assert_allclose(long_run(P, NAMES).shares, [0.5, 0.5, 0.0])


def test_sizes_are_forecast_period_by_period():
    """Each row is the one before times P; customers are neither made nor lost."""
    sizes = np.array([100.0, 0, 0, 0, 10])
    found = forecast_sizes(RECENCY, sizes, 3, NAMES)
    np.testing.assert_allclose(found[3], sizes @ np.linalg.matrix_power(RECENCY, 3))
    np.testing.assert_allclose(found.sum(axis=1), 110.0)
    assert forecast_sizes(RECENCY, sizes, 0, NAMES).tolist() == [sizes.tolist()]


def test_sizes_cannot_be_forecast_from_where_nobody_was_seen_leaving():
    """Customers may come to such a segment in the last period, not before."""
    P = np.array([[0.5, 0.5], [np.nan, np.nan]])
    np.testing.assert_allclose(forecast_sizes(P, np.array([8.0, 0]), 1, NAMES)[1], [4.0, 4.0])
    with pytest.raises(ValueError, match="leaving 'b', which has 4 customers in period 1"):
        forecast_sizes(P, np.array([8.0, 0]), 2, NAMES)
