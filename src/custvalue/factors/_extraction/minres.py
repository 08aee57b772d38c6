"""Minimum residuals (unweighted least squares), a function of the uniquenesses psi.

With theta_m, w_m the eigenvalues and vectors of R - Psi, largest first, and U those that no factor
explains (all but the positive ones of the first n_factors):

    F = 1/2 sum_U theta_m^2,   dF/dpsi_i = -sum_U theta_m w_im^2

(Harman & Jones 1966; Joreskog 1977). At a minimum inside the bounds the diagonal of the residuals
is zero, and F is the sum of the squared residuals below it: the fixed points of principal axis
factoring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._extraction.discrepancy import LOWEST, Landscape, crossed
from custvalue.factors._extraction.spectrum import (
    descending,
    leading_loadings,
    squared_multiple_correlations,
)

__all__ = ["Minres"]

_EPS = np.finfo(float).eps


@dataclass(frozen=True, slots=True)
class Minres:
    """Half the sum of squared residuals.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
        Correlations R.
    n_factors : int
    lowest : float
        Lowest uniqueness; principal axis factoring has no bound.
    """

    matrix: FloatArray
    n_factors: int
    lowest: float = LOWEST

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest uniqueness."""
        return self.lowest, 1.0

    @property
    def longest_step(self) -> float:
        """Return the most that a uniqueness may move in one step."""
        return 0.25

    def classical_start(self) -> FloatArray:
        """Return 1 / diag(R^-1), the start of psych: what squared multiple correlations leave."""
        return 1.0 - squared_multiple_correlations(self.matrix)

    def theta(self, uniquenesses: FloatArray) -> FloatArray:
        """Return the uniquenesses: they are searched as they are."""
        return np.clip(uniquenesses, *self.bounds)

    def uniquenesses(self, theta: FloatArray) -> FloatArray:
        """Return theta."""
        return theta

    def landscape(self, theta: FloatArray) -> Landscape:
        """Return F, its gradient and Hessian at uniquenesses of shape (s, p)."""
        reduced = self.matrix - theta[:, :, None] * np.eye(len(self.matrix))
        values, vectors = descending(reduced)
        explained = (values > 0) & (np.arange(values.shape[1]) < self.n_factors)
        left = np.where(explained, 0.0, values)
        value = (left**2).sum(axis=1) / 2
        sizes = np.abs(values)
        return Landscape(
            theta,
            value,
            -np.einsum("sim,sm->si", vectors**2, left),
            self._hessian(values, vectors, explained),
            _EPS * (value + sizes.max(axis=1) * np.abs(left).sum(axis=1)),
        )

    def loadings(self, theta: FloatArray) -> FloatArray:
        """Return V sqrt(theta) of R - Psi for the positive ones of its largest eigenvalues."""
        return leading_loadings(self.matrix - np.diag(theta), self.n_factors)

    def _hessian(self, values: FloatArray, vectors: FloatArray, explained: BoolArray) -> FloatArray:
        """Return (sum_U w_im w_jm)^2 + 2 sum_U,n theta_m / (theta_m - theta_n) (...)."""
        least = _EPS * np.maximum(np.abs(values).max(axis=1, keepdims=True), _EPS)

        def coefficient(n: int) -> FloatArray:
            gap = np.maximum(values[:, n, None] - values, least)
            met = explained[:, n, None] & ~explained
            return np.where(met, -2.0 * values / gap, 0.0)

        left_over = (vectors * ~explained[:, None, :]) @ vectors.transpose(0, 2, 1)
        return np.asarray(left_over**2 + crossed(vectors, self.n_factors, coefficient))
