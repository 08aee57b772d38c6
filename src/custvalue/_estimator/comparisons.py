"""The door for comparisons in pairs of the analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["LARGEST_RATIO", "inconsistency", "read_comparisons"]

LARGEST_RATIO = 0.1
"""Of consistency: what Saaty (1980) accepts."""


def read_comparisons(comparisons: Any, names: Sequence[str]) -> FloatArray:
    """Return comparisons in pairs as an array, in the order of the names.

    Parameters
    ----------
    comparisons : pandas.DataFrame or array-like of shape (m, m)
        A frame has the names as index and columns, in any order.
    names : sequence of str

    Returns
    -------
    ndarray of shape (m, m)
        Its entries are checked where weights are made of them.

    Raises
    ------
    ValueError
        If the names or the shape are others.
    """
    if isinstance(comparisons, pd.DataFrame):
        for axis, labels in (("index", comparisons.index), ("columns", comparisons.columns)):
            if sorted(map(str, labels)) != sorted(names):
                raise ValueError(
                    f"comparisons must have {', '.join(names)} as {axis}; found "
                    f"{', '.join(map(str, labels))}"
                )
        comparisons = comparisons.loc[list(names), list(names)]
    pairs = np.asarray(comparisons, dtype=np.float64)
    if pairs.shape != (len(names),) * 2:
        raise ValueError(
            f"comparisons must have shape {(len(names),) * 2}, a row and a column for each of "
            f"{', '.join(names)}; found {pairs.shape}"
        )
    return pairs


def inconsistency(ratio: float | None, what: str) -> list[str]:
    """Return a sentence on comparisons that contradict one another, if they do.

    Parameters
    ----------
    ratio : float or None
        Of consistency; None and NaN where there is none.
    what : str
        What was compared.

    Returns
    -------
    list of str
    """
    if ratio is None or not ratio > LARGEST_RATIO:
        return []
    return [
        f"comparisons of {what} should agree with one another, with a consistency ratio of at most "
        f"{LARGEST_RATIO}; found {ratio:.3f}"
    ]
