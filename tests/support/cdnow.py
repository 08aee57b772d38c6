"""The CDNOW customers as the published figures count them: 39 weeks, to 30 September 1997."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.transactions import RFMSummary


@lru_cache(maxsize=1)
def _calibration() -> pd.DataFrame:
    summary = RFMSummary(amount="amount", observation_end="1997-09-30", time_unit="week")
    return summary.fit_transform(load_cdnow())


def summary_with(*extra: str) -> pd.DataFrame:
    """Return the same with extra columns."""
    return RFMSummary(observation_end="1997-09-30", extra=extra).fit_transform(load_cdnow())


def calibration_summary() -> pd.DataFrame:
    """Return the summary of the 2,357 customers at the end of calibration, in weeks."""
    return _calibration().copy()


def expected_by_week(model: Any, weeks: int = 78) -> np.ndarray:
    """Return the repeat purchases that a model expects of all customers by the end of each week."""
    T = calibration_summary()["T"].to_numpy()
    won = T.max() - T  # when each customer came, in weeks since the first did
    totals = []
    for week in range(1, weeks + 1):
        known, customers = np.unique(week - won[won <= week], return_counts=True)
        totals.append(float(model.expected_purchases_new(known) @ customers))
    return np.array(totals)
