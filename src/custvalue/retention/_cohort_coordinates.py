r"""Coordinates of a law of customers under contract that have no unit and no bound.

With m the mean churn of the first period and s = alpha + beta they are

    logit m, log s, log c,            and logit q where customers order with probability q.

The geometric law has logit m alone. x has the shape (n_rows, n_coordinates).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, log_expit

from custvalue._likelihood.law import Law
from custvalue._typing import FloatArray

__all__ = ["Coordinates", "LogSurvival"]

_LARGEST = {"mean_churn": 30.0, "concentration": 30.0, "c": 3.0, "order_probability": 30.0}
"""Beyond these the law does not change any more, or c no longer means anything."""
_STEP = 1e-5
"""Of differences of gradients, where a law has no second derivatives; good to 1e-10."""


@dataclass(frozen=True, slots=True)
class LogSurvival:
    """A logarithm of probabilities of rows and its derivatives in the coordinates.

    ``value`` has shape (n_rows,), ``gradient`` (n_rows, p) and ``hessian`` (n_rows, p, p).
    """

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True, slots=True)
class Coordinates:
    """The coordinates of one law, with those of the chance to order where there is one.

    Attributes
    ----------
    law : type of Law
        With one parameter, odds of churn; or alpha, beta; or alpha, beta, c.
    orders : bool
        Whether customers who are still there order with a probability q in each period.
    """

    law: type[Law]
    orders: bool

    scales: ClassVar[dict[str, str]] = {
        "mean_churn": "logit",
        "concentration": "log",
        "c": "log",
        "order_probability": "logit",
    }

    @property
    def names(self) -> tuple[str, ...]:
        """What each coordinate is on its natural scale."""
        of_law = ("mean_churn", "concentration", "c")[: self.n_law]
        return (*of_law, "order_probability") if self.orders else of_law

    @property
    def n_law(self) -> int:
        """How many coordinates the law has."""
        return len(self.law.names)

    def parameters(self, x: FloatArray) -> FloatArray:
        """Return the parameters of the law, and q, of every row; shape (..., n_coordinates)."""
        x = self.clipped(x)
        columns = self._law_parameters(x)
        if self.orders:
            columns.append(expit(x[..., -1]))
        return np.stack(columns, axis=-1)

    def natural(self, x: FloatArray) -> FloatArray:
        """Return every coordinate on its natural scale: probabilities and positive numbers."""
        is_logit = [self.scales[name] == "logit" for name in self.names]
        return np.where(is_logit, expit(x), np.exp(self.clipped(x)))

    def clipped(self, x: FloatArray) -> FloatArray:
        """Return coordinates inside the limits of double precision."""
        most = np.array([_LARGEST[name] for name in self.names])
        return np.clip(x, -most, most)

    def law_of(self, x: FloatArray) -> Any:
        """Return the law with one entry of each parameter a row."""
        return self.law(*self._law_parameters(self.clipped(x)))

    def log_order_probability(self, x: FloatArray) -> FloatArray:
        """Return log q of every row; 0 where nobody orders."""
        return np.asarray(log_expit(x[..., -1])) if self.orders else np.zeros(x.shape[:-1])

    def log_value(self, x: FloatArray, age: FloatArray, left: FloatArray) -> FloatArray:
        """Return log S(age), or log P(T = age) where ``left``, as `log_probability` does."""
        found: FloatArray = self.law_of(x).log_likelihood(age, left, np.zeros_like(age))
        return found

    def log_probability(self, x: FloatArray, age: FloatArray, left: FloatArray) -> LogSurvival:
        """Return log S(age), or log P(T = age) where ``left``, and its derivatives.

        Parameters
        ----------
        x : ndarray of shape (n_rows, n_coordinates)
        age, left : ndarray of shape (n_rows,)

        Returns
        -------
        LogSurvival
            The coordinate of q plays no part here.
        """
        x = self.clipped(x)
        found = self.law_of(x)
        zero, p, k = np.zeros_like(age), x.shape[1], self.n_law
        gradient, hessian = np.zeros((len(x), p)), np.zeros((len(x), p, p))
        if not hasattr(found, "log_likelihood_with_hessian"):
            value, gradient[:, :k] = self._slopes(x, age, left)
            hessian[:, :k, :k] = self._differences(x, age, left)
            return LogSurvival(value, gradient, hessian)
        value, by_law, twice = found.log_likelihood_with_hessian(age, left, zero)
        first, second = self._derivatives(x)
        gradient[:, :k] = np.einsum("nj,nja->na", by_law, first)
        hessian[:, :k, :k] = np.einsum("nja,njl,nlb->nab", first, twice, first)
        hessian[:, :k, :k] += np.einsum("nj,njab->nab", by_law, second)
        return LogSurvival(value, gradient, hessian)

    def _slopes(
        self, x: FloatArray, age: FloatArray, left: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the logarithms and their gradients in the coordinates of the law."""
        found = self.law_of(x)
        value, by_law = found.log_likelihood_with_gradient(age, left, np.zeros_like(age))
        return value, np.einsum("nj,nja->na", by_law, self._derivatives(x)[0])

    def _differences(self, x: FloatArray, age: FloatArray, left: FloatArray) -> FloatArray:
        """Return central differences of the gradients, shape (n_rows, k, k)."""
        columns = []
        for step in np.eye(x.shape[1])[: self.n_law] * _STEP:
            ahead, behind = (self._slopes(x + sign * step, age, left)[1] for sign in (1, -1))
            columns.append((ahead - behind) / (2 * _STEP))
        hessian = np.stack(columns, axis=-1)
        return np.asarray((hessian + np.swapaxes(hessian, 1, 2)) / 2)

    def _law_parameters(self, x: FloatArray) -> list[FloatArray]:
        if self.n_law == 1:
            return [np.exp(x[..., 0])]
        s = np.exp(x[..., 1])
        columns = [s * expit(x[..., 0]), s * expit(-x[..., 0])]
        return [*columns, np.exp(x[..., 2])] if self.n_law == 3 else columns

    def _derivatives(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return first and second derivatives of the law's parameters in its coordinates.

        Shapes (n_rows, n_parameters, k) and (n_rows, n_parameters, k, k).
        """
        n, k = len(x), self.n_law
        first, second = np.zeros((n, k, k)), np.zeros((n, k, k, k))
        values = self._law_parameters(x)
        for j in range(k):
            own = j if k == 1 or j == 2 else 1
            first[:, j, own] = second[:, j, own, own] = values[j]
        if k > 1:
            m = expit(x[:, 0])
            slope = values[0] * expit(-x[:, 0])
            for j, sign in ((0, 1.0), (1, -1.0)):
                first[:, j, 0] = sign * slope
                second[:, j, 0, 0] = sign * slope * (1 - 2 * m)
                second[:, j, 0, 1] = second[:, j, 1, 0] = sign * slope
        return first, second
