"""Gamma-Gamma spend (Fader and Hardie 2013, brucehardie.com/notes/025): the mathematics.

x repeat purchases with mean spend m. A purchase of a customer is Gamma(p, nu); nu differs between
customers as Gamma(q, v), v in the currency of m. Arrays of shape (n_rows,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betaln, digamma

from custvalue._likelihood.links import Link, ScaleLink
from custvalue._numerics.counts import on_counts
from custvalue._typing import FloatArray, Number

__all__ = ["GammaGammaLaw"]


@dataclass(frozen=True, slots=True)
class GammaGammaLaw:
    """Spend per purchase ~ Gamma(p, nu), nu ~ Gamma(q, v); v in the currency of the spend."""

    p: Number
    q: Number
    v: Number

    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "monetary_value")
    links: ClassVar[dict[str, Link]] = {"spend": ScaleLink("v", sign=1.0)}
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
        some = x > 0
        values = self._log_density(np.where(some, x, 1.0), np.where(some, m, 1.0))
        return np.where(some, values, 0.0)

    def _log_density(self, x: FloatArray, m: FloatArray) -> FloatArray:
        p, q, v = self.p, self.q, self.v
        total = x * m
        beta = self._on_counts(lambda n: np.asarray(betaln(p * n, q)), x)
        return np.asarray(-beta - np.log(m) - q * np.log1p(total / v) - p * x * np.log1p(v / total))

    def log_likelihood_with_gradient(
        self, x: FloatArray, m: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log density and its gradient in (p, q, v), shape (n_rows, 3), for x > 0."""
        p, q, v = self.p, self.q, self.v
        total = x * m
        gradient = np.empty((len(x), 3), order="F")
        both, own = self._on_counts(lambda n: np.stack([digamma(p * n + q), digamma(p * n)]), x)
        gradient[:, 0] = x * (both - own - np.log1p(v / total))
        gradient[:, 1] = both - digamma(q) - np.log1p(total / v)
        gradient[:, 2] = (q * total / v - p * x) / (total + v)
        return self._log_density(x, m), gradient

    def expected_spend(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """Return E[spend per purchase | history] (eq. 5): for x = 0 the population mean.

        It is infinite where p x + q <= 1.
        """
        excess = self.p * x + (self.q - 1)
        mean = self.p * (self.v + x * m) / np.where(excess > 0, excess, 1.0)
        return np.where(excess > 0, mean, np.inf)

    def spend_given_history(
        self, x: FloatArray, m: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw shape and scale of the spend of each customer, shapes (n_rows,).

        A purchase is Gamma(p, nu), and nu given the history is Gamma(p x + q, v + x m).
        """
        nu = generator.gamma(self.p * x + self.q) / (self.v + x * m)
        return np.broadcast_to(np.asarray(self.p, dtype=float), x.shape), 1 / nu

    def _on_counts(self, function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
        """Evaluate a function of counts, p and q: by a table where p and q are numbers."""
        alike = np.ndim(self.p) == 0 and np.ndim(self.q) == 0
        return on_counts(function, x) if alike else function(x)

    def simulate(self, x: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Draw the mean spend of x purchases; 0 where x is 0."""
        nu = generator.gamma(self.q, 1 / np.asarray(self.v), size=len(x))
        m = np.zeros(len(x))
        some = x > 0
        shapes = np.broadcast_to(self.p * x, x.shape)[some]
        m[some] = generator.gamma(shapes) / (x[some] * nu[some])
        return m
