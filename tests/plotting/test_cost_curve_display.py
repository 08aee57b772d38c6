from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataQualityWarning
from custvalue.plotting.cost_curve_display import CostCurveDisplay
from custvalue.plotting.style import ACCENT
from custvalue.service.lost_sales_cost import LostSalesCost

LEVELS = [0.90, 0.95, 0.97, 0.98, 0.99]
DIRECT = [3e3, 6e3, 10e3, 15e3, 30e3]
HIDDEN = [90e3, 45e3, 27e3, 18e3, 9e3]


@pytest.fixture
def display():
    """Return a display of five levels, the fourth of them the cheapest."""
    return CostCurveDisplay.from_predictions(LEVELS, DIRECT, HIDDEN)


def test_a_fitted_cost_has_the_numbers():
    """The curve of the estimator is the table; one not fitted has none."""
    customers = pd.DataFrame({"failures": np.repeat([1, 0], [50, 950]), "value": 4500.0})
    cost = LostSalesCost(leaving_probability=0.2)
    with pytest.raises(NotFittedError):
        CostCurveDisplay.from_estimator(cost, customers, LEVELS, DIRECT)
    display = CostCurveDisplay.from_estimator(
        cost.fit(customers), customers, LEVELS, DIRECT, present_level=0.95
    )
    assert display.table["hidden_cost"].tolist() == pytest.approx(HIDDEN)
    assert display.service_level == 0.98


def test_warnings_point_to_the_caller():
    """Who asks for the display reads of a minimum at an end, at the own line."""
    customers = pd.DataFrame({"failures": [1, 0], "value": 100.0})
    cost = LostSalesCost(leaving_probability=0.2).fit(customers)
    with pytest.warns(DataQualityWarning, match="lowest at the highest of the service") as told:
        CostCurveDisplay.from_estimator(cost, customers, [0.9, 0.95], [0, 0], present_level=0.9)
    assert [one.filename for one in told] == [__file__]


def test_the_lines_hold_the_numbers_and_the_minimum_is_marked(display, ax):
    """Three lines, the total in colour, and a point on it."""
    display.plot(ax)
    assert display.lines_["direct_cost"].get_ydata().tolist() == DIRECT
    assert display.lines_["hidden_cost"].get_ydata().tolist() == HIDDEN
    total = display.lines_["total_cost"]
    assert total.get_ydata().tolist() == [93e3, 51e3, 37e3, 33e3, 39e3]
    assert total.get_color() == ACCENT
    assert display.minimum_.get_xdata().tolist() == [0.98]
    assert display.minimum_.get_ydata().tolist() == [33e3]


def test_lines_are_named_and_the_minimum_is_told(display, ax):
    """Labels stand at the lines instead of a legend."""
    display.plot(ax)
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["direct", "hidden", "total", "lowest at 98\u00a0%: 33,000"]
    assert ax.get_legend() is None


CURVES = {
    "falling": ([0.5, 0.75, 1.0], [1e6, 1e6, 1e6], [9e6, 5e6, 0.0]),
    "rising": ([0.9, 0.95, 0.99], [1.0, 5.0, 9.0], [0.1, 0.0, 0.0]),
    "flat": ([0.2, 0.3], [5.0, 5.0], [0.0, 0.0]),
    "nothing": ([0.0, 1.0], [0.0, 0.0], [0.0, 0.0]),
    "gains": ([0.5, 0.6, 0.7], [1.0, 2.0, 3.0], [-9.0, -6.0, -2.0]),
    "fine": (
        np.linspace(0.95, 0.9995, 80),
        1 / (1 - np.linspace(0.95, 0.9995, 80)),
        3e4 * (1 - np.linspace(0.95, 0.9995, 80)),
    ),
}


@pytest.mark.parametrize("name", CURVES)
def test_no_words_lie_on_others(name):
    """Names, the minimum and ticks keep apart, inside the picture."""
    display = CostCurveDisplay.from_predictions(*CURVES[name]).plot()
    display.figure_.canvas.draw()
    axis = display.ax_
    ticks = [*axis.get_xticklabels(), *axis.get_yticklabels()]
    words = [*display.texts_, axis.xaxis.label, axis.yaxis.label]
    boxes = [text.get_window_extent() for text in [*words, *ticks] if text.get_text()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_settings_reach_the_total(display, ax):
    """A line width given is the line width drawn."""
    display.plot(ax, linewidth=5.0)
    assert display.lines_["total_cost"].get_linewidth() == 5.0
    assert display.lines_["direct_cost"].get_linewidth() != 5.0
