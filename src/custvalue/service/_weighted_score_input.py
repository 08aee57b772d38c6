"""Tables of indicators made ready: gaps and ranges checked, rows in an order of their own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._estimator.door import row_name, such_rows
from custvalue._estimator.ratings import Ratings
from custvalue._numerics.compression import compress_rows
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service._weighted_score_scales import Scale, learn_scale

__all__ = [
    "Indicators",
    "block",
    "check_coverage",
    "constant_items",
    "counted_values",
    "learn_scales",
    "outside_range",
    "refuse_beyond",
    "refuse_negative",
    "refuse_unsuited",
    "sorted_rows",
    "warn_of",
    "with_weight",
]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The different fitted rows in an order that does not depend on the one they came in.

    Attributes
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        NaN where a value is missing.
    counts : ndarray of shape (n_rows,)
        How many equal rows each stands for; above 0.
    """

    columns: Mapping[str, FloatArray]
    counts: FloatArray

    def known(self, item: str) -> tuple[FloatArray, FloatArray]:
        """Return the values of an item that are there, and their counts."""
        there = ~np.isnan(self.columns[item])
        return self.columns[item][there], self.counts[there]


def check_coverage(least: float, missing: str) -> None:
    """Raise where a least coverage is given and gaps are not shared out.

    Raises
    ------
    ValueError
        If it is above 0.
    """
    if least > 0 and missing != "renormalise":
        raise ValueError(
            f"min_coverage may be above 0 only where missing='renormalise'; found {least!r} with "
            f"missing={missing!r}"
        )


def refuse_beyond(ratings: Ratings, ends: Mapping[str, Sequence[float]]) -> None:
    """Raise where a value lies beyond the ends that are given for its scale.

    Raises
    ------
    DataError
        With the first such row.
    """
    for item, (low, high) in ends.items():
        values = ratings[item]
        rule = f"from {float(low)!r} to {float(high)!r}, the ends that costs gives"
        _refuse(ratings, item, (values < low) | (values > high), rule)


def sorted_rows(ratings: Ratings, weights: FloatArray | None) -> Indicators:
    """Return the different rows that have weight, sorted.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
        None counts every row once.

    Returns
    -------
    Indicators

    Raises
    ------
    DataError
        If a column has no value.
    """
    # No value is infinite, so that infinity may stand for a gap: unlike NaN it equals itself.
    filled = [np.where(np.isnan(one), np.inf, one + 0.0) for one in ratings.columns.values()]
    rows = compress_rows(*filled, weights=weights)
    columns, counts = rows.columns, rows.weights
    order = np.lexsort([counts, *columns[::-1]])
    order = order[counts[order] > 0]
    ordered = {}
    for item, values in zip(ratings.items, columns, strict=True):
        if np.isinf(values[order]).all():
            raise DataError(
                f"column {item!r} must have a value to learn from; all {len(ratings)} are missing"
            )
        ordered[item] = np.where(np.isinf(values), np.nan, values)[order]
    return Indicators(ordered, counts[order])


def learn_scales(
    rows: Indicators, scaling: str | None, costs: Any, given: Mapping[str, Any]
) -> dict[str, Scale]:
    """Return the scale of each item.

    Parameters
    ----------
    rows : Indicators
    scaling : {"min_max", "z", "target"} or None
    costs : collection of str
        Items where less is better.
    given : mapping
        Targets, or ends of scales, of some items.

    Returns
    -------
    dict of str to Scale
    """
    return {
        item: learn_scale(*rows.known(item), scaling, cost=item in costs, given=given.get(item))
        for item in rows.columns
    }


def constant_items(scales: Mapping[str, Scale]) -> list[str]:
    """Return a sentence on items that have no scale since all values are equal, if any."""
    constant = {item: scale.low for item, scale in scales.items() if not scale.usable}
    if not constant:
        return []
    found = ", ".join(f"{item}={value!r}" for item, value in constant.items())
    return [
        f"an item whose values are all equal has no scale and so the weight 0; found {found}. "
        f"Targets would give it one"
    ]


def counted_values(ratings: Ratings, scales: Mapping[str, Scale]) -> dict[str, FloatArray]:
    """Return what the values of each item count.

    Parameters
    ----------
    ratings : Ratings
    scales : mapping of str to Scale

    Returns
    -------
    dict of str to ndarray of shape (n_rows,)

    Raises
    ------
    DataError
        As `refuse_unsuited`, or if a value counts more than 1.8e308.
    """
    refuse_unsuited(ratings, scales)
    counted = {item: scale.apply(ratings[item]) for item, scale in scales.items()}
    for item, values in counted.items():
        if scales[item].usable:
            rule = "such that what it counts on its scale is finite"
            _refuse(ratings, item, ~np.isfinite(values) & ~np.isnan(ratings[item]), rule)
    return counted


def refuse_unsuited(ratings: Ratings, scales: Mapping[str, Scale]) -> None:
    """Raise where a value is not above 0, and the target is divided by it.

    Raises
    ------
    DataError
        With the first such row.
    """
    for item, scale in scales.items():
        if scale.form == "inverse":
            rule = "above 0, since its target is divided by it; give the values that count 0 and 1"
            _refuse(ratings, item, ratings[item] <= 0, rule)


def refuse_negative(ratings: Ratings, counted: Mapping[str, FloatArray]) -> None:
    """Raise where a value counts less than 0, which no geometric mean takes.

    Raises
    ------
    DataError
        With the first such row.
    """
    for item, values in counted.items():
        rule = "on a scale where it counts at least 0 if aggregate='geometric'"
        _refuse(ratings, item, values < 0, rule)


def outside_range(ratings: Ratings, scales: Mapping[str, Scale]) -> list[str]:
    """Return a sentence on rows with a value beyond those of the fit, if there are any.

    Parameters
    ----------
    ratings : Ratings
    scales : mapping of str to Scale

    Returns
    -------
    list of str
    """
    beyond = {
        item: (ratings[item] < scale.low) | (ratings[item] > scale.high)
        for item, scale in scales.items()
        if scale.usable
    }
    rows = np.zeros(len(ratings), dtype=bool)
    for outside in beyond.values():
        rows |= outside
    if not rows.any():
        return []
    first = int(np.argmax(rows))
    item = next(item for item, outside in beyond.items() if outside[first])
    scale, value = scales[item], float(ratings[item][first])
    return [
        f"values should lie in the range of the fit, or they count less than 0 or more than 1 and "
        f"a new fit may turn ranks; {row_name(ratings.index, first)} has {item}={value!r} outside "
        f"{scale.low!r} to {scale.high!r} ({such_rows(int(rows.sum()))})"
    ]


def with_weight(ratings: Ratings, weights: FloatArray | None) -> Ratings:
    """Return the rows that have weight."""
    return ratings if weights is None else ratings.take(weights > 0)


def warn_of(doubts: Sequence[str]) -> None:
    """Warn of each doubt where the public method that calls this was called."""
    for doubt in doubts:
        warnings.warn(doubt, DataQualityWarning, stacklevel=3)


def block(columns: Mapping[str, FloatArray], items: Sequence[str]) -> FloatArray:
    """Return some columns as an array of shape (n_rows, n_items)."""
    return np.column_stack([columns[item] for item in items])


def _refuse(ratings: Ratings, item: str, bad: BoolArray, rule: str) -> None:
    if not bad.any():
        return
    first = int(np.argmax(bad))
    raise DataError(
        f"column {item!r} must be {rule}; {row_name(ratings.index, first)} has "
        f"{item}={float(ratings[item][first])!r} ({such_rows(int(bad.sum()))})"
    )
