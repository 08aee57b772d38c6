"""Durations of customers as a retention curve reads them, and questions asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from custvalue._estimator.customer_summary import check_time_unit
from custvalue._estimator.door import Table, kind_of, read_table, require
from custvalue._estimator.mixed import MixedTable
from custvalue._typing import FloatArray
from custvalue.retention._curve_groups import SPELL, Groups, read_groups

__all__ = ["Customers", "check_spells", "read_customers", "read_shares", "read_times"]


@dataclass(frozen=True, slots=True)
class Customers:
    """Rows of customers and their groups.

    Attributes
    ----------
    rows : MixedTable
        The columns that were read.
    numbers : Table
        ``duration`` and what else was asked for and is there, ``churned`` and ``entry``.
    groups : Groups
        Those that there are, and which each row is of.
    """

    rows: MixedTable
    numbers: Table
    groups: Groups


def read_customers(
    X: Any, by: tuple[str, ...], *, time_unit: str, owner: str, fitting: bool
) -> Customers:
    """Read durations and groups of customers.

    Parameters
    ----------
    X : table
    by : tuple of str
        Columns of the groups; a frame is needed where there are any.
    time_unit : str
        What durations are measured in; a pandas frame or Arrow table that says another is refused.
    owner : str
        Who asks, for the messages.
    fitting : bool
        Whether ``churned`` is needed and ``entry`` read. An array has the columns of a fit always.

    Returns
    -------
    Customers

    Raises
    ------
    DataError
        If a column is missing, a duration is no finite number of at least 0, or a group is missing.
    TypeError
        If X is not a table.
    """
    whole = fitting or kind_of(X) == "array"
    required = ("duration", "churned") if whole else ("duration",)
    numbers = read_table(X, required, optional=("entry",) if whole else (), owner=owner)
    noted = replace(numbers, attrs={**numbers.attrs, **_notes(X, numbers.kind)})
    check_time_unit(noted, time_unit)
    require(numbers, numbers["duration"] >= 0, "duration must not be negative", ["duration"])
    found = read_groups(X, numbers, by, owner)
    known = Table(numbers.columns, numbers.kind, found.rows.index, numbers.attrs)
    return Customers(found.rows, known, found.groups)


def check_spells(table: Table) -> None:
    """Check who left and since when customers are followed.

    Raises
    ------
    DataError
        If a row cannot be.
    """
    duration, churned = table["duration"], table["churned"]
    require(table, np.isin(churned, (0.0, 1.0)), "churned must be 0 or 1", ["churned"])
    if "entry" not in table:
        return
    entry = table["entry"]
    require(table, entry >= 0, "entry must not be negative", ["entry"])
    require(table, entry <= duration, "entry must not exceed duration", ["duration", "entry"])
    require(
        table,
        (churned == 0) | (duration > entry) | (entry == 0),
        "duration must exceed entry where churned is 1 (customers followed from entry leave later)",
        list(SPELL),
    )


def read_times(value: Any, name: str) -> FloatArray:
    """Return times of at least 0 as an array of one axis.

    Raises
    ------
    ValueError
        If they are no finite numbers of at least 0.
    """
    found = np.asarray(value)
    if found.dtype.kind in "iuf" and found.ndim <= 1 and found.size:
        times = np.atleast_1d(found).astype(np.float64)
        if np.all(np.isfinite(times) & (times >= 0)):
            return times
    raise ValueError(
        f"{name} must be a finite number of at least 0, or a 1-D array of them; found {value!r}"
    )


def read_shares(value: Any, name: str) -> FloatArray:
    """Return shares strictly between 0 and 1 as an array of one axis.

    Raises
    ------
    ValueError
        If they are not.
    """
    found = np.asarray(value)
    if found.dtype.kind == "f" and found.ndim <= 1 and found.size:
        shares = np.atleast_1d(found).astype(np.float64)
        if np.all((shares > 0) & (shares < 1)):
            return shares
    raise ValueError(f"{name} must lie between 0 and 1, or be a 1-D array of such; found {value!r}")


def _notes(X: Any, kind: str) -> dict[str, str]:
    """Return the unit of time that the schema of an Arrow table notes."""
    said = (X.schema.metadata or {}).get(b"time_unit") if kind == "pyarrow" else None
    return {} if said is None else {"time_unit": said.decode()}
