from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.service._service_level_optimizer_doubts import item_doubts, scale_doubts
from custvalue.service._service_level_optimizer_items import items_of

PAPERS = items_of("newsvendor", list(np.array([[3, 3], [1, 0], [10, 10], [5, 6.0]])), root=True)
INDEX = pd.Index(["a", "b"], name="product")


def test_normal_demand_is_doubted_above_half_of_its_mean():
    """Half of the mean is well; more is said with the first such row."""
    [said] = item_doubts(PAPERS, None, 1.0, INDEX)
    assert said.startswith("normal demand is often negative where sd is above 0.5 of mean")
    assert said.endswith("so in row 1 (product 'b') (1 such row)")


@pytest.mark.parametrize(("level", "count"), [(100.0, 2), (99.0, 1)])
def test_full_service_is_doubted_where_it_costs(level, count):
    """An infinite stock is no doubt for the second item, of which none is too many."""
    said = item_doubts(PAPERS, np.full(2, level), 100.0, INDEX)
    assert len(said) == count
    if count == 2:
        assert said[1].startswith("a service level of 100 needs an infinite stock")
        assert said[1].endswith("so in row 0 (product 'a') (1 such row)")


def test_the_marginal_form_begins_at_one_half():
    """A level below it is said, one at it is not."""
    numbers = (18, 0.0012, 120_000, 0.24, 75, 300, 4.0)
    items = items_of("marginal", [np.full(2, number) for number in numbers], root=True)
    [said] = item_doubts(items, np.array([0.5, 0.4]), 1.0, INDEX)
    assert said.endswith("profit_gain is unknown there; so in row 1 (product 'b') (1 such row)")


@pytest.mark.parametrize(
    ("level", "top", "count"),
    [([0.4, 1.0], 100.0, 1), ([0.4, 1.0], 1.0, 0), ([0.4, 2.0], 100.0, 0), ([0.0], 100.0, 0)],
)
def test_fractions_are_doubted_on_the_scale_of_per_cent(level, top, count):
    """All at most 1, and not all 0."""
    assert len(scale_doubts(np.array(level), top, "level")) == count
