"""The geometric law of contracts: every customer leaves with one probability at every renewal.

odds = theta / (1 - theta), theta the probability to leave; S(t) = (1 + odds)^(-t). Arrays of shape
(n_rows,); anything that broadcasts is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from custvalue._likelihood.links import Link, ScaleLink
from custvalue._typing import FloatArray, Number
from custvalue.retention._contractual_law import churn_odds, within

__all__ = ["GeometricLaw"]


@dataclass(frozen=True, slots=True)
class GeometricLaw:
    """One probability to leave, given by its odds."""

    odds: Number

    names: ClassVar[tuple[str, ...]] = ("odds",)
    columns: ClassVar[tuple[str, ...]] = ("duration", "churned", "entry")
    links: ClassVar[dict[str, Link]] = {"churn": ScaleLink("odds", 1.0)}
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "odds": ("nobody leaves", "everybody leaves at the first renewal")
    }

    @classmethod
    def units(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of the odds, shape (1,): those of all renewals."""
        return np.array([churn_odds(duration, churned, entry, weights)])

    @classmethod
    def starts(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the starting value, shape (1, 1)."""
        return cls.units(duration, churned, entry, weights)[None, :]

    def log_likelihood(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> FloatArray:
        """Return the log-likelihood of every row."""
        left = np.where(churned > 0, np.log(self.odds), 0.0)
        return np.asarray(left - (duration - entry) * np.log1p(self.odds))

    def log_likelihood_with_gradient(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient, shape (n_rows, 1)."""
        gradient = churned / self.odds - (duration - entry) / (1 + self.odds)
        return self.log_likelihood(duration, churned, entry), gradient[:, None]

    def log_likelihood_with_hessian(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log-likelihood, gradient and second derivative, shape (n_rows, 1, 1)."""
        values, gradient = self.log_likelihood_with_gradient(duration, churned, entry)
        square = (1 + self.odds) ** 2
        second = (duration - entry) / square - churned / np.square(self.odds)
        return values, gradient, second[:, None, None]

    def log_survival(self, t: Number) -> FloatArray:
        """Return log S(t)."""
        return np.asarray(-np.asarray(t, dtype=float) * np.log1p(self.odds))

    def survival(self, t: Number) -> FloatArray:
        """Return P(still there after t renewals)."""
        return np.exp(self.log_survival(t))

    def retention(self, t: Number) -> FloatArray:
        """Return P(renew at the t-th renewal | still there): the same for all t."""
        return np.asarray(1 / (1 + self._odds_at(t)))

    def churn(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal | still there): the same for all t."""
        odds = self._odds_at(t)
        return np.asarray(odds / (1 + odds))

    def probability_of_leaving(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal)."""
        return self.survival(np.asarray(t, dtype=float) - 1) * self.churn(t)

    def expected_renewals(self, tenure: Number, horizon: Number) -> FloatArray:
        """Return E[renewals among the next `horizon`] of a customer who is still there."""
        return self.discounted_renewals(tenure, 0.0, horizon)

    def discounted_renewals(self, tenure: Number, rate: float, horizon: Number) -> FloatArray:
        """Return the expected renewals, the k-th from now times exp(-rate k)."""
        alike = np.zeros_like(np.asarray(tenure, dtype=float))
        loss = np.log1p(self.odds) + rate + alike
        return np.asarray(-np.expm1(-loss * horizon) / np.expm1(loss))

    def simulate(
        self, n_customers: int, generator: np.random.Generator, max_periods: Number
    ) -> FloatArray:
        """Draw the renewal at which each customer leaves; infinite beyond `max_periods`."""
        waiting = generator.exponential(size=n_customers) / np.log1p(self.odds)
        return within(np.maximum(np.ceil(waiting), 1.0), max_periods)

    def _odds_at(self, t: Number) -> FloatArray:
        """Return the odds, of the shape that t asks for."""
        return np.asarray(self.odds + np.zeros_like(np.asarray(t, dtype=float)))
