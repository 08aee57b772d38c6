"""What is known of the items before any factor."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from custvalue.factors._correlations.repair import positive_definite
from custvalue.factors._correlations.result import Correlations


def test_a_result_cannot_be_changed():
    """Correlations are a value; every field is given."""
    known = Correlations(np.eye(2), 5.0, np.zeros(2), np.ones(2), None, 1.0, ())
    assert [field.name for field in fields(known)] == [
        "matrix",
        "n_observations",
        "means",
        "standard_deviations",
        "thresholds",
        "smallest_eigenvalue",
        "doubts",
    ]
    with pytest.raises(FrozenInstanceError):
        known.n_observations = 6.0


def test_repaired_correlations_are_singular():
    """The property says what the repair did: up to 1e-10 there is no eigenvalue."""
    for smallest, singular in [(-0.1, True), (1e-12, True), (1e-9, False), (0.3, False)]:
        known = Correlations(np.eye(2), 5.0, np.zeros(2), np.ones(2), None, smallest, ())
        assert known.singular is singular
        matrix = np.array([[1.0, 1 - smallest], [1 - smallest, 1.0]])
        assert bool(positive_definite(matrix, ["a", "b"]).doubts) is singular
