"""The segments of an earlier fit, as names by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.mixed import MixedTable, is_missing
from custvalue._typing import AnyArray

__all__ = ["earlier_names"]


def earlier_names(previous: Any, X: Any, table: MixedTable) -> AnyArray:
    """Return the earlier segment of each row, None where there is none.

    Parameters
    ----------
    previous : fitted segmenter, or pandas Series of names by row label
    X : table
        What a segmenter predicts from.
    table : MixedTable
        X as it was read.

    Returns
    -------
    ndarray of object of shape (n_rows,)

    Raises
    ------
    ValueError
        If a Series names a row twice, or X has no row labels to look up in it.
    TypeError
        If previous is neither.
    """
    if isinstance(previous, pd.Series):
        names = _looked_up(previous, table.index)
    elif hasattr(previous, "predict"):
        names = np.asarray(previous.predict(X), dtype=object)
    else:
        raise TypeError(
            f"previous must be a fitted segmenter or a pandas Series of names by row label; "
            f"found {type(previous).__name__}"
        )
    known = names.copy()
    known[is_missing(names)] = None
    return known


def _looked_up(previous: pd.Series, index: pd.Index | None) -> AnyArray:
    if index is None:
        raise ValueError("previous needs rows with ids where it is a Series; X is an array")
    if not previous.index.is_unique:
        double = previous.index[previous.index.duplicated()][0]
        raise ValueError(f"previous must name each row once; found {double!r} twice")
    names = np.asarray(previous.reindex(index).to_numpy(dtype=object))
    wrong = [name for name in names[~is_missing(names)] if not isinstance(name, str)]
    if wrong:
        raise ValueError(
            f"previous must hold names of segments, which are text; found {wrong[0]!r}"
        )
    return names
