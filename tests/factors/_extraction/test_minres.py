"""Minimum residuals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from custvalue.factors._extraction.minres import Minres

# Two factors of the tests of ability at 1e-14, from plain passes of principal axes.
COMMUNALITIES = [0.567098, 0.376529, 0.834743, 0.202435, 0.938660, 0.669499]


def test_the_value_is_half_the_sum_of_squared_residuals(harman):
    """It is that of R - L L' - Psi for the loadings it gives."""
    problem = Minres(harman, 4)
    psi = np.random.default_rng(0).uniform(0.1, 0.9, size=24)
    loadings = problem.loadings(psi)
    residuals = harman - loadings @ loadings.T - np.diag(psi)
    found = problem.landscape(psi[None]).value[0]
    assert found == pytest.approx((residuals**2).sum() / 2, rel=1e-12)


def test_no_loadings_have_smaller_residuals(ability):
    """A general optimiser over loadings, at the same uniquenesses, ends at the same value."""
    psi = np.full(6, 0.4)

    def misfit(flat):
        loadings = flat.reshape(6, 2)
        return ((ability - loadings @ loadings.T - np.diag(psi)) ** 2).sum() / 2

    start = np.random.default_rng(0).normal(size=12)
    found = minimize(misfit, start, method="BFGS", options={"gtol": 1e-8})
    expected = Minres(ability, 2).landscape(psi[None]).value[0]
    assert found.fun == pytest.approx(expected, abs=1e-8)


def test_negative_eigenvalues_are_never_explained():
    """Uniquenesses that exceed what is shared leave all eigenvalues as residuals."""
    matrix = np.array([[1.0, 0.1], [0.1, 1.0]])
    problem = Minres(matrix, 1, lowest=0.0)
    here = problem.landscape(np.array([[1.0, 1.0]]))
    assert here.value[0] == pytest.approx(0.1**2 / 2)
    above = Minres(matrix, 2).landscape(np.array([[1.0, 1.0]]))
    assert above.value[0] == pytest.approx(0.1**2 / 2)


def test_the_start_is_that_of_psych(ability):
    """1 - smc, the figures of psych 2.2.9."""
    smc = [0.506646, 0.370213, 0.503509, 0.225863, 0.667287, 0.636306]
    np.testing.assert_allclose(Minres(ability, 2).classical_start(), 1 - np.array(smc), atol=6e-7)


def test_the_slope_vanishes_at_the_fixed_point_of_principal_axes(ability):
    """The communalities have 6 digits, and curvatures are about 1."""
    here = Minres(ability, 2).landscape(1 - np.array([COMMUNALITIES]))
    assert np.abs(here.gradient).max() < 2e-6
    assert np.linalg.eigvalsh(here.hessian[0])[0] > 0
