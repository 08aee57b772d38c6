"""How unevenly a total is shared: the Lorenz curve and the figures read from it.

Negative values (a customer who cost more than they brought) are taken as they are: every share is
a share of the net total. The curve then dips below zero before it climbs, and the Gini coefficient
can exceed 1. A net total of zero or less has no shares and is refused, unless every value is zero:
then all have the same, and the curve is the line of equality.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["LorenzCurve", "gini", "lorenz_curve", "top_share"]


class LorenzCurve(NamedTuple):
    """What share of the total the poorest share of the population holds.

    Attributes
    ----------
    population_share : ndarray of shape (n_points,)
        From 0 to 1, ascending, poorest first.
    value_share : ndarray of shape (n_points,)
        From 0 to 1; straight lines join the points.
    """

    population_share: FloatArray
    value_share: FloatArray


def lorenz_curve(values: FloatArray, weights: FloatArray | None = None) -> LorenzCurve:
    """Return the Lorenz curve, which starts at (0, 0) and ends at (1, 1).

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        What each member holds, such as the value of a customer; finite. Negative values are taken
        as they are, see the module's rule.
    weights : ndarray of shape (n_values,), optional
        How many members each value stands for; at least 0, not all 0.

    Returns
    -------
    LorenzCurve
        ``n_values + 1`` points, fewer where a weight is 0.

    Raises
    ------
    ValueError
        If there is no member, or the values have a net total of zero or less and are not all zero.

    Examples
    --------
    >>> import numpy as np
    >>> curve = lorenz_curve(np.array([30.0, 0.0, 10.0, 10.0]))
    >>> curve.population_share
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> curve.value_share
    array([0. , 0. , 0.2, 0.4, 1. ])
    """
    values, weights = _members(values, weights)
    order = np.argsort(values, kind="stable")
    people = np.cumsum(weights[order])
    population_share = np.concatenate([[0.0], people / people[-1]])
    scale = np.abs(values).max()
    if scale == 0.0:
        return LorenzCurve(population_share, population_share.copy())
    held = np.cumsum((values / scale * weights)[order])
    if held[-1] <= 0.0:
        raise ValueError(
            "values must have a net total above zero to be shared out; "
            f"found {held[-1] * scale} over {len(values)} values"
        )
    return LorenzCurve(population_share, np.concatenate([[0.0], held / held[-1]]))


def gini(values: FloatArray, weights: FloatArray | None = None) -> float:
    """Return the Gini coefficient: twice the area between the Lorenz curve and equality.

    0 where all hold the same, 1 - 1/n where one of n members holds everything; above that only
    where values are negative. Nothing is corrected for small samples.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    weights : ndarray of shape (n_values,), optional

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `lorenz_curve`.

    Examples
    --------
    >>> import numpy as np
    >>> round(gini(np.array([0.0, 0.0, 0.0, 8.0])), 12)
    0.75
    """
    x, y = lorenz_curve(values, weights)
    return max(0.0, float(1.0 - np.sum(np.diff(x) * (y[1:] + y[:-1]))))


def top_share(values: FloatArray, share: float, weights: FloatArray | None = None) -> float:
    """Return the share of the total that the richest share of the population holds.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    share : float
        Share of the population, from 0 to 1. Part of a member holds that part of their value.
    weights : ndarray of shape (n_values,), optional

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `lorenz_curve`.

    Examples
    --------
    >>> import numpy as np
    >>> round(top_share(np.array([60.0, 10.0, 10.0, 10.0, 10.0]), 0.2), 12)
    0.6
    """
    x, y = lorenz_curve(values, weights)
    return float(1.0 - np.interp(1.0 - share, x, y))


def _members(values: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Return values and weights of those who count, weights scaled to at most 1."""
    if weights is None:
        weights = np.ones(len(values))
    counted = weights > 0
    if not counted.any():
        raise ValueError(f"values must hold at least one member; found {len(values)} of weight 0")
    return values[counted], weights[counted] / weights.max()
