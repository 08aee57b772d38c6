"""Tables of cohorts by age, wide or long, read into one matrix of customers.

A cell holds how many customers of the cohort are there at that age; age 0 is the size of the
cohort; what is not yet observed is NaN, and only at the end of a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import is_number
from custvalue._estimator.door import (
    Table,
    column_names,
    column_values,
    kind_of,
    plain,
    read_table,
    rectangle,
    require,
    row_name,
    such_rows,
)
from custvalue._estimator.ratings import read_ratings
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.retention._cohort_curves import rising_cells

__all__ = [
    "CohortCounts",
    "is_long",
    "likely_kind",
    "read_cohorts",
    "read_long",
    "read_wide",
    "refuse_other_measures",
    "refuse_rises",
    "refuse_uninformative",
]

OLDEST = 10_000
_WHOLE = re.compile(r"\d+")
_ROUNDING = 1e-9
"""A share times a size is whole but for rounding."""


@dataclass(frozen=True, slots=True)
class CohortCounts:
    """Customers by cohort and age.

    Attributes
    ----------
    counts : ndarray of shape (n_cohorts, n_ages)
        NaN from the first age on that is not yet observed.
    labels : pandas.Index
        The cohorts, in the order of X.
    table : Table
        The columns as they were read, and who the rows of X are.
    is_long : bool
        Whether X had a row for each cohort and period.
    n_empty : int
        Cohorts that nobody joined, which are left out.
    """

    counts: FloatArray
    labels: pd.Index
    table: Table
    is_long: bool
    n_empty: int = 0


def is_long(X: Any) -> bool:
    """Return whether a table has a row for each cohort and period."""
    return "period" in column_names(X)


def refuse_other_measures(X: Any, owner: str) -> None:
    """Raise where a table of `custvalue.transactions.CohortTable` counts no customers.

    Raises
    ------
    DataError
        If it says that it holds orders or revenue, or shares.
    """
    said = getattr(X, "attrs", {})
    measure, relative = said.get("measure", "customers"), bool(said.get("relative", False))
    if said.get("incomplete") == "keep":
        raise DataError(
            f"{owner} needs whole periods; X was made with incomplete='keep', so that the last "
            "cell of each cohort is cut short: use CohortTable(incomplete='drop')"
        )
    if measure != "customers" or relative:
        raise DataError(
            f"{owner} needs numbers of customers by cohort and age; X says measure={measure!r}, "
            f"relative={relative}: use CohortTable(measure='customers', relative=False)"
        )


def likely_kind(X: Any, found: CohortCounts) -> tuple[str, str]:
    """Return what a table is likely to count, and why.

    Parameters
    ----------
    X : table
    found : CohortCounts

    Returns
    -------
    kind : {"survival", "activity"}
    reason : str
    """
    if "measure" in getattr(X, "attrs", {}):
        return "activity", "the table counts customers who ordered"
    rises = int(rising_cells(found.counts).any(axis=1).sum())
    if rises and not found.is_long:
        return "activity", f"{rises} of {len(found.counts)} rows rise"
    return "survival", "no row rises"


def read_cohorts(X: Any, *, max_age: int | None, sizes: Any, owner: str) -> CohortCounts:
    """Read cohorts whose names count: each has one.

    Parameters
    ----------
    X : table
        Wide, one row a cohort and one column an age, or long, with ``period`` and ``customers``.
    max_age : int or None
        Last age to read; None reads all.
    sizes : float, mapping of cohort to float, array-like or None
        Number of customers of each cohort, where the cells are shares of it.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    CohortCounts

    Raises
    ------
    DataError
        If a cell cannot be, a cohort occurs twice or has no name, or sizes do not fit.
    """
    if is_long(X):
        if sizes is not None:
            raise DataError("sizes go with a wide table of shares; found a column period in X")
        found = read_long(X, max_age=max_age, owner=owner)
    else:
        found = read_wide(X, max_age=max_age, sizes=sizes, owner=owner, leave_empty_out=True)
    _check_labels(found.labels)
    return found


def read_wide(
    X: Any, *, max_age: int | None, sizes: Any, owner: str, leave_empty_out: bool = False
) -> CohortCounts:
    """Read a table with one row a cohort and one column an age: "0", "1", "2", ...

    Parameters, result and errors are those of `read_cohorts`; names of cohorts are not checked.
    Cohorts that nobody joined, rows of zeros, tell nothing and may be left out.
    """
    ratings = read_ratings(X, _ages(X, max_age, owner), owner=owner)
    table = Table(ratings.columns, ratings.kind, ratings.index, {})
    labels = _labels(X, table)
    n_empty = 0
    if leave_empty_out and sizes is None:
        cells = np.nan_to_num(np.column_stack(list(table.columns.values())))
        joined = cells.any(axis=1) | (table["0"] != 0)
        if joined.any():
            n_empty = int((~joined).sum())
            table, labels = table.take(joined), labels[joined]
    _check_sizes_column(table)
    counts = np.column_stack(list(table.columns.values()))
    if sizes is not None:
        counts = _multiplied(table, counts, _sizes(sizes, labels))
        table = Table(_columns(counts), table.kind, table.index, {})
    else:
        _check_whole(table)
    _check_cells(table)
    return CohortCounts(counts, labels, table, is_long=False, n_empty=n_empty)


def read_long(X: Any, *, max_age: int | None, owner: str) -> CohortCounts:
    """Read a table with ``period``, ``customers`` and perhaps ``cohort``, one row for each pair.

    Parameters, result and errors are those of `read_cohorts`.
    """
    table = read_table(X, ("period", "customers"), owner=owner)
    period = table["period"]
    whole = (period >= 0) & (period == np.floor(period)) & (period <= OLDEST)
    require(table, whole, f"period must be a whole number from 0 to {OLDEST}", ["period"])
    codes, labels = _cohort_column(X, table)
    where = pd.MultiIndex.from_arrays([codes, period])
    once = ~np.asarray(where.duplicated())
    require(table, once, "period must occur once only in each cohort", ["period"])
    kept = period <= (OLDEST if max_age is None else max_age)
    if not kept.any():
        raise DataError(f"no row of X has a period up to max_age; found max_age={max_age}")
    n_ages = int(period[kept].max()) + 1 if max_age is None else max_age + 1
    counts = np.full((len(labels), n_ages), np.nan)
    counts[codes[kept], period[kept].astype(np.int64)] = table["customers"][kept]
    wide = Table(_columns(counts), "pandas", labels, {})
    _check_sizes_column(wide)
    _check_whole(wide)
    _check_cells(wide)
    return CohortCounts(counts, labels, table, is_long=True)


def _ages(X: Any, max_age: int | None, owner: str) -> list[str] | None:
    """Return the names of the columns to read; None lets the reader say what is wrong with X."""
    if max_age is not None:
        return [str(age) for age in range(max_age + 1)]
    if kind_of(X) == "array":
        shape = rectangle(X).shape
        return [str(age) for age in range(shape[1])] if len(shape) == 2 and shape[1] else None
    found = sorted({int(name) for name in column_names(X) if _WHOLE.fullmatch(name)})
    if not found:
        raise DataError(
            f"{owner} needs columns named by age, 0, 1, 2, ...; "
            f"found: {', '.join(column_names(X)) or 'none'}"
        )
    gaps = sorted(set(range(found[-1])) - set(found)) if found[-1] <= OLDEST else [OLDEST + 1]
    if gaps:
        raise DataError(
            f"columns must be named by age without a gap, 0, 1, 2, ... up to {OLDEST} at most; "
            f"column {str(gaps[0])!r} is missing below {str(found[-1])!r}"
        )
    return [str(age) for age in found]


def _columns(counts: FloatArray) -> dict[str, FloatArray]:
    return {str(age): counts[:, age] for age in range(counts.shape[1])}


def _labels(X: Any, table: Table) -> pd.Index:
    """Return the names of the cohorts of a wide table: column ``cohort``, or else its labels."""
    names = column_names(X)
    if "cohort" in names:
        values = column_values(X, table.kind, names.index("cohort"))
        return _plain_labels(pd.Index(values, name="cohort"))
    if table.index is None:
        return pd.RangeIndex(len(table), name="cohort")
    return _plain_labels(table.index)


def _plain_labels(index: pd.Index) -> pd.Index:
    """Return labels that a file can hold: text for periods, categories, intervals and pairs."""
    if isinstance(index, pd.MultiIndex):
        index = pd.Index([", ".join(map(str, label)) for label in index])
    if str(index.dtype) == "str" or (
        isinstance(index.dtype, np.dtype) and index.dtype.kind in "iufM"
    ):
        without_frequency: pd.Index = pd.Index(index.to_numpy(), name="cohort")
        return without_frequency
    plainly = [label if _is_plain(label) else str(label) for label in index]
    return pd.Index(plainly, name="cohort")


def _is_plain(label: Any) -> bool:
    """Return whether a label is text, a number, a day or time, or missing."""
    return isinstance(label, (str, int, float, date)) or bool(pd.isna(label))


def _cohort_column(X: Any, table: Table) -> tuple[IntArray, pd.Index]:
    """Return the number of the cohort of every row of a long table, and the names."""
    names = column_names(X)
    if "cohort" not in names:
        return np.zeros(len(table), dtype=np.int64), pd.RangeIndex(1, name="cohort")
    values = pd.Index(column_values(X, table.kind, names.index("cohort")))
    codes, labels = pd.factorize(_plain_labels(values))
    missing = codes < 0
    if missing.any():
        first = row_name(table.index, int(np.argmax(missing)))
        raise DataError(
            f"column 'cohort' must not be missing; {first} has none "
            f"({such_rows(int(missing.sum()))})"
        )
    return codes.astype(np.int64), pd.Index(labels, name="cohort")


def _check_labels(labels: pd.Index) -> None:
    for bad, rule in (
        (np.asarray(labels.isna()), "cohort must not be missing"),
        (np.asarray(labels.duplicated()), "cohort must occur once only"),
    ):
        if bad.any():
            first = int(np.argmax(bad))
            raise DataError(
                f"{rule}; row {first} has cohort={plain(labels[first])} "
                f"({such_rows(int(bad.sum()))})"
            )


def _check_sizes_column(table: Table) -> None:
    """Check the column of age 0."""
    sizes = table["0"]
    rule = "column '0' must not be missing: it is the size of the cohort"
    require(table, ~np.isnan(sizes), rule, ["0"])
    require(table, sizes > 0, "column '0' must be positive: it is the size of the cohort", ["0"])


def _check_whole(table: Table) -> None:
    """Check that cells are customers, not shares."""
    for age, values in table.columns.items():
        whole = np.isnan(values) | (values == np.floor(values))
        rule = f"column {age!r} must hold whole numbers of customers (shares need sizes=)"
        require(table, whole, rule, [age])


def _check_cells(table: Table) -> None:
    """Check that no cell is negative or exceeds its cohort, and that rows have no hole."""
    sizes = table["0"]
    before = "0"
    for age, values in table.columns.items():
        gone = np.isnan(values)
        require(table, gone | (values >= 0), f"column {age!r} must not be negative", [age])
        rule = (
            f"column {age!r} must not exceed column '0', the size of the cohort: "
            "cells are customers, not orders or revenue"
        )
        require(table, gone | (values <= sizes), rule, ["0", age])
        rule = (
            f"column {before!r} must not be missing where column {age!r} is there: "
            "a row is observed from age 0 on without a hole"
        )
        require(table, gone | ~np.isnan(table[before]), rule, [before, age])
        before = age


def _multiplied(table: Table, shares: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return shares, or percent, times the sizes of their cohorts."""
    start = table["0"]
    rule = "column '0' must be 1 (shares) or 100 (percent) in every cohort where sizes are given"
    one_scale: BoolArray = np.isin(start, (1.0, 100.0)) & (start == start[0])
    require(table, one_scale, rule, ["0"])
    counts = shares / start[:, None] * sizes[:, None]
    whole = np.round(counts)
    return np.where(np.abs(counts - whole) <= _ROUNDING * sizes[:, None], whole, counts)


