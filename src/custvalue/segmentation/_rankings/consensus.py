"""Consensus rankings: the strict order that is nearest to many rankings, in four senses.

`levels` holds one ranking a row (0 most preferred, equal for a tie, -1 unknown), `counts` how many
respondents gave it. A consensus is a row of ranks 1 to m, one for each item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.distances import DistanceKind, mid_ranks
from custvalue.segmentation._rankings.orders import best_order, cost_against, sorted_by

__all__ = [
    "Consensus",
    "borda",
    "footrule_median",
    "kemeny",
    "kemeny_ranks",
    "mean_ranks",
    "median",
    "pairwise_preferences",
    "spearman_median",
]


@dataclass(frozen=True, slots=True)
class Consensus:
    """One order for all.

    Attributes
    ----------
    ranks : ndarray of int of shape (m,)
        Rank of each item, 1 to m, each once.
    total : float
        Sum over the respondents of the distance to it.
    exact : bool
        No other order has a smaller total.
    """

    ranks: IntArray
    total: float
    exact: bool


def pairwise_preferences(levels: IntArray, counts: FloatArray) -> FloatArray:
    """Return how many respondents strictly prefer each item to each other.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (m, m)
        At [i, j] the counts of the rankings with i before j, both known; 0 on the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> pairwise_preferences(np.array([[0, 1, 1], [1, 0, -1]]), np.array([3.0, 2.0]))
    array([[0., 3., 3.],
           [2., 0., 0.],
           [0., 0., 0.]])
    """
    rows = []
    for i in range(levels.shape[1]):
        own = levels[:, [i]]
        rows.append(counts @ ((own >= 0) & (levels > own)))
    return np.asarray(rows, dtype=np.float64)


def kemeny(levels: IntArray, counts: FloatArray) -> Consensus:
    """Return the order with the least total Kendall distance (Kemeny 1959).

    Where each item beats all that follow in an order, by more than half, no order is better. Else
    it is exact up to 12 items, by dynamic programming over the sets of items that come first; of
    several optima it is the one whose order of items is first in the lexicographic sense. Above
    that it is the best of two local searches, from the orders of Borda and of Copeland, that move
    one item at a time to its best place and put runs of eight neighbours in their best order.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    Consensus
        ``total`` holds one half for each pair that a respondent ties.

    References
    ----------
    Kemeny, J. G. (1959). Mathematics without numbers. Daedalus, 88(4), 577-591.

    Examples
    --------
    >>> import numpy as np
    >>> kemeny(np.array([[0, 1, 2], [2, 0, 1]]), np.array([2.0, 3.0]))
    Consensus(ranks=array([3, 1, 2]), total=4.0, exact=True)
    """
    preferences = pairwise_preferences(levels, counts)
    order, exact = best_order(preferences)
    total = cost_against(preferences, order) + _tied_pairs(levels, counts) / 2
    return Consensus(_ranks(order), total, exact)


def kemeny_ranks(preferences: FloatArray) -> IntArray:
    """Return the ranks of Kemeny's consensus from the weights of the preferences alone.

    Parameters
    ----------
    preferences : ndarray of shape (m, m)
        As `pairwise_preferences` gives them.

    Returns
    -------
    ndarray of int of shape (m,)
        As `kemeny` gives them.
    """
    return _ranks(best_order(preferences)[0])


def mean_ranks(levels: IntArray, counts: FloatArray) -> FloatArray:
    """Return the mean of the `mid_ranks` of each item over those who know its place.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (m,)
        (m + 1) / 2 for an item that nobody knows.
    """
    weights, sums = _rank_sums(levels, counts)
    middle = np.full(len(sums), (len(sums) + 1) / 2)
    means: FloatArray = np.divide(sums, weights, out=middle, where=weights > 0)
    return means


def borda(levels: IntArray, counts: FloatArray) -> Consensus:
    """Return the order of the mean ranks, equal ones in the order of the items.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    Consensus
        ``total`` is that of the Kendall distance, for which the order need not be the best.
    """
    order = sorted_by(mean_ranks(levels, counts))
    preferences = pairwise_preferences(levels, counts)
    total = cost_against(preferences, order) + _tied_pairs(levels, counts) / 2
    return Consensus(_ranks(order), total, False)


def spearman_median(levels: IntArray, counts: FloatArray) -> Consensus:
    """Return the order with the least total of squared differences of ranks.

    Where every item is known to all it is the order of the mean ranks.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    Consensus
    """
    return _assigned(levels, counts, squared=True)


def footrule_median(levels: IntArray, counts: FloatArray) -> Consensus:
    """Return the order with the least total of absolute differences of ranks.

    It is exact, an assignment of items to places (Dwork et al. 2001).

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    Consensus

    References
    ----------
    Dwork, C., Kumar, R., Naor, M. & Sivakumar, D. (2001). Rank aggregation methods for the web.
    Proceedings of the 10th International World Wide Web Conference, 613-622.
    """
    return _assigned(levels, counts, squared=False)


def median(levels: IntArray, counts: FloatArray, kind: DistanceKind) -> Consensus:
    """Return the order with the least total distance of one kind.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)
    kind : {"kendall", "spearman", "footrule"}

    Returns
    -------
    Consensus
    """
    medians = {"kendall": kemeny, "spearman": spearman_median, "footrule": footrule_median}
    return medians[kind](levels, counts)


def _assigned(levels: IntArray, counts: FloatArray, *, squared: bool) -> Consensus:
    ranks, m = mid_ranks(levels), levels.shape[1]
    costs = np.empty((m, m))
    for place in range(1, m + 1):
        gap = ranks - place
        costs[:, place - 1] = counts @ np.nan_to_num(gap * gap if squared else np.abs(gap))
    # Rounding must not choose between equal totals.
    items, places = linear_sum_assignment(np.round(costs, 9))
    return Consensus(places.astype(np.int64) + 1, float(costs[items, places].sum()), True)


def _rank_sums(levels: IntArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return, by item, the weight of those who know its place and the sum of its ranks."""
    return counts @ (levels >= 0), counts @ np.nan_to_num(mid_ranks(levels))


def _ranks(order: IntArray) -> IntArray:
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def _tied_pairs(levels: IntArray, counts: FloatArray) -> float:
    known = levels >= 0
    total = 0.0
    for i in range(levels.shape[1] - 1):
        tied = (levels[:, i + 1 :] == levels[:, [i]]) & known[:, [i]]
        total += float(counts @ tied.sum(axis=1))
    return total
