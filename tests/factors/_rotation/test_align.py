"""Factors in the order and signs of others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.factors._rotation.align import align, alignment, congruence

TARGET = np.random.default_rng(7).normal(size=(8, 4))


@settings(max_examples=30, deadline=None)
@given(
    order=st.permutations(range(4)),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
)
def test_any_order_and_signs_are_undone(order, signs):
    """Loadings and their correlations come back together, exactly."""
    phi = np.corrcoef(np.random.default_rng(8).normal(size=(4, 30)))
    mixed = TARGET[:, order] * signs
    mixed_phi = phi[np.ix_(order, order)] * np.outer(signs, signs)
    loadings, correlations = align(mixed, mixed_phi, TARGET)
    np.testing.assert_array_equal(loadings, TARGET)
    np.testing.assert_array_equal(correlations, phi)


def test_the_best_matching_is_not_the_greedy_one():
    """0.9 + 0.1 would start with the best pair; 0.8 + 0.8 has the larger sum."""
    target = np.eye(4)[:, :2]
    loadings = np.array([[0.9, 0.8], [0.8, 0.1], [0.1, 0.0], [0.0, 0.1]])
    alike = congruence(loadings, target)
    assert alike[0, 0] + alike[1, 1] < alike[0, 1] + alike[1, 0]
    assert alignment(loadings, target).order.tolist() == [1, 0]


def test_congruence_by_hand_and_in_batches():
    """sum ab / sqrt(sum a^2 sum b^2) for every pair, for every solution of a batch."""
    A, B = np.array([[0.6, 0.0], [0.8, 0.0]]), np.array([[0.8], [-0.6]])
    np.testing.assert_allclose(congruence(A, A[:, :1]), [[1.0], [0.0]], atol=1e-15)
    np.testing.assert_allclose(congruence(A, B), [[0.0], [0.0]], atol=1e-15)
    batch = np.random.default_rng(1).normal(size=(3, 8, 4))
    together = congruence(batch, TARGET)
    for one in range(3):
        np.testing.assert_allclose(together[one], congruence(batch[one], TARGET), rtol=1e-14)


def test_congruence_agrees_with_psych():
    """factor.congruence(A, B, digits = 10) of psych 2.2.9; the tolerance is its last digit."""
    A = np.array([[0.8, 0.1], [0.7, 0.2], [0.1, 0.6]])
    B = np.array([[0.5, 0.3], [0.6, 0.1], [0.2, 0.9]])
    expected = [[0.9758210495, 0.3927234818], [0.5617581621, 0.9659160602]]
    np.testing.assert_allclose(congruence(A, B), expected, atol=1e-10)


def test_a_factor_of_zeros_takes_the_place_that_is_left():
    """Its congruence is 0, its sign 1."""
    loadings = np.column_stack([np.zeros(8), -TARGET[:, 0]])
    found = alignment(loadings, TARGET[:, :2])
    assert found.order.tolist() == [1, 0]
    assert found.signs.tolist() == [-1.0, 1.0]


def test_columns_of_a_batch_move_together():
    """An alignment moves the last axis, whatever stands before it."""
    found = alignment(TARGET[:, [1, 0, 3, 2]], TARGET)
    batch = np.random.default_rng(1).normal(size=(3, 8, 4))
    np.testing.assert_array_equal(found.columns(batch)[1], found.columns(batch[1]))
    assert found.columns(batch)[0, 0, 0] == pytest.approx(batch[0, 0, 1])
