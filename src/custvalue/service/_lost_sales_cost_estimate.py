"""Probabilities of leaving from histories: one for all failures, or one a service component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_comparison import Comparison, compare_customers
from custvalue.service._lost_sales_cost_retention import per_failure

__all__ = ["Estimate", "Histories", "component_table", "estimate_all", "estimate_component"]


@dataclass(frozen=True, slots=True)
class Histories:
    """Who stayed, in which group.

    Attributes
    ----------
    alive : ndarray of shape (n_customers,)
    weights : ndarray of shape (n_customers,)
        Customers that each row stands for.
    strata : ndarray of shape (n_customers,) or None
    level : float
        Of the intervals.
    """

    alive: FloatArray
    weights: FloatArray
    strata: AnyArray | None
    level: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Probability of leaving after one failure.

    Attributes
    ----------
    value, lower, upper : float
        From 0 to 1.
    comparison : Comparison
    """

    value: float
    lower: float
    upper: float
    comparison: Comparison


def estimate_all(histories: Histories, failed: BoolArray, failures: FloatArray | None) -> Estimate:
    """Estimate one probability from customers with and without a failure.

    Parameters
    ----------
    histories : Histories
    failed : ndarray of bool of shape (n_customers,)
    failures : ndarray of shape (n_customers,) or None
        How many each met; None takes the share driven away as it is.

    Returns
    -------
    Estimate
    """
    found = compare_customers(
        histories.alive, failed, histories.weights, histories.strata, histories.level
    )
    counts = np.ones(len(failed)) if failures is None else failures
    counting = found.leverage > 0
    low, middle, high = (
        per_failure(end, counts[counting], found.leverage[counting])
        for end in (found.share.lower, found.share.value, found.share.upper)
    )
    return Estimate(middle, low, high, found)


def estimate_component(
    histories: Histories, failures: FloatArray, component: int, names: Sequence[str]
) -> Estimate:
    """Estimate the probability of one component from customers alike in all the others.

    Customers with and without a failure of the component are compared within strata of those who
    met as many failures of every other component. There the failures of the others keep the same
    share of both, and it cancels from the ratio of retention.

    Parameters
    ----------
    histories : Histories
    failures : ndarray of shape (n_customers, n_components)
    component : int
    names : sequence of str
        Of the components, for the messages.

    Returns
    -------
    Estimate

    Raises
    ------
    DataError
        If no customers can be compared.
    """
    others = np.delete(failures, component, axis=1)
    if histories.strata is not None:
        codes = pd.factorize(np.asarray(histories.strata, dtype=object))[0]
        others = np.column_stack([others, codes])
    strata = None
    if others.shape[1]:
        strata = np.unique(others, axis=0, return_inverse=True)[1].ravel()
    alike = Histories(histories.alive, histories.weights, strata, histories.level)
    counts = failures[:, component]
    try:
        return estimate_all(alike, counts > 0, counts)
    except DataError as error:
        raise DataError(f"{names[component]}: {error}") from error


def component_table(
    names: Sequence[str], given: Mapping[str, float | None], found: Mapping[str, Estimate]
) -> pd.DataFrame:
    """Return the probability of each component, given or estimated, with its interval.

    Parameters
    ----------
    names : sequence of str
    given : mapping of str to (float or None)
    found : mapping of str to Estimate
        Of the components that are not given.

    Returns
    -------
    pandas.DataFrame
        Index ``component``; columns ``leaving_probability``, ``lower``, ``upper``, all equal where
        the probability is given.
    """
    rows = []
    for name in names:
        known = given[name]
        if known is None:
            rows.append((found[name].value, found[name].lower, found[name].upper))
        else:
            rows.append((float(known),) * 3)
    index = pd.Index(list(names), name="component")
    return pd.DataFrame(rows, index=index, columns=["leaving_probability", "lower", "upper"])
