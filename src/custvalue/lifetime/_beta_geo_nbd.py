"""BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24(2), 275-284): the mathematics.

x repeat purchases, t_x time of the last of them, T time observed since the first purchase; t_x, T,
horizons and alpha in one time unit. The purchase rate is Gamma(r, alpha); after each repeat
purchase a customer leaves with a probability that is Beta(a, b). Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betainc, betaln, digamma, expit, gammaln, xlogy

from custvalue._numerics.beta_geometric import beta_geo_expectation, beta_geo_survival
from custvalue._numerics.counts import on_counts
from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["BetaGeoNBDLaw"]


_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class BetaGeoNBDLaw:
    """Purchase rate ~ Gamma(r, alpha), dropout after each repeat purchase ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ("alpha",)
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "r": ("purchase rates differ without bound", "Poisson: one purchase rate for everybody"),
        "alpha": ("purchases without end", "Poisson: one purchase rate for everybody"),
        "a": ("NBD: nobody ever leaves", "geometric: one dropout probability for everybody"),
        "b": ("everybody leaves at the first repeat purchase", "NBD: nobody ever leaves"),
    }

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): the mean time for alpha."""
        return np.array([1.0, float(weights @ T) / float(weights.sum()), 1.0, 1.0])

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (n_starts, 4), from the mean purchase rate."""
        rate = float(weights @ x) / float(weights @ T)
        shapes = [(0.5, 1.0, 2.5), (1.5, 0.5, 5.0)]
        return np.array([[r, r / rate, a, b] for r, a, b in shapes])

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row (eq. 6): log(alive + left after purchase x)."""
        base = on_counts(self._log_of_count, x) - (self.r + x) * np.log1p(T / self.alpha)
        again = _rows_with(x > 0)
        base[again] += np.logaddexp(0.0, self._log_odds_left(x[again], t_x[again], T[again]))
        return base

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (r, alpha, a, b), shape (n_rows, 4).

        Rows whose x is 0 are cheap, and those of one x share its functions: it is quickest where
        rows come in the order of x.
        """
        values, gradient = self._alive_with_gradient(x, T)
        again = _rows_with(x > 0)
        left, left_gradient = self._left_with_gradient(x[again], t_x[again], T[again])
        values[again] += left
        gradient[again] += left_gradient
        return values, gradient

    def probability_alive(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, ahead: Number = 0.0
    ) -> FloatArray:
        """Return P(not left by T + ahead | history); 1 at T for customers without a repeat."""
        alive, again = np.ones_like(x), _rows_with(x > 0)
        alive[again] = expit(-self._log_odds_left(x[again], t_x[again], T[again]))
        if np.all(np.asarray(ahead) == 0):
            return alive
        return alive * beta_geo_survival(*self._posterior(x, T), ahead)

    def expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: Number
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | history] (eq. 10, continuous through a = 1)."""
        alive = self.probability_alive(x, t_x, T)
        growth = beta_geo_expectation(*self._posterior(x, T), horizon)
        with np.errstate(invalid="ignore"):
            return np.where(alive > 0, alive * growth, 0.0)

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[repeat purchases in (0, horizon]] of a customer just won (eq. 9)."""
        return beta_geo_expectation(self.r, self.alpha, self.a, self.b, horizon)

    def purchase_probability(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, n: Number, horizon: Number
    ) -> FloatArray:
        """Return P(n purchases in (T, T + horizon] | history)."""
        alive = self.probability_alive(x, t_x, T)
        s, beta, a, b = self._posterior(x, T)
        counted = alive * _count_probability(s, beta, a, b, n, horizon)
        return np.where(np.asarray(n) == 0, counted + self._left(x, t_x, T), counted)

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n repeat purchases in (0, horizon]) of a customer just won (eq. 8)."""
        return _count_probability(self.r, self.alpha, self.a, self.b, n, horizon)

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw x and t_x for customers observed for T.

        Were nobody to leave, the number of purchases would be Poisson and their times uniform
        order statistics; a customer who leaves keeps the first k of them, k geometric.
        """
        rate = generator.gamma(self.r, 1 / self.alpha, size=len(T))
        dropout = generator.beta(self.a, self.b, size=len(T))
        would_buy = generator.poisson(np.minimum(rate * T, 1e15)).astype(float)
        chance = np.log1p(-np.minimum(dropout, 1 - 1e-16))
        with np.errstate(divide="ignore"):
            stops_after = np.floor(-generator.exponential(size=len(T)) / chance) + 1.0
        x = np.minimum(would_buy, stops_after)
        bought = x > 0
        t_x = np.zeros(len(T))
        t_x[bought] = T[bought] * generator.beta(x[bought], (would_buy - x + 1)[bought])
        return x, t_x

    def _posterior(
        self, x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray, Number, FloatArray]:
        """Return the Gamma and Beta parameters of a customer who is alive at T."""
        return self.r + x, self.alpha + T, self.a, self.b + x

    def _alive_with_gradient(self, x: FloatArray, T: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood of a customer who is alive at T, and its gradient."""
        log_count, by_r, by_a, by_b = on_counts(self._of_count, x)
        grown = np.log1p(T / self.alpha)
        gradient = np.empty((len(x), 4), order="F")
        gradient[:, 0] = by_r - grown
        gradient[:, 1] = (T * (self.r / self.alpha) - x) / (self.alpha + T)
        gradient[:, 2] = by_a
        gradient[:, 3] = by_b
        return log_count - (self.r + x) * grown, gradient

    def _left_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return log(1 + odds that the customer left after purchase x), and its gradient."""
        since = 1 / (self.alpha + t_x)
        ratio = np.log1p((T - t_x) * since)
        before = self.b + (x - 1)
        log_odds = (self.r + x) * ratio - np.log(before / self.a)
        # Half the cost of logaddexp and expit, and as safe from overflow.
        odds = np.exp(np.minimum(log_odds, _LARGEST_EXPONENT))
        left = odds / (1 + odds)
        gradient = np.empty((len(x), 4), order="F")
        gradient[:, 0] = left * ratio
        gradient[:, 1] = left * (self.r + x) * (t_x - T) * since / (self.alpha + T)
        gradient[:, 2] = left / self.a
        gradient[:, 3] = -left / before
        return np.maximum(log_odds, np.log1p(odds)), gradient

    def _log_of_count(self, x: FloatArray) -> FloatArray:
        """Return log of (r)_x alpha^-x B(a, b + x) / B(a, b)."""
        rising = gammaln(self.r + x) - gammaln(self.r) - x * np.log(self.alpha)
        return np.asarray(rising + betaln(self.a, self.b + x) - betaln(self.a, self.b))

    def _of_count(self, x: FloatArray) -> FloatArray:
        """Return what depends on x alone, shape (4, n): its log, and derivatives in r, a and b."""
        both = digamma(self.a + self.b) - digamma(self.a + self.b + x)
        by_r = digamma(self.r + x) - digamma(self.r)
        by_b = both + digamma(self.b + x) - digamma(self.b)
        return np.stack([self._log_of_count(x), by_r, both, by_b])

    def _log_odds_left(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return log P(left after purchase x) / P(alive), for x > 0."""
        ratio = np.log1p((T - t_x) / (self.alpha + t_x))
        before = self.b + (x - 1)
        return np.asarray(np.log(self.a / before) + (self.r + x) * ratio)

    def _left(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return 1 - P(alive) without cancellation."""
        left, again = np.zeros_like(x), _rows_with(x > 0)
        left[again] = expit(self._log_odds_left(x[again], t_x[again], T[again]))
        return left


def _rows_with(chosen: BoolArray) -> slice | BoolArray:
    """Return the chosen rows, as a slice where they are the last ones: that copies nothing."""
    first = len(chosen) - int(chosen.sum())
    return slice(first, None) if chosen.ndim == 1 and chosen[first:].all() else chosen


def _count_probability(
    s: Number, beta: Number, a: Number, b: Number, n: Number, horizon: Number
) -> FloatArray:
    """Return P(n events in (0, horizon]) of an alive customer (eq. 8).

    Either the n-th event was survived and no other came, or the process stopped with it.
    """
    s, beta, a, b, n, horizon = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (s, beta, a, b, n, horizon))
    )
    z = horizon / beta
    w = np.where(np.isinf(z), 1.0, z / (1 + np.where(np.isinf(z), 0.0, z)))
    log_ratio = betaln(a, b + n) - betaln(a, b)
    with np.errstate(invalid="ignore"):
        log_exact = gammaln(s + n) - gammaln(s) - gammaln(n + 1) - s * np.log1p(z) + xlogy(n, w)
    some = n > 0
    at_least = betainc(np.where(some, n, 1.0), s, w)
    stopped = np.where(some, at_least * a / (b + np.maximum(n - 1, 0)), 0.0)
    return np.asarray(np.exp(log_ratio) * (np.exp(log_exact) + stopped))
