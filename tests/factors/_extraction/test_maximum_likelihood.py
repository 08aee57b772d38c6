"""Maximum likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from custvalue.factors._extraction.maximum_likelihood import MaximumLikelihood


def discrepancy(matrix, loadings, psi):
    """Return log|S| - log|R| + tr(R S^-1) - p."""
    model = loadings @ loadings.T + np.diag(psi)
    gap = np.linalg.slogdet(model)[1] - np.linalg.slogdet(matrix)[1]
    return gap + np.trace(np.linalg.solve(model, matrix)) - len(matrix)


def test_the_value_is_the_discrepancy_of_its_loadings(harman):
    """Eigenvalues and determinants give one number."""
    problem = MaximumLikelihood(harman, 4)
    psi = np.random.default_rng(0).uniform(0.1, 0.9, size=24)
    theta = problem.theta(psi)
    expected = discrepancy(harman, problem.loadings(theta), psi)
    assert problem.landscape(theta[None]).value[0] == pytest.approx(expected, rel=1e-12)


def test_no_loadings_are_more_likely(ability):
    """A general optimiser over loadings, at the same uniquenesses, ends at the same value."""
    psi = np.full(6, 0.4)

    def misfit(flat):
        return discrepancy(ability, flat.reshape(6, 2), psi)

    start = np.random.default_rng(0).normal(size=12)
    found = minimize(misfit, start, method="BFGS", options={"gtol": 1e-7})
    problem = MaximumLikelihood(ability, 2)
    expected = problem.landscape(problem.theta(psi)[None]).value[0]
    assert found.fun == pytest.approx(expected, abs=1e-8)


def test_eigenvalues_up_to_one_are_never_explained():
    """A matrix that shares less than its items have gets loadings of zero, not imaginary ones."""
    matrix = np.array([[1.0, 0.1], [0.1, 1.0]])
    problem = MaximumLikelihood(matrix, 2)
    ones = problem.theta(np.ones(2))
    assert problem.loadings(ones)[:, 1].tolist() == [0.0, 0.0]
    expected = discrepancy(matrix, problem.loadings(ones), np.ones(2))
    assert problem.landscape(ones[None]).value[0] == pytest.approx(expected, rel=1e-12)


def test_the_start_is_that_of_factanal(ability):
    """(1 - k / 2p) / diag(R^-1), by an inverse."""
    expected = (1 - 2 / 12) / np.diag(np.linalg.inv(ability))
    np.testing.assert_allclose(
        MaximumLikelihood(ability, 2).classical_start(), expected, rtol=1e-12
    )


def test_a_singular_matrix_gives_finite_numbers():
    """An eigenvalue of zero, or below by rounding, is taken as rounding."""
    matrix = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 1.0]])
    problem = MaximumLikelihood(matrix, 1)
    here = problem.landscape(problem.theta(np.array([[0.01, 0.4, 0.9]])))
    assert np.isfinite(here.value).all()
    assert np.isfinite(here.hessian).all()
