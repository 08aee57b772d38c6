"""The mathematics of stock and service: alpha = P(D <= x), beta = 1 - n(x) / Q.

D is the demand over the protected time, x the reorder point, n(x) = E[max(D - x, 0)] the shortage
that a replenishment cycle is expected to see, Q what is ordered in a cycle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._numerics.lead_time_demand import (
    CountDemand,
    EmpiricalDemand,
    GammaDemand,
    LeadTimeDemand,
    NormalDemand,
    lead_time_moments,
)
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray

__all__ = [
    "Items",
    "ServiceLevels",
    "as_columns",
    "blocks",
    "demand_law",
    "legible",
    "pooled_shape",
    "service_of_stock",
    "service_sums",
    "standard_levels",
    "stock_for_target",
    "window_length",
]

_BLOCK_ROWS = 16_384
_SHAPE_POINTS = 1000
_SHAPE_DECIMALS = 6
_NO_VARIANCE = 1e-9
_LEGIBLE_FROM = 0.99


@dataclass(frozen=True, slots=True)
class Items:
    """What is known of each item, arrays of shape (n_items,).

    Attributes
    ----------
    mean, sd : ndarray
        Of the demand of one period.
    time, time_sd : ndarray
        Of the protected time (lead time and review period), in periods.
    order_quantity : ndarray or None
    history : ndarray of shape (n_items, n_periods) or None
        Demand of past periods.
    """

    mean: FloatArray
    sd: FloatArray
    time: FloatArray
    time_sd: FloatArray
    order_quantity: FloatArray | None = None
    history: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.mean)

    def take(self, rows: BoolArray | IntArray | slice) -> Items:
        """Return some of the items."""
        quantity = None if self.order_quantity is None else self.order_quantity[rows]
        history = None if self.history is None else self.history[rows]
        columns = (self.mean[rows], self.sd[rows], self.time[rows], self.time_sd[rows])
        return Items(*columns, quantity, history)


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """What a stock gives, arrays of shape (n_items,); the names are those of the output."""

    cycle_service_level: FloatArray
    fill_rate: FloatArray
    safety_stock: FloatArray
    reorder_point: FloatArray
    expected_shortage: FloatArray


def as_columns(parts: Sequence[tuple[IntArray, ServiceLevels]], count: int) -> dict[str, AnyArray]:
    """Return the levels of blocks of items as columns of all items."""
    columns = {name: np.empty(count) for name in ServiceLevels.__slots__}
    for rows, levels in parts:
        for name, values in columns.items():
            values[rows] = getattr(levels, name)
    return columns


def blocks(items: Items, *, by_window: bool) -> Iterator[IntArray]:
    """Yield which items to work on at once: few enough, and with windows of one length.

    Parameters
    ----------
    items : Items
    by_window : bool
        Whether the demand is cut into windows.

    Yields
    ------
    ndarray of int
    """
    lengths = window_length(items.time) if by_window else np.zeros(len(items), dtype=np.int64)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), _BLOCK_ROWS):
            yield rows[start : start + _BLOCK_ROWS]


def window_length(time: FloatArray) -> IntArray:
    """Return how many whole periods stand for the protected time: the nearest, at least one.

    Examples
    --------
    >>> window_length(np.array([0.0, 1.4, 2.5]))
    array([1, 1, 3])
    """
    return np.maximum(np.floor(time + 0.5), 1).astype(np.int64)


def demand_law(items: Items, demand: str, shape: FloatArray | None = None) -> LeadTimeDemand:
    """Return the law of the demand over the protected time.

    A Poisson demand over a time that varies as a gamma law is negative binomial, exactly.

    Parameters
    ----------
    items : Items
        For "empirical" with windows of one length.
    demand : {"normal", "gamma", "poisson", "negative_binomial", "empirical"}
    shape : ndarray of shape (n_points,), optional
        Points of the pooled shape, for "empirical".

    Returns
    -------
    LeadTimeDemand
    """
    if demand == "empirical":
        return _empirical_law(items, shape)
    sd = np.sqrt(items.mean) if demand == "poisson" else items.sd
    moments = lead_time_moments(items.mean, sd, items.time, items.time_sd)
    if demand in ("poisson", "negative_binomial"):
        return CountDemand.from_moments(*moments)
    return NormalDemand(*moments) if demand == "normal" else GammaDemand(*moments)


def pooled_shape(items: Items) -> FloatArray:
    """Return what the demand of all items over the protected time looks like from outside.

    Every window of every item is compared with what the other periods of that item let expect: its
    sum less the mean that they give, over the standard deviation that they give. So the shape holds
    the error of the two as well, and what it covers it covers of new demand too. All are thrown
    together; at most a thousand quantiles are kept, rounded.

    Parameters
    ----------
    items : Items
        With more periods of history than a window and two.

    Returns
    -------
    ndarray of shape (n_points,)
        Sorted; a single 0 where no demand varies.
    """
    parts = [_surprises(items.take(rows)) for rows in blocks(items, by_window=True)]
    points = np.sort(np.concatenate(parts))
    if not len(points):
        return np.zeros(1)
    if len(points) > _SHAPE_POINTS:
        points = np.quantile(points, (np.arange(_SHAPE_POINTS) + 0.5) / _SHAPE_POINTS)
    return np.asarray(np.round(points, _SHAPE_DECIMALS))


def service_of_stock(
    law: LeadTimeDemand, stock: FloatArray, items: Items, *, backorders: bool
) -> ServiceLevels:
    """Return what a stock gives.

    Parameters
    ----------
    law : LeadTimeDemand
    stock : ndarray of shape (n_items,)
        The reorder point.
    items : Items
    backorders : bool
        Customers wait for what is missing: beta = 1 - n / Q. Otherwise the sale is lost and a cycle
        sees the demand Q + n: beta = Q / (Q + n).

    Returns
    -------
    ServiceLevels
        The fill rate is NaN without an order quantity and where there is no demand; it is 0 where
        the shortage of a cycle exceeds the order.
    """
    shortage = law.expected_shortage(stock)
    fill = np.full(len(stock), np.nan)
    if items.order_quantity is not None:
        quantity = items.order_quantity
        share = 1 - shortage / quantity if backorders else quantity / (quantity + shortage)
        fill = np.where(items.mean > 0, np.maximum(share, 0.0), np.nan)
    level = law.cycle_service_level(stock)
    return ServiceLevels(level, fill, stock - law.mean, stock, shortage)


def stock_for_target(
    law: LeadTimeDemand, target: FloatArray, items: Items, *, measure: str, backorders: bool
) -> FloatArray:
    """Return the smallest reorder point that reaches a target.

    Parameters
    ----------
    law : LeadTimeDemand
    target : ndarray of shape (n_items,)
        Above 0, at most 1.
    items : Items
    measure : {"cycle", "fill_rate"}
        What the target is a target of; "fill_rate" needs order quantities.
    backorders : bool

    Returns
    -------
    ndarray of shape (n_items,)
        Infinite where no stock reaches it.
    """
    if measure == "cycle":
        return law.stock_for_level(target)
    quantity = np.asarray(items.order_quantity)
    # The reverse of the two fill rates in `service_of_stock`.
    allowed = (1 - target) * quantity / (1.0 if backorders else target)
    stock = law.stock_for_shortage(allowed)
    # Where there is no demand there is nothing to fill, and no stock to lower for it.
    return np.where(items.mean > 0, stock, law.mean)


def service_sums(parts: Sequence[ServiceLevels], items: Items) -> dict[str, float]:
    """Return one line over all items: sums of stock and shortage, means of the levels.

    The fill rate is weighted by the demand of a period, so that it is the share of all units.
    """

    def column(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts])

    fill, demand = column("fill_rate"), items.mean
    some = ~np.isnan(fill)
    weight = demand[some].sum()
    return {
        "safety_stock": float(column("safety_stock").sum()),
        "cycle_service_level": float(column("cycle_service_level").mean()),
        "fill_rate": float((fill[some] * demand[some]).sum() / weight) if weight else np.nan,
        "expected_shortage": float(column("expected_shortage").sum()),
    }


def standard_levels(multiples: FloatArray) -> pd.DataFrame:
    """Return the cycle service level of normal demand by multiples of the standard deviation."""
    one = np.ones(len(multiples))
    level = NormalDemand(0 * one, one).cycle_service_level(multiples)
    rounded = [round(value, legible(value) + 2) for value in level.tolist()]
    index = pd.Index(multiples, name="multiple")
    return pd.DataFrame({"cycle_service_level": level, "rounded": rounded}, index=index)


def legible(level: float) -> int:
    """Return how many decimals of a percentage show a level that is not 1 as less than 100 %.

    Examples
    --------
    >>> [legible(level) for level in (0.5, 0.9772, 0.99865, 0.99997, 1.0)]
    [0, 0, 1, 3, 0]
    """
    if not _LEGIBLE_FROM < level < 1:
        return 0
    return max(int(np.ceil(-np.log10(1 - level))) - 2, 0)


def _empirical_law(items: Items, shape: FloatArray | None) -> EmpiricalDemand:
    if shape is None:
        return _windows(items)
    moments = lead_time_moments(items.mean, items.sd, items.time, items.time_sd)
    return EmpiricalDemand(*moments, shape[None, :])


def _windows(items: Items) -> EmpiricalDemand:
    """Return the law of the sums over overlapping windows of the history.

    Where the protected time is not a whole number of periods, mean and variance are scaled to it;
    where it varies, d^2 s_L^2 is added to the variance.
    """
    history = np.asarray(items.history, dtype=np.float64)
    length = int(window_length(items.time)[0])
    view = np.lib.stride_tricks.sliding_window_view(history, length, axis=1)
    sums = np.sort(view.sum(axis=2), axis=1)
    mean, sd = sums.mean(axis=1), sums.std(axis=1)
    varies = np.asarray(sums[:, -1] > sums[:, 0])
    points = (sums - mean[:, None]) / np.where(varies, sd, 1.0)[:, None]
    ratio = items.time / length
    spread = np.where(varies, sd * np.sqrt(ratio), 0.0)
    total = np.sqrt(spread**2 + (mean / length * items.time_sd) ** 2)
    return EmpiricalDemand(mean * ratio, total, np.where(varies[:, None], points, 0.0))


def _surprises(items: Items) -> FloatArray:
    """Return each window's sum as the other periods of its item see it, in a flat array."""
    history = np.asarray(items.history, dtype=np.float64)
    length = int(window_length(items.time)[0])
    # From the mean on, so that the squares below lose no digits.
    centred = history - history.mean(axis=1)[:, None]
    view = np.lib.stride_tricks.sliding_window_view
    inside = view(centred, length, axis=1).sum(axis=2)
    squares = view(centred**2, length, axis=1).sum(axis=2)
    others = history.shape[1] - length
    mean = -inside / others
    variance = ((centred**2).sum(axis=1)[:, None] - squares - others * mean**2) / (others - 1)
    known = variance > _NO_VARIANCE * history.var(axis=1)[:, None]
    sd = np.sqrt(length * np.where(known, variance, 1.0))
    return np.asarray(((inside - length * mean) / sd)[known])
