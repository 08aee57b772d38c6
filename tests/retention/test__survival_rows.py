"""Rows of customers are read with entry or without, and refused where they cannot be."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.exceptions import DataError
from custvalue.retention._survival_rows import (
    check_training,
    columns_given,
    read_durations,
    renewals_seen,
)

NAMES = ("duration", "churned", "entry")


def rows(**changed):
    """Return six customers, in the order of the columns of an array."""
    columns = {
        "duration": [3, 1, 4, 2, 5, 6],
        "churned": [1, 1, 0, 0, 1, 0],
        "entry": [0, 0, 1, 2, 0, 4],
    }
    return pd.DataFrame({**columns, **changed}, index=pd.Index(list("abcdef"), name="contract"))


def read(X, names=NAMES):
    return read_durations(X, names, time_unit="year", owner="Model")


def test_every_kind_of_table_is_read_alike():
    """pandas, polars, pyarrow and an array give the same columns, bools or numbers."""
    frame = rows()
    flags = rows(churned=frame["churned"].astype(bool))
    for X in (
        flags,
        pl.from_pandas(flags.reset_index()),
        pa.Table.from_pandas(flags.reset_index()),
        frame.to_numpy(),
        frame.convert_dtypes(),
    ):
        table = read(X)
        for name in NAMES:
            np.testing.assert_array_equal(table[name], frame[name])


def test_without_entry_all_were_seen_from_the_start():
    """The column is optional, in frames and arrays; what was given is remembered."""
    frame = rows().drop(columns="entry")
    for X in (frame, frame.to_numpy()):
        np.testing.assert_array_equal(read(X)["entry"], 0)
        assert list(columns_given(X, ()).columns) == ["duration", "churned"]
    assert list(columns_given(rows(), ()).columns) == list(NAMES)
    assert list(columns_given(rows().to_numpy(), ()).columns) == list(NAMES)


def test_covariates_stand_before_entry_in_an_array():
    """An array has duration, churned, the covariates, then entry."""
    X = rows().assign(age=[20, 30, 40, 50, 60, 70])
    names = (*NAMES, "age")
    array = X[["duration", "churned", "age", "entry"]].to_numpy()
    for name in names:
        np.testing.assert_array_equal(read(array, names)[name], X[name])
    assert list(columns_given(array, ("age",)).columns) == ["duration", "churned", "age", "entry"]


BAD = {
    "negative": ({"duration": [3, 1, -4, 2, -5, 6]}, r"duration must not be negative.*'c'.*=-4"),
    "not whole": ({"duration": [3, 1.5, 4, 2, 5, 6]}, r"duration must be a whole.*'b'.*=1.5 \(1 s"),
    "huge": ({"duration": [3, 1, 4, 1e12, 5, 6]}, r"duration must not exceed 1e\+09.*'d'"),
    "missing": ({"duration": [3, np.nan, 4, 2, 5, 6]}, r"'duration' must be finite.*'b'"),
    "text": ({"duration": list("abcdef")}, r"'duration' must be a number.*'a'.*\(6 such rows\)"),
    "flag": ({"churned": [1, 2, 0, 3, 1, 0]}, r"churned must be 0 or 1.*'b'.*=2.0 \(2 such rows\)"),
    "early": ({"entry": [0, -1, 1, 2, 0, 4]}, r"entry must not be negative.*'b'"),
    "part": ({"entry": [0.5, 0, 1, 2, 0, 4]}, r"entry must be a whole number.*'a'"),
    "late": ({"entry": [0, 0, 5, 2, 0, 4]}, r"entry must not exceed duration.*'c'.*4.0, entry=5.0"),
    "at entry": ({"entry": [3, 0, 1, 2, 0, 4]}, r"duration must exceed entry where churned.*'a'"),
    "at start": ({"duration": [3, 0, 4, 2, 5, 6]}, r"duration must exceed entry.*'b'.*entry=0.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_rows_that_cannot_be_are_refused(case):
    """One error each, with the rule, the first row, its values and the number of such rows."""
    changed, message = BAD[case]
    with pytest.raises(DataError, match=message):
        read(rows(**changed))


def test_tables_that_are_no_rows_are_refused():
    """Wrong columns, no rows, another unit of time."""
    with pytest.raises(DataError, match=r"needs the columns duration, churned; missing: churned"):
        read(rows().drop(columns="churned"))
    with pytest.raises(DataError, match="at least one row"):
        read(rows().iloc[:0])
    other = rows()
    other.attrs["time_unit"] = "month"
    with pytest.raises(DataError, match="time_unit 'year'; it was measured in 'month'"):
        read(other)


def test_a_fit_needs_somebody_who_left_and_somebody_who_renewed():
    """Without either there is nothing to estimate, and the error says which."""
    with pytest.raises(DataError, match="Model needs at least one customer who left"):
        check_training(read(rows(churned=0)), "Model")
    at_once = rows(duration=[1, 2, 3, 4, 5, 6], churned=1, entry=[0, 1, 2, 3, 4, 5])
    with pytest.raises(DataError, match="Model needs at least one renewal"):
        check_training(read(at_once), "Model")


@pytest.mark.parametrize(
    ("churned", "names", "remedy"),
    [
        ([1, 0, 0], ("alpha", "beta"), "2 renewals .*found 1. Fit Geometric, or give more periods"),
        ([1, 0, 0], ("alpha", "beta", "c"), "3 renewals .*found 1. Fit Geometric"),
    ],
)
def test_one_renewal_cannot_tell_parameters_apart(churned, names, remedy):
    """It gives one rate of retention, with covariates too."""
    frame = pd.DataFrame({"duration": 1, "churned": churned, "age": [1, 2, 3]})
    for covariates in ((), ("age",)):
        table = read(frame, (*NAMES, *covariates))
        check_training(table, "Model", ("odds",))
        with pytest.raises(DataError, match=f"Model needs at least {remedy}"):
            check_training(table, "Model", names)


def test_two_renewals_cannot_tell_three_parameters_apart_without_covariates():
    """They carry two; with covariates every group adds its own two."""
    frame = pd.DataFrame({"duration": [1, 2, 2], "churned": [1, 1, 0], "age": [1, 2, 3]})
    check_training(read(frame), "Model", ("alpha", "beta"))
    check_training(read(frame, (*NAMES, "age")), "Model", ("alpha", "beta", "c"))
    with pytest.raises(DataError, match="found 2. Fit ShiftedBetaGeo, or give more periods"):
        check_training(read(frame), "Model", ("alpha", "beta", "c"))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_renewals_seen_are_those_at_which_somebody_was_at_risk(spans):
    """The union of (entry, duration], counted by hand."""
    duration, entry = np.array(spans, dtype=float).max(axis=1), np.array(spans).min(axis=1) + 0.0
    seen = {t for a, b in spans for t in range(min(a, b) + 1, max(a, b) + 1)}
    assert renewals_seen(duration, entry) == len(seen)


def test_an_array_of_counts_is_told_what_to_do():
    """An array is read as duration and churned; counts need the names of their columns."""
    with pytest.raises(DataError, match="survival counts need a frame with the columns period and"):
        read(np.array([[0, 1000], [1, 869], [2, 743]]))
