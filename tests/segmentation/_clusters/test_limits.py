"""Limits that cannot be kept are refused; others are kept by offsets, whatever the rows."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._clusters.limits import check_limits, distinct_rows, limited_offsets
from custvalue.segmentation._clusters.transport import choice_sizes


@pytest.mark.parametrize(
    ("lowest", "highest", "message"),
    [
        (30, 100, "min_size must leave room for all segments: 4 of at least 30 .* 120; found 100"),
        (1, 20, "max_size must leave room for all customers: 4 segments of at most 20 hold 80"),
    ],
)
def test_limits_that_no_assignment_keeps_are_refused(lowest, highest, message):
    """The message has the arithmetic."""
    with pytest.raises(ValueError, match=message):
        check_limits(4, 100, lowest, highest)


def test_limits_that_fit_exactly_are_allowed():
    """Four segments of exactly 25."""
    check_limits(4, 100, 25, 25)
    check_limits(4, 100, 0, 100)


def test_distinct_rows_are_sorted_and_counted():
    """Counts add up, in any order of the rows."""
    values = np.array([[2.0, 1.0], [1.0, 5.0], [2.0, 1.0], [1.0, 4.0]])
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        rows, counts = distinct_rows(values[order], np.array([1, 2, 4, 8])[order])
        assert rows.tolist() == [[1, 4], [1, 5], [2, 1]]
        assert counts.tolist() == [8, 2, 5]


def test_offsets_are_zero_where_nothing_binds():
    """Nearest centres stay nearest centres."""
    costs = np.random.default_rng(1).random((50, 3))
    counts = np.ones(50, dtype=np.int64)
    np.testing.assert_array_equal(limited_offsets(costs, counts, 0, 50), 0)


def test_rows_that_no_offset_parts_are_mended():
    """Four different rows with one difference of costs cannot be halved: all go one way."""
    costs = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [9.0, 0.0]])
    counts = np.ones(5, dtype=np.int64)
    sizes = choice_sizes(costs, counts, limited_offsets(costs, counts, 2, 3))
    assert sorted(sizes) in ([1, 4], [0, 5])
