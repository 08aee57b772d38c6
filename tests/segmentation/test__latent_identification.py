"""What answers identify."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._latent_class import LatentClasses
from custvalue.segmentation._latent_identification import (
    is_identified,
    n_parameters,
    n_possible_patterns,
)


def some_classes(sizes, n_classes: int, seed: int = 0) -> LatentClasses:
    """Return classes drawn by chance."""
    generator = np.random.default_rng(seed)
    chances = np.vstack([generator.dirichlet(np.ones(size), n_classes).T for size in sizes])
    return LatentClasses(generator.dirichlet(np.full(n_classes, 5.0)), chances, tuple(sizes))


def test_parameters_and_cells_are_counted():
    """Two classes of dichotomies and a trichotomy: 1 + 2 x (1 + 1 + 2)."""
    assert n_parameters([2, 2, 3], 2) == 9
    assert n_possible_patterns([2, 2, 3]) == 12


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("sizes", "n_classes", "identified"),
    [
        ([2, 2], 2, False),  # five parameters, three free cells
        ([2, 2, 2], 2, True),  # seven and seven (Lazarsfeld and Henry 1968)
        ([2, 2, 2, 2], 3, False),  # fourteen and fifteen, but of rank thirteen (Goodman 1974)
        ([2, 2, 2, 2, 2], 3, True),  # Goodman (1974)
        ([3, 3, 3], 3, True),  # Kruskal (1977): ranks 3 + 3 + 3 >= 2 x 3 + 2
    ],
)
def test_known_models_are_identified_or_not(sizes, n_classes, identified, seed):
    """As the literature says, wherever the probabilities are."""
    assert is_identified(some_classes(sizes, n_classes, seed)) is identified


def test_classes_alike_or_empty_are_not_identified():
    """Where two classes are one, or nobody is in one, parameters are free to move."""
    one = some_classes([2, 3, 4], 2)
    assert is_identified(one)
    alike = LatentClasses(one.shares, one.probabilities[:, [0, 0]], one.sizes)
    assert not is_identified(alike)
    assert not is_identified(LatentClasses(np.array([1.0, 0.0]), one.probabilities, one.sizes))


def test_probabilities_of_nought_and_one_may_be_identified():
    """Two classes that share no answer."""
    chances = np.array([[1.0, 0.0], [0.0, 1.0]] * 3)
    assert is_identified(LatentClasses(np.array([0.6, 0.4]), chances, (2, 2, 2)))


def test_large_tables_are_judged_by_their_cells_alone():
    """2 to the 13 cells are not looked at, so that classes alike pass."""
    one = some_classes([2] * 13, 2)
    assert is_identified(LatentClasses(one.shares, one.probabilities[:, [0, 0]], one.sizes))
