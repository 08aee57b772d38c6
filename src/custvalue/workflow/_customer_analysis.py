"""From orders to a summary, and from a summary to the customer table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table, require
from custvalue._typing import FloatArray
from custvalue.lifetime import LifetimeValue
from custvalue.segmentation import RFMSegmenter
from custvalue.transactions import RFMSummary

__all__ = [
    "EXTRAS",
    "READING",
    "VALUING",
    "customer_table",
    "frame_kind",
    "order_reader",
    "require_paid",
    "settled",
]

EXTRAS = ("n_orders", "total_value", "first_purchase", "last_purchase")
_MONEY = ("monetary_value", "total_value")
_DIGITS = 12
READING = ("customer", "date", "amount", "time_unit", "collapse", "on_negative")
VALUING = ("time_unit", "horizon", "margin", "annual_discount_rate", "attrition", "spend")


def order_reader(analysis: Any, observation_end: Any) -> RFMSummary:
    """Return an unfitted reader of orders that gives pandas frames.

    Parameters
    ----------
    analysis : CustomerAnalysis
        Its parameters say how orders are read.
    observation_end : str, date or Timestamp, or None

    Returns
    -------
    RFMSummary
    """
    given = {name: getattr(analysis, name) for name in READING}
    reader = RFMSummary(**given, observation_end=observation_end, extra=EXTRAS)
    reader.set_output(transform="pandas")
    return reader


def settled(summary: pd.DataFrame) -> pd.DataFrame:
    """Return a summary whose sums of money no longer depend on the order of adding.

    An engine adds in whatever order its threads finish, so that the last bits of a sum vary from
    run to run; a customer at a cut point would move between scores.

    Parameters
    ----------
    summary : pandas.DataFrame
        ``monetary_value`` and ``total_value`` in any currency.

    Returns
    -------
    pandas.DataFrame
        With twelve significant digits of money.
    """
    money = {name: _significant(summary[name].to_numpy()) for name in _MONEY}
    return summary.assign(**money)


def customer_table(
    summary: pd.DataFrame, value: LifetimeValue, segmenter: RFMSegmenter
) -> pd.DataFrame:
    """Return the summary with value, scores and segment beside it.

    Parameters
    ----------
    summary : pandas.DataFrame
        One row per customer.
    value : LifetimeValue
        Fitted.
    segmenter : RFMSegmenter
        Fitted.

    Returns
    -------
    pandas.DataFrame
        With the index of the summary.
    """
    parts: tuple[Any, ...] = (value, segmenter.scorer_, segmenter)
    tables: list[pd.DataFrame] = [summary]
    for part in parts:
        part.set_output(transform="pandas")
        tables.append(part.transform(summary))
    return pd.concat(tables, axis=1)


def frame_kind(X: Any) -> Any:
    """Return the kind of frame that the caller of a table X expects back.

    Parameters
    ----------
    X : table of orders

    Returns
    -------
    {"pandas", "polars", "pyarrow"}
    """
    package = type(X).__module__.split(".")[0]
    return package if package in ("polars", "pyarrow") else "pandas"


def _significant(values: FloatArray) -> FloatArray:
    size = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros(len(values))))
    scale = 10.0 ** (_DIGITS - 1 - size)
    rounded: FloatArray = np.round(values * scale) / scale
    return rounded


def require_paid(summary: pd.DataFrame, amount: str) -> None:
    """Raise if all repeat purchases of a customer were free: no model of spend allows for that.

    Parameters
    ----------
    summary : pandas.DataFrame
        ``frequency`` and ``monetary_value``.
    amount : str
        Column of the orders, for the message.

    Raises
    ------
    DataError
        If there is such a customer.
    """
    history = {name: summary[name].to_numpy() for name in ("frequency", "monetary_value")}
    table = Table(history, "pandas", summary.index, {})
    paid = (history["frequency"] == 0) | (history["monetary_value"] > 0)
    rule = (
        "the repeat purchases of a customer must not all be free; leave out orders whose "
        f"{amount!r} is 0"
    )
    require(table, paid, rule, ["frequency", "monetary_value"])
