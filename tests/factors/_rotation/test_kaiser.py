"""Kaiser's normalisation."""

from __future__ import annotations

import numpy as np

from custvalue.factors._rotation.kaiser import row_lengths


def test_divided_rows_have_length_one():
    """Every item has the communality 1 after division."""
    A = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_allclose(np.linalg.norm(A / row_lengths(A), axis=1), 1, rtol=1e-14)


def test_rows_of_zeros_and_of_noise_stay_as_they_are():
    """Nothing is divided by zero, and noise does not grow to the weight of an item."""
    A = np.array([[0.6, 0.8], [0.0, 0.0], [1e-17, -2e-17]])
    assert row_lengths(A).ravel().tolist() == [1.0, 1.0, 1.0]
    assert row_lengths(np.zeros((2, 2))).ravel().tolist() == [1.0, 1.0]
