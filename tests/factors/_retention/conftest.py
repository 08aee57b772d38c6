"""Correlation matrices that are published, and what other programs say of them."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.datasets import load_attitude
from custvalue.factors._correlations.result import Correlations
from support.matrices import ABILITY, HARMAN


@pytest.fixture(scope="session")
def known():
    """Return what makes of a matrix correlations as the criteria take them."""

    def make(matrix, n_observations=np.nan):
        nothing = np.full(len(matrix), np.nan)
        return Correlations(matrix, n_observations, nothing, nothing, None, 1.0, ())

    return make


@pytest.fixture(scope="session")
def harman():
    """Return the correlations of Harman's 24 tests."""
    return HARMAN.copy()


@pytest.fixture(scope="session")
def ability():
    """Return the correlations of the tests of ability."""
    return ABILITY.copy()


@pytest.fixture(scope="session")
def attitude_answers():
    """Return the answers to the seven questions."""
    return load_attitude().to_numpy(dtype=float)


@pytest.fixture(scope="session")
def attitude(attitude_answers):
    """Return their correlations."""
    return np.corrcoef(attitude_answers.T)
