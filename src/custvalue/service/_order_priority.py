"""The mathematics of order priority: profit rank x importance, and the rank of that product."""

from __future__ import annotations

import numpy as np

from custvalue._numerics.ranking import competition_rank
from custvalue._typing import FloatArray, IntArray

__all__ = ["LEVELS", "profit_ranks", "sort_keys", "urgency"]

LEVELS = ("lost sale", "slight delay acceptable", "longer delay acceptable")


def profit_ranks(profit: FloatArray, fitted: FloatArray) -> IntArray:
    """Return 1 + the number of fitted products that are strictly more profitable.

    Parameters
    ----------
    profit : ndarray of shape (n_products,)
    fitted : ndarray of shape (n_fitted,)

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> profit_ranks(np.array([9.0, -2.0, 9.0, 4.0]), np.array([9.0, -2.0, 9.0, 4.0]))
    array([1, 4, 1, 3])
    """
    return competition_rank(-profit, among=-fitted)


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
