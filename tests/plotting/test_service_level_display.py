from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting.service_level_display import ServiceLevelDisplay
from custvalue.plotting.style import ACCENT
from custvalue.service.order_priority import OrderPriority

GRID = np.linspace(-2, 3.5, 111)


class Model(BaseEstimator):
    """A model of normal demand that knows its table, or has not been fitted."""

    def __init__(self, fitted=True, fill=True):
        self.fill = fill
        if fitted:
            self.n_items_ = 1

    def fit(self, X):
        """Return itself."""
        return self

    def service_table(self, X, multiples):
        """Return the levels at the multiples."""
        fill = norm.cdf(multiples + 1) if self.fill else np.nan
        columns = {"cycle_service_level": norm.cdf(multiples), "fill_rate": fill}
        return pd.DataFrame(columns, index=pd.Index(multiples, name="multiple"))


@pytest.fixture
def display():
    """Return a display of normal demand with a fill rate."""
    return ServiceLevelDisplay.from_predictions(GRID, norm.cdf(GRID), norm.cdf(GRID + 1))


def test_a_fitted_model_has_the_numbers():
    """The levels at the marks are those of the model; a fill rate that is not known is left out."""
    display = ServiceLevelDisplay.from_estimator(Model(), None)
    assert display.marks["cycle_service_level"].tolist() == norm.cdf([0, 1, 2, 3]).tolist()
    assert "fill_rate" not in ServiceLevelDisplay.from_estimator(Model(fill=False), None).table
    with pytest.raises(NotFittedError):
        ServiceLevelDisplay.from_estimator(Model(fitted=False), None)


def test_the_lines_and_points_hold_the_numbers(display, ax):
    """Both measures over the stock, and the marks on the first."""
    display.plot(ax)
    np.testing.assert_array_equal(display.line_.get_ydata(), norm.cdf(GRID))
    np.testing.assert_array_equal(display.fill_line_.get_ydata(), norm.cdf(GRID + 1))
    np.testing.assert_allclose(display.points_.get_ydata(), norm.cdf([0, 1, 2, 3]), rtol=1e-12)
    assert display.line_.get_color() == display.points_.get_color() == ACCENT


def test_the_rule_of_thumb_is_written_at_the_marks(display, ax):
    """50, 84, 98 and 99.9 %, then the names."""
    texts = [text.get_text().replace("\u00a0", " ") for text in display.plot(ax).texts_]
    assert texts[:4] == ["50 %", "84 %", "98 %", "99.9 %"]
    assert texts[4:] == ["cycles without a stock-out", "demand met from stock"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "1", "2", "3"]


def test_without_a_fill_rate_there_is_one_line(ax):
    """And one name."""
    display = ServiceLevelDisplay.from_predictions(GRID, norm.cdf(GRID)).plot(ax)
    assert display.fill_line_ is None
    assert display.texts_[-1].get_text() == "cycles without a stock-out"
    assert len(display.texts_) == 5


@pytest.mark.parametrize(
    "marks", [(0, 1, 2, 3), (-3, -2, -1), (0, 0.1, 0.2, 2.9, 3), (1.28, 1.645, 2.33), (1,)]
)
def test_no_words_lie_on_others(marks):
    """Words of marks that crowd are left out; all lie inside the picture."""
    display = ServiceLevelDisplay.from_estimator(Model(), None, marks=marks).plot()
    display.figure_.canvas.draw()
    ticks = [text for text in display.ax_.get_xticklabels() if text.get_text()]
    boxes = [text.get_window_extent() for text in [*display.texts_, *ticks]]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_settings_reach_the_line(display, ax):
    """A line width given is the line width drawn."""
    assert display.plot(ax, linewidth=5.0).line_.get_linewidth() == 5.0


def test_another_estimator_is_refused():
    """With what is needed and what was found."""
    X = pd.DataFrame({"profit": [1.0, 2.0], "importance": [1, 2]})
    other = OrderPriority().fit(X)
    with pytest.raises(TypeError, match="needs a fitted InventoryServiceLevel.*found OrderP"):
        ServiceLevelDisplay.from_estimator(other, X)
