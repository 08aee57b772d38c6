"""What an extraction found."""

from __future__ import annotations

from dataclasses import dataclass

from custvalue._typing import BoolArray, FloatArray

__all__ = ["Extraction"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Unrotated factors of p items, and how the search for them went.

    Attributes
    ----------
    loadings : ndarray of shape (p, n_factors)
        Columns by descending eigenvalue; each sums to zero or more.
    uniquenesses : ndarray of shape (p,)
        The estimates; 1 - communality but for items at the bound of maximum likelihood and of
        minimum residuals.
    objective : float
        What the method minimises, at the end: the likelihood discrepancy for maximum likelihood,
        else half the sum of the squared residuals of R - L L' - Psi (of R - L L' for components).
    converged : bool
    gradient : float
        Largest absolute slope of the objective, without those that push out of the bounds: in the
        logarithms of the uniquenesses for maximum likelihood, else in the uniquenesses.
    iterations : int
        Of the start that was taken.
    n_starts : int
    n_optima : int
        Distinct local minima that the starts ended at.
    starts_agreeing : int
        Starts that ended at the minimum reported.
    heywood : ndarray of bool of shape (p,)
        Items with no uniqueness to speak of: at the lower bound, or with a communality of one or
        more. Never for components.
    components : bool
        Principal components, which are no model of the correlations.
    """

    loadings: FloatArray
    uniquenesses: FloatArray
    objective: float
    converged: bool
    gradient: float
    iterations: int
    n_starts: int
    n_optima: int
    starts_agreeing: int
    heywood: BoolArray
    components: bool = False
