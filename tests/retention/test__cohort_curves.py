"""Averages over cohorts, and tables that look like something else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._numerics.proportions import wilson_interval
from custvalue.retention._cohort_curves import (
    average_curve,
    looks_filled,
    looks_like_percent,
    rising_cells,
)

COUNTS = np.array([[100.0, 50, 40], [300, 210, np.nan], [50, np.nan, np.nan]])


def test_only_cohorts_that_are_old_enough_are_averaged():
    """By hand: 450, then 260 of 400, then 40 of 100; the chain goes 260/400 x 40/50."""
    found = average_curve(COUNTS, 0.9)
    np.testing.assert_array_equal(found.n_cohorts, [3, 2, 1])
    np.testing.assert_array_equal(found.size, [450, 400, 100])
    np.testing.assert_array_equal(found.customers, [450, 260, 40])
    np.testing.assert_allclose(found.share, [1, 0.65, 0.4])
    np.testing.assert_allclose(found.chained, [1, 0.65, 0.52])
    np.testing.assert_array_equal(found.lower, wilson_interval(found.customers, found.size, 0.9)[0])


def test_the_plain_average_may_rise_where_no_cohort_does():
    """A loyal old cohort alone at the last age lifts the share above the age before."""
    found = average_curve(np.array([[100.0, 90, 90], [900, 90, np.nan]]), 0.9)
    assert found.share[2] > found.share[1]
    assert found.chained[2] == found.chained[1]


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6))
def test_the_chain_never_rises_where_counts_fall(seed, n_cohorts, n_ages):
    """Any falling table, with any cells not yet observed; all-zero ages make no NaN."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(1, 50, n_cohorts).astype(float)[:, None]
    for _ in range(n_ages):
        left = generator.binomial(counts[:, -1].astype(int), generator.random())
        counts = np.column_stack([counts, left])
    counts[np.arange(n_ages + 1) > generator.integers(0, n_ages + 1, n_cohorts)[:, None]] = np.nan
    chained = average_curve(counts, 0.9).chained
    assert (np.diff(chained) <= 0).all()
    assert (chained >= 0).all()


def test_the_average_does_not_depend_on_the_order_of_cohorts():
    """Rows turned round give the same numbers."""
    one, other = average_curve(COUNTS, 0.9), average_curve(COUNTS[::-1], 0.9)
    np.testing.assert_array_equal(one.share, other.share)
    np.testing.assert_array_equal(one.chained, other.chained)


def test_cells_that_rise_are_found():
    """Only where both cells are there."""
    rising = rising_cells(np.array([[9.0, 5, 6], [9, 5, np.nan]]))
    np.testing.assert_array_equal(rising, [[False, False, True], [False, False, False]])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[9, 5, 3], [8, 4, 0], [7, 0, 0]], True),
        ([[7, 0, 0], [9, 5, 3], [8, 4, 0]], True),
        ([[9, 5, 3], [8, 4, np.nan], [7, 0, np.nan]], False),
        ([[9, 5, 3], [8, 4, 2], [7, 0, 0]], False),
        ([[9, 5], [8, 0]], False),
    ],
)
def test_a_staircase_of_zeros_looks_filled(counts, expected):
    """Three or more full rows that end in 0, 1, 2, ... zeros, in any order."""
    assert looks_filled(np.array(counts, dtype=float)) is expected


def test_several_cohorts_of_100_look_like_percent():
    """One cohort of 100 customers does not."""
    assert looks_like_percent(np.array([[100.0, 60], [100, 50]]))
    assert not looks_like_percent(np.array([[100.0, 60]]))
    assert not looks_like_percent(np.array([[100.0, 60], [90, 50]]))
