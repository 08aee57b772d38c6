"""Where revenue less cost is largest, how sure that is, and what moves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import t as student

from custvalue._typing import FloatArray
from custvalue.service._service_level_optimizer_curves import Curve

__all__ = ["Elasticities", "Optimum", "Profit", "elasticities", "find_optimum", "optimum_interval"]

_GRID = 2001
_INSIDE = 1e-9
_FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Profit:
    """Revenue less cost over a range of service levels.

    Parameters
    ----------
    revenue, cost : Curve
    low, high : float
        The range, both ends allowed.
    """

    revenue: Curve
    cost: Curve
    low: float
    high: float

    def value(self, s: FloatArray) -> FloatArray:
        """Return the profit at levels of shape (m,)."""
        return self.revenue.value(s) - self.cost.value(s)

    def slope(self, s: FloatArray) -> FloatArray:
        """Return what one more unit of service level earns."""
        return self.revenue.slope(s) - self.cost.slope(s)

    def curvature(self, s: FloatArray) -> FloatArray:
        """Return the second derivative in the level."""
        return self.revenue.curvature(s) - self.cost.curvature(s)

    def gradient(self, s: FloatArray) -> FloatArray:
        """Return the derivatives of the profit in all coefficients, of shape (m, k)."""
        return np.hstack([self.revenue.gradient(s), -self.cost.gradient(s)])

    def slope_gradient(self, s: FloatArray) -> FloatArray:
        """Return the derivatives of the slope in all coefficients, of shape (m, k)."""
        return np.hstack([self.revenue.slope_gradient(s), -self.cost.slope_gradient(s)])

    @property
    def grid(self) -> FloatArray:
        """Levels from the lowest to the highest."""
        return np.linspace(self.low, self.high, _GRID)


@dataclass(frozen=True, slots=True)
class Optimum:
    """The highest of the local maxima.

    Attributes
    ----------
    level, profit : float
    place : {"inside", "lower end", "upper end"}
    maxima : ndarray of shape (n_maxima,)
        Levels of all local maxima, ends of the range among them, from low to high.
    concave : bool
        Whether the slope of the profit never grows.
    flat : bool
        Whether the profit is the same over the whole range, up to rounding.
    """

    level: float
    profit: float
    place: str
    maxima: FloatArray
    concave: bool
    flat: bool


@dataclass(frozen=True, slots=True)
class Elasticities:
    """By how many per cent optimum and profit there change if an input grows by 1 %.

    Attributes
    ----------
    inputs : tuple of str
        "revenue" and "cost", the heights of the curves, then their coefficients.
    values : ndarray of shape (n_inputs,)
        The inputs; NaN for the heights.
    level, profit : ndarray of shape (n_inputs,)
    """

    inputs: tuple[str, ...]
    values: FloatArray
    level: FloatArray
    profit: FloatArray


def find_optimum(profit: Profit) -> Optimum:
    """Find all local maxima on a grid of 2,001 levels, sharpen them, and take the highest.

    Parameters
    ----------
    profit : Profit

    Returns
    -------
    Optimum

    Raises
    ------
    ValueError
        If the profit is NaN somewhere, or infinite above.

    Examples
    --------
    >>> import numpy as np
    >>> revenue, cost = Curve("power", np.array([0.5, 0.5])), Curve("power", np.array([0.00055, 2]))
    >>> round(find_optimum(Profit(revenue, cost, 0, 100)).level, 4)
    37.2419
    """
    grid = profit.grid
    values = profit.value(grid)
    if np.isnan(values).any() or np.isposinf(values).any():
        bad = int(np.argmax(np.isnan(values) | np.isposinf(values)))
        raise ValueError(
            "revenue_curve and cost_curve must give a finite profit over the whole range of "
            f"service levels; found {values[bad]} at {grid[bad]:g}"
        )
    flat = _is_flat(profit, values)
    places = [profit.low] if flat else [_sharpened(profit, grid, i) for i in _peaks(values)]
    maxima = np.unique(np.array(places, dtype=np.float64))
    heights = profit.value(maxima)
    best = int(np.argmax(heights))
    level = float(maxima[best])
    place = {profit.low: "lower end", profit.high: "upper end"}.get(level, "inside")
    return Optimum(level, float(heights[best]), place, maxima, _is_concave(values), flat)


def optimum_interval(
    profit: Profit, optimum: Optimum, covariance: FloatArray, dof: int, level: float
) -> FloatArray:
    """Return the levels around the optimum at which the slope of the profit may be zero.

    Below the lower end the profit rises and above the upper end it falls, both beyond chance: the
    slope there is further from zero than t standard errors (as Fieller's set is made). An end of
    the range stands where the data do not tell, or where the optimum is that end.

    Parameters
    ----------
    profit : Profit
    optimum : Optimum
    covariance : ndarray of shape (k, k)
        Of all coefficients.
    dof : int
        Degrees of freedom of t.
    level : float
        Coverage.

    Returns
    -------
    ndarray of shape (2,)
        NaN where there is no covariance; the optimum twice where there is nothing uncertain.
    """
    if not covariance.any():
        return np.full(2, optimum.level)
    if dof < 1 or not np.isfinite(covariance).all():
        return np.full(2, np.nan)
    s = np.unique(np.append(_inner(profit), optimum.level))
    G = profit.slope_gradient(s)
    spread = float(student.ppf((1 + level) / 2, dof)) * np.sqrt(
        np.maximum(np.einsum("ij,jk,ik->i", G, covariance, G), 0.0)
    )
    slope = profit.slope(s)
    lower = _last_crossing(s[s <= optimum.level], (slope - spread)[s <= optimum.level], profit.low)
    right = s >= optimum.level
    upper = -_last_crossing(-s[right][::-1], -(slope + spread)[right][::-1], -profit.high)
    return np.array([min(lower, optimum.level), max(upper, optimum.level)])


def elasticities(profit: Profit, optimum: Optimum) -> Elasticities:
    """Differentiate the optimum and its profit by the heights and coefficients of the curves.

    Inside the range ds*/dx = -(d slope / dx) / curvature; at an end the optimum does not move. The
    profit changes as at a fixed level (envelope theorem).

    Parameters
    ----------
    profit : Profit
    optimum : Optimum

    Returns
    -------
    Elasticities
    """
    s = np.array([optimum.level])
    theta = np.concatenate([profit.revenue.theta, profit.cost.theta])
    heights = np.array([profit.revenue.value(s)[0], -profit.cost.value(s)[0]])
    by_value = np.concatenate([heights, profit.gradient(s)[0] * theta])
    by_slope = np.zeros_like(by_value)
    if optimum.place == "inside":
        slopes = np.array([profit.revenue.slope(s)[0], -profit.cost.slope(s)[0]])
        pushed = np.concatenate([slopes, profit.slope_gradient(s)[0] * theta])
        with np.errstate(divide="ignore", invalid="ignore"):
            by_slope = -pushed / (profit.curvature(s)[0] * optimum.level)
    names = ("revenue", "cost", *_named("revenue", profit.revenue), *_named("cost", profit.cost))
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = by_value / optimum.profit
    values = np.concatenate([[np.nan, np.nan], theta])
    return Elasticities(names, values, by_slope, gained)


def _named(name: str, curve: Curve) -> tuple[str, ...]:
    return tuple(f"{name} {letter}" for letter in "abc"[: len(curve.theta)])


def _peaks(values: FloatArray) -> list[int]:
    """Return the places of local maxima; of a level stretch the first place, if nothing is higher.

    Differences at rounding level are none.
    """
    finite = values[np.isfinite(values)]
    noise = 8 * np.finfo(float).eps * float(np.abs(finite).max())
    with np.errstate(invalid="ignore"):
        steps = np.nan_to_num(np.diff(values), nan=0.0)
    signs = np.where(np.abs(steps) <= noise, 0, np.sign(steps))
    moving = np.flatnonzero(signs)
    if not len(moving):
        return [0]
    peaks = [0] if signs[moving[0]] < 0 else []
    falls = (signs[moving[:-1]] > 0) & (signs[moving[1:]] < 0)
    peaks += (moving[:-1][falls] + 1).tolist()
    return [*peaks, len(values) - 1] if signs[moving[-1]] > 0 else peaks


def _sharpened(profit: Profit, grid: FloatArray, i: int) -> float:
    """Return the root of the slope beside a place of the grid, or that place."""
    width = float(grid[-1] - grid[0])
    low = float(grid[i - 1]) if i > 0 else profit.low + _INSIDE * width
    high = float(grid[i + 1]) if i < len(grid) - 1 else profit.high - _INSIDE * width

    def slope(s: float) -> float:
        return float(profit.slope(np.array([s]))[0])

    with np.errstate(invalid="ignore"):
        ends = slope(low), slope(high)
    if ends[0] > 0 > ends[1]:
        return float(brentq(slope, low, high, xtol=1e-14 * width, rtol=1e-14))
    return float(grid[i])


def _is_flat(profit: Profit, values: FloatArray) -> bool:
    money = np.abs(np.concatenate([profit.revenue.value(profit.grid), values]))
    size = float(money[np.isfinite(money)].max())
    return bool(np.isfinite(values).all() and np.ptp(values) <= _FLAT * size)


def _is_concave(values: FloatArray) -> bool:
    finite = values[np.isfinite(values)]
    return bool((np.diff(finite, 2) <= _FLAT * np.ptp(finite)).all())


def _inner(profit: Profit) -> FloatArray:
    """Return the grid without its very ends, where slopes may be infinite."""
    inset = _INSIDE * (profit.high - profit.low)
    return np.clip(profit.grid, profit.low + inset, profit.high - inset)


def _last_crossing(s: FloatArray, margin: FloatArray, end: float) -> float:
    """Return the last place, from low to high, where the margin is above 0; ``end`` without one."""
    above = np.flatnonzero(margin > 0)
    if not len(above):
        return end
    i = int(above[-1])
    if i == len(s) - 1:
        return float(s[i])
    share = margin[i] / (margin[i] - margin[i + 1])
    return float(s[i] + share * (s[i + 1] - s[i]))
