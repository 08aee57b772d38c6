"""What Pareto/NBD and Gamma-Gompertz/NBD share, against 30 digits worked out on the spot."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue.lifetime._gamma_gompertz_nbd import GammaGompertzNBDLaw
from custvalue.lifetime._gamma_lifetimes import mean_time, moment_shape
from custvalue.lifetime._pareto_nbd import ParetoNBDLaw
from support.attrition import histories

DIGITS = 30
# Three digits better than asked of the log-likelihood. Measured over thousands of points, corners
# of the range among them, the worst relative error of anything below is 1e-12.
RTOL = 1e-11
TYPICAL = [
    ParetoNBDLaw(0.553, 10.58, 0.606, 11.67),
    GammaGompertzNBDLaw(0.9, 7.0, 0.05, 0.8, 0.4),
    GammaGompertzNBDLaw(0.9, 7.0, 0.05, 0.8, 1.5),
]
each_law = pytest.mark.parametrize("law", TYPICAL, ids=["Pareto", "falling", "rising"])


class Exact:
    """A law to 30 digits, from the definition: integrals over the time of leaving."""

    def __init__(self, law):
        self.r, self.alpha, self.s = mpf(law.r), mpf(law.alpha), mpf(law.s)
        self.beta, self.b = mpf(law.beta), mpf(getattr(law, "b", 0))

    def w(self, t):
        """Return -log S(t) / s."""
        return mp.log1p((mp.expm1(self.b * t) if self.b else t) / self.beta)

    def rate(self, t):
        """Return its derivative."""
        if not self.b:
            return 1 / (self.beta + t)
        return self.b / (1 + (self.beta - 1) * mp.exp(-self.b * t))

    def integral(self, function, start, end, *scales):
        """Integrate from 0 on pieces that double, narrow where a Gompertz rate turns."""
        edges, width = [mpf(0)], min([*scales, end]) / 8
        while width < end:
            edges.append(width)
            width *= 2
        turn = mp.log(max(self.beta, 1)) / self.b - start if self.b else mpf(0)
        turns = (turn + k / self.b for k in range(-6, 7)) if turn > 0 else ()
        edges = sorted({*edges, *(t for t in turns if 0 < t < end), end})
        return mp.fsum(mp.quad(function, piece) for piece in pairwise(edges))

    def silence(self, shape, pole, start, span):
        """Return P(there at the end, no purchase) and P(left, no purchase)."""

        def stay(u):
            return mp.exp(-shape * mp.log1p(u / pole) - self.s * (self.w(start + u) - w_start))

        w_start = self.w(start)
        if span == 0:
            return mpf(1), mpf(0)
        scales = pole / (shape + 1), 1 / self.rate(start) / (self.s + 1)
        left = self.integral(
            lambda u: self.s * self.rate(start + u) * stay(u), start, span, *scales
        )
        return stay(span), left

    def log_likelihood(self, x, t_x, T):
        """Return the log-likelihood of a row."""
        shape, pole = self.r + x, self.alpha + t_x
        ways = mp.loggamma(shape) - mp.loggamma(self.r) + self.r * mp.log(self.alpha)
        silent = mp.log(mp.fsum(self.silence(shape, pole, t_x, T - t_x)))
        return ways - shape * mp.log(pole) - self.s * self.w(t_x) + silent

    def alive(self, x, t_x, T):
        """Return P(alive)."""
        stay, left = self.silence(self.r + x, self.alpha + t_x, t_x, T - t_x)
        return stay / (stay + left)

    def expected(self, x, t_x, T, horizon, rate=0):
        """Return the discounted expectation."""
        if horizon == 0:
            return mpf(0)
        scale = 1 / self.rate(T) / (self.s + 1)
        stays = self.integral(
            lambda u: mp.exp(-rate * u - self.s * (self.w(T + u) - self.w(T))), T, horizon, scale
        )
        return self.alive(x, t_x, T) * (self.r + x) / (self.alpha + T) * stays

    def count(self, x, t_x, T, n, horizon):
        """Return P(n purchases), n > 0."""
        shape, pole = self.r + x, self.alpha + T
        ways = mp.gammaprod([shape + n], [shape, n + 1])

        def there(u):
            stays = self.s * (self.w(T + u) - self.w(T))
            return ways * (u / (pole + u)) ** n * mp.exp(-shape * mp.log1p(u / pole) - stays)

        left = self.integral(
            lambda u: self.s * self.rate(T + u) * there(u), T, horizon, pole / (shape + n)
        )
        return self.alive(x, t_x, T) * (there(horizon) + left)


def random_points(kind, n, seed):
    """Return laws and rows anywhere in the range that is promised, edges among them."""
    generator = np.random.default_rng(seed)
    for i in range(n):
        at = np.exp(generator.uniform(np.log(0.01), np.log(1000), len(kind.names)))
        if i % 4 == 0:
            at[-1] = at[1]
        if i % 4 == 1:
            at[-2:] = 1.0
        x = generator.choice([0, 1, 2, 5, 20, 100, 10_000])
        T = float(np.exp(generator.uniform(np.log(0.1), np.log(1000))))
        t_x = T * generator.choice([0, 1e-6, generator.random(), 1 - 1e-9, 1]) if x else 0.0
        yield kind(*map(float, at)), float(x), float(t_x), T


def rows(*values):
    """Return one row as arrays."""
    return tuple(np.array([value]) for value in values)


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(DIGITS):
        yield


@pytest.mark.parametrize("kind", [ParetoNBDLaw, GammaGompertzNBDLaw])
def test_live_points(kind):
    """Log-likelihood, P(alive) and expectations at random points have the exact digits."""
    for law, x, t_x, T in random_points(kind, 6, seed=4):
        exact, row, history = Exact(law), rows(x, t_x, T), tuple(map(mpf, (x, t_x, T)))
        expected = float(exact.log_likelihood(*history))
        assert law.log_likelihood(*row)[0] == pytest.approx(expected, rel=RTOL, abs=RTOL)
        close = {"rel": RTOL, "abs": 1e-290}
        alive = float(exact.alive(*history))
        assert law.probability_alive(*row)[0] == pytest.approx(alive, **close)
        expected = float(exact.expected(*history, mpf(52)))
        assert law.expected_purchases(*row, 52.0)[0] == pytest.approx(expected, **close)
        expected = float(exact.expected(*history, mpf(52), mpf(0.25)))
        found = law.discounted_expected_purchases(*row, 0.25, 52.0)[0]
        assert found == pytest.approx(expected, **close)


@pytest.mark.parametrize("kind", [ParetoNBDLaw, GammaGompertzNBDLaw])
def test_live_count_probabilities(kind):
    """P(n purchases) at random points has the exact digits."""
    for i, (law, x, t_x, T) in enumerate(random_points(kind, 4, seed=5)):
        n = (1, 5)[i % 2]
        expected = float(Exact(law).count(*map(mpf, (x, t_x, T)), n, mpf(10)))
        found = law.purchase_probability(*rows(x, t_x, T), n, 10.0)[0]
        assert found == pytest.approx(expected, rel=RTOL, abs=1e-290)


@each_law
def test_live_gradient(law):
    """The gradient at a row, against differences of 30 digits."""
    row, exact = (3.0, 20.0, 39.0), []
    for name in law.names:
        value, step = mpf(getattr(law, name)), mpf(10) ** -9
        ends = []
        for sign in (1, -1):
            moved = Exact(law)
            setattr(moved, name, value + sign * step)
            ends.append(moved.log_likelihood(*map(mpf, row)))
        exact.append(float((ends[0] - ends[1]) / (2 * step)))
    _, gradient = law.log_likelihood_with_gradient(*rows(*row))
    np.testing.assert_allclose(gradient[0], exact, rtol=1e-11)


@each_law
def test_the_hessian_is_the_derivative_of_the_gradient(law):
    """Row by row, against central differences, whose error is 1e-9 of the largest entries."""
    values, gradient, hessian = law.log_likelihood_with_hessian(*histories())
    again, first = law.log_likelihood_with_gradient(*histories())
    np.testing.assert_allclose(values, again, rtol=1e-13)
    np.testing.assert_allclose(gradient, first, rtol=1e-12)
    at = np.array([getattr(law, name) for name in law.names])
    for i in range(len(at)):
        step = np.eye(len(at))[i] * at[i] * 1e-5
        up, down = (
            type(law)(*(at + sign * step)).log_likelihood_with_gradient(*histories())[1]
            for sign in (1, -1)
        )
        noise = 1e-9 * np.abs(gradient).max() / at[i]
        found = (up - down) / (2 * step[i])
        np.testing.assert_allclose(hessian[:, i], found, rtol=1e-6, atol=noise)


METHODS = [
    ("log_likelihood", ()),
    ("log_likelihood_with_gradient", ()),
    ("log_likelihood_with_hessian", ()),
    ("probability_alive", (3.0,)),
    ("discounted_expected_purchases", (0.1, np.inf)),
    ("purchase_probability", (2.0, 10.0)),
    ("purchase_probability", (np.arange(10) % 3, np.arange(10) * 5.0)),
]


def flat(found):
    """Return what a method gives, one array or several, as one row of numbers per customer."""
    parts = found if isinstance(found, tuple) else (found,)
    return np.column_stack([part.reshape(len(part), -1) for part in parts])


@each_law
def test_parameters_may_differ_between_rows(law):
    """Arrays of parameters, or some of them, give each row what its own law gives."""
    x, t_x, T = histories()
    own = {name: getattr(law, name) * np.linspace(0.5, 2, len(x)) for name in law.names}
    for chosen in (law.names, law.names[1:2], law.names[-1:]):
        mixed = type(law)(*(own[n] if n in chosen else getattr(law, n) for n in law.names))
        for method, more in METHODS:
            found = flat(getattr(mixed, method)(x, t_x, T, *more))
            for i in range(len(x)):
                each = (own[n][i] if n in chosen else getattr(law, n) for n in law.names)
                mine = (v[i] if np.ndim(v) else v for v in more)
                row = (v[i : i + 1] for v in (x, t_x, T))
                alone = flat(getattr(type(law)(*each), method)(*row, *mine))
                np.testing.assert_allclose(found[i], alone[0], rtol=1e-9, atol=1e-20)


@each_law
def test_a_new_customer_is_one_seen_for_no_time(law):
    """With T = 0 the history says nothing: for ever as well, and in any shape of arguments."""
    nothing = rows(0.0, 0.0, 0.0)
    assert law.log_likelihood(*nothing)[0] == 0
    for horizon in (0.0, 1e-3, 52.0, np.inf):
        new = law.expected_purchases_new(horizon)
        assert law.expected_purchases(*nothing, horizon)[0] == pytest.approx(new, rel=1e-13)
        for n in (0, 3):
            new = law.purchase_probability_new(n, horizon)
            assert law.purchase_probability(*nothing, n, horizon)[0] == pytest.approx(new)
    grid = law.purchase_probability_new(np.arange(3)[:, None], np.array([1.0, 52.0]))
    assert grid.shape == (3, 2)
    assert grid[2, 1] == pytest.approx(law.purchase_probability_new(2, 52.0), rel=1e-14)


@each_law
def test_the_future_is_drawn_as_it_is_expected(law):
    """Mean, P(0) and P(2) of 200,000 futures of one history, within four standard errors."""
    n, generator = 200_000, np.random.default_rng(0)
    row = tuple(np.full(n, value) for value in (3.0, 30.0, 39.0))
    future = law.simulate_future(*row, 26.0, generator)
    one = rows(3.0, 30.0, 39.0)
    error = future.counts.std() / np.sqrt(n)
    assert abs(future.counts.mean() - law.expected_purchases(*one, 26.0)[0]) < 4 * error
    for k in (0, 2):
        share = law.purchase_probability(*one, k, 26.0)[0]
        error = np.sqrt(share * (1 - share) / n)
        assert abs((future.counts == k).mean() - share) < 4 * error
    whole = (future.span == 26.0).mean()
    assert abs(whole - law.probability_alive(*one, 26.0)[0]) < 4 * np.sqrt(whole * (1 - whole) / n)
    assert not future.ends_with_purchase.any()
    assert (future.counts[future.span == 0] == 0).all()


@each_law
def test_the_search_for_estimates_goes_anywhere(law):
    """From 1e-6 to 1e6 of its unit each parameter has finite derivatives, and no warning."""
    generator, k = np.random.default_rng(0), len(law.names)
    units = type(law).units(*histories(), np.ones(10))
    for _ in range(100):
        at = units * 10.0 ** generator.choice([-6, -3, 0, 3, 6], k)
        for part in type(law)(*at).log_likelihood_with_hessian(*histories()):
            assert np.isfinite(part).all()


def test_moments_of_the_counts():
    """The mean time is weighted; r is mean^2 / (variance - mean), within .1 and 10."""
    assert mean_time(np.array([1.0, 4.0]), np.array([2.0, 1.0])) == 2.0
    x = np.array([0.0, 0, 0, 6])
    assert moment_shape(x, np.ones(4)) == pytest.approx(1.5**2 / (6.75 - 1.5))
    assert moment_shape(np.ones(4), np.ones(4)) == 10.0
    assert moment_shape(np.array([0.0, 1000]), np.array([1e6, 1.0])) == 0.1
