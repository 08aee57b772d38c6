"""Evaluate functions of rows a chunk at a time: memory stays small and caches warm.

Threads do not pay here: operations on a chunk are so short that they wait for one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from custvalue._likelihood.law import Law
from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray, IntArray

__all__ = ["by_distinct_row", "in_order_of_count", "mean_log_likelihood"]

_ROWS = 12_288
"""96 KiB a column: from 128 KiB on, temporary arrays are fetched from the system each time."""

Result = TypeVar("Result")
Columns = tuple[FloatArray, ...]


def by_distinct_row(function: Callable[..., FloatArray], columns: Columns) -> FloatArray:
    """Evaluate a function of columns once per distinct row, in chunks.

    Parameters
    ----------
    function : callable
        Takes the columns, gives an array with one entry (or one row) per row.
    columns : tuple of ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows, ...)
    """
    rows = compress_rows(*columns)
    order = in_order_of_count(rows.columns[0])
    parts = _over_chunks(function, tuple(column[order] for column in rows.columns))
    values = np.concatenate(parts)
    placed = np.empty_like(values)
    placed[order] = values
    return rows.expand(placed)


def in_order_of_count(counts: FloatArray) -> IntArray:
    """Return the order of rows that puts equal counts together, where models share work."""
    most = counts.max(initial=0.0)
    # Sorting 16-bit numbers is linear.
    small = counts.astype(np.uint16) if most < 2**16 else counts
    return np.argsort(small, kind="stable")


def mean_log_likelihood(
    law: Law, columns: Columns, weights: FloatArray
) -> tuple[float, FloatArray]:
    """Return the weighted mean log-likelihood and its gradient in the parameters."""

    def weighted_sum(*chunk: FloatArray) -> tuple[float, FloatArray]:
        *rows, chunk_weights = chunk
        values, gradients = law.log_likelihood_with_gradient(*rows)
        return float(chunk_weights @ values), chunk_weights @ gradients

    parts = _over_chunks(weighted_sum, (*columns, weights))
    total = float(weights.sum())
    value = sum(value for value, _ in parts) / total
    return value, np.sum([gradient for _, gradient in parts], axis=0) / total


def _over_chunks(function: Callable[..., Result], columns: Columns) -> list[Result]:
    return [
        function(*(column[start : start + _ROWS] for column in columns))
        for start in range(0, len(columns[0]), _ROWS)
    ]
