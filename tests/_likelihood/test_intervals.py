import numpy as np
import pytest

from custvalue._likelihood import intervals
from custvalue._likelihood.intervals import (
    intervals_by_simulation,
    repeated_rows,
    rows_with_draws,
    whole_weights,
)
from custvalue._likelihood.specification import Process, Specification
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw

OPTIONS = {"level": 0.9, "whole": False, "total": False, "progress": False}


def test_ends_are_quantiles_over_draws():
    """Five per cent of the draws lie below and five above."""
    draws = np.linspace(0, 1, 1001)
    ends = intervals_by_simulation(
        lambda row: row[0][:, None] + draws, (np.array([0.0, 10.0]),), 1001, **OPTIONS
    )
    np.testing.assert_allclose(ends, [[0.05, 0.95], [10.05, 10.95]])


def test_whole_ends_are_among_the_numbers_drawn():
    """A count lies between two counts, not between halves of them."""
    counts = np.arange(10.0)
    ends = intervals_by_simulation(
        lambda row: np.tile(counts, (len(row[0]), 1)),
        (np.zeros(1),),
        10,
        **OPTIONS | {"whole": True},
    )
    np.testing.assert_array_equal(ends, [[0, 9]])


def test_a_total_adds_every_row_draw_by_draw():
    """Equal rows are drawn apart, so that their chance averages out."""
    generator = np.random.default_rng(0)
    ends = intervals_by_simulation(
        lambda row: generator.normal(size=(len(row[0]), 4000)),
        (np.zeros(400),),
        4000,
        **OPTIONS | {"total": True},
    )
    # The sum of 400 standard normals has deviation 20; its 5 % quantile is good to about .7.
    np.testing.assert_allclose(ends, [[-32.9, 32.9]], atol=2.0)


def test_blocks_make_no_difference(monkeypatch):
    """One row at a time gives what all rows at once give, in the order of the rows."""
    columns = (np.array([3.0, 1.0, 3.0, 2.0]),)
    draws = np.linspace(0, 1, 50)
    whole = intervals_by_simulation(lambda row: row[0][:, None] * draws, columns, 50, **OPTIONS)
    monkeypatch.setattr(intervals, "_PAIRS", 50)
    one = intervals_by_simulation(lambda row: row[0][:, None] * draws, columns, 50, **OPTIONS)
    np.testing.assert_array_equal(one, whole)
    np.testing.assert_array_equal(whole[0], whole[2])


def test_every_row_meets_every_draw():
    """The law has the parameters of its draw, moved by the covariate of its row."""
    process = Process("purchase", BetaGeoNBDLaw.links["purchase"], ("age",))
    specification = Specification(BetaGeoNBDLaw, (process,))
    parameters = np.array([[0.2, 4.0, 0.8, 2.4, 0.5], [0.3, 5.0, 0.9, 2.5, 0.1]])
    row = (np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([9.0, 9.0]), np.array([0.0, 1.0]))
    law, own = rows_with_draws(specification, parameters, row)
    np.testing.assert_array_equal(own[0], [1, 1, 2, 2])
    np.testing.assert_array_equal(law.r, [0.2, 0.3, 0.2, 0.3])
    np.testing.assert_allclose(law.alpha, [4, 5, 4 * np.exp(-0.5), 5 * np.exp(-0.1)])


def test_a_row_is_as_many_customers_as_its_weight():
    """Repeated for a total, refused where it is no whole number."""
    columns = (np.array([1.0, 2.0]),)
    np.testing.assert_array_equal(repeated_rows(columns, np.array([2.0, 1.0]))[0], [1, 1, 2])
    assert repeated_rows(columns, None) is columns
    with pytest.raises(ValueError, match=r"whole numbers of customers .*; row 1 has 0.5"):
        repeated_rows(columns, np.array([2.0, 0.5]))


def test_whole_weights_are_left_as_they_are():
    """None stays None; a part of a customer is refused with its row."""
    assert whole_weights(None) is None
    np.testing.assert_array_equal(whole_weights(np.array([0.0, 3.0])), [0, 3])
    with pytest.raises(ValueError, match=r"whole numbers of customers .*; row 0 has 1.5"):
        whole_weights(np.array([1.5, 3.0]))
