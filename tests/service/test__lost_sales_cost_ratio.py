"""The share of customers driven away, of those who would have stayed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_ratio import driven_away, mover_ratio_interval
from custvalue.service._lost_sales_cost_retention import Group


def groups(customers, retained, variance=0.0) -> list[Group]:
    """Return one group a stratum."""
    return [Group(float(n), float(x), variance) for n, x in zip(customers, retained, strict=True)]


def test_the_share_is_free_of_customers_who_leave_anyway():
    """Of 50 % who would stay 40 % stay: a fifth is driven away, not a tenth."""
    found = driven_away(groups([100], [50]), groups([100], [40]), 0.95, counted=True)
    assert found.value == pytest.approx(0.2, rel=1e-14)
    assert found.lower < 0.2 < found.upper


def test_strata_have_the_ratio_and_error_of_greenland_and_robins():
    """Two strata by hand; one stratum would have Katz's 1/x1 - 1/n1 + 1/x0 - 1/n0.

    sum(x1 n0 / n) = 30 x 60 / 100 + 20 x 20 / 100 = 22 and sum(x0 n1 / n) = 50 x 40 / 100 +
    8 x 80 / 100 = 26.4; the numerator is (60 x 40 x 80 - 50 x 30 x 100) / 100^2 + (20 x 80 x 28 -
    8 x 20 x 100) / 100^2 = 4.2 + 2.88.
    """
    found = driven_away(groups([60, 20], [50, 8]), groups([40, 80], [30, 20]), 0.95, counted=True)
    assert found.value == pytest.approx(1 - 22 / 26.4, rel=1e-14)
    half = 1.959963985 * np.sqrt(7.08 / (22 * 26.4))
    ends = 1 - 22 / 26.4 * np.exp(half), 1 - 22 / 26.4 * np.exp(-half)
    assert (found.lower, found.upper) == pytest.approx(ends, rel=1e-8)


def test_strata_without_anyone_left_over_have_the_interval_of_all_together():
    """Where nobody stayed after a failure, or everybody always, the log ratio has no error."""
    for zero, one in (([9, 9], [0, 0]), ([10, 10], [10, 10])):
        found = driven_away(groups([10, 10], zero), groups([10, 10], one), 0.95, counted=True)
        ends = mover_ratio_interval(*groups([20], [sum(zero)]), *groups([20], [sum(one)]), 0.95)
        assert (1 - found.upper, 1 - found.lower) == pytest.approx(ends, rel=1e-14)
        assert found.lower < found.upper


def test_probabilities_have_the_error_of_the_log_ratio():
    """Means 0.8 and 0.6 of ten with variance 0.04: the error of the log is s sqrt(...), t with df.

    Parts 0.04 / 10 / 0.64 = 0.00625 and 0.04 / 10 / 0.36 = 0.0111, of 9 degrees of freedom each;
    t by scipy.stats.
    """
    found = driven_away(groups([10], [8], 0.04), groups([10], [6], 0.04), 0.95, counted=False)
    parts = np.array([0.00625, 0.04 / 3.6])
    freedom = 9 * parts.sum() ** 2 / (parts**2).sum()
    half = t.ppf(0.975, freedom) * np.sqrt(parts.sum())
    ends = 1 - 0.75 * np.exp(half), 1 - 0.75 * np.exp(-half)
    assert (found.lower, found.upper) == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize("strata", [1, 6])
@pytest.mark.parametrize("r0", [1.0, 0.5])
def test_intervals_cover_the_true_share(strata, r0):
    """In 2,000 simulated tables 95 % intervals hold 0.2 as often as they say.

    Within 4 binomial errors below (0.93); Wilson's ends may be a little wide (0.98). The mean share
    is within 4 of its errors of 0.2 and 0.003 for the bias of a ratio.
    """
    generator = np.random.default_rng(5)
    base = r0 * np.linspace(1.0, 0.8, strata)
    n0, n1 = np.full(strata, 240 // strata), np.full(strata, 180 // strata)
    x0 = generator.binomial(n0, base, (2000, strata))
    x1 = generator.binomial(n1, 0.8 * base, (2000, strata))
    found = [
        driven_away(groups(n0, zero), groups(n1, one), 0.95, counted=True)
        for zero, one in zip(x0, x1, strict=True)
    ]
    inside = np.mean([one.lower <= 0.2 <= one.upper for one in found])
    assert 0.93 < inside < 0.98
    values = np.array([one.value for one in found])
    assert abs(values.mean() - 0.2) < 4 * values.std() / np.sqrt(2000) + 0.003


def test_nobody_who_would_have_stayed_tells_nothing():
    """A ratio to nobody is refused."""
    with pytest.raises(DataError, match="found none among 5"):
        driven_away(groups([5], [0]), groups([5], [1]), 0.95, counted=True)
