"""Expectation beside perception, item by item."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting import GapDisplay
from custvalue.plotting.style import ACCENT, QUIET
from custvalue.service import ServiceGap


class Unfitted(BaseEstimator):
    """An analysis that has not been fitted."""

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def gaps():
    """Return the gaps of three items with a dollar sign and a long name."""
    generator = np.random.default_rng(0)
    items = ["price in $", "on time $", "a name that is longer than anybody would read"]
    expected = generator.normal([5, 6, 5], 0.3, (40, 3))
    perceived = expected + generator.normal([0.2, -1.5, -0.4], 0.5, (40, 3))
    columns = [f"{question}_{item}" for question in "EP" for item in items]
    X = pd.DataFrame(np.hstack([expected, perceived]), columns=columns)
    return ServiceGap(dimensions=dict(zip(items, "xyx", strict=True))).fit(X)


def test_dots_are_the_means_of_the_survey(gaps, ax):
    """The worst item on top, hollow and full dots at expectation and perception."""
    display = GapDisplay.from_estimator(gaps).plot(ax)
    assert display.table.index[0] == "on time $"
    np.testing.assert_array_equal(display.expected_.get_xdata(), display.table["expectation"])
    np.testing.assert_array_equal(display.perceived_.get_xdata(), display.table["perception"])
    inks = [to_hex(ink) for ink in display.lines_.get_colors()]
    assert inks == [ACCENT, ACCENT, QUIET]


def test_the_end_of_a_row_tells_gap_and_interval(gaps, ax):
    """With a true minus sign; names with dollars stay names."""
    display = GapDisplay.from_estimator(gaps).plot(ax)
    first = display.table.iloc[0]
    text = display.texts_[0].get_text()
    assert text.startswith("\u22121.")
    assert " to " in text
    assert f"{abs(first['gap']):.2f}" in text
    ax.figure.draw_without_rendering()
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "on time $"
    assert len(names[1]) <= 28


def test_dimensions_can_be_shown_instead(gaps):
    """One row a dimension, the one that falls shortest first."""
    display = GapDisplay.from_estimator(gaps, of="dimensions")
    assert display.table.index.tolist() == ["y", "x"]
    with pytest.raises(ValueError, match="of must be 'items' or 'dimensions'; found 'all'"):
        GapDisplay.from_estimator(gaps, of="all")


def test_there_is_nothing_to_show_before_fit_or_without_expectations(gaps):
    """Both are told."""
    with pytest.raises(NotFittedError):
        GapDisplay.from_estimator(Unfitted())
    alone = ServiceGap(expectation=None).fit(pd.DataFrame({"P_a": [1.0, 2.0]}))
    with pytest.raises(ValueError, match="gaps need expectations"):
        GapDisplay.from_estimator(alone)


def test_nothing_lies_on_anything_else(gaps):
    """Headings, ends of rows and names are apart and inside the figure."""
    near = GapDisplay.from_predictions({"a": 5.0, "b": 4.0}, {"a": 4.99, "b": 4.1})
    for display in (GapDisplay.from_estimator(gaps), near):
        figure = Figure(figsize=display.size, layout="constrained")
        display.plot(figure.add_subplot())
        figure.draw_without_rendering()
        texts = [*display.texts_, *display.ax_.get_yticklabels()]
        boxes = [text.get_window_extent() for text in texts]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])
        inside = figure.bbox
        assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)


def test_gaps_given_have_no_interval(ax):
    """The end of the row is the gap alone; settings reach the dots."""
    display = GapDisplay.from_predictions({"a": 5.0}, {"a": 4.5}).plot(ax, markersize=3.0)
    assert display.texts_[0].get_text() == "\u22120.50"
    assert display.perceived_.get_markersize() == 3.0
    ax.figure.draw_without_rendering()


def test_an_interval_that_is_not_known_is_left_out(ax):
    """One respondent has gaps but no intervals."""
    X = pd.DataFrame({"E_a": [5.0], "P_a": [4.0]})
    display = GapDisplay.from_estimator(ServiceGap().fit(X)).plot(ax)
    assert display.texts_[0].get_text() == "\u22121.00"


def test_names_of_items_may_be_in_any_font_installed(ax, monkeypatch):
    """Letters that the first font lacks come from the next."""
    monkeypatch.setattr(fontManager, "get_font_names", lambda: ["SimHei"])
    display = GapDisplay.from_predictions({"care": 5.0}, {"care": 5.5}).plot(ax=ax)
    [name] = display.ax_.get_yticklabels()
    assert name.get_fontfamily() == [*mpl.rcParams["font.family"], "SimHei"]
