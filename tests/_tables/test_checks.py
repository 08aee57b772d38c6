"""Rules for rows and types, and the messages of those that break them."""

from __future__ import annotations

import datetime

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue._tables.checks import reject_rows, require_type
from custvalue._tables.door import open_table
from custvalue.exceptions import DataError

FRAME = pd.DataFrame(
    {
        "who": ["a", "b", "c", "d"],
        "paid": [1.0, -2.0, None, -4.0],
        "day": [datetime.date(2024, 1, day) for day in (1, 2, 3, 4)],
    }
)
COLUMNS = {"customer": "who", "amount": "paid", "date": "day"}


def check(bad, shown, X=FRAME):
    """Reject rows of X by a rule."""
    with open_table(X, COLUMNS, owner="The test") as opened:
        reject_rows(opened, bad, "the rule", shown)


def test_good_rows_pass():
    """No bad row, no error; a comparison with a missing value is not bad."""
    check(lambda rows: rows["amount"] < -10, ["amount"])


def test_the_message_names_rule_first_row_values_and_number():
    """Values are shown under the caller's names of the columns."""
    with pytest.raises(
        DataError,
        match=r"^the rule; row 1 has paid=-2.0, who='b', day=2024-01-02 \(2 such rows\)$",
    ):
        check(lambda rows: rows["amount"] < 0, ["amount", "customer", "date"])


def test_a_missing_value_is_called_missing():
    """One such row is one row."""
    with pytest.raises(DataError, match=r"row 2 has paid=missing \(1 such row\)$"):
        check(lambda rows: rows["amount"].isnull(), ["amount"])


def test_rows_of_an_engine_have_no_number():
    """An Ibis table has no first row."""
    X = ibis.memtable(pa.Table.from_pandas(FRAME))
    with pytest.raises(DataError, match=r"the rule; one row has paid=-[24].0 \(2 such rows\)$"):
        check(lambda rows: rows["amount"] < 0, ["amount"], X)


def test_the_first_row_of_a_large_file_is_the_first(tmp_path):
    """Positions count from 0 in the order of the file, whatever the number of threads."""
    n = 500_000
    frame = pd.DataFrame({"who": range(n), "paid": 1.0, "day": FRAME["day"][0]})
    frame.loc[[123_457, 400_000], "paid"] = -1.0
    frame.to_parquet(tmp_path / "x.parquet", row_group_size=20_000)
    message = r"row 123457 has who=123457 \(2 such rows\)"
    for X in (frame, tmp_path / "x.parquet"):
        with pytest.raises(DataError, match=message):
            check(lambda rows: rows["amount"] < 0, ["customer"], X)


def require_number(X, part="customer"):
    """Require numbers of a column of X."""
    with open_table(X, COLUMNS, owner="The test") as opened:
        require_type(opened, part, lambda found: found.is_numeric(), "numbers", "Convert it")


def test_a_type_that_fits_passes():
    """So does a column of nothing but missing values, whatever else is asked of it."""
    require_number(FRAME, "amount")
    require_number(FRAME.assign(who=None))


def test_a_type_that_does_not_fit_is_refused_with_an_example():
    """Rule, type found, remedy, first value that is there, and the number of such rows."""
    frame = FRAME.assign(who=[None, "x", "y", "z"])
    message = (
        r"^column 'who' must hold numbers; found string. Convert it; "
        r"row 1 has who='x' \(3 such rows\)$"
    )
    with pytest.raises(DataError, match=message):
        require_number(frame)


def test_a_type_that_does_not_fit_is_refused_though_all_values_are_missing():
    """A text column without text is not a column of numbers."""
    with pytest.raises(DataError, match=r"row 0 has who=missing \(4 such rows\)"):
        require_number(FRAME.assign(who=pd.Series([None] * 4, dtype="str")))


def test_a_type_without_rows_is_nobody_s_fault():
    """A table without rows is for others to refuse."""
    require_number(FRAME.iloc[:0])
