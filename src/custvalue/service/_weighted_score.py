"""The weighted mean of some columns, with gaps, and what follows from it.

x_ij value of row i in column j, w_j weight of column j, not negative. Column by column, so that no
row's sum depends on how many rows there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from custvalue._typing import FloatArray

__all__ = ["TIES", "WeightedMeans", "score_parts", "score_ranks", "weighted_means"]

TIES: dict[str, Literal["min", "dense", "average"]] = {
    "competition": "min",
    "dense": "dense",
    "average": "average",
}
"""How rows with one score are ranked, and what SciPy calls it."""

_OWN = 1e-12
"""Share of its size by which a score must differ from the next to have another rank."""

_CANCELLED = 1e-14
"""The same as a share of what was added and taken away to make a score."""

_ROUNDING = 1e-12
"""What a sum of weights may lack by rounding alone."""


@dataclass(frozen=True, slots=True)
class WeightedMeans:
    """Weighted means of n rows.

    Attributes
    ----------
    score : ndarray of shape (n,)
        NaN where gaps allow none.
    coverage : ndarray of shape (n,)
        Share of the weight whose value is there, from 0 to 1.
    """

    score: FloatArray
    coverage: FloatArray


def weighted_means(
    columns: Sequence[FloatArray],
    weights: FloatArray,
    *,
    least: float = 0.0,
    geometric: bool = False,
) -> WeightedMeans:
    """Return sum_j w_j x_ij / sum_j w_j over the values that are there.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
        NaN where a value is missing; at least 0 where the mean is geometric.
    weights : ndarray of shape (m,)
        Not negative, not all 0. A column of weight 0 is not looked at.
    least : float
        Coverage below which there is no score, but for rounding; 1 lets any gap take it away.
    geometric : bool
        Return exp(sum_j w_j ln(x_ij) / sum_j w_j) instead: 0 where any value is 0.

    Returns
    -------
    WeightedMeans

    Examples
    --------
    >>> import numpy as np
    >>> columns = [np.array([4.0, np.nan]), np.array([2.0, 3.0])]
    >>> means = weighted_means(columns, np.array([3.0, 1.0]))
    >>> means.score, means.coverage
    (array([3.5, 3. ]), array([1.  , 0.25]))
    """
    total, there, whole = np.zeros(len(columns[0])), np.zeros(len(columns[0])), 0.0
    for values, weight in zip(columns, weights.tolist(), strict=True):
        if weight == 0:
            continue
        known = ~np.isnan(values)
        total += weight * np.where(known, _logarithm(values) if geometric else values, 0.0)
        there += weight * known
        whole += weight
    means = np.divide(total, there, out=np.full(len(total), np.nan), where=there > 0)
    score = np.exp(means) if geometric else means
    coverage = there / whole
    score[coverage < (least - _ROUNDING if least < 1 else 1.0)] = np.nan
    return WeightedMeans(score, coverage)


def score_parts(
    columns: Sequence[FloatArray], weights: FloatArray, means: WeightedMeans
) -> list[FloatArray]:
    """Return w_j x_ij / sum_j w_j over the values that are there: what each column adds to a score.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
    weights : ndarray of shape (m,)
    means : WeightedMeans
        Of the same.

    Returns
    -------
    list of ndarray of shape (n,)
        NaN where the value is missing, or the score is; 0 for a column of weight 0.

    Examples
    --------
    >>> import numpy as np
    >>> columns, weights = [np.array([4.0, np.nan]), np.array([2.0, 3.0])], np.array([3.0, 1.0])
    >>> score_parts(columns, weights, weighted_means(columns, weights))
    [array([ 3., nan]), array([0.5, 3. ])]
    """
    with np.errstate(invalid="ignore"):
        there = np.where(np.isnan(means.score), np.nan, means.coverage * weights.sum())
    none = np.where(np.isnan(means.score), np.nan, 0.0)
    return [
        weight * values / there if weight > 0 else none.copy()
        for values, weight in zip(columns, weights.tolist(), strict=True)
    ]


def score_ranks(
    score: FloatArray, ties: str = "competition", sizes: FloatArray | None = None
) -> FloatArray:
    """Return the place of each score, 1 for the highest; what differs by rounding alone is equal.

    Parameters
    ----------
    score : ndarray of shape (n,)
    ties : {"competition", "dense", "average"}
        Places of equal scores: 1, 2, 2, 4, or 1, 2, 2, 3, or 1, 2.5, 2.5, 4.
    sizes : ndarray of shape (n,), optional
        The sum of the sizes of the parts of each score, where they may cancel.

    Returns
    -------
    ndarray of shape (n,)
        NaN where the score is. Neighbours are equal where their gap is at most 1e-12 of the larger
        score, or 1e-14 of the larger of ``sizes``.

    Examples
    --------
    >>> import numpy as np
    >>> score_ranks(np.array([0.3, 0.1 + 0.2, np.nan, 0.5, 0.1]))
    array([ 2.,  2., nan,  1.,  4.])
    """
    known = ~np.isnan(score)
    places = np.full(len(score), np.nan)
    order = np.argsort(-score[known], kind="stable")
    ordered = score[known][order]
    slack = _OWN * np.abs(ordered)
    if sizes is not None:
        slack = np.maximum(slack, _CANCELLED * sizes[known][order])
    with np.errstate(over="ignore"):
        gaps = ordered[:-1] - ordered[1:]
    group = np.zeros(len(ordered), dtype=np.int64)
    group[1:] = np.cumsum(gaps > np.maximum(slack[:-1], slack[1:]))
    ranks = np.empty(len(ordered))
    ranks[order] = rankdata(group, method=TIES[ties])
    places[known] = ranks
    return places


def _logarithm(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        logarithms: FloatArray = np.log(values)
    return logarithms
