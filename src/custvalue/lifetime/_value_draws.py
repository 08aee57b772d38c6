"""Draws of the value of customers: parameters, purchases, their times, and what is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from custvalue._likelihood.intervals import intervals_by_simulation, rows_with_draws
from custvalue._likelihood.specification import Specification
from custvalue._numerics.discounting import LONG_AFTER
from custvalue._typing import FloatArray, IntArray
from custvalue.lifetime._future import Future

__all__ = ["ValueDraws", "discounted_spend"]

_MANY = 64
"""So many purchases and more are drawn as their sum, which is normal by then."""

Columns = tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True)
class ValueDraws:
    """Draws of the parameters of an attrition model and of a spend model, side by side.

    Attributes
    ----------
    attrition, spend : estimator
        Fitted models.
    purchase_parameters, spend_parameters : ndarray of shape (n_draws, n_estimates)
    generator : numpy.random.Generator
    """

    attrition: Any
    spend: Any
    purchase_parameters: FloatArray
    spend_parameters: FloatArray
    generator: np.random.Generator

    @classmethod
    def of(cls, attrition: Any, spend: Any, n_draws: int, generator: np.random.Generator) -> Self:
        """Draw the parameters of both models."""
        return cls(
            attrition,
            spend,
            attrition._parameter_draws(n_draws, generator),
            spend._parameter_draws(n_draws, generator),
            generator,
        )

    def read(self, history: Any, money: Any) -> Columns:
        """Return the columns of both specifications, one after the other."""
        tables = (self.attrition._checked_history(history), self.spend._checked(money))
        specifications = (self.attrition._specification, self.spend._specification)
        return tuple(
            table[name]
            for table, specification in zip(tables, specifications, strict=True)
            for name in specification.columns
        )

    def intervals(
        self,
        columns: Columns,
        *,
        rate: float,
        horizon: float,
        level: float,
        chance: bool,
        total: bool,
        progress: bool,
    ) -> FloatArray:
        """Return intervals of the value of every row, or of the total.

        Parameters
        ----------
        columns : tuple of ndarray of shape (n_rows,)
            From `read`, and the margins last.
        rate, horizon : float
            Continuous discount rate and length of the future, in time units.
        level : float
        chance : bool
            Draw purchases and spend; False evaluates their expectations.
        total : bool
        progress : bool

        Returns
        -------
        ndarray of shape (n_rows, 2), or (1, 2)
        """
        draw = self._drawn_value if chance else self._expected_value

        def value(row: Columns) -> FloatArray:
            *own, margin = row
            return draw(tuple(own), rate, horizon) * margin[:, None]

        return intervals_by_simulation(
            value,
            columns,
            len(self.purchase_parameters),
            level=level,
            whole=False,
            total=total,
            progress=progress,
        )

    def _drawn_value(self, row: Columns, rate: float, horizon: float) -> FloatArray:
        law, history, spend_law, money = self._laws(row)
        end = min(horizon, LONG_AFTER / rate) if rate > 0 else horizon
        future = law.simulate_future(*history, end, self.generator)
        worth = discounted_spend(future, spend_law, money, rate, self.generator)
        return worth.reshape(len(row[0]), -1)

    def _expected_value(self, row: Columns, rate: float, horizon: float) -> FloatArray:
        law, history, spend_law, money = self._laws(row)
        purchases = law.discounted_expected_purchases(*history, rate, horizon)
        worth = np.asarray(purchases * spend_law.expected_spend(*money))
        return worth.reshape(len(row[0]), -1)

    def _laws(self, row: Columns) -> tuple[Any, Columns, Any, Columns]:
        """Return both laws and their columns, every row with every draw."""
        specification: Specification = self.attrition._specification
        n_history = len(specification.columns)
        law, history = rows_with_draws(specification, self.purchase_parameters, row[:n_history])
        spend_law, money = rows_with_draws(
            self.spend._specification, self.spend_parameters, row[n_history:]
        )
        return law, history, spend_law, money


def discounted_spend(
    future: Future,
    spend_law: Any,
    money: Columns,
    rate: float,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw the sum of exp(-rate time) spend over the purchases of a future.

    Parameters
    ----------
    future : Future
    spend_law : law of the spend model
        One entry per row.
    money : tuple of ndarray of shape (n_rows,)
        Columns of the spend law.
    rate : float
        Continuous, per time unit.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows,)
        In the currency of the spend.
    """
    shape, scale = spend_law.spend_given_history(*money, generator)
    few = future.counts < _MANY
    worth = np.zeros(len(future.counts))
    rows = np.repeat(np.flatnonzero(few), future.counts[few].astype(np.int64))
    times = generator.random(len(rows)) * future.span[rows]
    last = np.diff(rows, append=-1) != 0
    ending = last & future.ends_with_purchase[rows]
    times[ending] = future.span[rows[ending]]
    amounts = generator.gamma(shape[rows]) * scale[rows]
    worth += np.bincount(rows, np.exp(-rate * times) * amounts, minlength=len(worth))
    many = np.flatnonzero(~few)
    worth[many] = _sum_of_many(future, many, shape[many], scale[many], rate, generator)
    return worth


def _sum_of_many(
    future: Future,
    many: IntArray,
    shape: FloatArray,
    scale: FloatArray,
    rate: float,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw the discounted sum for rows with many purchases from the normal of its two moments."""
    n, span = future.counts[many], future.span[many]
    first, second = _mean_discount(rate * span), _mean_discount(2 * rate * span)
    mean = first * shape * scale
    variance = second * shape * (shape + 1) * scale**2 - mean**2
    drawn = n * mean + np.sqrt(n * variance) * generator.standard_normal(len(n))
    return np.asarray(np.maximum(drawn, 0.0))


def _mean_discount(exponent: FloatArray) -> FloatArray:
    """Return (1 - exp(-y)) / y, the mean of exp(-y u) over u in (0, 1); 1 at y = 0."""
    safe = np.where(exponent > 0, exponent, 1.0)
    return np.where(exponent > 0, -np.expm1(-safe) / safe, 1.0)
