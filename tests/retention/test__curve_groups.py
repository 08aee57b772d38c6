"""Groups of customers by the values of their columns, and the labels shown for them."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.retention._curve_groups import (
    check_labels,
    fitted_numbers,
    group_columns,
    read_groups,
    spans_as_text,
)


def table(**columns):
    """Return the durations of four customers with columns that make groups."""
    index = pd.Index(["w", "x", "y", "z"], name="customer")
    return pd.DataFrame({"duration": [2.0, 3.0, 4.0, 5.0], **columns}, index=index)


def read(X, *by):
    """Read the groups of a table."""
    return read_groups(X, read_table(X, ("duration",)), by, "The test")


def labels(X, *by):
    """Return the label of each row."""
    groups = read(X, *by).groups
    return [groups.labels[number] for number in groups.numbers]


PLANS = {"plan": ["b", "a", "b", "a"], "year": [2021.0, 2021.0, 2022.0, 2022.0]}


def test_one_column_gives_its_values_and_several_their_words():
    """Whole numbers stay whole; several columns are joined by a comma."""
    assert labels(table()) == ["all"] * 4
    assert labels(table(**PLANS), "plan") == ["b", "a", "b", "a"]
    years = read(table(**PLANS), "year").groups
    assert [type(label) for label in years.labels] == [int, int]
    both = labels(table(**PLANS), "plan", "year")
    assert both == ["b, 2021", "a, 2021", "b, 2022", "a, 2022"]


def test_groups_are_in_the_order_of_their_values():
    """Numbers ascend, intervals by their ends, then text; the order of rows does not matter."""
    words = ["(10, 20]", "(9, 10]", "(-inf, 9]", "(9, 9.5]"]
    found = read(table(x=words, n=[10, 9, 9, 10]), "x").groups.labels
    assert found == ["(-inf, 9]", "(9, 9.5]", "(9, 10]", "(10, 20]"]
    assert read(table(n=[10, 9, 9, 10]), "n").groups.labels == [9, 10]
    mixed = read(table(n=[10, 9, 9, 10], x=["b", "b", "a", "a"]), "n", "x").groups
    assert mixed.values == ((9, "a"), (9, "b"), (10, "a"), (10, "b"))


DAYS = pd.to_datetime(["2024-02-01", "2024-01-01", "2023-12-01", "2024-02-01"])
DATED = {
    "times": (DAYS, ["2024-02-01", "2024-01-01", "2023-12-01", "2024-02-01"]),
    "dates": (
        np.array([day.date() for day in DAYS], dtype=object),
        ["2024-02-01", "2024-01-01", "2023-12-01", "2024-02-01"],
    ),
    "periods": (DAYS.to_period("M"), ["2024-02", "2024-01", "2023-12", "2024-02"]),
    "intervals": (
        pd.cut([3, 7, 12, 4], [0, 5, 10, 20]),
        ["(0, 5]", "(5, 10]", "(10, 20]", "(0, 5]"],
    ),
}


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "batch"])
@pytest.mark.parametrize("name", DATED)
def test_dates_periods_and_intervals_are_labels(name, kind):
    """They become text, and are sorted as they are; X is not changed."""
    values, texts = DATED[name]
    X = table(x=values)
    if kind == "polars":
        if name in ("periods", "intervals"):
            X = X.assign(x=texts)
        X = pl.from_pandas(X.reset_index())
    elif kind != "pandas":
        X = pa.Table.from_pandas(X.reset_index())
        X = X.to_batches()[0] if kind == "batch" else X
    assert labels(X, "x") == texts
    ascending = sorted(zip(values, texts, strict=True), key=lambda pair: pair[0])
    assert read(X, "x").groups.labels == list(dict.fromkeys(text for _, text in ascending))
    if kind == "pandas":
        assert list(X["x"]) == list(values)


@pytest.mark.parametrize(
    "values",
    [DAYS - DAYS[0], [datetime.time(1)] * 4, [[1]] * 4],
    ids=["lengths", "times of day", "lists"],
)
@pytest.mark.parametrize("make", [lambda X: X, pa.Table.from_pandas])
def test_what_is_no_label_is_refused_with_what_can_be_done(values, make):
    """The column is named and turning it into text proposed."""
    with pytest.raises(DataError, match=r"'x' of by must hold numbers, .*found .*\.astype\(str\)"):
        read(make(table(x=values)), "x")


def test_a_missing_date_is_a_missing_group():
    """NaT is refused like any missing label."""
    with pytest.raises(DataError, match=r"'x' must be given in every row; row 1 .* \(1 such row\)"):
        read(table(x=DAYS.where([True, False, True, True])), "x")


def test_an_array_has_no_groups():
    """Groups need names of columns."""
    with pytest.raises(DataError, match="by needs a frame with named columns; The test found an"):
        read(np.ones((3, 1)), "plan")


def test_two_groups_that_read_alike_are_refused():
    """A comma inside values, or a number that reads like a text, must not merge groups."""
    rows = table(p=["a, b", "a", "c", "c"], q=["c", "b, c", "d", "d"])
    groups = read(rows, "p", "q").groups
    assert len(groups.values) == 3
    with pytest.raises(DataError, match=r"found 'a, b, c' for \('a', 'b, c'\) and \('a, b', 'c'\)"):
        check_labels(groups, ("p", "q"))
    check_labels(read(rows.iloc[1:], "p", "q").groups, ("p", "q"))


def fitted(X, known, *by):
    """Return the number of the fitted group of each row."""
    found = read(X, *by)
    return fitted_numbers(found.rows, found.groups, known, by).tolist()


def test_a_group_that_was_not_fitted_is_named():
    """Row, group and the fitted ones are said."""
    assert fitted(table(**PLANS), [("a",), ("b",)], "plan") == [1, 0, 1, 0]
    with pytest.raises(
        DataError,
        match=r"group of every row \(plan\) must be one of the 1 fitted \('a'\); "
        r"row 0 \(customer 'w'\) is of 'b' \(2 such rows\)",
    ):
        fitted(table(**PLANS), [("a",)], "plan")


@pytest.mark.parametrize(
    ("known", "columns"),
    [
        ([("a, b", "c")], {"p": ["a"] * 4, "q": ["b, c"] * 4}),
        ([(1, "c")], {"p": ["1"] * 4, "q": ["c"] * 4}),
        ([(1,)], {"p": ["1"] * 4}),
    ],
)
def test_values_are_compared_and_not_words(known, columns):
    """What only reads like a fitted group is another one."""
    with pytest.raises(DataError, match="must be one of the 1 fitted"):
        fitted(table(**columns), known, *columns)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (["plan", "plan"], "different column names or None; found"),
        ([], "by must be a column name"),
        ([1], "by must be a column name"),
        (5, "by must be a column name"),
        ("entry", "by must not name duration, churned, entry; found 'entry'"),
        (["Duration"], "found 'Duration'"),
    ],
)
def test_bad_group_columns_are_refused(by, message):
    """Names are different texts and hold no durations."""
    with pytest.raises(ValueError, match=message):
        group_columns(by)


def test_only_spans_become_text_where_dates_can_stay():
    """Dates are left to the engine."""
    frame = table(day=DAYS, month=DAYS.to_period("M"))
    found = spans_as_text(frame, "pandas", ("day", "month"))
    pd.testing.assert_series_equal(found["day"], frame["day"])
    assert found["month"].tolist() == ["2024-02", "2024-01", "2023-12", "2024-02"]
    assert frame["month"].dtype == "period[M]"
