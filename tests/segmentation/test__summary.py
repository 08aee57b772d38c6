"""Reading a customer summary for scoring."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.segmentation._summary import (
    check_money_positive,
    check_money_to_learn_from,
    find_money,
    money_of,
    read_customers,
    read_summary,
    time_unit_of,
)

GOOD = {"frequency": [0, 2], "recency": [0.0, 3.0], "T": [5.0, 4.0], "monetary_value": [0.0, 7.0]}


@pytest.mark.parametrize("build", [pd.DataFrame, pl.DataFrame, pa.table])
def test_total_value_is_preferred_to_monetary_value(build):
    """Of two money columns the total is read, in every kind of frame."""
    assert find_money(build(GOOD), owner="Me") == "monetary_value"
    assert find_money(build({**GOOD, "total_value": [1.0, 2.0]}), owner="Me") == "total_value"


def test_the_money_of_an_array_is_monetary_value():
    """An array has no names; its fourth column is the documented one."""
    assert find_money(np.zeros((2, 4)), owner="Me") == "monetary_value"


def test_a_frame_without_money_is_told_which_columns_are_needed():
    """The message names who asks, all columns needed, and those found."""
    rule = (
        "Me needs the columns frequency, recency, T and one of money, total_value or "
        "monetary_value; found: frequency, T"
    )
    with pytest.raises(DataError, match=rule):
        find_money(pd.DataFrame({"frequency": [1], "T": [1.0]}), owner="Me")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (
            "frequency",
            [0, -2],
            r"frequency must not be negative; row 1 has frequency=-2.0 \(1 such",
        ),
        ("frequency", [0, 1.5], "frequency must be a whole number; row 1 has frequency=1.5"),
        ("frequency", [0, None], "'frequency' must be finite .*; row 1 has frequency=nan"),
        ("recency", [0.0, -3.0], "recency must not be negative; row 1 has recency=-3.0"),
        ("recency", [0.0, 9.0], "recency must not exceed T; row 1 has recency=9.0, T=4.0"),
        (
            "recency",
            [5.0, 3.0],
            "recency must be 0 exactly when frequency is 0 .*not the time since",
        ),
        ("recency", [0.0, 0.0], "recency must be 0 exactly when frequency is 0 .*row 1 has freq"),
        ("T", [-5.0, 4.0], "T must not be negative; row 0 has T=-5.0"),
        ("T", ["5", "4"], "'T' must be a number; row 0 has T='5' \\(2 such rows\\)"),
        ("monetary_value", [np.inf, 7.0], "'monetary_value' must be finite .*; row 0"),
    ],
)
def test_rows_that_are_no_purchase_history_are_refused(column, values, message):
    """Each broken rule is named, with the first row that breaks it."""
    with pytest.raises(DataError, match=message):
        read_summary(pd.DataFrame({**GOOD, column: values}), "monetary_value", owner="Me")


def test_the_time_unit_must_agree_only_where_both_sides_name_one():
    """A summary in days is refused where weeks were fitted; one that names no unit is believed."""
    X = pd.DataFrame(GOOD)
    assert len(read_summary(X, "monetary_value", owner="Me", time_unit="week")) == 2
    X.attrs["time_unit"] = "day"
    assert len(read_summary(X, "monetary_value", owner="Me")) == 2
    with pytest.raises(DataError, match="time_unit 'week'; it was measured in 'day'"):
        read_summary(X, "monetary_value", owner="Me", time_unit="week")


def test_the_money_read_is_known_from_the_table():
    """The table knows which of the two money columns it holds."""
    X = pd.DataFrame({**GOOD, "total_value": [1.0, 2.0]})
    for money in ("monetary_value", "total_value"):
        assert money_of(read_summary(X, money, owner="Me")) == money


@pytest.mark.parametrize("build", [pd.DataFrame, pl.DataFrame, pa.table])
def test_groups_are_read_beside_the_summary(build):
    """The group comes last; a first column that is the group labels no row."""
    table = read_customers(
        build({"market": ["UK", "DE"], **GOOD}), "monetary_value", by="market", owner="Me"
    )
    assert list(table.columns) == ["frequency", "recency", "T", "monetary_value", "market"]
    assert table["market"].tolist() == ["UK", "DE"]
    assert table["T"].tolist() == [5.0, 4.0]
    if build is not pd.DataFrame:
        assert table.index is None


def test_the_groups_of_an_array_stand_in_its_fifth_column():
    """Objects may be text there, and floats are whole numbers; four columns are too few."""
    rows = [[0, 0.0, 5.0, 0.0, "UK"], [2, 3.0, 4.0, 7.0, "DE"]]
    table = read_customers(np.array(rows, object), "monetary_value", by="market", owner="Me")
    assert table["market"].tolist() == ["UK", "DE"]
    numbers = np.array([[*row[:4], 49] for row in rows])
    table = read_customers(numbers, "monetary_value", by="market", owner="Me")
    assert repr(table["market"].tolist()) == "[49, 49]"
    with pytest.raises(DataError, match="X has 4 features, but Me is expecting 5"):
        read_customers(numbers[:, :4], "monetary_value", by="market", owner="Me")


def test_without_a_column_of_groups_the_table_is_the_summary():
    """Nothing is added where customers are not told apart."""
    table = read_customers(pd.DataFrame(GOOD), "monetary_value", by=None, owner="Me")
    assert list(table.columns) == ["frequency", "recency", "T", "monetary_value"]
    assert time_unit_of(table) is None


def test_the_time_unit_is_the_one_that_the_summary_names():
    """A unit in the attrs is found and must agree; anything but text is no unit."""
    X = pd.DataFrame({**GOOD, "market": ["UK", "DE"]})
    for unit, expected in (("week", "week"), (7, None)):
        X.attrs["time_unit"] = unit
        table = read_customers(X, "monetary_value", by="market", owner="Me")
        assert time_unit_of(table) == expected
    X.attrs["time_unit"] = "day"
    with pytest.raises(DataError, match="it was measured in 'day'"):
        read_customers(X, "monetary_value", by="market", owner="Me", time_unit="week")


@pytest.mark.parametrize(
    ("by", "groups", "error", "message"),
    [
        (
            "market",
            ["UK", None],
            DataError,
            r"'market' must be given in every row.*row 1.*\(1 such",
        ),
        ("market", [1.0, np.nan], DataError, r"'market' must be given in every row.*row 1"),
        ("country", ["UK", "DE"], DataError, "missing: country"),
        ("T", ["UK", "DE"], ValueError, "by must name a column beside those .* found 'T'"),
        ("total_value", ["UK", "DE"], ValueError, "by must name a column beside those"),
    ],
)
def test_wrong_groups_are_refused(by, groups, error, message):
    """A gap, a missing column and a column that is scored are errors."""
    X = pd.DataFrame({**GOOD, "market": groups})
    with pytest.raises(error, match=message):
        read_customers(X, "monetary_value", by=by, owner="Me")


def test_money_that_is_not_positive_is_counted():
    """The message has the number of such rows and the first."""
    X = pd.DataFrame({**GOOD, "market": ["UK", "DE"]}, index=["a", "b"])
    table = read_customers(X, "monetary_value", by="market", owner="Me")
    message = r"'monetary_value' must be positive .*row 0 \(index 'a'\) .*=0.0 \(1 such row\)"
    with pytest.raises(DataError, match=message):
        check_money_positive(table)
    check_money_positive(table.take(np.array([1])))


def test_some_money_must_be_positive_in_every_group():
    """One positive customer will do for the table, but not for two groups."""
    X = pd.DataFrame({**GOOD, "market": ["UK", "DE"]})
    table = read_customers(X, "monetary_value", by="market", owner="Me")
    check_money_to_learn_from(table, None)
    with pytest.raises(DataError, match=r"at least one customer of each .* in UK \(1 such group"):
        check_money_to_learn_from(table, "market")
