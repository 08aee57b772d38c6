"""BG/CNBD-k and MBG/CNBD-k (Reutterer, Platzer & Schröder 2021): regular purchases.

As in BG/NBD and MBG/NBD, but a purchase is every k-th event of a Poisson process: given the rate,
gaps are Erlang(k, rate). With s the time from the last purchase to T, a customer who is alive has
seen j = 0 .. k-1 events since; over the rate, with R = r + k x, that has the weight

    w_j = Gamma(R + j) s^j / (j! (alpha + T)^(R + j)),

and given j the rate is Gamma(R + j, alpha + T). The m-th purchase from now on takes m k - j events,
and that the customer stayed after each of the m - 1 before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mpmath import mp, mpf

from support.oracle.beta_geo_nbd import DISCOUNTED_DIGITS
from support.oracle.common import (
    at_least,
    beta_mean,
    differences,
    exactly,
    mean_over_chance,
    over_time,
    precise,
    rate_mean,
    settled,
)

LONGEST = 12_000
NEGLIGIBLE = mpf(10) ** -45
TINY = mpf(10) ** -40
NEGLIGIBLE_IN_FLOW = mpf(10) ** -25
SERIES_IN_Q = 110
Phase = tuple[int, mpf, mpf]


class RegularBetaGeoNBD:
    """Parameters k, r, alpha, a, b; the histories end with the sum of the logs of the gaps."""

    names = ("k", "r", "alpha", "a", "b")
    first = 0

    def __init__(self, k: float, r: float, alpha: float, a: float, b: float) -> None:
        self.k = int(k)
        self.r, self.alpha, self.a, self.b = self.parameters = tuple(map(mpf, (r, alpha, a, b)))

    @precise
    def log_likelihood(self, x: float, t_x: float, T: float, log_interval_sum: float) -> mpf:
        """Return the log-density of one purchase history with all its gaps."""
        parts = sum(self._parts(*self.parameters, int(x), t_x, T))
        return mp.log(parts) + self._of_gaps(x, log_interval_sum)

    def gradient(self, x: float, t_x: float, T: float, log_interval_sum: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood in r, alpha, a, b."""
        return differences(
            lambda *parameters: mp.log(sum(self._parts(*parameters, int(x), t_x, T))),
            self.parameters,
        )

    @precise
    def probability_alive(
        self, x: float, t_x: float, T: float, log_interval_sum: float, ahead: float = 0.0
    ) -> mpf:
        """Return the probability of being alive at time T + ahead, given the history up to T."""
        alive = self._alive(x, t_x, T)
        if ahead == 0:
            return alive
        a, b = self.a, self.b + x + self.first
        stays = mpf(0)
        for j, weight, R in self._phases(x, t_x, T):
            stay = mpf(1)
            for i, chance in enumerate(counts(R, mpf(ahead) / (self.alpha + T), self.k)):
                if i and (i + j) % self.k == 0:
                    n = (i + j) // self.k - 1
                    stay *= (b + n) / (a + b + n)
                stays += weight * chance * stay
        return alive * stays

    @precise
    def expected_purchases(
        self, x: float, t_x: float, T: float, log_interval_sum: float, horizon: float
    ) -> mpf:
        """Return the mean number of purchases in (T, T + horizon], given the history."""
        if horizon == 0:
            return mpf(0)
        a, b, z = self.a, self.b + x + self.first, mpf(horizon) / (self.alpha + T)
        phases = self._phases(x, t_x, T)
        in_series = all(is_short(R, z, self.k) for _, _, R in phases)
        growth = series_growth if in_series else integral_growth
        return self._alive(x, t_x, T) * growth(self.k, phases, z, a, b)

    def expected_purchases_new(self, horizon: float) -> mpf:
        """Return the mean number of repeat purchases of a new customer in (0, horizon]."""
        return self.expected_purchases(0, 0.0, 0.0, 0.0, horizon)

    def purchase_probability(
        self, x: float, t_x: float, T: float, log_interval_sum: float, n: float, horizon: float
    ) -> mpf:
        """Return the probability of exactly n purchases in (T, T + horizon], given the history."""
        if horizon == 0:
            return mpf(n == 0)

        def evaluate() -> mpf:
            alive = self._alive(x, t_x, T)
            counted = alive * self._count(x, t_x, T, int(n), mpf(horizon))
            return counted + (1 - alive if n == 0 else 0)

        return settled(evaluate)

    def purchase_probability_new(self, n: float, horizon: float) -> mpf:
        """Return the probability of n repeat purchases of a new customer in (0, horizon]."""
        return self.purchase_probability(0, 0.0, 0.0, 0.0, n, horizon)

    @precise
    def discounted_expected_purchases(
        self, x: float, t_x: float, T: float, log_interval_sum: float, rate: float, horizon: float
    ) -> mpf:
        """Return the integral of exp(-rate u) dE(u) over (0, horizon], dE as a series.

        For ever is as long as the discount leaves more than exp(-60).
        """
        if horizon == 0:
            return mpf(0)
        A, a, b = self.alpha + T, self.a, self.b + x + self.first
        phases, discount = self._phases(x, t_x, T), mpf(rate)

        def log_flow(u: mpf) -> mpf:
            flow = mp.fsum(w * self._flow(R, u / A, j, a, b) for j, w, R in phases if w > TINY)
            return mp.log(flow / (A + u)) - discount * u

        longest = min(mpf(horizon), 60 / discount)
        total = over_time(log_flow, longest, digits=DISCOUNTED_DIGITS)
        return self._alive(x, t_x, T) * total

    def is_short(self, x: float, T: float, horizon: float, longest: int = LONGEST) -> bool:
        """Return whether sums over the events of the horizon are short enough to be summed."""
        R, z = self.r + self.k * (x + 1), mpf(horizon) / (self.alpha + T)
        return is_short(R, z, self.k, longest)

    def _flow(self, R: mpf, z: mpf, j: int, a: mpf, b: mpf) -> mpf:
        """Return the density of purchases at z, times A + u, from phase j."""
        total, stays = mpf(0), mpf(1)
        for i, chance in enumerate(counts(R, z, self.k, NEGLIGIBLE_IN_FLOW), 1):
            if (i + j) % self.k == 0:
                m = (i + j) // self.k
                total += stays * chance * (R + i - 1)
                stays *= (b + m - 1) / (a + b + m - 1)
        return total

    def _count(self, x: float, t_x: float, T: float, n: int, horizon: mpf) -> mpf:
        a, b, z = self.a, self.b + x + self.first, horizon / (self.alpha + T)
        stays = beta_mean(a, b, 0, n)
        leaves = beta_mean(a, b, 1, n - 1) if n else mpf(0)
        total = mpf(0)
        for j, weight, R in self._phases(x, t_x, T):
            first = n * self.k - j
            events = range(max(first, 0), first + self.k)
            total += weight * stays * mp.fsum(exactly(R, z, i) for i in events)
            if n:
                total += weight * leaves * at_least(R, z, first)
        return total

    def _phases(self, x: float, t_x: float, T: float) -> list[Phase]:
        """Return the weights of the phases j, alive, and the shape R + j of the rate there."""
        R = self.r + self.k * x
        weights = list(self._silences(R, self.alpha, t_x, T))
        total = mp.fsum(weights)
        return [(j, w / total, R + j) for j, w in enumerate(weights) if j == 0 or w > 0]

    def _silences(self, R: Any, alpha: Any, t_x: Any, T: Any) -> Iterator[mpf]:
        """Yield the weights w_j relative to w_0."""
        weight, share = mpf(1), (mpf(T) - mpf(t_x)) / (alpha + T)
        for j in range(self.k):
            yield weight
            weight *= (R + j) * share / (j + 1)

    def _parts(self, r: Any, alpha: Any, a: Any, b: Any, x: int, t_x: Any, T: Any) -> Any:
        stayed, events = x + self.first, self.k * x
        silent = mp.fsum(self._silences(r + events, alpha, t_x, T))
        alive = beta_mean(a, b, 0, stayed) * rate_mean(r, alpha, events, T) * silent
        if stayed == 0:
            return alive, mpf(0)
        return alive, beta_mean(a, b, 1, stayed - 1) * rate_mean(r, alpha, events, t_x)

    def _alive(self, x: float, t_x: float, T: float) -> mpf:
        alive, left = self._parts(*self.parameters, int(x), t_x, T)
        return alive / (alive + left)

    def _of_gaps(self, x: float, log_interval_sum: float) -> mpf:
        return (self.k - 1) * mpf(log_interval_sum) - x * mp.loggamma(self.k)


