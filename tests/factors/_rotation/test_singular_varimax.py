"""R's way to varimax."""

from __future__ import annotations

import numpy as np

from custvalue.factors._rotation.criteria import varimax
from custvalue.factors._rotation.gradient_projection import descend
from custvalue.factors._rotation.manifolds import ORTHOGONAL, random_orthogonal
from custvalue.factors._rotation.singular_varimax import singular_varimax


def loadings():
    generator = np.random.default_rng(2)
    L = 0.7 * np.eye(3)[np.arange(12) % 3] + generator.normal(0, 0.1, (12, 3))
    return L @ random_orthogonal(1, 3, generator)[0]


def test_a_tight_end_is_the_optimum_of_varimax():
    """Two algorithms for one criterion meet: with gain below 1e-15 the value is the lowest."""
    found = singular_varimax(loadings(), tolerance=1e-15)
    value = varimax(loadings() @ found.rotation[None])[0][0]
    best = descend(loadings(), np.eye(3)[None], varimax, ORTHOGONAL).values[0]
    assert found.converged
    np.testing.assert_allclose(value, best, rtol=1e-12)


def test_the_loose_end_of_r_comes_earlier_and_higher():
    """1e-5 ends the iteration before the optimum; T is orthogonal all the same."""
    loose, tight = singular_varimax(loadings()), singular_varimax(loadings(), tolerance=1e-15)
    assert loose.converged
    assert loose.iterations < tight.iterations
    values = [varimax(loadings() @ end.rotation[None])[0][0] for end in (loose, tight)]
    assert values[0] > values[1]
    np.testing.assert_allclose(loose.rotation.T @ loose.rotation, np.eye(3), atol=1e-14)


def test_a_limit_of_iterations_is_told():
    """One iteration is no end by the rule of gains."""
    found = singular_varimax(loadings(), max_iterations=1)
    assert (found.iterations, found.converged) == (1, False)
