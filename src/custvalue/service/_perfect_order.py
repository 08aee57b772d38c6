"""Perfect orders from counts of alike orders: shares, their product, and who is to blame.

J criteria; an order is True (1), False (0) or unknown (NaN) in each. Orders that are alike in all
criteria are one row with a count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import FloatArray, IntArray
from custvalue.service._order_lines_shares import ratio

__all__ = ["PerfectOrders", "perfect_orders", "perfection"]


@dataclass(frozen=True, slots=True)
class PerfectOrders:
    """Perfect orders of each group, and what keeps the others from it.

    Attributes
    ----------
    orders, known, perfect : ndarray of shape (n_groups,)
        Orders, those of which it is known whether they are perfect, and those that are.
    share, lower, upper : ndarray of shape (n_groups,)
        Perfect among known, with the interval of Wilson.
    lowest, highest : ndarray of shape (n_groups,)
        The share of all orders if every unknown one fails, and if none does.
    product : ndarray of shape (n_groups,)
        Of the shares of the criteria.
    dependence, unknown : ndarray of shape (n_groups,)
        The two parts of share - product.
    component_known, component_share, component_lower, component_upper : ndarray (n_groups, J)
        Of each criterion, on the orders of which it is known.
    failed, alone, attribution : ndarray of shape (n_groups, J)
        Of the known orders: the share that fails in a criterion, the share that fails in nothing
        else, and what the criterion costs, which add up to 1 - share.
    """

    orders: FloatArray
    known: FloatArray
    perfect: FloatArray
    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    lowest: FloatArray
    highest: FloatArray
    product: FloatArray
    dependence: FloatArray
    unknown: FloatArray
    component_known: FloatArray
    component_share: FloatArray
    component_lower: FloatArray
    component_upper: FloatArray
    failed: FloatArray
    alone: FloatArray
    attribution: FloatArray


def perfection(states: FloatArray) -> FloatArray:
    """Return whether orders are perfect: 0 if one fails, else NaN if one is unknown, else 1.

    Parameters
    ----------
    states : ndarray of shape (n_orders, J)

    Returns
    -------
    ndarray of shape (n_orders,)

    Examples
    --------
    >>> import numpy as np
    >>> perfection(np.array([[1.0, 1.0], [0.0, np.nan], [1.0, np.nan]]))
    array([ 1.,  0., nan])
    """
    fails = (states == 0).any(axis=1)
    unknown = np.isnan(states).any(axis=1)
    return np.where(fails, 0.0, np.where(unknown, np.nan, 1.0))


def perfect_orders(
    states: FloatArray, counts: FloatArray, group: IntArray, n_groups: int, level: float
) -> PerfectOrders:
    """Return shares of perfect orders and their parts.

    The share s of perfect orders differs from the product of the shares of the criteria for two
    reasons. With s' and prod' the same two on orders of which every criterion is known ::

        s - prod = (s' - prod') + ((s - s') - (prod - prod'))

    the first bracket is the dependence of the failures (positive where they come together), the
    second what unknown values do.

    What a criterion costs is its Shapley value in the game whose value of a set of criteria is the
    share of orders that fail in any of them. That game is a sum over orders of games that are 1
    where the set meets the failures of the order, so that an order with k failures gives 1 / k to
    each of them: the value is exact for any number of criteria.

    Parameters
    ----------
    states : ndarray of shape (n_rows, J)
        1, 0 or NaN.
    counts : ndarray of shape (n_rows,)
        Orders of each row.
    group : ndarray of int of shape (n_rows,)
        Numbers from 0.
    n_groups : int
    level : float
        Of the intervals.

    Returns
    -------
    PerfectOrders

    Examples
    --------
    Of ten orders eight are perfect, one fails in both criteria, one in the second:

    >>> import numpy as np
    >>> states = np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    >>> found = perfect_orders(states, np.array([8.0, 1.0, 1.0]), np.zeros(3, int), 1, 0.95)
    >>> found.share, found.product, found.attribution
    (array([0.8]), array([0.72]), array([[0.05, 0.15]]))
    """
    result = perfection(states)
    is_known = ~np.isnan(result)

    def total(weights: FloatArray) -> FloatArray:
        return _total(weights, counts, group, n_groups)

    orders, known, perfect = total(np.ones(len(counts))), total(is_known), total(result == 1)
    share = ratio(perfect, known)
    component_known = total(~np.isnan(states))
    component_good = total(states == 1)
    component_share = ratio(component_good, component_known)
    product = component_share.prod(axis=1)
    dependence = _dependence(states, counts, group, n_groups)
    lower, upper = wilson_interval(perfect, known, level)
    component_lower, component_upper = wilson_interval(component_good, component_known, level)
    fails = (states == 0).astype(np.float64)
    n_failures = fails.sum(axis=1, keepdims=True)
    per_known = known[:, None]
    return PerfectOrders(
        orders=orders,
        known=known,
        perfect=perfect,
        share=share,
        lower=lower,
        upper=upper,
        lowest=ratio(perfect, orders),
        highest=ratio(perfect + orders - known, orders),
        product=product,
        dependence=dependence,
        unknown=share - product - dependence,
        component_known=component_known,
        component_share=component_share,
        component_lower=component_lower,
        component_upper=component_upper,
        failed=ratio(total(fails), per_known),
        alone=ratio(total(fails * (n_failures == 1)), per_known),
        attribution=ratio(total(fails / np.maximum(n_failures, 1)), per_known),
    )


def _dependence(
    states: FloatArray, counts: FloatArray, group: IntArray, n_groups: int
) -> FloatArray:
    """Return observed share less product on the orders of which every criterion is known."""
    complete = ~np.isnan(states).any(axis=1)
    whole = (states[complete], counts[complete], group[complete])
    n = _total(np.ones(int(complete.sum())), *whole[1:], n_groups)
    perfect = ratio(_total((whole[0] == 1).all(axis=1), *whole[1:], n_groups), n)
    components = ratio(_total(whole[0] == 1, *whole[1:], n_groups), n[:, None])
    return np.asarray(perfect - components.prod(axis=1))


def _total(values: FloatArray, counts: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """Sum values times counts by group."""
    sums = np.zeros((n_groups, *values.shape[1:]))
    weights = counts.reshape(-1, *[1] * (values.ndim - 1))
    np.add.at(sums, group, values * weights)
    return sums
