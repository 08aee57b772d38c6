"""Rows of customers under contract: how long each has stayed, and whether they have left.

``duration`` counts the renewals behind a customer, or the renewal at which they left where
``churned``; they were seen from ``entry`` on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from custvalue._estimator.customer_summary import check_time_unit
from custvalue._estimator.door import Table, column_names, kind_of, read_table, require
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = [
    "DURATIONS",
    "LONGEST",
    "check_training",
    "columns_given",
    "read_durations",
    "renewals_seen",
]

DURATIONS = ("duration", "churned", "entry")
LONGEST = 1e9
_REQUIRED = ("duration", "churned")


def columns_given(X: Any, covariates: tuple[str, ...]) -> Table:
    """Return the columns of rows that X has, without their values."""
    kind = kind_of(X)
    has_entry = "entry" in column_names(X)
    if kind == "array":
        has_entry = np.shape(X)[1] > len(_REQUIRED) + len(covariates)
    names = (*_REQUIRED, *covariates, *(("entry",) if has_entry else ()))
    return Table(dict.fromkeys(names, np.zeros(0)), kind, None, {})


def read_durations(X: Any, names: tuple[str, ...], *, time_unit: str, owner: str) -> Table:
    """Read the named columns of rows, ``duration``, ``churned`` and ``entry`` among them.

    Parameters
    ----------
    X : table
        Without ``entry`` every customer was seen from the start. An array has ``duration``,
        ``churned``, the covariates, then perhaps ``entry``.
    names : tuple of str
    time_unit : str
        What the periods are; a frame that says another is refused.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a row cannot be.
    """
    required = tuple(name for name in names if name != "entry")
    table = read_table(X, required, optional=("entry",), owner=owner)
    check_time_unit(table, time_unit)
    found = {"entry": np.zeros(len(table)), **table.columns}
    columns = {name: found[name] for name in names}
    full = Table(columns, table.kind, table.index, table.attrs)
    _check_durations(full)
    return full


def check_training(table: Table, owner: str, parameters: tuple[str, ...] = ()) -> None:
    """Check that the rows of a fit can tell how customers leave.

    Every renewal at which somebody was at risk gives one rate of retention, from which as many
    parameters can be told at most. Covariates may add what a missing renewal would have told, but
    with a single renewal they cannot: it tells the mean churn of everybody, not how it is spread.

    Parameters
    ----------
    table : Table
        With ``duration``, ``churned``, ``entry``, and the covariates of the fit.
    owner : str
        Who asks, for the messages.
    parameters : tuple of str
        What is estimated, besides coefficients.

    Raises
    ------
    DataError
        If nobody left, nobody renewed, or too few renewals were seen.
    """
    duration, churned, entry = (table[name] for name in DURATIONS)
    if not churned.any():
        raise DataError(
            f"{owner} needs at least one customer who left; found none in the {len(table)} rows "
            "that count"
        )
    if not (duration - entry - churned).any():
        raise DataError(
            f"{owner} needs at least one renewal; in all {len(table)} rows that count the customer "
            "left at the first one that was seen"
        )
    seen = renewals_seen(duration, entry)
    if seen < len(parameters) and (seen == 1 or len(table.columns) == len(DURATIONS)):
        raise DataError(
            f"{owner} needs at least {len(parameters)} renewals to tell its parameters apart "
            f"({', '.join(parameters)}); found {seen}. Fit "
            f"{'Geometric' if seen == 1 else 'ShiftedBetaGeo'}, or give more periods"
        )


def renewals_seen(duration: FloatArray, entry: FloatArray) -> int:
    """Return at how many different renewals somebody was at risk: entry < t <= duration.

    Parameters
    ----------
    duration, entry : ndarray of shape (n_rows,)
        Whole numbers.

    Returns
    -------
    int
    """
    order = np.argsort(entry, kind="stable")
    covered = np.maximum.accumulate(duration[order])
    before = np.append(0.0, covered[:-1])
    new = np.maximum(duration[order] - np.maximum(entry[order], before), 0.0)
    return int(new.sum())


def _check_durations(table: Table) -> None:
    """Check that duration, churned and entry of every customer can be."""
    duration, churned, entry = (table[name] for name in DURATIONS)
    for name in ("duration", "entry"):
        values = table[name]
        require(table, values >= 0, f"{name} must not be negative", [name])
        whole = np.asarray(values == np.floor(values))
        rule = f"{name} must be a whole number of periods"
        require(table, whole, rule, [name])
        rule = f"{name} must not exceed {LONGEST:g} periods"
        require(table, values <= LONGEST, rule, [name])
    is_flag = np.isin(churned, (0.0, 1.0))
    require(table, is_flag, _rule_of_churned(table), ["churned"])
    require(table, entry <= duration, "entry must not exceed duration", ["duration", "entry"])
    require(
        table,
        (churned == 0) | (duration > entry),
        "duration must exceed entry where churned is 1: a customer leaves at the first renewal "
        "after entry (duration = entry + 1) at the earliest",
        list(DURATIONS),
    )


def _rule_of_churned(table: Table) -> str:
    """Return the rule; an array that breaks it may hold survival counts."""
    if table.kind != "array":
        return "churned must be 0 or 1"
    return (
        "churned, the second column of an array, must be 0 or 1 (survival counts need a frame "
        "with the columns period and customers)"
    )
