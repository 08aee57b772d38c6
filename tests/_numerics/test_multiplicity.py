"""Many tests at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue._numerics.multiplicity import holm


def test_the_smallest_counts_for_all_the_next_for_one_less():
    """By hand: 4 * 0.01, 3 * 0.02, 2 * 0.03, and 0.04 raised to what went before."""
    found = holm(np.array([0.04, 0.01, 0.03, 0.02]))
    np.testing.assert_allclose(found, [0.06, 0.04, 0.06, 0.06], rtol=1e-14)


def test_what_is_not_known_does_not_count():
    """NaN stays where it is and adds no test; nothing exceeds 1."""
    found = holm(np.array([np.nan, 0.02, 0.9, np.nan]))
    np.testing.assert_array_equal(found, [np.nan, 0.04, 0.9, np.nan])
    assert holm(np.array([0.6, 0.7])).tolist() == [1.0, 1.0]
    assert holm(np.empty(0)).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
def test_adjusted_values_lie_between_the_raw_ones_and_bonferroni(values, random):
    """The order of the tests does not matter, nor does any smaller p get a larger value."""
    p = np.array(values)
    found = holm(p)
    assert np.all(found >= p)
    assert np.all(found <= np.minimum(len(p) * p, 1.0))
    order = list(range(len(p)))
    random.shuffle(order)
    np.testing.assert_array_equal(holm(p[order]), found[order])
    ranked = found[np.argsort(p, kind="stable")]
    assert np.all(np.diff(ranked) >= 0)
    assert found.min() == pytest.approx(min(len(p) * p.min(), 1.0))


def test_holm_agrees_with_the_published_example():
    """R's p.adjust(c(.01, .02, .03, .04, .05), "holm") is .05 .08 .09 .09 .09."""
    found = holm(np.array([0.05, 0.03, 0.01, 0.04, 0.02]))
    np.testing.assert_allclose(found, [0.09, 0.09, 0.05, 0.09, 0.08])
