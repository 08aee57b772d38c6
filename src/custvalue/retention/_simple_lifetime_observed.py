"""What is observed of customers, who of them counts, and who is observed too short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from custvalue._estimator.door import Table, require
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.retention._simple_lifetime_value import (
    average_order,
    counted_customers,
    orders_per_year,
)

__all__ = ["ObservedCustomers", "average_customer"]

_ONE_DAY = 1 / 365
"""In years: 365 days are a year as good as 365.25."""


@dataclass(frozen=True, slots=True)
class ObservedCustomers:
    """Customers of a summary, in years.

    Attributes
    ----------
    table : Table
    years : ndarray of shape (n_customers,)
        Since the first order.
    weights : ndarray of shape (n_customers,)
        How many customers each row stands for; 0 for who does not count.
    short : ndarray of bool of shape (n_customers,)
        Whose own orders a year are not used.
    minimum : float
        Years that are long enough.
    population : str
    """

    table: Table
    years: FloatArray
    weights: FloatArray
    short: BoolArray
    minimum: float
    population: str

    @property
    def counted(self) -> BoolArray:
        """Who counts as a customer, of shape (n_customers,)."""
        return np.asarray(self.weights > 0)

    @property
    def n_customers(self) -> float:
        """Customers who count."""
        return float(self.weights.sum())

    @property
    def n_short(self) -> float:
        """Those of them who are observed too short."""
        return float(self.weights[self.short].sum())

    @classmethod
    def of(
        cls,
        table: Table,
        weights: FloatArray | None,
        *,
        units: float,
        population: str,
        active_within: float,
        minimum: float,
        short: str,
    ) -> Self:
        """Measure a summary in years and apply the rules.

        Parameters
        ----------
        table : Table
        weights : ndarray of shape (n_customers,) or None
            How many customers each row stands for; None: one.
        units : float
            Time units of the summary in a year.
        population : {"all", "active", "repeat"}
        active_within, minimum : float
            Years.
        short : {"pool", "annualise", "raise"}

        Returns
        -------
        ObservedCustomers

        Raises
        ------
        DataError
            If a customer who counts is observed too short and that is refused.
        """
        years = table["T"] / units
        silence = (table["T"] - table["recency"]) / units
        counted = counted_customers(table["frequency"], silence, population, active_within)
        weights = np.where(counted, 1.0 if weights is None else weights, 0.0)
        least = 0.0 if short == "annualise" else minimum - _ONE_DAY
        brief = np.asarray((years < least) | (years == 0))
        if short != "pool":
            idle = weights == 0
            rule = "T must be positive, so that there is time to divide by"
            require(table, (years > 0) | idle, f"{rule}, where short={short!r}", ["T"])
            rule = f"customers must be observed for minimum_observation={minimum} years"
            require(table, ~brief | idle, f"{rule} where short={short!r}", ["T"])
        return cls(table, years, weights, brief, minimum, population)

    def average_order(self, pooled: float) -> FloatArray:
        """Return the mean repeat order, that of all for who has none.

        Parameters
        ----------
        pooled : float

        Returns
        -------
        ndarray of shape (n_customers,)
        """
        return np.where(self.table["frequency"] > 0, self.table["monetary_value"], pooled)

    def orders_per_year(self, pooled: float) -> FloatArray:
        """Return orders a year, that of all for who is observed too short.

        Parameters
        ----------
        pooled : float

        Returns
        -------
        ndarray of shape (n_customers,)
        """
        found = np.full(len(self.table), pooled)
        np.divide(self.table["frequency"] + 1, self.years, out=found, where=~self.short)
        return found

    def of_counted(self, values: FloatArray, name: str) -> FloatArray:
        """Return a column of the result: who does not count brings nothing and never pays back.

        Parameters
        ----------
        values : ndarray of shape (n_customers,)
        name : str

        Returns
        -------
        ndarray of shape (n_customers,)
        """
        if name == "average_order":
            return values
        return np.where(self.counted, values, np.inf if name == "payback_time" else 0.0)


def average_customer(observed: ObservedCustomers) -> dict[str, float]:
    """Return the average order and the orders a year of all customers who count.

    Parameters
    ----------
    observed : ObservedCustomers

    Returns
    -------
    dict of str to float
        "average_order" and "orders_per_year".

    Raises
    ------
    DataError
        If nobody counts, none of them ordered again, or all are observed too short.
    """
    weights = observed.weights
    if not weights.any():
        raise DataError(
            f"population={observed.population!r} must hold at least one customer; found none "
            f"among {len(observed.table)}"
        )
    frequency, spend = observed.table["frequency"], observed.table["monetary_value"]
    order = average_order(frequency, spend, weights)
    if np.isnan(order):
        raise DataError(
            "the average order needs customers with a repeat order; found frequency 0 for all "
            f"{np.count_nonzero(weights)} who count"
        )
    long_enough = np.where(observed.short, 0.0, weights)
    yearly = orders_per_year(frequency, observed.years, long_enough)
    if np.isnan(yearly):
        raise DataError(
            "orders a year need customers observed for minimum_observation="
            f"{observed.minimum} years; the longest of those who count is observed for "
            f"{observed.years[weights > 0].max():.3g} years. A lower minimum_observation takes "
            "part of a year for a year"
        )
    return {"average_order": order, "orders_per_year": yearly}
