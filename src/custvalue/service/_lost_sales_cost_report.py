"""The cost of lost sales in tables: in all, by segment, by component, and as its inputs vary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost import (
    INDEPENDENT,
    Exposure,
    avoidable,
    chance_of_leaving,
    leaving_by_component,
    mean_probability,
)

__all__ = ["Losses", "Prospects", "exact_sum"]

_FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5)
_PROSPECTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_PROSPECT_FACTORS = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Prospects:
    """Sales to others that are lost with a customer who leaves.

    Attributes
    ----------
    per_leaver : float
    value : float
        Of one.
    """

    per_leaver: float
    value: float

    @property
    def worth(self) -> float:
        """Value of the prospects lost with one customer."""
        return self.per_leaver * self.value


@dataclass(frozen=True, slots=True)
class Losses:
    """What failures cost, by customer.

    Attributes
    ----------
    exposure : Exposure
    p : ndarray of shape (n_components,) or (n_customers, 1)
        Probability of leaving after a failure.
    repeated : {"independent", "first"}
    value : ndarray of shape (n_customers,)
        Residual lifetime value.
    prospects : Prospects
    """

    exposure: Exposure
    p: FloatArray
    repeated: str
    value: FloatArray
    prospects: Prospects

    @property
    def leavers(self) -> FloatArray:
        """Probability that failures drive each customer away."""
        return chance_of_leaving(self.exposure, self.p, self.repeated)

    @property
    def at_stake(self) -> FloatArray:
        """What is lost with each customer, prospects included."""
        return self.value + self.prospects.worth

    def summary(self, weights: FloatArray) -> pd.Series:
        """Return the totals over all customers.

        Parameters
        ----------
        weights : ndarray of shape (n_customers,)
            Customers that each row stands for.

        Returns
        -------
        pandas.Series
        """
        total = self.by_segment(weights, np.zeros(len(weights)), "segment").iloc[0]
        return total.drop("share").rename("total")

    def by_segment(self, weights: FloatArray, segments: AnyArray, name: str) -> pd.DataFrame:
        """Return the totals by segment, the costliest first.

        Parameters
        ----------
        weights : ndarray of shape (n_customers,)
        segments : ndarray of shape (n_customers,)
        name : str
            Of the index.

        Returns
        -------
        pandas.DataFrame
        """
        leavers = self.leavers
        columns = {
            "customers": weights,
            "failures": weights * self.exposure.failures.sum(axis=1),
            "expected_leavers": weights * leavers,
            "prospects_lost": weights * leavers * self.prospects.per_leaver,
            "customer_cost": weights * leavers * self.value,
            "prospect_cost": weights * leavers * self.prospects.worth,
            "expected_cost": weights * leavers * self.at_stake,
        }
        codes, labels = pd.factorize(np.asarray(segments, dtype=object), sort=False)
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(labels)))[:-1]
        sums = {
            column: [exact_sum(part) for part in np.split(values[order], ends)]
            for column, values in columns.items()
        }
        return _ordered(pd.DataFrame(sums, index=pd.Index(labels.tolist(), name=name)))

    def by_component(self, weights: FloatArray, names: Sequence[str]) -> pd.DataFrame:
        """Return the totals by service component, the costliest first.

        Parameters
        ----------
        weights : ndarray of shape (n_customers,)
        names : sequence of str

        Returns
        -------
        pandas.DataFrame
            ``avoidable_cost`` is NaN where the first failure alone counts: which failure would be
            the first without a component, the counts do not tell.
        """
        whole, stake = self.leavers, (weights * self.at_stake)[:, None]
        parts = leaving_by_component(self.exposure, self.p, self.repeated, whole)
        saved = np.full_like(parts, np.nan)
        if self.repeated == INDEPENDENT:
            saved = avoidable(self.exposure, self.p, self.repeated, whole)
        columns = {
            "failures": weights[:, None] * self.exposure.failures,
            "expected_leavers": weights[:, None] * parts,
            "expected_cost": stake * parts,
            "avoidable_cost": stake * saved,
        }
        sums = {
            column: [exact_sum(values[:, c]) for c in range(len(names))]
            for column, values in columns.items()
        }
        return _ordered(pd.DataFrame(sums, index=pd.Index(list(names), name="component")))

    def sensitivity(
        self, weights: FloatArray, interval: tuple[AnyArray | float, AnyArray | float] | None
    ) -> pd.DataFrame:
        """Return the total cost over a grid of what is least known.

        Parameters
        ----------
        weights : ndarray of shape (n_customers,)
        interval : tuple of two float or ndarray of shape (n_components,), or None
            Ends of the probability of leaving where it was estimated.

        Returns
        -------
        pandas.DataFrame
            Index: probability of leaving after a failure; equal ones are one row. Columns:
            prospects lost per leaver, a single one where prospects are worth nothing.
        """
        grid: dict[float, list[float]] = {}
        per_leaver = _prospect_grid(self.prospects)
        for p in self._probabilities(interval):
            leavers = weights * chance_of_leaving(self.exposure, p, self.repeated)
            lost, customers = exact_sum(leavers * self.value), exact_sum(leavers)
            row = [lost + customers * count * self.prospects.value for count in per_leaver]
            grid[mean_probability(self.exposure, p, weights)] = row
        index = pd.Index(list(grid), name="leaving_probability")
        columns = pd.Index(per_leaver, name="prospects_per_leaver")
        table = pd.DataFrame(list(grid.values()), index=index, columns=columns)
        return table.sort_index()

    def require_sums(self, weights: FloatArray) -> None:
        """Raise where a sum over the customers could be beyond the largest number.

        Raises
        ------
        ValueError
            If the prospects of one leaver are.
        DataError
            If the values or failures of all customers are.
        """
        if not math.isfinite(self.prospects.worth):
            raise ValueError(
                "prospects_per_leaver times prospect_value must be a finite number; found "
                f"{self.prospects.per_leaver:g} times {self.prospects.value:g}"
            )
        customers, most = float(np.sum(weights)), float(np.abs(self.value).max())
        prospects = max(_prospect_grid(self.prospects))
        with np.errstate(over="ignore"):
            failures = float(np.max(self.exposure.failures.sum(axis=1)))
        lost = customers * (most + prospects * self.prospects.value)
        if not all(map(math.isfinite, (lost, customers * failures, customers * prospects))):
            raise DataError(
                "values, failures and prospects of all customers must have sums below the largest "
                f"number; found values up to {most:g}, failures up to {failures:g} and "
                f"{prospects:g} prospects worth {self.prospects.value:g}, for {customers:g} "
                "customers: take a larger unit of currency"
            )

    def _probabilities(
        self, interval: tuple[AnyArray | float, AnyArray | float] | None
    ) -> list[FloatArray]:
        """Return the probabilities of leaving to try, as they are among them."""
        if interval is None:
            return [np.minimum(factor * self.p, 1.0) for factor in _FACTORS]
        middle = self.p
        low, high = (np.broadcast_to(end, middle.shape) for end in interval)
        return [low, (low + middle) / 2, middle, (middle + high) / 2, high]


def exact_sum(values: FloatArray) -> float:
    """Return a sum that does not depend on the order of its terms."""
    return math.fsum(values)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows from the costliest, equal ones by name, with their shares of the cost."""
    keys = [
        (-cost, str(label)) for label, cost in zip(table.index, table["expected_cost"], strict=True)
    ]
    table = table.iloc[sorted(range(len(table)), key=keys.__getitem__)]
    total: Any = exact_sum(table["expected_cost"].to_numpy())
    share = table["expected_cost"] / total if total != 0 else np.nan
    return table.assign(share=share)


def _prospect_grid(prospects: Prospects) -> list[float]:
    if prospects.value == 0:
        return [prospects.per_leaver]
    if prospects.per_leaver == 0:
        return list(_PROSPECTS)
    return [factor * prospects.per_leaver for factor in _PROSPECT_FACTORS]
