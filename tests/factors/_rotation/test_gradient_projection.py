"""The search over rotations from many starts."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._rotation.criteria import bentler, geomin, oblimin, quartimax, varimax
from custvalue.factors._rotation.gradient_projection import descend
from custvalue.factors._rotation.manifolds import OBLIQUE, ORTHOGONAL, random_orthogonal

CASES = {
    "varimax": (varimax, ORTHOGONAL),
    "geomin": (geomin(0.01), OBLIQUE),
    "oblimin": (oblimin(0.0), OBLIQUE),
}


def noisy_clusters(p=20, k=4, noise=0.15, seed=2):
    generator = np.random.default_rng(seed)
    L = 0.7 * np.eye(k)[np.arange(p) % k] + generator.normal(0, noise, (p, k))
    return L @ random_orthogonal(1, k, generator)[0]


@pytest.mark.parametrize("name", CASES)
def test_searches_end_where_the_gradient_is_zero(name):
    """Below 1e-7 by the search's own account and recomputed here."""
    criterion, manifold = CASES[name]
    A, starts = noisy_clusters(), random_orthogonal(6, 4, np.random.default_rng(0))
    found = descend(A, starts, criterion, manifold)
    assert found.converged.all()
    mixing = manifold.mixing(found.rotations)
    values, gradients = criterion(A @ mixing)
    slopes = manifold.slope(found.rotations, mixing, A, A @ mixing, gradients)
    lengths = np.linalg.norm(slopes, axis=(1, 2))
    np.testing.assert_allclose(found.values, values, rtol=1e-12)
    np.testing.assert_allclose(found.gradients, lengths, atol=1e-12)
    assert lengths.max() < 1e-7


@pytest.mark.parametrize("name", CASES)
def test_no_matrix_nearby_is_lower(name):
    """The ends are minima: two hundred matrices close by all have a higher value."""
    criterion, manifold = CASES[name]
    A, generator = noisy_clusters(), np.random.default_rng(1)
    end = descend(A, np.eye(4)[None], criterion, manifold)
    near = manifold.nearest(end.rotations + generator.normal(0, 1e-3, (200, 4, 4)))
    assert (criterion(A @ manifold.mixing(near))[0] > end.values[0]).all()


def test_searches_do_not_see_each_other():
    """Together or alone a start ends at the same place."""
    A, starts = noisy_clusters(), random_orthogonal(5, 4, np.random.default_rng(0))
    together = descend(A, starts, varimax, ORTHOGONAL)
    for one in range(5):
        alone = descend(A, starts[one : one + 1], varimax, ORTHOGONAL)
        np.testing.assert_allclose(alone.rotations[0], together.rotations[one], atol=1e-7)


def test_a_saddle_is_left_from_a_single_start():
    """Items half way between two factors give quartimax the gradient 0 where it is highest.

    Turned by 45 degrees each item has one factor: Q = -4 (2 0.36)^2 / 4.
    """
    A = 0.6 * np.array([[1.0, 1.0], [1.0, 1.0], [1.0, -1.0], [1.0, -1.0]])
    found = descend(A, np.eye(2)[None], quartimax, ORTHOGONAL)
    assert found.converged[0]
    assert found.values[0] == pytest.approx(-(0.72**2), rel=1e-12)


def test_a_minimum_at_the_start_is_kept_as_it_is():
    """Exact clusters stay exact: nothing is lower nearby, so the start itself is the answer."""
    A = np.kron(np.eye(3), np.ones((3, 1)))
    found = descend(A, np.eye(3)[None], oblimin(0.0), OBLIQUE)
    assert found.converged[0]
    np.testing.assert_array_equal(found.rotations[0], np.eye(3))


def test_collapsing_factors_do_not_converge():
    """Oblimin with gamma = 1 has no minimum for these loadings: every start runs away."""
    starts = random_orthogonal(4, 4, np.random.default_rng(0))
    found = descend(noisy_clusters(), starts, oblimin(1.0), OBLIQUE)
    assert not found.converged.any()


def test_a_limit_of_iterations_is_kept():
    """Three evaluations are not enough, and the search says so."""
    found = descend(noisy_clusters(), np.eye(4)[None], geomin(0.01), OBLIQUE, max_iterations=3)
    assert found.iterations.tolist() == [3]
    assert not found.converged[0]


def test_a_start_without_a_value_spoils_no_other():
    """Two equal columns in T have no inverse: that search ends at once, the other converges."""
    starts = np.array([np.eye(4), np.eye(4)])
    starts[0, :, 1] = starts[0, :, 0]
    found = descend(noisy_clusters(), starts, oblimin(0.0), OBLIQUE)
    assert found.converged.tolist() == [False, True]
    assert np.isnan(found.values[0])


def test_a_search_that_crawls_above_a_minimum_is_given_up():
    """One of ten flattens on its way to collapse, at 0.1226; the others have found 0.0946.

    After four times their way it ends, long before the limit, and does not count as a minimum.
    """
    starts = random_orthogonal(10, 10, np.random.default_rng(2))
    found = descend(noisy_clusters(60, 10, 0.2), starts, bentler, OBLIQUE)
    others = found.converged
    assert 5 <= others.sum() < 10
    assert found.values[~others].min() > found.values[others].min() + 0.02
    assert found.iterations[~others].max() <= 4 * (20 + found.iterations[others].max()) + 1
