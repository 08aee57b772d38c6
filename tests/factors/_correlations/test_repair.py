"""Matrices that are not positive definite are repaired, and the reason is said."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._correlations.repair import positive_definite


def test_a_good_matrix_is_not_touched():
    """No doubt, no change, and its smallest eigenvalue."""
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    safe = positive_definite(matrix, ["a", "b"], 3.0)
    assert safe.doubts == ()
    np.testing.assert_array_equal(safe.matrix, matrix)
    assert abs(safe.smallest_eigenvalue - 0.5) < 1e-15


@pytest.mark.parametrize("r", [1.0, -1.0])
def test_items_that_determine_one_another_are_named(r):
    """Twins, and items that were reversed."""
    matrix = np.array([[1.0, r, 0.3], [r, 1.0, 0.3 * r], [0.3, 0.3 * r, 1.0]])
    safe = positive_definite(matrix, ["a", "b", "c"], 100.0)
    assert f"items 'a' and 'b' determine one another (r = {r:.0f})" in safe.doubts[0]
    assert "smallest eigenvalue 0)" in safe.doubts[0]
    assert np.linalg.eigvalsh(safe.matrix)[0] > 0.9e-8
    assert np.abs(safe.matrix - matrix).max() < 2.1e-8


def test_only_some_of_many_twins_are_named():
    """Four pairs are named, the rest counted."""
    safe = positive_definite(np.ones((4, 4)), list("abcd"), 100.0)
    assert (
        "items 'b' and 'c' determine one another (r = 1); and 2 more such pairs" in safe.doubts[0]
    )


def test_a_sum_of_items_is_found():
    """The total beside its parts, with no pair at 1; an item that has no share is not named."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    safe = positive_definite(np.corrcoef(X.T), ["a", "b", "other", "total"], 50.0)
    assert "a weighted sum of items 'a', 'b', 'total' is constant" in safe.doubts[0]


def test_too_few_respondents_are_the_reason():
    """Not more respondents than items."""
    X = np.random.default_rng(1).normal(size=(4, 6))
    safe = positive_definite(np.corrcoef(X.T), list("abcdef"), 4.0)
    assert "4 respondents are too few for 6 items" in safe.doubts[0]


def test_an_impossible_matrix_is_called_so():
    """Pairs that contradict each other: the smallest eigenvalue and the largest change are said."""
    matrix = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]])
    safe = positive_definite(matrix, ["a", "b", "c"])
    assert "smallest eigenvalue -0.273): no set of complete answers has such" in safe.doubts[0]
    assert f"by more than {np.abs(safe.matrix - matrix).max():.1g}" in safe.doubts[0]
    assert abs(safe.smallest_eigenvalue - (1 - 0.9 * np.sqrt(2))) < 1e-12
