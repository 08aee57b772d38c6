"""Correlation matrices of items that have nothing in common, in batches.

Of n independent normal respondents: the cross products of deviations from the means are Wishart
with n - 1 degrees of freedom, A = L L' with L lower triangular, L_ii^2 ~ chi-square(n - i) for
i = 1, 2, ..., and standard normals below (Bartlett 1933). So p x p numbers are drawn, not n x p,
and the rows of L divided by their lengths give the correlations. With n <= p, L has n - 1 columns.

Of the ratings themselves: each item's answers dealt to the respondents anew, which keeps the items'
distributions and undoes what they share.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._estimator.ratings import Ratings
from custvalue._typing import AnyArray, FloatArray
from custvalue.factors._correlations.build import correlations

__all__ = ["coded_ratings", "normal_matrices", "permuted_matrices"]

_LARGEST_BATCH = 25
_BATCH_NUMBERS = 1_000_000
_TITLE = "Parallel analysis"


def normal_matrices(
    n_items: int,
    n_observations: float,
    n_replicates: int,
    generator: np.random.Generator,
    *,
    progress: bool = False,
) -> Iterator[FloatArray]:
    """Yield batches of correlation matrices of independent normal items.

    Parameters
    ----------
    n_items : int
        p.
    n_observations : float
        n, more than 2; the sum of weights need not be whole.
    n_replicates : int
    generator : numpy.random.Generator
    progress : bool

    Yields
    ------
    ndarray of shape (n_matrices, p, p)
        ``n_replicates`` matrices in all.
    """
    size = int(np.clip(_BATCH_NUMBERS // n_items**2, 1, _LARGEST_BATCH))
    starts = range(0, n_replicates, size)
    for start in tracked(starts, _TITLE, progress=progress):
        triangles = _triangles(n_items, n_observations, min(size, n_replicates - start), generator)
        rows = triangles / np.linalg.norm(triangles, axis=-1, keepdims=True)
        yield _exact(rows @ rows.swapaxes(-1, -2))


def permuted_matrices(
    ratings: Ratings,
    kind: str,
    missing: str,
    n_replicates: int,
    generator: np.random.Generator,
    *,
    progress: bool = False,
) -> Iterator[FloatArray]:
    """Yield correlation matrices of the ratings with the answers to each item shuffled.

    Parameters
    ----------
    ratings : Ratings
        Gaps are shuffled with the answers. The order of the respondents does not matter.
    kind : {"pearson", "spearman", "polychoric"}
    missing : {"raise", "pairwise"}
        How gaps are treated, as for the ratings themselves.
    n_replicates : int
    generator : numpy.random.Generator
    progress : bool

    Yields
    ------
    ndarray of shape (1, p, p)
    """
    ordered = {item: np.sort(ratings[item]) for item in ratings.items}
    for _ in tracked(range(n_replicates), _TITLE, progress=progress):
        shuffled = {item: generator.permutation(values) for item, values in ordered.items()}
        drawn = Ratings(shuffled, ratings.kind, None)
        yield correlations(drawn, kind=kind, missing=missing).matrix[None]


def coded_ratings(codes: AnyArray) -> Ratings:
    """Return categories as ratings, -1 as a gap."""
    columns = {f"x{i}": np.where(column < 0, np.nan, column) for i, column in enumerate(codes.T)}
    return Ratings(columns, "array", None)


def _triangles(
    n_items: int, n_observations: float, n_matrices: int, generator: np.random.Generator
) -> FloatArray:
    """Return Bartlett's L, of shape (n_matrices, p, min(p, n - 1))."""
    degrees = n_observations - 1
    width = min(n_items, int(np.ceil(degrees)))
    triangles = np.tril(generator.standard_normal((n_matrices, n_items, width)), -1)
    steps = np.arange(width)
    squares = generator.chisquare(degrees - steps, size=(n_matrices, width))
    triangles[:, steps, steps] = np.sqrt(squares)
    return triangles


def _exact(matrices: FloatArray) -> FloatArray:
    """Return the matrices with a diagonal of ones to the last digit."""
    items = np.arange(matrices.shape[-1])
    matrices[:, items, items] = 1.0
    return matrices
