"""Gamma-Gompertz/NBD (Bemmaor & Glady 2012): S(y) = (beta / (beta - 1 + exp(b y)))^s.

The hazard of leaving is b eta exp(b y), with eta ~ Gamma(s, beta) over customers.
"""

from __future__ import annotations

from mpmath import mp, mpf

from support.oracle.common import Vector
from support.oracle.latent_lifetime import LatentLifetime


class GammaGompertzNBD(LatentLifetime):
    """Parameters r, alpha, b, s, beta."""

    names = ("r", "alpha", "b", "s", "beta")
    places = (3, 4, 2)

    def __init__(self, r: float, alpha: float, b: float, s: float, beta: float) -> None:
        super().__init__(r, alpha, b, s, beta)
        self.b, self.s, self.beta = self.parameters[2:]

    def log_survival(self, start: mpf, y: mpf) -> mpf:
        """Return log S(start + y) / S(start)."""
        growth = mp.exp(self.b * start)
        share = growth / (self.beta + mp.expm1(self.b * start))
        return -self.s * mp.log1p(share * mp.expm1(self.b * y))

    def log_hazard(self, y: mpf) -> mpf:
        """Return log f(y) / S(y)."""
        level = self.beta + mp.expm1(self.b * y)
        return mp.log(self.s * self.b / level) + self.b * y

    def survival_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log S(y) in s, beta and b."""
        level = self.beta + mp.expm1(self.b * y)
        in_b = -self.s * y * mp.exp(self.b * y) / level
        return mp.log(self.beta / level), self.s / self.beta - self.s / level, in_b

    def density_slopes(self, y: mpf) -> Vector:
        """Return the derivatives of log f(y) in s, beta and b."""
        in_s, in_beta, in_b = self.survival_slopes(y)
        level = self.beta + mp.expm1(self.b * y)
        more = y - y * mp.exp(self.b * y) / level + 1 / self.b
        return in_s + 1 / self.s, in_beta - 1 / level, in_b + more
