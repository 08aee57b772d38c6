"""What the models must return, worked out in mpmath to 50 digits.

BG/NBD of Fader, Hardie & Lee (2005): x repeat purchases, t_x the time of the last, T the time
observed; the purchase rate is Gamma(r, rate alpha), the chance of leaving after a purchase is
Beta(a, b). Given that a customer is alive at T, the rate is Gamma(s, rate A) and the chance of
leaving Beta(a, b + x), with s = r + x and A = alpha + T. Everything about the future follows from
these two, and this is how it is written here: no formula is shared with the package.

Gamma-Gamma of Fader & Hardie (2013): m is the mean of x purchases, each Gamma(p, rate nu), with
nu ~ Gamma(q, rate v).

Every closed form is computed at two precisions, until 50 digits agree; every integral with two
steps, until 28 do. They check each other where the golden files are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp, mpf

DIGITS = 50
INTEGRAL_DIGITS = 28
GOLDEN = Path(__file__).parent.parent / "golden"
LIVE_POINTS = 20


def log_likelihood(
    r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float
) -> mpf:
    """Return the log-likelihood of one purchase history (Fader, Hardie & Lee 2005, eq. 6)."""
    if x == 0 and T == 0:
        return mpf(0)  # nothing observed: no digit of log(1) would ever settle
    return settled(
        lambda: mp.log(
            _likelihood_alive(r, alpha, a, b, x, T) + _likelihood_gone(r, alpha, a, b, x, t_x)
        )
    )


def probability_alive(
    r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float, ahead: float = 0.0
) -> mpf:
    """Return the probability of being alive at time T + ahead, given the history up to T."""
    alive = settled(lambda: _alive(r, alpha, a, b, x, t_x, T))
    return alive if ahead == 0 else alive * _stays(r, alpha, a, b, x, T, ahead)


def expected_purchases(
    r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float, horizon: float
) -> mpf:
    """Return the mean number of purchases in (T, T + horizon], given the history up to T."""
    return settled(
        lambda: (
            _alive(r, alpha, a, b, x, t_x, T)
            * _growth(mpf(r) + x, mpf(alpha) + T, mpf(a), mpf(b) + x, mpf(horizon))
        )
    )


def expected_purchases_new(r: float, alpha: float, a: float, b: float, horizon: float) -> mpf:
    """Return the mean number of repeat purchases of a new customer in (0, horizon]."""
    return settled(lambda: _growth(mpf(r), mpf(alpha), mpf(a), mpf(b), mpf(horizon)))


def purchase_probability(
    r: float,
    alpha: float,
    a: float,
    b: float,
    x: float,
    t_x: float,
    T: float,
    n: int,
    horizon: float,
) -> mpf:
    """Return the probability of exactly n purchases in (T, T + horizon], given the history."""

    def evaluate() -> mpf:
        alive = _alive(r, alpha, a, b, x, t_x, T)
        count = _count(mpf(r) + x, mpf(alpha) + T, mpf(a), mpf(b) + x, n, mpf(horizon))
        return alive * count + (1 - alive if n == 0 else 0)

    return settled(evaluate)


def discounted_expected_purchases(
    r: float,
    alpha: float,
    a: float,
    b: float,
    x: float,
    t_x: float,
    T: float,
    rate: float,
    horizon: float,
    digits: int = 30,
) -> mpf:
    """Return the integral of exp(-rate u) dE(u) over (0, horizon], horizon finite or infinite.

    E(u) is the expected number of purchases in (T, T + u]. The integral is numerical, on pieces
    that double from the scale on which dE or the discount first changes.
    """
    with mp.workdps(digits + 10):
        s, A, a_, b_ = mpf(r) + x, mpf(alpha) + T, mpf(a), mpf(b) + x
        delta = mpf(rate)

        def flow(u: mpf) -> mpf:
            slope = mp.hyp2f1(s + 1, a_, a_ + b_, -u / A)
            return mp.exp(-delta * u) * s / A * slope

        longest = (digits + 5) * mp.log(10) / delta if rate > 0 else mp.inf
        edges = _doubling(min(A / (s + 1), 1 / delta if rate > 0 else A), min(longest, horizon))
        total = mp.fsum(mp.quad(flow, [lo, hi]) for lo, hi in pairwise(edges))
        return _alive(r, alpha, a, b, x, t_x, T) * total


def gamma_gamma_log_likelihood(p: float, q: float, v: float, x: float, m: float) -> mpf:
    """Return the log-density of a mean spend of m over x purchases."""

    def evaluate() -> mpf:
        shape, nu = mpf(p) * x, mpf(q)
        density = mp.loggamma(shape + nu) - mp.loggamma(shape) - mp.loggamma(nu)
        odds = shape * mp.log(x * mpf(m)) + nu * mp.log(v) - (shape + nu) * mp.log(v + x * mpf(m))
        return density + odds - mp.log(m)

    return settled(evaluate)


def gamma_gamma_expected_spend(p: float, q: float, v: float, x: float, m: float) -> mpf:
    """Return the mean spend per purchase to come: the mean of p / nu given the history."""
    return settled(lambda: mpf(p) * (mpf(v) + x * mpf(m)) / (mpf(q) + mpf(p) * x - 1))


def settled(evaluate: Callable[[], mpf]) -> mpf:
    """Evaluate at rising precision until two results agree to 50 digits."""
    digits = DIGITS + 20
    with mp.workdps(digits):
        before = evaluate()
    while digits < 4000:
        digits *= 2
        with mp.workdps(digits):
            value = evaluate()
            if value != 0 and abs(value - before) <= abs(value) * mpf(10) ** -DIGITS:
                return value
            before = value
    if value == 0 == before:
        return value
    raise ArithmeticError(f"no {DIGITS} digits agree at {digits} digits; last value {value}")


def mean_over_chance(log_f: Callable[[mpf], mpf], a: mpf, b: mpf) -> mpf:
    """Return E[exp(log_f(p))] for p ~ Beta(a, b), to 28 digits, by the trapezium rule.

    In t, where logit(p) = centre + scale sinh(t), the integrand dies off double-exponentially on
    both sides of its mode, so that halving the step doubles the number of right digits.
    """
    with mp.workdps(INTEGRAL_DIGITS + 15):
        a, b = mpf(a), mpf(b)

        def log_density(y: mpf) -> mpf:
            p, q = 1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y))
            return log_f(p) + a * mp.log(p) + b * mp.log(q)

        centre, scale = _mode(log_density)
        top = log_density(centre)

        def term(t: mpf) -> mpf:
            return mp.exp(log_density(centre + scale * mp.sinh(t)) - top) * mp.cosh(t)

        return _trapezium(term) * scale * mp.exp(top) / mp.beta(a, b)


def _mode(log_density: Callable[[mpf], mpf]) -> tuple[mpf, mpf]:
    """Return where a smooth density on the line has its mode, and its width there."""
    low, high = mpf(-400), mpf(400)
    for _ in range(40):
        middle = (low + high) / 2
        rises = log_density(middle + mpf("1e-8")) > log_density(middle - mpf("1e-8"))
        low, high = (middle, high) if rises else (low, middle)
    around = [log_density(low + shift) for shift in (mpf("-1e-3"), mpf(0), mpf("1e-3"))]
    curvature = (2 * around[1] - around[0] - around[2]) / mpf("1e-6")
    return low, 1 / mp.sqrt(max(curvature, mpf("1e-3")))


def _trapezium(term: Callable[[mpf], mpf]) -> mpf:
    """Return the integral of term over the line, halving the step until 28 digits agree."""
    step = mpf(1) / 4
    total = term(mpf(0)) + _side(term, step, step) + _side(term, -step, -step)
    before = step * total
    for _ in range(10):
        total += _side(term, step / 2, step) + _side(term, -step / 2, -step)
        step /= 2
        value = step * total
        if abs(value - before) <= abs(value) * mpf(10) ** -INTEGRAL_DIGITS:
            return value
        before = value
    raise ArithmeticError(f"no {INTEGRAL_DIGITS} digits agree at step {step}; last value {value}")


def _side(term: Callable[[mpf], mpf], t: mpf, step: mpf) -> mpf:
    """Return the sum of the terms from t onwards, until three in a row are negligible."""
    total, negligible = mpf(0), 0
    while negligible < 3:
        value = term(t)
        total += value
        t += step
        negligible = negligible + 1 if value < mpf(10) ** -(INTEGRAL_DIGITS + 5) else 0
    return total


def load_points(name: str, section: str = "points") -> dict[str, np.ndarray]:
    """Read one section of a golden file as float64 arrays, one entry a column."""
    document = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    columns = document["sections"][section]
    return {column: np.array([float(value) for value in columns[column]]) for column in columns}


def live_points(name: str = "beta_geo_nbd", section: str = "points") -> dict[str, np.ndarray]:
    """Return about 20 rows of a golden section, evenly spread, for the tests to work out anew."""
    points = load_points(name, section)
    n_rows = len(next(iter(points.values())))
    rows = np.unique(np.linspace(0, n_rows - 1, LIVE_POINTS).astype(int))
    return {column: values[rows] for column, values in points.items()}


def _likelihood_alive(r: float, alpha: float, a: float, b: float, x: float, T: float) -> mpf:
    return _beta_ratio(a, b, 0, x) * _rate_term(r, alpha, x, T)


def _likelihood_gone(r: float, alpha: float, a: float, b: float, x: float, t_x: float) -> mpf:
    return _beta_ratio(a, b, 1, x - 1) * _rate_term(r, alpha, x, t_x) if x > 0 else mpf(0)


def _beta_ratio(a: float, b: float, left: float, right: float) -> mpf:
    """Return E[p^left (1 - p)^right] for p ~ Beta(a, b)."""
    a_, b_ = mpf(a), mpf(b)
    return mp.gammaprod([a_ + left, b_ + right, a_ + b_], [a_ + b_ + left + right, a_, b_])


def _rate_term(r: float, alpha: float, x: float, time: float) -> mpf:
    """Return E[rate^x exp(-rate time)] for rate ~ Gamma(r, alpha)."""
    r_, alpha_ = mpf(r), mpf(alpha)
    return mp.rf(r_, x) * alpha_**r_ / (alpha_ + time) ** (r_ + x)


def _alive(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> mpf:
    alive = _likelihood_alive(r, alpha, a, b, x, T)
    return alive / (alive + _likelihood_gone(r, alpha, a, b, x, t_x))


def _stays(r: float, alpha: float, a: float, b: float, x: float, T: float, ahead: float) -> mpf:
    """Return E[exp(-rate p ahead)] for a customer alive at T, by integration over p.

    The closed form 2F1(r + x, a; a + b + x; -z) is not used: mpmath 1.4 has 15 digits of it right
    at r = .01, z = 5, a = b = 1000, and says nothing.
    """
    s, z = mpf(r) + x, mpf(ahead) / (mpf(alpha) + T)
    return mean_over_chance(lambda p: -s * mp.log1p(p * z), mpf(a), mpf(b) + x)


def _growth(s: mpf, A: mpf, a: mpf, b: mpf, horizon: mpf) -> mpf:
    """Return E[(1 - exp(-rate p horizon)) / p] for rate ~ Gamma(s, A), p ~ Beta(a, b).

    It is the integral over time of s / A 2F1(s + 1, a; a + b; -u / A), term by term: the same at
    a = 1 and at a + b = 1, where the usual closed form is 0/0.
    """
    z = horizon / A
    return s * z * mp.hyp3f2(s + 1, a, 1, a + b, 2, -z)


def _count(s: mpf, A: mpf, a: mpf, b: mpf, n: int, horizon: mpf) -> mpf:
    """Return P(n purchases within horizon) for a customer alive at its start."""
    share = horizon / (A + horizon)
    still = _beta_ratio(a, b, 0, n) * _exactly(s, share, n)
    if n == 0:
        return still
    return still + _beta_ratio(a, b, 1, n - 1) * _at_least(s, share, n)


def _exactly(s: mpf, share: mpf, n: int) -> mpf:
    return mp.rf(s, n) / mp.factorial(n) * (1 - share) ** s * share**n


def _at_least(s: mpf, share: mpf, n: int) -> mpf:
    """Return P(n or more) of the negative binomial, from whichever side does not cancel."""
    if share >= 0.5 or n * (1 - share) <= s * share:
        return 1 - mp.fsum(_exactly(s, share, j) for j in range(n))
    term = total = _exactly(s, share, n)
    while term > total * mp.eps:
        term *= share * (s + n) / (n + 1)
        total += term
        n += 1
    return total


def _doubling(first: mpf, last: Any) -> list[mpf]:
    edges, width = [mpf(0)], first
    while edges[-1] + width < last:
        edges.append(edges[-1] + width)
        width *= 2
    return [*edges, mpf(last)]
