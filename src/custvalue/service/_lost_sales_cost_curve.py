"""Total logistics cost over the level of service: direct cost plus hidden cost, and its minimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain
from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost import INDEPENDENT, Exposure, chance_of_leaving
from custvalue.service._lost_sales_cost_report import Losses, exact_sum

__all__ = [
    "TotalCostCurve",
    "failure_multiples",
    "hidden_costs",
    "present_service_level",
    "read_direct_cost",
    "read_levels",
    "total_cost_curve",
]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class TotalCostCurve:
    """Costs by level of service, and where their sum is lowest.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``service_level``, ascending; columns ``direct_cost``, ``hidden_cost`` and
        ``total_cost``.
    service_level : float
        The level of lowest total cost; the lowest of them where several have it.
    total_cost : float
        The cost there.
    at_end : {"lowest", "highest"} or None
        Whether that level is an end of those given, so that the true minimum may lie beyond.
    n_minima : int
        Number of valleys of the total cost. Where it is more than 1, the curve is not convex.
    """

    table: pd.DataFrame
    service_level: float
    total_cost: float
    at_end: str | None
    n_minima: int

    @property
    def doubts(self) -> list[str]:
        """What to tell whoever takes the level for the best of all."""
        found = []
        if self.at_end is not None:
            beyond = self.service_level not in (0.0, 1.0)
            more = "; a level beyond may cost less" if beyond else ", a corner"
            found.append(
                f"the total cost is lowest at the {self.at_end} of the service levels given, "
                f"{self.service_level:g}{more}"
            )
        if self.n_minima > 1:
            found.append(
                f"the total cost has {self.n_minima} separate minima; the lowest is at "
                f"{self.service_level:g}"
            )
        return found


def total_cost_curve(levels: FloatArray, direct: FloatArray, hidden: FloatArray) -> TotalCostCurve:
    """Add direct and hidden cost and find the lowest sum.

    Parameters
    ----------
    levels : ndarray of shape (n_levels,)
        Ascending.
    direct, hidden : ndarray of shape (n_levels,)

    Returns
    -------
    TotalCostCurve
        Costs that differ by less than 1e-12 of themselves count as equal.

    Raises
    ------
    ValueError
        If a sum is beyond the largest number.

    Examples
    --------
    >>> import numpy as np
    >>> curve = total_cost_curve(
    ...     np.array([0.90, 0.95, 0.99]), np.array([10.0, 20.0, 60.0]), np.array([40.0, 20.0, 4.0])
    ... )
    >>> curve.service_level, curve.total_cost, curve.at_end
    (0.95, 40.0, None)
    """
    with np.errstate(over="ignore"):
        total = direct + hidden
    if not np.isfinite(total).all():
        raise ValueError(
            "direct_cost and the hidden cost must have a sum below the largest number; found "
            f"{direct.max():g} and {hidden.max():g}: take a larger unit of currency"
        )
    slack = _tolerances(direct, hidden)
    best = _lowest(total, slack)
    ends = {0: "lowest", len(levels) - 1: "highest"}
    table = pd.DataFrame(
        {"direct_cost": direct, "hidden_cost": hidden, "total_cost": total},
        index=pd.Index(levels, name="service_level"),
    )
    return TotalCostCurve(
        table, float(levels[best]), float(total[best]), ends.get(best), _valleys(total, slack)
    )


def hidden_costs(
    losses: Losses, weights: FloatArray, multiples: FloatArray, *, counted: bool
) -> FloatArray:
    """Return the total hidden cost if there were other numbers of failures.

    Each failure counted happens with probability u where u times as many are expected, u at most
    1. Beyond, the table does not tell whom else the failures would hit: u times as many customers
    are hit, and cost what those hit now cost, until all customers are hit; from there on each of
    them meets more failures. Expected failures have u times their rate, at most 1 per order.

    Parameters
    ----------
    losses : Losses
    weights : ndarray of shape (n_customers,)
    multiples : ndarray of shape (n_multiples,)
        u, at least 0.
    counted : bool
        Whether failures were counted.

    Returns
    -------
    ndarray of shape (n_multiples,)
    """
    exposure = losses.exposure
    width = exposure.times.shape[1]
    p = np.broadcast_to(losses.p, exposure.times.shape)
    most = _most_customers(exposure, weights)
    matrix = np.column_stack([exposure.times, exposure.chance, p])
    rows = compress_rows(*matrix.T, weights=weights * losses.at_stake)
    times, chance, p = np.split(np.column_stack(rows.columns), [width, 2 * width], axis=1)
    costs = []
    for multiple in multiples.tolist():
        if counted and multiple > 1:
            more = min(multiple, most)
            leavers = more * _hit_again(times, p, losses.repeated, multiple / more)
        else:
            rate = np.minimum(chance * multiple, 1.0)
            leavers = chance_of_leaving(Exposure(times, rate), p, losses.repeated)
        costs.append(float(leavers @ rows.weights))
    return np.array(costs)


def present_service_level(exposure: Exposure, orders: FloatArray, weights: FloatArray) -> float:
    """Return 1 minus failures per order.

    Parameters
    ----------
    exposure : Exposure
    orders, weights : ndarray of shape (n_customers,)

    Returns
    -------
    float

    Raises
    ------
    DataError
        If there are more failures than orders.
    """
    failures = exact_sum(weights * exposure.failures.sum(axis=1))
    number = exact_sum(weights * orders)
    if failures > number:
        raise DataError(
            "failures must not be more than orders to tell the present level of service; found "
            f"{failures:g} failures and {number:g} orders: give present_level"
        )
    return 1 - failures / number if number > 0 else 1.0


def failure_multiples(levels: FloatArray, present: Any) -> FloatArray:
    """Return how many times the present failures there are at levels of service.

    Parameters
    ----------
    levels : ndarray of shape (n_levels,)
    present : float

    Returns
    -------
    ndarray of shape (n_levels,)

    Raises
    ------
    ValueError
        If the present level is not from 0 to less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> failure_multiples(np.array([0.90, 0.95, 1.0]), 0.95).round(12)
    array([2., 1., 0.])
    """
    if not isinstance(present, Real) or isinstance(present, bool) or not 0 <= float(present) < 1:
        raise ValueError(
            "present_level must be from 0 to less than 1, where the failures of X happened; found "
            f"{plain(present)}"
        )
    return np.asarray((1 - levels) / (1 - float(present)))


def read_levels(service_levels: Any) -> FloatArray:
    """Return levels of service as an array.

    Raises
    ------
    ValueError
        If they are not different numbers from 0 to 1, at least two.
    """
    levels = _numbers(service_levels, "service_levels")
    if levels.ndim != 1 or len(levels) < 2 or len(np.unique(levels)) < len(levels):
        raise ValueError(
            "service_levels must be a row of at least two different levels; "
            f"found {service_levels!r}"
        )
    wrong = ~((levels >= 0) & (levels <= 1))
    if wrong.any():
        raise ValueError(
            "service_levels must be from 0 to 1, as 0.95 for 95 %; "
            f"found {levels[wrong][0]:g} ({int(wrong.sum())} such)"
        )
    return levels


def read_direct_cost(direct_cost: Any, levels: FloatArray) -> FloatArray:
    """Return the direct cost at each level.

    Parameters
    ----------
    direct_cost : callable or array-like of shape (n_levels,)
        A callable takes the levels.
    levels : ndarray of shape (n_levels,)

    Returns
    -------
    ndarray of shape (n_levels,)

    Raises
    ------
    ValueError
        If there is not one finite number a level.
    """
    given: Callable[[FloatArray], Any] | Any = direct_cost
    costs = _numbers(given(levels) if callable(given) else given, "direct_cost")
    if costs.shape != levels.shape or not np.isfinite(costs).all():
        raise ValueError(
            f"direct_cost must give one finite number for each of the {len(levels)} service "
            f"levels; found {costs!r}"
        )
    return costs


def _numbers(given: Any, name: str) -> FloatArray:
    try:
        values = np.asarray(given)
        if values.dtype.kind in "USbcmM":
            raise TypeError(values.dtype)
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a row of numbers; found {given!r}") from error


def _most_customers(exposure: Exposure, weights: FloatArray) -> float:
    """Return how many times the customers hit there are customers."""
    hit = exact_sum(weights * _hit(exposure))
    return max(1.0, exact_sum(weights) / hit) if hit > 0 else 1.0


def _hit(exposure: Exposure) -> FloatArray:
    """Return the probability of any failure."""
    return chance_of_leaving(exposure, np.ones(exposure.times.shape[1]), INDEPENDENT)


def _hit_again(times: FloatArray, p: FloatArray, repeated: str, more: float) -> FloatArray:
    """Return the probability of leaving if those hit met so many times their failures.

    A part of a failure is the chance of being hit: it does not grow, the failures of those hit do.
    """
    ones = np.ones_like(times)
    now = Exposure(times, ones)
    leavers = chance_of_leaving(now, p, repeated)
    if more == 1:
        return leavers
    hit = _hit(now)
    each = times / np.where(hit > 0, hit, 1.0)[:, None]
    once, often = (
        chance_of_leaving(Exposure(factor * each, ones), p, repeated) for factor in (1.0, more)
    )
    grown: FloatArray = leavers * often / np.where(once > 0, once, 1.0)
    return np.minimum(grown, hit)


def _tolerances(direct: FloatArray, hidden: FloatArray) -> FloatArray:
    """Return what two total costs may differ by rounding alone."""
    return np.asarray(_ROUNDING * (np.abs(direct) + np.abs(hidden)))


def _lowest(total: FloatArray, slack: FloatArray) -> int:
    """Return the place of the lowest total; the first of those equal but for rounding."""
    best = int(np.argmin(total))
    return int(np.argmax(total <= total[best] + slack[best]))


def _valleys(total: FloatArray, slack: FloatArray) -> int:
    """Count the places lower than what is beside them; a level stretch is one place."""
    heights = [float(total[0])]
    for height, near in zip(total[1:].tolist(), slack[1:].tolist(), strict=True):
        if abs(height - heights[-1]) > near:
            heights.append(height)
    walled = np.r_[np.inf, heights, np.inf]
    return int(((walled[1:-1] < walled[:-2]) & (walled[1:-1] < walled[2:])).sum())
