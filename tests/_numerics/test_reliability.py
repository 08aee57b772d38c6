"""Cronbach's alpha."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._numerics.reliability import cronbach_alpha
from custvalue.datasets import load_attitude


def test_alpha_of_the_attitude_data_is_that_of_psych():
    """psych 2.2.9 in R gives 0.843142769565 for ``alpha(attitude)``, whatever the unit."""
    covariance = load_attitude().cov().to_numpy()
    assert cronbach_alpha(covariance) == pytest.approx(0.843142769565, abs=1e-11)
    assert cronbach_alpha(9 * covariance) == pytest.approx(cronbach_alpha(covariance), rel=1e-14)


def test_parallel_items_follow_spearman_and_brown():
    """With equal correlations r of p items alpha is p r / (1 + (p - 1) r); of copies it is 1."""
    for p, r in ((2, 0.5), (5, 0.3), (4, 1.0)):
        matrix = np.full((p, p), r) + (1 - r) * np.eye(p)
        assert cronbach_alpha(matrix) == pytest.approx(p * r / (1 + (p - 1) * r), rel=1e-14)


def test_where_there_is_no_sum_that_varies_there_is_no_alpha():
    """One item, no variance, and items that cancel have none."""
    for matrix in (np.ones((1, 1)), np.zeros((3, 3)), np.array([[1.0, -1.0], [-1.0, 1.0]])):
        assert np.isnan(cronbach_alpha(matrix))
