"""Shares with intervals, and order cycles, from sums."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.service._order_lines_shares import (
    Sums,
    complement,
    cycle_of,
    ratio_share,
    settled,
    simple_share,
)


def sums(w, s):
    """Return the sums of trials and successes of orders."""
    w, s = np.asarray(w, dtype=float), np.asarray(s, dtype=float)
    values = ((w > 0).sum(), w.sum(), s.sum(), (w * w).sum(), (w * s).sum(), (s * s).sum())
    return Sums(*(np.array([float(value)]) for value in values))


def test_the_interval_of_a_ratio_covers():
    """Of 1,000 simulated tables with correlated lines, 95 % intervals hold the truth in 93-97 %."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        w = 1.0 + rng.poisson(3, 150)
        s = rng.binomial(w.astype(int), rng.beta(4, 1, 150))
        found = ratio_share(sums(w, s), np.array([w.sum()]), 0.95)
        held += found.lower[0] <= 0.8 <= found.upper[0]
    assert 930 <= held <= 970


def test_independent_lines_give_nearly_wilsons_interval():
    """One line an order: p (1 - p) / v is the number of lines, less one."""
    w, s = np.ones(50), np.r_[np.ones(40), np.zeros(10)]
    found = ratio_share(sums(w, s), np.array([50.0]), 0.95)
    plain = simple_share(np.array([40.0]), np.array([50.0]), 0.95)
    assert found.share[0] == plain.share[0]
    assert found.lower[0] == pytest.approx(plain.lower[0], abs=2e-3)


def test_all_good_says_only_as_much_as_there_are_orders():
    """Ten orders of ten good lines, and one alone, have the intervals of ten orders and of one."""
    for n in (10, 1):
        found = ratio_share(sums([10] * n, [10] * n), np.array([10.0 * n]), 0.95)
        orders = simple_share(np.array([float(n)]), np.array([float(n)]), 0.95)
        assert (found.lower[0], found.upper[0]) == pytest.approx((orders.lower[0], 1.0))


def test_nothing_to_judge_is_nan_between_0_and_1():
    """Without a trial nothing is known."""
    found = ratio_share(sums([0], [0]), np.array([0.0]), 0.95)
    assert np.isnan(found.share[0])
    assert (found.lower[0], found.upper[0], complement(found).upper[0]) == (0.0, 1.0, 1.0)


def test_the_cycle_of_one_order_has_no_spread():
    """One order has a mean, none has nothing, and no mean of 0 divides."""
    one = cycle_of(
        *(np.array(x) for x in ([1.0, 0.0, 2.0], [3.0, 0.0, 0.0], [9.0, 0, 0], [3.0, 0, 0]))
    )
    np.testing.assert_array_equal(one.mean, [3.0, np.nan, 0.0])
    np.testing.assert_array_equal(one.sd, [np.nan, np.nan, 0.0])
    assert np.isnan(one.cv).all()
    np.testing.assert_array_equal(one.p90, [3.0, np.nan, 0.0])


def test_settled_numbers_have_twelve_digits():
    """What differs by the order of addition becomes equal."""
    one, other = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert one != other
    assert settled(np.array([one]))[0] == settled(np.array([other]))[0]
    assert settled(np.array([123456789012.0, -1e-300, 0.0])).tolist() == [
        123456789012.0,
        -1e-300,
        0,
    ]
