"""Sums over rows against the rows."""

import numpy as np
import pytest

from custvalue._likelihood import chunks
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._beta_geo_sums import BetaGeoNumbers, rows_with, weighted_sums
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw

LAWS = [BetaGeoNBDLaw, ModifiedBetaGeoNBDLaw]
PARAMETERS = [(0.25, 4.5, 0.8, 2.4), (900.0, 0.02, 1.0, 0.01), (0.3, 5.0, 1e-6, 1e6)]


def histories(order):
    """Return x, t_x, T and weights, with rows of one count in chunks of their own or not."""
    generator = np.random.default_rng(3)
    x = np.repeat([0.0, 1, 2, 5, 20, 10_000], [30, 30, 10, 10, 3, 1])
    if order == "none":
        generator.shuffle(x)
    T = 10 ** generator.uniform(-1, 3, len(x))
    t_x = np.where(x > 0, T * generator.choice([0.01, 0.5, 1.0], len(x)), 0.0)
    return x, t_x, T, generator.uniform(0, 2, len(x))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("order_of_rows", ["counts", "none"])
def test_sums_are_those_of_the_rows(law, parameters, order_of_rows, monkeypatch):
    """Value, gradient and Hessian agree to rounding, over several chunks of rows in any order."""
    monkeypatch.setattr(chunks, "_ROWS", 16)
    *rows, weights = histories(order_of_rows)
    by_row = law(*parameters).log_likelihood_with_hessian(*rows)
    value, gradient, hessian = law(*parameters).weighted_sums(*rows, weights, order=2)
    sizes = [np.tensordot(weights, np.abs(values), axes=1) for values in by_row]
    sums = [np.tensordot(weights, values, axes=1) for values in by_row]
    for found, wanted, size in zip((value, gradient, hessian), sums, sizes, strict=True):
        assert (np.abs(found - wanted) <= 1e-11 * size).all()


@pytest.mark.parametrize("law", LAWS)
def test_the_first_order_is_part_of_the_second(law):
    """Value and gradient are the same, and the Hessian is left at zero."""
    *rows, weights = histories("counts")
    one = law(*PARAMETERS[0]).weighted_sums(*rows, weights)
    two = law(*PARAMETERS[0]).weighted_sums(*rows, weights, order=2)
    assert one[0] == two[0]
    np.testing.assert_array_equal(one[1], two[1])
    assert not one[2].any()
    np.testing.assert_allclose(two[2], two[2].T)


def test_counts_far_apart_need_no_table():
    """A count of 10^12 takes no more memory than the rows do."""
    x, T = np.array([0.0, 3.0, 1e12]), np.array([5.0, 5.0, 5.0])
    numbers = BetaGeoNumbers(0.25, 4.5, 0.8, 2.4, 0)
    found = weighted_sums(numbers, x, T * (x > 0), T, np.ones(3), 2)
    values = BetaGeoNBDLaw(*numbers[:4]).log_likelihood(x, T * (x > 0), T)
    np.testing.assert_allclose(found[0, 0], values.sum(), rtol=1e-12)


def test_last_rows_are_a_slice():
    """Rows at the end are taken without a copy, others by a mask."""
    assert rows_with(np.array([False, True, True])) == slice(1, None)
    mask = np.array([True, False])
    assert rows_with(mask) is mask
