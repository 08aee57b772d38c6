"""What a rotation tells."""

from __future__ import annotations

import numpy as np

from custvalue.factors._rotation.result import Rotation


def rotation(correlation):
    phi = np.array([[1.0, correlation], [correlation, 1.0]])
    return Rotation(np.ones((4, 2)), phi, np.eye(2), 0.0, 0.0, True, 1, 1, 1, 1)


def test_factors_that_have_become_one_are_told():
    """Correlations of 1, not of 0.999."""
    assert rotation(1 - 1e-8).collapsed
    assert not rotation(0.999).collapsed
    assert not rotation(0.0).collapsed
