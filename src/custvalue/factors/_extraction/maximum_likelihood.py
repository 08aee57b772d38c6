"""Maximum likelihood, a function of the logarithms y of the uniquenesses psi.

With e_m, w_m the eigenvalues and vectors of Psi^-1/2 R Psi^-1/2, largest first, and U those that
no factor explains (all but the first n_factors, and of these the ones up to 1):

    F = sum_U (e_m - 1 - log e_m),   dF/dy_i = sum_U (1 - e_m) w_im^2

(Joreskog 1967, 1977; Lawley & Maxwell 1971, ch. 4): the discrepancy log|S| - log|R| + tr(R S^-1)
- p of S = L L' + Psi for the best L. It is -2/n times the log-likelihood ratio of normal ratings.
In logarithms F is closer to a quadratic, and an item that nears uniqueness 0 does not dominate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._extraction.discrepancy import LOWEST, Landscape, crossed
from custvalue.factors._extraction.spectrum import descending, squared_multiple_correlations

__all__ = ["MaximumLikelihood"]

_EPS = np.finfo(float).eps


@dataclass(frozen=True, slots=True)
class MaximumLikelihood:
    """The likelihood discrepancy.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
        Correlations R, positive definite.
    n_factors : int
    """

    matrix: FloatArray
    n_factors: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the logarithms of the lowest and the highest uniqueness."""
        return float(np.log(LOWEST)), 0.0

    @property
    def longest_step(self) -> float:
        """Return the most that the logarithm of a uniqueness may move in one step."""
        return 1.0

    def classical_start(self) -> FloatArray:
        """Return (1 - k / 2p) / diag(R^-1), the start of Joreskog (1963) and R's factanal."""
        share = 1.0 - self.n_factors / (2 * len(self.matrix))
        return np.asarray(share * (1.0 - squared_multiple_correlations(self.matrix)))

    def theta(self, uniquenesses: FloatArray) -> FloatArray:
        """Return the logarithms of uniquenesses, within their bounds."""
        return np.clip(np.log(np.clip(uniquenesses, LOWEST, 1.0)), *self.bounds)

    def uniquenesses(self, theta: FloatArray) -> FloatArray:
        """Return the uniquenesses of their logarithms; at a bound, the bound itself."""
        lowest, highest = self.bounds
        inside = np.where(theta <= lowest, LOWEST, np.exp(theta))
        return np.where(theta >= highest, 1.0, inside)

    def landscape(self, theta: FloatArray) -> Landscape:
        """Return F, its gradient and Hessian at logarithms of uniquenesses, of shape (s, p)."""
        values, vectors = self._spectrum(theta)
        values = np.maximum(values, _EPS * values[:, :1])
        explained = self._explained(values)
        excess = np.where(explained, 0.0, values - 1.0)
        terms = np.where(explained, 0.0, excess - np.log1p(excess))
        value = terms.sum(axis=1)
        slopes = np.abs(excess / values).sum(axis=1)
        return Landscape(
            theta,
            value,
            -np.einsum("sim,sm->si", vectors**2, excess),
            self._hessian(values, vectors, explained),
            _EPS * (value + values[:, 0] * slopes),
        )

    def loadings(self, theta: FloatArray) -> FloatArray:
        """Return Psi^1/2 W sqrt(e - 1) for those of the largest eigenvalues that exceed 1."""
        values, vectors = self._spectrum(theta[None])
        leading = np.maximum(values[0, : self.n_factors] - 1.0, 0.0)
        scale = np.exp(theta / 2)[:, None]
        return np.asarray(scale * vectors[0, :, : self.n_factors] * np.sqrt(leading))

    def _spectrum(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        scale = np.exp(-theta / 2)
        return descending(self.matrix * scale[:, :, None] * scale[:, None, :])

    def _explained(self, values: FloatArray) -> BoolArray:
        return np.asarray((values > 1) & (np.arange(values.shape[1]) < self.n_factors))

    def _hessian(self, values: FloatArray, vectors: FloatArray, explained: BoolArray) -> FloatArray:
        """Return (sum_U w_im w_jm)(sum_U e_m w_im w_jm) + sum_U,n c_mn (...).

        Here c_mn = (1 - e_m)(e_m + e_n) / (e_n - e_m).
        """
        least = _EPS * values[:, :1]

        def coefficient(n: int) -> FloatArray:
            leading = values[:, n, None]
            gap = np.maximum(leading - values, least)
            met = explained[:, n, None] & ~explained
            return np.where(met, (1.0 - values) * (values + leading) / gap, 0.0)

        turned = vectors.transpose(0, 2, 1)
        left = vectors * ~explained[:, None, :]
        matrix = (left @ turned) * ((left * values[:, None, :]) @ turned)
        return np.asarray(matrix + crossed(vectors, self.n_factors, coefficient))
