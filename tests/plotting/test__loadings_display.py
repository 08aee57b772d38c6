from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from custvalue.plotting._loadings_display import (
    NEGATIVE_RAMP,
    cell_inks,
    cell_rgb,
    checked_loadings,
    item_groups,
)
from custvalue.plotting.style import MUTED, RAMP, RAMP_INK


def luminance(ink):
    """Return the relative luminance of a colour, as the accessibility guidelines define it."""
    rgb = np.array(to_rgb(ink))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Return the contrast ratio of two colours, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [*zip(RAMP_INK, NEGATIVE_RAMP, strict=True), (MUTED, RAMP[0]), (MUTED, NEGATIVE_RAMP[0])],
)
def test_loadings_can_be_read_in_every_cell(ink, ground):
    """Numbers have a contrast of at least 4.5, small ones too."""
    assert contrast(ink, ground) >= 4.5


def test_both_ramps_darken_alike():
    """A negative loading is about as dark as a positive one of the same size."""
    positive, negative = (
        np.array([luminance(ink) for ink in ramp]) for ramp in (RAMP, NEGATIVE_RAMP)
    )
    assert (np.diff(negative) < -0.02).all()
    assert np.abs(positive - negative).max() < 0.06


def test_cells_take_the_colour_of_sign_and_size():
    """Loadings within 0.3 of 0 have the lightest, those of 1 and more the darkest."""
    cells = cell_rgb(np.array([[0.29, 0.3, 1.2], [-0.29, -0.5, -1.0]]))
    expected = [
        [RAMP[0], RAMP[1], RAMP[5]],
        [NEGATIVE_RAMP[0], NEGATIVE_RAMP[3], NEGATIVE_RAMP[5]],
    ]
    np.testing.assert_allclose(cells, [[to_rgb(ink) for ink in row] for row in expected])


def test_small_loadings_are_written_quietly():
    """All others in the ink of their step."""
    inks = cell_inks(np.array([[0.1, -0.35, 0.9]]), MUTED)
    assert inks == [[MUTED, RAMP_INK[2], RAMP_INK[5]]]


def test_items_that_are_equal_keep_their_order():
    """Of equal loadings the first item stays first, of equal factors the first one counts."""
    groups = item_groups(np.array([[0.5, 0.5], [0.5, 0.1], [0.1, -0.9]]))
    assert [group.tolist() for group in groups] == [[0, 1], [2]]


def test_unsorted_items_are_one_group():
    """The order given stays."""
    [group] = item_groups(np.array([[0.1, 0.9], [0.8, 0.0]]), sort=False)
    assert group.tolist() == [0, 1]


def test_a_frame_keeps_its_names():
    """Whole numbers become floats."""
    table = checked_loadings(pd.DataFrame({"speed": [1, 0]}, index=["a", "b"]))
    assert table["speed"].to_dict() == {"a": 1.0, "b": 0.0}


def test_loadings_that_make_no_picture_are_refused():
    """No item, an item twice, and a gap."""
    with pytest.raises(ValueError, match=r"each item once; found shape \(0, 2\)"):
        checked_loadings(np.empty((0, 2)))
    with pytest.raises(ValueError, match=r"found shape \(2, 1\) with 1 different item"):
        checked_loadings(pd.DataFrame({"f": [0.1, 0.2]}, index=["a", "a"]))
    with pytest.raises(ValueError, match=r"found one of item 'item_2' that is not \(1 such\)"):
        checked_loadings([[0.1], [np.nan]])
