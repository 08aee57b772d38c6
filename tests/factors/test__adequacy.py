"""Sampling adequacy, sphericity and what they are made of, on arrays."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.factors._adequacy import (
    bartlett_multiplier,
    bartlett_test,
    inverse,
    kaiser_meyer_olkin,
    log_determinant,
    partial_correlations,
    sampling_adequacy,
    sphericity,
)
from custvalue.factors._correlations.result import Correlations
from support.matrices import ABILITY

SEEDS = st.integers(0, 2**31)


@pytest.fixture
def ability() -> np.ndarray:
    """Return the correlations of the six tests."""
    return ABILITY.copy()


def some_correlations(seed: int, p: int) -> np.ndarray:
    """Return correlations of p items and 3 p respondents."""
    return np.corrcoef(np.random.default_rng(seed).normal(size=(3 * p, p)).T)


def equal_correlations(p: int, r: float) -> np.ndarray:
    """Return the matrix whose correlations are all r."""
    return np.full((p, p), r) + (1 - r) * np.eye(p)


def of_matrix(matrix: np.ndarray, smallest_eigenvalue: float) -> Correlations:
    """Return correlations of 80 respondents that had such an eigenvalue before any repair."""
    unknown = np.full(len(matrix), np.nan)
    return Correlations(matrix, 80.0, unknown, unknown, None, smallest_eigenvalue, ())


def test_adequacy_of_the_ability_tests(ability):
    """KMO and its items agree with psych 2.2.9 to all its digits."""
    found = kaiser_meyer_olkin(ability)
    assert found.overall == pytest.approx(0.732074702868, abs=1e-11)
    items = [
        0.849020112512,
        0.733167490679,
        0.746164284308,
        0.731657263856,
        0.666220113742,
        0.686839273096,
    ]
    np.testing.assert_allclose(found.items, items, atol=1e-11)


def test_sphericity_of_the_ability_tests(ability):
    """Bartlett's test agrees with psych 2.2.9 to all its digits."""
    found = bartlett_test(ability, 112)
    assert found.chi_square == pytest.approx(268.353765307, abs=1e-8)
    assert found.degrees_of_freedom == 15
    assert found.p_value == pytest.approx(2.02715780394e-48, rel=1e-9)
    assert found.log_p_value == pytest.approx(np.log(2.02715780394e-48), abs=1e-9)


@given(seed=SEEDS, p=st.integers(3, 8))
@settings(max_examples=20, deadline=None)
def test_a_partial_correlation_is_one_of_residuals(seed, p):
    """Residuals of two items after regression on all others have the partial correlation."""
    X = np.random.default_rng(seed).normal(size=(3 * p, p))
    X -= X.mean(axis=0)
    others = X[:, 2:]
    residuals = X[:, :2] - others @ np.linalg.lstsq(others, X[:, :2])[0]
    expected = np.corrcoef(residuals.T)[0, 1]
    found = partial_correlations(np.corrcoef(X.T))
    assert found[0, 1] == pytest.approx(expected, abs=1e-10)
    np.testing.assert_array_equal(np.diag(found), 1.0)


@given(seed=SEEDS, p=st.integers(3, 8))
@settings(max_examples=20, deadline=None)
def test_order_and_direction_of_items_change_nothing(seed, p):
    """Items that change places, or sign, keep their adequacy and the test."""
    R = some_correlations(seed, p)
    generator = np.random.default_rng(seed)
    order, signs = generator.permutation(p), generator.choice([-1.0, 1.0], p)
    turned = (R * np.outer(signs, signs))[np.ix_(order, order)]
    first, second = kaiser_meyer_olkin(R), kaiser_meyer_olkin(turned)
    assert second.overall == pytest.approx(first.overall, abs=1e-10)
    np.testing.assert_allclose(second.items, first.items[order], atol=1e-10)
    assert bartlett_test(turned, 50).chi_square == pytest.approx(bartlett_test(R, 50).chi_square)


@pytest.mark.parametrize("r", [-0.3, 0.2, 0.9])
def test_two_items_have_an_adequacy_of_one_half(r):
    """With nothing held fast the partial correlation is the correlation."""
    found = kaiser_meyer_olkin(equal_correlations(2, r))
    np.testing.assert_allclose([found.overall, *found.items], 0.5)