class RegularModifiedBetaGeoNBD(RegularBetaGeoNBD):
    """Parameters k, r, alpha, a, b; the purchase at time 0 may be the last."""

    first = 1


def counts(R: mpf, z: mpf, k: int, negligible: mpf = NEGLIGIBLE) -> Iterator[mpf]:
    """Yield P(i events within z), i = 0, 1, ..., until the rest is negligible for P(k or more)."""
    chance, largest, share, i = (1 + z) ** -R, mpf(0), z / (1 + z), 0
    while True:
        yield chance
        ratio = share * (R + i) / (i + 1)
        if i >= k:
            largest = max(largest, chance)
            if ratio < 1 and chance * ratio < negligible * largest * (1 - ratio):
                return
        chance *= ratio
        i += 1


def is_short(R: mpf, z: mpf, k: int, longest: int = LONGEST) -> bool:
    """Return whether ``counts`` has no more than so many entries, on the safe side."""
    mean = R * z
    return mean + 15 * mp.sqrt(mean * (1 + z)) + 110 * (1 + z) + k < longest


def arrivals(R: mpf, z: mpf, k: int) -> list[mpf]:
    """Return P(N >= i), i = 0, 1, ..., adding positive terms only, or from 1 downwards."""
    if is_short(R, z, k):
        tails = [mpf(0)]
        for chance in reversed(list(counts(R, z, k))):
            tails.append(tails[-1] + chance)
        return tails[::-1]
    tails, chance = [mpf(1)], (1 + z) ** -R
    for i in range(SERIES_IN_Q * k + 2):
        tails.append(tails[-1] - chance)
        chance *= z / (1 + z) * (R + i) / (i + 1)
    return tails


