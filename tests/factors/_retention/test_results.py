"""What the functions that count factors return."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from custvalue.factors._retention.results import (
    FactorRetention,
    MinimumAveragePartial,
    ParallelAnalysis,
)

TABLE = pd.DataFrame({"eigenvalue": [2.0, 1.0]})


@pytest.mark.parametrize(
    "result",
    [
        ParallelAnalysis(1, TABLE, "factors", "normal"),
        MinimumAveragePartial(1, 1, TABLE),
        FactorRetention(TABLE, pd.Series([1])),
    ],
)
def test_results_are_values(result):
    """They cannot be changed, and are compared by what they are: frames have no one answer."""
    with pytest.raises(FrozenInstanceError):
        result.table = None
    assert result == result
    assert result != "another"
