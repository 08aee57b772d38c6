"""Durations and groups as tables give them, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.retention._curve_input import (
    check_spells,
    read_customers,
    read_shares,
    read_times,
)


def table():
    """Return four customers of two plans and two countries."""
    return pd.DataFrame(
        {
            "duration": [2.0, 3.0, 4.0, 5.0],
            "churned": [True, False, True, False],
            "plan": ["b", "a", "b", "a"],
            "year": [2021, 2021, 2022, 2022],
        },
        index=pd.Index(["w", "x", "y", "z"], name="customer"),
    )


def read(X, by=(), fitting=True):
    """Read customers in months."""
    return read_customers(X, by, time_unit="month", owner="The test", fitting=fitting)


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas])
def test_a_first_column_that_makes_groups_is_no_label(make):
    """In polars and pyarrow the first column is the id unless it is read."""
    rows = table().reset_index(drop=True)[["plan", "duration", "churned"]]
    kept = make(rows) if make is pl.from_pandas else make(rows, preserve_index=False)
    assert read(kept, ("plan",)).rows.index is None
    assert read(kept).rows.index.tolist() == ["b", "a", "b", "a"]


def test_the_columns_read_are_kept_with_the_groups():
    """Numbers come first, then the columns of the groups."""
    found = read(table().assign(entry=0.0), ("plan",)).rows
    assert list(found.columns) == ["duration", "churned", "entry", "plan"]
    assert list(read(table(), ("plan",), fitting=False).rows.columns) == ["duration", "plan"]


BAD_ROWS = {
    "missing group": (
        lambda t: t.assign(plan=["b", None, "b", None]),
        r"'plan' must be given in every row; row 1 \(customer 'x'\) has plan=None \(2 such rows\)",
    ),
    "missing number of a group": (
        lambda t: t.assign(plan=[1.0, np.nan, 1.0, 2.0]),
        r"'plan' must be given in every row; row 1 .* plan=nan \(1 such row\)",
    ),
    "no column of the groups": (lambda t: t.drop(columns="plan"), "missing: plan"),
    "no duration": (lambda t: t.drop(columns="duration"), "missing: duration"),
    "no churned": (lambda t: t.drop(columns="churned"), "missing: churned"),
    "negative duration": (
        lambda t: t.assign(duration=[1, 2, -1, 3]),
        r"duration must not be negative; row 2 \(customer 'y'\) has duration=-1.0 \(1 such row\)",
    ),
    "infinite duration": (lambda t: t.assign(duration=np.inf), "'duration' must be finite"),
    "half a churn": (
        lambda t: t.assign(churned=[0, 0.5, 1, 2]),
        r"churned must be 0 or 1; row 1 .* has churned=0.5 \(2 such rows\)",
    ),
    "churn as text": (lambda t: t.assign(churned="yes"), "'churned' must be a number; row 0"),
    "negative entry": (lambda t: t.assign(entry=-1.0), "entry must not be negative"),
    "entry after the end": (
        lambda t: t.assign(entry=[0, 0, 0, 6]),
        r"entry must not exceed duration; row 3 .* has duration=5.0, entry=6.0 \(1 such row\)",
    ),
    "leaving on entry": (
        lambda t: t.assign(entry=[2, 0, 0, 0]),
        "duration must exceed entry where churned is 1 .*; row 0 .* duration=2.0, churned=1.0",
    ),
    "another unit": (
        lambda t: t.__class__(t).pipe(lambda u: u.attrs.update(time_unit="week") or u),
        "must be measured in time_unit 'month'; it was measured in 'week'",
    ),
    "no rows": (lambda t: t.iloc[:0], "at least one row"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows_are_named(name):
    """The message names rule, first row, its values and the number of such rows."""
    spoil, message = BAD_ROWS[name]
    with pytest.raises(DataError, match=message):
        check_spells(read(spoil(table()), ("plan",)).numbers)


@pytest.mark.parametrize("make", [lambda X: X, pa.Table.to_batches])
def test_the_unit_of_an_arrow_table_is_read(make):
    """The metadata of its schema may say the unit, and another is refused."""
    columns = pa.table({"duration": [1.0], "churned": [1]})
    for unit, refused in (("month", False), ("week", True)):
        noted = columns.replace_schema_metadata({"time_unit": unit})
        [X] = make(noted) if make is pa.Table.to_batches else [noted]
        if not refused:
            assert len(read(X).rows) == 1
            continue
        with pytest.raises(DataError, match="time_unit 'month'; it was measured in 'week'"):
            read(X)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf, "3", [[1.0]], [], [1, -2], None, True])
def test_times_are_finite_numbers_of_at_least_0(value):
    """Anything else is refused by name."""
    with pytest.raises(ValueError, match="times must be a finite number of at least 0"):
        read_times(value, "times")


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, [0.5, 1.5], "half", np.nan, [[0.5]]])
def test_shares_lie_between_0_and_1(value):
    """Neither end is allowed."""
    with pytest.raises(ValueError, match="q must lie between 0 and 1"):
        read_shares(value, "q")


def test_numbers_and_lists_become_one_axis():
    """A number is a list of one."""
    assert read_times(3, "times").tolist() == [3.0]
    assert read_shares(pd.Series([0.25, 0.5]), "q").tolist() == [0.25, 0.5]
