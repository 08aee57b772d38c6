"""Answers to four items, some missing, that R has correlated too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

EQUAL_CUTS = ([-1, -0.3, 0.4], [-0.5, 0.5, 1.2], [-0.9, -0.1, 0.3], [-1.2, 0, 1.0])
UNEQUAL_CUTS = ([-1, -0.3, 0.4, 1.2], [-0.5, 0.5], [0.3], [-1.2, 0, 1.0])


def made_up_items(cuts: Sequence[Sequence[float]]) -> pd.DataFrame:
    """Return slices of four correlated normal variables for 400 respondents, 6 % missing."""
    rng = np.random.default_rng(7)
    latent = rng.normal(size=(400, 1)) * [0.8, 0.7, 0.6, -0.5]
    latent = latent + rng.normal(size=(400, 4)) * [0.6, 0.7, 0.8, 0.87]
    items = np.column_stack([np.digitize(latent[:, j], cuts[j]) + 1.0 for j in range(4)])
    return pd.DataFrame(
        np.where(rng.random(items.shape) < 0.06, np.nan, items), columns=list("abcd")
    )


@pytest.fixture
def equal_items() -> pd.DataFrame:
    """Return four items of four categories each."""
    return made_up_items(EQUAL_CUTS)


@pytest.fixture
def unequal_items() -> pd.DataFrame:
    """Return items of five, three, two and four categories."""
    return made_up_items(UNEQUAL_CUTS)


@pytest.fixture
def pairs() -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that lists the pairs of a matrix as R's ``r[lower.tri(r)]`` does."""
    return lambda matrix: matrix[np.triu_indices(len(matrix), 1)]
