"""A factor solution: extraction and rotation put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.factors._conventions import PRESETS
from custvalue.factors._rotation.methods import METHODS
from custvalue.factors._solution import Settings, solve, solve_near

LOADINGS = np.zeros((9, 3))
LOADINGS[[0, 1, 2], 0] = [0.8, 0.7, 0.6]
LOADINGS[[3, 4, 5], 1] = [0.7, 0.65, 0.6]
LOADINGS[[6, 7, 8], 2] = [0.6, 0.55, 0.5]
PHI = np.array([[1.0, 0.3, 0.2], [0.3, 1.0, 0.25], [0.2, 0.25, 1.0]])
COMMON = LOADINGS @ PHI @ LOADINGS.T
MATRIX = COMMON + np.diag(1 - np.diag(COMMON))


def solved(**changes):
    """Return the solution of the model above with some settings."""
    settings = replace(Settings(rotation="oblimin"), **changes)
    return solve(MATRIX, 3, settings, np.random.default_rng(0))


def test_an_oblique_model_of_simple_structure_comes_back():
    """Loadings, factor correlations, communalities and uniquenesses are those that made R."""
    found = solved()
    np.testing.assert_allclose(found.loadings, LOADINGS, atol=1e-6)
    np.testing.assert_allclose(found.factor_correlations, PHI, atol=1e-6)
    np.testing.assert_allclose(found.communalities, np.diag(COMMON), atol=1e-8)
    np.testing.assert_allclose(found.uniquenesses, 1 - np.diag(COMMON), atol=1e-8)


@pytest.mark.parametrize("rotation", [None, *(name for name in METHODS if "target" not in name)])
@pytest.mark.parametrize("method", ["minres", "ml", "principal_axis", "principal"])
def test_rotation_changes_neither_communalities_nor_what_is_reproduced(method, rotation):
    """L Phi L' is A A' of the unrotated loadings, and structure is L Phi."""
    found = solved(method=method, rotation=rotation)
    unrotated = found.extraction.loadings
    reproduced = found.structure @ found.loadings.T
    np.testing.assert_allclose(reproduced, unrotated @ unrotated.T, atol=1e-9)
    np.testing.assert_allclose(found.communalities, (unrotated**2).sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(np.diag(found.factor_correlations), 1.0, atol=1e-12)


@pytest.mark.parametrize("preset", [None, "psych", "spss", "r"])
def test_factors_are_signed_and_ordered(preset):
    """Loadings of each factor sum to 0 or more; the order is that of the preset."""
    conventions = PRESETS[preset]
    found = solved(conventions=conventions)
    assert np.all(found.loadings.sum(axis=0) >= 0)
    between = found.factor_correlations if conventions.order == "variance" else np.eye(3)
    explained = np.diag(between @ found.loadings.T @ found.loadings)
    assert np.all(np.diff(explained) <= 1e-12)


@pytest.mark.parametrize("rotation", ["varimax", "oblimin", "promax", "geomin_oblique", None])
def test_solving_again_from_the_end_gives_the_same(rotation):
    """A start at the solution of the same matrix stays there."""
    settings = Settings(rotation=rotation)
    first = solve(MATRIX, 3, settings, np.random.default_rng(0))
    again = solve_near(MATRIX, first, settings, np.random.default_rng(1))
    np.testing.assert_allclose(again.loadings, first.loadings, atol=1e-7)
    np.testing.assert_allclose(again.factor_correlations, first.factor_correlations, atol=1e-7)
    assert again.extraction.n_starts == 1
    assert again.rotation.n_starts == 1
