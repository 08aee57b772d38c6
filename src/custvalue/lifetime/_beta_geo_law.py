"""The law that BG/NBD and MBG/NBD share.

x repeat purchases, t_x time of the last of them, T time observed since the first purchase; t_x, T,
horizons and alpha in one time unit. The purchase rate is Gamma(r, alpha); at each chance a customer
leaves with a probability that is Beta(a, b). Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.beta_geo_counts import beta_geo_count_probability
from custvalue._numerics.beta_geo_discounting import beta_geo_discounted
from custvalue._numerics.beta_geometric import beta_geo_expectation, beta_geo_survival
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._beta_geo_posterior import BetaGeoPosterior, if_alive
from custvalue.lifetime._beta_geo_sums import BetaGeoNumbers, weighted_sums
from custvalue.lifetime._draws import chances_passed, events, time_of_event
from custvalue.lifetime._future import Future

__all__ = ["BetaGeoLaw"]


@dataclass(frozen=True, slots=True)
class BetaGeoLaw(BetaGeoPosterior):
    """Purchase rate ~ Gamma(r, alpha), dropout at each chance ~ Beta(a, b)."""

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): the mean time for alpha."""
        return cls._units(T, weights)

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (n_starts, 4), from the mean purchase rate."""
        return cls._starts(x, T, weights)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row (eq. 6)."""
        return self._values(x, t_x, T)

    def log_likelihood_with_gradient(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (r, alpha, a, b), shape (n_rows, 4).

        Those of one x share its functions: it is quickest where rows come in the order of x.
        """
        return self._by_row(x, t_x, T, 1)[:2]

    def log_likelihood_with_hessian(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log-likelihood, gradient and Hessian, (n_rows,), (n_rows, 4), (n_rows, 4, 4)."""
        return self._by_row(x, t_x, T, 2)

    def weighted_sums(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray, order: int = 1
    ) -> tuple[float, FloatArray, FloatArray]:
        """Return the weighted sums of log-likelihood, gradient and Hessian over the rows.

        Parameters of the law must be numbers, not arrays. It works in chunks.

        Parameters
        ----------
        x, t_x, T, weights : ndarray of shape (n_rows,)
            At least one row; quickest in the order of x.
        order : {1, 2}
            The Hessian is left at zero for 1.

        Returns
        -------
        float, ndarray of shape (4,), ndarray of shape (4, 4)
        """
        r, alpha, a, b = (float(value) for value in (self.r, self.alpha, self.a, self.b))
        numbers = BetaGeoNumbers(r, alpha, a, b, self.chances_before_repeat)
        sums = weighted_sums(numbers, x, t_x, T, weights, order)
        return float(sums[0, 0]), sums[0, 1:], sums[1:, 1:]

    def probability_alive(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, ahead: Number = 0.0
    ) -> FloatArray:
        """Return P(not left by T + ahead | history)."""
        alive = self._alive(x, t_x, T)
        if np.ndim(ahead) == 0 and ahead == 0:
            return alive
        return alive * self._ahead(beta_geo_survival, x, T, ahead)

    def expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: Number
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | history], continuous through a = 1."""
        growth = self._ahead(beta_geo_expectation, x, T, horizon)
        return if_alive(self._alive(x, t_x, T), growth)

    def discounted_expected_purchases(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: Number, horizon: Number
    ) -> FloatArray:
        """Return the expected purchases in (T, T + horizon], each times exp(-rate u), u after T."""
        growth = self._ahead(beta_geo_discounted, x, T, rate, horizon)
        return if_alive(self._alive(x, t_x, T), growth)

    def purchase_probability(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, n: Number, horizon: Number
    ) -> FloatArray:
        """Return P(n purchases in (T, T + horizon] | history)."""
        counted = beta_geo_count_probability(*self._posterior(x, T), n, horizon)
        counted = counted * self._alive(x, t_x, T)
        return np.where(np.asarray(n) == 0, counted + self._left(x, t_x, T), counted)

    def expected_purchases_new(self, horizon: Number) -> FloatArray:
        """Return E[repeat purchases in (0, horizon]] of a customer just won."""
        return self._stays() * beta_geo_expectation(*self._prior(), horizon)

    def purchase_probability_new(self, n: Number, horizon: Number) -> FloatArray:
        """Return P(n repeat purchases in (0, horizon]) of a customer just won."""
        counted = self._stays() * beta_geo_count_probability(*self._prior(), n, horizon)
        return np.where(np.asarray(n) == 0, counted + self._leaves(), counted)

    def simulate(
        self, T: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw x and t_x for customers observed for T.

        Were nobody to leave, the number of purchases would be Poisson and their times uniform
        order statistics; a customer who leaves keeps the first k of them, k geometric.
        """
        rate = generator.gamma(self.r, 1 / self.alpha, size=len(T))
        dropout = generator.beta(self.a, self.b, size=len(T))
        stops_after = 1.0 - self.chances_before_repeat
        would_buy = events(rate, T, generator)
        x = np.minimum(would_buy, stops_after + chances_passed(dropout, generator))
        return x, time_of_event(x, would_buy, T, generator)

    def simulate_future(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        horizon: Number,
        generator: np.random.Generator,
    ) -> Future:
        """Draw the purchases in (T, T + horizon] of every customer, given the history."""
        shape, scale, a, b = self._posterior(x, T)
        alive = generator.random(len(x)) < self._alive(x, t_x, T)
        rate = generator.gamma(shape, 1 / scale, size=len(x)) * alive
        dropout = generator.beta(a, b, size=len(x))
        ahead = np.broadcast_to(np.asarray(horizon, dtype=float), x.shape)
        would_buy = events(rate, ahead, generator)
        stops_after = 1.0 + chances_passed(dropout, generator)
        leaves = stops_after <= would_buy
        counts = np.minimum(would_buy, stops_after)
        span = np.where(leaves, time_of_event(counts, would_buy, ahead, generator), ahead)
        return Future(counts, np.where(alive, span, 0.0), leaves)
