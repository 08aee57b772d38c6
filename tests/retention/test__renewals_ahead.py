"""Renewals drawn ahead follow the survival that the law has for customers of a tenure."""

import numpy as np
import pytest

from custvalue._likelihood.specification import Specification
from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._renewals_ahead import (
    draws_of_mean,
    draws_of_renewals,
    draws_of_total,
    renewals_at,
    renewals_of_all,
    rows_to_sum,
)
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

LAWS = [
    GeometricLaw(0.25),
    ShiftedBetaGeoLaw(0.8, 3.0),
    BetaDiscreteWeibullLaw(1.0, 4.0, 1.4),
]
every = pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)


@every
def test_at_least_k_renewals_have_the_probability_of_the_law(law):
    """K(u) >= k exactly where u is at most S(n + k) / S(n), up to the horizon."""
    uniform = np.linspace(0.0005, 0.9995, 1000)
    for tenure in (0.0, 3.0, 40.0):
        found = renewals_at(law, np.full(1000, tenure), 12.0, uniform)
        for k in range(1, 13):
            ratio = law.survival(tenure + k) / law.survival(tenure)
            np.testing.assert_array_equal(found >= k, uniform <= ratio)
        assert found.max() == 12
        assert abs(found.mean() - law.expected_renewals(tenure, 12)) < 0.01


@every
def test_renewals_are_those_of_simulated_customers_who_came_so_far(law):
    """Customers drawn from the start who survive 3 renewals give the same distribution of the next.

    Shares of 20,000 are within 4.5 standard errors, of which none exceeds 0.5 / sqrt(n).
    """
    until = law.simulate(60_000, np.random.default_rng(1), np.inf)
    ahead = np.minimum(until[until > 3] - 4, 5)
    uniform = np.random.default_rng(2).random(20_000)
    found = renewals_at(law, np.full(20_000, 3.0), 5.0, uniform)
    error = 0.5 * np.sqrt(1 / len(ahead) + 1 / 20_000)
    for k in range(6):
        assert abs((found == k).mean() - (ahead == k).mean()) < 4.5 * error


@every
def test_many_customers_together_have_the_mean_and_spread_of_one_by_one(law):
    """The sum over 30 customers, drawn 4,000 times, against 30 draws of each."""
    generator = np.random.default_rng(3)
    tenure, customers = np.full(4_000, 2.0), np.full(4_000, 30.0)
    together = renewals_of_all(law, tenure, customers, 6.0, generator)
    uniform = generator.random(120_000)
    apart = renewals_at(law, np.full(120_000, 2.0), 6.0, uniform).reshape(4_000, 30).sum(axis=1)
    error = apart.std() / np.sqrt(4_000)
    assert abs(together.mean() - 30 * law.expected_renewals(2.0, 6)) < 4.5 * error
    assert abs(together.std() / apart.std() - 1) < 4.5 / np.sqrt(4_000)


def test_nobody_renews_who_left_and_nobody_is_counted_twice():
    """Churned rows give 0 in every kind of draw; the number of customers multiplies the mean."""
    specification = Specification(ShiftedBetaGeoLaw)
    parameters, generator = np.array([[0.8, 3.0], [1.2, 4.0]]), np.random.default_rng(0)
    row = (np.array([4.0, 4.0]), np.array([1.0, 0.0]), np.zeros(2))
    counts = np.array([7.0, 5.0])
    one = draws_of_mean(specification, parameters, 6.0)(row)
    several = draws_of_mean(specification, parameters, 6.0)((*row, counts))
    drawn = draws_of_renewals(specification, parameters, 6.0, np.array([0.2, 0.9]))(row)
    total = draws_of_total(specification, parameters, 6.0, generator)((*row, counts))
    for values in (one, several, drawn, total):
        assert values.shape == (2, 2)
        assert (values[0] == 0).all()
    np.testing.assert_allclose(several[1], 5 * one[1])
    for j, (alpha, beta) in enumerate(parameters):
        expected = ShiftedBetaGeoLaw(alpha, beta).expected_renewals(4.0, 6.0)
        assert one[1, j] == pytest.approx(expected)
    assert (total[1] <= 30).all()


def test_rows_to_sum_come_in_one_order():
    """Equal rows are counted together, whatever the order in which they are given."""
    duration, churned = np.array([3.0, 1.0, 3.0, 2.0]), np.array([0.0, 1.0, 0.0, 0.0])
    one = rows_to_sum((duration, churned, np.zeros(4)), None)
    np.testing.assert_array_equal(one[-1].sum(), 4)
    assert len(one[0]) == 3
    two = rows_to_sum((duration[::-1], churned[::-1], np.zeros(4)), np.ones(4))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
