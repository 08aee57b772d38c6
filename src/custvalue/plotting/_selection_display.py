"""Which criteria a comparison of numbers of segments holds, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["Criterion", "criteria_in", "recommended_number"]

_KNOWN = {
    "bic": ("BIC", "lower"),
    "icl": ("ICL", "lower"),
    "aic": ("AIC", "lower"),
    "adjusted_bic": ("adjusted BIC", "lower"),
    "silhouette": ("silhouette", "higher"),
    "calinski_harabasz": ("Calinski-Harabasz", "higher"),
    "davies_bouldin": ("Davies-Bouldin", "lower"),
    "gap": ("gap statistic", "higher"),
    "prediction_strength": ("prediction strength", "higher"),
    "entropy": ("relative entropy", "higher"),
    "mean_distance": ("mean distance", "lower"),
}
"""By column: the name, and which values are better."""

_ERRORS = {"gap": "gap_standard_error"}
_MOST = 6


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion for each number of segments.

    Attributes
    ----------
    column : str
    name : str
    better : {"higher", "lower"}
    values : ndarray of shape (n_numbers,)
        NaN where it is not defined.
    errors : ndarray of shape (n_numbers,) or None
        Standard errors.
    """

    column: str
    name: str
    better: str
    values: FloatArray
    errors: FloatArray | None


def criteria_in(table: pd.DataFrame) -> list[Criterion]:
    """Return the criteria that a comparison holds, at most six.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the number of segments.

    Returns
    -------
    list of Criterion
        Those with any value.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"bic": [9.0, 7.0], "size": [5, 3]}, index=[1, 2])
    >>> [(one.name, one.better) for one in criteria_in(table)]
    [('BIC', 'lower')]
    """
    found = [
        Criterion(
            column,
            name,
            better,
            table[column].to_numpy(dtype=np.float64),
            _errors(table, column),
        )
        for column, (name, better) in _KNOWN.items()
        if column in table and table[column].notna().any()
    ]
    if not found:
        raise ValueError(
            f"table must hold one of the criteria {', '.join(_KNOWN)}; "
            f"found {', '.join(map(str, table.columns)) or 'no column'}"
        )
    return found[:_MOST]


def recommended_number(table: pd.DataFrame) -> int | None:
    """Return the number of segments that is marked as recommended, None where none is.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the number of segments. Column ``recommended``, if any, of True and False.

    Returns
    -------
    int or None
    """
    if "recommended" not in table:
        return None
    marked = table.index[table["recommended"].to_numpy(dtype=bool)]
    return int(marked[0]) if len(marked) else None


def _errors(table: pd.DataFrame, column: str) -> FloatArray | None:
    errors = _ERRORS.get(column)
    return table[errors].to_numpy(dtype=np.float64) if errors in table else None
