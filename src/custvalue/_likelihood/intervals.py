"""Intervals of what is drawn: parameters from their uncertainty, and a future for each draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._likelihood.specification import Specification
from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray

__all__ = ["intervals_by_simulation", "repeated_rows", "rows_with_draws", "whole_weights"]

_PAIRS = 200_000
"""Rows times draws that are worked on at once: a few megabytes."""

Columns = tuple[FloatArray, ...]
Draw = Callable[[Columns], FloatArray]


def intervals_by_simulation(
    draw: Draw,
    columns: Columns,
    n_draws: int,
    *,
    level: float,
    whole: bool,
    total: bool,
    progress: bool,
) -> FloatArray:
    """Return equal-tailed intervals over draws, a block of rows at a time.

    Parameters
    ----------
    draw : callable
        Takes the columns of a block, gives numbers of shape (n_rows_of_the_block, n_draws).
    columns : tuple of ndarray of shape (n_rows,)
    n_draws : int
    level : float
        Coverage, between 0 and 1.
    whole : bool
        The ends are among the numbers drawn, as counts want it, not between two of them.
    total : bool
        One interval of the sum over rows instead of one per row. Then equal rows are drawn apart.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray of shape (n_rows, 2), or (1, 2)
    """
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if whole else "linear"
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if total:
        sums = np.zeros(n_draws)
        for drawn in _blocks(draw, columns, n_draws, progress=progress):
            sums += drawn.sum(axis=0)
        return np.asarray(np.quantile(sums, tails, method=method))[None, :]
    rows = compress_rows(*columns)
    blocks = _blocks(draw, rows.columns, n_draws, progress=progress)
    ends = [np.quantile(drawn, tails, axis=1, method=method).T for drawn in blocks]
    return np.asarray(rows.expand(np.concatenate(ends)))


def repeated_rows(columns: Columns, weights: FloatArray | None) -> Columns:
    """Return every row as often as there are customers that it stands for.

    Parameters
    ----------
    columns : tuple of ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None
        Whole numbers of customers; None leaves the rows as they are.

    Returns
    -------
    tuple of ndarray of shape (n_customers,)

    Raises
    ------
    ValueError
        If a weight is not whole.
    """
    weights = whole_weights(weights)
    if weights is None:
        return columns
    return tuple(np.repeat(column, weights.astype(np.int64)) for column in columns)


def whole_weights(weights: FloatArray | None) -> FloatArray | None:
    """Return weights that are whole numbers of customers.

    Parameters
    ----------
    weights : ndarray of shape (n_rows,) or None

    Returns
    -------
    ndarray of shape (n_rows,) or None

    Raises
    ------
    ValueError
        If a weight is not whole.
    """
    if weights is not None and (weights != np.floor(weights)).any():
        first = int(np.argmax(weights != np.floor(weights)))
        raise ValueError(
            "sample_weight must hold whole numbers of customers for a total; "
            f"row {first} has {weights[first]:g}"
        )
    return weights


def rows_with_draws(
    specification: Specification, parameters: FloatArray, row: Columns
) -> tuple[Any, Columns]:
    """Return every row with every draw: the law, and the columns of the law, draws running fastest.

    Parameters
    ----------
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    row : tuple of ndarray of shape (n_rows,)

    Returns
    -------
    law : Law
        Its parameters have shape (n_rows * n_draws,).
    columns : tuple of ndarray of shape (n_rows * n_draws,)
    """
    n_draws, k = len(parameters), len(specification.law.names)
    estimates = [np.tile(column, len(row[0])) for column in parameters.T]
    own, covariates = specification.split([np.repeat(column, n_draws) for column in row])
    return specification.law_at(estimates[:k], estimates[k:], covariates), own


def _blocks(draw: Draw, columns: Columns, n_draws: int, *, progress: bool) -> Iterator[FloatArray]:
    """Yield what is drawn for a block of rows after the other."""
    size = max(1, _PAIRS // n_draws)
    starts = range(0, len(columns[0]), size)
    for start in tracked(starts, "intervals", progress=progress):
        yield draw(tuple(column[start : start + size] for column in columns))
