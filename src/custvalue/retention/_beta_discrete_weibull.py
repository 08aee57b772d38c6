"""The beta-discrete-Weibull law of contracts.

Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to project customer retention" revisited, J.
Interactive Marketing 43, 1-16. A customer is still there after t renewals with probability (1 -
theta)^(t^c), theta ~ Beta(alpha, beta), so that S(t) = B(alpha, beta + t^c) / B(alpha, beta). With
c = 1 it is the shifted beta-geometric; c > 1 makes every customer's own churn rise with tenure, c <
1 makes it fall. Arrays of shape (n_rows,); anything that broadcasts is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from custvalue._likelihood.links import Link, ShareLink
from custvalue._numerics.discrete_weibull import (
    hazard,
    hazard_with_gradient,
    hazard_with_hessian,
)
from custvalue._numerics.discrete_weibull_sums import survivals_ahead
from custvalue._typing import BoolArray, FloatArray, Number
from custvalue.retention._contractual_law import log_of_leaving, odds_of_leaving, within
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw, limits_of_beta

__all__ = ["BetaDiscreteWeibullLaw"]


@dataclass(frozen=True, slots=True)
class BetaDiscreteWeibullLaw:
    """Survival (1 - theta)^(t^c), theta ~ Beta(alpha, beta)."""

    alpha: Number
    beta: Number
    c: Number

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")
    columns: ClassVar[tuple[str, ...]] = ("duration", "churned", "entry")
    links: ClassVar[dict[str, Link]] = {"churn": ShareLink("alpha", "beta", 1.0)}
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        **limits_of_beta("discrete Weibull"),
        "c": (
            "whoever renews once stays for ever",
            "whoever renews once leaves at the next renewal",
        ),
    }

    @classmethod
    def units(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural sizes, shape (3,): those of the shifted beta-geometric, and 1."""
        return np.append(ShiftedBetaGeoLaw.units(duration, churned, entry, weights), 1.0)

    @classmethod
    def starts(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (9, 3)."""
        simple = ShiftedBetaGeoLaw.starts(duration, churned, entry, weights)
        return np.vstack([np.column_stack([simple, np.full(3, c)]) for c in (1.0, 0.6, 1.6)])

    def log_likelihood(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> FloatArray:
        """Return the log-likelihood of every row."""
        there, left = duration - churned, churned > 0
        values = -hazard(*self._parameters(), entry, there - entry)
        values[left] += log_of_leaving(hazard(*self._parameters(left), there[left], 1.0))
        return np.asarray(values)

    def log_likelihood_with_gradient(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (alpha, beta, c), shape (n_rows, 3)."""
        there, left = duration - churned, churned > 0
        stayed, slopes = hazard_with_gradient(*self._parameters(), entry, there - entry)
        values, gradient = -stayed, -slopes
        lost, slopes = hazard_with_gradient(
            *self._parameters(left), there[left], np.ones(np.count_nonzero(left))
        )
        values[left] += log_of_leaving(lost)
        gradient[left] += odds_of_leaving(lost)[:, None] * slopes
        return values, gradient

    def log_likelihood_with_hessian(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log-likelihood, gradient and second derivatives, shape (n_rows, 3, 3)."""
        there, left = duration - churned, churned > 0
        whole = hazard_with_hessian(*self._parameters(), entry, there - entry)
        values, gradient, hessian = (-part for part in whole)
        lost, slopes, bends = hazard_with_hessian(
            *self._parameters(left), there[left], np.ones(np.count_nonzero(left))
        )
        odds = odds_of_leaving(lost)[:, None]
        squares = (odds * (1 + odds) * slopes)[:, :, None] * slopes[:, None, :]
        values[left] += log_of_leaving(lost)
        gradient[left] += odds * slopes
        hessian[left] += odds[:, :, None] * bends - squares
        return values, gradient, hessian

    def log_survival(self, t: Number) -> FloatArray:
        """Return log S(t)."""
        t = np.asarray(t, dtype=float)
        finite = np.isfinite(t)
        ahead = np.where(finite, t, 0.0)
        return np.where(finite, -hazard(self.alpha, self.beta, self.c, 0.0, ahead), -np.inf)

    def survival(self, t: Number) -> FloatArray:
        """Return P(still there after t renewals)."""
        return np.exp(self.log_survival(t))

    def retention(self, t: Number) -> FloatArray:
        """Return P(renew at the t-th renewal | still there)."""
        return np.exp(-self._hazard(t))

    def churn(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal | still there)."""
        return np.asarray(-np.expm1(-self._hazard(t)))

    def probability_of_leaving(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal)."""
        return self.survival(np.asarray(t, dtype=float) - 1) * self.churn(t)

    def expected_renewals(self, tenure: Number, horizon: Number) -> FloatArray:
        """Return E[renewals among the next `horizon`]; for ever infinite where alpha c <= 1."""
        return self.discounted_renewals(tenure, 0.0, horizon)

    def discounted_renewals(self, tenure: Number, rate: float, horizon: Number) -> FloatArray:
        """Return the expected renewals, the k-th from now times exp(-rate k)."""
        return survivals_ahead(self.alpha, self.beta, self.c, tenure, rate, horizon)

    def simulate(
        self, n_customers: int, generator: np.random.Generator, max_periods: Number
    ) -> FloatArray:
        """Draw the renewal at which each customer leaves; infinite beyond `max_periods`."""
        leaving = generator.beta(self.alpha, self.beta, size=n_customers)
        with np.errstate(divide="ignore", over="ignore"):
            waiting = generator.exponential(size=n_customers) / -np.log1p(-leaving)
            periods = np.ceil(waiting ** (1 / np.asarray(self.c, dtype=float)))
        return within(np.maximum(periods, 1.0), max_periods)

    def _hazard(self, t: Number) -> FloatArray:
        """Return -log r(t)."""
        return hazard(self.alpha, self.beta, self.c, np.asarray(t, dtype=float) - 1, 1.0)

    def _parameters(self, rows: BoolArray | None = None) -> tuple[Number, Number, Number]:
        """Return the parameters, where they are arrays those of some rows."""
        values = (self.alpha, self.beta, self.c)
        if rows is None:
            return values
        alpha, beta, c = (v[rows] if isinstance(v, np.ndarray) and v.ndim else v for v in values)
        return alpha, beta, c
