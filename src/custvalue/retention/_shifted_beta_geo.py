"""The shifted beta-geometric law of contracts.

Fader & Hardie (2007), "How to project customer retention", J. Interactive Marketing 21(1), 76-90.
Every customer leaves at each renewal with a probability theta of their own, theta ~ Beta(alpha,
beta), so that S(t) = B(alpha, beta + t) / B(alpha, beta) and r(t) = (beta + t - 1) / (alpha + beta
+ t - 1). Arrays of shape (n_rows,); anything that broadcasts is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from custvalue._likelihood.links import Link, ShareLink
from custvalue._numerics.beta_survival import discounted_survivals
from custvalue._numerics.gamma_differences import first_difference, second_difference
from custvalue._typing import FloatArray, Number
from custvalue.retention._contractual_law import churn_odds, within

__all__ = ["ShiftedBetaGeoLaw", "limits_of_beta"]

_NEXT_TO_ONE = 1e-100
"""Stands for alpha - 1 at alpha = 1: every term is proportional to it, and it cancels."""


def limits_of_beta(alike: str) -> dict[str, tuple[str, str]]:
    """Say what becomes of a Beta distributed churn probability at the ends of its parameters.

    ``alike`` names the model of customers who do not differ.
    """
    polarised = "customers either leave at once or never"
    alike = f"{alike}: one churn probability for everybody"
    at_once = "everybody leaves at the first renewal"
    return {
        "alpha": (f"{polarised}, or nobody leaves", f"{alike}, or {at_once}"),
        "beta": (f"{polarised}, or {at_once}", f"{alike}, or nobody leaves"),
    }


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeoLaw:
    """Probability to leave at a renewal ~ Beta(alpha, beta)."""

    alpha: Number
    beta: Number

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    columns: ClassVar[tuple[str, ...]] = ("duration", "churned", "entry")
    links: ClassVar[dict[str, Link]] = {"churn": ShareLink("alpha", "beta", 1.0)}
    limits: ClassVar[dict[str, tuple[str, str]]] = limits_of_beta("Geometric")

    @classmethod
    def units(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural sizes, shape (2,): as if alpha were 1."""
        return np.array([1.0, 1 / churn_odds(duration, churned, entry, weights)])

    @classmethod
    def starts(
        cls, duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (3, 2), of the churn of all renewals."""
        odds = churn_odds(duration, churned, entry, weights)
        return np.array([[a, a / odds] for a in (0.3, 1.0, 5.0)])

    def log_likelihood(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> FloatArray:
        """Return the log-likelihood of every row."""
        there = duration - churned
        stayed = -second_difference(self.beta + entry, self.alpha, there - entry, 0)
        left = np.log(self.alpha) - np.log(self.alpha + self.beta + there)
        return np.asarray(stayed + np.where(churned > 0, left, 0.0))

    def log_likelihood_with_gradient(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient in (alpha, beta), shape (n_rows, 2)."""
        there = duration - churned
        begun, renewals, end = self.beta + entry, there - entry, self.beta + there
        gradient = np.empty((len(duration), 2), order="F")
        gradient[:, 0] = churned * (end / self.alpha / (self.alpha + end))
        gradient[:, 0] -= first_difference(self.alpha + begun, renewals, 1)
        gradient[:, 1] = -second_difference(begun, self.alpha, renewals, 1)
        gradient[:, 1] -= churned / (self.alpha + end)
        return self.log_likelihood(duration, churned, entry), gradient

    def log_likelihood_with_hessian(
        self, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log-likelihood, gradient and second derivatives, shape (n_rows, 2, 2)."""
        values, gradient = self.log_likelihood_with_gradient(duration, churned, entry)
        there = duration - churned
        begun, renewals, end = self.beta + entry, there - entry, self.beta + there
        left = churned / (self.alpha + end) ** 2
        hessian = np.empty((len(duration), 2, 2))
        both = left - first_difference(self.alpha + begun, renewals, 2)
        hessian[:, 0, 0] = both - churned / np.square(self.alpha)
        hessian[:, 0, 1] = hessian[:, 1, 0] = both
        hessian[:, 1, 1] = left - second_difference(begun, self.alpha, renewals, 2)
        return values, gradient, hessian

    def log_survival(self, t: Number) -> FloatArray:
        """Return log S(t)."""
        t = np.asarray(t, dtype=float)
        finite = np.isfinite(t)
        found = -second_difference(self.beta, self.alpha, np.where(finite, t, 0.0), 0)
        return np.where(finite, found, -np.inf)

    def survival(self, t: Number) -> FloatArray:
        """Return P(still there after t renewals)."""
        return np.exp(self.log_survival(t))

    def retention(self, t: Number) -> FloatArray:
        """Return P(renew at the t-th renewal | still there)."""
        begun = self.beta + (np.asarray(t, dtype=float) - 1)
        return np.asarray(begun / (self.alpha + begun))

    def churn(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal | still there)."""
        begun = self.beta + (np.asarray(t, dtype=float) - 1)
        return np.asarray(self.alpha / (self.alpha + begun))

    def probability_of_leaving(self, t: Number) -> FloatArray:
        """Return P(leave at the t-th renewal)."""
        return self.survival(np.asarray(t, dtype=float) - 1) * self.churn(t)

    def expected_renewals(self, tenure: Number, horizon: Number) -> FloatArray:
        """Return E[renewals among the next `horizon`]; for ever infinite where alpha <= 1.

        beta / (alpha - 1) [1 - (beta + 1)_m / (beta + alpha)_m], beta that of the tenure, without
        any cancellation next to alpha = 1.
        """
        horizon, begun = np.asarray(horizon, dtype=float), self.beta + np.asarray(tenure, float)
        ever, excess = np.isinf(horizon), np.asarray(self.alpha - 1, dtype=float)
        excess = np.where(excess == 0, _NEXT_TO_ONE, excess)
        ratio = second_difference(begun + 1, excess, np.where(ever, 0.0, horizon), 0)
        for_ever = np.where(excess > _NEXT_TO_ONE, begun / np.abs(excess), np.inf)
        return np.where(ever, for_ever, begun * (-np.expm1(-ratio) / excess))

    def discounted_renewals(self, tenure: Number, rate: float, horizon: Number) -> FloatArray:
        """Return the expected renewals, the k-th from now times exp(-rate k)."""
        if rate == 0:
            return self.expected_renewals(tenure, horizon)
        begun = self.beta + np.asarray(tenure, dtype=float)
        return discounted_survivals(self.alpha, begun, rate, horizon)

    def simulate(
        self, n_customers: int, generator: np.random.Generator, max_periods: Number
    ) -> FloatArray:
        """Draw the renewal at which each customer leaves; infinite beyond `max_periods`."""
        leaving = generator.beta(self.alpha, self.beta, size=n_customers)
        with np.errstate(divide="ignore"):
            waiting = generator.exponential(size=n_customers) / -np.log1p(-leaving)
        return within(np.maximum(np.ceil(waiting), 1.0), max_periods)
