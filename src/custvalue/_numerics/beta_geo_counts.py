"""Count probabilities of a process of stages that stops after a geometric number of events."""

from __future__ import annotations

import numpy as np

from custvalue._numerics.negative_binomial import at_least, log_probability
from custvalue._numerics.rising_derivatives import log_rising
from custvalue._typing import FloatArray, Number

__all__ = ["beta_geo_count_probability"]


def beta_geo_count_probability(
    s: Number,
    beta: Number,
    a: Number,
    b: Number,
    n: Number,
    horizon: Number,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return the probability of n events in (0, horizon] (Fader, Hardie and Lee 2005, eq. 8).

    Either the n-th event was survived and no other came, or the process stopped with it.

    Parameters
    ----------
    s, beta : float or ndarray of shape (n_rows,)
        Gamma shape and rate of the rate of stages; 1 / beta per time unit.
    a, b : float or ndarray of shape (n_rows,)
        Beta parameters of the probability to stop after an event.
    n : float or ndarray of shape (n_rows,)
        Whole numbers, at least 0.
    horizon : float or ndarray of shape (n_rows,)
        At least 0, or infinite.
    every, phase : int
        Every k-th stage is an event; j stages are over at the start, less than k.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (s, beta, a, b, n, horizon)))
    s, beta, a, b, n, horizon = rows
    with np.errstate(over="ignore"):
        z = horizon / beta
    first = np.maximum(n * every - phase, 0.0)
    log_stays = log_rising(b, n) - log_rising(a + b, n)
    total = np.zeros_like(z)
    for stages in range(every):
        counted = n * every - phase + stages
        valid = counted >= 0
        log_exact = log_probability(np.where(valid, counted, 0.0), s, z)
        total += np.where(valid, np.exp(log_stays + log_exact), 0.0)
    stops = np.where(n > 0, a / (b + np.maximum(n - 1, 0)), 0.0)
    return np.asarray(total + np.exp(log_stays) * stops * at_least(first, s, z))
