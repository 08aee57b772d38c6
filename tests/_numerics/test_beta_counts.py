import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.beta_counts import beta_count_probability
from custvalue._numerics.beta_survival import expected_survivals

SHAPES = [
    (1.203528, 0.749726, 0.656781, 2.783796),
    (0.01, 0.01, 0.01, 0.01),
    (1.0, 1.0, 1.0, 1.0),
    (1000.0, 1000.0, 0.01, 1000.0),
    (0.05, 900.0, 0.02, 300.0),
    (800.0, 300.0, 0.5, 900.0),
    (1000.0, 0.01, 1000.0, 0.01),
]
# A count has a relative error of 1e-16 times the largest logarithm of a Gamma ratio, say 5000.
RTOL = 5e-12


def term_by_term(a, b, g, d, k, m):
    """Return the sum of the positive terms in 40 digits."""
    with mp.workdps(40):
        a, b, g, d = map(mpf, (a, b, g, d))
        first = mp.rf(a, k) / mp.rf(a + b, k) * mp.rf(d, k) / mp.rf(g + d, k)
        term, total = first, mpf(0)
        for i in range(k, m):
            total += term * g / (g + d + i)
            term *= (i + 1) * (b + i - k) * (d + i) / ((i + 1 - k) * (a + b + i) * (g + d + i))
        return total + term


def ever(a, b, g, d, k):
    """Return P(k events ever) as a Barnes integral, which shares nothing with a sum.

    Given p and c = theta / (1 - theta) it is c p^k / (c + p)^{k+1}, whose Mellin transform in c / p
    is a beta function; so are the moments of c and p. The path goes through the saddle.
    """
    with mp.workdps(25):
        a, b, g, d, one = map(mpf, (a, b, g, d, 1))
        low, high = (-min(mpf(k), g), min(one, a, d)) if k else (mpf(0), min(one, a, d))

        def log_of(s):
            up = [1 - s, k + s, g + s, d - s, a - s, a + b]
            down = [mpf(k + 1), g, d, a, a + b - s]
            return mp.fsum(map(mp.loggamma, up)) - mp.fsum(map(mp.loggamma, down))

        left, right = low, high
        for _ in range(80):
            inner = left + (right - left) * 0.382, left + (right - left) * 0.618
            if log_of(inner[0]).real < log_of(inner[1]).real:
                right = inner[1]
            else:
                left = inner[0]
        middle, step = (left + right) / 2, mpf(1) / 16
        scale = min(middle - low, high - middle, 10 / mp.sqrt(a + b + g + d + k))
        top = log_of(middle).real
        total = mpf(0)
        for i in range(-200, 201):
            at = middle + 1j * scale * mp.sinh(i * step)
            total += mp.exp(log_of(at) - top).real * scale * mp.cosh(i * step)
        return mp.exp(top) * total * step / (2 * mp.pi)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("m", [0, 1, 6, 100, 1000, 1030, 3000])
def test_finite_counts_are_sums_of_positive_terms(shape, m):
    """To 1,000 opportunities every term is added, beyond some stand for many."""
    k = np.array([k for k in (0, 1, 2, 20, 500, m) if k <= m], dtype=float)
    expected = [float(term_by_term(*shape, int(each), m)) for each in k]
    found = beta_count_probability(*shape, k, float(m))
    np.testing.assert_allclose(found, expected, rtol=RTOL, atol=1e-290)


@pytest.mark.parametrize("shape", SHAPES[:-1])
@pytest.mark.parametrize("k", [0, 1, 20])
def test_counts_for_ever_agree_with_an_integral(shape, k):
    """Also where terms fall so slowly that half of the sum lies beyond any number of them."""
    found = beta_count_probability(*shape, float(k), np.inf)
    np.testing.assert_allclose(found, float(ever(*shape, k)), rtol=1e-11)


def test_counts_for_ever_of_one_chance_for_all_are_geometric():
    """With p and theta fixed, an event comes before the end with chance p (1-theta) / (...)."""
    size = 1e9
    p, theta = 0.3, 0.1
    k = np.arange(10.0)
    again = p * (1 - theta) / (theta + p * (1 - theta))
    found = beta_count_probability(
        p * size, (1 - p) * size, theta * size, (1 - theta) * size, k, 2e3
    )
    np.testing.assert_allclose(found, (1 - again) * again**k, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_counts_add_up_and_have_the_expected_mean(shape):
    """Over k to m they sum to 1, and their mean is a / (a + b) times the expected life."""
    a, b, g, d = shape
    k = np.arange(301.0)
    each = beta_count_probability(a, b, g, d, k, 300.0)
    assert each.sum() == pytest.approx(1, abs=1e-12)
    mean = a / (a + b) * expected_survivals(g, d, 300.0)
    assert each @ k == pytest.approx(float(mean), rel=1e-11)


def test_more_events_than_opportunities_cannot_be():
    """The probability is 0, and without opportunities nothing happens for certain."""
    found = beta_count_probability(1.0, 1.0, 1.0, 1.0, np.array([0.0, 3.0, 1.0]), [0.0, 2.0, 0.0])
    assert found.tolist() == [1, 0, 0]


def test_rows_of_all_kinds_mix():
    """Every row of a mixed table has the value that it has alone."""
    generator = np.random.default_rng(2)
    a, b, g, d = 10 ** generator.uniform(-1, 1, (4, 40))
    k = generator.integers(0, 5, 40).astype(float)
    m = generator.choice([3.0, 50.0, 2000.0, np.inf], 40)
    rows = np.repeat(np.arange(40), 2)
    found = beta_count_probability(*(v[rows] for v in (a, b, g, d, k, m)))
    alone = [float(beta_count_probability(*row)) for row in zip(a, b, g, d, k, m, strict=True)]
    np.testing.assert_allclose(found, np.repeat(alone, 2), rtol=1e-13)