def _sizes(sizes: Any, labels: pd.Index) -> FloatArray:
    """Return the size of every cohort."""
    if isinstance(sizes, (Mapping, pd.Series)):
        found: list[Any] = [sizes.get(label) for label in labels]
    elif np.ndim(sizes) == 0:
        found = [sizes] * len(labels)
    else:
        found = list(np.asarray(sizes).tolist())
    if len(found) != len(labels):
        raise DataError(
            f"sizes must have one number for each of the {len(labels)} cohorts; found {len(found)}"
        )
    for label, size in zip(labels, found, strict=True):
        if not is_number(size) or not 0 < size < np.inf:
            raise DataError(
                f"sizes must hold a positive number for every cohort; found {size!r} for cohort "
                f"{plain(label)}"
            )
    return np.array(found, dtype=np.float64)


def refuse_rises(found: CohortCounts) -> None:
    """Raise where a count exceeds the one before, as customers who have left never come back.

    Raises
    ------
    DataError
        If any row rises.
    """
    wide = Table(_columns(found.counts), "pandas", _row_labels(found), {})
    for age in range(1, found.counts.shape[1]):
        before, values = found.counts[:, age - 1], found.counts[:, age]
        falls = np.isnan(values) | (values <= before)
        names = [str(age - 1), str(age)]
        rule = (
            f"column {names[1]!r} must not exceed column {names[0]!r} where kind is 'survival': "
            "who has left stays away (kind='activity' is for orders that come and go)"
        )
        require(wide, falls, rule, names)


