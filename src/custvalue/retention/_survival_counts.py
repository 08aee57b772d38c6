"""Survival counts, or shares, of one cohort or of several, read into rows of customers.

``period`` is 0, 1, 2, ... and ``customers`` how many are still there after so many renewals, or
``survival`` their share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import is_number
from custvalue._estimator.door import (
    Table,
    check_names,
    column_names,
    column_values,
    read_table,
    require,
    row_name,
    such_rows,
)
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.retention._survival_rows import LONGEST

__all__ = ["TrainingRows", "are_counts", "check_form", "rows_of_counts"]

_ROWS = ("duration", "churned")
_COUNTS = ("period", "customers", "survival")


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """A table of rows as `read_durations` takes it, and how many customers each stands for."""

    X: Any
    weights: Any


def are_counts(X: Any) -> bool:
    """Return whether a table holds survival counts rather than a row for each customer."""
    names = column_names(X)
    return not set(_ROWS) & set(names) and bool(set(_COUNTS) & set(names))


def check_form(X: Any, owner: str) -> None:
    """Check that a frame has columns of one of the forms that a fit takes.

    Parameters
    ----------
    X : table
    owner : str
        Who asks, for the message.

    Raises
    ------
    DataError
        If it is a frame without any of them.
    """
    names = column_names(X)
    if names and not {*_ROWS, *_COUNTS} & set(names):
        raise DataError(
            f"{owner} needs the columns duration, churned (a row for each customer) or period, "
            f"customers (survival counts); found: {', '.join(names)}"
        )


def rows_of_counts(
    X: Any, covariates: tuple[str, ...], *, cohort_size: Any, owner: str
) -> TrainingRows:
    """Turn survival counts into rows and numbers of customers.

    Who is missing at period t has left at the t-th renewal; who is there at the last period of the
    cohort is censored there. Covariates are those of the cohort.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame
        ``period``, and ``customers`` or ``survival``; ``cohort`` where there are several.
    covariates : tuple of str
        Columns that do not change within a cohort.
    cohort_size : float, mapping of cohort to float, or None
        Number of customers at period 0, for ``survival``.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    TrainingRows

    Raises
    ------
    DataError
        If the counts break a rule.
    ValueError
        If ``survival`` comes without ``cohort_size``.
    """
    counts = _read_counts(X, covariates, owner)
    customers = counts.values * _sizes(counts, cohort_size)
    last = np.append(counts.first[1:], True)
    still_there = pd.DataFrame({"duration": counts.period[last], "churned": 0.0})
    left = pd.DataFrame({"duration": counts.period[~counts.first], "churned": 1.0})
    for name, values in counts.covariates.items():
        still_there[name], left[name] = values[last], values[~counts.first]
    frame = pd.concat([left, still_there], ignore_index=True)
    frame.attrs |= counts.attrs
    steps = -np.diff(customers)[~counts.first[1:]]
    return TrainingRows(frame, np.concatenate([steps, customers[last]]))


@dataclass(frozen=True, slots=True)
class _Counts:
    """Checked counts in the order of cohorts and periods.

    ``values`` are customers, or parts of a cohort where ``are_shares``; ``first`` marks period 0;
    ``cohort`` numbers the cohorts and ``labels`` names them, where there are any.
    """

    period: FloatArray
    values: FloatArray
    are_shares: bool
    first: BoolArray
    cohort: IntArray
    labels: AnyArray | None
    covariates: dict[str, FloatArray]
    attrs: dict[Any, Any]


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A table and the order of its rows by cohort and period; rules are told of rows as given."""

    table: Table
    order: IntArray

    def __getitem__(self, name: str) -> FloatArray:
        return self.table[name][self.order]

    def require(self, good: BoolArray, rule: str, columns: list[str]) -> None:
        """Raise unless every row is good."""
        as_given = np.empty(len(good), dtype=bool)
        as_given[self.order] = good
        require(self.table, as_given, rule, columns)


