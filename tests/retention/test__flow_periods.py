"""The table made of the sums of each period."""

from __future__ import annotations

import numpy as np

from custvalue.retention._flow_periods import flow_columns


def test_periods_without_events_keep_the_base():
    """Nothing happens in the second period, and sums after the span are left out."""
    sums = {
        "period": np.array([12, 10, 99]),
        "new": np.array([1, 3, 0]),
        "won_back": np.array([0, 0, 0]),
        "lost": np.array([2, 0, 5]),
    }
    found = flow_columns(sums, last_whole=12, k=2, level=0.95, span=np.arange(10, 14))
    assert found["end"].tolist() == [3, 3, 2, 2]
    assert found["start"].tolist() == [0, 3, 3, 2]
    assert found["kept"].tolist() == [0, 3, 1, 2]
    assert found["complete"].tolist() == [True, True, True, False]
    np.testing.assert_allclose(found["retention_rate"], [np.nan, np.nan, 1 / 3, np.nan])
