"""Spearman's correlations: Pearson's, of midranks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import FloatArray
from custvalue.factors._correlations.moments import Moments, moments

__all__ = ["midranks", "rank_correlations"]


def rank_correlations(ratings: Ratings, weights: FloatArray | None = None) -> FloatArray:
    """Return Spearman's rank correlations of items.

    Where answers are missing, those who answered both items of a pair are ranked anew among
    themselves, as R's ``cor(method = "spearman", use = "pairwise.complete.obs")`` does.

    Parameters
    ----------
    ratings : Ratings
        Of items that vary, each pair answered by three respondents at least.
    weights : ndarray of shape (n_respondents,), optional
        Respondents that each row stands for, all positive.

    Returns
    -------
    ndarray of shape (p, p)
        Symmetric, ones on the diagonal.

    Raises
    ------
    DataError
        If an item does not vary among those who answered another.
    """
    if not ratings.n_missing().any():
        return _moments_of_ranks(ratings, weights).correlations
    r = np.eye(len(ratings.items))
    for i, j in _pairs(len(ratings.items)):
        r[i, j] = r[j, i] = _pair(ratings, ratings.items[i], ratings.items[j], weights)
    return r


def midranks(values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Return the rank of each value; equal ones share the mean of their ranks.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        None missing.
    weights : ndarray of shape (n_values,), optional
        How many values each stands for, as if it stood there so often.

    Returns
    -------
    ndarray of shape (n_values,)

    Examples
    --------
    >>> import numpy as np
    >>> midranks(np.array([5.0, 1.0, 5.0, 7.0]))
    array([2.5, 1. , 2.5, 4. ])
    >>> midranks(np.array([5.0, 1.0, 7.0]), np.array([2.0, 1.0, 1.0]))
    array([2.5, 1. , 4. ])
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    equal = counts if weights is None else np.bincount(place, weights=weights)
    ranks: FloatArray = (np.cumsum(equal) - (equal - 1) / 2)[place]
    return ranks


def _moments_of_ranks(ratings: Ratings, weights: FloatArray | None) -> Moments:
    ranks = {item: midranks(ratings[item], weights) for item in ratings.items}
    return moments(Ratings(ranks, ratings.kind, ratings.index), weights)


def _pairs(p: int) -> Iterator[tuple[int, int]]:
    return ((i, j) for j in range(p) for i in range(j))


def _pair(ratings: Ratings, first: str, second: str, weights: FloatArray | None) -> float:
    both = ~(np.isnan(ratings[first]) | np.isnan(ratings[second]))
    shared = ratings.select([first, second]).take(both)
    found = _moments_of_ranks(shared, None if weights is None else weights[both])
    return float(found.correlations[0, 1])
