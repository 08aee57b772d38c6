from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataError
from custvalue.plotting.snake_display import SnakeDisplay
from custvalue.plotting.style import QUIET
from custvalue.segmentation._clusters.profile import feature_profile


class Segmenter(BaseEstimator):
    """A segmenter that has its profile, or has not been fitted."""

    def __init__(self, profile=None):
        if profile is not None:
            self.feature_profile_ = profile

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def customers():
    """Return a table of 60 customers with a category, and their segments."""
    generator = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "orders": generator.poisson(3.0, 60),
            "monetary_value": generator.gamma(2.0, 30.0, 60),
            "region": ["north", "south"] * 30,
        }
    )
    return table, np.repeat(["over $5 and $9", "Lost", "New"], 20).astype(object)


@pytest.fixture
def many():
    """Return twelve segments that end at one place."""
    table = pd.DataFrame(
        {"x": np.linspace(-1, 2, 12), "y": np.zeros(12)}, index=[f"segment {i}" for i in range(12)]
    )
    return SnakeDisplay(table=table)


def test_categories_are_left_out(customers):
    """Only numbers have a deviation."""
    display = SnakeDisplay.from_predictions(*customers)
    assert display.table.columns.tolist() == ["orders", "monetary_value"]


def test_a_fitted_segmenter_has_the_numbers(customers):
    """The deviations are those of its own profile, in the order of its segments."""
    table, segments = customers
    names = ["New", "Lost", "over $5 and $9"]
    columns = {
        "region": table["region"].to_numpy(dtype=object),
        "orders": table["orders"].to_numpy(dtype=np.float64),
    }
    codes = np.array([names.index(name) for name in segments])
    profile = feature_profile(columns, codes, names)
    display = SnakeDisplay.from_estimator(Segmenter(profile))
    assert display.table.index.tolist() == names
    expected = profile["deviation"].xs("orders", level="feature")
    assert display.table["orders"].tolist() == expected.tolist()


def test_a_segmenter_must_be_fitted():
    """There is no profile before."""
    with pytest.raises(NotFittedError):
        SnakeDisplay.from_estimator(Segmenter())


def test_without_a_number_there_is_no_picture(customers):
    """The message says what is missing."""
    table, segments = customers
    with pytest.raises(DataError, match="a feature must be a number to be shown; found 0"):
        SnakeDisplay.from_predictions(table[["region"]], segments)
    columns = {"region": table["region"].to_numpy(dtype=object)}
    profile = feature_profile(columns, np.repeat([0, 1, 2], 20), list("abc"))
    with pytest.raises(DataError, match="a feature must be a number"):
        SnakeDisplay.from_estimator(Segmenter(profile))


def test_customers_and_segments_belong_together(customers):
    """The message says how many of each there are."""
    with pytest.raises(ValueError, match="one entry per customer; found 60 and 2"):
        SnakeDisplay.from_predictions(customers[0], ["a", "b"])


def test_lines_hold_the_numbers_and_names(customers, ax):
    """Each segment has a line through its deviations, its name at the end, and dollars stay."""
    display = SnakeDisplay.from_predictions(*customers).plot(ax)
    for line, (_, row) in zip(display.lines_, display.table.iterrows(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), row)
    ax.figure.canvas.draw()
    texts = [text.get_text().strip() for text in display.texts_]
    assert texts == [*display.table.index, "all customers"]
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert ticks == ["orders", "monetary_\nvalue"]


def test_names_do_not_lie_on_one_another(many):
    """Twelve lines that end at one place have twelve names one below another."""
    display = many.plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    inside = display.figure_.bbox
    assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)


def test_the_first_segments_are_told_apart_and_the_rest_are_quiet(many, ax):
    """Eight looks, no two alike; the ninth and all after have one."""
    lines = many.plot(ax).lines_
    looks = [(line.get_color(), line.get_linestyle()) for line in lines]
    assert len(set(looks[:8])) == 8
    assert set(looks[8:]) == {(QUIET, "-")}


def test_settings_reach_the_lines(customers, ax):
    """A line width given is the line width drawn."""
    display = SnakeDisplay.from_predictions(*customers).plot(ax, linewidth=5.0)
    assert {line.get_linewidth() for line in display.lines_} == {5.0}


def test_one_feature_of_one_segment_is_a_point(ax):
    """The smallest picture is drawn too, though nothing spans a range."""
    display = SnakeDisplay.from_predictions(pd.DataFrame({"x": [1.0, 1.0]}), ["all", "all"])
    assert display.plot(ax).lines_[0].get_ydata().tolist() == [0.0]
    ax.figure.canvas.draw()


def test_a_gap_at_the_end_leaves_the_name_at_the_last_value(ax):
    """A segment whose last feature is missing is still named; one of gaps is named at 0."""
    table = pd.DataFrame({"x": [2.0, np.nan], "y": [np.nan, np.nan]}, index=["a", "b"])
    display = SnakeDisplay(table=table).plot(ax)
    heights = {text.get_text().strip(): text.get_position()[1] for text in display.texts_}
    assert heights["a"] == pytest.approx(2.0)
    assert heights["b"] > heights["all customers"]
