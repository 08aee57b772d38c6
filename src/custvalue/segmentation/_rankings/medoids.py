"""Partitions of weighted rows around medoids, from their costs or distances alone.

`costs` has the shape (n, n): at [i, j] what row i costs where row j stands for it, 0 on the
diagonal. `counts` says how many respondents each row stands for.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "average_linkage",
    "cut_tree",
    "k_medoids",
    "medoids_of",
    "silhouette",
    "without_small",
]

_TOLERANCE = 1e-9


def k_medoids(costs: FloatArray, counts: FloatArray, k: int) -> IntArray:
    """Return k rows that stand for all at the least total cost that swapping finds (PAM).

    BUILD takes one row after the other that saves most; SWAP exchanges a medoid for another row
    while that saves anything, the best exchange first. The savings of all exchanges are found at
    once (Schubert and Rousseeuw 2021). Nothing is random: of equal rows the first is taken.

    Parameters
    ----------
    costs : ndarray of shape (n, n)
    counts : ndarray of shape (n,)
    k : int
        At most n.

    Returns
    -------
    ndarray of int of shape (k,)
        Rows, sorted.

    References
    ----------
    Kaufman, L. & Rousseeuw, P. J. (1990). Finding Groups in Data, chapter 2.

    Schubert, E. & Rousseeuw, P. J. (2021). Fast and eager k-medoids clustering. Information
    Systems, 101, 101804.

    Examples
    --------
    >>> import numpy as np
    >>> places = np.array([0.0, 1.0, 9.0, 10.0])
    >>> costs = np.abs(places[:, None] - places)
    >>> k_medoids(costs, np.array([1.0, 5.0, 5.0, 1.0]), 2)
    array([1, 2])
    """
    medoids = _build(costs, counts, k)
    least = _TOLERANCE * (1 + float(counts @ costs[:, medoids].min(axis=1)))
    while True:
        savings = _swap_savings(costs, counts, medoids)
        position, candidate = divmod(int(np.argmax(savings)), len(costs))
        if savings[position, candidate] <= least:
            return np.sort(medoids)
        medoids[position] = candidate


def average_linkage(distances: FloatArray, counts: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the merges of average linkage, where each row stands for several respondents.

    The distance of two groups is the mean over all pairs of respondents, as the update of Lance and
    Williams keeps it; the merges are found by chains of nearest neighbours (Murtagh 1983).

    Parameters
    ----------
    distances : ndarray of shape (n, n)
        Symmetric.
    counts : ndarray of shape (n,)

    Returns
    -------
    pairs : ndarray of int of shape (n - 1, 2)
        A row of each of the two groups that merge, the lowest merge first.
    heights : ndarray of shape (n - 1,)
        Mean distance between the two groups.

    References
    ----------
    Murtagh, F. (1983). A survey of recent advances in hierarchical clustering algorithms. The
    Computer Journal, 26(4), 354-359.

    Examples
    --------
    >>> import numpy as np
    >>> places = np.array([0.0, 1.0, 4.0])
    >>> average_linkage(np.abs(places[:, None] - places), np.array([3.0, 1.0, 1.0]))
    (array([[0, 1],
           [0, 2]]), array([1.  , 3.75]))
    """
    open_distances = distances.copy()
    np.fill_diagonal(open_distances, np.inf)
    weights = counts.astype(np.float64)
    pairs, heights = np.empty((len(counts) - 1, 2), dtype=np.int64), np.empty(len(counts) - 1)
    chain: list[int] = []
    for step in range(len(pairs)):
        one, other = sorted(_nearest_pair(open_distances, chain))
        pairs[step], heights[step] = (one, other), open_distances[one, other]
        _merge(open_distances, weights, one, other)
    order = np.argsort(heights, kind="stable")
    return pairs[order], heights[order]


def cut_tree(pairs: IntArray, n_rows: int, k: int) -> IntArray:
    """Return the group of each row where the merges stop at k groups.

    Parameters
    ----------
    pairs : ndarray of int of shape (n_rows - 1, 2)
        As `average_linkage` gives them.
    n_rows, k : int

    Returns
    -------
    ndarray of int of shape (n_rows,)
        From 0, in the order in which the groups first appear.

    Examples
    --------
    >>> import numpy as np
    >>> cut_tree(np.array([[0, 1], [0, 2]]), 3, 2)
    array([0, 0, 1])
    """
    groups = np.arange(n_rows)
    for one, other in pairs[: n_rows - k]:
        groups[groups == groups[other]] = groups[one]
    _, first, codes = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[codes]


def medoids_of(costs: FloatArray, counts: FloatArray, codes: IntArray) -> IntArray:
    """Return the row of each group that stands for it at the least total cost.

    Parameters
    ----------
    costs : ndarray of shape (n, n)
    counts : ndarray of shape (n,)
    codes : ndarray of int of shape (n,)
        Group of each row, from 0, none empty.

    Returns
    -------
    ndarray of int of shape (n_groups,)
        Rows, sorted.
    """
    members = [np.flatnonzero(codes == group) for group in range(int(codes.max()) + 1)]
    best = [rows[np.argmin(counts[rows] @ costs[np.ix_(rows, rows)])] for rows in members]
    return np.sort(np.array(best, dtype=np.int64))


