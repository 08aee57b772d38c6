"""From orders to a summary, and from a summary to the customer table."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd

from custvalue._estimator.door import Table, require
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
]

EXTRAS = ("n_orders", "total_value", "first_purchase", "last_purchase")
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
        tables.append(copy.copy(part).set_output(transform="pandas").transform(summary))
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
