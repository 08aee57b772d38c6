import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.beta_survival import discounted_survivals, expected_survivals, survival

SHAPES = [0.01, 0.657, 1.0, 1 + 1e-9, 1 - 1e-6, 2.0, 1000.0]
OTHERS = [0.01, 2.784, 508.8, 1500.0]
PERIODS = [0, 1, 2, 30, 1000, 2500]


def lived(g, d, m):
    """Return E[(1 - theta)^j] for j = 1..m in 40 digits."""
    with mp.workdps(40):
        g, d, value, values = mpf(g), mpf(d), mpf(1), []
        for j in range(m):
            value *= (d + j) / (g + d + j)
            values.append(value)
        return values


@pytest.mark.parametrize("g", SHAPES)
@pytest.mark.parametrize("d", OTHERS)
@pytest.mark.parametrize("m", PERIODS)
def test_survival_and_its_sums_have_the_digits_of_term_by_term_sums(g, d, m):
    """Through g = 1 and next to it, where the published closed form is 0 / 0 or nearly so."""
    values = lived(g, d, m)
    # Below 1e-290 doubles lose their digits.
    last = float(values[-1]) if m else 1.0
    np.testing.assert_allclose(survival(g, d, float(m)), last, rtol=1e-12, atol=1e-290)
    total = float(mp.fsum(values))
    np.testing.assert_allclose(expected_survivals(g, d, float(m)), total, rtol=1e-12)
    for rate in (1e-6, 0.01, 0.5):
        with mp.workdps(40):
            stay, worth = mp.exp(-mpf(rate)), mpf(0)
            for value in reversed(values):
                worth = (worth + value) * stay
        found = discounted_survivals(g, d, rate, float(m))
        np.testing.assert_allclose(found, float(worth), rtol=1e-12)


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 0.1, 3.0])
def test_discounted_lives_without_end_are_hypergeometric(rate):
    """The sum over all j is 2F1(1, d + 1; g + d + 1; exp(-rate)), with a factor (eq. 14)."""
    rows = [(0.01, 0.01), (0.657, 2.784), (1.0, 50.0), (3.0, 500.0), (1000.0, 1000.0)]
    with mp.workdps(40):
        expected = []
        for g, d in ((mpf(g), mpf(d)) for g, d in rows):
            v = mp.exp(-mpf(rate))
            expected.append(float(v * d / (g + d) * mp.hyp2f1(1, d + 1, g + d + 1, v)))
    g, d = np.array(rows).T
    np.testing.assert_allclose(discounted_survivals(g, d, rate, np.inf), expected, rtol=1e-12)


def test_without_end():
    """Nobody lives for ever; the mean of the life that is left is finite for g > 1 alone."""
    g = np.array([0.5, 1.0, 1 + 1e-9, 3.0])
    assert (survival(g, 4.0, np.inf) == 0).all()
    found = expected_survivals(g, 4.0, np.inf)
    assert np.isinf(found).tolist() == [True, True, False, False]
    assert found[3] == pytest.approx(2.0)


def test_anything_that_broadcasts_is_accepted():
    """A column of shapes against a row of periods gives a table."""
    table = discounted_survivals(np.array([[0.5], [2.0]]), 3.0, 0.1, np.array([0.0, 4.0, np.inf]))
    assert table.shape == (2, 3)
    assert table[1, 1] == discounted_survivals(2.0, 3.0, 0.1, 4.0)
    assert (table[:, 0] == 0).all()
