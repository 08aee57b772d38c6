"""The test of a purchase model on a part of the history that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from custvalue.exceptions import DataError
from custvalue.plotting import HoldoutDisplay
from custvalue.plotting.formatting import count, counted, day
from custvalue.transactions import RFMSummary, calibration_holdout_split

__all__ = ["Holdout", "calibration_end", "run_holdout"]

_FEWEST_REPEAT_BUYERS = 20


@dataclass(frozen=True, slots=True)
class Holdout:
    """What came of the test.

    Attributes
    ----------
    table : pandas.DataFrame or None
        Mean purchases in the holdout by frequency, observed and expected; None where there was no
        test.
    calibration_end : pandas.Timestamp or None
        Last day that the model saw.
    note : str
        One sentence: between which days the test ran, or why there was none.
    """

    table: pd.DataFrame | None
    calibration_end: pd.Timestamp | None
    note: str


def calibration_end(holdout: Any, first: pd.Timestamp, last: pd.Timestamp) -> pd.Timestamp:
    """Return the last day of the calibration part.

    Parameters
    ----------
    holdout : float or date
        Share of the history that is kept back at its end, or the day itself.
    first, last : pandas.Timestamp
        Days on which the history begins and ends.

    Returns
    -------
    pandas.Timestamp

    Raises
    ------
    ValueError
        If a day is given that is no date, or not between the two.

    Examples
    --------
    >>> import pandas as pd
    >>> calibration_end(0.5, pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30"))
    Timestamp('1997-09-30 00:00:00')
    """
    if isinstance(holdout, Real):
        return first + pd.Timedelta(days=int(np.floor((1 - float(holdout)) * (last - first).days)))
    try:
        end = pd.Timestamp(holdout).normalize()
    except ValueError as error:
        raise ValueError(
            f"holdout must be a share, a date such as '2024-12-31', or None; found {holdout!r}"
        ) from error
    if not first <= end < last:
        raise ValueError(
            f"holdout must be a day from the first order, {first.date()}, to before the end of "
            f"observation, {last.date()}; found {holdout!r}"
        )
    return end


def run_holdout(orders: Any, reader: RFMSummary, model: Any, holdout: Any) -> Holdout:
    """Fit a model like the given one to the calibration part, and let it foretell the rest.

    Parameters
    ----------
    orders : table of orders
    reader : RFMSummary
        Fitted to the orders.
    model : fitted attrition model
        Cloned, never changed; one that is frozen keeps its parameters.
    holdout : float, date or None

    Returns
    -------
    Holdout
    """
    if holdout is None:
        return Holdout(None, None, "No holdout was asked for.")
    first, last = reader.data_quality_["first_order"], reader.observation_end_
    end = calibration_end(holdout, first, last)
    if end >= last:
        return Holdout(None, None, f"There is no holdout: all orders fall on {day(last)}.")
    try:
        split = _split(orders, reader, end)
    except DataError as error:
        return Holdout(None, None, f"There is no holdout after {day(end)}: {error}.")
    repeat_buyers = int((split["frequency"] > 0).sum())
    if repeat_buyers < _FEWEST_REPEAT_BUYERS:
        return Holdout(None, None, _too_few(end, repeat_buyers))
    fitted = clone(model).fit(split, None)
    length = float(split["holdout_T"].iloc[0])
    table = HoldoutDisplay.from_estimator(fitted, split).table
    sound = getattr(fitted, "convergence_", None) is None or fitted.convergence_.sound
    note = _tested(end, last, length, reader.time_unit, sound)
    return Holdout(table, end, note)


def _split(orders: Any, reader: RFMSummary, end: pd.Timestamp) -> pd.DataFrame:
    shared = ("customer", "date", "time_unit", "collapse", "on_negative", "amount")
    split = calibration_holdout_split(
        orders,
        calibration_end=end,
        observation_end=reader.observation_end_,
        **{name: getattr(reader, name) for name in shared},
    )
    if isinstance(split, pd.DataFrame):
        return split
    rows = split.to_pyarrow() if hasattr(split, "to_pyarrow") else split
    frame: pd.DataFrame = rows.to_pandas()
    return frame


def _too_few(end: pd.Timestamp, repeat_buyers: int) -> str:
    return (
        f"There is no holdout: up to {day(end)} only {count(repeat_buyers)} customers had bought "
        f"again, and a model needs at least {_FEWEST_REPEAT_BUYERS} of them."
    )


def _tested(
    end: pd.Timestamp, last: pd.Timestamp, length: float, time_unit: str, sound: bool
) -> str:
    doubt = "" if sound else " That model did not reach a proper maximum."
    after = end + pd.Timedelta(days=1)
    return (
        f"A model fitted to the orders up to {day(end)} alone foretold the purchases from "
        f"{day(after)} to {day(last)} ({counted(length, time_unit)}).{doubt}"
    )
