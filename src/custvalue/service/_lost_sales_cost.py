"""The mathematics of lost sales: who leaves after service failures, and because of which.

Letters: a customer has k_c chances of a failure of component c, each with probability a_c, and
leaves after such a failure with probability p_c. Failures that were counted have a_c = 1; failures
that are expected have k_c orders and a_c failures per order. Work is done on the chances
q_c = a_c p_c of one order or one failure to drive the customer away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlog1py

from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray, IntArray

__all__ = [
    "INDEPENDENT",
    "Exposure",
    "avoidable",
    "chance_of_leaving",
    "leaving_by_component",
    "mean_probability",
]

INDEPENDENT = "independent"
"""Every failure is a new chance to leave; otherwise the first failure alone is one."""

_BLOCK = 8192
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(32)
_HALF = (_NODES + 1) / 2
_TIMES = _HALF**3
_TIME_WEIGHTS = 1.5 * _HALF**2 * _NODE_WEIGHTS
"""Gauss nodes of s in [0, 1] with t = s^3: exact for polynomials in t of degree 20, and dense near
t = 0, where customers with hundreds of failures have already left."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often each customer may meet a failure of each component.

    Attributes
    ----------
    times : ndarray of shape (n_customers, n_components)
        Failures counted, or orders where failures are expected; a part of one is the chance of one
        more.
    chance : ndarray of shape (n_customers, n_components)
        Probability of a failure each time: 1 where failures are counted.
    """

    times: FloatArray
    chance: FloatArray

    @property
    def failures(self) -> FloatArray:
        """Expected failures, of shape (n_customers, n_components)."""
        return self.times * self.chance

    def take(self, rows: slice | IntArray) -> Exposure:
        """Return the exposure of some customers."""
        return Exposure(self.times[rows], self.chance[rows])

    def without(self, component: int) -> Exposure:
        """Return the exposure if one component never failed."""
        times = self.times.copy()
        times[:, component] = 0.0
        return Exposure(times, self.chance)


def chance_of_leaving(exposure: Exposure, p: FloatArray, repeated: str) -> FloatArray:
    """Return the probability that failures drive each customer away.

    With independent failures it is 1 - prod_c (1 - q_c)^k_c. Where the first failure alone counts,
    it is the probability of any failure times the mean p over the failures, since the table does
    not tell which came first.

    Parameters
    ----------
    exposure : Exposure
    p : ndarray of shape (n_components,) or (n_customers, 1)
        Probability of leaving after a failure.
    repeated : {"independent", "first"}

    Returns
    -------
    ndarray of shape (n_customers,)

    Examples
    --------
    >>> import numpy as np
    >>> seen = Exposure(np.array([[0.0], [1.0], [2.0], [0.5]]), np.ones((4, 1)))
    >>> chance_of_leaving(seen, np.array([0.2]), "independent")
    array([0.  , 0.2 , 0.36, 0.1 ])
    >>> chance_of_leaving(seen, np.array([0.2]), "first")
    array([0. , 0.2, 0.2, 0.1])
    """
    if repeated == INDEPENDENT:
        return _left(exposure.times, exposure.chance * p)
    any_failure = _left(exposure.times, exposure.chance)
    return any_failure * _mean_over_failures(exposure, p)


def leaving_by_component(
    exposure: Exposure, p: FloatArray, repeated: str, leaving: FloatArray
) -> FloatArray:
    """Split the probability of leaving by the component whose failure drives the customer away.

    The failures of a customer come in any order with equal chance. Give each a uniform time t:
    the one that drives away is the first to do so, so that component c has the part ::

        k_c q_c integral from 0 to 1 of prod_j (1 - t q_j)^k_j / (1 - t q_c) dt

    and the parts sum to the whole. They are the Shapley values of the failures.

    Parameters
    ----------
    exposure : Exposure
    p : ndarray of shape (n_components,) or (n_customers, 1)
    repeated : {"independent", "first"}
        Where the first failure alone counts, the parts are as k_c q_c.
    leaving : ndarray of shape (n_customers,)
        The whole.

    Returns
    -------
    ndarray of shape (n_customers, n_components)
        Their sums are the whole.

    Examples
    --------
    >>> import numpy as np
    >>> late_and_short = Exposure(np.array([[1.0, 1.0]]), np.ones((1, 2)))
    >>> leaving_by_component(
    ...     late_and_short, np.array([0.2, 0.1]), "independent", np.array([0.28])
    ... )
    array([[0.19, 0.09]])
    """
    parts = exposure.failures * p
    if repeated == INDEPENDENT and parts.shape[1] > 1:
        q = np.broadcast_to(exposure.chance * p, parts.shape)
        rows = compress_rows(*exposure.times.T, *np.ascontiguousarray(q.T))
        times, q = np.split(np.column_stack(rows.columns), 2, axis=1)
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(q), _BLOCK)]
        parts = rows.expand(np.vstack([_parts(times[some], q[some]) for some in blocks]))
    sums = parts.sum(axis=1, keepdims=True)
    shares: FloatArray = parts / np.where(sums > 0, sums, 1.0)
    return shares * leaving[:, None]


def avoidable(exposure: Exposure, p: FloatArray, repeated: str, leaving: FloatArray) -> FloatArray:
    """Return by how much the probability of leaving falls if one component never fails.

    Parameters
    ----------
    exposure, p, repeated, leaving :
        As in `leaving_by_component`.

    Returns
    -------
    ndarray of shape (n_customers, n_components)
        With independent failures at most the part of the component: another failure may still
        drive the customer away.
    """
    count = exposure.times.shape[1]
    without = [chance_of_leaving(exposure.without(c), p, repeated) for c in range(count)]
    return leaving[:, None] - np.column_stack(without)


def mean_probability(exposure: Exposure, p: FloatArray, weights: FloatArray) -> float:
    """Return the mean probability of leaving over all failures, or over customers without any.

    Parameters
    ----------
    exposure : Exposure
    p : ndarray of shape (n_components,) or (n_customers, 1)
    weights : ndarray of shape (n_customers,)
        Customers that each row stands for.

    Returns
    -------
    float
    """
    if (p == p.flat[0]).all():
        return float(p.flat[0])
    failures = exposure.failures * weights[:, None]
    spread = np.broadcast_to(p, failures.shape)
    if not failures.any():
        failures = np.broadcast_to(weights[:, None], failures.shape)
    # Sorted, so that the sums do not depend on the order of the rows.
    order = np.lexsort((failures.ravel(), spread.ravel()))
    flat = failures.ravel()[order]
    return float((flat * spread.ravel()[order]).sum() / flat.sum())


def _left(times: FloatArray, q: FloatArray) -> FloatArray:
    """Return 1 - prod_c (1 - q_c)^k_c; 0.0 - makes 0.0 of what would be -0.0."""
    return np.asarray(0.0 - np.expm1(_log_staying(times, q)))


def _log_staying(times: FloatArray, q: FloatArray) -> FloatArray:
    """Return log prod_c (1 - q_c)^k_c; a part of one time is the chance of one more."""
    whole = np.floor(times)
    with np.errstate(divide="ignore"):
        logs = xlog1py(whole, -q) + np.log1p(-(times - whole) * q)
    return np.asarray(logs.sum(axis=1))


def _mean_over_failures(exposure: Exposure, p: FloatArray) -> FloatArray:
    """Return the mean p over the failures of each customer; 0 where there are none."""
    failures = exposure.failures
    sums = failures.sum(axis=1)
    return np.asarray((failures * p).sum(axis=1) / np.where(sums > 0, sums, 1.0))


def _parts(times: FloatArray, q: FloatArray) -> FloatArray:
    """Return the integrals of `leaving_by_component` for a block of customers."""
    total = np.zeros_like(q)
    whole = np.floor(times)
    rest = (times - whole) * q
    for t, weight in zip(_TIMES, _TIME_WEIGHTS, strict=True):
        staying = np.exp(_log_staying(times, t * q))[:, None]
        total += weight * staying * (whole * q / (1 - t * q) + rest / (1 - t * rest))
    return total
