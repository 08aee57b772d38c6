"""Equal rows become one row with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = ["CompressedRows", "compress_rows"]

_LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class CompressedRows:
    """The distinct rows of some columns.

    Attributes
    ----------
    columns : tuple of ndarray of shape (n_distinct,)
    weights : ndarray of shape (n_distinct,)
        Sum of the weights of the rows that each stands for.
    inverse : ndarray of int of shape (n_rows,)
        Which distinct row each row is.
    """

    columns: tuple[FloatArray, ...]
    weights: FloatArray
    inverse: IntArray

    def expand(self, values: AnyArray) -> AnyArray:
        """Return the value of every row from the values of the distinct rows."""
        return np.asarray(values[self.inverse])


def compress_rows(*columns: FloatArray, weights: FloatArray | None = None) -> CompressedRows:
    """Collect equal rows, in the order in which they first appear.

    Hash tables, not sorting: the time is linear in the number of rows.

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
    keys, n_keys = _codes(columns[0])
    for column in columns[1:]:
        codes, n_codes = _codes(column)
        if n_keys * n_codes > _LARGEST_KEY:
            keys, n_keys = _codes(keys)
        keys, n_keys = keys * n_codes + codes, n_keys * n_codes
    inverse, n_distinct = _codes(keys)
    first = np.empty(n_distinct, dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(inverse) - 1, -1, -1)
    totals = np.bincount(inverse, weights=weights, minlength=n_distinct).astype(np.float64)
    return CompressedRows(tuple(column[first] for column in columns), totals, inverse)


def _codes(values: AnyArray) -> tuple[IntArray, int]:
    codes, distinct = pd.factorize(values)
    return codes.astype(np.int64, copy=False), len(distinct)
