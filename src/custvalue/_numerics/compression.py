"""Equal rows become one row with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray, IntArray, UIntArray

__all__ = ["CompressedRows", "compress_rows"]

_LARGEST_KEY = 2**62
_SAMPLE = 10_000
_WORTH_WHILE = 5
"""Compression that saves less than four rows of five costs more time than it saves."""
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
"""Odd numbers with well spread bits."""


@dataclass(frozen=True, slots=True)
class CompressedRows:
    """The distinct rows of some columns.

    Attributes
    ----------
    columns : tuple of ndarray of shape (n_distinct,)
    weights : ndarray of shape (n_distinct,)
        Sum of the weights of the rows that each stands for.
    inverse : ndarray of int of shape (n_rows,) or None
        Which distinct row each row is; None where the rows were left as they are.
    """

    columns: tuple[FloatArray, ...]
    weights: FloatArray
    inverse: IntArray | None

    def expand(self, values: AnyArray) -> AnyArray:
        """Return the value of every row from the values of the distinct rows."""
        return values if self.inverse is None else np.asarray(values[self.inverse])


def compress_rows(*columns: FloatArray, weights: FloatArray | None = None) -> CompressedRows:
    """Collect equal rows, in the order in which they first appear.

    A hash table, not sorting: the time is linear in the number of rows. Where a sample shows that
    the distinct rows of a long table are more than one in five, the rows are left as they are.

    Parameters
    ----------
    *columns : ndarray of shape (n_rows,)
        Finite numbers; -0.0 equals 0.0.
    weights : ndarray of shape (n_rows,) or None
        None counts every row once.

    Returns
    -------
    CompressedRows
    """
    n_rows = len(columns[0])
    if n_rows > 2 * _SAMPLE and _distinct_rows(columns) * _WORTH_WHILE > n_rows:
        counts = np.ones(n_rows) if weights is None else weights
        return CompressedRows(columns, counts, None)
    inverse, first = _row_codes(columns)
    totals = np.bincount(inverse, weights=weights, minlength=len(first)).astype(np.float64)
    return CompressedRows(tuple(column[first] for column in columns), totals, inverse)


def _distinct_rows(columns: tuple[FloatArray, ...]) -> float:
    """Estimate the number of distinct rows from a sample (Chao 1984).

    It is the number seen plus f1^2 / (2 f2), where f1 rows were seen once and f2 twice.
    """
    chosen = np.random.default_rng(0).integers(0, len(columns[0]), size=_SAMPLE)
    codes, first = _row_codes(tuple(column[chosen] for column in columns))
    seen = np.bincount(np.bincount(codes), minlength=3)
    return len(first) + float(seen[1]) ** 2 / (2 * max(float(seen[2]), 1.0))


def _row_codes(columns: tuple[FloatArray, ...]) -> tuple[IntArray, IntArray]:
    """Return the number of the distinct row that each row is, and where each appears first."""
    codes, first = _numbered(_mixed(columns))
    for column in columns:
        # Two rows in 10^13 may share a mix; then rows are told apart column by column.
        if not np.array_equal(column[first][codes], column):
            return _numbered(_exact_key(columns))
    return codes, first


def _mixed(columns: tuple[FloatArray, ...]) -> UIntArray:
    """Return a 64-bit mix of the bits of each row."""
    mix = np.zeros(len(columns[0]), dtype=np.uint64)
    for i, column in enumerate(columns):
        mix += (column + 0.0).view(np.uint64)  # + 0.0 makes 0.0 of -0.0
        mix *= np.uint64(_MIXERS[i % len(_MIXERS)])
        mix ^= mix >> np.uint64(32)
    return mix


def _exact_key(columns: tuple[FloatArray, ...]) -> IntArray:
    """Return a number that rows share only if they are equal."""
    keys, first = _numbered(columns[0])
    n_keys = len(first)
    for column in columns[1:]:
        codes, first = _numbered(column)
        if n_keys * len(first) > _LARGEST_KEY:
            keys, distinct = _numbered(keys)
            n_keys = len(distinct)
        keys, n_keys = keys * len(first) + codes, n_keys * len(first)
    return keys


def _numbered(values: AnyArray) -> tuple[IntArray, IntArray]:
    """Return the numbers of values, in the order of appearance, and where each comes first."""
    codes, distinct = pd.factorize(values)
    codes = codes.astype(np.int64, copy=False)
    first = np.empty(len(distinct), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first
