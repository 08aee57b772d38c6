"""Expectations of a Poisson process that stops after a geometric number of events.

Events come at rate lambda ~ Gamma(s, beta); after each event the process stops with probability
p ~ Beta(a, b). For the time t, with z = t / beta and w = z / (1 + z)::

    E[events in (0, t]]  = E_p[(1 - (1 + p z)^-s) / p]  = sum_n q_n S_n
    P(not stopped by t)  = E_p[(1 + p z)^-s]            = sum_n q_n A_n

where q_n is the negative binomial probability of n events were there no stopping, A_n = (b)_n /
(a + b)_n the probability to survive n of them, and S_n = A_0 + ... + A_{n-1}. Both forms have
positive terms only: nothing cancels, and nothing happens at a = 1, where the published closed form
(Fader, Hardie and Lee 2005, eq. 9) divides by a - 1. The sum is short for ordinary customers. Heavy
buyers and long horizons take the integral over u = log(p / (1 - p)) by the trapezoidal rule, which
converges geometrically on the real line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["beta_geo_expectation", "beta_geo_survival"]

_MOST_TERMS = 600
_TERMS_BETWEEN_LOOKS = 16
_SMALLEST = 1e-16
_LOG_NEGLIGIBLE = 38.0
"""exp(-38) = 3e-17."""
_LONG_RUN = 32
_IN_CACHE = 1024
_STRIDE = 8
_LARGEST_SHAPE = 60.0
"""(60)_n / n! is 1e84 at 600 terms, (1 - w)^60 at least 1e-100: neither leaves the range."""
_LARGEST_EXPONENT = 700.0
_ROWS_AT_ONCE = 1024

Mixed = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
Factor = Callable[[FloatArray, FloatArray], FloatArray]


def beta_geo_expectation(
    s: Number, beta: Number, a: Number, b: Number, horizon: Number
) -> FloatArray:
    """Return the expected number of events in (0, horizon].

    Parameters
    ----------
    s, beta : ndarray of shape (n_rows,)
        Gamma shape and rate of the event rate; 1 / beta per time unit.
    a, b : ndarray of shape (n_rows,)
        Beta parameters of the probability to stop after an event.
    horizon : ndarray of shape (n_rows,)
        At least 0; infinite gives (a + b - 1) / (a - 1) for a > 1 and infinity for a <= 1.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    return _by_row(s, beta, a, b, horizon, _expectation_sum, _stops_before, _forever)


def beta_geo_survival(s: Number, beta: Number, a: Number, b: Number, horizon: Number) -> FloatArray:
    """Return the probability that the process has not stopped by the horizon.

    Parameters are those of `beta_geo_expectation`; an infinite horizon gives 0.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    return _by_row(s, beta, a, b, horizon, _survival_sum, _still_going, _never)


def _by_row(
    s: Number,
    beta: Number,
    a: Number,
    b: Number,
    horizon: Number,
    series: Callable[..., FloatArray],
    mixed: Mixed,
    limit: Callable[[FloatArray, FloatArray], FloatArray],
) -> FloatArray:
    """Send each row to the sum, the integral or the limit."""
    rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (s, beta, a, b, horizon)))
    shape = rows[0].shape
    s, scale, a, b, ahead = (row.ravel() for row in rows)
    with np.errstate(over="ignore"):
        z = ahead / scale
    out = np.empty_like(z)
    short = _terms_needed(s, z) < _MOST_TERMS
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


def _terms_needed(s: FloatArray, z: FloatArray) -> FloatArray:
    """Return a guess of the negative binomial's upper end: mean, ten deviations, and its tail."""
    with np.errstate(invalid="ignore", over="ignore"):
        mean = s * z
        return np.asarray(mean + 10 * np.sqrt(mean * (1 + z)) + 32 * z)


