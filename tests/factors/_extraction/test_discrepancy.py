"""What minimum residuals and maximum likelihood have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custvalue.factors._extraction.discrepancy import LOWEST, crossed
from custvalue.factors._extraction.maximum_likelihood import MaximumLikelihood
from custvalue.factors._extraction.minres import Minres

FAMILY = [MaximumLikelihood, Minres]


@pytest.fixture(params=FAMILY, ids=lambda kind: kind.__name__)
def kind(request):
    """One discrepancy of the family."""
    return request.param


def differences(function, theta, step=1e-5):
    """Return central differences of a function of theta; the last axis is theta's."""
    shifts = step * np.eye(len(theta))
    values = [(function(theta + s) - function(theta - s)) / (2 * step) for s in shifts]
    return np.stack(values, axis=-1)


def boundary_gap(problem, theta):
    """Return how far the smallest eigenvalue explained is above the largest that is not.

    Where they meet, F has a ridge and no derivative.
    """
    psi = problem.uniquenesses(theta)
    matrix = problem.matrix - np.diag(psi)
    if isinstance(problem, MaximumLikelihood):
        matrix = problem.matrix / np.sqrt(np.outer(psi, psi))
    values = np.linalg.eigvalsh(matrix)[::-1]
    return values[problem.n_factors - 1] - values[problem.n_factors]


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(FAMILY),
    seed=st.integers(0, 10_000),
    n_factors=st.integers(1, 3),
)
def test_derivatives_agree_with_central_differences(sample, kind, seed, n_factors):
    """Gradient and Hessian, at random uniquenesses of random matrices.

    The error of the differences is step^2 times a third derivative, which grows as eigenvalues
    near each other; 1e-4 of the largest entry leaves room for gaps down to 0.02.
    """
    matrix = sample(seed)
    problem = kind(matrix, n_factors)
    theta = problem.theta(np.random.default_rng(seed).uniform(0.1, 0.9, size=len(matrix)))
    assume(boundary_gap(problem, theta) > 0.02)
    here = problem.landscape(theta[None])
    gradient = differences(lambda t: problem.landscape(t[None]).value[0], theta)
    hessian = differences(lambda t: problem.landscape(t[None]).gradient[0], theta)
    size = np.abs(gradient).max()
    np.testing.assert_allclose(here.gradient[0], gradient, atol=1e-5 * size, rtol=1e-5)
    np.testing.assert_allclose(here.hessian[0], hessian, atol=1e-4 * np.abs(hessian).max())


def test_each_point_of_a_stack_is_computed_on_its_own(kind, harman):
    """A stack of points gives what each of them gives alone."""
    problem = kind(harman, 3)
    theta = problem.theta(np.random.default_rng(0).uniform(0.1, 0.9, size=(4, 24)))
    together = problem.landscape(theta)
    for i in range(4):
        alone = problem.landscape(theta[i : i + 1])
        np.testing.assert_allclose(together.value[i], alone.value[0], rtol=1e-13)
        np.testing.assert_allclose(together.hessian[i], alone.hessian[0], atol=1e-11)


def test_uniquenesses_come_back_from_their_scale(kind):
    """Inside the bounds to rounding, at the bounds exactly, and from outside at the bound."""
    problem = kind(np.eye(4), 1)
    found = problem.uniquenesses(problem.theta(np.array([-0.2, 0.3, 1.0, 1.7])))
    np.testing.assert_allclose(found, [LOWEST, 0.3, 1.0, 1.0], rtol=1e-15)
    assert found[0] == LOWEST
    assert (found[2:] == 1.0).all()


def test_exact_loadings_have_no_discrepancy(kind, implied):
    """At the model's uniquenesses value and slope are zero, and the loadings are the model's."""
    loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    problem = kind(implied(loadings), 1)
    theta = problem.theta(1 - loadings[:, 0] ** 2)
    here = problem.landscape(theta[None])
    assert here.value[0] < 1e-28
    assert np.abs(here.gradient).max() < 1e-14
    np.testing.assert_allclose(np.abs(problem.loadings(theta)), loadings, atol=1e-14)


def test_the_classical_start_is_within_the_bounds(kind, harman):
    """It is a uniqueness for each item."""
    start = kind(harman, 4).classical_start()
    assert start.shape == (24,)
    assert ((start > LOWEST) & (start < 1)).all()


def test_crossed_is_its_sum():
    """The definition, by loops."""
    generator = np.random.default_rng(2)
    w, c = generator.normal(size=(2, 3, 3)), generator.normal(size=(2, 2, 3))
    expected = np.zeros((2, 3, 3))
    for n in range(2):
        for m in range(3):
            pair = w[:, :, m] * w[:, :, n]
            expected += c[:, n, m, None, None] * pair[:, :, None] * pair[:, None, :]
    np.testing.assert_allclose(crossed(w, 2, lambda n: c[:, n]), expected, atol=1e-13)
