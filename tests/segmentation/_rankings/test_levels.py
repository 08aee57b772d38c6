"""Rankings as levels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from custvalue.segmentation._rankings.levels import (
    compressed_levels,
    dense_levels,
    with_last,
)


def test_levels_are_dense_ranks_from_zero():
    """They agree with scipy's dense ranks, and a missing value has level -1."""
    values = np.random.default_rng(1).integers(0, 5, (20, 6)).astype(float)
    np.testing.assert_array_equal(dense_levels(values) + 1, rankdata(values, "dense", axis=1))
    values[:, 2] = np.nan
    found = dense_levels(values)
    assert (found[:, 2] == -1).all()
    others = np.delete(values, 2, axis=1)
    np.testing.assert_array_equal(np.delete(found, 2, axis=1), dense_levels(others))


@pytest.mark.parametrize("m", [4, 15, 16, 40])
def test_equal_rankings_are_kept_once_in_lexicographic_order(m):
    """They agree with numpy's unique rows, whether or not a row fits in one number."""
    generator = np.random.default_rng(2)
    levels = generator.integers(-1, m, (9, m))[generator.integers(0, 9, 50)]
    weights = generator.random(50)
    distinct, counts, inverse = compressed_levels(levels, weights)
    expected, sizes = np.unique(levels, axis=0, return_counts=True)
    np.testing.assert_array_equal(distinct, expected)
    np.testing.assert_array_equal(distinct[inverse], levels)
    np.testing.assert_array_equal(compressed_levels(levels)[1], sizes)
    assert counts.sum() == pytest.approx(weights.sum())


def test_missing_items_come_last_together():
    """They share one level behind all others; a complete row stays as it is."""
    levels = np.array([[-1, 0, -1, 1], [3, 1, 2, 0]])
    assert with_last(levels).tolist() == [[2, 0, 2, 1], [3, 1, 2, 0]]
