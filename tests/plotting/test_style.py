from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from custvalue.plotting.style import (
    INK,
    INKS,
    MUTED,
    PAPER,
    RAMP,
    RAMP_INK,
    SERIES,
    bare,
    font_families,
    ramp_level,
    ramp_rgb,
)


def luminance(ink):
    """Return the relative luminance of a colour, as the accessibility guidelines define it."""
    rgb = np.array(to_rgb(ink))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Return the contrast ratio of two colours, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_ink_has_one_code_and_one_role():
    """Codes can be exchanged for roles only if no two roles share one."""
    assert len(set(INKS.values())) == len(INKS)
    assert all(ink == ink.lower() and len(ink) == 7 for ink in INKS.values())


@pytest.mark.parametrize("ink", [INK, MUTED])
def test_text_can_be_read_on_paper(ink):
    """Text has a contrast of at least 4.5."""
    assert contrast(ink, PAPER) >= 4.5


def test_several_curves_have_inks_that_can_be_seen():
    """Each has an ink and a dash of its own; lines and names of curves have a contrast of 2.5."""
    inks, dashes = zip(*SERIES, strict=True)
    assert len(set(inks)) == len(set(dashes)) == len(SERIES) == 5
    assert min(contrast(ink, PAPER) for ink in inks) >= 2.5
    assert set(inks) <= set(INKS.values())


@pytest.mark.parametrize(("ink", "ground"), list(zip(RAMP_INK, RAMP, strict=True)))
def test_text_can_be_read_on_every_step_of_the_ramp(ink, ground):
    """Numbers in cells have a contrast of at least 4.5."""
    assert contrast(ink, ground) >= 4.5


def test_the_ramp_darkens_step_by_step():
    """Without colour the steps can still be told apart."""
    steps = [luminance(ink) for ink in RAMP]
    assert (np.diff(steps) < -0.02).all()


def test_levels_part_the_unit_interval_evenly():
    """Six steps; 1 belongs to the last."""
    shares = np.array([0.0, 0.166, 0.17, 0.5, 0.83, 0.84, 1.0])
    assert ramp_level(shares).tolist() == [0, 0, 1, 3, 4, 5, 5]


def test_levels_have_the_colours_of_the_ramp():
    """Numbers and codes name the same colours."""
    rgb = ramp_rgb(np.arange(len(RAMP)).reshape(2, 3))
    np.testing.assert_allclose(rgb.reshape(-1, 3), [to_rgb(ink) for ink in RAMP])


def test_bare_axes_keep_only_the_sides_asked_for(ax):
    """No frame, no tick marks, quiet labels."""
    bare(ax, keep=("bottom",))
    assert [side for side, spine in ax.spines.items() if spine.get_visible()] == ["bottom"]
    assert not ax.patch.get_visible()
    assert ax.xaxis.label.get_color() == MUTED


def test_fonts_with_more_letters_are_named_where_they_are_installed():
    """After those of matplotlib, in a fixed order; one that is not there would be warned of."""
    installed = ["SimHei", "Noto Sans CJK JP", "Elsewhere"]
    found = font_families(["DejaVu Sans", "SimHei"], installed)
    assert found == ["DejaVu Sans", "SimHei", "Noto Sans CJK JP"]
    assert font_families("serif", ["DejaVu Sans"]) == ["serif"]
