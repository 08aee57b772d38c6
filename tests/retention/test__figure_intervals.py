"""Intervals of figures are quantiles of the figures over draws of the parameters."""

import numpy as np

from custvalue._likelihood.specification import Process, Specification
from custvalue.retention._figure_intervals import figure_intervals
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw


def lifetime(law):
    return 1 + law.expected_renewals(0.0, np.inf)


def test_the_interval_of_a_falling_function_is_that_of_its_parameter_turned_round():
    """The geometric lifetime is 1 + 1 / odds; the ends are among the figures drawn."""
    odds = np.exp(np.random.default_rng(0).normal(-1.0, 0.2, 999))
    found = figure_intervals([lifetime], Specification(GeometricLaw), odds[:, None], (), 0.9)
    low, high = np.quantile(odds, [0.05, 0.95], method="inverted_cdf")
    np.testing.assert_allclose(found, [[1 + 1 / high, 1 + 1 / low]], rtol=1e-12)


def test_every_row_and_every_function_has_its_own():
    """With covariates the odds of a row are odds * exp(coefficient * z)."""
    specification = Specification(
        GeometricLaw, (Process("churn", GeometricLaw.links["churn"], ("z",)),)
    )
    parameters = np.column_stack([np.linspace(0.2, 0.4, 101), np.full(101, 0.5)])
    z = np.array([0.0, 1.0, 0.0])
    functions = [lifetime, lambda law: 2 * lifetime(law)]
    found = figure_intervals(functions, specification, parameters, (z,), 0.8)
    assert found.shape == (6, 2)
    np.testing.assert_allclose(found[3:], 2 * found[:3])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_allclose((found[0] - 1) / (found[1] - 1), np.exp(0.5))


def test_an_end_may_be_infinite_and_is_never_missing():
    """Of draws half of which have alpha below 1 the upper end is infinite, and the lower is not."""
    parameters = np.column_stack([np.linspace(0.5, 1.5, 100), np.full(100, 3.0)])
    found = figure_intervals([lifetime], Specification(ShiftedBetaGeoLaw), parameters, (), 0.9)
    assert np.isfinite(found[0, 0])
    assert found[0, 1] == np.inf
