"""The mean log-likelihood as a function of theta, less a penalty, with its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from custvalue._likelihood.chunks import over_chunks
from custvalue._likelihood.prior import NormalPrior
from custvalue._likelihood.specification import Specification
from custvalue._numerics.optimisation import differences_of_gradient
from custvalue._typing import FloatArray

__all__ = ["MeanLogLikelihood"]


@dataclass(frozen=True, slots=True)
class MeanLogLikelihood:
    """Mean log-likelihood of weighted rows plus the log density of a prior per unit of weight.

    Attributes
    ----------
    specification : Specification
    columns : tuple of ndarray of shape (n_rows,)
        Those of the specification; covariates are standardised.
    weights : ndarray of shape (n_rows,)
    prior : NormalPrior
    total : float
        The weight of all the data, which the prior is divided by; a sample keeps that of the whole.
    """

    specification: Specification
    columns: tuple[FloatArray, ...]
    weights: FloatArray
    prior: NormalPrior
    total: float

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return value and gradient at theta = (log parameters, coefficients)."""
        sums = self._by_theta if self.specification.processes else self._by_parameter
        value, gradient = sums(theta)
        penalty, penalty_gradient = self._of_prior(theta)
        return value / self._weight + penalty, gradient / self._weight + penalty_gradient

    def log_likelihood(self, theta: FloatArray) -> float:
        """Return the sum of the log-likelihood, weighted, without the prior."""
        parameters, coefficients = self._split(theta)

        def summed(*chunk: FloatArray) -> float:
            *row, weights = chunk
            own, covariates = self.specification.split(row)
            law = self.specification.law_at(parameters, coefficients, covariates)
            return float(weights @ law.log_likelihood(*own))

        return sum(over_chunks(summed, (*self.columns, self.weights)))

    def hessian(self, theta: FloatArray) -> FloatArray:
        """Return the second derivatives, shape (k + m, k + m)."""
        if self.specification.processes or not self._has_hessian:
            return differences_of_gradient(self, theta)
        parameters = np.exp(theta)
        _, gradient, hessian = self._sums(parameters, order=2)
        in_theta = hessian * np.outer(parameters, parameters) + np.diag(gradient * parameters)
        return np.asarray(in_theta / self._weight + differences_of_gradient(self._of_prior, theta))

    def sampled(self, size: int) -> MeanLogLikelihood:
        """Return the objective of a systematic sample of at least that many rows.

        Rows in the order of counts make it stratified by count.
        """
        step = max(1, len(self.weights) // size)
        columns = tuple(np.ascontiguousarray(column[step // 2 :: step]) for column in self.columns)
        weights = np.ascontiguousarray(self.weights[step // 2 :: step])
        return replace(self, columns=columns, weights=weights)

    @property
    def _weight(self) -> float:
        return float(self.weights.sum())

    @property
    def _has_hessian(self) -> bool:
        law = self.specification.law
        return hasattr(law, "weighted_sums") or hasattr(law, "log_likelihood_with_hessian")

    def _by_parameter(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return the weighted sum and its gradient, without covariates."""
        parameters = np.exp(theta)
        value, gradient, _ = self._sums(parameters, order=1)
        return float(value), gradient * parameters

    def _sums(self, parameters: FloatArray, *, order: int) -> tuple[Any, ...]:
        """Return the weighted sums of value, gradient and, for order 2, Hessian by parameter."""
        law: Any = self.specification.law(*parameters)
        if hasattr(law, "weighted_sums"):
            found: tuple[Any, ...] = law.weighted_sums(*self.columns, self.weights, order=order)
            return found
        method = law.log_likelihood_with_gradient if order == 1 else law.log_likelihood_with_hessian

        def sums(*chunk: FloatArray) -> tuple[Any, ...]:
            *row, weights = chunk
            return tuple(np.tensordot(weights, values, axes=1) for values in method(*row))

        return (*self._summed(sums), None)[:3]

    def _by_theta(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return the weighted sum and its gradient, with covariates."""
        parameters, coefficients = self._split(theta)

        def sums(*chunk: FloatArray) -> tuple[float, FloatArray]:
            *row, weights = chunk
            own, covariates = self.specification.split(row)
            law = self.specification.law_at(parameters, coefficients, covariates)
            values, gradient = law.log_likelihood_with_gradient(*own)
            in_theta = self.specification.derivatives_in_theta(
                parameters, coefficients, covariates, gradient
            )
            return float(weights @ values), weights @ in_theta

        value, gradient = self._summed(sums)
        return float(value), gradient

    def _summed(self, sums: Callable[..., tuple[Any, ...]]) -> tuple[Any, ...]:
        """Return the sums over all chunks of what a function gives for each."""
        parts = over_chunks(sums, (*self.columns, self.weights))
        return tuple(np.sum(part, axis=0) for part in zip(*parts, strict=True))

    def _of_prior(self, theta: FloatArray) -> tuple[float, FloatArray]:
        value = float(self.prior.log_density(theta)) / self.total
        return value, self.prior.gradient(theta) / self.total

    def _split(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        k = len(self.specification.law.names)
        return np.exp(theta[:k]), theta[k:]
