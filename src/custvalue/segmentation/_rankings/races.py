"""Tied groups under a Plackett-Luce model: races of exponential times.

Let item i arrive after an exponential time of rate w_i. The order of arrival has the Plackett-Luce
law, and after a group has arrived the race of the rest begins anew. A tied group B comes before the
rest R in whatever order with probability

    I = integral_0^inf prod_{i in B} (1 - e^(-a_i t)) e^(-t) dt,   a_i = w_i / sum_{l in R} w_l,

the sum over all orders of B. It is the trapezoid rule in log t, whose error falls exponentially in
the inverse of the step: 3e-13 relative for a_i from 5e-5 to 2e4 (Trefethen and Weideman 2014).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from custvalue._typing import BoolArray, FloatArray

__all__ = ["TiedGroups", "log_tied_groups", "tied_groups"]

_STEP = 0.2
_LOG_TIMES = np.arange(-34.0, 3.9, _STEP)
_TIMES = np.exp(_LOG_TIMES)
_LOG_WEIGHTS = _LOG_TIMES - _TIMES + np.log(_STEP)
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class TiedGroups:
    """A weighted sum of log-probabilities of tied groups, and its derivatives in log w.

    Attributes
    ----------
    value : float
    gradient : ndarray of shape (m,)
    hessian : ndarray of shape (m, m)
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray


def log_tied_groups(log_worths: FloatArray, chosen: BoolArray, rest: BoolArray) -> FloatArray:
    """Return log I of each group.

    Parameters
    ----------
    log_worths : ndarray of shape (m,)
    chosen, rest : ndarray of bool of shape (n_groups, m)
        The items of the group and those after it; at least one of each.

    Returns
    -------
    ndarray of shape (n_groups,)

    Examples
    --------
    Two of three equal items come before the third in one case of three:

    >>> import numpy as np
    >>> chosen = np.array([[True, True, False]])
    >>> np.exp(log_tied_groups(np.zeros(3), chosen, ~chosen))
    array([0.33333333])
    """
    out = np.empty(len(chosen))
    for rows in _chunks(chosen):
        _, terms = _race(log_worths, chosen[rows], rest[rows])
        out[rows] = logsumexp(terms, axis=1)
    return out


def tied_groups(
    log_worths: FloatArray, chosen: BoolArray, rest: BoolArray, weights: FloatArray
) -> TiedGroups:
    """Return the weighted sum of log I over groups, with its derivatives.

    With y_i = a_i t and phi_i = y_i / (e^(y_i) - 1), the derivatives of log I in log a are
    E[phi_i] and Cov(phi_i, phi_j) + [i = j] E[phi_i (1 - y_i - phi_i)], under the integrand as a
    density of t.

    Parameters
    ----------
    log_worths : ndarray of shape (m,)
    chosen, rest : ndarray of bool of shape (n_groups, m)
    weights : ndarray of shape (n_groups,)

    Returns
    -------
    TiedGroups
    """
    m = len(log_worths)
    value, gradient, hessian = 0.0, np.zeros(m), np.zeros((m, m))
    for rows in _chunks(chosen):
        part = _tied_groups(log_worths, chosen[rows], rest[rows], weights[rows])
        value, gradient, hessian = (
            value + part.value,
            gradient + part.gradient,
            hessian + part.hessian,
        )
    return TiedGroups(value, gradient, hessian)


def _chunks(chosen: BoolArray) -> Iterator[slice]:
    size = max(_CELLS // (chosen.shape[1] * len(_TIMES)), 1)
    for start in range(0, len(chosen), size):
        yield slice(start, start + size)


def _race(
    log_worths: FloatArray, chosen: BoolArray, rest: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return y of shape (n, n_times, m), 1 off the group, and the log terms of the integral."""
    worths = np.exp(log_worths - log_worths.max())
    relative = worths / (rest @ worths)[:, None]
    y = np.where(chosen[:, None, :], relative[:, None, :] * _TIMES[:, None], 1.0)
    logs = np.where(chosen[:, None, :], np.log(-np.expm1(-y)), 0.0)
    return y, logs.sum(axis=2) + _LOG_WEIGHTS


def _tied_groups(
    log_worths: FloatArray, chosen: BoolArray, rest: BoolArray, weights: FloatArray
) -> TiedGroups:
    y, terms = _race(log_worths, chosen, rest)
    logs = logsumexp(terms, axis=1)
    density = np.exp(terms - logs[:, None])
    with np.errstate(over="ignore"):
        phi = np.where(chosen[:, None, :], y / np.expm1(y), 0.0)
    mean = np.einsum("et,etm->em", density, phi)
    bend = np.einsum("et,etm->em", density, phi * (1 - y - phi))
    own = np.einsum("e,et,etm,etn->mn", weights, density, phi, phi, optimize=True)
    inner = np.einsum("et,etm,et->em", density, phi, phi.sum(axis=2), optimize=True)
    # Row sums of the second derivatives in log a: the rest moves all a of a group at once.
    rows = inner - mean * mean.sum(axis=1, keepdims=True) + bend
    own = own - (mean.T * weights) @ mean + np.diag(weights @ bend)
    worths = np.where(rest, np.exp(log_worths - log_worths.max()), 0.0)
    part = worths / worths.sum(axis=1, keepdims=True)
    total = mean.sum(axis=1)
    across = (rows.T * weights) @ part
    scaled = weights * (rows.sum(axis=1) + total)
    within = (part.T * scaled) @ part - np.diag((weights * total) @ part)
    return TiedGroups(
        value=float(weights @ logs),
        gradient=weights @ (mean - part * total[:, None]),
        hessian=own - across - across.T + within,
    )
