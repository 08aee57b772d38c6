from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting.scree_display import ScreeDisplay
from custvalue.plotting.style import ACCENT

EIGENVALUES = [3.4, 1.5, 1.1, 0.2, 0.0, -0.1, -0.2]
REFERENCE = [0.5, 0.3, 0.2, 0.1, 0.05, -0.05, -0.1]


class Analyzer(BaseEstimator):
    """A factor analysis that has compared eigenvalues, or has not been fitted."""

    def __init__(self, retention=None, n_factors=None):
        if retention is not None:
            self.retention_, self.n_factors_ = retention, n_factors

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def display():
    """Return a display of seven eigenvalues, three of them kept."""
    return ScreeDisplay.from_predictions(EIGENVALUES, REFERENCE, n_factors=3)


def test_a_fitted_analysis_has_the_numbers():
    """Components are shown, or factors where asked for; one not fitted has neither."""
    retention = pd.DataFrame(
        {
            "eigenvalue": [2.0, 1.0],
            "parallel_components": [1.2, 0.8],
            "reduced_eigenvalue": [1.4, 0.1],
            "parallel_factors": [0.2, 0.1],
        },
        index=[1, 2],
    )
    display = ScreeDisplay.from_estimator(Analyzer(retention, 1))
    assert display.table["eigenvalue"].tolist() == [2.0, 1.0]
    assert display.n_factors == 1
    other = ScreeDisplay.from_estimator(Analyzer(retention, 1), of="factors")
    assert other.table["reference"].tolist() == [0.2, 0.1]
    with pytest.raises(NotFittedError):
        ScreeDisplay.from_estimator(Analyzer())


def test_the_lines_hold_the_numbers(display, ax):
    """All eigenvalues, the reference, and those kept once more in colour."""
    display.plot(ax)
    assert display.line_.get_ydata().tolist() == EIGENVALUES
    assert display.reference_line_.get_ydata().tolist() == REFERENCE
    assert display.kept_.get_ydata().tolist() == EIGENVALUES[:3]
    assert display.kept_.get_color() == ACCENT
    assert display.line_.get_color() != ACCENT


def test_lines_are_named_and_the_number_is_told(display, ax):
    """Labels stand at the lines instead of a legend."""
    display.plot(ax)
    texts = [text.get_text().replace("\n", " ") for text in display.texts_]
    assert texts == ["these data", "random data, 95\u00a0%", "3 factors kept"]
    assert ax.get_legend() is None


@pytest.mark.parametrize("kept", [None, 0])
def test_where_nothing_is_kept_nothing_is_in_colour(ax, kept):
    """Eigenvalues alone are a line with its name."""
    display = ScreeDisplay.from_predictions(EIGENVALUES, n_factors=kept).plot(ax)
    assert display.kept_ is None
    assert display.reference_line_ is None
    assert [text.get_text() for text in display.texts_] == ["these data"]


@pytest.mark.parametrize(("count", "kept"), [(1, 1), (3, 1), (7, 7), (60, 12), (60, 55)])
def test_no_words_lie_on_others(count, kept):
    """Names of lines that end together keep apart, inside the picture, as do the ticks."""
    values = np.linspace(4.0, 0.1, count)
    display = ScreeDisplay.from_predictions(values, values * 0.999, n_factors=kept).plot()
    display.figure_.canvas.draw()
    ticks = [text for text in display.ax_.get_xticklabels() if text.get_text()]
    boxes = [text.get_window_extent() for text in [*display.texts_, *ticks]]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_the_steps_of_the_axis_have_the_decimals_that_they_need(ax):
    """Quarters are written with two."""
    ScreeDisplay.from_predictions([1.0, 1.0, 1.0]).plot(ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert [float(label) for label in labels] == ax.get_yticks().tolist()


def test_the_names_of_the_lines_can_be_others(ax):
    """A reference that is no 95 % point is called what it is."""
    table = pd.DataFrame({"eigenvalue": [1.5, 0.5], "reference": [1.0, 1.0]}, index=[1, 2])
    display = ScreeDisplay(table=table, names=("survey of $5", "mean of $random")).plot(ax)
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["survey of $5", "mean of\n$random"]


def test_settings_reach_the_line(display, ax):
    """A line width given is the line width drawn."""
    assert display.plot(ax, linewidth=5.0).line_.get_linewidth() == 5.0


def test_what_is_given_is_checked():
    """The number kept cannot exceed the eigenvalues."""
    with pytest.raises(ValueError, match="whole number from 0 to 2; found 3"):
        ScreeDisplay.from_predictions([1.2, 0.8], n_factors=3)


def test_the_line_of_random_data_is_named_by_the_percentile_asked_for():
    """An analysis that compares with the median says so; one without a percentile says 95."""
    retention = pd.DataFrame({"eigenvalue": [2.0, 1.0], "parallel_components": [1.2, 0.8]}, [1, 2])
    analyzer = Analyzer(retention, 1)
    assert ScreeDisplay.from_estimator(analyzer).names[1] == "random data, 95\u00a0%"
    for percentile, words in [(50.0, "50"), (97.5, "97.5")]:
        analyzer.percentile = percentile
        names = ScreeDisplay.from_estimator(analyzer).names
        assert names == ("these data", f"random data, {words}\u00a0%")
