"""The mathematics of perfect orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from custvalue.service._perfect_order import perfect_orders, perfection

STATES = arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.sampled_from([0.0, 1.0, np.nan]),
)


def whole(states, counts=None):
    """Return what is found of one group."""
    counts = np.ones(len(states)) if counts is None else counts
    return perfect_orders(states, counts, np.zeros(len(states), dtype=np.int64), 1, 0.95)


@given(states=STATES)
@settings(max_examples=30)
def test_attribution_adds_up_and_lies_between_its_bounds(states):
    """Costs add up to 1 - share; each lies between what it costs alone and all that it fails."""
    found = whole(states)
    if found.known[0]:
        assert found.attribution.sum() == pytest.approx(1 - found.share[0])
        assert (found.alone <= found.attribution + 1e-12).all()
        assert (found.attribution <= found.failed + 1e-12).all()


@given(states=STATES)
@settings(max_examples=30)
def test_the_share_lies_between_what_is_certain(states):
    """Lowest and highest share of all orders enclose the share of the known ones."""
    found = whole(states)
    if found.known[0]:
        assert found.lowest[0] - 1e-12 <= found.share[0] <= found.highest[0] + 1e-12


@given(states=STATES, seed=st.integers(0, 99))
@settings(max_examples=20)
def test_counts_are_repeated_rows(states, seed):
    """A row with a count is that many rows; the order of criteria and rows means nothing."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 4, len(states))
    one = whole(states, counts.astype(float))
    rows, columns = rng.permutation(counts.sum()), rng.permutation(states.shape[1])
    other = whole(np.repeat(states, counts, axis=0)[rows][:, columns])
    np.testing.assert_allclose(one.attribution[:, columns], other.attribution)
    np.testing.assert_allclose(one.dependence, other.dependence, atol=1e-12)
    assert one.known.tolist() == other.known.tolist()


def test_groups_are_counted_apart():
    """Two groups give what each gives alone."""
    states = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, np.nan], [0.0, 0.0]])
    both = perfect_orders(states, np.array([3.0, 1.0, 2.0, 1.0]), np.array([0, 0, 1, 1]), 2, 0.95)
    alone = whole(states[2:], np.array([2.0, 1.0]))
    assert both.share.tolist() == [0.75, alone.share[0]]
    assert both.attribution[1].tolist() == alone.attribution[0].tolist()


def test_a_failure_outweighs_what_is_unknown():
    """False and unknown is False; True and unknown is unknown."""
    states = np.array([[0.0, np.nan], [1.0, np.nan], [1.0, 1.0]])
    np.testing.assert_array_equal(perfection(states), [0.0, np.nan, 1.0])
