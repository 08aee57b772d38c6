"""Whether two models were fitted on the same customers, without keeping any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray

__all__ = ["fingerprint_of"]

_DIGITS = 9
"""Of weights: their sums differ by rounding where rows come in another order."""
_LENGTH = 16
"""Hexadecimal digits: two of 10^6 data sets share them with probability 3 in 10^8."""


def fingerprint_of(
    own: tuple[FloatArray, ...], covariates: Mapping[str, FloatArray], weights: FloatArray | None
) -> dict[str, str]:
    """Return hashes of the rows of a fit, which do not depend on their order.

    Parameters
    ----------
    own : tuple of ndarray of shape (n_rows,)
        What the rows say of customers: duration, churned and entry.
    covariates : mapping of str to ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None
        How many customers each row stands for; equal rows are put together.

    Returns
    -------
    dict of str to str
        The hash of the rows under ``""``, and those of the rows with one covariate under its name.
    """
    hashes = {"": _hash(own, weights)}
    return hashes | {name: _hash((*own, z), weights) for name, z in covariates.items()}


def _hash(columns: tuple[FloatArray, ...], weights: FloatArray | None) -> str:
    """Return the hash of the distinct rows in order, with their weights."""
    rows = compress_rows(*columns, weights=weights)
    # + 0.0 makes 0.0 of -0.0.
    table = np.column_stack([column + 0.0 for column in rows.columns])
    order = np.lexsort((rows.weights, *table.T[::-1]))
    table, counts = table[order], rows.weights[order]
    starts = np.flatnonzero(np.append(True, (table[1:] != table[:-1]).any(axis=1)))
    sums = np.add.reduceat(counts, starts)
    there = sums > 0
    digest = hashlib.sha256(np.ascontiguousarray(table[starts][there]).tobytes())
    digest.update(_rounded(sums[there]).tobytes())
    return digest.hexdigest()[:_LENGTH]


def _rounded(values: FloatArray) -> FloatArray:
    """Return positive numbers to some significant digits."""
    size = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(values)))
    return np.asarray(np.rint(values * size) / size)
