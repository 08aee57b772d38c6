"""Hypothesis strategies for valid input: customer summaries, order logs, parameters of models."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd
from hypothesis import strategies as st

__all__ = [
    "beta_geo_nbd_params",
    "customer_summaries",
    "gamma_gamma_params",
    "order_logs",
    "positive",
]

FIRST_DAY = datetime.date(2023, 1, 1)
LAST_DAY = datetime.date(2024, 12, 31)


def positive(low: float = 0.01, high: float = 1000.0) -> st.SearchStrategy[float]:
    """Return positive numbers between two ends, as likely small as large."""
    return st.floats(0.0, 1.0).map(lambda share: float(low * (high / low) ** share))


def beta_geo_nbd_params() -> st.SearchStrategy[dict[str, float]]:
    """Return parameters of the BG/NBD model."""
    return st.fixed_dictionaries({name: positive() for name in ("r", "alpha", "a", "b")})


def gamma_gamma_params() -> st.SearchStrategy[dict[str, float]]:
    """Return parameters of the Gamma-Gamma model whose population mean exists."""
    return st.fixed_dictionaries({"p": positive(), "q": positive(1.01), "v": positive()})


@st.composite
def customer_summaries(draw: Any, *, min_size: int = 1, max_size: int = 20) -> pd.DataFrame:
    """Return valid customer summaries in weeks, with money, ids in the index."""
    rows = draw(st.lists(_histories(), min_size=min_size, max_size=max_size))
    columns = ["frequency", "recency", "T", "monetary_value"]
    index = pd.Index([f"c{i}" for i in range(len(rows))], name="customer_id")
    frame = pd.DataFrame(rows, columns=columns, index=index, dtype=float)
    frame.attrs["time_unit"] = "week"
    return frame


@st.composite
def _histories(draw: Any) -> tuple[int, float, float, float]:
    """Return frequency, recency, T and monetary_value of one customer, to the day."""
    T = draw(st.integers(0, 1000))
    frequency = draw(st.integers(0, min(T, 200)))
    if frequency == 0:
        return 0, 0.0, T / 7, 0.0
    recency = draw(st.integers(frequency, T))
    return frequency, recency / 7, T / 7, draw(positive(0.01, 10_000.0))


@st.composite
def order_logs(draw: Any, *, min_size: int = 0, max_size: int = 40) -> pd.DataFrame:
    """Return order logs with few customers, so that they return; refunds never leave nothing."""
    order = st.tuples(st.integers(1, 8), st.dates(FIRST_DAY, LAST_DAY), st.integers(-2_000, 20_000))
    rows = draw(st.lists(order, min_size=min_size, max_size=max_size))
    rows.append((9, draw(st.dates(FIRST_DAY, LAST_DAY)), draw(st.integers(0, 20_000))))
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["amount"] /= 100
    return frame
