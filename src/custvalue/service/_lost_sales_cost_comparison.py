"""Customers with and without a failure side by side: the table, and what is doubtful in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_ratio import DrivenAway, driven_away
from custvalue.service._lost_sales_cost_retention import Difference, Group, compare, summarise

__all__ = ["Comparison", "compare_customers"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Customers without and with a failure, and how their retention differs.

    Attributes
    ----------
    without, with_failure : Group
    crude : Difference
        Of all customers.
    within : Difference or None
        Within strata; None where there are none.
    away : DrivenAway
        Of all customers.
    away_within : DrivenAway or None
        Within strata.
    leverage : ndarray of shape (n_customers,)
        How much each row with a failure counts in the ratio of retention: its weight times the
        customers without a failure who stayed, by all customers of its stratum. 0 for others.
    counted : bool
        Whether customers stayed or left for certain.
    level : float
    """

    without: Group
    with_failure: Group
    crude: Difference
    within: Difference | None
    away: DrivenAway
    away_within: DrivenAway | None
    leverage: FloatArray
    counted: bool
    level: float

    @property
    def used(self) -> Difference:
        """The difference within strata where there are any, else that of all customers."""
        return self.crude if self.within is None else self.within

    @property
    def share(self) -> DrivenAway:
        """The share driven away, within strata where there are any."""
        return self.away if self.away_within is None else self.away_within

    def frame(self) -> pd.DataFrame:
        """Return the comparison as a table."""
        rows = {}
        for name, group in (("without failure", self.without), ("with failure", self.with_failure)):
            ends = group.interval(self.level, counted=self.counted)
            rows[name] = (group.customers, group.retention, *ends)
        found = {
            "difference": self.crude,
            "difference within strata": self.within,
            "driven away": self.away,
            "driven away within strata": self.away_within,
        }
        for name, one in found.items():
            if one is not None:
                rows[name] = (one.customers, one.value, one.lower, one.upper)
        columns = ["customers", "retention", "lower", "upper"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return table.rename_axis(index="group")

    def doubts(self) -> list[str]:
        """Return what to tell whoever takes the comparison for an effect."""
        used, total = self.share, self.crude.customers
        found = [
            "the probability of leaving is estimated from customers whom nobody chose at random to "
            "meet a failure: whoever orders more meets more failures and stays longer, so that the "
            f"share of them driven away, {used.value:.4g} ({self.level:.0%} interval "
            f"{used.lower:.4g} to {used.upper:.4g}), may be confounded"
        ]
        if self.within is None:
            found[0] += "; strata compares like with like"
        if used.customers < total:
            found.append(
                "a stratum tells nothing without customers of both kinds; left out of the "
                f"difference: {total - used.customers:g} of {total:g} customers"
            )
        if used.value <= 0:
            found.append(
                "customers with a failure stayed no less than those without; the probability of "
                "leaving is taken as 0, and so is the cost"
            )
        elif used.lower <= 0:
            found.append(
                "the interval of the share driven away holds 0: these customers do not show "
                "that a failure drives anybody away"
            )
        return found


def compare_customers(
    alive: FloatArray,
    failed: BoolArray,
    weights: FloatArray,
    strata: AnyArray | None,
    level: float,
) -> Comparison:
    """Compare the retention of customers without and with a failure.

    Parameters
    ----------
    alive : ndarray of shape (n_customers,)
        1 stayed and 0 left, or the probability of being alive.
    failed : ndarray of bool of shape (n_customers,)
    weights : ndarray of shape (n_customers,)
        Customers that each row stands for.
    strata : ndarray of shape (n_customers,) or None
    level : float
        Of the intervals.

    Returns
    -------
    Comparison

    Raises
    ------
    DataError
        If there are too few customers of one kind, in all or in every stratum, or nobody without a
        failure stayed.
    """
    counted = bool(np.isin(alive, (0.0, 1.0)).all())
    least = "one customer" if counted else "two customers"
    whole = parts = _stratified(alive, failed, weights, np.zeros(len(alive), dtype=np.int64))
    [without], [with_failure] = whole.without, whole.with_failure
    crude, within = whole.difference(level, counted=counted), None
    if crude is None:
        raise DataError(
            f"the probability of leaving can be estimated from at least {least} with a failure and "
            f"as many without; found {with_failure.customers:g} and {without.customers:g}"
        )
    if strata is not None:
        codes, labels = pd.factorize(np.asarray(strata, dtype=object))
        parts = _stratified(alive, failed, weights, codes)
        within = parts.difference(level, counted=counted)
        if within is None:
            raise DataError(
                f"some stratum must have at least {least} with a failure and as many without; "
                f"found none among {len(labels)}"
            )
    away = whole.driven_away(level, counted=counted)
    away_within = None if strata is None else parts.driven_away(level, counted=counted)
    leverage = parts.leverage(failed, weights, counted=counted)
    return Comparison(
        without, with_failure, crude, within, away, away_within, leverage, counted, level
    )


@dataclass(frozen=True, slots=True)
class _Strata:
    """Customers without and with a failure by stratum; `codes` tell which rows are in which."""

    without: list[Group]
    with_failure: list[Group]
    codes: IntArray

    def difference(self, level: float, *, counted: bool) -> Difference | None:
        return compare(self.without, self.with_failure, level, counted=counted)

    def driven_away(self, level: float, *, counted: bool) -> DrivenAway:
        return driven_away(self.without, self.with_failure, level, counted=counted)

    def leverage(self, failed: BoolArray, weights: FloatArray, *, counted: bool) -> FloatArray:
        least = 0.0 if counted else 1.0
        each = [
            zero.retained / (zero.customers + one.customers)
            if zero.customers > least and one.customers > least
            else 0.0
            for zero, one in zip(self.without, self.with_failure, strict=True)
        ]
        return np.asarray(np.where(failed, weights * np.array(each)[self.codes], 0.0))


def _stratified(
    alive: FloatArray, failed: BoolArray, weights: FloatArray, codes: IntArray
) -> _Strata:
    cells = 2 * codes + failed
    order = np.argsort(cells, kind="stable")
    ends = np.cumsum(np.bincount(cells, minlength=2 * (int(codes.max()) + 1)))[:-1]
    groups = [summarise(alive, weights, rows) for rows in np.split(order, ends)]
    return _Strata(groups[::2], groups[1::2], codes)
