"""How many customers each segment has, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray

__all__ = ["segment_totals"]


def segment_totals(
    segments: AnyArray, value: FloatArray, order: Sequence[str] | None
) -> pd.DataFrame:
    """Return customers and value of each segment.

    Parameters
    ----------
    segments : ndarray of str of shape (n_customers,)
    value : ndarray of shape (n_customers,)
    order : sequence of str or None
        Order of the rows; None puts the segment with the highest value first.

    Returns
    -------
    pandas.DataFrame
        Index ``segment``. Columns ``customers``, ``value`` (their sum), ``customer_share``,
        ``value_share`` (NaN where the whole is not positive) and ``value_per_customer``.
        Segments without a customer are left out.

    Raises
    ------
    ValueError
        If a segment is not in ``order``.

    Examples
    --------
    >>> import numpy as np
    >>> totals = segment_totals(np.array(["A", "B", "B"]), np.array([30.0, 5.0, 5.0]), None)
    >>> totals[["customers", "value", "value_share"]]
             customers  value  value_share
    segment
    A                1   30.0         0.75
    B                2   10.0         0.25
    """
    codes, names = pd.factorize(segments, sort=True)
    customers = np.bincount(codes)
    total = np.bincount(codes, weights=value)
    whole = float(value.sum())
    table = pd.DataFrame(
        {
            "customers": customers,
            "value": total,
            "customer_share": customers / len(segments),
            "value_share": total / whole if whole > 0 else np.full(len(names), np.nan),
            "value_per_customer": total / customers,
        },
        index=pd.Index(names, name="segment"),
    )
    if order is None:
        return table.sort_values("value", ascending=False, kind="stable")
    unknown = table.index.difference(pd.Index(order))
    if len(unknown):
        raise ValueError(
            f"order must name every segment; missing: {', '.join(map(str, unknown))} "
            f"({len(unknown)} of {len(table)})"
        )
    return table.loc[[name for name in order if name in table.index]]
