"""Precision, integrals and differences in mpmath, for all models of the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

from mpmath import mp, mpf

DIGITS = 50
INTEGRAL_DIGITS = 26
GUARD = 15
DIFFERENCE_DIGITS = 110
Vector = tuple[mpf, ...]


def precise(function: Callable[..., mpf]) -> Callable[..., mpf]:
    """Run a function with guard digits, also where it combines what others return."""

    @wraps(function)
    def run(*arguments: Any) -> mpf:
        with mp.workdps(DIGITS + 20):
            return function(*arguments)

    return run


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


def settled_log(evaluate: Callable[[], mpf]) -> mpf:
    """Return the logarithm of a probability: to 50 digits of the probability, be it 1 or not."""
    with mp.workdps(DIGITS + 20):
        return mp.log(settled(evaluate))


def differences(evaluate: Callable[..., mpf], parameters: Sequence[float]) -> list[mpf]:
    """Return the gradient by central differences of 1e-30 in 110 digits: 50 of them are right."""
    with mp.workdps(DIFFERENCE_DIGITS):
        exact = [mpf(parameter) for parameter in parameters]
        return [_difference(evaluate, exact, place) for place in range(len(exact))]


def _difference(evaluate: Callable[..., mpf], parameters: list[mpf], place: int) -> mpf:
    step = parameters[place] * mpf(10) ** -30
    up, down = list(parameters), list(parameters)
    up[place] += step
    down[place] -= step
    return (evaluate(*up) - evaluate(*down)) / (2 * step)


def beta_mean(a: Any, b: Any, left: Any, right: Any) -> mpf:
    """Return E[p^left (1 - p)^right] for p ~ Beta(a, b)."""
    a_, b_ = mpf(a), mpf(b)
    return mp.gammaprod([a_ + left, b_ + right, a_ + b_], [a_ + b_ + left + right, a_, b_])


def rate_mean(r: Any, alpha: Any, x: int, time: Any) -> mpf:
    """Return E[rate^x exp(-rate time)] for rate ~ Gamma(r, alpha)."""
    r_, alpha_ = mpf(r), mpf(alpha)
    return mp.rf(r_, x) * alpha_**r_ / (alpha_ + mpf(time)) ** (r_ + x)


def exactly(s: Any, z: mpf, n: int) -> mpf:
    """Return P(n events within z) for a rate ~ Gamma(s, 1): negative binomial."""
    return mp.rf(s, n) / mp.factorial(n) * z**n / (1 + z) ** (s + n)


def at_least(s: Any, z: mpf, n: int) -> mpf:
    """Return P(n or more events within z), from whichever side does not cancel."""
    if n <= s * z or z >= 100:
        return 1 - mp.fsum(_counts_up_to(s, z, n - 1))
    term = total = exactly(s, z, n)
    while term > total * mp.eps:
        term *= z / (1 + z) * (s + n) / (n + 1)
        total += term
        n += 1
    return total


def _counts_up_to(s: Any, z: mpf, last: int) -> Iterator[mpf]:
    term = (1 + z) ** (-mpf(s))
    for n in range(last + 1):
        yield term
        term *= z / (1 + z) * (s + n) / (n + 1)


def mean_over_chance(
    log_f: Callable[[mpf], mpf], a: Any, b: Any, digits: int = INTEGRAL_DIGITS
) -> mpf:
    """Return E[exp(log_f(p))] for p ~ Beta(a, b), by the trapezium rule over logit p."""
    with mp.workdps(digits + GUARD):
        a_, b_ = mpf(a), mpf(b)

        def log_density(y: mpf) -> mpf:
            odds = mp.exp(-y)
            log_p = -mp.log1p(odds)
            return log_f(1 / (1 + odds)) + (a_ + b_) * log_p - b_ * y

        return over_the_line(log_density, digits=digits) / mp.beta(a_, b_)


def over_time(
    log_f: Callable[[mpf], mpf],
    length: Any,
    weights: Callable[[mpf], Vector] | None = None,
    digits: int = INTEGRAL_DIGITS,
) -> Any:
    """Return the integral of exp(log_f(u)) over (0, length), length finite or infinite.

    u is length / (1 + exp(-y)), or exp(y) where the length is infinite: whatever singularities f
    has at negative times, they then lie a distance of pi from the path.
    """
    with mp.workdps(digits + GUARD):
        if length == mp.inf:
            moment, log_slope = mp.exp, lambda y: y
        else:
            whole = mpf(length)
            log_whole = mp.log(whole)
            moment = lambda y: whole / (1 + mp.exp(-y))  # noqa: E731
            log_slope = lambda y: log_whole - y - 2 * mp.log1p(mp.exp(-y))  # noqa: E731
        return over_the_line(
            lambda y: log_f(moment(y)) + log_slope(y),
            None if weights is None else lambda y: weights(moment(y)),
            digits,
        )


def over_the_line(
    log_density: Callable[[mpf], mpf],
    weights: Callable[[mpf], Vector] | None = None,
    digits: int = INTEGRAL_DIGITS,
) -> Any:
    """Return the integral of exp(log_density) over the line; with weights, of their products too.

    In t, where y = mode + scale sinh(t), the integrand dies off double-exponentially on both
    sides, so that halving the step of the trapezium rule doubles the number of right digits.
    The step is halved until all the digits agree.
    """
    with mp.workdps(digits + GUARD):
        centre, scale = _mode(log_density)
        top = log_density(centre)

        def term(t: mpf) -> Vector:
            y = centre + scale * mp.sinh(t)
            value = mp.exp(log_density(y) - top) * mp.cosh(t)
            return (value,) if weights is None else (value, *(value * w for w in weights(y)))

        sums = _trapezium(term, digits)
        found = tuple(value * scale * mp.exp(top) for value in sums)
        return found[0] if weights is None else found


def _mode(log_density: Callable[[mpf], mpf]) -> tuple[mpf, mpf]:
    """Return where a smooth density on the line has its mode, roughly, and its width there."""
    low, high = mpf(-256), mpf(256)
    for _ in range(16):
        middle = (low + high) / 2
        rises = log_density(middle + mpf("1e-8")) > log_density(middle - mpf("1e-8"))
        low, high = (middle, high) if rises else (low, middle)
    around = [log_density(low + shift) for shift in (mpf("-1e-3"), mpf(0), mpf("1e-3"))]
    curvature = (2 * around[1] - around[0] - around[2]) / mpf("1e-6")
    return low, 1 / mp.sqrt(max(curvature, mpf("1e-2")))


def _trapezium(term: Callable[[mpf], Vector], digits: int) -> list[mpf]:
    """Return the integrals of the terms over the line, halving the step until all digits agree."""
    step = mpf(1) / 4
    terms = [term(mpf(0)), *_side(term, step, step, digits), *_side(term, -step, -step, digits)]
    for _ in range(10):
        before = _integrals(terms, step)
        terms += _side(term, step / 2, step, digits) + _side(term, -step / 2, -step, digits)
        step /= 2
        value = _integrals(terms, step)
        sizes = [step * mp.fsum(map(abs, column)) for column in zip(*terms, strict=True)]
        if all(
            abs(new - old) <= size * mpf(10) ** -digits
            for new, old, size in zip(value, before, sizes, strict=True)
        ):
            return value
    raise ArithmeticError(f"no {digits} digits agree at step {step}; last value {value}")


def _integrals(terms: list[Vector], step: mpf) -> list[mpf]:
    return [step * mp.fsum(column) for column in zip(*terms, strict=True)]


def _side(term: Callable[[mpf], Vector], t: mpf, step: mpf, digits: int) -> list[Vector]:
    """Return the terms from t onwards, until three in a row are negligible."""
    terms: list[Vector] = []
    negligible = 0
    while negligible < 3:
        terms.append(term(t))
        t += step
        negligible = negligible + 1 if terms[-1][0] < mpf(10) ** -(digits + 6) else 0
    return terms
