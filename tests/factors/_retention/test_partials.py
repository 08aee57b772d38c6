"""Minimum average partial."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from custvalue.factors._retention.partials import average_partials


def plainly(matrix, power):
    """Return the mean powers of partial correlations by the words of the definition."""
    values, vectors = np.linalg.eigh(matrix)
    loadings = (vectors * np.sqrt(values))[:, ::-1]
    p, means = len(matrix), []
    for m in range(p):
        left = matrix - loadings[:, :m] @ loadings[:, :m].T
        total = 0.0
        for i in range(p):
            for j in range(p):
                if i != j:
                    total += (left[i, j] / np.sqrt(left[i, i] * left[j, j])) ** power
        means.append(total / (p * (p - 1)))
    return means


def test_squares_agree_with_psych(attitude, ability, harman):
    """psych 2.2.9 vss(x, fm="pc", rotate="none")$map from one component; all digits printed.

    The last is 1 but for rounding.
    """
    assert_allclose(
        average_partials(attitude).squared[1:6],
        [0.0926669664333, 0.1190083479689, 0.1567890913355, 0.2354433482358, 0.4257664252893],
        atol=1e-12,
    )
    assert_allclose(
        average_partials(ability).squared[1:5],
        [0.116681167936, 0.106490759672, 0.234112901389, 0.401861099754],
        atol=1e-12,
    )
    found = average_partials(harman)
    expected = [0.0245381549469, 0.0216105380642, 0.0174872045894, 0.0173795046380, 0.0208178059105]
    assert_allclose(found.squared[1:6], expected, atol=1e-12)
    assert found.number == 4


@pytest.mark.parametrize("name", ["attitude", "ability", "harman"])
def test_both_powers_agree_with_the_definition(request, name):
    """Plain loops over pairs; the last but for the rounding of what is left."""
    matrix = request.getfixturevalue(name)
    found = average_partials(matrix)
    assert_allclose(found.squared, plainly(matrix, 2), rtol=1e-8)
    assert_allclose(found.fourth, plainly(matrix, 4), rtol=1e-8)
    assert found.number_fourth == np.argmin(plainly(matrix, 4))


def test_the_last_component_leaves_one_line():
    """What one component accounts for has partial correlations of plus or minus 1."""
    matrix = np.array([[1, 0.5, 0.3], [0.5, 1, 0.2], [0.3, 0.2, 1]])
    assert_allclose(average_partials(matrix).squared[-1], 1.0, rtol=1e-12)


def test_unrelated_items_have_no_component():
    """The identity has nothing to take out, and then an item with no variance left."""
    found = average_partials(np.eye(4))
    assert (found.number, found.number_fourth) == (0, 0)
    assert found.squared[0] == 0
    assert np.isnan(found.squared[1:]).all()


def test_groups_of_items_are_counted():
    """Three groups of four items, nothing between the groups."""
    matrix = np.kron(np.eye(3), np.full((4, 4), 0.5)) + 0.5 * np.eye(12)
    found = average_partials(matrix)
    assert (found.number, found.number_fourth) == (3, 3)
