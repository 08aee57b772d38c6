"""Importance against performance."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting import ImportancePerformanceDisplay
from custvalue.service import ImportancePerformance


class Unfitted(BaseEstimator):
    """A map that has not been fitted."""

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def crowd():
    """Return fourteen items of which many lie close together, with names of any length."""
    generator = np.random.default_rng(2)
    names = [f"element number {i} of service $"[: 8 + 2 * i] for i in range(14)]
    importance = pd.Series(np.round(generator.normal(5, 0.5, 14), 1), names)
    performance = pd.Series(np.round(generator.normal(4, 0.5, 14), 1), names)
    return ImportancePerformanceDisplay.from_predictions(importance, performance)


def overlaps(texts):
    """Return how many pairs of texts lie on one another."""
    boxes = [text.get_window_extent() for text in texts]
    return sum(box.overlaps(other) for i, box in enumerate(boxes) for other in boxes[:i])


def test_a_map_is_drawn_as_it_was_fitted(ax):
    """Dots at performance and importance, lines where they cross."""
    generator = np.random.default_rng(1)
    columns = ["I_a", "I_b", "P_a", "P_b"]
    X = pd.DataFrame(generator.normal([6, 4, 3, 5], 1.0, (50, 4)), columns=columns)
    model = ImportancePerformance(n_bootstrap=20, random_state=0).fit(X)
    display = ImportancePerformanceDisplay.from_estimator(model).plot(ax)
    assert display.cross_hair == tuple(model.cross_hair_)
    np.testing.assert_array_equal(display.dots_.get_xdata(), model.map_["performance"])
    np.testing.assert_array_equal(display.dots_.get_ydata(), model.map_["importance"])
    assert [text.get_text() for text in display.texts_] == ["a", "b"]
    upright, level = ax.lines[:2]
    assert upright.get_xdata()[0] == model.cross_hair_["performance"]
    assert level.get_ydata()[0] == model.cross_hair_["importance"]


def test_a_map_must_be_fitted():
    """There is nothing to show before."""
    with pytest.raises(NotFittedError):
        ImportancePerformanceDisplay.from_estimator(Unfitted())


def test_no_name_lies_on_another(crowd):
    """Nor on a heading, nor outside the axes: on paper of three sizes."""
    for size in (crowd.size, (8.0, 6.0), (5.0, 5.0)):
        figure = Figure(figsize=size, layout="constrained")
        display = crowd.plot(figure.add_subplot())
        figure.draw_without_rendering()
        assert overlaps([*display.texts_, *display.headings_]) == 0
        inside = display.ax_.bbox
        boxes = [text.get_window_extent() for text in display.texts_]
        assert all(inside.x0 - 2 <= box.x0 and box.x1 <= inside.x1 + 2 for box in boxes)


def test_items_in_one_place_have_names_of_their_own(ax):
    """Six items with equal ratings."""
    values = pd.Series(4.0, [f"item {i}" for i in range(6)])
    display = ImportancePerformanceDisplay.from_predictions(values, values).plot(ax)
    ax.figure.draw_without_rendering()
    assert overlaps([*display.texts_, *display.headings_]) == 0


def test_unsure_items_are_hollow_and_the_foot_says_so(ax):
    """Below 90 % of the resamples; without resamples nothing is said."""
    table = pd.DataFrame(
        {"importance": [5.0, 4.0], "performance": [3.0, 4.0], "stability": [0.89, 0.91]},
        index=["a", "b"],
    )
    display = ImportancePerformanceDisplay(table=table, cross_hair=(4.5, 3.5)).plot(ax)
    assert "less than 90" in ax.get_xlabel()
    hollow = [line for line in ax.lines if line.get_color() == "#fffffe"]
    assert [line.get_xdata().tolist() for line in hollow] == [[3.0]]
    display.table = table.drop(columns="stability")
    ax.clear()
    assert display.plot(ax).ax_.get_xlabel() == "performance"


def test_lines_given_stand_where_they_are_put(ax):
    """Also where all items lie on one side; without lines these cross at the means."""
    importance, performance = {"a": 5.0, "b": 6.0}, {"a": 5.0, "b": 6.0}
    make = ImportancePerformanceDisplay.from_predictions
    assert make(importance, performance).cross_hair == (5.5, 5.5)
    make(importance, performance, cross_hair=(4, 3)).plot(ax)
    assert ax.get_xlim()[0] < 3 < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < 4 < ax.get_ylim()[1]


def test_settings_reach_the_dots(crowd, ax):
    """A size given is the size drawn."""
    assert crowd.plot(ax, markersize=3.0).dots_.get_markersize() == 3.0


def test_names_of_items_may_be_in_any_font_installed(crowd, ax, monkeypatch):
    """Letters that the first font lacks come from the next."""
    monkeypatch.setattr("custvalue.plotting.style._FALLBACKS", ("STIXGeneral",))
    display = crowd.plot(ax=ax)
    wanted = [*mpl.rcParams["font.family"], "STIXGeneral"]
    assert all(text.get_fontfamily() == wanted for text in display.texts_)
