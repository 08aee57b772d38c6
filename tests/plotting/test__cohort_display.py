"""A table of cohorts as a heat map needs it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.plotting._cohort_display import (
    cell_texts,
    cohort_names,
    is_of_shares,
    read_cohort_table,
    shade_levels,
    shares_of_start,
)

NAN = np.nan
STARTS = pd.DatetimeIndex(["2024-01-01", "2024-02-01"], name="cohort")
TABLE = pd.DataFrame({"0": [8.0, 4.0], "1": [2.0, 3.0], "2": [1.0, NAN]}, index=STARTS)


@pytest.mark.parametrize("kind", ["pandas", "column", "polars", "pyarrow", "whole numbers"])
def test_tables_of_every_kind_are_read_alike(kind):
    """Cohorts in the index or in a column; ages in any order, other columns beside them."""
    beside = TABLE.reset_index()
    given = {
        "pandas": TABLE,
        "column": beside[["2", "cohort", "0", "1"]].assign(note="x"),
        "polars": pl.from_pandas(beside),
        "pyarrow": pa.Table.from_pandas(beside, preserve_index=False),
        "whole numbers": TABLE.rename(columns=int),
    }[kind]
    pd.testing.assert_frame_equal(
        read_cohort_table(given), TABLE, check_index_type=False, check_freq=False
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.drop(columns="1"), "named by age without a gap, 0, 1, 2, ...; found: 0, 2"),
        (TABLE.rename(columns=lambda age: f"m{age}"), "named by age .*; found: m0, m1, m2"),
        (TABLE.iloc[:0], "at least one"),
        (TABLE.astype(str), "'0'"),
    ],
)
def test_what_is_no_table_of_cohorts_is_refused(table, message):
    """The message says what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        read_cohort_table(table)


def test_shares_are_of_the_own_row_and_recognised():
    """A cohort that nobody joined has no shares; a table of single customers is not one of them."""
    shares = shares_of_start(pd.concat([TABLE, TABLE.iloc[:1] * 0]))
    np.testing.assert_array_equal(shares, [[1, 0.25, 0.125], [1, 0.75, NAN], [NAN] * 3])
    assert is_of_shares(shares)
    assert not is_of_shares(TABLE)
    assert not is_of_shares(pd.DataFrame({"0": [1.0, 1.0], "1": [0.0, NAN]}))


def test_names_of_cohorts():
    """Periods by their name, other labels as text, cut where they are long."""
    assert cohort_names(STARTS, "month") == ["Jan 2024", "Feb 2024"]
    assert cohort_names(STARTS, "quarter") == ["2024 Q1", "2024 Q1"]
    assert cohort_names(STARTS, "year") == ["2024", "2024"]
    assert cohort_names(STARTS, "day") == ["1\u00a0Jan\u00a02024", "1\u00a0Feb\u00a02024"]
    assert cohort_names(STARTS, None) == ["Jan 2024", "Feb 2024"]
    assert cohort_names(pd.DatetimeIndex([None]), "month") == [""]
    assert cohort_names(pd.Index([2024, "x" * 30]), "month") == ["2024", "x" * 19 + "…"]
    alike = ["premium customers of the north", "premium customers of the south"]
    assert cohort_names(pd.Index(alike), None) == ["premium cu…the north", "premium cu…the south"]


def test_shades_leave_age_0_out():
    """The largest later cell is the darkest; negative ones and those of age 0 are the palest."""
    shown = np.array([[90.0, 6.0, 3.0], [50.0, -2.0, NAN]])
    assert shade_levels(shown).tolist() == [[0, 5, 3], [0, 0, 0]]
    assert shade_levels(shown[:, :1]).tolist() == [[0], [0]]
    assert shade_levels(shown * [1, 0, 0]).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_texts_of_cells():
    """Per cent, numbers or money of one number of decimals; nothing where not observed."""
    shown = np.array([[1200.0, 0.5], [0.0, NAN]])
    assert cell_texts(shown, relative=True, money=False)[0][1] == "50"
    assert cell_texts(shown, relative=False, money=False) == [["1,200", "0"], ["0", ""]]
    assert cell_texts(shown / 10, relative=False, money=True) == [["120.00", "0.05"], ["0.00", ""]]
    assert cell_texts(shown[:1], relative=False, money=True) == [["1,200", "0"]]
