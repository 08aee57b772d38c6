"""Criteria of simple structure and their gradients."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._rotation.criteria import (
    bentler,
    crawford_ferguson,
    geomin,
    infomax,
    oblimin,
    quartimax,
    simplimax,
    target,
    varimax,
)

GOAL = np.where(np.arange(21).reshape(7, 3) % 4 == 0, np.nan, 0.3)
CRITERIA = {
    "bentler": bentler,
    "crawford_ferguson": crawford_ferguson(0.2),
    "geomin": geomin(0.01),
    "infomax": infomax,
    "oblimin": oblimin(-0.5),
    "quartimax": quartimax,
    "quartimin": oblimin(0.0),
    "simplimax": simplimax(9),
    "target": target(GOAL),
    "varimax": varimax,
}


def some_loadings(count=2):
    return np.random.default_rng(5).normal(0, 0.5, (count, 7, 3))


@pytest.mark.parametrize("name", CRITERIA)
def test_gradients_are_central_differences(name):
    """dQ/dL of each entry is the slope of Q there.

    Steps of 1e-6 leave an error near 1e-10, from a curvature of about 1 and rounding.
    """
    criterion, L = CRITERIA[name], some_loadings()
    _, gradients = criterion(L)
    slopes = np.empty_like(L)
    for place in np.ndindex(*L.shape[1:]):
        step = np.zeros(L.shape[1:])
        step[place] = 1e-6
        slopes[(slice(None), *place)] = (criterion(L + step)[0] - criterion(L - step)[0]) / 2e-6
    np.testing.assert_allclose(gradients, slopes, atol=1e-8)


@pytest.mark.parametrize("name", CRITERIA)
def test_solutions_of_a_batch_do_not_see_each_other(name):
    """Each solution has the value and gradient that it has alone."""
    L = some_loadings(4)
    values, gradients = CRITERIA[name](L)
    for one in range(4):
        value, gradient = CRITERIA[name](L[one : one + 1])
        np.testing.assert_allclose(value, values[one : one + 1], rtol=1e-13)
        np.testing.assert_allclose(gradient[0], gradients[one], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", [n for n in CRITERIA if n != "target"])
def test_order_and_signs_of_factors_do_not_count(name):
    """Criteria see loadings without their signs and factors without their names."""
    L = some_loadings(1)
    turned = L[:, :, [2, 0, 1]] * np.array([1, -1, -1])
    np.testing.assert_allclose(CRITERIA[name](turned)[0], CRITERIA[name](L)[0], rtol=1e-12)


def test_values_worked_by_hand():
    """Two items, two factors: L2 = [[1, 4], [9, 0]]."""
    L = np.array([[[1.0, -2.0], [3.0, 0.0]]])
    assert oblimin(0.0)(L)[0][0] == pytest.approx((1 * 4 + 4 * 1) / 4)
    assert oblimin(1.0)(L)[0][0] == pytest.approx((2 * 4 - (10 * 4 + 4 * 10) / 2) / 4)
    assert quartimax(L)[0][0] == pytest.approx(-(1 + 16 + 81) / 4)
    assert varimax(L)[0][0] == pytest.approx(-(16 + 16 + 4 + 4) / 4)
    assert crawford_ferguson(0.25)(L)[0][0] == pytest.approx((0.75 * 8 + 0.25 * 18) / 4)
    assert geomin(1.0)(L)[0][0] == pytest.approx(np.sqrt(2 * 5) + np.sqrt(10 * 1))
    assert bentler(L)[0][0] == pytest.approx((np.log(82 * 16) - np.log(82 * 16 - 16)) / 4)
    assert simplimax(2)(L)[0][0] == pytest.approx(0 + 1)
    goal = np.array([[0.0, np.nan], [1.0, np.nan]])
    assert target(goal)(L)[0][0] == pytest.approx(1 + 4)


def test_infomax_is_zero_where_every_item_has_one_factor():
    """Log k + H(E) - H(items) - H(factors) = 0 for k equal clusters; log 2 where all is alike."""
    clusters = np.kron(np.eye(2), np.ones((3, 1)))[None]
    value, gradient = infomax(clusters)
    assert value[0] == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
    assert infomax(np.ones((1, 3, 2)))[0][0] == pytest.approx(np.log(2))


def test_crawford_ferguson_is_varimax_at_one_over_p():
    """With uncorrelated factors the two differ by a constant (Crawford and Ferguson 1970)."""
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(2, 3, 3)))[0]
    L = some_loadings(1) @ turn
    differences = crawford_ferguson(1 / 7)(L)[0] - varimax(L)[0]
    assert differences[0] == pytest.approx(differences[1], rel=1e-12)


def test_bentler_has_no_value_where_factors_are_alike():
    """Two equal columns make the determinant zero: the criterion is not finite."""
    with np.errstate(all="ignore"):
        assert not np.isfinite(bentler(np.ones((1, 4, 2)))[0][0])
