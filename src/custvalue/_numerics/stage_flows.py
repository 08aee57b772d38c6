"""Discounted expectations up to a finite horizon where every k-th stage is an event, k > 1.

Stages come at rate lambda ~ Gamma(s, beta), j are over at the start; after each event the process
stops with probability p ~ Beta(a, b). With q_n the probability of n stages and i = (n + 1 + j) / k,
where that is whole, events flow at time u at the rate::

    1 / (beta + u) sum_n (s + n) q_n (b)_(i-1) / (a + b)_(i-1)

Where the sum is short, it is integrated times exp(-rate u) by Gauss's rule on panels. Where it is
long, the flow is integrated first, for given lambda and p, by the roots theta of 1 - p that
`stage_cycles` explains::

    1 / (k (1 - p)) sum_l theta_l^(j+1) lambda (1 - exp(-c horizon)) / c,
    c = rate + lambda (1 - theta_l)

and for p near 1 as the sum of (1 - p)^(i-1) v^n P(n events of a Poisson process of rate lambda +
rate by the horizon, or more), n = i k - j and v = lambda / (lambda + rate).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import gammainc

from custvalue._numerics.beta_geometric import MOST_TERMS, stages_needed
from custvalue._numerics.mixing_nodes import beta_nodes, beta_range, gamma_nodes, gamma_range
from custvalue._numerics.stage_cycles import LOG_LARGE_STOP, POWERS, roots
from custvalue._typing import FloatArray

__all__ = ["discounted_stages"]

_POINTS = 24
_EVEN_PANELS = 12
_GROWTH = 1.4
_LONG_AFTER = 45.0
_LATER_PER_STAGE = 3.0
"""exp(-45) = 3e-20; the flow begins like u^(k - 1), which delays it by so much a stage."""
_DECAYS_PER_PANEL = 8.0


def discounted_stages(
    s: FloatArray,
    beta: FloatArray,
    a: FloatArray,
    b: FloatArray,
    rate: FloatArray,
    horizon: FloatArray,
    *,
    every: int,
    phase: int,
) -> FloatArray:
    """Return the expected number of events in (0, horizon], each times exp(-rate u).

    Parameters
    ----------
    s, beta, a, b, rate, horizon : ndarray of shape (n_rows,)
        Those of `beta_geo_discounted`; rates positive, horizons finite.
    every, phase : int
        k and j.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    z = np.minimum(horizon, (_LONG_AFTER + _LATER_PER_STAGE * every) / rate) / beta
    short = stages_needed(s + 1, z) < MOST_TERMS
    out = np.empty_like(z)
    for rows, evaluate in ((np.flatnonzero(short), _by_panels), (np.flatnonzero(~short), _long)):
        columns = tuple(v[rows] for v in (s, z, a, b, rate * beta))
        for i, row in enumerate(zip(*columns, strict=True)):
            out[rows[i]] = evaluate(*row, every=every, phase=phase)
    return out


def _by_panels(
    s: float, z: float, a: float, b: float, kappa: float, *, every: int, phase: int
) -> float:
    """Integrate the flow of one row, as a function of u / beta."""
    if z == 0:
        return 0.0
    width = min(every / max(s, every), _DECAYS_PER_PANEL / kappa)
    u, weights = _panel_nodes(z, width)
    flow = _flow(s, u, a, b, every, phase)
    return float(np.sum(weights * np.exp(-kappa * u) * flow))


def _panel_nodes(end: float, width: float) -> tuple[FloatArray, FloatArray]:
    """Return Gauss's nodes on panels of that width, and later wider and wider."""
    edges = [0.0]
    while edges[-1] < end:
        edges.append(edges[-1] + width)
        if len(edges) > _EVEN_PANELS:
            width *= _GROWTH
    edges[-1] = end
    nodes, weights = _gauss()
    low, half = np.array(edges[:-1]), np.diff(edges) / 2
    u = low[:, None] + half[:, None] * (nodes + 1)
    return u.ravel(), np.outer(half, weights).ravel()


@lru_cache(maxsize=1)
def _gauss() -> tuple[FloatArray, FloatArray]:
    """Return Gauss's nodes and weights on (-1, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    return nodes, weights


def _flow(s: float, u: FloatArray, a: float, b: float, every: int, phase: int) -> FloatArray:
    """Return the flow of events times beta, at times u beta."""
    most = int(np.ceil(stages_needed(np.array(s + 1), u.max()))) + 40
    i = np.arange((most + phase) // every + 2.0)
    counted = np.arange(1.0, len(i) * every)
    n = np.arange(every - phase - 1, len(i) * every - phase, every)
    ways = np.append(0.0, np.cumsum(np.log1p(s / counted)))[n]
    log_terms = (
        np.log(s) + ways + np.append(0.0, np.cumsum(np.log((b + i[:-1]) / (a + b + i[:-1]))))
    )
    log_w = np.log(u / (1 + u))
    log_flow = log_terms[:, None] + n[:, None] * log_w - (s + 1) * np.log1p(u)
    return np.asarray(np.exp(log_flow).sum(axis=0))


def _long(s: float, z: float, a: float, b: float, kappa: float, *, every: int, phase: int) -> float:
    """Return the mean over p and l = lambda beta; one power of l is moved to the weight."""
    bend = np.log(np.array([max(kappa, 1 / z)]))
    shape, one = np.array([s + 1]), np.ones(1)
    # exp(-l (1 - theta)), theta a k-th root, is analytic in log l up to pi / k from the real line.
    rates = gamma_range(shape, bend, step=min(0.2, 0.5 / every))
    stops = beta_range(a * one, b * one, np.minimum(bend - rates.high, 0.0), one)
    levels, shares = gamma_nodes(shape, rates)
    _, log_rest, weights = beta_nodes(a * one, b * one, stops)
    large = log_rest[0] < LOG_LARGE_STOP
    inner = np.empty(len(large))
    columns = (levels[0][:, None], shares[0], z, kappa)
    inner[~large] = _mean_of_cycles(*columns, log_rest[0][~large], every, phase)
    inner[large] = _mean_of_powers(*columns, log_rest[0][large], every, phase)
    return float(s * (weights[0] @ inner))


def _mean_of_cycles(
    level: FloatArray,
    share: FloatArray,
    z: float,
    kappa: float,
    log_rest: FloatArray,
    every: int,
    phase: int,
) -> FloatArray:
    """Return the mean over l of the value over l, shape of log(1 - p)."""
    total = np.zeros_like(log_rest)
    for theta, rest, stands_for in roots(log_rest, every):
        decay = kappa + level * rest
        flow = share @ (-np.expm1(-decay * z) / decay)
        total += (stands_for * theta ** (phase + 1) * flow).real
    return np.asarray(total / every * np.exp(-log_rest))


def _mean_of_powers(
    level: FloatArray,
    share: FloatArray,
    z: float,
    kappa: float,
    log_rest: FloatArray,
    every: int,
    phase: int,
) -> FloatArray:
    """Return the mean over l of the value over l, for p near 1."""
    n = np.arange(1.0, POWERS + 1) * every - phase
    log_kept = -n * np.log1p(kappa / level) - np.log(level)
    coefficients = share @ (np.exp(log_kept) * gammainc(n, (level + kappa) * z))
    return np.asarray(np.exp(log_rest[:, None] * np.arange(POWERS)) @ coefficients)
