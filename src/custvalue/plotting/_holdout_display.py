"""Purchases in a holdout, observed and expected, by how often customers had bought before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table
from custvalue._typing import FloatArray

__all__ = ["expected_in_holdout", "means_by_frequency"]

_HELD_OUT = ("holdout_frequency", "holdout_T")


def expected_in_holdout(estimator: Any, table: Table) -> FloatArray:
    """Return the purchases that a model expects of every customer within their holdout.

    Parameters
    ----------
    estimator : fitted attrition model
        Has ``expected_purchases(X, horizon)``.
    table : Table
        ``frequency``, ``recency``, ``T``, ``holdout_T`` and the covariates of the estimator.

    Returns
    -------
    ndarray of shape (n_customers,)
    """
    history = pd.DataFrame(
        {name: values for name, values in table.columns.items() if name not in _HELD_OUT}
    )
    history.attrs.update(table.attrs)
    lengths, expected = table["holdout_T"], np.empty(len(table))
    for length in np.unique(lengths):
        rows = lengths == length
        expected[rows] = np.asarray(estimator.expected_purchases(history[rows], float(length)))
    return expected


def means_by_frequency(
    frequency: FloatArray, observed: FloatArray, expected: FloatArray, last_group: int
) -> pd.DataFrame:
    """Return mean purchases in the holdout for customers of equal frequency.

    Parameters
    ----------
    frequency, observed, expected : ndarray of shape (n_customers,)
        Purchases before the holdout, and in it.
    last_group : int
        Customers with this frequency and more are one group.

    Returns
    -------
    pandas.DataFrame
        Index ``frequency``, as text: "0", "1", ..., "7+". Columns ``customers``, ``observed``,
        ``expected``; groups without a customer are left out.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 0.0, 2.0, 9.0])
    >>> means_by_frequency(x, x + 1, x / 2, last_group=3)
               customers  observed  expected
    frequency
    0                  2       1.0       0.0
    2                  1       3.0       1.0
    3+                 1      10.0       4.5
    """
    group = np.minimum(frequency, last_group).astype(np.int64)
    customers = np.bincount(group)
    found = np.flatnonzero(customers)
    names = [f"{value}+" if value == last_group else str(value) for value in found]
    sums = {
        "observed": np.bincount(group, weights=observed),
        "expected": np.bincount(group, weights=expected),
    }
    means = {name: total[found] / customers[found] for name, total in sums.items()}
    index = pd.Index(names, name="frequency")
    return pd.DataFrame({"customers": customers[found], **means}, index=index)
