"""Rankings as the signs of their pairs."""

from __future__ import annotations

import numpy as np

from custvalue.segmentation._rankings.consensus import pairwise_preferences
from custvalue.segmentation._rankings.pairs import pair_signs, preferences_from_signs
from support.strict_orders import partial_rankings


def test_signs_say_which_item_of_a_pair_is_preferred():
    """1 and -1 for the two orders, 0 for ties and for pairs with an unknown item."""
    found = pair_signs(np.array([[0, 1, 1, -1]]))
    np.testing.assert_array_equal(found, [[1, 1, 0, 0, 0, 0]])


def test_preferences_are_those_counted_pair_by_pair():
    """The matrix products agree with the preferences of `consensus`, for each component."""
    generator = np.random.default_rng(0)
    levels, weights = partial_rankings(5, 40, generator), generator.random((40, 2))
    found = preferences_from_signs(pair_signs(levels), weights, 5)
    for k in range(2):
        np.testing.assert_allclose(
            found[k], pairwise_preferences(levels, weights[:, k]), atol=1e-12
        )
