"""Correlation matrices of textbooks, and one call for all extractions."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.datasets import load_attitude
from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import extract
from support.matrices import ABILITY, HARMAN


def factored(loadings: np.ndarray) -> np.ndarray:
    """Return the correlations that loadings imply."""
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    return matrix


def sampled(seed: int, *, n_items: int = 7, n_true: int = 2, n_rows: int = 80) -> np.ndarray:
    """Return the correlations of a sample from a factor model, with noise."""
    generator = np.random.default_rng(seed)
    loadings = generator.normal(size=(n_items, n_true))
    factors = generator.normal(size=(n_rows, n_true))
    return np.corrcoef(
        factors @ loadings.T + generator.normal(size=(n_rows, n_items)), rowvar=False
    )


@pytest.fixture(scope="session")
def ability() -> np.ndarray:
    """Six tests of ability."""
    return ABILITY.copy()


@pytest.fixture(scope="session")
def attitude() -> np.ndarray:
    """Seven ratings of a department by its employees."""
    return load_attitude().corr().to_numpy()


@pytest.fixture(scope="session")
def harman() -> np.ndarray:
    """Twenty-four psychological tests."""
    return HARMAN.copy()


@pytest.fixture(scope="session")
def autoregressive():
    """Return the correlations 0.4^|i - j| of a given size, which a reversal leaves as they are."""

    def make(n_items: int) -> np.ndarray:
        return 0.4 ** np.abs(np.subtract.outer(np.arange(n_items), np.arange(n_items)))

    return make


@pytest.fixture(scope="session")
def implied():
    """Return the function that turns loadings into correlations."""
    return factored


@pytest.fixture(scope="session")
def sample():
    """Return the function that draws correlations."""
    return sampled


@pytest.fixture(scope="session")
def run():
    """Return a short way to call the extraction."""

    def call(matrix, n_factors, method, *, n_starts=10, seed=0, start=None, preset=None):
        return extract(
            matrix,
            n_factors,
            method=method,
            conventions=PRESETS[preset],
            n_starts=n_starts,
            generator=np.random.default_rng(seed),
            start=start,
        )

    return call
