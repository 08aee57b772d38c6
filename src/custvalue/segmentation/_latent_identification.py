"""Whether answers tell latent classes apart: parameters, cells, and the rank of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from custvalue._typing import FloatArray
from custvalue.segmentation._latent_class import LatentClasses

__all__ = ["is_identified", "n_parameters", "n_possible_patterns"]

_CHECKED = 4_096
"""The rank of the model is found where there are at most so many possible patterns."""
_RANK_TOLERANCE = 1e-7


def n_parameters(sizes: Sequence[int], n_classes: int) -> int:
    """Return the number of free parameters, those at 0 or 1 counted as well.

    Examples
    --------
    >>> n_parameters([2, 2, 2, 2], 2)
    9
    """
    return n_classes - 1 + n_classes * sum(size - 1 for size in sizes)


def n_possible_patterns(sizes: Sequence[int]) -> int:
    """Return how many patterns without a gap there can be."""
    return math.prod(sizes)


def is_identified(classes: LatentClasses) -> bool:
    """Return whether no change of the parameters leaves all probabilities as they are.

    There must be no more parameters than probabilities of patterns, less one, and the derivatives
    of those by the parameters must be independent at the estimate (Goodman 1974). The second is
    looked at where there are at most 4,096 possible patterns.

    Parameters
    ----------
    classes : LatentClasses

    Returns
    -------
    bool
    """
    free = n_parameters(classes.sizes, len(classes.shares))
    possible = n_possible_patterns(classes.sizes)
    if free > possible - 1:
        return False
    if possible > _CHECKED or free == 0:
        return True
    jacobian = _jacobian(classes)
    lengths = np.linalg.norm(jacobian, axis=0)
    if not lengths.all():
        return False
    values = np.linalg.svd(jacobian / lengths, compute_uv=False)
    return bool(values[-1] > _RANK_TOLERANCE * values[0])


def _jacobian(classes: LatentClasses) -> FloatArray:
    """Return the derivatives of the probability of each possible pattern by each parameter."""
    codes = np.array(list(product(*(range(size) for size in classes.sizes))), dtype=np.int64)
    factors = classes.probabilities[codes + classes.offsets]  # patterns, items, classes
    within = factors.prod(axis=1)
    columns = [within[:, :-1] - within[:, -1:]]
    for j, size in enumerate(classes.sizes):
        others = classes.shares * np.delete(factors, j, axis=1).prod(axis=1)
        last = codes[:, j] == size - 1
        columns += [
            others * ((codes[:, j] == c).astype(np.float64) - last)[:, None]
            for c in range(size - 1)
        ]
    return np.hstack(columns)