def refuse_uninformative(found: CohortCounts, n_parameters: int, kind: str, owner: str) -> None:
    """Raise where the cohorts cannot tell how customers leave.

    Raises
    ------
    DataError
        If no cohort is old enough for the model, or nobody or everybody leaves.
    """
    counts = found.counts
    oldest = int((~np.isnan(counts)).sum(axis=1).max()) - 1
    if oldest < n_parameters:
        raise DataError(
            f"{owner} needs a cohort observed up to age {n_parameters} at least, one age for each "
            f"parameter of the model; the oldest of {len(counts)} cohorts is at age {oldest}"
        )
    later = counts[:, 1:][~np.isnan(counts[:, 1:])]
    sizes = np.broadcast_to(counts[:, :1], counts[:, 1:].shape)[~np.isnan(counts[:, 1:])]
    if not later.any():
        raise DataError(
            f"{owner} needs customers beyond age 0; found none in {len(counts)} cohorts"
        )
    if (later == sizes).all():
        what = "who left" if kind == "survival" else "who did not order"
        raise DataError(
            f"{owner} needs at least one customer {what}; found none in {len(counts)} cohorts"
        )


def _row_labels(found: CohortCounts) -> pd.Index | None:
    """Return labels for messages: those of X, or the cohorts of a long table."""
    return found.labels if found.is_long else found.table.index
