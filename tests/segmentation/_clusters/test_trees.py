from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._clusters.conditions import holds_all
from custvalue.segmentation._clusters.trees import column_of, learn_leaves


@pytest.fixture
def columns():
    """Return a number and a category with gaps of 300 customers."""
    generator = np.random.default_rng(3)
    x = np.where(generator.random(300) < 0.2, np.nan, generator.integers(0, 9, 300))
    regions = np.array(["north", "south", None], dtype=object)
    found = {"x": x, "region": generator.choice(regions, 300)}
    return {name: column_of(name, values) for name, values in found.items()}


def test_numbers_stay_and_categories_become_places(columns):
    """Levels are sorted by their text, the missing are NaN."""
    assert columns["x"].levels is None
    assert columns["region"].levels == ["north", "south"]
    values = column_of("x", np.array([True, None, False], dtype=object)).values
    np.testing.assert_array_equal(values, [1.0, np.nan, 0.0])


def test_each_customer_comes_to_one_end(columns):
    """The conditions on the ways to the ends part all customers, gaps included."""
    codes = np.random.default_rng(9).integers(-1, 4, 300)
    leaves = learn_leaves(columns, codes, 3, 0)
    values = {name: column.values for name, column in columns.items()}
    assert len(leaves) > 2
    assert (sum(holds_all(leaf.path, values, 300).astype(int) for leaf in leaves) == 1).all()
    assert all(len(leaf.path) <= 3 for leaf in leaves)


def test_two_ends_side_by_side_for_one_segment_are_one(columns):
    """What one question answers takes no second."""
    codes = (columns["x"].values > 4).astype(np.int64)
    leaves = learn_leaves(columns, codes, 3, 0)
    assert [(leaf.path[0].text, leaf.segment) for leaf in leaves] == [
        ("(x <= 4 or missing)", 0),
        ("x > 4", 1),
    ]


def test_without_anything_to_ask_the_largest_segment_is_the_answer():
    """A tree of no features has one end."""
    nothing = {"x": column_of("x", np.full(5, np.nan))}
    [leaf] = learn_leaves(nothing, np.array([0, 1, 1, 1, -1]), 3, 0)
    assert (leaf.path, leaf.segment) == ((), 1)
