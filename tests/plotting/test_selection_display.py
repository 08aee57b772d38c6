from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting.selection_display import SelectionDisplay


class Segmenter(BaseEstimator):
    """A segmenter that has compared numbers of segments, or has not been fitted."""

    def __init__(self, selection=None):
        if selection is not None:
            self.selection_ = selection

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def table():
    """Return three criteria for one to four segments."""
    return pd.DataFrame(
        {
            "bic": [1234567.0, 1200345.0, 1198765.0, 1199999.0],
            "silhouette": [np.nan, 0.4, 0.523, 0.5],
            "gap": [0.1, 0.5, 0.7, 0.6],
            "gap_standard_error": [0.1, 0.1, 0.1, 0.1],
            "recommended": [False, False, True, False],
        },
        index=pd.Index([1, 2, 3, 4], name="n_clusters"),
    )


def test_a_fitted_segmenter_has_the_comparison(table):
    """The table is the segmenter's own; one not fitted has none."""
    assert SelectionDisplay.from_estimator(Segmenter(table)).table.equals(table)
    with pytest.raises(NotFittedError):
        SelectionDisplay.from_estimator(Segmenter())


def test_a_segmenter_that_compared_nothing_has_no_picture():
    """An empty comparison is said at once, not when the picture is drawn."""
    with pytest.raises(ValueError, match="one of the criteria"):
        SelectionDisplay.from_estimator(Segmenter(pd.DataFrame()))


def test_each_criterion_has_a_panel_with_its_numbers(table, ax):
    """Lines hold the values over the numbers of segments."""
    display = SelectionDisplay(table=table).plot(ax)
    assert list(display.panels_) == list(display.lines_) == ["bic", "silhouette", "gap"]
    for column, line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(line.get_ydata(), table[column])
    ax.figure.canvas.draw()


def test_the_recommended_number_is_marked_in_every_panel(table, ax):
    """A rule stands at it, and its value is written in few letters."""
    display = SelectionDisplay(table=table).plot(ax)
    assert display.number == 3
    for panel in display.panels_.values():
        assert any(list(line.get_xdata()) == [3, 3] for line in panel.lines)
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["BIC ↓", "1,199k", "silhouette ↑", "0.52", "gap statistic ↑", "0.70"]


def test_without_a_recommendation_nothing_is_marked(table, ax):
    """Only the names of the criteria are written."""
    display = SelectionDisplay(table=table.assign(recommended=False)).plot(ax)
    assert display.number is None
    assert len(display.texts_) == 3


def test_a_criterion_that_the_number_lacks_has_no_value(table, ax):
    """One segment has no silhouette: the rule stands, the value does not."""
    one = table.assign(recommended=table.index == 1)
    display = SelectionDisplay(table=one).plot(ax)
    assert [text.get_text() for text in display.texts_][2:4] == ["silhouette ↑", "gap statistic ↑"]


def test_only_the_lowest_panels_name_the_numbers(table, ax):
    """Numbers stand once below each column of panels."""
    display = SelectionDisplay(table=table).plot(ax)
    named = {
        column: [label.get_text() for label in panel.get_xticklabels() if label.get_text()]
        for column, panel in display.panels_.items()
    }
    assert named["bic"] == []
    assert named["silhouette"] == named["gap"] == ["1", "2", "3", "4"]


def test_the_picture_grows_with_the_number_of_criteria(table):
    """Two criteria a row."""
    three, two = (SelectionDisplay(table=frame) for frame in (table, table.drop(columns="gap")))
    assert three.size[1] - two.size[1] == pytest.approx(1.4)


def test_names_and_values_do_not_lie_on_one_another(table):
    """The longest name has room beside its value."""
    wide = table.assign(prediction_strength=0.857, adjusted_bic=table["bic"], gap=np.nan)
    display = SelectionDisplay(table=wide).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_one_number_is_a_point_and_many_have_some_ticks(table, ax):
    """A comparison of one draws; one of thirty writes at most ten numbers."""
    display = SelectionDisplay(table=table.iloc[2:3]).plot(ax)
    assert display.lines_["bic"].get_xdata().tolist() == [3]
    many = pd.DataFrame({"bic": np.arange(30.0)}, index=np.arange(1, 31))
    panel = SelectionDisplay(table=many).plot(ax).panels_["bic"]
    assert len(panel.get_xticks()) == 10
