"""Cut points of groups of customers, such as markets: each learned from its own customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.mixed import MixedTable, reject
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.segmentation._rfm_scorer import MEASURES, fixed_cut_points, scores

__all__ = [
    "POOLED",
    "CutPoints",
    "cut_points_frame",
    "fixed_group_points",
    "group_labels",
    "group_rows",
    "group_scores",
    "learned_group_points",
    "points_of",
    "rows_by_group",
]

POOLED = "(all)"
"""Label of the cut points of all customers together."""

CutPoints = Mapping[str, FloatArray]
"""Cut points by measure, each an array from the worst to the best."""


def group_labels(groups: AnyArray) -> list[Any]:
    """Return the different groups, sorted; numbers before text.

    Raises
    ------
    DataError
        If a group has the label of all together.

    Examples
    --------
    >>> import numpy as np
    >>> group_labels(np.array(["UK", "DE", "UK"], dtype=object))
    ['DE', 'UK']
    """
    found = pd.unique(pd.Series(groups, dtype=object)).tolist()
    if POOLED in found:
        raise DataError(f"no group may be named {POOLED!r}, which stands for all customers")
    return sorted(found, key=lambda label: (isinstance(label, str), label))


def rows_by_group(groups: AnyArray, labels: Sequence[Any]) -> list[IntArray]:
    """Return the rows of each group, and last those of no group that is listed.

    Parameters
    ----------
    groups : ndarray of objects of shape (n_customers,)
    labels : sequence
        The groups.

    Returns
    -------
    list of ndarray of int
        One more than labels.
    """
    codes = pd.Index(list(labels), dtype=object).get_indexer(pd.Index(groups, dtype=object))
    codes = np.where(codes < 0, len(labels), codes)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(1, len(labels) + 1)))


def group_rows(table: MixedTable, by: str, labels: Sequence[Any]) -> dict[Any, IntArray]:
    """Return the rows that are scored by each set of cut points.

    Parameters
    ----------
    table : MixedTable
    by : str
        Column of the groups.
    labels : sequence
        Groups that have cut points; where `POOLED` is among them it takes all other groups.

    Returns
    -------
    dict of label to ndarray of int

    Raises
    ------
    DataError
        If a group has no cut points.
    """
    own = [label for label in labels if label != POOLED]
    *parts, others = rows_by_group(table[by], own)
    rows = dict(zip(own, parts, strict=True))
    if POOLED in labels:
        return {**rows, POOLED: others}
    unseen = np.zeros(len(table), dtype=bool)
    unseen[others] = True
    listed = ", ".join(map(str, own[:10])) + (", ..." if len(own) > len(own[:10]) else "")
    reject(table, by, unseen, f"one of the {len(own)} fitted groups ({listed})")
    return rows


def fixed_group_points(
    bins: Mapping[Any, Any] | None, n_bins: int, labels: Sequence[Any]
) -> dict[Any, CutPoints]:
    """Check cut points that the caller gives: one set for every group, or one for each.

    Parameters
    ----------
    bins : mapping
        Of measure to cut points, or of group to such a mapping.
    n_bins : int
    labels : sequence
        Groups that must have cut points.

    Returns
    -------
    dict of label to mapping

    Raises
    ------
    ValueError
        If a group has no cut points, or those of one are not as `fixed_cut_points` wants them.
    """
    if not bins or not all(isinstance(value, Mapping) for value in bins.values()):
        points = fixed_cut_points(bins, n_bins)
        return dict.fromkeys(labels, points)
    missing = [label for label in labels if label not in bins]
    if missing:
        raise ValueError(
            f"bins must have cut points for every group; missing: {missing[0]!r} "
            f"({len(missing)} such group(s))"
        )
    return {label: _points_of_group(bins[label], n_bins, label) for label in bins}


def learned_group_points(
    learn: Callable[[IntArray], CutPoints], groups: AnyArray, labels: Sequence[Any]
) -> dict[Any, CutPoints]:
    """Return what is learned from the rows of each group; `POOLED` has all rows.

    Parameters
    ----------
    learn : callable
        Takes the rows of some customers and gives their cut points.
    groups : ndarray of objects of shape (n_customers,)
    labels : sequence
        Groups, all of which have a customer.

    Returns
    -------
    dict of label to mapping
    """
    own = [label for label in labels if label != POOLED]
    *parts, _ = rows_by_group(groups, own)
    rows = dict(zip(own, parts, strict=True)) | {POOLED: np.arange(len(groups))}
    return {label: learn(rows[label]) for label in labels}


def group_scores(
    measures: Sequence[FloatArray],
    rows: Mapping[Any, IntArray],
    points: Mapping[Any, CutPoints],
    *,
    positive_money: bool,
) -> IntArray:
    """Return the three scores of every customer by the cut points of their group.

    Parameters
    ----------
    measures : three ndarray of shape (n_customers,)
        Time since the last purchase, frequency, money.
    rows : mapping of label to ndarray of int
        Each row in one of them.
    points : mapping of label to mapping
    positive_money : bool

    Returns
    -------
    ndarray of int of shape (3, n_customers)
    """
    found = np.zeros((3, len(measures[0])), dtype=np.int64)
    for label, some in rows.items():
        since, frequency, money = (values[some] for values in measures)
        found[:, some] = scores(
            since, frequency, money, points[label], positive_money=positive_money
        )
    return found


def cut_points_frame(points: Mapping[Any, CutPoints], n_bins: int) -> pd.DataFrame:
    """Return cut points as a frame: a column a measure, a row a score, for each group.

    Parameters
    ----------
    points : mapping of label to mapping
        The one label None where there are no groups.
    n_bins : int

    Returns
    -------
    pandas.DataFrame
        Index ``score``, or ``group`` and ``score``.
    """
    numbers = range(2, n_bins + 1)
    if list(points) == [None]:
        return pd.DataFrame(dict(points[None]), index=pd.Index(list(numbers), name="score"))
    labels = [(label, number) for label in points for number in numbers]
    index = pd.MultiIndex.from_tuples(labels, names=["group", "score"])
    columns = {name: np.concatenate([one[name] for one in points.values()]) for name in MEASURES}
    return pd.DataFrame(columns, index=index)


def points_of(frame: pd.DataFrame) -> dict[Any, CutPoints]:
    """Return the cut points of each group from their frame; of none, under None."""
    if frame.index.nlevels == 1:
        return {None: {name: frame[name].to_numpy() for name in MEASURES}}
    found = list(dict.fromkeys(frame.index.get_level_values(0).tolist()))
    parts = {name: frame[name].to_numpy().reshape(len(found), -1) for name in MEASURES}
    return {label: {name: parts[name][i] for name in MEASURES} for i, label in enumerate(found)}


def _points_of_group(bins: Any, n_bins: int, label: Any) -> CutPoints:
    try:
        return fixed_cut_points(bins, n_bins)
    except ValueError as error:
        raise ValueError(f"of group {label!r}: {error}") from error
