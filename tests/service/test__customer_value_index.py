"""Ratio, net value, and where they disagree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._customer_value_index import (
    disagreement,
    inverted_pairs,
    relative_to,
    value_of,
)


def test_zero_costs_by_each_policy():
    """Infinite with the sign of the benefits and no number for 0 / 0, or no number at all."""
    gain, burden = np.array([3.0, -3.0, 0.0, 3.0]), np.array([0.0, 0.0, 0.0, 2.0])
    assert value_of(gain, burden, "ratio", "inf")[[0, 1, 3]].tolist() == [np.inf, -np.inf, 1.5]
    assert np.isnan(value_of(gain, burden, "quality_service", "inf")[2])
    assert np.isnan(value_of(gain, burden, "ratio", "nan")[:3]).all()
    assert value_of(gain, burden, "net", "nan").tolist() == [3.0, -3.0, 0.0, 1.0]


def test_a_quotient_is_relative_by_division_and_a_difference_by_difference():
    """The baseline has 1, or for the net value 0."""
    value = np.array([2.0, 4.0])
    assert relative_to(value, 2.0, "ratio").tolist() == [1.0, 2.0]
    assert relative_to(value, 2.0, "net").tolist() == [0.0, 2.0]


def test_a_row_without_a_ratio_comes_last_by_ratio():
    """0 / 0 has a net value of 0 and the last rank by ratio."""
    found = disagreement(np.array([0.0, 1.0, 5.0]), np.array([0.0, 2.0, 1.0]), "nan")
    assert found.ratio_rank.tolist() == [3, 2, 1]
    assert found.net_rank.tolist() == [2, 3, 1]
    assert found.reversed_pairs.tolist() == [1, 1, 0]


def test_rounding_puts_no_row_before_another():
    """0.1 + 0.2 is 0.3 by both, also where benefits and costs nearly cancel; 1e-9 is a difference.

    Infinite ratios are equal to each other.
    """
    found = disagreement(np.array([0.3, 0.1 + 0.2, 0.3 + 1e-9]), np.full(3, 0.3), "inf")
    assert found.ratio_rank.tolist() == found.net_rank.tolist() == [2, 2, 1]
    assert found.reversed_pairs.tolist() == [0, 0, 0]
    free = disagreement(np.array([1.0, 2.0, 2.0, -1.0]), np.array([0.0, 0.0, 1.0, 0.0]), "inf")
    assert free.ratio_rank.tolist() == [1, 1, 3, 4]


ranks = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=40)


@given(rows=ranks)
@settings(max_examples=30, deadline=None)
def test_inverted_pairs_are_those_of_every_pair(rows):
    """Compared one by one, ties on neither side."""
    first, second = np.array(rows).T
    sides = (first[:, None] - first) * (second[:, None] - second)
    assert inverted_pairs(first, second).tolist() == (sides < 0).sum(axis=1).tolist()


def test_an_order_turned_round_inverts_every_pair():
    """Thousands of rows, each against all others."""
    forward = np.arange(5000)
    assert (inverted_pairs(forward, -forward) == 4999).all()
    assert not inverted_pairs(forward, forward).any()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows_are_no_special_case(n):
    """One row has no pair."""
    assert (
        inverted_pairs(np.ones(n, dtype=np.int64), np.ones(n, dtype=np.int64)).tolist() == [0] * n
    )
