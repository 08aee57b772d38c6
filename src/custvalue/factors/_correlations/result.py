"""What is known of the items before any factor: their correlations, and from how many."""

from __future__ import annotations

from dataclasses import dataclass

from custvalue._typing import FloatArray
from custvalue.factors._correlations.repair import SINGULAR

__all__ = ["Correlations"]


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlations of p items.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
        Symmetric, ones on the diagonal, positive definite.
    n_observations : float
        Respondents behind it, by their weights; the smallest pairwise number where answers are
        missing; NaN where it is not known.
    means, standard_deviations : ndarray of shape (p,)
        Of the ratings, to put new respondents on the same scale (divisor n - 1); NaN where they
        are not known.
    thresholds : tuple of ndarray or None
        Polychoric only: the cut points of each item's categories on the normal scale.
    smallest_eigenvalue : float
        Of the matrix as it was computed, before any repair.
    doubts : tuple of str
        Sentences that the user should read.
    """

    matrix: FloatArray
    n_observations: float
    means: FloatArray
    standard_deviations: FloatArray
    thresholds: tuple[FloatArray, ...] | None
    smallest_eigenvalue: float
    doubts: tuple[str, ...]

    @property
    def singular(self) -> bool:
        """Whether the matrix was repaired, so that its inverse and determinant mean nothing."""
        return self.smallest_eigenvalue <= SINGULAR
