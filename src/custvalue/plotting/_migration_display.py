"""Counts and shares of moves between segments, as a matrix picture needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray
from custvalue.plotting.formatting import decimal

__all__ = ["cell_text", "move_counts", "move_shares"]

_SMALLEST = 0.005


def move_counts(before: AnyArray, after: AnyArray, order: Sequence[Any] | None) -> pd.DataFrame:
    """Count the customers who moved from each segment to each.

    Parameters
    ----------
    before, after : ndarray of objects of shape (n_customers,)
        Segment of each customer; missing where they were not there: these are left out.
    order : sequence or None
        Order of the segments; None sorts them.

    Returns
    -------
    pandas.DataFrame
        Index ``from``, columns ``to``, both all segments.

    Raises
    ------
    ValueError
        If a segment is not in ``order``, or nobody was there before and after.

    Examples
    --------
    >>> import numpy as np
    >>> move_counts(np.array(["A", "B", "B"]), np.array(["A", "A", "B"]), None)
    to    A  B
    from
    A     1  0
    B     1  1
    """
    there = ~(pd.isna(before) | pd.isna(after))
    pairs = np.concatenate([before[there], after[there]])
    if not len(pairs):
        raise ValueError(f"a customer must be there before and after; found none of {len(before)}")
    codes, found = pd.factorize(pairs, sort=order is None)
    names = list(found) if order is None else list(order)
    unknown = [name for name in found if name not in names]
    if unknown:
        raise ValueError(
            f"order must name every segment; missing: {', '.join(map(str, unknown))} "
            f"({len(unknown)} of {len(found)})"
        )
    place = np.array([names.index(name) for name in found])[codes]
    start, end = place[: len(place) // 2], place[len(place) // 2 :]
    counts = np.bincount(start * len(names) + end, minlength=len(names) ** 2)
    index, columns = (pd.Index(names, name=name) for name in ("from", "to"))
    return pd.DataFrame(counts.reshape(len(names), -1), index=index, columns=columns)


def move_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts as shares of their row, NaN in a row of zeros."""
    totals = counts.sum(axis=1)
    return counts.div(totals.where(totals > 0), axis=0)


def cell_text(share: float) -> str:
    """Return a share in whole per cent; what is there but less than half of one as "<1".

    Parameters
    ----------
    share : float

    Returns
    -------
    str

    Examples
    --------
    >>> cell_text(0.254), cell_text(0.001), cell_text(0.0), cell_text(float("nan"))
    ('25', '<1', '0', '')
    """
    if np.isnan(share):
        return ""
    return "<1" if 0 < share < _SMALLEST else decimal(100 * share, 0)
