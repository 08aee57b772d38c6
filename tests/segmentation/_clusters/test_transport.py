"""The placement is the cheapest one, also of many rows, and its offsets repeat it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from custvalue.segmentation._clusters.transport import (
    Placement,
    cheapest,
    choice_sizes,
    separating_offsets,
)


def ones(costs: np.ndarray) -> np.ndarray:
    """Return one customer a row."""
    return np.ones(len(costs), dtype=np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_equal_sizes_are_an_assignment_problem(seed):
    """With sizes of exactly n / k the total is that of SciPy's Hungarian method."""
    costs = np.random.default_rng(seed).exponential(size=(60, 4))
    found = cheapest(costs, ones(costs), 15, 15)
    rows, places = linear_sum_assignment(np.repeat(costs, 15, axis=1))
    total = costs[np.arange(60), found.codes].sum()
    assert total == pytest.approx(np.repeat(costs, 15, axis=1)[rows, places].sum(), rel=1e-12)
    assert found.full.all()
    assert found.least.all()


def test_many_rows_are_settled_by_those_at_the_borders():
    """No row of 30,000 has a cheaper segment at the prices, and prices are where limits bind."""
    generator = np.random.default_rng(11)
    costs = generator.lognormal(size=(30_000, 5)) * [0.2, 0.5, 1, 2, 3]
    found = cheapest(costs, ones(costs), 5_000, 8_000)
    sizes = np.bincount(found.codes, minlength=5)
    shifted = costs + found.offsets
    own = shifted[np.arange(len(costs)), found.codes]
    np.testing.assert_allclose(own, shifted.min(axis=1), rtol=1e-12)
    assert sizes.min() == 5_000
    assert sizes.max() == 8_000
    assert (sizes[found.offsets > 0] == 8_000).all()
    assert (sizes[found.offsets < 0] == 5_000).all()


def test_a_start_far_off_ends_in_the_same_placement():
    """Where to start is a matter of time alone."""
    costs = np.random.default_rng(12).exponential(size=(3_000, 4)) * [1, 2, 3, 4]
    expected = cheapest(costs, ones(costs), 600, 900)
    for start in ([5.0, 0.0, -5.0, 0.0], [-1.0, -1.0, -1.0, 0.5]):
        found = cheapest(costs, ones(costs), 600, 900, np.array(start))
        np.testing.assert_array_equal(found.codes, expected.codes)


def test_offsets_are_midway_between_the_rows_at_the_border():
    """One row wants 0 by 2, the other by 4; a price of 3 parts them with margin 1 each."""
    costs = np.array([[0.0, 2.0], [0.0, 4.0]])
    found = cheapest(costs, ones(costs), 1, 1)
    offsets = separating_offsets(costs, found)
    assert found.codes.tolist() == [1, 0]
    assert offsets[0] - offsets[1] == pytest.approx(3, rel=1e-9)


def test_offsets_repeat_a_placement():
    """Every row takes its segment by the cheapest sum."""
    costs = np.random.default_rng(13).exponential(size=(500, 6))
    found = cheapest(costs, ones(costs), 70, 90)
    offsets = separating_offsets(costs, found)
    np.testing.assert_array_equal(np.argmin(costs + offsets, axis=1), found.codes)


def test_rows_that_cannot_be_told_apart_have_no_offsets():
    """Two equal rows in two segments are beyond any price."""
    costs = np.array([[0.0, 1.0], [0.0, 1.0]])
    both = np.array([True, True])
    placement = Placement(np.array([1.0, 0.0]), np.array([0, 1]), both, both)
    assert separating_offsets(costs, placement) is None


def test_a_row_that_would_be_split_goes_where_sizes_are_best():
    """7 of 10 equal customers would stay: all do, as the other 3 missing are the smaller harm."""
    costs, counts = np.array([[0.0, 1.0], [0.0, 3.0]]), np.array([10, 4])
    found = cheapest(costs, counts, 3, 11)
    assert found.codes.tolist() == [0, 1] or found.codes.tolist() == [1, 0]
    assert sorted(choice_sizes(np.eye(2)[found.codes] * -1, counts, np.zeros(2))) == [4, 10]


def test_sizes_count_customers():
    """Each row counts as many as it stands for."""
    costs = np.array([[0.0, 1.0], [2.0, 1.0], [0.0, 5.0]])
    assert choice_sizes(costs, np.array([2, 3, 4]), np.zeros(2)).tolist() == [6, 3]
    assert choice_sizes(costs, np.array([2, 3, 4]), np.array([1.5, 0.0])).tolist() == [4, 5]
