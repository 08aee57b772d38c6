"""Tables of cohorts, wide and long, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.retention._cohort_table_input import (
    is_long,
    read_cohorts,
    refuse_rises,
    refuse_uninformative,
)

COUNTS = np.array([[100, 60, 40], [80, 50, np.nan], [90, np.nan, np.nan]])


def wide(**changes):
    """Return three cohorts by age, with columns changed."""
    frame = pd.DataFrame(COUNTS, columns=["0", "1", "2"], index=pd.Index(["a", "b", "c"]))
    return frame.assign(**changes)


def long():
    """Return the same in long form, the rows shuffled."""
    rows = [
        (cohort, period, COUNTS[i, period])
        for i, cohort in enumerate("abc")
        for period in range(3 - i)
    ]
    frame = pd.DataFrame(rows, columns=["cohort", "period", "customers"])
    return frame.sample(frac=1, random_state=1)


def read(X, *, max_age=None, sizes=None):
    """Read a table as `CohortRetention` does."""
    return read_cohorts(X, max_age=max_age, sizes=sizes, owner="CohortRetention")


@pytest.mark.parametrize(
    "X",
    [
        wide(),
        wide().rename(columns=int),
        wide().reset_index(names="cohort"),
        wide()[["2", "0", "1"]].assign(note="text"),
        wide().convert_dtypes(),
        pl.from_pandas(wide().reset_index(names="cohort")),
        pl.from_pandas(wide().reset_index(names="start")),
        pa.Table.from_pandas(wide().reset_index(names="cohort"), preserve_index=False),
        COUNTS,
    ],
    ids=["frame", "ages", "column", "order", "nullable", "polars", "first", "arrow", "array"],
)
def test_every_wide_table_is_read_alike(X):
    """Whatever holds the table, the matrix and the names of the cohorts are the same."""
    found = read(X)
    np.testing.assert_array_equal(found.counts, COUNTS)
    names = [0, 1, 2] if isinstance(X, np.ndarray) else ["a", "b", "c"]
    assert list(found.labels) == names
    assert found.labels.name == "cohort"


def test_a_long_table_gives_the_same_matrix():
    """One row for each cohort and period, in any order, is the same table."""
    found = read(long())
    order = [list(found.labels).index(name) for name in "abc"]
    np.testing.assert_array_equal(found.counts[order], COUNTS)
    assert is_long(long())
    assert not is_long(wide())


def test_one_cohort_needs_no_name():
    """Survival counts without cohort are those of one cohort."""
    found = read(pd.DataFrame({"period": [1, 0], "customers": [7, 9]}))
    np.testing.assert_array_equal(found.counts, [[9, 7]])


def test_later_ages_are_left_out():
    """``max_age`` cuts both forms, and must be there in a wide table."""
    np.testing.assert_array_equal(read(wide(), max_age=1).counts, COUNTS[:, :2])
    assert read(long(), max_age=1).counts.shape == (3, 2)
    with pytest.raises(DataError, match="missing: 3"):
        read(wide(), max_age=3)


@pytest.mark.parametrize("sizes", [{"a": 100, "b": 80, "c": 90}, [100, 80, 90]])
@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_shares_and_percent_times_sizes_are_counts(sizes, unit):
    """Relative tables need the sizes of the cohorts, and then are whole numbers again."""
    shares = wide().div(wide()["0"], axis=0) * unit
    np.testing.assert_array_equal(read(shares, sizes=sizes).counts, COUNTS)


def test_one_size_may_stand_for_all():
    """A number, or a Series by cohort, gives the sizes too; rounded shares stay as they are."""
    shares = pd.DataFrame({"0": [1.0, 1.0], "1": [0.333, 0.5]}, index=["a", "b"])
    np.testing.assert_allclose(read(shares, sizes=200).counts, [[200, 66.6], [200, 100]])
    by_name = pd.Series({"b": 10, "a": 1000})
    np.testing.assert_allclose(read(shares, sizes=by_name).counts, [[1000, 333], [10, 5]])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.period_range("2024-01", periods=3, freq="M"), ["2024-01", "2024-02", "2024-03"]),
        (pd.Categorical(["x", "y", "z"]), ["x", "y", "z"]),
        (pd.MultiIndex.from_tuples([("n", 1), ("n", 2), ("s", 1)]), ["n, 1", "n, 2", "s, 1"]),
        (pd.date_range("2024-01-01", periods=3), list(pd.date_range("2024-01-01", periods=3))),
        ([2022, 2023, 2024], [2022, 2023, 2024]),
    ],
    ids=["periods", "categories", "pairs", "dates", "years"],
)
def test_names_of_cohorts_are_what_a_file_can_hold(labels, expected):
    """Dates, numbers and text stay; what else names cohorts becomes text."""
    assert list(read(wide().set_axis(labels, axis=0)).labels) == expected


BAD = {
    "no size": (
        wide(**{"0": [100, np.nan, 90]}),
        r"'0' must not be missing.*row 1.*\(1 such row\)",
    ),
    "size 0": (
        wide(**{"0": [100, 80, 0], "1": [60, 50, 3]}),
        r"'0' must be positive.*row 2 \(index 'c'\) has 0=0.0",
    ),
    "negative": (wide(**{"1": [60, -1, np.nan]}), "'1' must not be negative; row 1"),
    "share": (wide(**{"1": [0.6, 50, np.nan]}), r"'1' must hold whole numbers.*sizes="),
    "revenue": (wide(**{"1": [600, 50, np.nan]}), "'1' must not exceed column '0'"),
    "hole": (wide(**{"1": [np.nan, 50, np.nan]}), "'1' must not be missing where column '2' is"),
    "infinite": (wide(**{"1": [np.inf, 50, 1]}), "'1' must be finite.*row 0"),
    "text": (wide(**{"1": ["x", "y", "z"]}), "'1' must be a number"),
    "gap of ages": (wide().drop(columns="1"), "without a gap.*'1' is missing below '2'"),
    "no ages": (wide().rename(columns={"0": "a", "1": "b", "2": "c"}), "named by age.*found: a, b"),
    "twice": (wide().set_axis(["a", "b", "a"], axis=0), r"once only; row 2 has cohort='a'"),
    "no name": (wide().set_axis(["a", None, "b"], axis=0), "cohort must not be missing; row 1"),
    "empty": (wide().iloc[:0], "at least one row"),
    "double": (pd.concat([long(), long().iloc[:1]]), "once only in each cohort"),
    "half a period": (long().assign(period=0.5), "whole number from 0"),
    "negative period": (long().assign(period=-1), "whole number from 0"),
    "no start": (long().query("period > 0"), "'0' must not be missing.*cohort '[ab]'"),
    "gap": (long().query("cohort != 'a' or period != 1"), "'1' must not be missing where"),
    "no cohort": (long().assign(cohort=None), r"'cohort' must not be missing.*6 such rows"),
    "no counts": (long().drop(columns="customers"), "missing: customers"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_table_is_refused(case):
    """The message names the rule, the column and the first row."""
    X, message = BAD[case]
    with pytest.raises(DataError, match=message):
        read(X)


SHARES = wide().div(wide()["0"], axis=0)


@pytest.mark.parametrize(
    ("X", "sizes", "message"),
    [
        (SHARES, [100, 80], "one number for each of the 3 cohorts; found 2"),
        (SHARES, {"a": 100, "b": 80}, "found None for cohort 'c'"),
        (SHARES, 0, "found 0 for cohort 'a'"),
        (wide(), 100, r"'0' must be 1 \(shares\) or 100 \(percent\)"),
        (SHARES.mul([1, 100, 1], axis=0), 100, r"'0' must be 1 .*row 1.*0=100.0"),
        (long(), 100, "wide table of shares"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(X, sizes, message):
    """Too few, missing, zero, for counts, for shares mixed with percent, for a long table."""
    with pytest.raises(DataError, match=message):
        read(X, sizes=sizes)


def test_no_period_may_be_left_by_max_age():
    """A long table whose periods all lie beyond ``max_age`` is refused."""
    with pytest.raises(DataError, match="max_age=1"):
        read(long().assign(period=lambda frame: frame["period"] + 5), max_age=1)


def test_survival_that_rises_is_refused():
    """The message names both ages and the cohort, of a wide table and of a long one."""
    for X in (wide(**{"2": [70, np.nan, np.nan]}), long().replace({"customers": {40: 70}})):
        with pytest.raises(DataError, match=r"'2' must not exceed column '1'.*'a'.*1=60.0, 2=70.0"):
            refuse_rises(read(X))
    refuse_rises(read(wide()))


@pytest.mark.parametrize(
    ("counts", "n_parameters", "message"),
    [
        ([[10, 5, np.nan]], 2, "age 2 at least.*is at age 1"),
        ([[10, 0, 0]], 2, "beyond age 0; found none in 1 cohorts"),
        ([[10, 10, 10]], 2, "at least one customer who left"),
    ],
)
def test_cohorts_that_cannot_tell_are_refused(counts, n_parameters, message):
    """Too young for the model, everybody gone at once, nobody ever."""
    with pytest.raises(DataError, match=message):
        refuse_uninformative(read(np.array(counts)), n_parameters, "survival", "CohortRetention")
