from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.plotting.abc_display import ABCDisplay
from custvalue.service.abc_analysis import ABCAnalysis
from custvalue.service.order_priority import OrderPriority

SALES = [500.0, 300, 80, 50, 30, 15, 10, 7, 5, 3]


def fitted(values, **parameters) -> ABCAnalysis:
    """Return an analysis of some values."""
    return ABCAnalysis(**parameters).fit(pd.DataFrame({"value": values}))


@pytest.fixture
def display():
    return ABCDisplay.from_estimator(fitted(SALES))


def test_an_analysis_gives_curve_and_classes(display):
    """As it learned them; values and their classes give the same picture."""
    assert display.table["items"].to_dict() == {"A": 2, "B": 3, "C": 5}
    assert display.curve["value_share"].tolist()[:2] == [0.5, 0.8]
    other = ABCDisplay.from_predictions(SALES, list("AABBBCCCCC"))
    pd.testing.assert_frame_equal(other.table, display.table)
    pd.testing.assert_frame_equal(other.curve, display.curve)
    with pytest.raises(NotFittedError):
        ABCDisplay.from_estimator(ABCAnalysis())


def test_the_line_is_the_curve_from_nothing_on(display, ax):
    """It starts at (0, 0) and ends at (1, 1); settings are those of the line."""
    display.plot(ax, linewidth=3.3)
    x, y = display.line_.get_data()
    assert (x[0], y[0], x[-1], y[-1]) == (0.0, 0.0, 1.0, 1.0)
    np.testing.assert_allclose(y[1:], display.curve["value_share"])
    assert display.line_.get_linewidth() == 3.3


def test_areas_and_strips_are_as_wide_and_high_as_the_classes(display, ax):
    """Areas part the items, strips the value, both without gaps."""
    display.plot(ax)
    items, held = 0.0, 0.0
    for name, row in display.table.iterrows():
        corners = display.areas_[name].get_paths()[0].vertices
        assert corners[:, 0].min() == pytest.approx(items)
        items += row["item_share"]
        assert corners[:, 0].max() == pytest.approx(items)
        strip = display.strips_[name]
        assert strip.get_y() == pytest.approx(held)
        assert strip.get_height() == pytest.approx(row["value_share"])
        held += row["value_share"]
    tints = {strip.get_facecolor() for strip in display.strips_.values()}
    assert len(tints) == 3


def test_each_class_is_named_with_what_it_holds(display, ax):
    """Name, share of the value, number and share of the items; no legend."""
    display.plot(ax)
    said = [text.get_text().replace("\u00a0", " ") for text in display.texts_]
    assert said[0] == "80 % of the value\n2 items, 20 %"
    assert said[2] == "4 % of the value\n5 items, 50 %"
    assert {"A", "B", "C"} <= {text.get_text() for text in ax.texts}
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("values", "parameters"),
    [
        (SALES, {}),
        (SALES, {"cuts": tuple(np.arange(1, 13) / 13)}),
        ([97.0, 1.0, 1.0, 1.0, -6.0], {"negative": "own_class", "cuts": (0.5, 0.97, 0.98)}),
        (np.linspace(1, 2, 1_234_567), {"rule": "count"}),
    ],
)
def test_names_neither_touch_nor_leave_the_picture(values, parameters):
    """However many classes there are, and however many items."""
    display = ABCDisplay.from_estimator(fitted(values, **parameters)).plot()
    display.figure_.draw_without_rendering()
    boxes = [text.get_window_extent() for text in display.ax_.texts]
    whole = display.figure_.bbox
    assert all(box.x0 >= whole.x0 and box.x1 <= whole.x1 for box in boxes)
    assert all(box.y0 >= whole.y0 - 1 and box.y1 <= whole.y1 + 1 for box in boxes)
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not any(a.overlaps(b) for a, b in pairs)


def test_empty_classes_are_left_out_and_losses_have_no_area(ax):
    """A class without items is not named; that of returns is, without area."""
    display = ABCDisplay.from_estimator(fitted([97.0, 2, 1, -5], negative="own_class")).plot(ax)
    assert list(display.areas_) == list(display.strips_) == ["A", "C"]
    assert len(display.texts_) == 3
    assert display.texts_[-1].get_text().startswith("\u22125")
    corners = display.areas_["C"].get_paths()[0].vertices
    assert corners[:, 0].max() == pytest.approx(1.0)


def test_names_of_classes_may_be_any_text(ax):
    """A dollar sign is no formula, and a long name is cut."""
    display = ABCDisplay.from_predictions([5.0, 1.0], ["$1$", "a very long name"]).plot(ax)
    written = [text.get_text() for text in ax.texts]
    assert "$1$" in written
    assert "a very\u2026" in written
    assert list(display.areas_) == ["$1$", "a very long name"]


def test_another_estimator_is_refused():
    """With what is needed and what was found."""
    other = OrderPriority().fit(pd.DataFrame({"profit": [1.0, 2.0], "importance": [1, 2]}))
    with pytest.raises(TypeError, match="ABCDisplay needs a fitted ABCAnalysis.*found OrderP"):
        ABCDisplay.from_estimator(other)
