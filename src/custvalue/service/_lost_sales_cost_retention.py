"""How much less customers stay after a service failure, with the uncertainty of the difference.

Customers with and without a failure are compared: n1 and n0 of them, retention r1 and r0. The
difference d = r0 - r1 is the share of all customers whom failures drive away, where the two kinds
of customers are alike otherwise; `_lost_sales_cost_ratio` has the share of those who would stay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "Difference",
    "Group",
    "comparable",
    "compare",
    "newcombe_interval",
    "per_failure",
    "summarise",
]


@dataclass(frozen=True, slots=True)
class Group:
    """Retention of some customers.

    Attributes
    ----------
    customers : float
    retained : float
        Sum of what stayed: customers, or probabilities of being alive.
    variance : float
        Of one customer, by n - 1; NaN for a single customer.
    """

    customers: float
    retained: float
    variance: float

    @property
    def retention(self) -> float:
        """Share that stayed."""
        return self.retained / self.customers

    def interval(self, level: float, *, counted: bool) -> tuple[float, float]:
        """Return Wilson's interval of a share, or Student's of a mean of probabilities."""
        if counted:
            lower, upper = wilson_interval(np.array(self.retained), np.array(self.customers), level)
            return float(lower), float(upper)
        if not self.customers > 1:
            return 0.0, 1.0
        error = math.sqrt(self.variance / self.customers)
        half = float(stdtrit(self.customers - 1, (1 + level) / 2)) * error
        return max(0.0, self.retention - half), min(1.0, self.retention + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """Retention without failure minus retention with it.

    Attributes
    ----------
    value, lower, upper : float
    customers : float
        Customers in the strata that were compared.
    strata : int
        Strata with customers of both kinds.
    """

    value: float
    lower: float
    upper: float
    customers: float
    strata: int


def summarise(alive: FloatArray, weights: FloatArray, rows: BoolArray | IntArray) -> Group:
    """Return the retention of some customers; sums do not depend on the order of the rows.

    Parameters
    ----------
    alive : ndarray of shape (n_customers,)
        1 stayed and 0 left, or the probability of being alive.
    weights : ndarray of shape (n_customers,)
        Customers that each row stands for.
    rows : ndarray of bool or int
        Which of them.

    Returns
    -------
    Group
    """
    values, counts = alive[rows], weights[rows]
    customers, retained = math.fsum(counts), math.fsum(counts * values)
    if not customers > 1:
        return Group(customers, retained, math.nan)
    squares = math.fsum(counts * (values - retained / customers) ** 2)
    return Group(customers, retained, squares / (customers - 1))


def comparable(
    without: list[Group], with_failure: list[Group], *, counted: bool
) -> list[tuple[Group, Group]]:
    """Return the strata with customers of both kinds; of probabilities two of each.

    Parameters
    ----------
    without, with_failure : list of Group
        One of each a stratum.
    counted : bool

    Returns
    -------
    list of tuple of Group
        Without and with a failure.
    """
    least = 0.0 if counted else 1.0
    return [
        (zero, one)
        for zero, one in zip(without, with_failure, strict=True)
        if zero.customers > least and one.customers > least
    ]


def compare(
    without: list[Group], with_failure: list[Group], level: float, *, counted: bool
) -> Difference | None:
    """Compare customers without and with a failure, within strata.

    Strata weigh w = n1 n0 / (n1 + n0), as Mantel and Haenszel have it. Of one stratum with counted
    customers the interval is Newcombe's (1998, method 10), of more that of Sato (1989); of
    probabilities it is Welch's, with the degrees of freedom of Satterthwaite over all strata.

    Parameters
    ----------
    without, with_failure : list of Group
        One of each a stratum.
    level : float
    counted : bool
        Whether customers stayed or left for certain.

    Returns
    -------
    Difference or None
        None where no stratum has customers of both kinds; of probabilities it takes two of each.
    """
    pairs = comparable(without, with_failure, counted=counted)
    if not pairs:
        return None
    weights = [
        zero.customers * one.customers / (zero.customers + one.customers) for zero, one in pairs
    ]
    shares = np.array(weights) / math.fsum(weights)
    value = math.fsum(
        share * (zero.retention - one.retention)
        for share, (zero, one) in zip(shares.tolist(), pairs, strict=True)
    )
    if not counted:
        half = _welch_half_width(pairs, shares, level)
        lower, upper = max(-1.0, value - half), min(1.0, value + half)
    elif len(pairs) == 1:
        lower, upper = newcombe_interval(*pairs[0], level)
    else:
        half = float(ndtri((1 + level) / 2)) * math.sqrt(_sato_variance(pairs, value))
        lower, upper = max(-1.0, value - half), min(1.0, value + half)
    customers = math.fsum(zero.customers + one.customers for zero, one in pairs)
    return Difference(value, lower, upper, customers, len(pairs))


def newcombe_interval(zero: Group, one: Group, level: float) -> tuple[float, float]:
    """Return the interval of a difference of two shares from Wilson's of each.

    Newcombe (1998, Statistics in Medicine 17, 873-890), method 10: with the shares r0 and r1 and
    Wilson's ends l and u of each, the ends are ::

        d - sqrt((r0 - l0)^2 + (u1 - r1)^2),   d + sqrt((u0 - r0)^2 + (r1 - l1)^2)

    Parameters
    ----------
    zero, one : Group
        The difference is of the first minus the second.
    level : float

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> first, second = Group(70, 56, 0.0), Group(80, 48, 0.0)
    >>> [round(end, 4) for end in newcombe_interval(first, second, 0.95)]
    [0.0524, 0.3339]
    """
    (l0, u0), (l1, u1) = (group.interval(level, counted=True) for group in (zero, one))
    r0, r1 = zero.retention, one.retention
    difference = r0 - r1
    return difference - math.hypot(r0 - l0, u1 - r1), difference + math.hypot(u0 - r0, r1 - l1)


def per_failure(share: float, failures: FloatArray, weights: FloatArray) -> float:
    """Return the probability p of leaving after one failure that drives a share of customers away.

    It solves mean_i (1 - (1 - p)^k_i) = s over the customers who had k_i >= 1 failures.

    Parameters
    ----------
    share : float
        s, of those who would have stayed; 0 or less gives 0.
    failures, weights : ndarray of shape (n_failed,)
        k_i, and how much each row counts.

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> round(per_failure(0.28, np.array([1.0, 2.0]), np.array([1.0, 1.0])), 12)
    0.2
    """
    if share <= 0 or share >= 1:
        return float(np.clip(share, 0.0, 1.0))
    counts, inverse = np.unique(failures, return_inverse=True)
    order = np.lexsort((weights, inverse))
    totals = np.bincount(inverse[order], weights=weights[order])
    shares = totals / totals.sum()

    def excess(p: float) -> float:
        return float(shares @ -np.expm1(counts * np.log1p(-p))) - share

    # One failure more can only add: p is at most s, and s itself but for rounding if all met one.
    if excess(share) <= 0:
        return share
    return float(brentq(excess, 0.0, share, xtol=1e-14))


def _welch_half_width(pairs: list[tuple[Group, Group]], shares: FloatArray, level: float) -> float:
    variances = np.array([[g.variance / g.customers for g in pair] for pair in pairs])
    parts = shares[:, None] ** 2 * variances
    total = math.fsum(parts.ravel())
    if total == 0:
        return 0.0
    freedoms = np.array([[g.customers - 1 for g in pair] for pair in pairs])
    freedom = total**2 / math.fsum((parts**2 / freedoms).ravel())
    return float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(total)


def _sato_variance(pairs: list[tuple[Group, Group]], d: float) -> float:
    """Return the variance of a Mantel-Haenszel difference of shares.

    Sato (1989, Biometrics 45, 1323-1324); it is right for few large strata and for many small ones.
    """
    n0 = np.array([zero.customers for zero, _ in pairs])
    n1 = np.array([one.customers for _, one in pairs])
    x0 = np.array([zero.retained for zero, _ in pairs])
    x1 = np.array([one.retained for _, one in pairs])
    n = n0 + n1
    p = (n0**2 * x1 - n1**2 * x0 + n0 * n1 * (n1 - n0) / 2) / n**2
    q = (x0 * (n1 - x1) + x1 * (n0 - x0)) / (2 * n)
    variance = (d * math.fsum(p) + math.fsum(q)) / math.fsum(n0 * n1 / n) ** 2
    return max(0.0, variance)
