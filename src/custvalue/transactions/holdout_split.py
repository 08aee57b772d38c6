"""The calibration and holdout split: a summary at one day, with what happened after it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np

from custvalue._estimator.parameters import as_day, check_choice
from custvalue._numerics.time_units import DAYS_PER_UNIT
from custvalue.transactions._orders import inferred_end, read_orders, summary_frame
from custvalue.transactions._parameters import (
    check_edge,
    check_extra,
    check_id_name,
    order_columns,
)
from custvalue.transactions._rfm_summary import SummaryRules, output_columns

__all__ = ["calibration_holdout_split"]

_HOLDOUT = ("holdout_frequency", "holdout_monetary_value", "holdout_T")


def calibration_holdout_split(
    X: Any,
    *,
    calibration_end: str | datetime.date | np.datetime64,
    observation_end: str | datetime.date | np.datetime64 | None = None,
    customer: str = "customer_id",
    date: str = "date",
    amount: str | None = None,
    time_unit: str = "week",
    collapse: str = "day",
    on_negative: str = "net",
    extra: Sequence[str] = (),
    left_edge: float | None = None,
) -> Any:
    """Summarise orders up to one day, and count what the same customers bought after it.

    Fit a model to the summary and hold its predictions against the holdout. Customers first seen
    after ``calibration_end`` are left out: no model of the calibration could know them.

    Parameters
    ----------
    X : any table
        One row per order or order line; whatever ``RFMSummary`` takes.
    calibration_end : str, date or Timestamp
        Last day of the calibration; orders on that day belong to it.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of the holdout; later orders are left out. None: the day of the last order, with
        a warning.
    customer : str, default="customer_id"
        Column of the customer's id.
    date : str, default="date"
        Column of the order's date or time.
    amount : str or None, default=None
        Column of what the order is worth. None: no money in the summary.
    time_unit : {"day", "week", "month", "year"}, default="week"
        The ruler of recency, T and ``holdout_T``.
    collapse : {"day", "week", "month"}, default="day"
        Orders within one such period are one purchase. A period that ``calibration_end`` cuts
        counts on either side of it.
    on_negative : {"net", "drop", "raise"}, default="net"
        What negative amounts mean; see ``RFMSummary``.
    extra : sequence of str, default=()
        Further columns of the calibration, such as ``"log_interval_sum"``; see ``RFMSummary``.
    left_edge : float or None, default=None
        How long a customer may well stay away, in ``time_unit``, for the extra column
        "left_truncated"; see ``RFMSummary``.

    Returns
    -------
    frame of shape (n_customers, n_columns)
        The summary at ``calibration_end`` (``frequency``, ``recency``, ``T``, with an amount
        ``monetary_value``), then ``holdout_frequency`` (number of purchases in the holdout), with
        an amount ``holdout_monetary_value`` (mean spend per purchase in the holdout, 0 without
        one), and ``holdout_T`` (length of the holdout in ``time_unit``). Of the kind of X, as from
        ``RFMSummary``.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If the orders break a rule.
    TypeError
        If X is not a table.

    See Also
    --------
    RFMSummary : The summary without a holdout.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.transactions import calibration_holdout_split
    >>> orders = pd.DataFrame({
    ...     "customer_id": [1, 1, 1, 2],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-01-08"]),
    ... })
    >>> calibration_holdout_split(
    ...     orders, calibration_end="2024-01-22", observation_end="2024-02-05"
    ... )
                 frequency  recency    T  holdout_frequency  holdout_T
    customer_id
    1                  1.0      2.0  3.0                1.0        2.0
    2                  0.0      0.0  2.0                0.0        2.0
    """
    rules = SummaryRules(
        has_amount=amount is not None,
        time_unit=check_choice(time_unit, "time_unit", tuple(DAYS_PER_UNIT)),
        collapse=check_choice(collapse, "collapse", ("day", "week", "month")),
        on_negative=check_choice(on_negative, "on_negative", ("net", "drop", "raise")),
        end=None if observation_end is None else as_day(observation_end, "observation_end"),
        calibration_end=as_day(calibration_end, "calibration_end"),
        extra=check_extra(extra, amount is not None, left_edge),
        left_edge=check_edge(left_edge),
    )
    _require_holdout(rules.calibration_end, rules.end)
    check_id_name(customer, (*output_columns(rules), *_HOLDOUT))
    columns = order_columns(customer, date, amount)
    with read_orders(X, columns, rules, "calibration_holdout_split") as read:
        end = rules.end or inferred_end(read.counts, stacklevel=3)
        _require_holdout(rules.calibration_end, end)
        return summary_frame(read, end, read.opened.kind)


def _require_holdout(calibration_end: datetime.date | None, end: datetime.date | None) -> None:
    if calibration_end is not None and end is not None and calibration_end >= end:
        raise ValueError(
            f"calibration_end must lie before observation_end; found {calibration_end} and {end}"
        )
