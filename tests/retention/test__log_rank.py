"""The log-rank test against statsmodels, a loop, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.duration.survfunc import survdiff

from custvalue.retention import _log_rank
from custvalue.retention._log_rank import log_rank
from custvalue.retention._product_limit import Spells, product_limit


def customers(n, n_groups, seed=3):
    """Return whole durations, churned, entry, weights and group of random customers."""
    generator = np.random.default_rng(seed)
    group = generator.integers(0, n_groups, n)
    life = np.ceil(generator.exponential(6.0 + 2 * group))
    follow = generator.integers(4, 20, n).astype(float)
    entry = np.where(generator.random(n) < 0.5, 0.0, generator.integers(0, 4, n))
    duration = np.minimum(life, follow)
    kept = duration > entry
    weights = generator.integers(1, 4, n).astype(float)
    return [one[kept] for one in (duration, (life <= follow) * 1.0, entry, weights, group)]


def curves(duration, churned, entry, weights, group):
    """Return the curve of each group."""
    data = Spells(duration, churned, entry, weights)
    return [product_limit(data.take(np.flatnonzero(group == one))) for one in np.unique(group)]


@pytest.mark.parametrize("n_groups", [2, 3, 5])
def test_it_is_that_of_statsmodels(n_groups):
    """Without weights statistic and p-value are those of survdiff, with and without entries."""
    duration, churned, entry, _, group = customers(300, n_groups)
    ones, zeros = np.ones_like(duration), np.zeros_like(duration)
    for since in (zeros, entry):
        found = log_rank(curves(duration, churned, since, ones, group))
        before = np.where(since == 0, -1.0, since)
        statistic, p_value = survdiff(duration, churned, group, entry=before)
        assert found.statistic == pytest.approx(statistic, rel=1e-9)
        assert found.p_value == pytest.approx(p_value, abs=1e-12)
        assert found.df == n_groups - 1


def test_a_weight_is_a_number_of_rows():
    """Repeated rows give the statistic of weighted ones."""
    duration, churned, entry, weights, group = customers(200, 3)
    rows = np.repeat(np.arange(len(duration)), weights.astype(int))
    one = log_rank(curves(duration, churned, entry, weights, group))
    other = log_rank(
        curves(duration[rows], churned[rows], entry[rows], np.ones(len(rows)), group[rows])
    )
    assert one.statistic == pytest.approx(other.statistic, rel=1e-10)


def test_a_small_block_of_times_gives_the_same(monkeypatch):
    """Times are taken in parts, which changes nothing."""
    data = curves(*customers(300, 3))
    whole = log_rank(data)
    monkeypatch.setattr(_log_rank, "_CELLS", 9)
    assert log_rank(data).statistic == pytest.approx(whole.statistic, rel=1e-12)


def test_groups_that_are_never_at_risk_together_tell_nothing():
    """Statistic and p-value are NaN where no time compares two groups."""
    ones, entry = np.ones(4), np.array([0.0, 0.0, 5.0, 5.0])
    found = log_rank(
        curves(np.array([1.0, 2.0, 6.0, 7.0]), ones, entry, ones, np.array([0, 0, 1, 1]))
    )
    assert np.isnan(found.statistic)
    assert np.isnan(found.p_value)
    assert found.df == 0


def test_a_group_that_is_compared_with_none_costs_no_degree():
    """A third group, entered after all the others have gone, leaves the test of two."""
    duration, churned, entry, weights, group = customers(200, 2)
    two = log_rank(curves(duration, churned, entry, weights, group))
    late = (duration, 30.0), (churned, 1.0), (entry, 25.0), (weights, 1.0), (group, 2)
    three = log_rank(curves(*(np.append(column, value) for column, value in late)))
    assert three.df == 1
    assert three.statistic == pytest.approx(two.statistic, rel=1e-10)


def test_p_values_of_equal_groups_are_uniform():
    """Of 400 pairs of equal groups about a twentieth is below 0.05 (binomial, 4 sd)."""
    generator = np.random.default_rng(11)
    below = 0
    for _ in range(400):
        duration, churned = np.ceil(generator.exponential(5, 80)), generator.random(80) < 0.7
        group = generator.integers(0, 2, 80)
        found = log_rank(curves(duration, churned * 1.0, np.zeros(80), np.ones(80), group))
        below += found.p_value < 0.05
    assert abs(below / 400 - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)


def test_the_tail_of_chi_squared_is_not_lost():
    """A p-value of 1e-28 is not 0: it comes from the upper tail itself."""
    duration = np.concatenate([np.repeat([1.0, 2.0, 3.0], 60), np.repeat([10.0, 11.0, 12.0], 60)])
    ones, group = np.ones(360), np.repeat([0, 1], 180)
    found = log_rank(curves(duration, ones, np.zeros(360), ones, group))
    assert 0 < found.p_value == pytest.approx(chi2.sf(found.statistic, 1), rel=1e-10)
