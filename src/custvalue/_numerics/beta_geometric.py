"""Expectations of a process of stages that stops after a geometric number of events.

Stages come at rate lambda ~ Gamma(s, beta); every k-th of them is an event, and after each event
the process stops with probability p ~ Beta(a, b). With k = 1 every stage is an event. At the start
j stages of the first event are over, 0 <= j < k. For the time t, with z = t / beta and
w = z / (1 + z), and i = floor((n + j) / k) events in n stages::

    E[events in (0, t]]  = sum_n q_n S_i
    P(not stopped by t)  = sum_n q_n A_i

where q_n is the negative binomial probability of n stages were there no stopping, A_i = (b)_i /
(a + b)_i the probability to survive i events, and S_i = A_0 + ... + A_{i-1}. All terms are
positive: nothing cancels, and nothing happens at a = 1, where the published closed form (Fader,
Hardie and Lee 2005, eq. 9) divides by a - 1. The sum is short for ordinary customers. Heavy buyers
and long horizons take the integral over u = log(p / (1 - p)) by the trapezoidal rule, which
converges geometrically on the real line. For k = 1 the integrands are::

    E[events in (0, t] | p] = (1 - (1 + p z)^-s) / p
    P(not stopped by t | p) = (1 + p z)^-s

and `stage_cycles` has those for k > 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from custvalue._numerics.mixing_nodes import beta_nodes, beta_range
from custvalue._numerics.stage_cycles import events_given_stop, survival_given_stop
from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["beta_geo_expectation", "beta_geo_survival", "stages_needed"]

MOST_TERMS = 600
_TERMS_BETWEEN_LOOKS = 16
_SMALLEST = 1e-16
_ROWS_AT_ONCE = 1024

Factor = Callable[[FloatArray, FloatArray], FloatArray]
Mixed = Callable[..., FloatArray]


def beta_geo_expectation(
    s: Number,
    beta: Number,
    a: Number,
    b: Number,
    horizon: Number,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return the expected number of events in (0, horizon].

    Parameters
    ----------
    s, beta : float or ndarray of shape (n_rows,)
        Gamma shape and rate of the rate of stages; 1 / beta per time unit.
    a, b : float or ndarray of shape (n_rows,)
        Beta parameters of the probability to stop after an event.
    horizon : float or ndarray of shape (n_rows,)
        At least 0; infinite gives (a + b - 1) / (a - 1) for a > 1 and infinity for a <= 1.
    every, phase : int
        Every k-th stage is an event; j stages are over at the start, less than k.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    return _by_row(
        (s, beta, a, b, horizon),
        partial(_sum, factor=_reached, every=every, phase=phase),
        partial(events_given_stop, every=every, phase=phase),
        _forever,
    )


def beta_geo_survival(
    s: Number,
    beta: Number,
    a: Number,
    b: Number,
    horizon: Number,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return the probability that the process has not stopped by the horizon.

    Parameters are those of `beta_geo_expectation`; an infinite horizon gives 0.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    return _by_row(
        (s, beta, a, b, horizon),
        partial(_sum, factor=_survival, every=every, phase=phase),
        partial(survival_given_stop, every=every, phase=phase),
        _never,
    )


def stages_needed(s: FloatArray, z: FloatArray) -> FloatArray:
    """Return a guess of the negative binomial's upper end: mean, ten deviations, and its tail."""
    with np.errstate(invalid="ignore", over="ignore"):
        mean = s * z
        return np.asarray(mean + 10 * np.sqrt(mean * (1 + z)) + 32 * z)


def _by_row(
    parameters: tuple[Number, ...],
    series: Callable[..., FloatArray],
    mixed: Mixed,
    limit: Callable[[FloatArray, FloatArray], FloatArray],
) -> FloatArray:
    """Send each row to the sum, the integral or the limit."""
    rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in parameters))
    shape = rows[0].shape
    s, scale, a, b, ahead = (row.ravel() for row in rows)
    with np.errstate(over="ignore"):
        z = ahead / scale
    out = np.empty_like(z)
    short = stages_needed(s, z) < MOST_TERMS
    forever = np.isinf(z)
    long = ~(short | forever)
    if short.all():
        return np.asarray(series(s, z, a, b).reshape(shape))
    if short.any():
        out[short] = series(s[short], z[short], a[short], b[short])
    if long.any():
        out[long] = _integral(s[long], z[long], a[long], b[long], mixed)
    if forever.any():
        out[forever] = limit(a[forever], b[forever])
    return np.asarray(out.reshape(shape))


def _reached(reached: FloatArray, survival: FloatArray) -> FloatArray:
    return reached


def _survival(reached: FloatArray, survival: FloatArray) -> FloatArray:
    return survival


def _sum(
    s: FloatArray,
    z: FloatArray,
    a: FloatArray,
    b: FloatArray,
    *,
    factor: Factor,
    every: int,
    phase: int,
) -> FloatArray:
    """Add q_n factor(S_i, A_i) until no row changes; finished rows are set aside now and then."""
    q, survival, reached = np.exp(-s * np.log1p(z)), np.ones_like(z), np.zeros_like(z)
    total = q * factor(reached, survival)
    state = np.stack([q, survival, reached, total, z / (1 + z), s, a, b])
    out, rows, n = np.empty_like(z), np.arange(len(z)), 0
    while len(rows):
        q, survival, reached, total, w, s, a, b = state
        for _ in range(_TERMS_BETWEEN_LOOKS):
            n += 1
            q *= w * ((s + (n - 1)) / n)
            events, rest = divmod(n + phase, every)
            if rest == 0:
                reached += survival
                survival *= (b + (events - 1)) / (a + b + (events - 1))
            added = q * factor(reached, survival)
            total += added
        going = _unfinished(added * (n + 1) / (n + 2 - every), total, w, s, n)
        out[rows[~going]] = total[~going]
        rows, state = rows[going], state[:, going]
    return out


def _unfinished(
    added: FloatArray, total: FloatArray, w: FloatArray, s: FloatArray, n: int
) -> BoolArray:
    """Bound what is left after term n by a geometric series with the next ratio of terms."""
    # (n + 1) / n bounds the growth of S, so that the bound serves both sums.
    ratio = w * np.maximum((s + n) / (n + 1), 1.0) * ((n + 1) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(ratio < 1, added * ratio / (1 - ratio), np.inf)
    return np.asarray((left > _SMALLEST * total) & (w > 0))


def _forever(a: FloatArray, b: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(a > 1, (a - 1 + b) / np.maximum(a - 1, 0.0), np.inf)


def _never(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.zeros_like(a)


def _integral(
    s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray, mixed: Mixed
) -> FloatArray:
    """Return E_p[mixed(log p, log(1 - p), s, z)], p ~ Beta(a, b), a block of rows at a time.

    The mixed function bends at p = 1 / (s z) and at 1 / z.
    """
    bend = -np.maximum(np.log(np.maximum(s, 1.0)) + np.log(z), 0.0)
    where = beta_range(a, b, bend, np.maximum(s, 1.0))
    order = np.argsort(where.n_nodes)  # so that the rows of a block want about as many nodes
    out = np.empty_like(z)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        block = order[start : start + _ROWS_AT_ONCE]
        log_p, log_rest, weight = beta_nodes(a[block], b[block], where.take(block))
        out[block] = (weight * mixed(log_p, log_rest, s[block], z[block])).sum(axis=1)
    return out
