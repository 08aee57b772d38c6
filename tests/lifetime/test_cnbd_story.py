"""The CNBD-k mathematics against integrals over rate and dropout, and against its story."""

import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue.lifetime._beta_geo_cnbd import regular_law

PARAMETERS = (1.4, 6.0, 0.9, 2.1)
# Times of purchases and the end of observation.
HISTORIES = [((), 12.0), ((4.0,), 4.0), ((4.0,), 25.0), ((2.0, 7.0, 9.5), 20.0)]


def by_integration(k, chances, times, T):
    """Integrate the density of the times over rate and dropout, each with its own density."""
    r, alpha, a, b = map(mpf, PARAMETERS)
    gaps, passed = np.diff([0.0, *times]), len(times) + chances
    silence = mpf(T) - (mpf(times[-1]) if times else 0)

    def erlang(rate):
        return mp.fprod(
            rate**k * mpf(float(g)) ** (k - 1) * mp.exp(-rate * mpf(float(g))) / mp.factorial(k - 1)
            for g in gaps
        )

    def of_rate(still_there):
        def density(rate):
            prior = alpha**r * rate ** (r - 1) * mp.exp(-alpha * rate) / mp.gamma(r)
            silent = mp.exp(-rate * silence) * sum(
                (rate * silence) ** j / mp.factorial(j) for j in range(k)
            )
            return prior * erlang(rate) * (silent if still_there else 1)

        return mp.quad(density, [0, 0.1, 1, 4, 20])

    def of_dropout(still_there):
        def density(p):
            prior = p ** (a - 1) * (1 - p) ** (b - 1) / mp.beta(a, b)
            return prior * ((1 - p) ** passed if still_there else p * (1 - p) ** (passed - 1))

        return mp.quad(density, [0, 0.5, 1])

    alive = of_rate(True) * of_dropout(True)
    left = of_rate(False) * of_dropout(False) if passed else mpf(0)
    return alive, left


def row(times, T):
    """Return a history as the law takes it."""
    gaps = np.diff([0.0, *times])
    values = (len(times), times[-1] if times else 0.0, T, np.log(gaps).sum())
    return tuple(np.array([float(value)]) for value in values)


@pytest.mark.parametrize(("k", "chances"), [(2, 0), (2, 1), (3, 0), (3, 1)])
@pytest.mark.parametrize("history", HISTORIES)
def test_likelihood_is_the_integral_over_rate_and_dropout(k, chances, history):
    """Likelihood and P(alive) agree with quadratures in 30 digits to 1e-12."""
    with mp.workdps(30):
        alive, left = by_integration(k, chances, *history)
        value, share = float(mp.log(alive + left)), float(alive / (alive + left))
    law = regular_law(k, chances)(*PARAMETERS)
    np.testing.assert_allclose(law.log_likelihood(*row(*history)), value, rtol=1e-12)
    np.testing.assert_allclose(law.probability_alive(*row(*history)), share, rtol=1e-12)


def story(k, chances, n_customers, generator):
    """Let customers buy gap by gap, k stages each, until they leave or time 50.

    Return x, t_x by time 20, purchases later, by 50, and whether they left by 20 and by 50.
    """
    r, alpha, a, b = PARAMETERS
    rate, dropout = generator.gamma(r, 1 / alpha, n_customers), generator.beta(a, b, n_customers)
    x, t_x, later, clock, logs = np.zeros((5, n_customers))
    left = np.full(n_customers, np.inf)
    if chances:
        left[generator.random(n_customers) < dropout] = 0.0
    here = np.isinf(left)
    while here.any():
        gaps = generator.exponential(size=(k, n_customers)).sum(axis=0) / rate
        clock = np.where(here, clock + gaps, clock)
        here = here & (clock < 50)
        early = here & (clock < 20)
        x, t_x, later = x + early, np.where(early, clock, t_x), later + (here & ~early)
        logs = logs + np.where(early, np.log(gaps), 0.0)
        leaves = here & (generator.random(n_customers) < dropout)
        left[leaves] = clock[leaves]
        here = here & ~leaves
    return x, t_x, logs, later, left


def close(draws, expected):
    """Require the mean of draws to come within four standard errors."""
    draws = np.asarray(draws, dtype=float)
    assert abs(draws.mean() - expected) < 4 * draws.std() / np.sqrt(len(draws))


@pytest.mark.parametrize(("k", "chances"), [(2, 1), (3, 0)])
def test_predictions_follow_the_story(k, chances):
    """Of 30,000 customers drawn gap by gap, those of any history do next what is predicted."""
    x, t_x, logs, later, left = story(k, chances, 30_000, np.random.default_rng(k))
    law = regular_law(k, chances)(*PARAMETERS)
    rows = x, t_x, np.full_like(x, 20.0), logs
    close(x, law.expected_purchases_new(20.0))
    for n in range(3):
        close(x == n, law.purchase_probability_new(n, 20.0))
    alive, then = law.probability_alive(*rows), law.probability_alive(*rows, 30.0)
    expected = law.expected_purchases(*rows, 30.0)
    none = law.purchase_probability(*rows, 0, 30.0)
    two = law.purchase_probability(*rows, 2, 30.0)
    for chosen in (x == 0, x == 1, x > 1, (x > 0) & (t_x > 17), (x > 0) & (t_x < 10)):
        if chances or x[chosen].any():  # else all are alive
            close((left > 20)[chosen] - alive[chosen], 0.0)
        close((left > 50)[chosen] - then[chosen], 0.0)
        close((later - expected)[chosen], 0.0)
        close((later == 0)[chosen] - none[chosen], 0.0)
        close((later == 2)[chosen] - two[chosen], 0.0)


@pytest.mark.parametrize(("k", "chances"), [(2, 0), (3, 1)])
def test_discounted_purchases_follow_the_story(k, chances):
    """Drawn gap by gap, purchases times exp(-0.1 u) have the mean of the formula."""
    r, alpha, a, b = PARAMETERS
    n, generator = 30_000, np.random.default_rng(9)
    rate, dropout = generator.gamma(r, 1 / alpha, n), generator.beta(a, b, n)
    here, clock, worth = np.ones(n, dtype=bool), np.zeros(n), np.zeros(n)
    if chances:
        here = generator.random(n) >= dropout
    while here.any():
        clock = clock + generator.exponential(size=(k, n)).sum(axis=0) / rate
        here = here & (clock < 30)
        worth += here * np.exp(-0.1 * clock)
        here = here & (generator.random(n) >= dropout)
    none = tuple(np.zeros(1) for _ in range(4))
    found = regular_law(k, chances)(*PARAMETERS).discounted_expected_purchases(*none, 0.1, 30.0)
    close(worth, found[0])


def test_futures_drawn_and_the_story_have_one_distribution():
    """simulate_future after x, t_x: counts agree with the story's in mean and in variance."""
    x, t_x, logs, later, left = story(3, 1, 30_000, np.random.default_rng(12))
    law = regular_law(3, 1)(*PARAMETERS)
    future = law.simulate_future(
        x, t_x, np.full_like(x, 20.0), logs, 30.0, np.random.default_rng(13)
    )
    for n in range(5):
        error = np.sqrt(((later == n).var() + (future.counts == n).var()) / len(x))
        assert abs((later == n).mean() - (future.counts == n).mean()) < 4 * error
    gone = future.ends_with_purchase.mean()
    told = ((left > 20) & (left <= 50)).mean()
    assert abs(gone - told) < 4 * np.sqrt(2 * told * (1 - told) / len(x))