def _expectation_sum(s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return sum_n q_n S_n."""
    return _by_run(s, z, a, b, lambda reached, survival: reached)


def _survival_sum(s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return sum_n q_n A_n."""
    return _by_run(s, z, a, b, lambda reached, survival: survival)


def _by_run(
    s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray, factor: Factor
) -> FloatArray:
    """Sum long runs of rows that differ in z alone as polynomials, the other rows term by term."""
    changes = (np.diff(s) != 0) | (np.diff(a) != 0) | (np.diff(b) != 0)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(np.append(starts, len(z)))
    long = (lengths >= _LONG_RUN) & (s[starts] <= _LARGEST_SHAPE)
    out, rest = np.empty_like(z), np.repeat(~long, lengths)
    for start, length in zip(starts[long], lengths[long], strict=True):
        run = slice(start, start + length)
        out[run] = _polynomial(s[start], z[run], a[start], b[start], factor)
    if rest.any():
        out[rest] = _sum(s[rest], z[rest], a[rest], b[rest], factor)
    return out


def _polynomial(s: float, z: FloatArray, a: float, b: float, factor: Factor) -> FloatArray:
    """Return (1 - w)^s times a polynomial in w, whose coefficients are (s)_n / n! factor_n."""
    n = np.arange(1.0, _MOST_TERMS)
    rising = np.cumprod(np.append(1.0, (s + n - 1) / n))
    survival = np.cumprod(np.append(1.0, (b + n - 1) / (a + b + n - 1)))
    reached = np.append(0.0, np.cumsum(survival)[:-1])
    coefficients = rising * factor(reached, survival)
    w = z / (1 + z)
    terms = coefficients * w.max() ** np.arange(_MOST_TERMS)
    needed = len(terms) - int(np.argmax(terms[::-1] > _SMALLEST / 8 * terms.sum()))
    blocks = [w[start : start + _IN_CACHE] for start in range(0, len(w), _IN_CACHE)]
    values = np.concatenate([_evaluate(coefficients[:needed], block) for block in blocks])
    return np.asarray(values * np.exp(-s * np.log1p(z)))


def _evaluate(coefficients: FloatArray, w: FloatArray) -> FloatArray:
    """Return sum_n coefficients_n w^n: a polynomial in w^8 whose coefficients are others in w.

    So the long loop becomes one product of matrices (Paterson and Stockmeyer 1973, SIAM Journal on
    Computing 2(1), 60-66).
    """
    powers = np.empty((_STRIDE, len(w)))
    powers[0] = 1.0
    for n in range(1, _STRIDE):
        np.multiply(powers[n - 1], w, out=powers[n])
    padded = np.append(coefficients, np.zeros(-len(coefficients) % _STRIDE))
    parts = padded.reshape(-1, _STRIDE) @ powers
    step, total = powers[-1] * w, np.asarray(parts[-1])
    for part in parts[-2::-1]:
        total *= step
        total += part
    return total


def _sum(s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray, factor: Factor) -> FloatArray:
    """Add q_n factor(S_n, A_n) until no row changes; finished rows are set aside now and then."""
    q, survival, reached = np.exp(-s * np.log1p(z)), np.ones_like(z), np.zeros_like(z)
    total = q * factor(reached, survival)
    state = np.stack([q, survival, reached, total, z / (1 + z), s, a, b])
    out, rows, n = np.empty_like(z), np.arange(len(z)), 0
    while len(rows):
        q, survival, reached, total, w, s, a, b = state
        for _ in range(_TERMS_BETWEEN_LOOKS):
            n += 1
            q *= w * ((s + (n - 1)) / n)
            reached += survival
            survival *= (b + (n - 1)) / (a + b + (n - 1))
            added = q * factor(reached, survival)
            total += added
        going = _unfinished(added, total, w, s, n)
        out[rows[~going]] = total[~going]
        rows, state = rows[going], state[:, going]
    return out


def _unfinished(
    added: FloatArray, total: FloatArray, w: FloatArray, s: FloatArray, n: int
) -> BoolArray:
    """Bound what is left after term n by a geometric series with the next ratio of terms."""
    # (n + 1) / n bounds the growth of S_n, so that the bound serves both sums.
    ratio = w * np.maximum((s + n) / (n + 1), 1.0) * ((n + 1) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(ratio < 1, added * ratio / (1 - ratio), np.inf)
    return np.asarray((left > _SMALLEST * total) & (w > 0))


def _stops_before(p: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-s * np.log1p(p * z)) / p)


def _still_going(p: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-s * np.log1p(p * z)))


def _forever(a: FloatArray, b: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(a > 1, (a - 1 + b) / np.maximum(a - 1, 0.0), np.inf)


def _never(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.zeros_like(a)


def _integral(
    s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray, mixed: Mixed
) -> FloatArray:
    """Return E_p[mixed(p, s, z)], p ~ Beta(a, b), a block of rows at a time."""
    low, high, n_nodes = _range_of_nodes(s, z, a, b)
    order = np.argsort(n_nodes)  # so that the rows of a block want about as many nodes
    out = np.empty_like(z)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        block = order[start : start + _ROWS_AT_ONCE]
        rows = [v[block] for v in (s, z, a, b, low, high)]
        out[block] = _trapezoid(mixed, int(n_nodes[block].max()), *rows)
    return out


def _range_of_nodes(
    s: FloatArray, z: FloatArray, a: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return where the integrand over u = logit p matters, and how many nodes resolve it.

    The weight p^a (1 - p)^b is largest at log(a / b), with curvature a b / (a + b), and falls like
    exp(a u) to the left, exp(-b u) to the right. The mixed function bends at p = 1 / (s z) and at
    1 / z. Left of all this the integrand is exp(a u) times a constant, right of it exp(-b u): there
    the sum is geometric and `_trapezoid` adds it in closed form.
    """
    mode = np.log(a) - np.log(b)
    spread = np.sqrt(1 / a + 1 / b)
    bend = -np.maximum(np.log(np.maximum(s, 1.0)) + np.log(z), 0.0)
    left = np.minimum(mode, bend) - np.maximum(_LOG_NEGLIGIBLE / a, 9 * spread)
    plateau = bend - np.log(np.maximum(b, 1.0)) - _LOG_NEGLIGIBLE
    right = mode + np.maximum(_LOG_NEGLIGIBLE / b, 9 * spread)
    flat = np.log(np.maximum(a, 1.0)) + np.log(np.maximum(s, 1.0)) + _LOG_NEGLIGIBLE
    low, high = np.maximum(left, plateau), np.minimum(right, flat)
    return low, high, np.ceil((high - low) / np.minimum(0.25, 0.5 * spread)) + 1


def _trapezoid(
    mixed: Mixed,
    n_nodes: int,
    s: FloatArray,
    z: FloatArray,
    a: FloatArray,
    b: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    """Return the ratio of the trapezoidal sums of weight * mixed and of weight."""
    step = (high - low) / (n_nodes - 1)
    u = low[:, None] + step[:, None] * np.arange(n_nodes)
    log_p, log_rest = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    log_weight = a[:, None] * log_p + b[:, None] * log_rest
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight[:, 0] += weight[:, 0] / np.expm1(np.minimum(a * step, _LARGEST_EXPONENT))
    weight[:, -1] += weight[:, -1] / np.expm1(np.minimum(b * step, _LARGEST_EXPONENT))
    values = mixed(np.exp(log_p), s[:, None], z[:, None])
    return np.asarray((weight * values).sum(axis=1) / weight.sum(axis=1))
