"""Comparison of the ends of searches."""

from __future__ import annotations

import numpy as np

from custvalue.factors._rotation.gradient_projection import Searches
from custvalue.factors._rotation.optima import compare

ONE = np.array([[0.8, 0.1], [0.7, 0.2], [0.1, 0.9]])
OTHER = np.array([[0.6, 0.5], [0.5, 0.5], [0.5, 0.7]])


def searches(values, converged=None, gradients=None):
    count = len(values)
    converged = [True] * count if converged is None else converged
    gradients = [1e-9] * count if gradients is None else gradients
    return Searches(
        np.broadcast_to(np.eye(2), (count, 2, 2)),
        np.array(values),
        np.array(gradients),
        np.ones(count, dtype=np.int64),
        np.array(converged),
    )


def test_order_and_signs_make_no_new_minimum():
    """The same solution thrice, mixed, is one minimum; the first search is the best."""
    ends = np.array([ONE, -ONE, ONE[:, ::-1] * [1, -1]])
    found = compare(searches([1.0, 1.0 - 1e-9, 1.0 + 1e-9]), ends)
    assert (found.best, found.n_optima, found.agreeing) == (0, 1, 3)


def test_minima_differ_by_value():
    """Two values are two minima, and those with the lowest agree."""
    found = compare(searches([2.0, 1.0, 2.0, 1.0]), np.array([OTHER, ONE, OTHER, ONE]))
    assert (found.best, found.n_optima, found.agreeing) == (1, 2, 2)


def test_mirrored_minima_of_one_value_are_told_apart():
    """Equal values with other loadings: the solution is not unique, and that is counted."""
    found = compare(searches([1.0, 1.0, 1.0]), np.array([ONE, OTHER, ONE]))
    assert (found.best, found.n_optima, found.agreeing) == (0, 2, 2)


def test_searches_that_did_not_converge_do_not_count():
    """A lower value that is no minimum loses against one that is."""
    found = compare(searches([-9.0, 1.0], converged=[False, True]), np.array([OTHER, ONE]))
    assert (found.best, found.n_optima, found.agreeing) == (1, 1, 1)


def test_without_convergence_the_smallest_gradient_is_returned():
    """There is no minimum to count; a search without a gradient is the last choice."""
    ends = np.array([ONE, OTHER, ONE])
    found = compare(searches([1.0, 2.0, 3.0], [False] * 3, [np.nan, 0.3, 0.1]), ends)
    assert (found.best, found.n_optima, found.agreeing) == (2, 0, 0)
