"""Contracts that end at a renewal: the beta-discrete-Weibull law, of which c = 1 is the sBG.

A customer survives t renewals with chance (1 - theta)^(t^c), theta ~ Beta(alpha, beta). Everything
here follows from S(t) = B(alpha, beta + t^c) / B(alpha, beta) as it stands, in so many digits that
differences do not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf

from support.oracle.common import differences

DIGITS = 100
HEAD = 400
SUM_DIGITS = 200
"""Of log Gamma at 10^110 so many leave 80 of a difference."""


class BetaDiscreteWeibull:
    """Parameters alpha, beta, c."""

    names = ("alpha", "beta", "c")

    def __init__(self, alpha: float, beta: float, c: float = 1.0) -> None:
        self.parameters = tuple(map(mpf, (alpha, beta, c)))

    def survival(self, t: float) -> mpf:
        """Return P(still there after t renewals)."""
        with mp.workdps(DIGITS):
            return mp.exp(log_survival(*self.parameters, t))

    def log_likelihood(self, duration: float, churned: float, entry: float) -> mpf:
        """Return log of P(T = duration | T > entry) or of P(T > duration | T > entry)."""
        with mp.workdps(DIGITS):
            return log_likelihood(*self.parameters, duration, churned, entry)

    def gradient(self, duration: float, churned: float, entry: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood in alpha, beta and c."""
        row = duration, churned, entry
        return differences(lambda *own: log_likelihood(*own, *row), self.parameters)

    def hessian(self, duration: float, churned: float, entry: float) -> list[list[mpf]]:
        """Return the second derivatives, by central differences of 1e-20 in 160 digits."""
        with mp.workdps(160):
            row = duration, churned, entry
            return [[self._mixed(i, j, row) for j in range(3)] for i in range(3)]

    def renewals(self, tenure: float, rate: float, horizon: float) -> mpf:
        """Return the sum of exp(-rate k) S(tenure + k) / S(tenure) over k = 1 to the horizon.

        Long sums follow Euler and Maclaurin from the 400th term on. For ever without a discount the
        integral goes on until the survival has become a power.
        """
        with mp.workdps(SUM_DIGITS):
            _, _, c = self.parameters
            n, r = mpf(tenure), mpf(rate)
            begun = log_survival(*self.parameters, n)

            def term(k: mpf) -> mpf:
                return mp.exp(log_survival(*self.parameters, n + k) - begun - r * k)

            total = mp.fsum(term(mpf(k)) for k in range(1, int(min(HEAD, horizon)) + 1))
            if horizon <= HEAD:
                return total
            last = mpf(horizon) if horizon < mp.inf else self._end(n, r)
            width = 1 / c if r == 0 else min(1, 1 / c)
            total += _integral(term, mpf(HEAD), last, width) - _edge(term, mpf(HEAD))
            if horizon < mp.inf:
                return total + _edge(term, last)
            alpha = self.parameters[0]
            return total + (term(last) * (n + last) / (alpha * c - 1) if r == 0 else 0)

    def _end(self, n: mpf, rate: mpf) -> mpf:
        """Return where terms are negligible, or have become powers."""
        if rate > 0:
            return 400 + 100 / rate
        alpha, beta, c = self.parameters
        return max(mpf(10) ** 22, (mpf(10) ** 18 * (alpha + beta + 1) ** 2) ** (1 / c))

    def _mixed(self, i: int, j: int, row: tuple[float, float, float]) -> mpf:
        h = mpf(10) ** -20

        def shifted(first: int, second: int) -> mpf:
            own = list(self.parameters)
            own[i] *= 1 + first * h
            own[j] *= 1 + second * h
            return log_likelihood(*own, *row)

        step = self.parameters[i] * self.parameters[j] * h * h
        if i == j:
            own = (shifted(1, 0), shifted(0, 0), shifted(-1, 0))
            return (own[0] - 2 * own[1] + own[2]) / step
        corners = shifted(1, 1) - shifted(1, -1) - shifted(-1, 1) + shifted(-1, -1)
        return corners / (4 * step)


def log_survival(alpha: Any, beta: Any, c: Any, t: Any) -> mpf:
    """Return log S(t)."""
    u = mpf(t) ** c if t > 0 else mpf(0)
    ends = mp.loggamma(beta + u) - mp.loggamma(alpha + beta + u)
    return ends - mp.loggamma(beta) + mp.loggamma(alpha + beta)


def log_likelihood(
    alpha: Any, beta: Any, c: Any, duration: float, churned: float, entry: float
) -> mpf:
    """Return the log-likelihood of a row."""
    own = (alpha, beta, c)
    seen = mp.exp(log_survival(*own, duration))
    if churned:
        seen = mp.exp(log_survival(*own, duration - 1)) - seen
    return mp.log(seen) - log_survival(*own, entry)


def _integral(term: Callable[[mpf], mpf], low: mpf, high: mpf, width: mpf) -> mpf:
    """Return the integral of a term, over panels of the logarithm."""
    ends, last = [mp.log(low)], mp.log(high)
    while ends[-1] < last:
        ends.append(min(ends[-1] + width, last))

    def integrand(y: mpf) -> mpf:
        return term(mp.exp(y)) * mp.exp(y)

    return mp.fsum(
        mp.quad(integrand, pair, method="gauss-legendre", maxdegree=5) for pair in pairwise(ends)
    )


def _edge(term: Callable[[mpf], mpf], k: mpf) -> mpf:
    """Return half a term and the corrections of Euler and Maclaurin.

    The sum over (low, high] is the integral, less this at its low end, plus this at its high end.
    """
    derivatives = [mp.diff(term, k, order, h=mpf(10) ** -10) for order in (1, 3, 5, 7)]
    factors = (mpf(1) / 12, mpf(-1) / 720, mpf(1) / 30240, mpf(-1) / 1209600)
    corrections = mp.fsum(f * d for f, d in zip(factors, derivatives, strict=True))
    return term(k) / 2 + corrections
