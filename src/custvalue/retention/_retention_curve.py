"""Retention curves of groups as tables, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from custvalue._estimator.door import Table
from custvalue._numerics.multiplicity import holm
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.retention._curve_groups import Groups
from custvalue.retention._log_rank import log_rank
from custvalue.retention._product_limit import (
    Band,
    ProductLimit,
    Spells,
    conditional_survival,
    first_below,
    log_log_band,
    log_variance,
    positions,
    product_limit,
    restricted_mean,
    standard_error,
)

__all__ = [
    "at_risk_frame",
    "check_followed",
    "conditional_frame",
    "curve_doubts",
    "curve_frame",
    "curves_of",
    "equality_test",
    "group_curves",
    "mean_frame",
    "mean_limit",
    "median_frame",
    "pairwise_frame",
    "quantile_frame",
    "row_survival",
    "spells_of",
    "survival_frame",
    "values_of",
]

Curves = Mapping[Any, ProductLimit]
"""From the label of a group to its curve."""


def spells_of(table: Table, weights: FloatArray | None) -> Spells:
    """Return the columns of customers, followed from 0 on where nothing else is said."""
    n_rows = len(table)
    entry = table["entry"] if "entry" in table else np.zeros(n_rows)
    counts = np.ones(n_rows) if weights is None else weights
    return Spells(table["duration"], table["churned"], entry, counts)


def group_curves(spells: Spells, groups: Groups) -> dict[Any, ProductLimit]:
    """Return the curve of each group in their order; rows without weight are not there.

    Parameters
    ----------
    spells : Spells
    groups : Groups
        Of the rows; no two of one label.

    Returns
    -------
    dict of label to ProductLimit
    """
    rows = np.flatnonzero(spells.weights > 0)
    numbers = groups.numbers[rows]
    order = np.argsort(numbers, kind="stable")
    sizes = np.bincount(numbers, minlength=len(groups.values))
    parts = np.split(rows[order], np.cumsum(sizes)[:-1])
    own = zip(groups.labels, parts, strict=True)
    return {label: product_limit(spells.take(part)) for label, part in own if len(part)}


def values_of(groups: Groups, curves: Curves) -> dict[Any, tuple[Any, ...]]:
    """Return the values of the columns that make each group with a curve, by label."""
    own = zip(groups.labels, groups.values, strict=True)
    return {label: values for label, values in own if label in curves}


def check_followed(spells: Spells) -> None:
    """Check that somebody was followed.

    Raises
    ------
    DataError
        If no row that counts has a duration beyond its entry.
    """
    followed = (spells.duration > spells.entry) | (spells.entry == 0)
    if not (followed & (spells.weights > 0)).any():
        raise DataError(
            "at least one customer must be followed beyond entry; in all "
            f"{int((spells.weights > 0).sum())} rows that count duration equals entry"
        )


def curve_doubts(curves: Curves) -> list[str]:
    """Return sentences on the groups whose curves late entries make doubtful."""
    return [doubt for label, curve in curves.items() for doubt in _doubts(label, curve)]


def curve_frame(curves: Curves, level: float) -> pd.DataFrame:
    """Return the curves as one table, a row for each group and time."""
    parts = []
    for label, curve in curves.items():
        band = _band(curve, level)
        parts.append(
            {
                "group": _repeat(label, len(curve.time)),
                "time": curve.time,
                "at_risk": curve.at_risk,
                "events": curve.events,
                "censored": curve.censored,
                "survival": curve.survival,
                "std_error": standard_error(curve),
                "lower": band.lower,
                "upper": band.upper,
            }
        )
    return _stacked(parts)


def curves_of(frame: pd.DataFrame) -> dict[Any, ProductLimit]:
    """Return the curves that a table of them holds.

    Parameters
    ----------
    frame : pandas.DataFrame
        What ``curve_frame`` gave.

    Returns
    -------
    dict of label to ProductLimit
    """
    names = ("time", "at_risk", "events", "censored", "survival")
    return {
        label: ProductLimit(*(part[name].to_numpy() for name in names))
        for label, part in frame.groupby("group", sort=False)
    }


def mean_limit(curves: Curves, limit: float | None) -> float:
    """Return up to when means are taken: the smallest of the longest times unless it is given.

    Raises
    ------
    ValueError
        If a curve has ended before the limit that is given.
    """
    if limit is None:
        return min(float(curve.time[-1]) for curve in curves.values())
    for label, curve in curves.items():
        if positions(curve, np.array([limit]))[0] < 0:
            raise ValueError(
                "limit must not exceed the longest duration of a group whose curve stays above 0; "
                f"found limit={limit!r}, and group {label!r} ends at {curve.time[-1]:g}"
            )
    return float(limit)


def median_frame(curves: Curves, level: float) -> pd.DataFrame:
    """Return the median of each group with its limits, indexed by group."""
    found = [first_below(one, _band(one, level), np.array([0.5])) for one in curves.values()]
    columns = {
        "median": np.concatenate([one.time for one in found]),
        "lower": np.concatenate([one.lower for one in found]),
        "upper": np.concatenate([one.upper for one in found]),
    }
    return pd.DataFrame(columns, index=_labels(curves))


def mean_frame(curves: Curves, limit: float, level: float) -> pd.DataFrame:
    """Return the restricted mean of each group with its normal limits, indexed by group."""
    z = float(ndtri((1 + level) / 2))
    found = [restricted_mean(one, limit) for one in curves.values()]
    mean = np.array([one.mean for one in found])
    error = np.array([one.std_error for one in found])
    columns = {
        "mean": mean,
        "std_error": error,
        "lower": np.clip(mean - z * error, 0.0, limit),
        "upper": np.clip(mean + z * error, 0.0, limit),
        "limit": np.full(len(mean), limit),
    }
    return pd.DataFrame(columns, index=_labels(curves))


def equality_test(curves: Curves) -> dict[str, float] | None:
    """Return the log-rank test of all groups; None of one group."""
    if len(curves) == 1:
        return None
    found = log_rank(list(curves.values()))
    return {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}


def pairwise_frame(curves: Curves) -> pd.DataFrame:
    """Return the log-rank test of every two groups, p-values adjusted by Holm's method."""
    labels = list(curves)
    pairs = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :]]
    tests = [log_rank([curves[a], curves[b]]) for a, b in pairs]
    p_values = np.array([test.p_value for test in tests])
    return pd.DataFrame(
        {
            "group": [a for a, _ in pairs],
            "other": [b for _, b in pairs],
            "statistic": [test.statistic for test in tests],
            "p_value": p_values,
            "p_adjusted": holm(p_values),
        }
    )


