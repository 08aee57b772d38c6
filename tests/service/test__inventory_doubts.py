"""Doubts about stocks and service."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.service._inventory_doubts import law_doubts, stock_doubts, window_doubts
from custvalue.service._inventory_service_level import Items

INDEX = pd.Index(["A", "B"], name="product")


def items(sd, history=None) -> Items:
    """Return two items of mean 10 over one period."""
    return Items(np.full(2, 10.0), np.array(sd), np.ones(2), np.zeros(2), None, history)


@pytest.mark.parametrize(
    ("demand", "sd", "word"),
    [
        ("normal", [5.0, 5.1], "often negative"),
        ("negative_binomial", [np.sqrt(10.0), 3.1], "Poisson law was taken"),
    ],
)
def test_the_first_item_that_does_not_suit_is_named(demand, sd, word):
    """The item on the limit passes, the other is named and counted."""
    [doubt] = law_doubts(items(sd), demand, INDEX)
    assert word in doubt
    assert doubt.endswith("row 1 (product 'B') (1 such row)")


@pytest.mark.parametrize("demand", ["gamma", "poisson", "empirical"])
def test_other_laws_raise_no_doubt(demand):
    """They suit demand of any spread, or do not ask for it."""
    assert law_doubts(items([50.0, 0.1]), demand, INDEX) == []


def test_infinite_stocks_are_said():
    """With their number; finite ones are not."""
    assert stock_doubts(np.array([1.0, 2.0]), INDEX) == []
    [doubt] = stock_doubts(np.array([np.inf, np.inf]), INDEX)
    assert doubt.endswith("row 0 (product 'A') (2 such rows)")


def test_ten_windows_tell_ninety_per_cent_and_no_more():
    """The largest of ten is the 90 to 100 % point."""
    one = items([1.0, 1.0], np.ones((2, 10)))
    assert window_doubts(one, np.array([0.9, 0.9]), INDEX) == []
    [doubt] = window_doubts(one, np.array([0.9, 0.95]), INDEX)
    assert "95 % needs at least 20 windows of the history; found 10" in doubt
    assert window_doubts(items([0.0, 0.0], np.ones((2, 10))), np.array([0.9, 0.95]), INDEX) == []


def test_gamma_demand_that_is_nearly_always_nothing_is_told():
    """A standard deviation of more than ten means over the lead time, not just of one period."""
    ones = np.ones(2)
    items = Items(0.01 * ones, np.array([0.05, 1.0]), 2 * ones, 0 * ones)
    [doubt] = law_doubts(items, "gamma", None)
    assert "a shape below 0.01" in doubt
    assert doubt.endswith("so in row 1 (1 such row)")
    assert law_doubts(items.take(slice(1)), "gamma", None) == []
