from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.plotting.response_display import ResponseDisplay
from custvalue.plotting.style import ACCENT
from custvalue.service.service_level_optimizer import ServiceLevelOptimizer
from custvalue.service.service_response import ServiceResponse

PHASES = ["low", "rising", "transition", "falling"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return 300 rows around four stages."""
    rng = np.random.default_rng(5)
    level = rng.uniform(50, 100, 300)
    value = np.interp(level, [50, 62, 80, 92, 100], [10, 10, 40, 42, 30])
    return pd.DataFrame({"service_level": level, "value": value + rng.normal(0, 1, 300)})


@pytest.fixture(scope="module")
def response(table) -> ServiceResponse:
    """Return the fitted response."""
    return ServiceResponse(random_state=0, n_bootstrap=100).fit(table)


def stages(ends: list[float], names: list[str]) -> pd.DataFrame:
    """Return stages of some ends."""
    columns = {"stage": names, "start": ends[:-1], "end": ends[1:]}
    values = list(range(len(ends)))
    return pd.DataFrame({**columns, "value_start": values[:-1], "value_end": values[1:]})


def test_the_picture_has_the_stages_that_were_found(response, table, ax):
    """The line joins the stages, each change point has a band, and each stage its name."""
    display = ResponseDisplay.from_estimator(response, table).plot(ax)
    assert display.line_.get_xdata().tolist() == [
        *response.stages_["start"],
        response.stages_["end"].iloc[-1],
    ]
    assert display.line_.get_color() == ACCENT
    assert [text.get_text() for text in display.texts_] == PHASES
    assert len(display.bands_) == 3
    assert len(display.points_.get_xdata()) == 30
    assert ax.get_xlabel() == "service level"


def test_points_are_shown_only_where_rows_are_given(response, table, ax):
    """The response has kept none; a table without its columns is refused."""
    assert ResponseDisplay.from_estimator(response).plot(ax).points_ is None
    with pytest.raises(DataError, match="missing: value"):
        ResponseDisplay.from_estimator(response, table[["service_level"]])


def test_another_estimator_is_refused():
    """It has no stages to show."""
    optimizer = ServiceLevelOptimizer(
        form="curve",
        scale="percent",
        revenue_curve=("power", 0.5, 0.5),
        cost_curve=("power", 0.00055, 2.0),
    ).fit(pd.DataFrame({"service_level": [20.0, 60.0]}))
    with pytest.raises(TypeError, match="ResponseDisplay needs a fitted ServiceResponse"):
        ResponseDisplay.from_estimator(optimizer)


def test_predictions_make_the_same_stages(response, table, ax):
    """What `transform` gave is enough, but for the intervals."""
    answer = response.transform(table)
    level, value = table["service_level"], table["value"]
    display = ResponseDisplay.from_predictions(
        level, answer["expected_value"], answer["stage"], value=value
    ).plot(ax)
    assert display.stages["stage"].tolist() == PHASES
    assert display.bands_ == []
    assert len(display.points_.get_xdata()) == 30
    with pytest.raises(ValueError, match="value must have one entry per row"):
        ResponseDisplay.from_predictions(
            level, answer["expected_value"], answer["stage"], value=value[:5]
        )


@pytest.mark.parametrize(
    ("ends", "names"),
    [
        ([0, 0.6, 0.75, 0.9, 1], PHASES),
        ([0, 0.1, 0.2, 0.3, 1], PHASES),
        ([0, 1], ["flat"]),
        ([0.97, 0.98, 0.999], ["transition", "transition"]),
        ([0, 4e6, 9e6], ["a name of $some length$", "b"]),
    ],
)
def test_no_words_lie_on_others(ends, names):
    """Names of narrow stages move apart and stay in the picture; so do the ticks."""
    display = ResponseDisplay(stages=stages(ends, names)).plot()
    display.figure_.canvas.draw()
    for group in (display.texts_, display.ax_.get_xticklabels(), display.ax_.get_yticklabels()):
        boxes = [text.get_window_extent() for text in group if text.get_text()]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])
        frame = display.figure_.bbox
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_settings_reach_the_line(response, ax):
    """A width given is the width drawn."""
    assert ResponseDisplay.from_estimator(response).plot(ax, linewidth=5).line_.get_linewidth() == 5