def survival_frame(curves: Curves, times: FloatArray, level: float) -> pd.DataFrame:
    """Return survival and its limits at given times, a row for each group and time."""
    parts = []
    for label, curve in curves.items():
        rows = positions(curve, times)
        found = _survival_at(curve, _band(curve, level), rows)
        parts.append({"group": _repeat(label, len(times)), "time": times, **found})
    return _stacked(parts)


def at_risk_frame(curves: Curves, times: FloatArray) -> pd.DataFrame:
    """Return numbers at risk just before given times, and of those who left or were last seen."""
    parts = []
    for label, curve in curves.items():
        upto = np.searchsorted(curve.time, times, side="right") - 1
        at_risk = np.append(curve.at_risk, 0.0)[np.searchsorted(curve.time, times)]
        parts.append(
            {
                "group": _repeat(label, len(times)),
                "time": times,
                "at_risk": at_risk,
                "events": np.cumsum(curve.events)[upto],
                "censored": np.cumsum(curve.censored)[upto],
            }
        )
    return _stacked(parts)


def quantile_frame(curves: Curves, shares: FloatArray, level: float) -> pd.DataFrame:
    """Return by when given shares have left, with limits, a row for each group and share."""
    parts = []
    for label, curve in curves.items():
        found = first_below(curve, _band(curve, level), shares)
        parts.append(
            {
                "group": _repeat(label, len(shares)),
                "q": shares,
                "time": found.time,
                "lower": found.lower,
                "upper": found.upper,
            }
        )
    return _stacked(parts)


def conditional_frame(
    curves: Curves, times: FloatArray, given: float, level: float
) -> pd.DataFrame:
    """Return survival beyond a time that was reached, a row for each group and further time."""
    parts = []
    for label, curve in curves.items():
        share, band = conditional_survival(curve, times, given, level)
        parts.append(
            {
                "group": _repeat(label, len(times)),
                "given": np.full(len(times), given),
                "time": times,
                "survival": share,
                "lower": band.lower,
                "upper": band.upper,
            }
        )
    return _stacked(parts)


def row_survival(
    curves: Curves, numbers: IntArray, times: FloatArray, level: float
) -> dict[str, FloatArray]:
    """Return survival and its limits of each row: of its group, at its time.

    Parameters
    ----------
    curves : mapping of label to ProductLimit
    numbers : ndarray of int of shape (n_rows,)
        The curve of each row, in the order of the curves.
    times : ndarray of shape (n_rows,)
    level : float

    Returns
    -------
    dict of str to ndarray of shape (n_rows,)
    """
    columns = {name: np.empty(len(times)) for name in ("survival", "lower", "upper")}
    for number, curve in enumerate(curves.values()):
        own: BoolArray = numbers == number
        found = _survival_at(curve, _band(curve, level), positions(curve, times[own]))
        for name, values in found.items():
            columns[name][own] = values
    return columns


def _doubts(label: Any, curve: ProductLimit) -> list[str]:
    followed = curve.time[curve.at_risk > 0]
    doubts = []
    if curve.at_risk[0] == 0 and len(followed):
        start = curve.time[curve.time < followed[0]][-1]
        doubts.append(
            f"nobody of group {label!r} was followed from the start: its curve is that of "
            f"customers who had stayed until {start:g}"
        )
    gone = curve.time[curve.survival == 0]
    if len(gone) and followed[-1] > gone[0]:
        doubts.append(
            f"the curve of group {label!r} falls to 0 at {gone[0]:g}, since all who were then at "
            "risk left, though others were followed later; leave out rows that end before enough "
            "customers are at risk"
        )
    return doubts


def _band(curve: ProductLimit, level: float) -> Band:
    return log_log_band(curve.survival, log_variance(curve), level)


def _survival_at(curve: ProductLimit, band: Band, rows: IntArray) -> dict[str, FloatArray]:
    """Return survival and limits in rows of the curve; NaN for -1."""
    columns = {"survival": curve.survival, "lower": band.lower, "upper": band.upper}
    return {
        name: np.where(rows < 0, np.nan, values[np.maximum(rows, 0)])
        for name, values in columns.items()
    }


def _repeat(label: Any, times: int) -> list[Any]:
    return [label] * times


def _labels(curves: Curves) -> pd.Index:
    labels: pd.Index = pd.Index(list(curves), name="group")
    return labels


def _stacked(parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one frame of the columns of all groups, one below the other."""
    labels = [label for part in parts for label in part["group"]]
    columns = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "group"
    }
    return pd.DataFrame({"group": labels, **columns})
