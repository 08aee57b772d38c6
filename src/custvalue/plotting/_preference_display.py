"""Rankings of items side by side: which items segments disagree about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import IntArray

__all__ = ["checked_ranks", "checked_shares", "emphasis"]


def checked_ranks(ranks: Any) -> pd.DataFrame:
    """Return rankings as whole numbers.

    Parameters
    ----------
    ranks : pandas.DataFrame
        A row a segment and a column an item.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If a row does not hold each rank from 1 to the number of items once.

    Examples
    --------
    >>> import pandas as pd
    >>> checked_ranks(pd.DataFrame({"price": [1.0, 2.0], "speed": [2.0, 1.0]}, index=["a", "b"]))
       price  speed
    a      1      2
    b      2      1
    """
    if not isinstance(ranks, pd.DataFrame):
        raise TypeError(f"ranks must be a pandas frame of segments by items; found {ranks!r}")
    wanted = np.arange(1, ranks.shape[1] + 1)
    found = np.sort(ranks.to_numpy(dtype=np.float64), axis=1)
    bad = (found != wanted).any(axis=1)
    if bad.any() or ranks.empty:
        row = (
            "no row"
            if ranks.empty
            else f"segment {ranks.index[int(bad.argmax())]!r} with "
            + (", ".join(f"{rank:g}" for rank in ranks.iloc[int(bad.argmax())]))
        )
        raise ValueError(
            f"ranks must hold each rank from 1 to the number of items once a segment; found {row} "
            f"({int(bad.sum())} such row(s))"
        )
    return ranks.astype(np.int64)


def checked_shares(shares: Any, segments: pd.Index) -> pd.Series | None:
    """Return the share of each segment, in the order of the segments.

    Parameters
    ----------
    shares : pandas.Series, sequence of float, or None
        A Series by segment, or one share for each in their order.
    segments : pandas.Index

    Returns
    -------
    pandas.Series or None

    Raises
    ------
    ValueError
        If a segment has no share.
    """
    if shares is None:
        return None
    if not isinstance(shares, pd.Series):
        if len(shares) != len(segments):
            raise ValueError(
                f"shares must have one entry per segment; found {len(shares)} for {len(segments)}"
            )
        return pd.Series(list(shares), index=segments, dtype=np.float64)
    absent = segments.difference(shares.index)
    if len(absent):
        raise ValueError(
            f"shares must name every segment; missing: {', '.join(map(str, absent))} "
            f"({len(absent)} of {len(segments)})"
        )
    return shares.reindex(segments).astype(np.float64)


def emphasis(ranks: pd.DataFrame) -> IntArray:
    """Return how much segments disagree about each item: the range of its ranks.

    Parameters
    ----------
    ranks : pandas.DataFrame

    Returns
    -------
    ndarray of int of shape (n_items,)

    Examples
    --------
    >>> import pandas as pd
    >>> emphasis(pd.DataFrame({"price": [1, 3], "speed": [2, 2], "staff": [3, 1]}))
    array([2, 0, 2])
    """
    values = ranks.to_numpy(dtype=np.int64)
    ranges: IntArray = values.max(axis=0) - values.min(axis=0)
    return ranges
