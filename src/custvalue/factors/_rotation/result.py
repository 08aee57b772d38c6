"""What a rotation found, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["Rotation"]

_COLLAPSED = 1e-7


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotated loadings of p items on k factors.

    Attributes
    ----------
    loadings : ndarray of shape (p, k)
        The pattern L: A T where the factors are uncorrelated, A inv(T)' in general.
    factor_correlations : ndarray of shape (k, k)
        Phi = T'T; the identity where the factors are uncorrelated.
    rotation_matrix : ndarray of shape (k, k)
        T, with columns of length 1; orthogonal where the factors are uncorrelated.
    criterion : float
        What the rotation minimises, at its end; for promax that of the varimax behind it. NaN
        where nothing was rotated.
    gradient : float
        Length of the projected gradient with respect to T there.
    converged : bool
        The search came to a point where the gradient is zero, not to its limit of iterations
        or to factors that collapse into each other.
    iterations : int
        Of the start that won.
    n_starts : int
        Searches.
    n_optima : int
        Different solutions among those that converged; with more than one the lowest was taken.
    starts_agreeing : int
        How many searches came to the solution that was taken.
    """

    loadings: FloatArray
    factor_correlations: FloatArray
    rotation_matrix: FloatArray
    criterion: float
    gradient: float
    converged: bool
    iterations: int
    n_starts: int
    n_optima: int
    starts_agreeing: int

    @property
    def collapsed(self) -> bool:
        """Two factors or more have become one: the criterion has no minimum for these loadings.

        The smallest eigenvalue of the factor correlations is then below 1e-7.
        """
        return bool(np.linalg.eigvalsh(self.factor_correlations)[0] < _COLLAPSED)
