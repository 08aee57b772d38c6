from __future__ import annotations

import numpy as np
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.service._service_response import fit_response, scaled
from custvalue.service._service_response_tables import (
    change_frame,
    peak_series,
    require_enough,
    selection_frame,
    sentence,
    stage_answer,
    stage_frame,
)

LEVEL = np.linspace(50, 100, 201)
NOISE = np.random.default_rng(0).standard_normal(201)


def found(value, stages=4, seed=0):
    """Return data and response of values at the levels."""
    data = scaled(LEVEL, value)
    return data, fit_response(data, stages, 0.1, 0.95, 200, np.random.default_rng(seed))


def test_stages_join_and_cover_the_data():
    """Each begins where the one before ends, with its value, in units of the data."""
    data, response = found(np.interp(LEVEL, [50, 70, 90, 100], [5, 5, 45, 35]) + NOISE)
    frame = stage_frame(data, response)
    assert frame["stage"].tolist() == ["low", "rising", "falling"]
    assert frame["start"].iloc[0] == 50
    assert frame["end"].iloc[-1] == 100
    assert frame["start"].tolist()[1:] == frame["end"].tolist()[:-1]
    assert frame["value_start"].tolist()[1:] == frame["value_end"].tolist()[:-1]
    rise = (frame["value_end"] - frame["value_start"]) / (frame["end"] - frame["start"])
    assert rise.to_numpy() == pytest.approx(frame["slope"].to_numpy(), rel=1e-9)
    assert frame["share"].sum() == pytest.approx(1)
    changes = change_frame(data, response)
    assert changes["service_level"].tolist() == frame["start"].tolist()[1:]
    assert changes["slope_change"].to_numpy() == pytest.approx(np.diff(frame["slope"]))
    peak = peak_series(data, response, frame)
    assert peak["service_level"] == changes["service_level"].iloc[-1]
    assert peak["value"] == pytest.approx(frame["value_end"].iloc[1])


def test_a_flat_response_has_no_peak_and_says_so():
    """One stage, flat: no level is the best."""
    data, response = found(NOISE)
    frame = stage_frame(data, response)
    assert frame["stage"].tolist() == ["flat"]
    assert peak_series(data, response, frame).isna().all()
    said, ordered = sentence(frame, response, 0.1)
    assert said.startswith("1 stage: a further change of slope is no more than chance (p = ")
    assert said.endswith("the value does not answer to the service level")
    assert ordered


def test_an_unusual_order_is_said():
    """A value that first falls and then rises is not the response expected."""
    data, response = found(np.abs(LEVEL - 75) + NOISE, stages=2)
    said, ordered = sentence(stage_frame(data, response), response, 0.1)
    assert said.startswith("2 stages: max_stages allows no more")
    assert not ordered
    assert "do not come in the order" in said


def test_a_name_that_the_slopes_contradict_is_said():
    """Two stages that rise alike cannot be rising and transition: not ordered, and said."""
    value = np.interp(LEVEL, [50, 67, 83, 100], [0, 0.96 * 17, 0.96 * 17 + 1.8, 0.96 * 34 + 1.8])
    data, response = found(value + 0.3 * NOISE)
    frame = stage_frame(data, response)
    assert frame["stage"].value_counts().to_dict().get("rising") == 1
    assert len(frame) == 3
    said, ordered = sentence(frame, response, 0.1)
    other = 4 - int(frame.index[frame["stage"] == "rising"][0])
    assert f"; stage {other} rises too" in said
    assert not ordered


def test_every_number_of_stages_is_compared():
    """R squared does not fall; the test beyond the stages found was not made."""
    _, response = found(np.interp(LEVEL, [50, 70, 100], [5, 5, 45]) + NOISE)
    frame = selection_frame(response)
    assert frame.index.tolist() == [1, 2, 3, 4]
    # the search is not over all sets of places
    assert (frame["r_squared"].diff().dropna() >= -1e-6).all()
    assert frame["p_value"].notna().tolist() == [True, True, False, False]
    assert frame["bic"].idxmin() == 2


def test_answers_are_on_the_line():
    """A change point belongs to the stage before it; beyond the data the line goes on."""
    data, response = found(np.interp(LEVEL, [50, 70, 100], [5, 5, 45]) + NOISE)
    frame = stage_frame(data, response)
    knot = frame["start"].iloc[1]
    names, expected, slopes = stage_answer(frame, np.array([50.0, knot, knot + 1, 110.0]))
    assert names.tolist() == ["low", "low", "rising", "rising"]
    assert expected[1] == pytest.approx(frame["value_start"].iloc[1])
    assert expected[2] - expected[1] == pytest.approx(slopes[2])
    last = frame["value_end"].iloc[1]
    assert expected[3] == pytest.approx(last + 10 * slopes[3])


def test_too_few_rows_or_levels_are_refused():
    """A line needs 10 rows and two levels."""
    few = read_table(np.ones((9, 2)), ["level", "value"])
    with pytest.raises(DataError, match="at least 10 rows; found 9"):
        require_enough(few, "level")
    huge = read_table(np.column_stack([np.arange(12.0), np.full(12, 1e301)]), ["level", "value"])
    with pytest.raises(DataError, match=r"value must be from -1e\+300 to 1e\+300; row 0"):
        require_enough(huge, "level")
    same = read_table(np.ones((12, 2)), ["level", "value"])
    with pytest.raises(DataError, match="level must have at least two different levels; found 1"):
        require_enough(same, "level")
