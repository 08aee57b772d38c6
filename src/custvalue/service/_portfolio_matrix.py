"""The mathematics of the portfolio matrix: thresholds, quadrants, and what they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._numerics.abc_cuts import abc_thresholds
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray

__all__ = [
    "QUADRANTS",
    "Quadrant",
    "actions_table",
    "is_near",
    "learned_threshold",
    "quadrant_codes",
    "quadrant_totals",
    "shifted",
    "shifted_quadrants",
    "whole_profit",
]


@dataclass(frozen=True, slots=True)
class Quadrant:
    """One of the four quadrants, and what to do about its products.

    Attributes
    ----------
    name : str
        "Q1" to "Q4", as the figure of the book numbers them.
    volume, profit : {"high", "low"}
    action : str
        In English.
    action_zh : str
        In Chinese.
    """

    name: str
    volume: str
    profit: str
    action: str
    action_zh: str


QUADRANTS = (
    Quadrant("Q1", "high", "low", "reduce costs", "降低成本, 提升利润"),
    Quadrant("Q2", "high", "high", "provide high availability", "高可得性, 确保利润"),
    Quadrant("Q3", "low", "low", "review", "复查产品, 考虑利润"),
    Quadrant("Q4", "low", "high", "centralise stock", "集中存储, 优化供应链"),
)

_CODES = np.array([[2, 3], [0, 1]], dtype=np.int64)


def actions_table() -> pd.DataFrame:
    """Return the four quadrants with their actions.

    Returns
    -------
    pandas.DataFrame of shape (4, 4)
        Index ``quadrant``. Columns ``volume``, ``profit``, ``action`` and ``action_zh``.

    Examples
    --------
    >>> actions_table()[["volume", "profit", "action"]]
             volume profit                     action
    quadrant
    Q1         high    low               reduce costs
    Q2         high   high  provide high availability
    Q3          low    low                     review
    Q4          low   high           centralise stock
    """
    columns = ("volume", "profit", "action", "action_zh")
    return pd.DataFrame(
        {column: [getattr(one, column) for one in QUADRANTS] for column in columns},
        index=pd.Index([one.name for one in QUADRANTS], name="quadrant"),
    )


def learned_threshold(values: FloatArray, rule: str | float, cut: float) -> float:
    """Return the value from which on a product is high.

    Parameters
    ----------
    values : ndarray of shape (n_products,)
        At least one, all finite, in any order.
    rule : {"median", "mean", "abc"} or float
        "abc" is the least value of class A: of the products before which, from the largest down,
        less than the share ``cut`` of the total is held. A number is itself.
    cut : float
        Between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the rule is "abc" and no value is above zero.

    Examples
    --------
    >>> import numpy as np
    >>> volume = np.array([100.0, 20.0, 20.0, 10.0])
    >>> [learned_threshold(volume, rule, 0.8) for rule in ("median", "mean", "abc", 55.0)]
    [20.0, 37.5, 20.0, 55.0]
    """
    if rule == "median":
        return float(np.median(values))
    if rule == "mean":
        return math.fsum(values) / len(values)
    if rule == "abc":
        return float(abc_thresholds(values, (cut,))[0])
    return float(rule)


def quadrant_codes(
    volume: FloatArray, profit: FloatArray, thresholds: tuple[float, float]
) -> IntArray:
    """Return the quadrant of each product as its place in `QUADRANTS`.

    Parameters
    ----------
    volume, profit : ndarray of shape (n_products,)
    thresholds : (float, float)
        Of volume and of profit: a product that reaches one is high.

    Returns
    -------
    ndarray of int of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> quadrant_codes(np.array([120.0, 100, 20, 40]), np.array([5.0, 10, -3, 25]), (100.0, 10.0))
    array([0, 1, 2, 3])
    """
    many, much = volume >= thresholds[0], profit >= thresholds[1]
    codes: IntArray = _CODES[many.astype(np.int64), much.astype(np.int64)]
    return codes


def whole_profit(volume: FloatArray, unit_profit: FloatArray) -> FloatArray:
    """Return volume times profit per unit; infinite where it is too large for a float.

    Examples
    --------
    >>> import numpy as np
    >>> whole_profit(np.array([10.0, 3.0]), np.array([0.5, -1.0]))
    array([ 5., -3.])
    """
    with np.errstate(over="ignore"):
        return volume * unit_profit


def quadrant_totals(
    codes: IntArray, volume: FloatArray, profit: FloatArray, total: FloatArray
) -> pd.DataFrame:
    """Return how many products each quadrant has, and what they sell and earn.

    Parameters
    ----------
    codes : ndarray of int of shape (n_products,)
    volume, profit : ndarray of shape (n_products,)
    total : ndarray of shape (n_products,)
        The whole profit of each product: its profit, or volume times profit per unit.

    Returns
    -------
    pandas.DataFrame of shape (4, 7)
        Index ``quadrant``, all four. Columns ``action``, ``products``, ``loss_making`` (how many of
        them), ``volume`` and ``profit`` (sums), ``volume_share`` and ``profit_share`` (NaN where
        the whole is not above zero). Sums are right to the last bit, in any order of the products.
    """
    groups = [codes == code for code in range(len(QUADRANTS))]
    sold = np.array([math.fsum(volume[group]) for group in groups])
    earned = np.array([math.fsum(total[group]) for group in groups])
    return pd.DataFrame(
        {
            "action": [one.action for one in QUADRANTS],
            "products": [int(group.sum()) for group in groups],
            "loss_making": [int((profit[group] < 0).sum()) for group in groups],
            "volume": sold,
            "profit": earned,
            "volume_share": _shares(sold),
            "profit_share": _shares(earned),
        },
        index=pd.Index([one.name for one in QUADRANTS], name="quadrant"),
    )


def shifted(threshold: float, share: float) -> float:
    """Return a threshold moved up by a share of its size, or down by a negative one.

    Examples
    --------
    >>> shifted(100.0, 0.5), shifted(-4.0, 0.5), shifted(-4.0, -0.5)
    (150.0, -2.0, -6.0)
    """
    return threshold + share * abs(threshold)


def shifted_quadrants(
    volume: FloatArray, profit: FloatArray, thresholds: tuple[float, float], shift: float
) -> pd.DataFrame:
    """Return how many products change quadrant where the thresholds move.

    Parameters
    ----------
    volume, profit : ndarray of shape (n_products,)
    thresholds : (float, float)
    shift : float
        Share by which they move, down and up, one alone and both.

    Returns
    -------
    pandas.DataFrame of shape (9, 6)
        Index ``volume_shift``, ``profit_shift``. Columns ``changed`` (products), ``changed_share``,
        and the number of products in ``Q1`` to ``Q4``.
    """
    base = quadrant_codes(volume, profit, thresholds)
    steps = (-shift, 0.0, shift)
    moves = [(a, b) for a in steps for b in steps]
    rows = []
    for a, b in moves:
        moved = (shifted(thresholds[0], a), shifted(thresholds[1], b))
        codes = quadrant_codes(volume, profit, moved)
        changed = int((codes != base).sum())
        counts = np.bincount(codes, minlength=len(QUADRANTS)).tolist()
        names = (one.name for one in QUADRANTS)
        rows.append(
            {
                "changed": changed,
                "changed_share": changed / len(codes),
                **dict(zip(names, counts, strict=True)),
            }
        )
    index = pd.MultiIndex.from_tuples(moves, names=["volume_shift", "profit_shift"])
    return pd.DataFrame(rows, index=index)


def is_near(values: FloatArray, threshold: float, shift: float) -> BoolArray:
    """Return which values change sides where the threshold moves by a share, up or down.

    Parameters
    ----------
    values : ndarray of shape (n_products,)
    threshold, shift : float

    Returns
    -------
    ndarray of bool of shape (n_products,)

    Examples
    --------
    >>> import numpy as np
    >>> is_near(np.array([89.0, 90.0, 100.0, 110.0]), 100.0, 0.1)
    array([False,  True,  True, False])
    """
    high = values >= threshold
    down, up = shifted(threshold, -shift), shifted(threshold, shift)
    near: BoolArray = (high != (values >= down)) | (high != (values >= up))
    return near


def _shares(parts: FloatArray) -> AnyArray:
    whole = math.fsum(parts)
    return parts / whole if whole > 0 else np.full(len(parts), np.nan)
