"""Gamma-Gamma spend (Fader and Hardie 2013, brucehardie.com/notes/025): the mathematics.

x repeat purchases with mean spend m. A purchase of a customer is Gamma(p, nu); nu differs between
customers as Gamma(q, v), v in the currency of m. Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betaln, digamma

from custvalue._numerics.counts import on_counts
from custvalue._typing import FloatArray

__all__ = ["GammaGammaLaw"]


@dataclass(frozen=True, slots=True)
class GammaGammaLaw:
    """Spend per purchase ~ Gamma(p, nu), nu ~ Gamma(q, v); v in the currency of the spend."""

    p: float
    q: float
    v: float

    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "monetary_value")
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "p": ("spend varies without bound", "every purchase of a customer costs the same"),
        "q": ("mean spends differ without bound", "one mean spend for everybody"),
        "v": ("spend vanishes", "one mean spend for everybody"),
    }

    @classmethod
    def units(cls, x: FloatArray, m: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the natural size of each parameter, shape (3,): the median spend for v."""
        return np.array([1.0, 1.0, float(np.median(m))])

    @classmethod
    def starts(cls, x: FloatArray, m: FloatArray, weights: FloatArray) -> FloatArray:
        """Return starting values, shape (n_starts, 3), that share the mean spend."""
        mean = float(weights @ m) / float(weights.sum())
        return np.array([[p, q, mean * (q - 1) / p] for p, q in [(2.0, 3.0), (6.0, 4.0)]])

    def log_likelihood(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """Return the log density of the mean spend m of x purchases (eq. 1a); 0 where x is 0."""
        values, some = np.zeros(len(x)), x > 0
        values[some] = self._log_density(x[some], m[some])
        return values

    def _log_density(self, x: FloatArray, m: FloatArray) -> FloatArray:
        p, q, v = self.p, self.q, self.v
        total = x * m
        beta = on_counts(lambda n: np.asarray(betaln(p * n, q)), x)
        return np.asarray(-beta - np.log(m) - q * np.log1p(total / v) - p * x * np.log1p(v / total))

    def log_likelihood_with_gradient(
        self, x: FloatArray, m: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log density and its gradient in (p, q, v), shape (n_rows, 3), for x > 0."""
        p, q, v = self.p, self.q, self.v
        total = x * m
        gradient = np.empty((len(x), 3), order="F")
        both, own = on_counts(lambda n: np.stack([digamma(p * n + q), digamma(p * n)]), x)
        gradient[:, 0] = x * (both - own - np.log1p(v / total))
        gradient[:, 1] = both - digamma(q) - np.log1p(total / v)
        gradient[:, 2] = (q * total / v - p * x) / (total + v)
        return self._log_density(x, m), gradient

    def expected_spend(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """Return E[spend per purchase | history] (eq. 5): for x = 0 the population mean."""
        return np.asarray(self.p * (self.v + x * m) / (self.p * x + (self.q - 1)))

    def population_mean(self) -> float:
        """Return p v / (q - 1), the mean spend of a purchase; it exists for q > 1."""
        return self.p * self.v / (self.q - 1)

    def simulate(self, x: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Draw the mean spend of x purchases; 0 where x is 0."""
        nu = generator.gamma(self.q, 1 / self.v, size=len(x))
        m = np.zeros(len(x))
        some = x > 0
        m[some] = generator.gamma(self.p * x[some]) / (x[some] * nu[some])
        return m
