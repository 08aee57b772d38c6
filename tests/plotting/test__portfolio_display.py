from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.plotting._portfolio_display import (
    chosen_scale,
    corner_words,
    most_notable,
    rounded,
)


def test_corners_say_what_to_do_and_how_many():
    """Losses only where there are any."""
    assert corner_words("reduce costs", np.array([5.0])) == ["reduce costs", "1 product"]
    found = corner_words("review", np.array([-3.0, -1.0]))
    assert found == ["review", "2 products", "\u25cb 2 at a loss"]


def test_an_even_scale_is_kept_where_it_shows_both_sides():
    """A threshold near the middle needs no logarithms."""
    scale = chosen_scale(np.array([0.0, 50.0, 100.0]), 50.0)
    assert scale.width is None
    assert scale.threshold_at == pytest.approx(0.5)
    assert scale.ticks == (0.0, 25.0, 50.0, 75.0, 100.0)


def test_a_long_tail_gets_powers_of_ten():
    """Volumes over five powers of ten are shown by powers."""
    scale = chosen_scale(10.0 ** np.linspace(0, 5, 101), 10.0**2.5)
    assert scale.width is not None
    assert scale.ticks[-2:] == (1_000.0, 100_000.0)


def test_ticks_between_powers_of_ten_stand_apart():
    """Over two powers of ten, 1, 2 and 5 of each would write their numbers on one another."""
    scale = chosen_scale(np.geomspace(640.0, 57_000.0, 101), 6_000.0)
    assert scale.ticks == (2_000.0, 5_000.0, 20_000.0, 50_000.0)


@given(
    values=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30),
    threshold=st.integers(-(10**6), 10**6),
)
def test_every_value_and_the_threshold_are_on_the_axis(values, threshold):
    """Values and ticks lie between the ends, and each side of the threshold has 30 %."""
    data = np.array(values, dtype=float)
    scale = chosen_scale(data, float(threshold))
    assert scale.low < min(*values, threshold) <= max(*values, threshold) < scale.high
    assert 0.3 - 1e-9 <= scale.threshold_at <= 0.7 + 1e-9
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks)
    assert len(scale.ticks) <= 13


def test_notable_products_have_a_large_share_of_either():
    """A great loss is as notable as a great profit; the first of equals comes first."""
    volume, profit = np.array([5.0, 90.0, 5.0, 0.0]), np.array([1.0, 2.0, -30.0, 0.0])
    assert most_notable(volume, profit, 2).tolist() == [2, 1]
    assert most_notable(np.zeros(3), np.zeros(3), 5).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1234.5, "1,234"), (99.94, "99.9"), (-2.5, "\u22122.50")]
)
def test_numbers_of_axes_have_no_needless_digits(value, text):
    """Whole numbers are whole, others have three digits."""
    assert rounded(value) == text
