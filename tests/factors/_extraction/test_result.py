"""What an extraction found."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, astuple

import numpy as np
import pytest

from custvalue.factors._extraction.result import Extraction


def test_a_result_is_a_value():
    """It keeps what it is given, in the order of its docstring, and lets nothing be replaced."""
    loadings, uniquenesses = np.array([[0.6], [0.8]]), np.array([0.64, 0.36])
    heywood = np.zeros(2, dtype=bool)
    found = Extraction(loadings, uniquenesses, 0.1, True, 1e-10, 5, 10, 2, 7, heywood)
    assert astuple(found)[2:9] == (0.1, True, 1e-10, 5, 10, 2, 7)
    with pytest.raises(FrozenInstanceError):
        found.objective = 0.0