def test_items_without_any_correlation_have_no_adequacy():
    """0 / 0 is NaN, of the item alone where the others are correlated, without a warning."""
    assert np.isnan(kaiser_meyer_olkin(np.eye(3)).overall)
    R = np.eye(4)
    R[:3, :3] = equal_correlations(3, 0.5)
    found = kaiser_meyer_olkin(R)
    assert np.isnan(found.items).tolist() == [False, False, False, True]
    assert found.overall == pytest.approx(kaiser_meyer_olkin(R[:3, :3]).overall)


def test_items_without_any_correlation_are_spherical():
    """The identity has statistic 0 and p = 1."""
    found = bartlett_test(np.eye(4), 100)
    assert (found.chi_square, found.p_value, found.log_p_value) == (0.0, 1.0, 0.0)


def test_many_strongly_correlated_items_have_a_finite_statistic():
    """400 items correlated by 0.95: |R| underflows, its logarithm is 399 log 0.05 + log 380.05."""
    R = equal_correlations(400, 0.95)
    assert np.linalg.det(R) == 0
    expected = 399 * np.log(0.05) + np.log(1 + 399 * 0.95)
    assert log_determinant(R) == pytest.approx(expected, rel=1e-12)
    found = bartlett_test(R, 1000)
    assert found.chi_square == pytest.approx(-(999 - 805 / 6) * expected, rel=1e-12)
    assert found.p_value == 0
    assert np.isfinite(found.log_p_value)


@pytest.mark.parametrize(
    ("statistic", "p"), [(2e3, 6), (1e4, 3), (1.1e5, 400), (1e6, 400), (1e7, 50)]
)
def test_the_logarithm_of_a_tiny_p(statistic, p):
    """Where p is 0 as a number its logarithm has 12 digits of mpmath's incomplete gamma at 50."""
    R = equal_correlations(p, 0.5)
    n = statistic / -log_determinant(R) + 1 + (2 * p + 5) / 6
    found = bartlett_test(R, n)
    assert found.p_value == 0
    with mpmath.workdps(50):
        a, x = mpmath.mpf(found.degrees_of_freedom) / 2, mpmath.mpf(found.chi_square) / 2
        expected = mpmath.log(mpmath.gammainc(a, x, regularized=True))
    assert found.log_p_value == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("n", [np.nan, 2.0, 3.0])
def test_too_few_respondents_have_no_statistic(n):
    """NaN where n is not known or not above 1 + (2p + 5) / 6, which is 17/6 for p = 3."""
    found = bartlett_test(equal_correlations(3, 0.5), n)
    known = n > 17 / 6
    assert np.isfinite(found.chi_square) == known
    assert np.isfinite(found.p_value) == known
    assert np.isfinite(found.log_p_value) == known


def test_the_multiplier_counts_factors():
    """n - 1 - (2p + 5) / 6 - 2k / 3, for 112 persons, 6 tests and 2 factors."""
    assert bartlett_multiplier(112, 6, 2) == pytest.approx(111 - 17 / 6 - 4 / 3)
    assert np.isnan(bartlett_multiplier(4, 6, 2))


def test_the_inverse_of_a_nearly_singular_matrix_is_symmetric():
    """Two items correlated by 1 - 1e-8 are inverted to the 8 digits that rounding leaves."""
    R = equal_correlations(2, 1 - 1e-8)
    found = inverse(R)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found, [[5e7, -5e7], [-5e7, 5e7]], rtol=3e-8)


@pytest.mark.parametrize("smallest", [0.0, 1e-10, -0.3])
def test_repaired_correlations_have_neither(smallest):
    """Adequacy and test are NaN where the matrix was repaired, all but the degrees of freedom."""
    known = of_matrix(equal_correlations(3, 0.5), smallest)
    assert np.isnan([sampling_adequacy(known).overall, *sampling_adequacy(known).items]).all()
    test = sphericity(known)
    assert np.isnan([test.chi_square, test.p_value, test.log_p_value]).all()
    assert test.degrees_of_freedom == 3


def test_others_are_measured():
    """Both are those of the matrix."""
    R = equal_correlations(3, 0.5)
    known = of_matrix(R, 0.5)
    assert sampling_adequacy(known).overall == kaiser_meyer_olkin(R).overall
    assert sphericity(known) == bartlett_test(R, 80)
