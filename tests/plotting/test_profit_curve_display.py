from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.plotting.profit_curve_display import ProfitCurveDisplay
from custvalue.plotting.style import ACCENT
from custvalue.service.service_level_optimizer import ServiceLevelOptimizer
from custvalue.service.service_response import ServiceResponse


@pytest.fixture(scope="module")
def optimizer() -> ServiceLevelOptimizer:
    """Return an optimizer fitted to 60 observations."""
    rng = np.random.default_rng(0)
    s = rng.uniform(0.2, 0.9, 60)
    X = pd.DataFrame({"service_level": s, "revenue": 50_000 * np.sqrt(s), "cost": 55_000 * s**2})
    X[["revenue", "cost"]] += 900 * rng.standard_normal((60, 2))
    return ServiceLevelOptimizer(form="curve").fit(X)


def test_the_picture_has_curves_and_optimum(optimizer, ax):
    """Three lines with their names, a mark at the optimum, its interval as a band and in words."""
    display = ProfitCurveDisplay.from_estimator(optimizer).plot(ax)
    row = optimizer.optimum_.loc["all"]
    assert [text.get_text() for text in display.texts_[:3]] == ["revenue", "cost", "profit"]
    assert display.mark_.get_xdata()[0] == row["service_level"]
    assert display.mark_.get_ydata()[0] == row["profit"]
    assert display.lines_[2].get_color() == ACCENT
    first, last = display.texts_[3].get_text().split("\n")
    assert first == f"best at {100 * row['service_level']:.1f}\u00a0%"
    assert last == f"({100 * row['lower']:.1f}\u00a0% to {100 * row['upper']:.1f}\u00a0%)"
    assert display.band_ is not None


def test_curves_as_given_have_no_interval(ax):
    """The highest of the levels given is marked."""
    display = ProfitCurveDisplay.from_predictions(
        [80, 90, 99], [100, 130, 140], [40, 60, 120], scale="percent"
    ).plot(ax)
    assert display.band_ is None
    assert display.texts_[3].get_text() == "best at 90\u00a0%"
    with pytest.raises(ValueError, match="scale must be 'fraction' or 'percent'; found 'days'"):
        ProfitCurveDisplay.from_predictions([1, 2], [1, 2], [1, 2], scale="days")


def test_an_optimizer_must_be_fitted_and_have_curves():
    """Items have no curve to show."""
    with pytest.raises(NotFittedError):
        ProfitCurveDisplay.from_estimator(ServiceLevelOptimizer())
    other = ServiceResponse(random_state=0, n_bootstrap=100)
    other.fit(np.random.default_rng(0).uniform(0, 1, (40, 2)))
    with pytest.raises(TypeError, match="needs a fitted ServiceLevelOptimizer"):
        ProfitCurveDisplay.from_estimator(other)
    items = pd.DataFrame({"underage": [3.0], "overage": [1.0], "mean": [9.0], "sd": [2.0]})
    with pytest.raises(ValueError, match="profit_curve needs form='curve'"):
        ProfitCurveDisplay.from_estimator(ServiceLevelOptimizer().fit(items))


@pytest.mark.parametrize(
    ("revenue", "cost"),
    [
        ([0, 10, 14], [0, 4, 13.9]),
        ([5, 5, 5], [5, 5, 5]),
        ([1e6, 2e6, 2.2e6], [1e6, 2e6, 9e6]),
        ([100, 101, 150], [0, 0, 0]),
    ],
)
@pytest.mark.parametrize("top", [1.0, 100.0])
def test_no_words_lie_on_others(revenue, cost, top):
    """Names at the right, the optimum on top and the ticks keep apart, inside the picture."""
    levels, scale = [0.1 * top, 0.6 * top, top], "fraction" if top == 1 else "percent"
    display = ProfitCurveDisplay.from_predictions(levels, revenue, cost, scale=scale).plot()
    display.figure_.canvas.draw()
    ticks = [*display.ax_.get_xticklabels(), *display.ax_.get_yticklabels()]
    boxes = [text.get_window_extent() for text in [*display.texts_, *ticks] if text.get_text()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_round_money_is_written_in_whole_numbers(ax):
    """0, 50 and 100 have no cents."""
    display = ProfitCurveDisplay.from_predictions([0.8, 0.99], [100, 130], [40, 60]).plot(ax)
    texts = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert "0" in texts
    assert not any("." in text for text in texts)


def test_settings_reach_the_profit(optimizer, ax):
    """A width given is the width of the profit."""
    display = ProfitCurveDisplay.from_estimator(optimizer).plot(ax, linewidth=5)
    assert display.lines_[2].get_linewidth() == 5