def purchase_tails(k: int, phases: list[Phase], z: mpf) -> list[mpf]:
    """Return P(the events suffice for m purchases), m = 1, 2, ..., over the phases."""
    tails: list[mpf] = []
    for j, weight, R in phases:
        for m, tail in enumerate(arrivals(R, z, k)[k - j :: k]):
            if m == len(tails):
                tails.append(mpf(0))
            tails[m] += weight * tail
    return tails


def series_growth(k: int, phases: list[Phase], z: mpf, a: mpf, b: mpf) -> mpf:
    """Return the mean number of purchases of the living: by the number of the purchase."""
    total, stays = mpf(0), mpf(1)
    for m, tail in enumerate(purchase_tails(k, phases, z)):
        total += stays * tail
        stays *= (b + m) / (a + b + m)
    return total


def integral_growth(k: int, phases: list[Phase], z: mpf, a: mpf, b: mpf) -> mpf:
    """Return the same by integration over the chance of leaving."""
    tails = purchase_tails(k, phases, z)[:SERIES_IN_Q]

    def log_f(p: mpf) -> mpf:
        if p < 0.5:
            return mp.log(roots_growth(k, phases, z, p))
        return mp.log(mp.fsum(tail * (1 - p) ** i for i, tail in enumerate(tails)))

    return mean_over_chance(log_f, a, b)


def roots_growth(k: int, phases: list[Phase], z: mpf, p: mpf) -> mpf:
    """Return the mean number of purchases given p, by roots of unity.

    With y^k = 1 - p, the sum over m of (1 - p)^(m - 1) P(N >= m k - j) is that over the k-th roots
    w of 1 of y^(j + 1 - k) / k w^(j + 1) (1 - (1 + (1 - w y) z)^-R) / (1 - w y).
    """
    log_y = mp.log1p(-p) / k
    y, shares = mp.exp(log_y), [mpf(0)] * k
    for root in range(k // 2 + 1):
        w = mp.expjpi(mpf(2 * root) / k) if root else mpf(1)
        misses = 1 - w * y if root else -mp.expm1(log_y)
        both = 1 if root == 0 or 2 * root == k else 2
        power = both / misses
        for j, found in enumerate(_caught(phases, misses * z)):
            power *= w
            shares[j] += mp.re(power * found)
    total, power = mpf(0), y ** (1 - k) / k
    for (_, weight, _), share in zip(phases, shares, strict=False):
        total += weight * power * share
        power *= y
    return total


def _caught(phases: list[Phase], z: Any) -> Iterator[Any]:
    """Yield 1 - (1 + z)^-R of each phase, z complex; from one phase to the next R grows by 1."""
    first = phases[0][2]
    growth = mp.log1p(z) if mp.im(z) == 0 else mp.log(1 + z)
    if abs((first + len(phases)) * growth) < 1:
        yield from (-mp.expm1(-R * growth) for _, _, R in phases)
        return
    missed, once = mp.exp(-first * growth), mp.exp(-growth)
    for _ in phases:
        yield 1 - missed
        missed *= once
