"""Reading a table of products."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.service._products import find_profit, read_products, require_distinct

GOOD = {"profit": [5.0, 3.0], "importance": [1, 3]}


@pytest.mark.parametrize("build", [pd.DataFrame, pl.DataFrame, pa.table])
def test_the_column_that_is_there_is_found(build):
    """Profit or ready ranks, in every kind of frame."""
    assert find_profit(build(GOOD), "profit", "rank", owner="Me") == "profit"
    assert find_profit(build({**GOOD, "rank": [1, 2]}), None, "rank", owner="Me") == "rank"


def test_the_first_column_of_an_array_is_the_first_named():
    """Profit unless it is None."""
    assert find_profit(np.ones((2, 2)), "profit", "rank", owner="Me") == "profit"
    assert find_profit(np.ones((2, 2)), None, "rank", owner="Me") == "rank"


def test_two_columns_are_not_chosen_between():
    """A table with profit and ranks is refused rather than half read."""
    X = pd.DataFrame({**GOOD, "rank": [1, 2]})
    with pytest.raises(DataError, match=r"Me must be told .* both 'profit' and 'rank'"):
        find_profit(X, "profit", "rank", owner="Me")


def test_neither_column_says_what_was_found():
    """The message names both candidates and the columns there are."""
    X = pd.DataFrame({"margin": [1.0], "importance": [1]})
    with pytest.raises(DataError, match="Me needs a column 'profit' or 'rank'; found: margin, im"):
        find_profit(X, "profit", "rank", owner="Me")


@pytest.mark.parametrize("names", [(None, None), ("profit", "profit")])
def test_the_names_must_be_one_or_two_different_columns(names):
    """No name, or one name for both, is a wrong parameter."""
    with pytest.raises(ValueError, match=f"different columns; found profit={names[0]!r}"):
        find_profit(pd.DataFrame(GOOD), *names, owner="Me")


@pytest.mark.parametrize(
    ("column", "values", "by_rank", "message"),
    [
        (
            "importance",
            [1, 4],
            False,
            r"must be 1, 2 or 3; row 1 has importance=4.0 \(1 such row\)",
        ),
        ("importance", [0, 0], False, r"row 0 has importance=0.0 \(2 such rows\)"),
        ("importance", [1, 1.5], False, "row 1 has importance=1.5"),
        ("importance", [1, np.nan], False, "'importance' must be finite .*row 1"),
        ("importance", ["low", "high"], False, "'importance' must be a number; row 0"),
        ("profit", [1.0, np.nan], False, "'profit' must be finite"),
        ("profit", [1.0, np.inf], False, "'profit' must be finite"),
        ("profit", [0, 1], True, "profit must be a whole number from 1 .*; row 0 has profit=0.0"),
        ("profit", [1, 2.5], True, "row 1 has profit=2.5"),
        ("profit", [1, 2e9], True, "from 1 to 1,000,000,000; row 1 has profit=2000000000.0"),
    ],
)
def test_values_outside_their_scale_are_refused(column, values, by_rank, message):
    """Importance is 1, 2 or 3, a rank a whole number from 1, profit any finite number."""
    X = pd.DataFrame({**GOOD, column: values})
    with pytest.raises(DataError, match=message):
        read_products(X, "profit", "importance", by_rank=by_rank, owner="Me")


def test_a_product_that_comes_twice_is_named():
    """The second row of a product is named, with the row that it repeats."""
    index = pd.Index(["A", "B", "A", "A"], name="product")
    table = read_table(pd.DataFrame({"profit": range(4)}, index=index), ["profit"])
    message = r"row 2 \(product 'A'\) repeats row 0 \(2 such rows\)"
    with pytest.raises(DataError, match=message):
        require_distinct(table)


def test_distinct_products_and_arrays_pass():
    """Different labels are fine, and an array has none to repeat."""
    require_distinct(read_table(pd.DataFrame({"profit": [1.0, 1.0]}), ["profit"]))
    require_distinct(read_table([[1.0], [1.0]], ["profit"]))
