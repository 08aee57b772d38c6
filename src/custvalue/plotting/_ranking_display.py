"""Weights of service elements as a table of ranks, with the limits of each rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["LIMITS", "ranking_table", "stage_words"]

LIMITS = ("rank_lower", "rank_upper")
_WORDS = {"pre": "before", "in": "during", "post": "after", "unknown": ""}


def ranking_table(weights: Any, lower: Any = None, upper: Any = None) -> pd.DataFrame:
    """Return elements by rank, the one with the largest weight first.

    Parameters
    ----------
    weights : pandas.Series or mapping of str to float
        By element.
    lower, upper : pandas.Series, sequence of float, or None
        First and last place that each element may have: by element, or in the order of the
        weights; None where they are not known.

    Returns
    -------
    pandas.DataFrame
        Index ``element``; columns ``weight``, ``rank`` (equal weights share the better one),
        ``rank_lower`` and ``rank_upper``.

    Raises
    ------
    ValueError
        If there is no element or one is there twice, a weight is not finite, only one limit is
        given, or a rank is not between its limits.

    Examples
    --------
    >>> ranking_table({"speed": 0.2, "price": 0.5, "staff": 0.3}, [2, 1, 1], [3, 1, 3])
             weight  rank  rank_lower  rank_upper
    element
    price       0.5     1         1.0         1.0
    staff       0.3     2         1.0         3.0
    speed       0.2     3         2.0         3.0
    """
    values = pd.Series(weights, dtype=np.float64)
    if values.empty or not values.index.is_unique or not np.isfinite(values).all():
        raise ValueError(
            "weights must be finite, of one or more elements, each named once; "
            f"found {values.to_dict()}"
        )
    if (lower is None) != (upper is None):
        raise ValueError("lower and upper must be given together; found one of them")
    table = pd.DataFrame({"weight": values})
    table["rank"] = values.rank(ascending=False, method="min").astype(np.int64)
    for column, name, given in zip(LIMITS, ("lower", "upper"), (lower, upper), strict=True):
        table[column] = _limits(given, values.index, name)
    outside = (table["rank_lower"] > table["rank"]) | (table["rank_upper"] < table["rank"])
    if outside.any():
        first = table[outside].iloc[0]
        raise ValueError(
            f"rank must be from lower to upper; element {first.name!r} has rank "
            f"{first['rank']:g}, lower {first[LIMITS[0]]:g}, upper {first[LIMITS[1]]:g} "
            f"({int(outside.sum())} such)"
        )
    return table.rename_axis("element").sort_values("rank", kind="stable")


def stage_words(table: pd.DataFrame) -> list[str]:
    """Return when each element matters, in a word: before, during or after; empty if unknown.

    Parameters
    ----------
    table : pandas.DataFrame
        May have a column ``stage``.

    Returns
    -------
    list of str
    """
    if "stage" not in table:
        return [""] * len(table)
    return ["" if pd.isna(one) else _WORDS.get(one, str(one)) for one in table["stage"]]


def _limits(given: Any, elements: pd.Index, name: str) -> pd.Series:
    if given is None:
        return pd.Series(np.nan, index=elements)
    if not isinstance(given, pd.Series):
        if len(given) != len(elements):
            raise ValueError(
                f"{name} must have one entry per element; found {len(given)} for {len(elements)}"
            )
        return pd.Series(list(given), index=elements, dtype=np.float64)
    absent = elements.difference(given.index)
    if len(absent):
        raise ValueError(
            f"{name} must name every element; missing: {', '.join(map(str, absent))} "
            f"({len(absent)} of {len(elements)})"
        )
    return given.reindex(elements).astype(np.float64)
