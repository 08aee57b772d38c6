"""Correlations that no factor model can take, made positive definite, and why that was needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._numerics.nearest_correlation import nearest_correlation
from custvalue._typing import FloatArray

__all__ = ["SINGULAR", "PositiveDefinite", "positive_definite"]

SINGULAR = 1e-10
"""A smallest eigenvalue up to here is zero but for rounding, and the matrix is repaired."""
_PERFECT = 1e-10
_TAKES_PART = 1e-3
"""Share of an item, at least, in a sum of items that is constant, as a share of the largest."""
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class PositiveDefinite:
    """A correlation matrix that is fit for use.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
    smallest_eigenvalue : float
        Before any repair.
    doubts : tuple of str
        Empty where nothing was repaired.
    """

    matrix: FloatArray
    smallest_eigenvalue: float
    doubts: tuple[str, ...]


def positive_definite(
    matrix: FloatArray, items: Sequence[str], n_observations: float = np.nan
) -> PositiveDefinite:
    """Return a correlation matrix as it is, or the nearest positive definite one where it is not.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        Symmetric, ones on the diagonal.
    items : sequence of str
    n_observations : float
        NaN where it is not known.

    Returns
    -------
    PositiveDefinite

    Examples
    --------
    >>> import numpy as np
    >>> twins = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 1.0]])
    >>> positive_definite(twins, ["a", "b", "c"]).doubts[0]
    "the correlations are not positive definite (smallest eigenvalue 0): items 'a' and 'b' determine
    one another (r = 1). The nearest positive definite matrix is used; no correlation changes by
    more than 1e-08"
    """
    eigenvalues, eigenvectors = np.linalg.eigh(matrix)
    smallest = float(eigenvalues[0])
    if smallest > SINGULAR:
        return PositiveDefinite(matrix, smallest, ())
    repaired = nearest_correlation(matrix)
    change = float(np.abs(repaired - matrix).max())
    shown = 0.0 if abs(smallest) <= SINGULAR else smallest
    reason = "; ".join(_reasons(matrix, items, n_observations, eigenvalues, eigenvectors))
    doubt = (
        f"the correlations are not positive definite (smallest eigenvalue {shown:.3g}): {reason}. "
        f"The nearest positive definite matrix is used; no correlation changes by more than "
        f"{change:.1g}"
    )
    return PositiveDefinite(repaired, smallest, (doubt,))


def _reasons(
    matrix: FloatArray,
    items: Sequence[str],
    n_observations: float,
    eigenvalues: FloatArray,
    eigenvectors: FloatArray,
) -> Iterator[str]:
    pairs = np.argwhere(np.triu(np.abs(matrix) >= 1 - _PERFECT, k=1))
    if len(pairs):
        named = [
            f"items {items[i]!r} and {items[j]!r} determine one another (r = {matrix[i, j]:.0f})"
            for i, j in pairs[:_SHOWN]
        ]
        yield "; ".join([*named, *_and_more(len(pairs), "such pair")])
    if n_observations <= len(items):
        yield f"{n_observations:g} respondents are too few for {len(items)} items"
    elif eigenvalues[0] < -SINGULAR:
        yield "no set of complete answers has such correlations"
    elif not len(pairs):
        weight = np.abs(eigenvectors[:, 0])
        sharing = np.flatnonzero(weight > _TAKES_PART * weight.max())
        named = [repr(items[i]) for i in sharing[: 2 * _SHOWN]]
        more = _and_more(len(sharing), "item", 2 * _SHOWN)
        yield f"a weighted sum of items {', '.join([*named, *more])} is constant"


def _and_more(count: int, noun: str, shown: int = _SHOWN) -> list[str]:
    rest = count - shown
    return [] if rest <= 0 else [f"and {rest} more {noun}{'s' if rest > 1 else ''}"]
