"""Offsets between the customers at a border mend sizes one segment at a time."""

from __future__ import annotations

import numpy as np

from custvalue.segmentation._clusters.order_statistics import repaired_offsets

X = np.arange(10.0)
COSTS = (X[:, None] - np.array([-1.0, 20.0])) ** 2
ONES = np.ones(10, dtype=np.int64)


def sizes(costs, counts, offsets) -> list[int]:
    """Return the customers that each segment has."""
    codes = np.argmin(costs + offsets, axis=1)
    return np.bincount(codes, counts, minlength=len(offsets)).astype(int).tolist()


def test_sizes_out_of_their_limits_are_mended():
    """All ten are nearest to the first centre, which may have six."""
    assert sizes(COSTS, ONES, np.zeros(2)) == [10, 0]
    offsets = repaired_offsets(COSTS, ONES, 4, 6, np.zeros(2))
    assert sizes(COSTS, ONES, offsets) == [6, 4]


def test_no_row_is_left_at_a_border():
    """Rows exactly between two segments are put on one side, well off it."""
    costs = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 3.0], [2.0, 0.0]])
    tied = np.array([1.0, 0.0])
    offsets = repaired_offsets(costs, np.ones(4, dtype=np.int64), 1, 3, tied)
    gaps = np.abs((costs + offsets)[:, 0] - (costs + offsets)[:, 1])
    assert gaps.min() > 0.4
    assert max(sizes(costs, np.ones(4, dtype=np.int64), offsets)) <= 3


def test_equal_rows_stay_together_where_limits_are_out_of_reach():
    """Ten equal customers cannot be halved; the rest goes to the other segment."""
    costs, counts = np.array([[0.0, 4.0], [1.0, 3.0]]), np.array([10, 2])
    offsets = repaired_offsets(costs, counts, 6, 6, np.zeros(2))
    assert sizes(costs, counts, offsets) in ([10, 2], [2, 10])


def test_one_segment_has_nothing_to_mend():
    """There is no border."""
    offsets = repaired_offsets(np.ones((3, 1)), np.ones(3, dtype=np.int64), 3, 3, np.zeros(1))
    np.testing.assert_array_equal(offsets, 0)
