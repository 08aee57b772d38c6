"""Pareto/NBD (Schmittlein, Morrison & Colombo 1987): S(y) = (beta / (beta + y))^s.

The lifetime is exponential with a rate that is Gamma(s, beta) over customers.
"""

from __future__ import annotations

from mpmath import mp, mpf

from support.oracle.common import Vector
from support.oracle.latent_lifetime import LatentLifetime


class ParetoNBD(LatentLifetime):
    """Parameters r, alpha, s, beta."""

    names = ("r", "alpha", "s", "beta")
    places = (2, 3)

    def __init__(self, r: float, alpha: float, s: float, beta: float) -> None:
        super().__init__(r, alpha, s, beta)
        self.s, self.beta = self.parameters[2:]

    def log_survival(self, start: mpf, y: mpf) -> mpf:
        """Return log S(start + y) / S(start)."""
        return -self.s * mp.log1p(y / (self.beta + start))

    def log_hazard(self, y: mpf) -> mpf:
        """Return log f(y) / S(y)."""
        return mp.log(self.s / (self.beta + y))

    def survival_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log S(y) in s and beta."""
        return -mp.log1p(y / self.beta), self.s / self.beta - self.s / (self.beta + y)

    def density_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log f(y) in s and beta."""
        in_s, in_beta = self.survival_slopes(y)
        return in_s + 1 / self.s, in_beta - 1 / (self.beta + y)
