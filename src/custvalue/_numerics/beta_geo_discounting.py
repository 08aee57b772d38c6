"""Discounted expectations of a process of stages that stops after a geometric number of events.

Stages come at rate lambda ~ Gamma(s, beta); every k-th of them is an event, and after each event
the process stops with probability p ~ Beta(a, b). At the start j stages of the first event are
over. An event at time u counts exp(-rate u). Given l = beta lambda and p, with kappa = rate beta
and z = horizon / beta, the value is for k = 1::

    l (1 - exp(-z (kappa + l p))) / (kappa + l p)

and in general, for an infinite horizon, with v = l / (l + kappa)::

    v^(k - j) / (1 - v^k + p v^k)

Expectations over l and p are trapezoidal sums of positive terms, over log l and over
log(p / (1 - p)), which converge geometrically on the real line. Finite horizons for k > 1 are the
business of `stage_flows`.
"""

from __future__ import annotations

import numpy as np

from custvalue._numerics.beta_geometric import beta_geo_expectation
from custvalue._numerics.mixing_nodes import (
    NodeRange,
    beta_nodes,
    beta_range,
    gamma_nodes,
    gamma_range,
)
from custvalue._numerics.rising_derivatives import log_rising
from custvalue._numerics.stage_flows import discounted_stages
from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["beta_geo_discounted"]

_ROWS_AT_ONCE = 64
_SOON_NODES = 40
_SOON_SPAN = 12.0
_SOON_DECAYS = 50.0
"""Of exp(-x) over the horizon: 40 nodes of Gauss's rule see 14 digits of it."""


def beta_geo_discounted(
    s: Number,
    beta: Number,
    a: Number,
    b: Number,
    rate: Number,
    horizon: Number,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return the expected number of events in (0, horizon], each times exp(-rate u).

    Parameters
    ----------
    s, beta : float or ndarray of shape (n_rows,)
        Gamma shape and rate of the rate of stages; 1 / beta per time unit.
    a, b : float or ndarray of shape (n_rows,)
        Beta parameters of the probability to stop after an event.
    rate : float or ndarray of shape (n_rows,)
        Continuous, per time unit, at least 0; at 0 this is `beta_geo_expectation`.
    horizon : float or ndarray of shape (n_rows,)
        At least 0, or infinite.
    every, phase : int
        Every k-th stage is an event; j stages are over at the start, less than k.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    rows = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (s, beta, a, b, rate, horizon))
    )
    s, beta, a, b, rate, horizon = (row.ravel() for row in rows)
    out = np.empty(len(s))
    plain, forever = rate == 0, np.isinf(horizon)
    if plain.any():
        state = (s[plain], beta[plain], a[plain], b[plain], horizon[plain])
        out[plain] = beta_geo_expectation(*state, every=every, phase=phase)
    staged = ~plain & ~forever if every > 1 else np.zeros_like(plain)
    if staged.any():
        columns = (v[staged] for v in (s, beta, a, b, rate, horizon))
        out[staged] = discounted_stages(*columns, every=every, phase=phase)
    soon = ~(plain | staged) & _is_soon(s, beta, rate, horizon, every)
    if soon.any():
        out[soon] = _by_parts(*(v[soon] for v in (s, beta, a, b, rate, horizon)))
    rest = ~(plain | staged | soon)
    if rest.any():
        with np.errstate(over="ignore"):
            z = horizon[rest] / beta[rest]
        kappa = (rate * beta)[rest]
        out[rest] = _integral(s[rest], kappa, z, a[rest], b[rest], every=every, phase=phase)
    return out.reshape(rows[0].shape)


def _is_soon(
    s: FloatArray, beta: FloatArray, rate: FloatArray, horizon: FloatArray, every: int
) -> BoolArray:
    """Return where expectation and discount are smooth enough for one rule over the horizon."""
    with np.errstate(over="ignore", invalid="ignore"):
        z, decays = horizon / beta, rate * horizon
    smooth = (z <= _SOON_SPAN) & (s * z <= _SOON_DECAYS) & (decays <= _SOON_DECAYS)
    return np.asarray(smooth & (every == 1))


