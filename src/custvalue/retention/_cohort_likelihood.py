"""The log-likelihood of each cohort in its own coordinates, with its derivatives.

Survival: of n_{k-1} customers n_{k-1} - n_k leave at age k with probability P(T = k) and the last
count stays with S. Activity: the customers of an age are Binomial(n_0, q S(k)); the cells of a
cohort are taken as independent, and the dispersion divides their log-likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.retention._cohort_coordinates import Coordinates, LogSurvival

__all__ = [
    "ActivityCells",
    "CohortLikelihood",
    "SurvivalCells",
    "cohort_likelihood",
    "pearson_statistic",
]

_SURE = 1 - 1e-12
"""A probability of 1 would make a single customer who did not come impossible."""


class CohortLikelihood(Protocol):
    """Log-likelihoods of rows, each a function of its own coordinates."""

    @property
    def n_rows(self) -> int: ...

    def values(self, x: FloatArray) -> FloatArray:
        """Return values at x of shape (n_rows, n_coordinates)."""

    def derivatives(self, x: FloatArray) -> LogSurvival:
        """Return values, gradients and Hessians at x."""

    def information(self, x: FloatArray) -> FloatArray:
        """Return the curvature of a quadratic that stands for each row around x, never negative."""

    def merged(self, n_rows: int) -> CohortLikelihood:
        """Return all cohorts as one, n_rows times over."""


@dataclass(frozen=True, slots=True)
class SurvivalCells:
    """Customers who leave at an age, or are last seen at it, one entry per such group.

    ``row`` numbers the cohorts; ``left`` is 1 where the customers leave at ``age``.
    """

    coordinates: Coordinates
    n_rows: int
    row: IntArray
    age: FloatArray
    left: FloatArray
    customers: FloatArray

    def values(self, x: FloatArray) -> FloatArray:
        """Return the values of all cohorts."""
        cells = self.coordinates.log_value(x[self.row], self.age, self.left)
        return _totals(self.row, self.customers * cells, self.n_rows)

    def derivatives(self, x: FloatArray) -> LogSurvival:
        """Return values, gradients and Hessians of all cohorts."""
        cells = self.coordinates.log_probability(x[self.row], self.age, self.left)
        weights = self.customers
        weighted = LogSurvival(
            weights * cells.value,
            weights[:, None] * cells.gradient,
            weights[:, None, None] * cells.hessian,
        )
        return _summed(self.row, self.n_rows, weighted)

    def information(self, x: FloatArray) -> FloatArray:
        """Return the observed information, with negative eigenvalues set to 0."""
        values, vectors = np.linalg.eigh(-self.derivatives(x).hessian)
        values = np.maximum(values, 0.0)
        return np.asarray(np.einsum("nij,nj,nkj->nik", vectors, values, vectors))

    def merged(self, n_rows: int) -> SurvivalCells:
        """Return all cohorts as one, n_rows times over."""
        keys, group = np.unique(np.column_stack([self.age, self.left]), axis=0, return_inverse=True)
        customers = _totals(group.reshape(-1), self.customers, len(keys))
        age, left, total = (np.tile(v, n_rows) for v in (keys[:, 0], keys[:, 1], customers))
        row = np.repeat(np.arange(n_rows), len(keys))
        return SurvivalCells(self.coordinates, n_rows, row, age, left, total)


@dataclass(frozen=True, slots=True)
class ActivityCells:
    """Customers of a cohort who order at an age, of all its customers, one entry per cell."""

    coordinates: Coordinates
    n_rows: int
    row: IntArray
    age: FloatArray
    size: FloatArray
    customers: FloatArray
    dispersion: float

    def values(self, x: FloatArray) -> FloatArray:
        """Return the values of all cohorts."""
        own = x[self.row]
        log_s = self.coordinates.log_value(own, self.age, np.zeros_like(self.age))
        cells = self._log_binomial(log_s + self.coordinates.log_order_probability(own))
        return _totals(self.row, cells, self.n_rows)

    def derivatives(self, x: FloatArray) -> LogSurvival:
        """Return values, gradients and Hessians of all cohorts."""
        chance = self._log_chance(x[self.row])
        p = np.minimum(np.exp(chance.value), _SURE)
        rest = self.size - self.customers
        first = (self.customers - rest * p / (1 - p)) / self.dispersion
        second = -rest * p / (1 - p) ** 2 / self.dispersion
        outer = chance.gradient[:, :, None] * chance.gradient[:, None, :]
        hessian = first[:, None, None] * chance.hessian + second[:, None, None] * outer
        value = self._log_binomial(chance.value)
        cells = LogSurvival(value, first[:, None] * chance.gradient, hessian)
        return _summed(self.row, self.n_rows, cells)

    def information(self, x: FloatArray) -> FloatArray:
        """Return the expected information.

        The observed one is indefinite along the ridge on which churn and the chance to order make
        up for each other; with it estimates run away.
        """
        chance = self._log_chance(x[self.row])
        p = np.minimum(np.exp(chance.value), _SURE)
        weight = self.size * p / (1 - p) / self.dispersion
        outer = chance.gradient[:, :, None] * chance.gradient[:, None, :]
        total = np.zeros((self.n_rows, x.shape[1], x.shape[1]))
        np.add.at(total, self.row, weight[:, None, None] * outer)
        return total

    def merged(self, n_rows: int) -> ActivityCells:
        """Return all cohorts as one, n_rows times over."""
        ages, group = np.unique(self.age, return_inverse=True)
        sums = (_totals(group, v, len(ages)) for v in (self.size, self.customers))
        age, size, customers = (np.tile(v, n_rows) for v in (ages, *sums))
        row = np.repeat(np.arange(n_rows), len(ages))
        return ActivityCells(self.coordinates, n_rows, row, age, size, customers, self.dispersion)

    def _log_chance(self, own: FloatArray) -> LogSurvival:
        """Return log q S(age) of every cell and its derivatives."""
        chance = self.coordinates.log_probability(own, self.age, np.zeros_like(self.age))
        log_q = self.coordinates.log_order_probability(own)
        by_q = -np.expm1(log_q)
        chance.gradient[:, -1] += by_q
        chance.hessian[:, -1, -1] -= by_q * np.exp(log_q)
        return LogSurvival(chance.value + log_q, chance.gradient, chance.hessian)

    def _log_binomial(self, log_p: FloatArray) -> FloatArray:
        p = np.minimum(np.exp(log_p), _SURE)
        rest = (self.size - self.customers) * np.log1p(-p)
        return (self.customers * log_p + rest) / self.dispersion


def cohort_likelihood(
    coordinates: Coordinates, counts: FloatArray, dispersion: float
) -> CohortLikelihood:
    """Return the log-likelihoods of cohorts.

    Parameters
    ----------
    coordinates : Coordinates
        With a chance to order for activity, without for survival.
    counts : ndarray of shape (n_cohorts, n_ages)
        NaN where not yet observed.
    dispersion : float
        At least 1; counts for activity only.

    Returns
    -------
    CohortLikelihood
    """
    there = ~np.isnan(counts)
    if coordinates.orders:
        row, age = np.nonzero(there[:, 1:])
        size, customers = counts[row, 0], counts[row, age + 1]
        ages: FloatArray = age.astype(np.float64) + 1
        return ActivityCells(coordinates, len(counts), row, ages, size, customers, dispersion)
    last = there.sum(axis=1) - 1
    row, age = np.nonzero(there[:, 1:])
    leavers = counts[row, age] - counts[row, age + 1]
    every = np.arange(len(counts))
    rows = np.concatenate([row, every])
    when: FloatArray = np.concatenate([age + 1, last]).astype(np.float64)
    left = np.repeat([1.0, 0.0], [len(row), len(every)])
    customers = np.concatenate([leavers, counts[every, last]])
    # Nobody leaves, or age 0: nothing to learn, and log P may be -inf.
    tells = (customers > 0) & (when > 0)
    return SurvivalCells(
        coordinates, len(counts), rows[tells], when[tells], left[tells], customers[tells]
    )


def pearson_statistic(coordinates: Coordinates, counts: FloatArray, x: FloatArray) -> FloatArray:
    """Return sum (observed - expected)^2 / variance and the number of cells, shape (2,).

    Parameters
    ----------
    coordinates : Coordinates
    counts : ndarray of shape (n_cohorts, n_ages)
        An age of survival is judged given the count before, one of activity given the size.
    x : ndarray of shape (n_cohorts, n_coordinates)

    Returns
    -------
    ndarray of shape (2,)
    """
    row, age = np.nonzero(~np.isnan(counts[:, 1:]))
    own, ages = x[row], age + 1.0
    law = coordinates.law_of(own)
    if coordinates.orders:
        base = counts[row, 0]
        p = np.exp(law.log_survival(ages) + coordinates.log_order_probability(own))
    else:
        base, p = counts[row, age], law.retention(ages)
    variance = base * p * (1 - p)
    tells: BoolArray = variance > 0
    residual = counts[row, age + 1] - base * p
    statistic = (residual[tells] ** 2 / variance[tells]).sum()
    return np.array([statistic, tells.sum()], dtype=np.float64)


def _summed(row: IntArray, n_rows: int, cells: LogSurvival) -> LogSurvival:
    """Sum the entries of every row."""
    p = cells.gradient.shape[1]
    value, gradient = np.zeros(n_rows), np.zeros((n_rows, p))
    hessian = np.zeros((n_rows, p, p))
    np.add.at(value, row, cells.value)
    np.add.at(gradient, row, cells.gradient)
    np.add.at(hessian, row, cells.hessian)
    return LogSurvival(value, gradient, hessian)


def _totals(row: IntArray, values: FloatArray, n_rows: int) -> FloatArray:
    """Return the sum of the values of every row."""
    return np.bincount(row, values, n_rows).astype(np.float64)
