from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from custvalue.plotting import LorenzDisplay, SegmentDisplay
from custvalue.workflow._svg import picture


@pytest.fixture
def display():
    return LorenzDisplay.from_predictions([1.0, 2.0, 30.0])


def test_the_picture_is_one_svg_element_with_a_label(display):
    """It can stand in a page as it is, and says what it shows."""
    root = ElementTree.fromstring(picture(display, 'Value & "shares"', "value"))
    assert root.tag == "svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'Value & "shares"'
    assert {"width", "height"}.isdisjoint(root.attrib)


def test_every_colour_is_a_variable_of_the_page(display):
    """No code of a colour is left, so that the picture follows a dark page."""
    text = picture(display, "", "value")
    assert re.findall(r"(?:fill|stroke): *#", text) == []
    assert "var(--accent)" in text


def test_text_stays_text_in_the_font_of_the_page(display):
    """Letters are no outlines, and no font is named."""
    text = picture(display, "", "value")
    assert "customers, from least to most valuable" in text
    assert "font-family" not in text


def test_nothing_is_fetched(display):
    """No address of any kind stands in the picture."""
    assert "http" not in picture(display, "", "value")
    assert "<style" not in picture(display, "", "value")


def test_ids_are_its_own_and_all_of_them_are_used(display):
    """Two pictures on one page do not share ids, and references lead somewhere."""
    text = picture(display, "", "value")
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    used = set(re.findall(r"#([\w-]+)", text))
    assert ids == used
    assert all(found.startswith("value-") for found in ids)


def test_the_same_picture_has_the_same_bytes(display):
    """Nothing in it depends on the time or on chance."""
    assert picture(display, "", "value") == picture(display, "", "value")


def test_the_user_s_settings_count_for_nothing_and_stay(display, monkeypatch):
    """Sizes and colours set for other plots do not enter, and are as before afterwards."""
    plain = picture(display, "", "value")
    monkeypatch.setitem(mpl.rcParams, "lines.linewidth", 17.0)
    monkeypatch.setitem(mpl.rcParams, "text.color", "red")
    before = (dict(mpl.rcParams), plt.get_fignums())
    assert picture(display, "", "value") == plain
    assert (dict(mpl.rcParams), plt.get_fignums()) == before


def test_names_are_escaped():
    """What a user calls a segment is text, not markup."""
    display = SegmentDisplay.from_predictions(["<b>&", "$x_1$"], [1.0, 2.0])
    text = picture(display, "", "segments")
    assert "&lt;b&gt;&amp;" in text
    assert "$x_1$" in text


def test_without_matplotlib_the_message_says_what_to_install(display, monkeypatch):
    """The optional library is named, and the extra that brings it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "custvalue\[report\]"'):
        picture(display, "", "value")
