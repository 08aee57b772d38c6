"""What minimum residuals and maximum likelihood have in common: a sum over eigenvalues.

Both measure how far R is from L L' + Psi for the best loadings L at given uniquenesses Psi. That
is a sum of f(e) over the eigenvalues e of a matrix M(theta) which no factor explains, where theta
are the uniquenesses in some scale. A factor explains one of the largest n_factors eigenvalues if
that lowers the discrepancy, so that loadings are never imaginary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["LOWEST", "Discrepancy", "Landscape", "crossed"]

LOWEST = 0.005
"""Lowest uniqueness, as in R's factanal and psych."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """A discrepancy at s points.

    Attributes
    ----------
    theta : ndarray of shape (s, p)
    value : ndarray of shape (s,)
    gradient : ndarray of shape (s, p)
        In theta.
    hessian : ndarray of shape (s, p, p)
    noise : ndarray of shape (s,)
        Rounding error of the values.
    """

    theta: FloatArray
    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    noise: FloatArray


class Discrepancy(Protocol):
    """A measure of misfit as a function of the uniquenesses alone."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest theta of an item."""

    @property
    def longest_step(self) -> float:
        """Return the most that a theta may move in one step."""

    def classical_start(self) -> FloatArray:
        """Return the uniquenesses (p,) that other programs start from."""

    def theta(self, uniquenesses: FloatArray) -> FloatArray:
        """Return the uniquenesses in the scale of the search."""

    def uniquenesses(self, theta: FloatArray) -> FloatArray:
        """Return them in their own scale."""

    def landscape(self, theta: FloatArray) -> Landscape:
        """Return values and derivatives at points of shape (s, p)."""

    def loadings(self, theta: FloatArray) -> FloatArray:
        """Return the best loadings (p, n_factors) at a point of shape (p,)."""


def crossed(
    vectors: FloatArray,
    n_factors: int,
    coefficient: Callable[[int], FloatArray],
) -> FloatArray:
    """Return sum over n < n_factors and m of c_mn (w_im w_in) (w_jm w_jn), of shape (s, p, p).

    Parameters
    ----------
    vectors : ndarray of shape (s, p, p)
        Eigenvectors w in columns.
    n_factors : int
    coefficient : callable
        Takes n, gives c_mn for all m, of shape (s, p).
    """
    total = np.zeros_like(vectors)
    for n in range(n_factors):
        leading = vectors[:, :, n]
        weighted = (vectors * coefficient(n)[:, None, :]) @ vectors.transpose(0, 2, 1)
        total += leading[:, :, None] * leading[:, None, :] * weighted
    return total
