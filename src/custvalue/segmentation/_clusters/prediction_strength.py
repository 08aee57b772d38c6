"""Prediction strength (Tibshirani and Walther 2005): how far two halves of the data agree.

Both halves are grouped. The rows of the test half are given to the nearest centroid of the
training half. The strength of a test group is the share of its pairs of rows that the training
half keeps together; the strength of k is that of its weakest group, averaged over both roles of
the halves and over repeated splits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import new_seeds
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.criteria import Clusterer, centroids, nearest

__all__ = ["prediction_strength", "strength_number", "weakest_group"]

STRONG = 0.8
"""The authors ask for .8 to .9."""


def prediction_strength(
    Z: FloatArray,
    cluster: Clusterer,
    ks: Sequence[int],
    *,
    generator: np.random.Generator,
    n_splits: int = 10,
    progress: bool = False,
) -> FloatArray:
    """Return the prediction strength of each number of groups; all numbers see the same halves.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    cluster : callable
        Takes rows, a number of groups and a seed, gives the codes of the rows.
    ks : sequence of int
    generator : numpy.random.Generator
    n_splits : int
    progress : bool

    Returns
    -------
    ndarray of shape (n_numbers,)
        From 0 to 1; 1 for one group. NaN where half of the rows are fewer than the groups.
    """
    strengths = np.empty((n_splits, len(ks)))
    for row in tracked(range(n_splits), "Prediction strength", progress=progress):
        order = generator.permutation(len(Z))
        halves = Z[np.sort(order[: len(Z) // 2])], Z[np.sort(order[len(Z) // 2 :])]
        seeds = new_seeds(generator, len(ks))
        strengths[row] = [
            _strength(halves, cluster, k, seed) for k, seed in zip(ks, seeds, strict=True)
        ]
    average: FloatArray = strengths.mean(axis=0)
    return average


def weakest_group(test: IntArray, predicted: IntArray, k: int) -> float:
    """Return the smallest share of the pairs of a test group that are predicted to be together.

    Parameters
    ----------
    test, predicted : ndarray of int of shape (n_rows,)
        Group of each row in the test half, negative for none; group by the training half.
    k : int
        Number of groups asked for.

    Returns
    -------
    float
        0 where a group has one row, which predicts no pair, or the groups are fewer than asked.

    Examples
    --------
    >>> import numpy as np
    >>> weakest_group(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]), 2)
    0.3333333333333333
    """
    known = test >= 0
    groups, group = np.unique(test[known], return_inverse=True)
    if len(groups) < k:
        return 0.0
    kinds, kind = np.unique(predicted[known], return_inverse=True)
    cells = np.bincount(group * len(kinds) + kind, minlength=len(groups) * len(kinds))
    cells = cells.reshape(len(groups), len(kinds))
    sizes = cells.sum(axis=1)
    together = (cells * (cells - 1)).sum(axis=1) / np.maximum(sizes * (sizes - 1), 1)
    return float(together.min())


def strength_number(ks: Sequence[int], strengths: FloatArray) -> int | None:
    """Return the largest k whose prediction strength is at least .8; None where none is.

    Examples
    --------
    >>> import numpy as np
    >>> strength_number([1, 2, 3, 4], np.array([1.0, 0.9, 0.85, 0.4]))
    3
    """
    strong = np.flatnonzero(strengths >= STRONG)
    return int(ks[strong[-1]]) if len(strong) else None


def _strength(
    halves: tuple[FloatArray, FloatArray], cluster: Clusterer, k: int, seed: int
) -> float:
    if k == 1:
        return 1.0
    if k > min(map(len, halves)):
        return np.nan
    first, second = (cluster(half, k, seed) for half in halves)
    if (first < 0).all() or (second < 0).all():
        return 0.0
    return 0.5 * (
        weakest_group(second, nearest(halves[1], centroids(halves[0], first)), k)
        + weakest_group(first, nearest(halves[0], centroids(halves[1], second)), k)
    )
