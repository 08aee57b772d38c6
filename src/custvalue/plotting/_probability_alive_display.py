"""P(alive) over a grid of histories: how often a customer has bought, and how long ago."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.plotting.formatting import nice_steps

__all__ = ["alive_grid", "binned_means", "grid_frequencies", "grid_waits", "typical_time"]

_MOST_COLUMNS = 8
_MOST_ROWS = 9
_TYPICAL = 0.99
_ROUND = np.array([1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000])


def grid_frequencies(frequency: FloatArray) -> FloatArray:
    """Return round numbers of repeat purchases from 1 to what all but one in a hundred stay below.

    Parameters
    ----------
    frequency : ndarray of shape (n_customers,)

    Returns
    -------
    ndarray of shape (n_columns,)
        At most eight.

    Examples
    --------
    >>> import numpy as np
    >>> grid_frequencies(np.arange(30.0))
    array([ 1.,  2.,  3.,  5.,  7., 10., 15., 20.])
    """
    repeated = frequency[frequency > 0]
    top = np.quantile(repeated, _TYPICAL, method="higher") if len(repeated) else 1.0
    if top <= _MOST_COLUMNS:
        return np.arange(1.0, np.floor(top) + 1)
    found = _ROUND[top >= _ROUND]
    picked = np.linspace(0, len(found) - 1, min(len(found), _MOST_COLUMNS)).round()
    return found[picked.astype(np.int64)].astype(np.float64)


def grid_waits(T: float) -> FloatArray:
    """Return round times since the last purchase, from 0 to below T.

    Parameters
    ----------
    T : float
        Positive.

    Returns
    -------
    ndarray of shape (n_rows,)
        At most nine, evenly spaced.

    Examples
    --------
    >>> grid_waits(40.0)
    array([ 0.,  5., 10., 15., 20., 25., 30., 35.])
    """
    waits = np.array(nice_steps(T, _MOST_ROWS))
    return waits[waits < T * (1 - 1e-9)]


def typical_time(frequency: FloatArray, T: FloatArray) -> float:
    """Return the median time since the first purchase of customers who bought again.

    Parameters
    ----------
    frequency, T : ndarray of shape (n_customers,)

    Returns
    -------
    float

    Raises
    ------
    DataError
        If nobody bought again.
    """
    repeated = frequency > 0
    if not repeated.any():
        raise DataError(
            "X must hold a customer with a repeat purchase where T is not given; frequency is 0 in "
            f"all {len(frequency)} rows"
        )
    return float(np.median(T[repeated]))


def alive_grid(
    estimator: Any,
    frequency: FloatArray,
    since: FloatArray,
    T: float,
    time_unit: str | None,
    covariates: Mapping[str, float] | None = None,
) -> FloatArray:
    """Return P(alive) of a customer with each frequency and time since the last purchase.

    Parameters
    ----------
    estimator : fitted attrition model
        Has ``probability_alive(X)``.
    frequency : ndarray of shape (n_columns,)
    since : ndarray of shape (n_rows,)
        Below T.
    T : float
        Time since the first purchase.
    time_unit : str or None
        What the times are measured in, where it is known.
    covariates : mapping of str to float or None
        Those of the customer.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        NaN where there cannot be so many purchases: at most one an opportunity.
    """
    waits, counts = np.meshgrid(since, frequency, indexing="ij")
    history = {"frequency": counts.ravel(), "recency": T - waits.ravel(), "T": T}
    grid = pd.DataFrame({**history, **(covariates or {})})
    if time_unit is not None:
        grid.attrs["time_unit"] = time_unit
    possible = np.ones(len(grid), dtype=bool)
    if getattr(estimator, "_counts_opportunities", False):
        possible = (grid["frequency"] <= grid["recency"]).to_numpy()
    values = np.full(len(grid), np.nan)
    values[possible] = estimator.probability_alive(grid[possible])
    return values.reshape(counts.shape)


def binned_means(
    row: FloatArray, column: FloatArray, values: FloatArray, rows: FloatArray, columns: FloatArray
) -> FloatArray:
    """Return the mean value in each cell of a grid.

    Parameters
    ----------
    row, column, values : ndarray of shape (n_customers,)
    rows, columns : ndarray of shape (n_rows,) and (n_columns,)
        Where the cells begin, ascending; the last ones are open. What lies below the first is
        left out.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        NaN where a cell is empty.
    """
    i = np.searchsorted(rows, row, side="right") - 1
    j = np.searchsorted(columns, column, side="right") - 1
    used = (i >= 0) & (j >= 0)
    cell = (i * len(columns) + j)[used]
    size = len(rows) * len(columns)
    filled = np.bincount(cell, minlength=size)
    means = np.full(size, np.nan)
    sums = np.bincount(cell, weights=values[used], minlength=size)
    means[filled > 0] = sums[filled > 0] / filled[filled > 0]
    return means.reshape(len(rows), len(columns))
