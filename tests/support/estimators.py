"""Estimators of the registry, fitted once, and their results as frames that can be compared."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from support.registry import REGISTRY, entries

__all__ = [
    "EVERY",
    "KINDS",
    "ROW_BY_ROW",
    "SUMMARIES",
    "as_kind",
    "as_pandas",
    "expected_results",
    "fitted",
    "results",
    "same",
]

EVERY = entries()
ROW_BY_ROW = entries(lambda entry: entry.one_row_each)
SUMMARIES = entries(lambda entry: not entry.one_row_each)
KINDS = [
    (name, kind)
    for name in EVERY
    for kind in ("pandas", "polars", "pyarrow", "array")
    if kind != "array" or name in ROW_BY_ROW
]
"""Every estimator with every kind of table that it reads; an order log is no array."""


def fitted(name: str, X: Any = None) -> Any:
    """Return an estimator fitted on its valid table (a copy, so that nobody waits), or on X."""
    return copy.deepcopy(_fitted(name)) if X is None else REGISTRY[name].make().fit(X)


@cache
def _fitted(name: str) -> Any:
    return REGISTRY[name].make().fit(REGISTRY[name].table())


@cache
def expected_results(name: str) -> pd.DataFrame:
    """Return the results of the fitted estimator on its valid table."""
    return results(fitted(name), REGISTRY[name].table())


def as_kind(table: pd.DataFrame, kind: str, columns: tuple[str, ...]) -> Any:
    """Return a table as another kind of frame, the ids first, or as an array."""
    if kind == "pandas":
        return table
    if kind == "array":
        return table[list(columns)].to_numpy()
    flat = table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
    arrow = pa.table({name: flat[name].to_numpy() for name in flat.columns})
    return arrow if kind == "pyarrow" else pl.from_arrow(arrow)


def as_pandas(out: Any) -> pd.DataFrame:
    """Return a result as a pandas frame with row numbers, the ids left out."""
    if isinstance(out, (pl.DataFrame, pa.Table)):
        out = out.to_pandas()
    elif isinstance(out, np.ndarray):
        out = pd.DataFrame({"predict": out})
    elif isinstance(out, pd.Series):
        out = out.to_frame("predict")
    frame = out.drop(columns=["cohort", "customer_id", "product"], errors="ignore")
    frame = frame.reset_index(drop=True)
    # polars and Arrow have plain bools where pandas has nullable ones.
    flags = [name for name in frame if frame[name].map(type).isin([bool, type(None)]).all()]
    return frame.astype(dict.fromkeys(flags, "boolean"))


def results(model: Any, X: Any) -> pd.DataFrame:
    """Return everything that a fitted estimator says of X, as one frame."""
    methods = [name for name in ("transform", "predict") if hasattr(model, name)]
    return pd.concat([as_pandas(getattr(model, name)(X)) for name in methods], axis=1)


def same(one: pd.DataFrame, other: pd.DataFrame, **tolerance: float) -> None:
    """Assert that two frames of results are equal, or close where a tolerance is given."""
    exact = {} if tolerance else {"check_exact": True}
    pd.testing.assert_frame_equal(one, other, check_column_type=False, **exact, **tolerance)
