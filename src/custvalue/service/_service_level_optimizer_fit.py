"""What the curve form of ServiceLevelOptimizer learns of one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._estimator.persistence import persistent_value
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.service._service_level_optimizer_curves import (
    COEFFICIENTS,
    Curve,
    fit_curve,
    joint_covariance,
)
from custvalue.service._service_level_optimizer_input import Observations
from custvalue.service._service_level_optimizer_profit import Profit

_ROUNDING = 1e-12

__all__ = ["FittedCurves", "changed_profit", "fit_group", "profit_of"]


@persistent_value
@dataclass(frozen=True, slots=True)
class FittedCurves:
    """The curves of one group.

    Attributes
    ----------
    revenue_shape, cost_shape : str
        A shape, or "function" for one that the parameter holds.
    revenue, cost : ndarray of shape (k,)
        Coefficients.
    covariance : ndarray of shape (k, k)
        Of both, revenue first; zeros for those that were given.
    dof : int
        Rows less the coefficients of the larger curve that was fitted.
    lowest, highest : float
        Levels observed.
    n_rows : int
    revenue_rises : bool
        Whether the revenue observed rises with the level on the whole; True where it was given.
    """

    revenue_shape: str
    cost_shape: str
    revenue: FloatArray
    cost: FloatArray
    covariance: FloatArray
    dof: int
    lowest: float
    highest: float
    n_rows: int
    revenue_rises: bool = True


@dataclass(frozen=True, slots=True)
class _Rows:
    """Levels, revenues and costs of one group, sorted, so that sums do not depend on the order."""

    level: FloatArray
    revenue: FloatArray
    cost: FloatArray


def fit_group(
    rows: Observations, group: int, curves: tuple[Curve | str, Curve | str], columns: str
) -> FittedCurves:
    """Fit the curves of one group, but for those that were given.

    Parameters
    ----------
    rows : Observations
    group : int
        Its place in ``keys``.
    curves : tuple of two Curve or str
        Revenue and cost, given or to fit.
    columns : str
        The group for the message.

    Returns
    -------
    FittedCurves

    Raises
    ------
    DataError
        If there are fewer different levels than coefficients.
    """
    own = _sorted_rows(rows, group)
    asked = [len(COEFFICIENTS[curve]) for curve in curves if isinstance(curve, str)]
    distinct = len(np.unique(own.level))
    if distinct < max(asked, default=1):
        raise DataError(
            f"there must be at least {max(asked)} different service levels to fit the curves"
            f"{columns}; found {distinct} in {len(own.level)} row(s)"
        )
    money = (own.revenue, own.cost)
    fitted = [
        fit_curve(curve, own.level, values) if isinstance(curve, str) else curve
        for curve, values in zip(curves, money, strict=True)
    ]
    pair = fitted[0], fitted[1]
    return FittedCurves(
        pair[0].shape,
        pair[1].shape,
        pair[0].theta,
        pair[1].theta,
        joint_covariance(own.level, pair, money),
        len(own.level) - max(asked, default=0),
        float(own.level[0]),
        float(own.level[-1]),
        len(own.level),
        not isinstance(curves[0], str) or _rises(own.level, own.revenue),
    )


def profit_of(fitted: FittedCurves, given: tuple[Any, Any], limits: tuple[float, float]) -> Profit:
    """Return the profit of a group.

    Parameters
    ----------
    fitted : FittedCurves
    given : tuple of two
        The parameters, from which functions are taken.
    limits : tuple of two float

    Returns
    -------
    Profit
    """
    shapes = (fitted.revenue_shape, fitted.revenue), (fitted.cost_shape, fitted.cost)
    revenue, cost = (
        Curve(shape, theta, function if shape == "function" else None)
        for (shape, theta), function in zip(shapes, given, strict=True)
    )
    return Profit(revenue, cost, *limits)


def changed_profit(profit: Profit, changes: Mapping[str, float]) -> Profit:
    """Return the profit under the changes of a scenario.

    Parameters
    ----------
    profit : Profit
    changes : mapping of str to float
        Some of `CHANGES`.

    Returns
    -------
    Profit
    """
    revenue = profit.revenue.changed(
        factor=changes.get("revenue_factor", 1.0), shift=changes.get("revenue_shift", 0.0)
    )
    cost = profit.cost.changed(
        factor=changes.get("cost_factor", 1.0),
        shift=changes.get("cost_shift", 0.0),
        fixed=changes.get("fixed_cost", 0.0),
    )
    return Profit(revenue, cost, profit.low, profit.high)


def _rises(level: FloatArray, money: FloatArray) -> bool:
    """Return whether a straight line through the money has a slope above rounding."""
    together = float((level - level.mean()) @ (money / (np.abs(money).max() or 1.0)))
    return together > _ROUNDING * len(level) * float(np.ptp(level))


def _sorted_rows(rows: Observations, group: int) -> _Rows:
    mine = rows.codes == group
    columns = [column[mine] if len(column) else column for column in (rows.revenue, rows.cost)]
    level = rows.level[mine]
    keys = [column for column in (*columns[::-1], level) if len(column)]
    order = np.lexsort(keys)
    return _Rows(level[order], *(column[order] if len(column) else column for column in columns))