def _by_parts(
    s: FloatArray,
    beta: FloatArray,
    a: FloatArray,
    b: FloatArray,
    rate: FloatArray,
    horizon: FloatArray,
) -> FloatArray:
    """Return exp(-rate H) E(H) + rate int_0^H exp(-rate u) E(u) du, E the plain expectation.

    It is some ten times quicker than the double sum, and good for ordinary customers.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_SOON_NODES)
    u = horizon[:, None] * np.append((nodes + 1) / 2, 1.0)
    expected = beta_geo_expectation(s[:, None], beta[:, None], a[:, None], b[:, None], u)
    expected *= np.exp(-rate[:, None] * u)
    return np.asarray(expected[:, -1] + rate * horizon / 2 * (expected[:, :-1] @ weights))


def _integral(
    s: FloatArray,
    kappa: FloatArray,
    z: FloatArray,
    a: FloatArray,
    b: FloatArray,
    *,
    every: int,
    phase: int,
) -> FloatArray:
    """Return the double sum, a block of rows at a time.

    The power l^(k - j), with which the function falls to zero at l = 0, is moved to the weight.
    """
    shape = s + (every - phase)
    rates, stops = _ranges(shape, kappa, z, a, b, every, float(every - phase))
    order = np.lexsort((rates.n_nodes, stops.n_nodes))  # so that a block's rows want alike
    out = np.empty_like(kappa)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        block = order[start : start + _ROWS_AT_ONCE]
        levels, shares = gamma_nodes(shape[block], rates.take(block))
        log_p, _, weights = beta_nodes(a[block], b[block], stops.take(block))
        p = np.exp(log_p)
        if every == 1:
            shares *= s[block, None]
            inner = _mean_of_flow(levels, shares, p, kappa[block], z[block])
        else:
            power = float(every - phase)
            log_scale = log_rising(s[block], power)[:, None] - power * np.log(
                levels + kappa[block, None]
            )
            shares *= np.exp(log_scale)
            inner = _mean_for_ever(levels, shares, p, kappa[block], every)
        out[block] = (weights * inner).sum(axis=1)
    return out


def _ranges(
    shape: FloatArray,
    kappa: FloatArray,
    z: FloatArray,
    a: FloatArray,
    b: FloatArray,
    every: int,
    falls: float,
) -> tuple[NodeRange, NodeRange]:
    """Return where log l and logit p matter."""
    with np.errstate(divide="ignore"):
        # The function of l p is constant far below this.
        bend = np.log(np.maximum(kappa / every, 1 / z))
    rates = gamma_range(shape, bend, falls=falls)
    bend = np.minimum(bend + np.log(every) - rates.high, 0.0)
    return rates, beta_range(a, b, bend, np.ones_like(a))


def _mean_of_flow(
    levels: FloatArray, shares: FloatArray, p: FloatArray, kappa: FloatArray, z: FloatArray
) -> FloatArray:
    """Return the mean over l of (1 - exp(-z (kappa + l p))) / (kappa + l p), shape of p."""
    forever = bool(np.isinf(z).all())
    total, kappa, z = np.zeros_like(p), kappa[:, None], z[:, None]
    for level, share in zip(levels.T[..., None], shares.T[..., None], strict=True):
        x = level * p
        x += kappa
        if forever:
            total += share / x
            continue
        with np.errstate(over="ignore"):
            lost = np.expm1(x * -z)
        lost /= x
        lost *= share
        total -= lost
    return total


def _mean_for_ever(
    levels: FloatArray, shares: FloatArray, p: FloatArray, kappa: FloatArray, every: int
) -> FloatArray:
    """Return the mean over l of 1 / (1 - v^k + p v^k), v = l / (l + kappa), shape of p."""
    total = np.zeros_like(p)
    log_power = -every * np.log1p(kappa[:, None] / levels)
    lost, kept = -np.expm1(log_power), np.exp(log_power)
    columns = (lost.T[..., None], kept.T[..., None], shares.T[..., None])
    for nothing, everything, share in zip(*columns, strict=True):
        x = everything * p
        x += nothing
        total += share / x
    return total
