"""The order and signs of factors in a table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.factors._conventions import Conventions
from custvalue.factors._rotation.convention import in_convention
from custvalue.factors._rotation.result import Rotation


def rotation(T, A):
    return Rotation(A @ np.linalg.inv(T).T, T.T @ T, T, 0.1, 0.0, True, 5, 10, 2, 7)


def some(seed):
    generator = np.random.default_rng(seed)
    T = generator.normal(size=(3, 3))
    return rotation(T / np.linalg.norm(T, axis=0), generator.normal(size=(7, 3)))


def mixed(found, order, signs):
    return Rotation(
        found.loadings[:, order] * signs,
        found.factor_correlations[np.ix_(order, order)] * np.outer(signs, signs),
        found.rotation_matrix[:, order] * signs,
        0.1, 0.0, True, 5, 10, 2, 7,
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    order=st.permutations(range(3)),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=3, max_size=3),
)
def test_every_order_and_all_signs_lead_to_one_table(seed, order, signs):
    """Loadings, correlations and T do not depend on what the search happened to give."""
    found = in_convention(some(seed), Conventions())
    other = in_convention(mixed(some(seed), order, signs), Conventions())
    np.testing.assert_allclose(other.loadings, found.loadings, atol=1e-12)
    np.testing.assert_allclose(other.factor_correlations, found.factor_correlations, atol=1e-12)
    np.testing.assert_allclose(other.rotation_matrix, found.rotation_matrix, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_three_arrays_belong_together(seed):
    """L = A inv(T)' and Phi = T'T hold afterwards, and L Phi L' has not changed."""
    before = some(seed)
    after = in_convention(before, Conventions())
    A = before.loadings @ before.rotation_matrix.T
    T = after.rotation_matrix
    np.testing.assert_allclose(after.loadings, A @ np.linalg.inv(T).T, atol=1e-12)
    np.testing.assert_allclose(after.factor_correlations, T.T @ T, atol=1e-12)
    np.testing.assert_allclose(
        after.loadings @ after.factor_correlations @ after.loadings.T, A @ A.T, atol=1e-12
    )


def test_factors_come_by_what_they_explain_and_point_upwards():
    """Both orders descend, and every column sums to 0 or more; the search's report stays."""
    for seed in range(20):
        found = in_convention(some(seed), Conventions())
        L, phi = found.loadings, found.factor_correlations
        assert (np.diff(np.diagonal(phi @ L.T @ L)) <= 0).all()
        assert (L.sum(axis=0) >= 0).all()
        squares = in_convention(some(seed), Conventions(order="sum_of_squares"))
        assert (np.diff((squares.loadings**2).sum(axis=0)) <= 0).all()
        assert (found.criterion, found.n_optima, found.starts_agreeing) == (0.1, 2, 7)


def test_the_two_orders_differ_where_factors_are_correlated():
    """By hand, with the correlation 0.5 of the first two.

    Sums of squares .58, .45, .64; diag(Phi L'L) = .58 + .5 .39, .45 + .5 .39, .64.
    """
    L = np.array([[0.7, 0.3, 0.0], [0.3, 0.6, 0.0], [0.0, 0.0, 0.8]])
    phi = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    found = Rotation(L, phi, np.linalg.cholesky(phi).T, 0.0, 0.0, True, 1, 1, 1, 1)
    by_variance = in_convention(found, Conventions())
    np.testing.assert_array_equal(by_variance.loadings, L)
    by_squares = in_convention(found, Conventions(order="sum_of_squares"))
    np.testing.assert_array_equal(by_squares.loadings, L[:, [2, 0, 1]])
    np.testing.assert_array_equal(by_squares.factor_correlations[1:, 1:], phi[:2, :2])


def test_noise_does_not_order_equal_factors():
    """Factors that explain the same come in the order of their items, signs by the largest."""
    L = np.kron(np.eye(3), np.array([[0.8], [-0.8]]))
    L[1::2] *= 1 + 1e-15
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        T = np.eye(3)[:, order]
        found = in_convention(rotation(T, L), Conventions())
        np.testing.assert_allclose(found.loadings, L, atol=1e-12)
