"""A flow of customers as the bars and the line of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting.formatting import nice_steps

__all__ = ["PARTS", "checked_flow", "shown_ticks", "whole_steps"]

PARTS = ("kept", "won_back", "new", "lost")
_RATES = ("retention_rate", "lower", "upper")
_DAYS = ("datetime64", "datetime", "date")
_SMALL_STEPS = (1.0, 2.0, 5.0)


def checked_flow(flow: Any) -> pd.DataFrame:
    """Return the columns that are shown, indexed by period.

    Parameters
    ----------
    flow : pandas, polars or pyarrow frame
        What ``customer_flow`` gives.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If a column is missing, there is no period, or periods are not days.
    """
    frame = flow if isinstance(flow, pd.DataFrame) else flow.to_pandas()
    if "period" in frame:
        frame = frame.set_index("period")
    wanted = [*PARTS, *_RATES, "complete"]
    missing = [name for name in wanted if name not in frame]
    if missing:
        raise ValueError(
            f"flow must be what customer_flow gives; missing: {', '.join(missing)}; found: "
            f"{', '.join(map(str, frame.columns))}"
        )
    if frame.empty:
        raise ValueError("flow must have at least one period; found none")
    return frame[wanted].set_axis(_first_days(frame.index))


def _first_days(periods: pd.Index) -> pd.DatetimeIndex:
    """Return the first days of periods; text and numbers are refused, not read as days."""
    if periods.inferred_type not in _DAYS or periods.isna().any():
        kind = "missing days" if periods.isna().any() else periods.inferred_type
        raise ValueError(
            "periods must be dates, the first day of each; found "
            f"{type(periods).__name__} of {kind}, first {periods[0]!r}"
        )
    return pd.DatetimeIndex(periods, name=periods.name)


def whole_steps(largest: float, most: int) -> list[float]:
    """Return round whole numbers from 0 up to at most the largest, at most so many.

    Parameters
    ----------
    largest : float
        At least 1.
    most : int

    Returns
    -------
    list of float

    Examples
    --------
    >>> whole_steps(2.0, 4), whole_steps(7.0, 4)
    ([0.0, 1.0, 2.0], [0.0, 5.0])
    """
    steps = nice_steps(largest, most)
    if all(step == int(step) for step in steps):
        return steps
    step = next(one for one in _SMALL_STEPS if one * (most - 1) >= largest)
    return np.arange(0.0, largest + 0.5, step).tolist()


def shown_ticks(n_periods: int, most: int) -> FloatArray:
    """Return the places of at most so many periods, the last one among them.

    Parameters
    ----------
    n_periods, most : int

    Returns
    -------
    ndarray of shape (n_ticks,)
    """
    step = max(1, int(np.ceil(n_periods / most)))
    return np.arange(n_periods - 1, -1, -step, dtype=np.float64)[::-1]
