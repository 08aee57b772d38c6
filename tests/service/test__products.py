"""Reading a table of products."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.service._products import (
    find_profit,
    read_losses,
    read_portfolio,
    read_products,
    require_distinct,
    require_sum,
    weighed_profits,
)

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


def test_a_customer_value_is_read_beside_and_not_negative():
    """The third column is there where it is named, and a negative value is refused."""
    X = pd.DataFrame({**GOOD, "value": [0.0, 7.0]})
    table = read_products(
        X, "profit", "importance", by_rank=False, owner="Me", customer_value="value"
    )
    assert table["value"].tolist() == [0.0, 7.0]
    assert "value" not in read_products(X, "profit", "importance", by_rank=False, owner="Me")
    with pytest.raises(DataError, match="value must not be negative; row 1 has value=-7.0"):
        read_products(
            X.assign(value=[0.0, -7.0]),
            "profit",
            "importance",
            by_rank=False,
            owner="Me",
            customer_value="value",
        )


def test_a_portfolio_has_volumes_from_zero():
    """A volume of nothing is fine, a negative one is not."""
    good = pd.DataFrame({"volume": [0, 3], "profit": [-1.0, 2.0]})
    assert read_portfolio(good, "volume", "profit", owner="Me")["volume"].tolist() == [0, 3]
    with pytest.raises(DataError, match=r"volume must not be negative; row 1 .*\(1 such row\)"):
        read_portfolio(good.assign(volume=[0, -3]), "volume", "profit", owner="Me")


def test_losses_are_one_number_per_row_or_unknown():
    """NaN is not known; another length, text and infinity are refused."""
    found = read_losses([0.5, np.nan], 2)
    assert found[0] == 0.5
    assert np.isnan(found[1])
    with pytest.raises(
        DataError, match=r"shape \(2,\), one number per row of X; found shape \(1,\)"
    ):
        read_losses([0.5], 2)
    with pytest.raises(DataError, match="lost must hold numbers"):
        read_losses(["much", "little"], 2)
    with pytest.raises(DataError, match=r"must not be infinite; row 1 has inf \(1 such row\)"):
        read_losses([0.5, np.inf], 2)


def test_losses_in_a_series_are_put_in_the_order_of_the_rows():
    """By label, where there are labels; labels that fit no row or two are refused."""
    index = pd.Index(["b", "a"], name="product")
    lost = pd.Series([1.0, 2.0], index=["a", "b"])
    assert read_losses(lost, 2, index).tolist() == [2.0, 1.0]
    assert read_losses(lost, 2, None).tolist() == [1.0, 2.0]
    assert read_losses(lost, 2, pd.Index(["a", "b"])).tolist() == [1.0, 2.0]
    assert read_losses(pd.Series([1.0, 2.0], index=["a", "a"]), 2, pd.Index(["a", "a"]))[1] == 2.0
    with pytest.raises(DataError, match=r"row 0 \(product 'b'\) is not among them \(1 such row\)"):
        read_losses(lost.set_axis(["a", "c"]), 2, index)
    with pytest.raises(DataError, match="lost must have each label once"):
        read_losses(lost.set_axis(["a", "a"]), 2, index)


def test_values_must_have_a_sum():
    """Of either sign, since any of them may be taken together."""
    require_sum(np.array([1e308, -1.0]), "volume")
    with pytest.raises(DataError, match="volume must have a sum below .* largest of 2 is 1e.308"):
        require_sum(np.array([1e308, -1e308]), "volume")


def test_weighed_profits_are_finite_but_for_losses_on_nobody():
    """A profit or a loss too large is refused with both numbers."""
    X = pd.DataFrame({"profit": [2.0, -2.0, -1.0], "value": [3.0, 4.0, 0.0]})
    table = read_table(X, ["profit", "value"])
    assert weighed_profits(table, "profit", "value").tolist() == [6.0, -0.5, -np.inf]
    large = read_table(X.assign(profit=[1.0, -1e300, -1.0], value=1e-300), ["profit", "value"])
    with pytest.raises(DataError, match=r"row 1 has profit=-1e.300, value=1e-300 \(1 such row\)"):
        weighed_profits(large, "profit", "value")