def _read_counts(X: Any, covariates: tuple[str, ...], owner: str) -> _Counts:
    """Read and check survival counts."""
    names = column_names(X)
    measure = "survival" if "survival" in names and "customers" not in names else "customers"
    table = read_table(X, ("period", measure, *covariates), owner=owner)
    cohort, labels = _cohorts(X, table, owner)
    order = np.lexsort((table["period"], cohort))
    rows, cohort = _Ordered(table, order), cohort[order]
    first = np.append(True, np.diff(cohort) != 0)
    _check_periods(rows, first)
    _check_fall(rows, first, measure)
    start = rows[measure][np.flatnonzero(first)[np.cumsum(first) - 1]]
    if measure == "survival":
        _check_shares(rows, start)
    _check_covariates(rows, first, covariates)
    return _Counts(
        period=rows["period"],
        values=rows[measure] / start if measure == "survival" else rows[measure],
        are_shares=measure == "survival",
        first=first,
        cohort=cohort,
        labels=labels,
        covariates={name: rows[name] for name in covariates},
        attrs={key: value for key, value in table.attrs.items() if key == "time_unit"},
    )


def _cohorts(X: Any, table: Table, owner: str) -> tuple[IntArray, AnyArray | None]:
    """Return the number of the cohort of every row, and the cohorts' names where there are any."""
    names = column_names(X)
    check_names(names, (), ("cohort",), owner)
    if "cohort" not in names:
        return np.zeros(len(table), dtype=np.int64), None
    values = column_values(X, table.kind, names.index("cohort"))
    codes, labels = pd.factorize(values)
    if (codes < 0).any():
        first = row_name(table.index, int(np.argmax(codes < 0)))
        found = such_rows(int((codes < 0).sum()))
        raise DataError(f"column 'cohort' must not be missing; {first} has none ({found})")
    return codes.astype(np.int64), np.asarray(labels)


def _check_periods(rows: _Ordered, first: BoolArray) -> None:
    """Check that the periods of every cohort are 0, 1, 2, ..."""
    period = rows["period"]
    rows.require(period >= 0, "period must not be negative", ["period"])
    rows.require(period == np.floor(period), "period must be a whole number", ["period"])
    rows.require(period <= LONGEST, f"period must not exceed {LONGEST:g}", ["period"])
    step = np.append(1.0, np.diff(period))
    rows.require(
        first | (step != 0), "period must occur once only (in each cohort, if any)", ["period"]
    )
    rows.require(
        ~first | (period == 0),
        "period must start at 0, where all customers are still there",
        ["period"],
    )
    rows.require(first | (step == 1), "period must go on without a gap: 0, 1, 2, ...", ["period"])


def _check_fall(rows: _Ordered, first: BoolArray, measure: str) -> None:
    """Check that a cohort begins with customers and never grows."""
    values = rows[measure]
    rows.require(values >= 0, f"{measure} must not be negative", [measure])
    rows.require(~first | (values > 0), f"{measure} must be positive at period 0", [measure])
    step = np.append(0.0, np.diff(values))
    rows.require(
        first | (step <= 0),
        f"{measure} must not rise from one period to the next: who has left stays away",
        ["period", measure],
    )


def _check_shares(rows: _Ordered, start: FloatArray) -> None:
    """Check that survival is a share, or percent, in all cohorts alike."""
    rows.require(
        np.isin(start, (1.0, 100.0)),
        "survival must be 1 (a share) or 100 (percent) at period 0, in every cohort",
        ["period", "survival"],
    )
    rows.require(
        start == start[0],
        "survival must be a share in all cohorts or percent in all cohorts",
        ["period", "survival"],
    )


def _check_covariates(rows: _Ordered, first: BoolArray, covariates: tuple[str, ...]) -> None:
    for name in covariates:
        same = np.append(0.0, np.diff(rows[name])) == 0
        rows.require(first | same, f"{name} must not change within a cohort", ["period", name])


def _sizes(counts: _Counts, cohort_size: Any) -> FloatArray:
    """Return what every value is multiplied by to be a number of customers."""
    if not counts.are_shares:
        return np.ones(len(counts.values))
    if cohort_size is None:
        raise ValueError(
            "cohort_size must be given with survival: the number of customers at period 0; "
            "found None"
        )
    if not isinstance(cohort_size, Mapping):
        return np.full(len(counts.values), float(cohort_size))
    names = [None] if counts.labels is None else list(pd.Index(counts.labels))
    return np.array([_size(cohort_size, name) for name in names])[counts.cohort]


def _size(sizes: Mapping[Any, Any], cohort: Any) -> float:
    """Return the size of one cohort."""
    found: Any = sizes.get(cohort)
    if not is_number(found) or not 0 < found < np.inf:
        raise ValueError(
            f"cohort_size must hold a positive number for every cohort; "
            f"found {found!r} for cohort {cohort!r}"
        )
    return float(found)
