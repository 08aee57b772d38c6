"""The share of customers whom failures drove away, of those who would have stayed without them.

With retention r1 after a failure and r0 without one the share is 1 - r1 / r0. It is free of the
customers who leave for other reasons: where failures keep 1 - p of them, r1 = r0 (1 - p).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_retention import Group, comparable

__all__ = ["DrivenAway", "driven_away", "mover_ratio_interval"]


@dataclass(frozen=True, slots=True)
class DrivenAway:
    """Share of customers driven away, of those who would have stayed.

    Attributes
    ----------
    value, lower, upper : float
        Negative where customers with a failure stayed more.
    customers : float
        Customers in the strata that were compared.
    """

    value: float
    lower: float
    upper: float
    customers: float


def driven_away(
    without: list[Group], with_failure: list[Group], level: float, *, counted: bool
) -> DrivenAway:
    """Return 1 minus the ratio of retention with a failure to that without, within strata.

    The ratio is that of Mantel and Haenszel, sum(x1 n0 / n) / sum(x0 n1 / n) with x of n customers
    retained. Of one stratum with counted customers the interval is `mover_ratio_interval`. Of more
    it is exp(log ratio -+ z s) with the variance of Greenland and Robins (1985, Biometrics 41,
    55-68), ::

        s^2 = sum((n1 n0 (x1 + x0) - x1 x0 n) / n^2) / (sum(x1 n0 / n) sum(x0 n1 / n))

    which says nothing where nobody with a failure stayed, or everybody: there the interval is that
    of all compared customers thrown together. Of probabilities it is exp(log ratio -+ t s) with
    s^2 = v1 / r1^2 + v0 / r0^2 of the weighted means and Satterthwaite's degrees of freedom.

    Parameters
    ----------
    without, with_failure : list of Group
        One of each a stratum, some of them with customers of both kinds.
    level : float
    counted : bool
        Whether customers stayed or left for certain.

    Returns
    -------
    DrivenAway

    Raises
    ------
    DataError
        If nobody without a failure stayed in the strata compared.
    """
    pairs = comparable(without, with_failure, counted=counted)
    shares = [(zero.customers / _size(zero, one), zero, one) for zero, one in pairs]
    kept = math.fsum(share * one.retained for share, _, one in shares)
    expected = math.fsum((1 - share) * zero.retained for share, zero, _ in shares)
    customers = math.fsum(_size(*pair) for pair in pairs)
    if expected == 0:
        raise DataError(
            "some customer without a failure must have stayed, or nothing tells what a failure "
            f"does; found none among {math.fsum(zero.customers for zero, _ in pairs):g}"
        )
    ratio = kept / expected
    low, high = _interval(pairs, ratio, kept * expected, level, counted=counted)
    return DrivenAway(1 - ratio, 1 - high, 1 - low, customers)


def mover_ratio_interval(zero: Group, one: Group, level: float) -> tuple[float, float]:
    """Return the interval of a ratio of two shares from Wilson's of each.

    Donner and Zou (2012, Statistical Methods in Medical Research 21, 347-359), the ratio's
    counterpart of Newcombe's difference: with the shares r1 / r0 and Wilson's ends l and u ::

        (r1 r0 - sqrt((r1 r0)^2 - l1 u0 (2 r1 - l1) (2 r0 - u0))) / (u0 (2 r0 - u0))
        (r1 r0 + sqrt((r1 r0)^2 - u1 l0 (2 r1 - u1) (2 r0 - l0))) / (l0 (2 r0 - l0))

    They are taken in the form that has no 0 / 0 where u0 = 2 r0.

    Parameters
    ----------
    zero, one : Group
        The ratio is of the second to the first, some of which must have stayed.
    level : float

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> low, high = mover_ratio_interval(Group(200, 160, 0.0), Group(200, 120, 0.0), 0.95)
    >>> round(low, 4), round(high, 4)
    (0.6545, 0.8544)
    """
    (l0, u0), (l1, u1) = (group.interval(level, counted=True) for group in (zero, one))
    r0, r1 = zero.retention, one.retention
    product = r0 * r1
    root = math.sqrt(max(0.0, product**2 - l1 * u0 * (2 * r1 - l1) * (2 * r0 - u0)))
    lower = l1 * (2 * r1 - l1) / (product + root) if l1 > 0 else 0.0
    root = math.sqrt(max(0.0, product**2 - u1 * l0 * (2 * r1 - u1) * (2 * r0 - l0)))
    return lower, (product + root) / (l0 * (2 * r0 - l0))


def _size(zero: Group, one: Group) -> float:
    return zero.customers + one.customers


def _interval(
    pairs: list[tuple[Group, Group]], ratio: float, scale: float, level: float, *, counted: bool
) -> tuple[float, float]:
    if not counted:
        half = _welch_half_width(pairs, level)
    else:
        variance = _greenland_robins(pairs) / scale if scale > 0 else 0.0
        if len(pairs) == 1 or not variance > 0:
            return mover_ratio_interval(*_together(pairs), level)
        half = float(ndtri((1 + level) / 2)) * math.sqrt(variance)
    return ratio * math.exp(-half), ratio * math.exp(half)


def _together(pairs: list[tuple[Group, Group]]) -> tuple[Group, Group]:
    zeros, ones = ([pair[i] for pair in pairs] for i in (0, 1))
    return _sum(zeros), _sum(ones)


def _sum(groups: list[Group]) -> Group:
    customers = math.fsum(group.customers for group in groups)
    return Group(customers, math.fsum(group.retained for group in groups), math.nan)


def _greenland_robins(pairs: list[tuple[Group, Group]]) -> float:
    """Return the sum in the numerator of the variance of the log ratio."""
    parts = []
    for zero, one in pairs:
        n0, n1, x0, x1 = zero.customers, one.customers, zero.retained, one.retained
        # n1 n0 (x1 + x0) - x1 x0 n, written so that it is 0 where everybody stayed.
        parts.append((n1 * x1 * (n0 - x0) + n0 * x0 * (n1 - x1)) / (n0 + n1) ** 2)
    return math.fsum(parts)


def _welch_half_width(pairs: list[tuple[Group, Group]], level: float) -> float:
    """Return t times the error of the log ratio of two weighted means."""
    weights = np.array([one.customers * zero.customers / _size(zero, one) for zero, one in pairs])
    parts, freedoms = [], []
    for side in zip(*pairs, strict=True):
        mean = math.fsum(w * g.retention for w, g in zip(weights.tolist(), side, strict=True))
        if mean == 0:
            continue
        error = np.array([g.variance / g.customers for g in side])
        parts.append((weights / mean) ** 2 * error)
        freedoms.append([g.customers - 1 for g in side])
    flat = np.concatenate(parts)
    total = math.fsum(flat)
    if total == 0:
        return 0.0
    freedom = total**2 / math.fsum(flat**2 / np.concatenate(freedoms))
    return float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(total)
