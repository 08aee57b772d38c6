"""Sums of thousands to millions of millions of smooth terms, by a few thousand of them.

Terms that come from ratios of Gamma functions change on the scale of their own number: from the
1025th on they are summed by panels whose width is a quarter of their distance from the start, and
beyond a million, where all have become powers, the whole of it. A panel of N whole numbers takes
the 20-point Gauss rule of the sum itself, not of an integral: it is exact for every polynomial of
degree 39. Its recurrence is that of the discrete Chebyshev polynomials (Gautschi 2004, Orthogonal
Polynomials, section 1.4.1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["EVER", "NEAR", "long_sum", "rows_summed_together", "sum_nodes"]

NEAR = 1024
"""So many terms are added one by one."""
EVER = 2.0**60
"""The longest sum. What is left then is a matter of powers."""
_POWERS_FROM = 2.0**20
_LAST = 64
_POINTS = 20
_ROWS = 256

Terms = Callable[[FloatArray], FloatArray]


def long_sum(near: Callable[[int], FloatArray], far: Terms, n_terms: FloatArray) -> FloatArray:
    """Return the sum of the terms j = 0, ..., n_terms - 1 of every row.

    Parameters
    ----------
    near : callable
        Takes n, at most `NEAR`, and gives the first n terms, shape (n_rows, n).
    far : callable
        Takes numbers j of shape (n,), not always whole, and gives those terms, shape (n_rows, n).
    n_terms : ndarray of shape (n_rows,)
        Whole numbers up to `EVER`: either all at most `NEAR` or all equal.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    most = float(n_terms.max())
    terms = near(max(int(min(most, NEAR)), 1))
    total = np.where(np.arange(terms.shape[1]) < n_terms[:, None], terms, 0.0).sum(axis=1)
    if most <= NEAR:
        return np.asarray(total)
    nodes, weights = sum_nodes(most)
    return np.asarray(total + far(nodes) @ weights)


def rows_summed_together(n_terms: FloatArray) -> Iterator[IntArray]:
    """Yield the rows that one call of `long_sum` can take, few enough for the cache.

    Parameters
    ----------
    n_terms : ndarray of shape (n_rows,)
        How many terms each row has; rows without any are left out.

    Yields
    ------
    ndarray of int of shape (n,)
    """
    lengths = np.unique(n_terms[n_terms > NEAR])
    groups = [np.flatnonzero(n_terms == length) for length in lengths]
    near = np.flatnonzero((n_terms > 0) & (n_terms <= NEAR))
    groups.append(near[np.argsort(n_terms[near], kind="stable")])
    for rows in groups:
        for start in range(0, len(rows), _ROWS):
            yield rows[start : start + _ROWS]


@lru_cache(maxsize=64)
def sum_nodes(n_terms: float) -> tuple[FloatArray, FloatArray]:
    """Return where to evaluate the terms from j = `NEAR` to n_terms - 1, and their weights.

    Panels become short again towards an end before `EVER`: terms may rise steeply there.

    Parameters
    ----------
    n_terms : float
        A whole number.

    Returns
    -------
    nodes, weights : ndarray of shape (n_nodes,)
        1,440 of them for a sum to `EVER`.
    """
    start, parts = float(NEAR), []
    while n_terms - start > _LAST:
        width = start if start >= _POWERS_FROM else np.ceil(start / 4)
        width = min(width, n_terms - start)
        if n_terms < EVER:
            width = min(width, np.ceil((n_terms - start) / 2))
        nodes, weights = _gauss(width)
        parts.append((start + nodes, weights))
        start += width
    last = np.arange(start, n_terms)
    parts.append((last, np.ones_like(last)))
    nodes, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    return nodes, weights


def _gauss(width: float) -> tuple[FloatArray, FloatArray]:
    """Return the 20-point rule for the sum over j = 0, ..., width - 1 (Golub and Welsch)."""
    k = np.arange(1.0, _POINTS)
    off_diagonal = k * np.sqrt((1 - (k / width) ** 2) / (4 * (4 * k**2 - 1)))
    matrix = np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    values, vectors = np.linalg.eigh(matrix)
    return (width - 1) / 2 + width * values, width * vectors[0] ** 2
