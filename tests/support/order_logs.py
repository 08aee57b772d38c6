"""Order logs as every kind of table, and a slow summary that shares no code with the library."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

KINDS = (
    "pandas",
    "pandas of objects",
    "polars",
    "polars lazy",
    "pyarrow",
    "record batch",
    "parquet",
    "parquet glob",
    "csv",
    "csv path",
    "ibis",
    "duckdb",
)
STREAMS = ("arrow reader", "arrow dataset")
"""Kinds of their own: a reader can be read only once."""
DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


def small_log() -> pd.DataFrame:
    """Return six orders of three customers; one day of customer "c" is refunded away."""
    return pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c", "c", "c"],
            "date": pd.to_datetime(
                ["2024-01-01", "2024-01-15", "2024-01-08", "2024-01-02", "2024-01-02", "2024-02-10"]
            ),
            "amount": [10.0, 20.0, 5.0, 30.0, -30.0, 7.0],
        }
    )


def random_log(n_orders: int, n_customers: int, seed: int) -> pd.DataFrame:
    """Return a random order log over two years, with amounts in cents and some refunds."""
    generator = np.random.default_rng(seed)
    days = generator.integers(0, 731, n_orders)
    return pd.DataFrame(
        {
            "customer_id": generator.integers(1, n_customers + 1, n_orders),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D"),
            "amount": generator.integers(-1_000, 10_000, n_orders) / 100,
        }
    )


def as_input(orders: pd.DataFrame, kind: str, folder: Path) -> Any:
    """Return the orders as another kind of table; files go to the folder."""
    arrow = pa.Table.from_pandas(orders, preserve_index=False)
    if kind == "pandas":
        return orders
    if kind == "pandas of objects":
        return orders.astype(object)
    if kind == "polars":
        return pl.from_pandas(orders)
    if kind == "polars lazy":
        return pl.from_pandas(orders).lazy()
    if kind == "pyarrow":
        return arrow
    if kind in ("record batch", *STREAMS):
        return _as_arrow(arrow, kind)
    if kind == "ibis":
        return ibis.memtable(arrow)
    if kind == "duckdb":
        return duckdb.connect().from_arrow(arrow)
    return _as_file(orders, kind, folder)


def _as_arrow(arrow: pa.Table, kind: str) -> Any:
    if kind == "record batch":
        return arrow.combine_chunks().to_batches()[0]
    if kind == "arrow dataset":
        return ds.dataset(arrow)
    return pa.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches(max_chunksize=97))


def _as_file(orders: pd.DataFrame, kind: str, folder: Path) -> Any:
    if kind == "parquet glob":
        half = len(orders) // 2
        orders.iloc[:half].to_parquet(folder / "part-1.parquet", index=False)
        orders.iloc[half:].to_parquet(folder / "part-2.parquet", index=False)
        return str(folder / "part-*.parquet")
    path = folder / ("orders.parquet" if kind == "parquet" else "orders.csv")
    if kind == "parquet":
        orders.to_parquet(path, index=False)
    else:
        orders.to_csv(path, index=False)
    return path if kind == "csv path" else str(path)


def as_pandas(summary: Any, customer: str = "customer_id") -> pd.DataFrame:
    """Return a summary of any kind in pandas, indexed and sorted by customer."""
    if isinstance(summary, pd.DataFrame):
        return summary
    if isinstance(summary, ibis.Table):
        summary = summary.to_pyarrow()
    if isinstance(summary, pl.DataFrame):
        summary = summary.to_arrow()
    return summary.to_pandas().set_index(customer).sort_index()


def slow_summary(
    orders: pd.DataFrame,
    end: datetime.date,
    *,
    time_unit: str = "week",
    collapse: str = "day",
    on_negative: str = "net",
    start: datetime.date = datetime.date.min,
    left_edge: float | None = None,
) -> pd.DataFrame:
    """Return the summary of the orders after ``start`` up to ``end``, one customer at a time.

    Money is counted in whole cents, so that sums are exact. ``left_edge`` adds the column of who
    is first seen so near the first order of all.
    """
    rows = {}
    for customer, own in orders.groupby("customer_id"):
        lines = [
            (when.date(), round(amount * 100))
            for when, amount in zip(own["date"], own["amount"], strict=True)
            if start < when.date() <= end
        ]
        purchases = _purchases(lines, collapse, on_negative)
        if purchases:
            rows[customer] = _describe(lines, purchases, end, DAYS[time_unit], on_negative)
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "customer_id"
    if left_edge is not None and rows:
        since = frame["first_purchase"] - pd.Timestamp(orders["date"].min().date())
        frame["left_truncated"] = since.dt.days / DAYS[time_unit] < left_edge
    return frame.sort_index()


def _purchases(
    lines: list[tuple[datetime.date, int]], collapse: str, on_negative: str
) -> list[tuple[datetime.date, int]]:
    """Return day and cents of each purchase."""
    periods: dict[tuple[int, ...], list[tuple[datetime.date, int]]] = {}
    for day in sorted({day for day, _ in lines}):
        cents = [c for when, c in lines if when == day]
        kept = [c for c in cents if c >= 0] if on_negative == "drop" else cents
        refunded = min(kept, default=0) < 0 and sum(kept) <= 0
        if kept and not refunded:
            periods.setdefault(_period(day, collapse), []).append((day, sum(kept)))
    return [(days[0][0], sum(c for _, c in days)) for days in periods.values()]


def _period(day: datetime.date, collapse: str) -> tuple[int, ...]:
    if collapse == "week":
        return tuple(day.isocalendar())[:2]
    return (day.year, day.month) if collapse == "month" else (day.toordinal(),)


def _describe(
    lines: list[tuple[datetime.date, int]],
    purchases: list[tuple[datetime.date, int]],
    end: datetime.date,
    days: float,
    on_negative: str,
) -> dict[str, Any]:
    dates = [day for day, _ in purchases]
    repeats = [cents for _, cents in purchases[1:]]
    gaps = [(b - a).days / days for a, b in itertools.pairwise(dates)]
    values = [c for _, c in lines if c >= 0 or on_negative != "drop"]
    return {
        "frequency": float(len(repeats)),
        "recency": (dates[-1] - dates[0]).days / days,
        "T": (end - dates[0]).days / days,
        "monetary_value": sum(repeats) / 100 / len(repeats) if repeats else 0.0,
        "n_orders": float(sum(c >= 0 for _, c in lines)),
        "total_value": sum(values) / 100,
        "log_interval_sum": float(np.sum(np.log(gaps))) if gaps else 0.0,
        "first_purchase": pd.Timestamp(dates[0]).as_unit("us"),
        "last_purchase": pd.Timestamp(dates[-1]).as_unit("us"),
    }
