"""Days that simulators are told."""

from __future__ import annotations

import pandas as pd
import pytest

from custvalue.datasets._days import whole_day


def test_text_and_timestamps_are_days():
    """Both come back as timestamps at midnight."""
    assert whole_day("2025-03-01", "start") == pd.Timestamp(2025, 3, 1)
    assert whole_day(pd.Timestamp(2025, 3, 1), "start") == pd.Timestamp(2025, 3, 1)


@pytest.mark.parametrize(
    "value", [pd.NaT, "2025-03-01 12:00", pd.Timestamp("2025-03-01", tz="Asia/Tokyo")]
)
def test_what_is_no_whole_day_is_refused(value):
    """The error names the parameter and what was found."""
    with pytest.raises(ValueError, match="start must be a day without time or time zone; found"):
        whole_day(value, "start")
