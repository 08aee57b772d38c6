"""The one place that turns a ``random_state`` into a generator."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["new_seed", "new_seeds", "random_generator"]

_SEEDS = 2**31 - 1
"""scikit-learn takes no larger ones."""


def random_generator(random_state: Any) -> np.random.Generator:
    """Return a generator for a ``random_state`` as scikit-learn takes it.

    Parameters
    ----------
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator
        None is another sequence at every call. A generator is used as it is, so that it moves on.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> random_generator(3).integers(10) == random_generator(3).integers(10)
    np.True_
    """
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(_SEEDS))
    return np.random.default_rng(random_state)


def new_seed(generator: np.random.Generator) -> int:
    """Return a seed that scikit-learn takes; the generator moves on."""
    return int(generator.integers(_SEEDS))


def new_seeds(generator: np.random.Generator, count: int) -> list[int]:
    """Return some seeds that scikit-learn takes; the generator moves on."""
    seeds: list[int] = generator.integers(_SEEDS, size=count).tolist()
    return seeds
