"""The door for numbers and categories reads every kind of table alike and names what is wrong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue.exceptions import DataError

IDS = pd.Index(["x", "y", "z"], name="customer_id")
FRAME = pd.DataFrame(
    {"spent": [2.5, np.nan, 7.0], "city": ["Bern", None, "Genf"], "vip": [True, False, None]},
    index=IDS,
)
POLARS = pl.DataFrame(
    {
        "customer_id": list("xyz"),
        "spent": [2.5, None, 7.0],
        "city": ["Bern", None, "Genf"],
        "vip": [True, False, None],
    }
)
FRAMES = {
    "pandas": FRAME,
    "pandas of objects": FRAME.astype(object),
    "nullable pandas": FRAME.astype({"spent": "Float64", "city": "string", "vip": "boolean"}),
    "pandas categories": FRAME.astype({"city": "category", "vip": "category"}),
    "pandas on arrow": FRAME.astype({"spent": "double[pyarrow]", "vip": "bool[pyarrow]"}),
    "polars": POLARS,
    "polars categories": POLARS.with_columns(pl.col("city").cast(pl.Categorical)),
    "pyarrow": POLARS.to_arrow(),
    "decimals": FRAME.assign(spent=[Decimal("2.5"), None, Decimal(7)]),
    "pyarrow on dictionaries": pa.table(
        {
            "customer_id": ["x", "y", "z"],
            "spent": [2.5, None, 7.0],
            "city": pa.array(["Bern", None, "Genf"]).dictionary_encode(),
            "vip": [True, False, None],
        }
    ),
    "fractions": FRAME.assign(spent=[Fraction(5, 2), None, 7]),
    "columns in another order, others beside": FRAME.assign(note="n")[
        ["vip", "note", "city", "spent"]
    ],
}


@pytest.mark.parametrize("X", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_frame_gives_the_same_columns(X):
    """Numbers come as float64 with NaN, anything else as objects with None."""
    table = read_mixed(X, ["spent", "city", "vip"])
    assert table["spent"].dtype == np.float64
    np.testing.assert_array_equal(table["spent"], [2.5, np.nan, 7.0])
    assert table["city"].tolist() == ["Bern", None, "Genf"]
    assert table["vip"].tolist() == [True, False, None]
    assert table["city"].dtype == table["vip"].dtype == object
    assert len(table) == 3
    assert list(table.index) == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 2.5], [1.0, np.nan, 2.5]),
        ([1, pd.NA], [1.0, np.nan]),
        ([1.0, pd.NaT], [1.0, np.nan]),
        ([np.int8(1), np.float32(2)], [1.0, 2.0]),
        ([Decimal(1), 2.0, Decimal("NaN")], [1.0, 2.0, np.nan]),
        ([2**70], [2.0**70]),
        (["a", pd.NaT, np.nan], ["a", None, None]),
        (["a", np.str_("b")], ["a", "b"]),
        (["a", True, None], ["a", True, None]),
        ([np.True_, pd.NA], [True, None]),
        ([None, np.nan], [None, None]),
        ([pd.NaT, None], [None, None]),
    ],
)
def test_columns_of_objects_are_numbers_or_categories(values, expected):
    """What the values are decides, not the dtype; a wholly missing column is a category."""
    table = read_mixed(pd.DataFrame({"a": pd.Series(values, dtype=object)}))
    numbers = isinstance(expected[0], float)
    assert table["a"].dtype == (np.float64 if numbers else object)
    np.testing.assert_array_equal(table["a"], np.array(expected, dtype=table["a"].dtype))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [1.0, "a"],
            r"'a' must be text, True and False, or numbers alone; row 0 has a=1.0 \(1 suc",
        ),
        (["a", 1, 2], r"'a' must be text, .*; row 1 has a=1 \(2 such rows\)"),
        ([True, 1], "'a' must be text, .*; row 1 has a=1"),
        ([b"a"], "'a' must be text, .*; row 0 has a=b'a'"),
        ([[1], "a"], r"'a' must be text, .*; row 0 has a=\[1\]"),
        ([1j], "'a' must be text, .*; row 0 has a=1j"),
        ([1.0, np.inf, -np.inf], r"'a' must be finite .*; row 1 has a=inf \(2 such rows\)"),
        ([10**400], "'a' must hold numbers below 1.8e308"),
        ([pd.Timestamp("2024-01-01"), None], "'a' must be text, .*; row 0 has a=Timestamp"),
    ],
)
def test_other_objects_are_refused(values, message):
    """Column, rule, first row, value and number of rows are said."""
    with pytest.raises(DataError, match=message):
        read_mixed(pd.DataFrame({"a": pd.Series(values, dtype=object)}))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.to_datetime(["2024-01-01"]), "'a' must hold numbers or categories, no dates"),
        (pd.to_timedelta([1], unit="D"), "'a' must hold numbers or categories, no dates"),
        (np.array([1j]), "Complex data not supported: column 'a'"),
        ([np.inf], "'a' must be finite"),
    ],
)
def test_other_dtypes_are_refused(values, message):
    """Dates are neither numbers nor categories."""
    with pytest.raises(DataError, match=message):
        read_mixed(pd.DataFrame({"a": values}))


def test_all_columns_are_read_where_none_are_named():
    """The first column of polars and pyarrow is the id, as pandas has an index."""
    assert list(read_mixed(FRAME).columns) == ["spent", "city", "vip"]
    for X in (POLARS, POLARS.to_arrow()):
        table = read_mixed(X)
        assert list(table.columns) == ["spent", "city", "vip"]
        assert list(table.index) == ["x", "y", "z"]


def test_an_id_that_is_read_labels_no_rows():
    """The first column of polars is data where it is named."""
    assert read_mixed(POLARS, ["customer_id", "spent"]).index is None


def test_optional_columns_are_read_where_they_are_there():
    """They come after those named, none twice."""
    table = read_mixed(FRAME, ["vip"], optional=("age", "spent", "vip"))
    assert list(table.columns) == ["vip", "spent"]


def test_columns_of_arrays_are_numbered_or_named():
    """Each column is numbers or categories by itself."""
    X = np.array([[1, "a"], [None, "b"]], dtype=object)
    table = read_mixed(X)
    assert list(table.columns) == ["x0", "x1"]
    np.testing.assert_array_equal(table["x0"], [1.0, np.nan])
    assert table["x1"].tolist() == ["a", "b"]
    assert table.kind == "array"
    assert table.index is None
    assert list(read_mixed(X, ["n", "t"]).columns) == ["n", "t"]


@pytest.mark.parametrize(
    ("X", "names", "message"),
    [
        (np.ones(3), None, "X must be a 2-D array .*1 dimension"),
        (np.ones((0, 2)), None, r"0 sample\(s\)"),
        (np.ones((2, 0)), None, r"0 feature\(s\)"),
        (np.ones((2, 3)), ["a", "b"], "X has 3 features, but this estimator is expecting 2"),
        ([[1, 2], [3]], None, "every row of one length"),
        (FRAME.iloc[:0], None, r"no rows \(0 sample\(s\)\)"),
        (FRAME[[]], None, r"at least one column to read; found 0 feature\(s\)"),
        (POLARS[["customer_id"]], None, r"at least one column to read; found 0 feature\(s\)"),
        (FRAME, ["spent", "age"], "needs the columns spent, age; missing: age; found: spent, city"),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            None,
            "column names must be unique; found more than once: a",
        ),
    ],
)
def test_tables_that_cannot_be_read_are_refused(X, names, message):
    """The message says what is needed and what was found."""
    with pytest.raises(DataError, match=message):
        read_mixed(X, names)


@pytest.mark.parametrize("X", ["text", {"a": [1]}, 5, None])
def test_what_is_no_table_is_refused(X):
    """Neither text nor mappings are tables."""
    with pytest.raises(TypeError, match="X must be a pandas, polars or pyarrow frame"):
        read_mixed(X)


def test_the_input_is_left_as_it_was():
    """Gaps become None in a copy."""
    X = pd.DataFrame({"a": pd.Series(["b", np.nan], dtype=object), "n": [1.0, 2.0]})
    read_mixed(X)["a"][0] = "changed"
    assert X["a"].isna().tolist() == [False, True]
    assert X["a"][0] == "b"
    assert isinstance(X["a"][1], float)


def test_rows_and_columns_can_be_taken():
    """Labels and notes go with the rows; columns come in the order named."""
    X = FRAME.copy()
    X.attrs["time_unit"] = "week"
    table = read_mixed(X)
    some = table.take(np.array([False, True, True]))
    assert some["city"].tolist() == [None, "Genf"]
    assert list(some.index) == ["y", "z"]
    assert some.attrs == {"time_unit": "week"}
    assert len(table.take(slice(1))) == 1
    chosen = table.select(["vip", "spent"])
    assert list(chosen.columns) == ["vip", "spent"]
    assert "city" not in chosen
    assert "vip" in chosen
    assert read_mixed(np.ones((3, 1))).take(slice(2)).index is None


def test_missing_is_nan_none_nat_and_na():
    """An empty text is not missing."""
    values = np.array([None, np.nan, pd.NaT, pd.NA, "", 0.0, False], dtype=object)
    assert is_missing(values).tolist() == [True] * 4 + [False] * 3


def test_bad_rows_are_named():
    """The first row is named with its label, and all are counted."""
    table = read_mixed(FRAME)
    reject(table, "city", np.zeros(3, dtype=bool), "known")
    message = r"column 'city' must be known; row 1 \(customer_id 'y'\) has city=None \(2 such rows"
    with pytest.raises(DataError, match=message):
        reject(table, "city", np.array([False, True, True]), "known")


def test_numbers_are_shown_without_their_type():
    """A NumPy number reads as Python writes it."""
    table = MixedTable({"n": np.array([1.5])}, "array", None, {})
    with pytest.raises(DataError, match=r"row 0 has n=1\.5 \(1 such row\)"):
        reject(table, "n", np.array([True]), "whole")
