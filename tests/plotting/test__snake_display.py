from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._snake_display import (
    even_steps,
    places_of,
    profile_deviations,
    segment_deviations,
)
from custvalue.segmentation._clusters.profile import feature_profile


@pytest.fixture
def customers():
    """Return two numbers with gaps and ties, a constant, and segments, of 300 customers."""
    generator = np.random.default_rng(5)
    names = generator.choice(np.array(["b", "a", "c"], dtype=object), 300)
    columns = {
        "orders": generator.poisson(0.3, 300).astype(np.float64),
        "spend": np.where(generator.random(300) < 0.1, np.nan, generator.gamma(2.0, 30.0, 300)),
        "fee": np.ones(300),
    }
    return columns, names


def test_deviations_agree_with_the_profile_of_a_segmenter(customers):
    """What is computed from customers is what a segmenter computes when it is fitted."""
    columns, names = customers
    order = ["c", "a", "b"]
    codes = np.array([order.index(name) for name in names])
    regions = {"region": np.where(codes == 1, "north", "south").astype(object)}
    profile = feature_profile(regions | columns, codes, order)
    found = segment_deviations(columns, names, order)
    pd.testing.assert_frame_equal(found, profile_deviations(profile), check_names=False)
    assert found.index.tolist() == order
    assert found.columns.tolist() == ["orders", "spend", "fee"]


def test_segments_are_sorted_unless_ordered(customers):
    """The order of the rows decides nothing."""
    columns, names = customers
    assert segment_deviations(columns, names, None).index.tolist() == ["a", "b", "c"]
    assert segment_deviations(columns, names, list("xcba")).index.tolist() == ["c", "b", "a"]


def test_an_order_must_name_every_segment(customers):
    """The message names what the order lacks."""
    with pytest.raises(
        ValueError, match=r"order must name every segment; missing: b, c \(2 of 3\)"
    ):
        segment_deviations(*customers, ["a"])


@pytest.mark.parametrize(
    ("lowest", "highest", "steps"),
    [
        (-0.4, 1.9, [0.0, 1.0]),
        (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0]),
        (0.0, 35.0, [0.0, 10.0, 20.0, 30.0]),
        (-0.02, 0.0, [-0.02, -0.015, -0.01, -0.005, 0.0]),
        (0.0, 0.0, [0.0]),
    ],
)
def test_steps_are_round_and_hold_zero(lowest, highest, steps):
    """A handful of round numbers inside the range."""
    np.testing.assert_allclose(even_steps(lowest, highest), steps, atol=1e-12)


def test_steps_have_the_decimals_that_they_need():
    """Whole steps none, halves one, quarters two."""
    assert [places_of(np.arange(5) * step) for step in (1.0, 0.5, 0.25)] == [0, 1, 2]
