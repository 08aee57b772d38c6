"""Items of unknown place under a Mallows model."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._rankings.insertions import (
    check_insertions,
    expected_preferences,
    insertion_log_density,
)
from support.strict_orders import all_orders, compatible, partial_rankings

THETA = np.array([0.0, 1e-9, 0.7, 30.0])


def strict_law(orders, centres):
    """Return the probabilities of all strict orders, straight from the definition."""
    one, other = np.triu_indices(orders.shape[1], 1)
    ours = orders[:, one] < orders[:, other]
    theirs = centres[:, one] < centres[:, other]
    discordant = (ours[:, None, :] != theirs[None, :, :]).sum(axis=2)
    weights = np.exp(-THETA * discordant)
    return weights / weights.sum(axis=0)


@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_a_ranking_has_the_probability_of_all_orders_that_agree_with_it(m):
    """Sums over all m! orders, for ties and unknown items, from theta 0 to 30."""
    generator = np.random.default_rng(m)
    levels, orders = partial_rankings(m, 60, generator), all_orders(m)
    centres = generator.permuted(np.tile(np.arange(1, m + 1), (4, 1)), axis=1)
    expected = np.log(compatible(levels, orders) @ strict_law(orders, centres))
    np.testing.assert_allclose(
        insertion_log_density(levels, centres, THETA), expected, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_expected_preferences_are_those_of_the_completed_orders(m):
    """Posterior means of "i before j" over all m! orders, weighted."""
    generator = np.random.default_rng(10 + m)
    levels, orders = partial_rankings(m, 40, generator), all_orders(m)
    centres = generator.permuted(np.tile(np.arange(1, m + 1), (4, 1)), axis=1)
    weights, law = generator.random((40, 4)), strict_law(orders, centres)
    before = orders[:, :, None] < orders[:, None, :]
    joint = compatible(levels, orders)[:, :, None] * law
    chances = joint / joint.sum(axis=1, keepdims=True)
    expected = np.einsum("nk,nok,oij->kij", weights, chances, before)
    found = expected_preferences(levels, weights, centres, THETA)
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_more_than_ten_items_are_refused_where_one_is_unknown():
    """The error names the limit, the number of items and of rankings; known ones pass."""
    levels = np.tile(np.arange(11), (3, 1))
    check_insertions(levels)
    levels[1:, 4] = -1
    with pytest.raises(ValueError, match=r"at most 10 items; found 11 items, and 2 rankings"):
        check_insertions(levels)
