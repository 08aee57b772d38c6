"""BG/BB (Fader, Hardie and Shang 2010, Marketing Science 29(6), 1086-1108): the mathematics.

x purchases at n = T opportunities, the last at opportunity t_x (0 where there is none); horizons
count opportunities, and of a fraction of one nothing happens. Before each opportunity a customer
leaves with a chance theta ~ Beta(gamma, delta); at each, still there, a customer buys with a chance
p ~ Beta(alpha, beta). Arrays of shape (n_rows,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from custvalue._likelihood.links import Link, ShareLink
from custvalue._numerics.beta_counts import beta_count_probability
from custvalue._numerics.beta_survival import discounted_survivals, expected_survivals, survival
from custvalue._numerics.counts import by_count, on_counts
from custvalue._numerics.rising import log_rising, rising_slope
from custvalue._numerics.silence import silence, silence_with_slopes
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._future import Future

__all__ = ["BetaGeoBetaBinomialLaw"]


@dataclass(frozen=True, slots=True)
class BetaGeoBetaBinomialLaw:
    """Purchase probability ~ Beta(alpha, beta), dropout probability ~ Beta(gamma, delta)."""

    alpha: Number
    beta: Number
    gamma: Number
    delta: Number

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ()
    inverse_time_scaled: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "alpha": ("nobody buys", "one purchase probability for everybody"),
        "beta": (
            "everybody buys at every opportunity",
            "one purchase probability for everybody",
        ),
        "gamma": (
            "beta-binomial: nobody ever leaves",
            "one dropout probability for everybody",
        ),
        "delta": ("everybody leaves at once", "beta-binomial: nobody ever leaves"),
    }
    links: ClassVar[dict[str, Link]] = {
        "purchase": ShareLink("alpha", "beta"),
        "dropout": ShareLink("gamma", "delta"),
    }

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): ones."""
        return np.ones(4)

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (n_starts, 4).

        Until their last purchase customers were there: that gives the mean chance to buy. The
        share of those who have been silent for long, over the opportunities until then, gives the
        chance to leave.
        """
        buys = _share(float(weights @ x), float(weights @ t_x))
        quiet = (T - t_x) * buys > 1
        leaves = _share(float(weights @ quiet), float(weights @ (t_x + 1)))
        sizes = [(1.5, 3.0), (0.5, 1.0), (6.0, 12.0)]
        return np.array(
            [[s * buys, s * (1 - buys), u * leaves, u * (1 - leaves)] for s, u in sizes]
        )

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row (eq. 5): to t_x, and of the silence from then."""
        left, alive = silence(self._parameters(), x, t_x, T)
        return np.asarray(self._until_last(x, t_x) + np.log(left + alive))

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in the parameters, shape (n_rows, 4)."""
        left, alive, slopes = silence_with_slopes(self._parameters(), x, t_x, T)
        alpha, beta, gamma, delta = self._parameters()
        gradient = np.empty((len(x), 4), order="F")
        gradient[:, :2] = (-by_count(rising_slope, alpha + beta, t_x) - slopes[0])[:, None]
        gradient[:, 2:] = (-by_count(rising_slope, gamma + delta, t_x) - slopes[2])[:, None]
        gradient[:, 0] += by_count(rising_slope, alpha, x)
        gradient[:, 1] += by_count(rising_slope, beta, t_x - x) + slopes[1]
        gradient[:, 2] += left / (left + alive) / gamma
        gradient[:, 3] += by_count(rising_slope, delta, t_x) + slopes[3]
        return self._until_last(x, t_x) + np.log(left + alive), gradient

    def probability_alive(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, ahead: Number = 0.0
    ) -> FloatArray:
        """Return P(there at opportunity T + ahead | history) (eq. A10)."""
        return self._alive(x, t_x, T) * self._ahead(survival, T, ahead)

    def expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: Number
    ) -> FloatArray:
        """Return E[purchases at the next opportunities | history] (eq. 13, also at gamma = 1)."""
        return self._purchases(x, t_x, T, self._ahead(expected_survivals, T, horizon))

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[purchases at the first opportunities] of a customer just won (eq. 9)."""
        there = expected_survivals(self.gamma, self.delta, np.floor(horizon))
        return np.asarray(self.alpha / (self.alpha + self.beta) * there)

    def purchase_probability(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, n: Number, horizon: Number
    ) -> FloatArray:
        """Return P(n purchases at the next opportunities | history)."""
        left, alive = silence(self._parameters(), x, t_x, T)
        counted = alive * beta_count_probability(*self._posterior(x, T), n, np.floor(horizon))
        return np.asarray((counted + np.where(np.asarray(n) == 0, left, 0.0)) / (left + alive))

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n purchases at the first opportunities) of a customer just won (eq. 8)."""
        return beta_count_probability(*self._parameters(), n, np.floor(horizon))

    def discounted_expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: float, horizon: Number
    ) -> FloatArray:
        """Return the sum of exp(-rate j) P(purchase at opportunity T + j | history) over j.

        The next opportunity, j = 1, is one period away: with exp(rate) = 1 + d per opportunity it
        is the DERT of eq. 14.
        """
        if rate == 0:
            return self.expected_purchases(x, t_x, T, horizon)

        def discounted(g: Number, d: Number, m: Number) -> FloatArray:
            return discounted_survivals(g, d, rate, m)

        return self._purchases(x, t_x, T, self._ahead(discounted, T, horizon))

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw x and t_x for customers who are given T opportunities.

        Seen from the end, the opportunities until the last purchase are geometric as those from
        the start are; before the last purchase each is taken or not.
        """
        chance = generator.beta(self.alpha, self.beta, size=len(T))
        dropout = generator.beta(self.gamma, self.delta, size=len(T))
        there = np.minimum(_failures(dropout, generator), np.floor(T))
        t_x = np.maximum(there - _failures(chance, generator), 0.0)
        before = np.maximum(t_x - 1, 0).astype(np.int64)
        return np.where(t_x > 0, 1.0 + generator.binomial(before, chance), 0.0), t_x

    def simulate_future(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        horizon: Number,
        generator: np.random.Generator,
    ) -> Future:
        """Draw the purchases at the next opportunities; the span is how many find the customer."""
        a, b, g, d = self._posterior(x, T)
        chance = generator.beta(a, b, size=len(x))
        dropout = generator.beta(g, d, size=len(x))
        alive = generator.random(len(x)) < self._alive(x, t_x, T)
        span = np.minimum(_failures(dropout, generator), np.floor(horizon)) * alive
        counts = generator.binomial(span.astype(np.int64), chance).astype(float)
        return Future(counts, span, np.zeros(len(x), dtype=bool))

    def _parameters(self) -> tuple[Number, Number, Number, Number]:
        return self.alpha, self.beta, self.gamma, self.delta

    def _posterior(
        self, x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray, Number, FloatArray]:
        """Return the Beta parameters of a customer who is there at T."""
        return self.alpha + x, self.beta + (T - x), self.gamma, self.delta + T

    def _until_last(self, x: FloatArray, t_x: FloatArray) -> FloatArray:
        """Return the log-likelihood of the opportunities until the last purchase."""
        bought = by_count(log_rising, self.alpha, x) + by_count(log_rising, self.beta, t_x - x)
        either = by_count(log_rising, self.gamma + self.delta, t_x)
        stayed = by_count(log_rising, self.delta, t_x) - either
        return np.asarray(bought - by_count(log_rising, self.alpha + self.beta, t_x) + stayed)

    def _alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        left, alive = silence(self._parameters(), x, t_x, T)
        return alive / (left + alive)

    def _ahead(
        self, function: Callable[[Number, Number, Number], FloatArray], T: FloatArray, m: Number
    ) -> FloatArray:
        """Evaluate a function of the life that is left to a customer who is there at T."""
        g, d, m = self.gamma, self.delta, np.floor(m)
        if np.ndim(g) or np.ndim(d) or np.ndim(m):
            return function(g, d + T, m)
        return on_counts(lambda n: function(g, d + n, m), T)

    def _purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, there: FloatArray
    ) -> FloatArray:
        """Return expected purchases where a customer who is there at T stays for ``there``."""
        alive = self._alive(x, t_x, T)
        chance = (self.alpha + x) / (self.alpha + self.beta + T)
        with np.errstate(invalid="ignore"):
            return np.where(alive > 0, alive * (chance * there), 0.0)


def _share(part: float, whole: float) -> float:
    """Return a share that is neither 0 nor 1."""
    return float(np.clip(part / max(whole, 1e-300), 0.02, 0.98))


def _failures(chance: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Draw how many trials fail before the first success; infinite where the chance is 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.floor(generator.exponential(size=len(chance)) / -np.log1p(-chance))
