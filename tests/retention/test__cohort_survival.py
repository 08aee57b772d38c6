"""The number alive: the exact law, its approximation, and cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from custvalue.retention import _cohort_survival
from custvalue.retention._cohort_survival import alive_by_cell, alive_limits


def slow_law(chances):
    """Return the probabilities of 0, 1, ... alive, one customer after the other."""
    law = np.array([1.0])
    for p in chances:
        law = np.append(law, 0.0) * (1 - p) + np.append(0.0, law) * p
    return law


@pytest.mark.parametrize("n", [1, 2, 7, 60, 250])
def test_the_law_is_that_of_one_customer_after_the_other(n):
    """Different chances, 0 and 1 among them; seven customers are all rather alive."""
    chances = np.random.default_rng(n).random(n)
    chances[: n // 5] = np.round(chances[: n // 5])
    if n == 7:
        chances = (chances + 1) / 2
    law = _cohort_survival._law(chances)
    full = np.zeros(n + 1)
    full[law.first : law.first + len(law.chances)] = law.chances
    np.testing.assert_allclose(full, slow_law(chances), atol=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.02), (0.98, 1.0), (0.0, 0.0001)])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_many_customers_of_small_variance_have_the_exact_limits(low, high, level):
    """Two thousand, nearly all or nearly none of them alive, a few uncertain: as by the loop."""
    chances = np.random.default_rng(3).uniform(low, high, 2000)
    chances[:9] = [0.1, 0.5, 0.9, 0.4, 0.6, 0.3, 0.5001, 0.0, 1.0]
    below = np.cumsum(slow_law(chances))
    tail = (1 - level) / 2
    expected = (np.argmax(below >= tail), np.argmax(below >= 1 - tail))
    assert alive_limits(chances, level) == expected


@pytest.mark.parametrize(("n", "p", "level"), [(300, 1e-4, 0.999), (5000, 0.0051, 1 - 1e-9)])
def test_very_skewed_sums_lie_between_their_limits(n, p, level):
    """The expected number is not excluded where few are expected alive, or few dead."""
    for chance in (p, 1 - p):
        low, high = alive_limits(np.full(n, chance), level)
        assert low <= n * chance <= high
        expected = binom.ppf([(1 - level) / 2, (1 + level) / 2], n, chance)
        assert abs(low - expected[0]) <= 4
        assert abs(high - expected[1]) <= 4


def test_the_approximation_holds_the_mean_between_its_limits(monkeypatch):
    """Where skewness would push a limit over the expected number, the limit stays at it."""
    monkeypatch.setattr(_cohort_survival, "_SMALL_VARIANCE", 0.0)
    for chance in (1e-4, 1 - 1e-4):
        low, high = alive_limits(np.full(300, chance), 0.999)
        assert low <= 300 * chance <= high


@pytest.mark.parametrize(("n", "p", "level"), [(10, 0.3, 0.9), (100, 0.97, 0.95), (40, 0.5, 0.5)])
def test_equal_chances_are_binomial(n, p, level):
    """The limits are scipy's quantiles of the binomial law."""
    expected = binom.ppf([(1 - level) / 2, (1 + level) / 2], n, p)
    assert alive_limits(np.full(n, p), level) == tuple(expected)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.9, 1.0), (0.0, 0.1)])
def test_many_customers_are_near_the_exact_law(low, high, monkeypatch):
    """The approximation is within one customer of the exact limits, outwards."""
    chances = np.random.default_rng(4).uniform(low, high, 400)
    near = alive_limits(chances, 0.95)
    monkeypatch.setattr(_cohort_survival, "_MOST_EXACT", 400)
    exact = alive_limits(chances, 0.95)
    assert 0 <= exact[0] - near[0] <= 1
    assert 0 <= near[1] - exact[1] <= 1


@pytest.mark.parametrize("n", [3, 1000])
def test_certain_customers_leave_no_chance(n):
    """Chances of 0 and 1 give one number."""
    chances = (np.arange(n) % 3 == 0) * 1.0
    assert alive_limits(chances, 0.95) == (chances.sum(), chances.sum())


def test_cells_are_summed_apart():
    """Customers, expected number and limits of each cell; the order of rows does not matter."""
    generator = np.random.default_rng(2)
    cells, chances = generator.integers(0, 4, 300), generator.random(300)
    found = alive_by_cell(chances, cells, 0.9)
    order = generator.permutation(300)
    again = alive_by_cell(chances[order], cells[order], 0.9)
    for cell in range(4):
        own = np.sort(chances[cells == cell])
        assert found.customers[cell] == len(own)
        assert found.expected[cell] == pytest.approx(own.sum())
        assert (found.lower[cell], found.upper[cell]) == alive_limits(own, 0.9)
    np.testing.assert_array_equal(found.expected, again.expected)
