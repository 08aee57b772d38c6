"""The mathematics of order priority: profit rank x importance, and the rank of that product."""

from __future__ import annotations

import numpy as np

from custvalue._numerics.ranking import competition_rank
from custvalue._typing import FloatArray, IntArray

__all__ = ["LEVELS", "profit_ranks", "sort_keys", "urgency", "weighted_profit"]

LEVELS = ("lost sale", "slight delay acceptable", "longer delay acceptable")


def profit_ranks(profit: FloatArray, fitted: FloatArray, ties: str = "competition") -> IntArray:
    """Return 1 + the number of fitted products, or profits, that are strictly more profitable.

    Parameters
    ----------
    profit : ndarray of shape (n_products,)
    fitted : ndarray of shape (n_fitted,)
    ties : {"competition", "dense"}
        "competition" counts the products (1, 2, 2, 4), "dense" the different profits (1, 2, 2, 3).

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> profit = np.array([9.0, -2.0, 9.0, 4.0])
    >>> profit_ranks(profit, profit)
    array([1, 4, 1, 3])
    >>> profit_ranks(profit, profit, "dense")
    array([1, 3, 1, 2])
    """
    return competition_rank(-profit, among=-(np.unique(fitted) if ties == "dense" else fitted))


def weighted_profit(profit: FloatArray, value: FloatArray) -> FloatArray:
    """Return profits weighted by the value of the customer, for ranking.

    A profit is multiplied by the value and a loss divided by it: of two orders with one profit or
    one loss, the order of the more valuable customer is always the higher. A loss multiplied would
    put the best customers last. Both keep their sign, so that the unit of the value changes no
    rank. A loss on a customer of no value is minus infinity; what is too large is infinite.

    Parameters
    ----------
    profit : ndarray of shape (n_orders,)
    value : ndarray of shape (n_orders,)
        At least 0.

    Returns
    -------
    ndarray of shape (n_orders,)

    Examples
    --------
    >>> import numpy as np
    >>> weighted_profit(np.array([10.0, 10.0, -8.0, -8.0]), np.array([2.0, 4.0, 2.0, 4.0]))
    array([20., 40., -4., -2.])
    """
    loss = profit < 0
    with np.errstate(divide="ignore", over="ignore"):
        weighted = profit * value
        weighted[loss] = profit[loss] / value[loss]
    return weighted


def urgency(importance: FloatArray, scale: str) -> IntArray:
    """Return importance as 1 (lost sale) to 3, whichever way the scale of X runs.

    Parameters
    ----------
    importance : ndarray of shape (n_products,)
        1, 2 or 3.
    scale : {"1_is_most_urgent", "1_is_least_urgent"}

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> urgency(np.array([1.0, 2.0, 3.0]), "1_is_least_urgent")
    array([3, 2, 1])
    """
    levels = importance.astype(np.int64)
    return levels if scale == "1_is_most_urgent" else len(LEVELS) + 1 - levels


def sort_keys(score: IntArray, importance: IntArray, tie_break: str | None) -> IntArray:
    """Return whole numbers that order products as their scores do, ties broken as asked.

    Of two products with one score, the more important is the less profitable, since the score is
    the product of the two: "importance" puts the smaller importance first, "profit" the larger.

    Parameters
    ----------
    score, importance : ndarray of int of shape (n_products,)
    tie_break : {"importance", "profit"} or None

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> score, importance = np.array([12, 12, 7]), np.array([3, 2, 1])
    >>> sort_keys(score, importance, "importance")
    array([51, 50, 29])
    >>> sort_keys(score, importance, "profit")
    array([45, 46, 27])
    """
    sign = {None: 0, "importance": 1, "profit": -1}[tie_break]
    return (len(LEVELS) + 1) * score + sign * importance
