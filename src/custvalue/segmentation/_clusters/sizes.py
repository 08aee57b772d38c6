"""Limits of segment sizes as a rule that serves new customers too: one offset a segment.

A customer goes where squared distance plus offset is least, an additively weighted nearest centre
(Aurenhammer, Hoffmann and Aronov 1998). Equal customers always stay together.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.limits import check_limits, distinct_rows, limited_offsets
from custvalue.segmentation._clusters.transport import cheapest, choice_sizes

__all__ = [
    "SizedAssignment",
    "SizedClusters",
    "constrained_centres",
    "drop_small",
    "limit",
    "size_offsets",
]

_SAMPLE = 50_000
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class SizedAssignment:
    """Customers in segments whose sizes have limits.

    Attributes
    ----------
    offsets : ndarray of shape (k,)
        Added to the squared distances; 0 for segments between their limits.
    codes : ndarray of int of shape (n,)
        Where squared distance plus offset is least.
    sizes : ndarray of int of shape (k,)
        Customers in each segment.
    within : bool
        Whether all sizes are within the limits. Equal customers, who stay together, can make that
        impossible.
    """

    offsets: FloatArray
    codes: IntArray
    sizes: IntArray
    within: bool


@dataclass(frozen=True, slots=True)
class SizedClusters:
    """Centres of segments whose sizes have limits.

    Attributes
    ----------
    centres : ndarray of shape (k, d)
    offsets, codes, sizes, within
        As in `SizedAssignment`.
    """

    centres: FloatArray
    offsets: FloatArray
    codes: IntArray
    sizes: IntArray
    within: bool


def size_offsets(
    distances: FloatArray, lowest: int, highest: int, counts: IntArray | None = None
) -> SizedAssignment:
    """Return offsets under which every segment has between ``lowest`` and ``highest`` customers.

    Of all assignments within the limits it is the one of least total distance, where rows can be
    told apart; the offsets are the prices of that transport problem, set in the middle between the
    customers at the borders. Rows that differ from no other by more than rounding stay together, at
    the price of sizes that may miss the limits.

    Parameters
    ----------
    distances : ndarray of shape (n, k)
        Squared distance, or another cost, of each row to each segment.
    lowest, highest : int
    counts : ndarray of int of shape (n,), optional
        Customers that each row stands for; 1 where left out.

    Returns
    -------
    SizedAssignment
        The offsets do not depend on the order of the rows. They are 0 where nearest centres are
        within the limits.

    Raises
    ------
    ValueError
        If the limits cannot be kept by any assignment.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 1.0, 2.0, 9.0])
    >>> found = size_offsets((x[:, None] - np.array([0.0, 10.0])) ** 2, 2, 4)
    >>> found.codes, found.within
    (array([0, 0, 1, 1]), True)
    """
    total = len(distances) if counts is None else int(counts.sum())
    check_limits(distances.shape[1], total, lowest, highest)
    rows, masses = distinct_rows(distances, counts)
    offsets = limited_offsets(rows, masses, lowest, highest, None)
    return _assigned(distances, offsets, counts, lowest, highest)


def constrained_centres(
    Z: FloatArray, centres: FloatArray, lowest: int, highest: int, max_rounds: int = 50
) -> SizedClusters:
    """Return centres that are the means of segments within limits of size, by k-means under limits.

    Assignment at least cost and means take turns (Bradley, Bennett and Demiriz 2000) until no
    customer moves, or the rounds are over. Of more than 50,000 different customers an even sample
    goes first.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
    centres : ndarray of shape (k, d)
        To start from.
    lowest, highest : int
    max_rounds : int

    Returns
    -------
    SizedClusters

    Raises
    ------
    ValueError
        If the limits cannot be kept by any assignment.
    """
    check_limits(len(centres), len(Z), lowest, highest)
    rows, counts = distinct_rows(Z, None)
    offsets: FloatArray | None = None
    if len(rows) > _SAMPLE:
        some = slice(None, None, -(-len(rows) // _SAMPLE))
        share = counts[some].sum() / len(Z)
        low, high = int(np.floor(lowest * share)), int(np.ceil(highest * share))
        centres, offsets = _moved(rows[some], counts[some], centres, (low, high), None, max_rounds)
    centres, offsets = _moved(rows, counts, centres, (lowest, highest), offsets, max_rounds)
    costs = cdist(rows, centres, "sqeuclidean")
    offsets = limited_offsets(costs, counts, lowest, highest, offsets)
    found = _assigned(cdist(Z, centres, "sqeuclidean"), offsets, None, lowest, highest)
    return SizedClusters(centres, found.offsets, found.codes, found.sizes, found.within)


def drop_small(Z: FloatArray, codes: IntArray, lowest: int) -> IntArray:
    """Return groups of at least some size: the smallest joins the nearest, again and again.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
    codes : ndarray of int of shape (n,)
        From 0, -1 for none.
    lowest : int
        Smallest size of a group.

    Returns
    -------
    ndarray of int of shape (n,)
        From 0 in the order of those that remain, at least one; -1 stays.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.array([[0.0], [0.1], [5.0], [8.0], [8.1]])
    >>> drop_small(Z, np.array([0, 0, 1, 2, 2]), 2)
    array([0, 0, 1, 1, 1])
    """
    inside = codes >= 0
    sizes = np.bincount(codes[inside])
    totals = np.stack([np.bincount(codes[inside], column) for column in Z[inside].T], axis=1)
    joins, there = np.arange(len(sizes)), np.flatnonzero(sizes)
    while len(there) > 1 and sizes[there].min() < lowest:
        means = totals[there] / sizes[there, None]
        small = int(np.lexsort((*means.T[::-1], sizes[there]))[0])
        gaps = ((means - means[small]) ** 2).sum(axis=1)
        gaps[small] = np.inf
        into = there[int(np.argmin(gaps))]
        joins[joins == there[small]] = into
        sizes[into] += sizes[there[small]]
        totals[into] += totals[there[small]]
        there = np.delete(there, small)
    place = np.append(np.searchsorted(there, joins), -1)
    return place[codes]


def limit(value: Any, n: int, name: str) -> int:
    """Return a limit of size in customers.

    Parameters
    ----------
    value : float or int
        A share between 0 and 1, or a whole number of customers from 1.
    n : int
        Number of customers.
    name : str
        The parameter. The share of "max_size" is rounded down, of any other up.

    Returns
    -------
    int
        At most n.

    Raises
    ------
    ValueError
        If the value is neither, more than n for another than "max_size", or less than one customer
        for "max_size".

    Examples
    --------
    >>> limit(0.05, 98, "min_size"), limit(0.05, 98, "max_size"), limit(20, 98, "min_size")
    (5, 4, 20)
    """
    largest = name == "max_size"
    number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    if number and not isinstance(value, Integral) and 0 < value < 1:
        # A billionth of a customer is rounding: 0.07 x 100 is not 7.
        rows = int(np.floor(value * n + _NOISE) if largest else np.ceil(value * n - _NOISE))
    elif number and value >= 1 and float(value).is_integer():
        rows = int(value)
    else:
        raise ValueError(
            f"{name} must be a share between 0 and 1 or a whole number of customers from 1; "
            f"found {value!r}"
        )
    if rows > n and not largest:
        raise ValueError(f"{name} must not exceed the {n} customers; found {value!r}")
    if rows < 1:
        raise ValueError(f"{name} must be at least one of {n} customers; found {value!r}")
    return min(rows, n)


def _assigned(
    distances: FloatArray,
    offsets: FloatArray,
    counts: IntArray | None,
    lowest: int,
    highest: int,
) -> SizedAssignment:
    codes = np.argmin(distances + offsets, axis=1)
    each = np.ones(len(codes), dtype=np.int64) if counts is None else counts
    sizes = choice_sizes(distances, each, offsets)
    within = bool(lowest <= sizes.min() and sizes.max() <= highest)
    return SizedAssignment(offsets, codes, sizes, within)


def _moved(
    rows: FloatArray,
    counts: IntArray,
    centres: FloatArray,
    limits: tuple[int, int],
    offsets: FloatArray | None,
    max_rounds: int,
) -> tuple[FloatArray, FloatArray | None]:
    """Return centres that stay, and the offsets at which they do."""
    before: IntArray | None = None
    for _ in range(max_rounds):
        costs = cdist(rows, centres, "sqeuclidean")
        placed = cheapest(costs, counts, *limits, offsets)
        offsets = placed.offsets
        if before is not None and np.array_equal(placed.codes, before):
            break
        before = placed.codes
        centres = _means(rows, counts, before, centres)
    return centres, offsets


def _means(rows: FloatArray, counts: IntArray, codes: IntArray, centres: FloatArray) -> FloatArray:
    """Return the mean of each segment; an empty one stays where it was."""
    k = len(centres)
    sizes = np.bincount(codes, counts, minlength=k)
    totals = np.stack([np.bincount(codes, counts * column, minlength=k) for column in rows.T], 1)
    means: FloatArray = np.where(
        sizes[:, None] > 0, totals / np.maximum(sizes, 1)[:, None], centres
    )
    return means
