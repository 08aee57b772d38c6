"""Weights of elements on arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from custvalue.factors._element_weights import (
    communality_weights,
    component_weights,
    derived_weights,
    dominance_weights,
    loading_weights,
    ranks_of,
    shares,
    stated_weights,
    weights_of_components,
)

ATTITUDE = np.loadtxt(Path(__file__).parent / "data" / "attitude.csv", delimiter=",", skiprows=1)
R = np.corrcoef(ATTITUDE.T)


@pytest.fixture
def components():
    """Return the loadings of the attitude data on their first two principal components."""
    eigenvalues, vectors = np.linalg.eigh(R)
    return (vectors * np.sqrt(eigenvalues))[:, [6, 5]]


def test_component_weights_of_a_published_item():
    """The fourth item of a published article (CSDN 112020058): a .431, c .211, w .211 / 2.094.

    It goes on with coefficients of three digits. All other items are put together as one, which
    changes neither their sum nor this one.
    """
    assert round(0.933 / np.sqrt(4.680), 3) == 0.431
    shares_of_variance = np.array([46.803, 19.376, 11.628])
    item = np.array([0.431, -0.157, -0.060])
    others = np.array([0.0, 0.5, 0.5])
    others[0] = (2.094 * 77.807 - (item + others) @ shares_of_variance) / 46.803
    found = weights_of_components(shares_of_variance, np.array([item, others]))
    assert found.weights[0] == pytest.approx(0.1008, abs=1e-4)


def test_component_weights_of_the_attitude_data():
    """Six digits from the formula at 1e-12; the other sign of a component turns the ranking."""
    found = component_weights(R, 2)
    expected = [0.107066, 0.124337, 0.119653, 0.152506, 0.184654, 0.136194, 0.175589]
    np.testing.assert_allclose(found.weights, expected, atol=5e-7)
    assert found.deciding_signs == (0, 1)
    assert component_weights(R, 1).deciding_signs == ()


def test_weights_without_signs_of_the_attitude_data(components):
    """Communalities and absolute loadings of two components, six digits at 1e-12."""
    expected = [0.167514, 0.174633, 0.098455, 0.141002, 0.160507, 0.111589, 0.146301]
    found = communality_weights(np.sum(components**2, axis=1))
    np.testing.assert_allclose(found, expected, atol=5e-7)
    expected = [0.162886, 0.168569, 0.125782, 0.147873, 0.161898, 0.097577, 0.135415]
    np.testing.assert_allclose(loading_weights(components, np.eye(2)), expected, atol=5e-7)


def test_dominance_weights_of_the_attitude_data():
    """LMG shares of rating on six items over their sum, R squared 0.732602 (R prints 0.7326)."""
    expected = np.array([0.370816, 0.050904, 0.155766, 0.120345, 0.006589, 0.028182]) / 0.732602
    np.testing.assert_allclose(dominance_weights(R[1:, 1:], R[1:, 0]), expected, atol=2e-6)


@pytest.mark.parametrize("signs", [(1, -1), (-1, 1), (-1, -1)])
def test_order_and_signs_of_factors_change_nothing(components, signs):
    """Absolute loadings and derived importance, with correlated factors."""
    Phi = np.array([[1, 0.3], [0.3, 1]])
    other = (components * signs)[:, ::-1]
    Phi_other = (Phi * np.outer(signs, signs))[::-1, ::-1]
    np.testing.assert_allclose(
        loading_weights(other, Phi_other), loading_weights(components, Phi), rtol=1e-12
    )
    r = R[1:, 0]
    before = derived_weights(R[1:, 1:], components[1:] @ Phi, r)
    after = derived_weights(R[1:, 1:], other[1:] @ Phi_other, r)
    np.testing.assert_allclose(after, before, rtol=1e-9)


def test_derived_weights_are_those_of_a_regression_on_scores(components):
    """Scores of all respondents, least squares on them, and the coefficient of each item."""
    Z = (ATTITUDE - ATTITUDE.mean(axis=0)) / ATTITUDE.std(axis=0, ddof=1)
    W = np.linalg.solve(R[1:, 1:], components[1:])
    beta = np.linalg.lstsq(Z[:, 1:] @ W, Z[:, 0])[0]
    b = np.abs(W @ beta)
    found = derived_weights(R[1:, 1:], components[1:], R[1:, 0])
    np.testing.assert_allclose(found, b / b.sum(), rtol=1e-9)


def test_derived_weights_do_not_depend_on_rotation(components):
    """Any two axes through the same factors."""
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]]) @ np.diag([1.0, 2.0])
    before = derived_weights(R[1:, 1:], components[1:], R[1:, 0])
    after = derived_weights(R[1:, 1:], components[1:] @ turn, R[1:, 0])
    np.testing.assert_allclose(after, before, rtol=1e-9)


def test_an_element_without_loadings_has_no_weight():
    """And what nothing is known of has no shares."""
    loadings = np.array([[0.8, 0.1], [0.0, 0.0], [0.3, 0.7]])
    assert loading_weights(loadings, np.eye(2))[1] == 0.0
    assert np.isnan(shares(np.zeros(3))).all()
    np.testing.assert_allclose(stated_weights(np.array([1.0, 3.0])), [0.25, 0.75])


def test_ranks_tie_what_differs_by_rounding_alone():
    """The largest weight is first; 1e-14 of it is no difference, 1e-9 is one."""
    assert ranks_of(np.array([0.3, 0.1 + 0.2, 0.4])).tolist() == [2, 2, 1]
    assert ranks_of(np.array([0.3, 0.3 + 1e-9, 0.4])).tolist() == [3, 2, 1]
    assert ranks_of(np.array([-0.1, 0.6, 0.5])).tolist() == [3, 1, 2]
    assert ranks_of(np.zeros(2)).tolist() == [1, 1]


def test_scores_by_the_model_serve_where_correlations_have_no_inverse(components):
    """Least squares on the scores of all respondents, by the correlations that are given."""
    Z = (ATTITUDE - ATTITUDE.mean(axis=0)) / ATTITUDE.std(axis=0, ddof=1)
    loadings = components[1:]
    model = loadings @ loadings.T + np.diag(1 - np.sum(loadings**2, axis=1))
    W = np.linalg.solve(model, loadings)
    b = np.abs(W @ np.linalg.lstsq(Z[:, 1:] @ W, Z[:, 0])[0])
    found = derived_weights(R[1:, 1:], loadings, R[1:, 0], model)
    np.testing.assert_allclose(found, b / b.sum(), rtol=1e-9)
    assert not np.allclose(found, derived_weights(R[1:, 1:], loadings, R[1:, 0]), rtol=1e-3)


def test_components_take_the_signs_of_others():
    """Of those that they match, whatever their order."""
    plain = component_weights(R, 2)
    assert (plain.coefficients.sum(axis=0) >= 0).all()
    turned = component_weights(R, 2, plain.coefficients[:, ::-1] * [-1.0, 1.0])
    np.testing.assert_array_equal(turned.coefficients, plain.coefficients * [1.0, -1.0])
    assert not np.allclose(turned.weights, plain.weights)
    same = component_weights(R, 2, plain.coefficients)
    np.testing.assert_array_equal(same.weights, plain.weights)


def test_shares_of_huge_values_are_those_of_small_ones():
    """Their sum is no number."""
    values = np.array([1.6e308, 0.8e308, 0.8e308])
    assert shares(values).tolist() == [0.5, 0.25, 0.25]
