"""Equal rows become one row with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = ["CompressedRows", "compress_rows"]

_LARGEST_KEY = 2**62
_SAMPLE = 10_000


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

    Hash tables, not sorting: the time is linear in the number of rows. Where a sample shows that
    most rows of a long table are distinct, they are left as they are.

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
    if _mostly_distinct(columns):
        counts = np.ones(len(columns[0])) if weights is None else weights
        return CompressedRows(columns, counts, None)
    inverse, n_distinct = _row_codes(columns)
    first = np.empty(n_distinct, dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(inverse) - 1, -1, -1)
    totals = np.bincount(inverse, weights=weights, minlength=n_distinct).astype(np.float64)
    return CompressedRows(tuple(column[first] for column in columns), totals, inverse)


def _mostly_distinct(columns: tuple[FloatArray, ...]) -> bool:
    """Judge by a sample whether fewer than half of the rows could be saved.

    Among n rows drawn from N rows of which U are distinct, about n^2 / (2 U) are repetitions.
    """
    n_rows = len(columns[0])
    if n_rows <= 2 * _SAMPLE:
        return False
    chosen = np.random.default_rng(0).integers(0, n_rows, size=_SAMPLE)
    sample = tuple(column[chosen] for column in columns)
    repetitions = _SAMPLE - _row_codes(sample)[1]
    return repetitions < 2 * _SAMPLE**2 / n_rows


def _row_codes(columns: tuple[FloatArray, ...]) -> tuple[IntArray, int]:
    """Return the number of the distinct row that each row is, and how many there are."""
    keys, n_keys = _codes(columns[0])
    for column in columns[1:]:
        codes, n_codes = _codes(column)
        if n_keys * n_codes > _LARGEST_KEY:
            keys, n_keys = _codes(keys)
        keys, n_keys = keys * n_codes + codes, n_keys * n_codes
    return _codes(keys)


def _codes(values: AnyArray) -> tuple[IntArray, int]:
    codes, distinct = pd.factorize(values)
    return codes.astype(np.int64, copy=False), len(distinct)
