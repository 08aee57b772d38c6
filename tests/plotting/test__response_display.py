from __future__ import annotations

import numpy as np
import pytest

from custvalue.plotting._response_display import (
    binned_points,
    round_ticks,
    stages_from_predictions,
)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (51.0, 99.0), (-3.0, 2e6), (0.97, 0.999)])
def test_ticks_are_inside_and_few(low, high):
    """At least two, at most six round numbers within the range."""
    ticks = round_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert low - 1e-9 <= ticks.min() <= ticks.max() <= high + 1e-9


def test_few_points_are_shown_and_many_are_averaged():
    """Sixty rows are sixty points; more are thirty means of equal size, in order."""
    x = np.linspace(0, 1, 60)
    assert len(binned_points(x, x)) == 60
    rng = np.random.default_rng(0)
    many = binned_points(rng.uniform(size=900), np.ones(900))
    assert len(many) == 30
    assert many["service_level"].is_monotonic_increasing
    assert many["value"].tolist() == [1] * 30


def test_stages_are_runs_of_rows():
    """Rows in any order; a stage that comes twice is two."""
    frame = stages_from_predictions([3, 1, 2, 4], [3, 1, 2, 4], ["b", "a", "a", "a"])
    assert frame["stage"].tolist() == ["a", "b", "a"]
    assert frame["start"].tolist() == [1, 2.5, 3.5]
    assert frame["value_end"].tolist() == [2.5, 3.5, 4]


@pytest.mark.parametrize(
    ("level", "expected", "stage"),
    [([1, 2], [1], ["a", "a"]), ([1, 1], [1, 1], ["a", "a"]), ([1, np.nan], [1, 1], ["a", "a"])],
)
def test_rows_that_make_no_line_are_refused(level, expected, stage):
    """Lengths that differ, one level, and a number that is missing."""
    with pytest.raises(ValueError, match="service_level"):
        stages_from_predictions(level, expected, stage)
