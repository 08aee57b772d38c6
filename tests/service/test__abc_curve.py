"""The curves of an ABC analysis."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._abc_curve import lorenz_points, pareto_curve


@settings(max_examples=30)
@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any))
def test_each_point_is_what_items_worth_as_much_hold(values):
    """Counted from whole numbers, equal values together, up to all items."""
    numbers = np.array(values, dtype=float)
    curve = pareto_curve(numbers, numbers[:0])
    for value, items, held in zip(curve.value, curve.item_share, curve.value_share, strict=True):
        assert items == np.mean(numbers >= value)
        assert abs(held - numbers[numbers >= value].sum() / numbers.sum()) < 1e-14
    assert (curve.item_share[-1], curve.value_share[-1]) == (1.0, 1.0)


def test_a_thinned_curve_keeps_corners_and_leaps():
    """Points of the full curve, no step above 1 % but where one value leaps, corners among them."""
    generator = np.random.default_rng(4)
    numbers = np.sort(np.concatenate([generator.lognormal(2, 2, 5000), np.full(900, 7.0)]))
    corners = numbers[[1234, 4321]]
    curve = pareto_curve(numbers, corners)
    assert 200 < len(curve.value) <= 406
    assert np.isin([*corners, numbers[0], numbers[-1]], curve.value).all()
    shares = np.array([np.mean(numbers >= value) for value in curve.value])
    np.testing.assert_allclose(curve.item_share, shares, rtol=1e-12)
    steps = np.maximum(np.diff(curve.item_share), np.diff(curve.value_share))
    apart = np.array([((numbers < a) & (numbers > b)).any() for a, b in pairwise(curve.value)])
    assert steps[apart].max() < 0.01
    assert steps.max() > 0.1  # the 900 equal items


def test_shares_beyond_the_ends():
    """Above the best item its share, below the least 1, between two points a line."""
    curve = pareto_curve(np.array([2.0, 8.0]), np.array([8.0]))
    assert curve.share_at(np.array([1e9, 8.0, 5.0, 2.0, 1.0, -3.0])).tolist() == [
        0.8,
        0.8,
        0.9,
        1.0,
        1.0,
        1.0,
    ]


def test_the_lorenz_curve_is_thinned_to_whole_percents():
    """A thousand items are read off at 101 points, two at three."""
    x, y = lorenz_points(np.arange(1.0, 1001.0))
    np.testing.assert_allclose(x, np.arange(101) / 100, atol=1e-15)
    count = 10 * np.arange(101)
    np.testing.assert_allclose(y, count * (count + 1) / (1000 * 1001), atol=1e-14)
    assert len(lorenz_points(np.array([1.0, 3.0]))[0]) == 3