def without_small(
    costs: FloatArray, counts: FloatArray, least: float
) -> tuple[BoolArray, FloatArray]:
    """Dissolve the smallest segment into the nearest others until all are large enough.

    Parameters
    ----------
    costs : ndarray of shape (n, k)
        Of each row in each segment; a row is in its cheapest, the first among equals.
    counts : ndarray of shape (n,)
    least : float
        Smallest sum of counts of a segment.

    Returns
    -------
    kept : ndarray of bool of shape (k,)
        Which segments are left, one at least.
    sizes : ndarray of shape (k,)
        Sum of the counts of each, 0 for a dissolved one.

    Examples
    --------
    >>> import numpy as np
    >>> costs = np.array([[0.0, 5.0, 6.0], [5.0, 0.0, 1.0], [6.0, 1.0, 0.0]])
    >>> without_small(costs, np.array([4.0, 4.0, 1.0]), least=2.0)
    (array([ True,  True, False]), array([4., 5., 0.]))
    """
    kept = np.ones(costs.shape[1], dtype=bool)
    while True:
        open_costs = np.where(kept, costs, np.inf)
        sizes = np.bincount(open_costs.argmin(axis=1), weights=counts, minlength=len(kept))
        smallest = int(np.argmin(np.where(kept, sizes, np.inf)))
        # A share that equals the limit must not fail by rounding.
        if kept.sum() == 1 or sizes[smallest] >= max(least * (1 - _TOLERANCE), _TOLERANCE):
            return kept, np.asarray(sizes, dtype=np.float64)
        kept[smallest] = False


def silhouette(distances: FloatArray, counts: FloatArray, codes: IntArray) -> float:
    """Return the mean silhouette of the respondents (Rousseeuw 1987).

    With a the mean distance of a respondent to the others of their group and b the least mean
    distance to another group, it is (b - a) / max(a, b); 0 where someone is alone in their group,
    or where a and b are 0.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
        Symmetric.
    counts : ndarray of shape (n,)
    codes : ndarray of int of shape (n,)
        Group of each row, from 0, none empty; at least two.

    Returns
    -------
    float
        From -1 to 1.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis. Journal of Computational and Applied Mathematics, 20, 53-65.
    """
    member = np.eye(int(codes.max()) + 1)[codes] * counts[:, None]
    sums, sizes = distances @ member, member.sum(axis=0)
    rows = np.arange(len(codes))
    others = sizes[codes] - 1
    within = np.divide(sums[rows, codes], others, out=np.zeros(len(codes)), where=others > 0)
    means = sums / sizes
    means[rows, codes] = np.inf
    between = means.min(axis=1)
    larger = np.maximum(within, between)
    good = (others > 0) & (larger > 0)
    widths = np.divide(between - within, larger, out=np.zeros(len(codes)), where=good)
    return float(counts @ widths / counts.sum())


def _build(costs: FloatArray, counts: FloatArray, k: int) -> IntArray:
    medoids = [int(np.argmin(counts @ costs))]
    nearest = costs[:, medoids[0]]
    for _ in range(1, k):
        savings = counts @ np.maximum(nearest[:, None] - costs, 0)
        savings[medoids] = -1
        medoids.append(int(np.argmax(savings)))
        nearest = np.minimum(nearest, costs[:, medoids[-1]])
    return np.array(medoids, dtype=np.int64)


def _swap_savings(costs: FloatArray, counts: FloatArray, medoids: IntArray) -> FloatArray:
    """Return what the total falls by when each row replaces each medoid, of shape (k, n).

    A row whose own medoid goes moves to the newcomer or to its second nearest; any other moves only
    where the newcomer is nearer.
    """
    own = costs[:, medoids]
    codes, nearest = own.argmin(axis=1), own.min(axis=1)
    own[np.arange(len(own)), codes] = np.inf
    second = own.min(axis=1)[:, None]
    stays = np.minimum(costs - nearest[:, None], 0) * counts[:, None]
    leaves = (np.minimum(costs, second) - nearest[:, None]) * counts[:, None]
    member = np.eye(len(medoids))[codes]
    change: FloatArray = stays.sum(axis=0) + member.T @ (leaves - stays)
    change[:, medoids] = 0
    return -change


def _nearest_pair(distances: FloatArray, chain: list[int]) -> tuple[int, int]:
    """Follow nearest neighbours until two are each other's; the chain before them is kept."""
    if not chain:
        chain.append(int(np.argmin(distances.min(axis=1))))
    while True:
        row = distances[chain[-1]]
        nearest = int(np.argmin(row))
        if len(chain) > 1 and row[chain[-2]] <= row[nearest]:
            return chain.pop(), chain.pop()
        chain.append(nearest)


def _merge(distances: FloatArray, weights: FloatArray, one: int, other: int) -> None:
    """Let the first of two groups hold both, in place."""
    share = weights[[one, other]] / weights[[one, other]].sum()
    joined = share[0] * distances[one] + share[1] * distances[other]
    joined[[one, other]] = np.inf
    distances[one], distances[:, one] = joined, joined
    distances[other], distances[:, other] = np.inf, np.inf
    weights[one] += weights[other]
