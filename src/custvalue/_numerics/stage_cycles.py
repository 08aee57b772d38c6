"""Events that are every k-th stage of a Poisson process, given the chance to stop after one.

Stages come at rate lambda ~ Gamma(s, beta); n of them by the time t = z beta, with j over at the
start, are i = floor((n + j) / k) events. Where all are survived with probability (1 - p)^i, that is
a geometric sequence in n times a sequence of period k: a sum of k geometric sequences, whose ratios
are the k-th roots theta_l of 1 - p. So, as every geometric sequence has the mean
(1 + z (1 - theta))^-s::

    P(not stopped by t) = p / (k (1 - p)) sum_l c_l (1 + z (1 - theta_l))^-s
    E[events in (0, t]] = 1 / (k (1 - p)) sum_l c_l (1 - (1 + z (1 - theta_l))^-s)
    c_l = theta_l^(j+1) / (1 - theta_l)

The real root gives the smooth part, the other roots the cycles. For p near 1 they would cancel one
another, unless the cycles have died out: there the powers of 1 - p are added as they stand. Both
serve where stages are many.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import BoolArray, FloatArray

__all__ = ["events_given_stop", "roots", "survival_given_stop"]

LOG_LARGE_STOP = np.log(0.1)
"""Log(1 - p) from which down powers of 1 - p are added."""
_FADED = 5.0
POWERS = 18
"""0.1^18 is below rounding."""


def events_given_stop(
    log_p: FloatArray,
    log_rest: FloatArray,
    s: FloatArray,
    z: FloatArray,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return E[events in (0, t] | p].

    Parameters
    ----------
    log_p, log_rest : ndarray of shape (n_rows, n_nodes)
        Logarithms of p and of 1 - p.
    s, z : ndarray of shape (n_rows,)
    every, phase : int
        k and j.

    Returns
    -------
    ndarray of shape (n_rows, n_nodes)
    """
    s, z = s[:, None], z[:, None]
    if every == 1:
        p = np.exp(log_p)
        return np.asarray(-np.expm1(-s * np.log1p(p * z)) / p)

    def cycles(log_rest: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
        total = np.zeros_like(log_rest)
        for theta, rest, share in roots(log_rest, every):
            ends = -np.expm1(-s * np.log1p(z * rest))
            total += (share * theta ** (phase + 1) / rest * ends).real
        return total / every * np.exp(-log_rest)

    at_least = 1 - np.cumsum(_event_probabilities(s, z, every, phase), axis=1)[:, :-1]
    return _by_size(log_rest < LOG_LARGE_STOP, log_rest, s, z, cycles, at_least)


def survival_given_stop(
    log_p: FloatArray,
    log_rest: FloatArray,
    s: FloatArray,
    z: FloatArray,
    *,
    every: int = 1,
    phase: int = 0,
) -> FloatArray:
    """Return P(not stopped by t | p); parameters are those of `events_given_stop`.

    Returns
    -------
    ndarray of shape (n_rows, n_nodes)
    """
    s, z = s[:, None], z[:, None]
    if every == 1:
        return np.exp(-s * np.log1p(np.exp(log_p) * z))

    def cycles(log_rest: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
        total = np.zeros_like(log_rest)
        for theta, rest, share in roots(log_rest, every):
            ends = np.exp(-s * np.log1p(z * rest))
            total += (share * theta ** (phase + 1) / rest * ends).real
        return total / every * -np.expm1(log_rest) * np.exp(-log_rest)

    large = (log_rest < LOG_LARGE_STOP) & (s * _fading(log_rest, z, every) < _FADED)
    return _by_size(large, log_rest, s, z, cycles, _event_probabilities(s, z, every, phase))


def roots(log_rest: FloatArray, every: int) -> list[tuple[FloatArray, FloatArray, float]]:
    """Return the k-th roots of 1 - p, 1 minus them, and how many each stands for.

    Of a pair of conjugates there is one, which stands for two.
    """
    real = np.exp(log_rest / every)
    found = [(real, -np.expm1(log_rest / every), 1.0)]
    for i in range(1, every // 2 + 1):
        turn = np.exp(2j * np.pi * i / every) if 2 * i < every else -1.0
        theta = real * turn
        found.append((theta, 1 - theta, 2.0 if 2 * i < every else 1.0))
    return found


def _fading(log_rest: FloatArray, z: FloatArray, every: int) -> FloatArray:
    """Return the log of the ratio of |1 + z (1 - theta)| at the first root beside the real one."""
    real = np.exp(log_rest / every)
    more = real * (1 - np.exp(2j * np.pi / every))
    return np.asarray(np.log(np.abs(1 + z * more / (1 - z * np.expm1(log_rest / every)))))


def _by_size(
    large: BoolArray,
    log_rest: FloatArray,
    s: FloatArray,
    z: FloatArray,
    cycles: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
    coefficients: FloatArray,
) -> FloatArray:
    """Evaluate cycles where p is not near 1, elsewhere the sum of coefficients (1 - p)^i."""
    out = np.empty_like(log_rest)
    rows = np.nonzero(~large)[0]
    out[~large] = cycles(log_rest[~large], s[rows, 0], z[rows, 0])
    rows = np.nonzero(large)[0]
    rest, total = np.exp(log_rest[large]), np.zeros(len(rows))
    for column in coefficients.T[::-1]:
        total *= rest
        total += column[rows]
    out[large] = total
    return out


def _event_probabilities(s: FloatArray, z: FloatArray, every: int, phase: int) -> FloatArray:
    """Return P(i events), were there no stopping, for i = 0 to `POWERS`, shape (n_rows, ...)."""
    n = np.arange(1.0, every * (POWERS + 1) - phase)
    log_ratios = np.log(z / (1 + z) * ((s + n - 1) / n))
    none = -s * np.log1p(z)
    stages = np.exp(np.concatenate([none, none + np.cumsum(log_ratios, axis=1)], axis=1))
    padded = np.concatenate([np.zeros((len(s), phase)), stages], axis=1)
    return np.asarray(padded.reshape(len(s), -1, every).sum(axis=2))
