"""Renewals of existing customers drawn ahead, one customer at a time or the sum over many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from custvalue._likelihood.intervals import rows_with_draws
from custvalue._likelihood.specification import Specification
from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray, Number

__all__ = [
    "draws_of_mean",
    "draws_of_renewals",
    "draws_of_total",
    "renewals_at",
    "renewals_of_all",
    "rows_to_sum",
]

Columns = tuple[FloatArray, ...]
Draw = Callable[[Columns], FloatArray]


def renewals_at(law: Any, tenure: FloatArray, horizon: float, uniform: Number) -> FloatArray:
    """Return how many of the next renewals a customer makes, at a quantile of that number.

    The number is at least k with probability S(n + k) / S(n), so that it is the largest k within
    the horizon whose probability is not below ``uniform``. It is found by bisection.

    Parameters
    ----------
    law : Law
    tenure : ndarray of shape (n_rows,)
        Renewals so far, n.
    horizon : float
        A finite whole number.
    uniform : float or ndarray of shape (n_rows,)
        Between 0 and 1.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    so_far = law.log_survival(tenure)
    lowest = np.log(uniform)
    low, high = np.zeros_like(tenure), np.full_like(tenure, horizon + 1)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        there = law.log_survival(tenure + middle) - so_far >= lowest
        low, high = np.where(there, middle, low), np.where(there, high, middle)
    return low


def renewals_of_all(
    law: Any,
    tenure: FloatArray,
    customers: FloatArray,
    horizon: float,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw how many of the next renewals several customers of one tenure make together.

    Of those still there a binomial number renews, renewal by renewal.

    Parameters
    ----------
    law : Law
    tenure, customers : ndarray of shape (n_rows,)
        Whole numbers.
    horizon : float
        A finite whole number.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    there, total = customers.astype(np.int64), np.zeros_like(tenure)
    for k in range(1, int(horizon) + 1):
        there = generator.binomial(there, np.clip(law.retention(tenure + k), 0.0, 1.0))
        total += there
        if not there.any():
            break
    return total


def rows_to_sum(columns: Columns, weights: FloatArray | None) -> Columns:
    """Return the distinct rows in an order of their own, and how many customers each stands for.

    Parameters
    ----------
    columns : tuple of ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None

    Returns
    -------
    tuple of ndarray of shape (n_distinct,)
        The columns, then the numbers of customers.
    """
    rows = compress_rows(*columns, weights=weights)
    order = np.lexsort((rows.weights, *rows.columns))
    return (*(column[order] for column in rows.columns), rows.weights[order])


def draws_of_mean(specification: Specification, parameters: FloatArray, horizon: float) -> Draw:
    """Return the function of rows that gives their expected renewals for every draw.

    Parameters
    ----------
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    horizon : float

    Returns
    -------
    callable
        Takes columns of shape (n_rows,), gives an array of shape (n_rows, n_draws). A column
        beyond those of the specification multiplies.
    """
    n_columns = len(specification.columns)

    def draw(row: Columns) -> FloatArray:
        law, (duration, churned, _) = rows_with_draws(specification, parameters, row[:n_columns])
        expected = np.where(churned == 0, law.expected_renewals(duration, horizon), 0.0)
        drawn = expected.reshape(len(row[0]), len(parameters))
        return drawn * row[-1][:, None] if len(row) > n_columns else drawn

    return draw


def draws_of_renewals(
    specification: Specification, parameters: FloatArray, horizon: float, uniform: FloatArray
) -> Draw:
    """Return the function of rows that gives renewals drawn of a customer of each.

    All rows share the chance of a draw, so that an answer does not depend on the other rows.

    Parameters
    ----------
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    horizon : float
    uniform : ndarray of shape (n_draws,)

    Returns
    -------
    callable
        Takes columns of shape (n_rows,), gives an array of shape (n_rows, n_draws).
    """

    def draw(row: Columns) -> FloatArray:
        law, (duration, churned, _) = rows_with_draws(specification, parameters, row)
        found = renewals_at(law, duration, horizon, np.tile(uniform, len(row[0])))
        return np.where(churned == 0, found, 0.0).reshape(len(row[0]), len(parameters))

    return draw


def draws_of_total(
    specification: Specification,
    parameters: FloatArray,
    horizon: float,
    generator: np.random.Generator,
) -> Draw:
    """Return the function of rows that gives renewals drawn of all customers of each.

    Parameters
    ----------
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    horizon : float
    generator : numpy.random.Generator

    Returns
    -------
    callable
        Takes columns of shape (n_rows,), the last with the numbers of customers; gives an array of
        shape (n_rows, n_draws).
    """

    def draw(row: Columns) -> FloatArray:
        law, (duration, churned, _) = rows_with_draws(specification, parameters, row[:-1])
        customers = np.where(churned == 0, np.repeat(row[-1], len(parameters)), 0.0)
        found = renewals_of_all(law, duration, customers, horizon, generator)
        return found.reshape(len(row[0]), len(parameters))

    return draw
