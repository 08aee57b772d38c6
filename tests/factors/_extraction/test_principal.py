"""Principal components."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import extract
from custvalue.factors._extraction.principal import principal_components

# psych 2.2.9: principal(cor(attitude), 2, rotate = "none").
ATTITUDE = [
    [0.796186592179941, -0.4239721409633475],
    [0.849264795218815, -0.3563602230471963],
    [0.683931358722195, -0.1022845422188219],
    [0.826176382908176, -0.0481754963947032],
    [0.861975260900064, 0.1913817880795066],
    [0.357317534394205, 0.6436979313033567],
    [0.583271187992763, 0.6086212933603938],
]


def test_components_agree_with_psych(attitude):
    """Both have closed forms: 1e-12 is the rounding of the correlations."""
    found = principal_components(attitude, 2)
    np.testing.assert_allclose(found.loadings, ATTITUDE, atol=1e-12)
    np.testing.assert_allclose(found.uniquenesses, 1 - (np.array(ATTITUDE) ** 2).sum(axis=1))


def test_squared_loadings_sum_to_eigenvalues(ability):
    """The figures are those of psych 2.2.9 to the 6 digits printed."""
    found = principal_components(ability, 6)
    expected = [3.076824, 1.139688, 0.817187, 0.411313, 0.355074, 0.199915]
    np.testing.assert_allclose((found.loadings**2).sum(axis=0), expected, atol=6e-7)


def test_all_components_leave_nothing_and_are_no_heywood_case(ability):
    """As many components as items reproduce R, which is not improper."""
    found = principal_components(ability, 6)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, ability, atol=1e-13)
    assert found.objective < 1e-27
    assert not found.heywood.any()


def test_the_objective_is_half_the_squared_eigenvalues_left(ability):
    """No other loadings leave less (Eckart & Young 1936)."""
    left = np.linalg.eigvalsh(ability)[:-2]
    found = principal_components(ability, 2)
    assert found.objective == pytest.approx((left**2).sum() / 2, rel=1e-12)
    assert found.converged


def test_components_say_that_they_are_no_factors(attitude):
    """What follows asks them, and no other method's."""
    assert principal_components(attitude, 2).components
    options = {"conventions": PRESETS[None], "n_starts": 1, "generator": np.random.default_rng(0)}
    for method in ("minres", "ml", "principal_axis"):
        assert not extract(attitude, 2, method=method, **options).components
