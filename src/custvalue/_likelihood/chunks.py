"""Evaluate functions of rows a chunk at a time: memory stays small and caches warm.

Threads do not pay here: operations on a chunk are so short that they wait for one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray, IntArray

__all__ = ["by_distinct_row", "in_order_of_count", "over_chunks"]

_ROWS = 8_192
"""64 KiB a column. From about 90 KiB on the heap gives temporary arrays back to the system and
fetches them again, which made a pass six times slower."""

_WHOLE_RUNS = 1_048_576
"""For functions that are quicker where they see all rows of one count together."""

Result = TypeVar("Result")
Columns = tuple[FloatArray, ...]


def by_distinct_row(
    function: Callable[..., FloatArray], columns: Columns, *, in_runs: bool = False
) -> FloatArray:
    """Evaluate a function of columns once per distinct row, in chunks in the order of counts.

    Parameters
    ----------
    function : callable
        Takes the columns, gives an array with one entry (or one row) per row.
    columns : tuple of ndarray of shape (n_rows,)
        The first is the count.
    in_runs : bool
        The function is quicker where it sees all rows of one count together: chunks are large.

    Returns
    -------
    ndarray of shape (n_rows, ...)
    """
    rows = compress_rows(*columns)
    order = in_order_of_count(rows.columns[0])
    ordered = tuple(column[order] for column in rows.columns)
    parts = over_chunks(function, ordered, _WHOLE_RUNS if in_runs else _ROWS)
    placed = np.empty((len(order), *parts[0].shape[1:]), order="F")
    start = 0
    for part in parts:
        placed[order[start : start + len(part)]] = part
        start += len(part)
    return rows.expand(placed)


def in_order_of_count(counts: FloatArray) -> IntArray:
    """Return the order of rows that puts equal counts together, where models share work."""
    most = counts.max(initial=0.0)
    # Sorting 16-bit numbers is linear.
    small = counts.astype(np.uint16) if most < 2**16 else counts
    return np.argsort(small, kind="stable")


def over_chunks(
    function: Callable[..., Result], columns: Columns, size: int | None = None
) -> list[Result]:
    """Return what a function of the columns gives for every chunk of rows.

    Parameters
    ----------
    function : callable
    columns : tuple of ndarray of shape (n_rows,)
    size : int or None
        Rows of a chunk; None takes as many as stay in the cache.

    Returns
    -------
    list
        One result per chunk, in the order of rows.
    """
    size = _ROWS if size is None else size
    return [
        function(*(column[start : start + size] for column in columns))
        for start in range(0, len(columns[0]), size)
    ]
