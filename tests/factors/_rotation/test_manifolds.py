"""The sets that rotations live on."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._rotation.criteria import geomin
from custvalue.factors._rotation.manifolds import OBLIQUE, ORTHOGONAL, random_orthogonal


def generator():
    return np.random.default_rng(3)


def test_random_orthogonal_matrices_are_orthogonal_and_uniform():
    """T'T = I; entries of uniform ones have mean 0 and variance 1/k.

    With 4,000 matrices the standard errors are 0.009 and 0.006: the bounds are four of them.
    """
    T = random_orthogonal(4000, 3, generator())
    np.testing.assert_allclose(
        T.transpose(0, 2, 1) @ T, np.broadcast_to(np.eye(3), T.shape), atol=1e-14
    )
    np.testing.assert_allclose(T.mean(axis=0), 0, atol=0.037)
    np.testing.assert_allclose((T * T).mean(axis=0), 1 / 3, atol=0.02)


@pytest.mark.parametrize("manifold", [ORTHOGONAL, OBLIQUE])
def test_slopes_are_derivatives_along_the_set(manifold):
    """Along T(t) = nearest(T + t D) the criterion starts with the slope <projected gradient, D>.

    D is any direction that stays inside; steps of 1e-6 leave an error near 1e-9.
    """
    A, T = generator().normal(size=(6, 3)), manifold.nearest(generator().normal(size=(1, 3, 3)))
    D = generator().normal(size=(1, 3, 3))

    def value(t):
        return geomin(0.01)(A @ manifold.mixing(manifold.nearest(T + t * D)))[0][0]

    inside = (manifold.nearest(T + 1e-6 * D) - manifold.nearest(T - 1e-6 * D)) / 2e-6
    L = A @ manifold.mixing(T)
    slope = manifold.slope(T, manifold.mixing(T), A, L, geomin(0.01)(L)[1])
    assert (slope * inside).sum() == pytest.approx((value(1e-6) - value(-1e-6)) / 2e-6, abs=1e-7)


def test_slopes_stay_inside():
    """T'S is skew for orthogonal T; each column of S is at right angles to that of oblique T."""
    A, G = generator().normal(size=(6, 3)), generator().normal(size=(2, 6, 3))
    T = random_orthogonal(2, 3, generator())
    S = ORTHOGONAL.slope(T, T, A, A @ T, G)
    inner = T.transpose(0, 2, 1) @ S
    np.testing.assert_allclose(inner, -inner.transpose(0, 2, 1), atol=1e-13)
    T = OBLIQUE.nearest(generator().normal(size=(2, 3, 3)))
    M = OBLIQUE.mixing(T)
    S = OBLIQUE.slope(T, M, A, A @ M, G)
    np.testing.assert_allclose((T * S).sum(axis=1), 0, atol=1e-12)


def test_nearest_is_on_the_set_and_keeps_what_is():
    """Columns of length 1, or orthogonal; a matrix of the set is nearest to itself."""
    X = generator().normal(size=(4, 3, 3))
    oblique, orthogonal = OBLIQUE.nearest(X), ORTHOGONAL.nearest(X)
    np.testing.assert_allclose(np.linalg.norm(oblique, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(
        orthogonal @ orthogonal.transpose(0, 2, 1)[:],
        np.broadcast_to(np.eye(3), X.shape),
        atol=1e-14,
    )
    np.testing.assert_allclose(OBLIQUE.nearest(oblique), oblique, rtol=1e-14)
    np.testing.assert_allclose(ORTHOGONAL.nearest(orthogonal), orthogonal, atol=1e-14)


def test_a_singular_matrix_has_no_mixing_and_spoils_no_other():
    """NaN where there is no inverse, the inverse elsewhere."""
    T = np.array([np.eye(2), [[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.6], [0.0, 0.8]]])
    mixing = OBLIQUE.mixing(T)
    assert np.isnan(mixing[1]).all()
    np.testing.assert_allclose(
        mixing[[0, 2]].transpose(0, 2, 1) @ T[[0, 2]], np.eye(2)[None].repeat(2, 0), atol=1e-15
    )
