"""The CDNOW customers as the published figures count them: 39 weeks, to 30 September 1997."""

from __future__ import annotations

from functools import lru_cache

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
