"""Gauss-Legendre rules along charts, with as many nodes as a row needs, known beforehand.

The rule of n nodes has an error of about rho^-2n times the integrand's maximum on an ellipse in
the complex plane. Along a chart (see `dropout_lifetimes`) two things bound the ellipse: the length
of the chart, since singularities are a fixed distance away from the real line, and how many times
over the integrand falls by a factor e. How many nodes both together ask for was measured over the
whole range of the models, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["composite_rule", "gauss_rule", "in_blocks", "nodes_needed", "take_rows"]

_SIZES = np.array(
    [5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 512]
)
_LEAST = 5.0
_PER_DECAY = 2.8
_ENTRIES_AT_ONCE = 16_384
"""128 KiB an array: it stays in cache."""

Record = TypeVar("Record")


@lru_cache(maxsize=64)
def gauss_rule(n: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1), shapes (n, 1) and (n,)."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return np.asarray((nodes[:, None] + 1) / 2), np.asarray(weights / 2)


@lru_cache(maxsize=64)
def composite_rule(n: int, panels: int) -> tuple[FloatArray, FloatArray]:
    """Return the rule of n nodes repeated on equal panels of (0, 1)."""
    nodes, weights = gauss_rule(n)
    starts = np.arange(panels) / panels
    return (starts[:, None, None] + nodes / panels).reshape(-1, 1), np.tile(
        weights / panels, panels
    )


def nodes_needed(length: FloatArray, decay: FloatArray, per_length: float) -> IntArray:
    """Return how many nodes give 13 digits of a smooth positive integral.

    Parameters
    ----------
    length : ndarray of shape (n_rows,)
        Of the chart.
    decay : ndarray of shape (n_rows,)
        By how much the logarithm of the integrand falls along the chart.
    per_length : float
        Nodes per unit of length.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    most = _LEAST + np.sqrt(_PER_DECAY**2 * decay + (per_length * length) ** 2)
    return np.take(_SIZES, np.minimum(np.searchsorted(_SIZES, most), len(_SIZES) - 1))


def in_blocks(
    function: Callable[[Record, int], FloatArray], record: Record, sizes: IntArray, n_results: int
) -> FloatArray:
    """Evaluate a function of rows that want differently many nodes, a block of equals at a time.

    Parameters
    ----------
    function : callable
        Takes a record of rows and the number of nodes, gives an array of shape (n_results, rows).
    record : dataclass
        Of numbers, of arrays with one entry per row, and of such dataclasses.
    sizes : ndarray of shape (n_rows,)
        How many nodes each row wants.
    n_results : int

    Returns
    -------
    ndarray of shape (n_results, n_rows)
    """
    results = np.empty((n_results, len(sizes)))
    for rows, size in _blocks(sizes):
        results[:, rows] = function(take_rows(record, rows), size)
    return results


def take_rows(record: Record, rows: IntArray) -> Record:
    """Return the record of some rows; numbers stand for all rows and stay."""
    kind: Any = type(record)
    taken: Record = kind(*(_taken(getattr(record, name), rows) for name in _field_names(kind)))
    return taken


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _taken(value: Any, rows: IntArray) -> Any:
    if isinstance(value, np.ndarray):
        return value[rows] if value.ndim else value
    return take_rows(value, rows) if is_dataclass(value) else value


def _blocks(sizes: IntArray) -> Iterator[tuple[IntArray, int]]:
    """Yield blocks of rows that want equally many nodes."""
    order = np.argsort(sizes.astype(np.uint16), kind="stable")
    counts = np.bincount(sizes)
    start = 0
    for size in map(int, np.flatnonzero(counts)):
        end, most = start + int(counts[size]), max(_ENTRIES_AT_ONCE // size, 1)
        for first in range(start, end, most):
            yield order[first : min(first + most, end)], size
        start = end
