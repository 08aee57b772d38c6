"""The door for surveys reads every kind of table as numbers with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue._estimator.ratings import BLOCK_ROWS, Ratings, read_ratings
from custvalue.exceptions import DataError

FRAME = pd.DataFrame(
    {"speed": [5.0, np.nan, 3.0], "price": [1, 2, 3], "again": [True, False, None]},
    index=pd.Index(["x", "y", "z"], name="customer_id"),
)
POLARS = pl.DataFrame(
    {
        "customer_id": list("xyz"),
        "speed": [5.0, None, 3.0],
        "price": [1, 2, 3],
        "again": [True, False, None],
    }
)


@pytest.mark.parametrize("X", [FRAME, POLARS, POLARS.to_arrow(), FRAME.astype(object)])
def test_every_kind_of_frame_gives_the_same_numbers(X):
    """Gaps are NaN, True and False are 1 and 0, all of float64."""
    ratings = read_ratings(X, ["speed", "price", "again"])
    expected = [[5, 1, 1], [np.nan, 2, 0], [3, 3, np.nan]]
    np.testing.assert_array_equal(ratings.block(slice(None)), expected)
    assert ratings.items == ["speed", "price", "again"]
    assert ratings.n_missing().tolist() == [1, 0, 1]
    assert len(ratings) == 3
    assert list(ratings.index) == ["x", "y", "z"]


def test_all_columns_are_items_where_none_is_named():
    """All of a pandas frame, all but the id of another, numbered ones of an array."""
    assert read_ratings(FRAME).items == read_ratings(POLARS).items == ["speed", "price", "again"]
    assert read_ratings(FRAME[["speed", "price"]].to_numpy()).items == ["x0", "x1"]


def test_optional_columns_are_read_where_they_are_there():
    """A column that is not there is no error."""
    ratings = read_ratings(FRAME, ["price"], optional=["speed", "weight"])
    assert ratings.items == ["price", "speed"]


def test_numbers_are_seen_not_copied():
    """Columns of float64 are views that cannot be written to; blocks are copies that can."""
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"])
    ratings = read_ratings(frame)
    assert np.shares_memory(ratings["a"], frame["a"].to_numpy())
    with pytest.raises(ValueError, match="read-only"):
        ratings["a"][0] = 9.0
    block = ratings.block(slice(0, 2))
    block[0, 0] = 9.0
    assert ratings["a"][0] == 0.0


def test_rows_and_items_can_be_picked():
    """Rows by a mask or by places, items by name, labels with them."""
    ratings = read_ratings(FRAME)
    some = ratings.take(np.array([True, False, True])).select(["price"])
    assert some.items == ["price"]
    assert some["price"].tolist() == [1.0, 3.0]
    assert list(some.index) == ["x", "z"]
    assert ratings.take(np.array([2, 0]))["price"].tolist() == [3.0, 1.0]
    assert read_ratings(np.ones((3, 2))).take(np.array([0])).index is None


def test_blocks_come_by_once_and_in_order():
    """All rows, in blocks of the size asked for; the last may be shorter."""
    ratings = read_ratings(np.arange(14.0).reshape(7, 2))
    places, blocks = zip(*ratings.blocks(3), strict=True)
    assert [(one.start, one.stop) for one in places] == [(0, 3), (3, 6), (6, 7)]
    np.testing.assert_array_equal(np.vstack(blocks), np.arange(14.0).reshape(7, 2))
    many = Ratings({"a": np.zeros(BLOCK_ROWS + 1)}, "array", None)
    assert [len(block) for _, block in many.blocks()] == [BLOCK_ROWS, 1]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (FRAME.assign(speed=["a", "b", "a"]), r"'speed' must be a number; row 0"),
        (FRAME.assign(speed=[1, np.inf, 2]), r"'speed' must be finite \(no infinity\); row 1"),
        (FRAME.iloc[:0], "this survey needs at least one row"),
        (FRAME.drop(columns="price"), "this survey needs the columns .* missing: price"),
    ],
)
def test_what_is_no_rating_is_refused(X, message):
    """The message names the column, the rule, the first row and who asks."""
    with pytest.raises(DataError, match=message):
        read_ratings(X, ["speed", "price"], owner="this survey")


def test_a_column_without_answers_is_all_gaps():
    """An item that nobody answered is no error here."""
    frame = FRAME.assign(speed=[None, None, None])
    assert np.isnan(read_ratings(frame)["speed"]).all()


def test_gaps_are_refused_where_they_are_not_wanted():
    """The message names the first item with a gap, the row, the number and the ways out."""
    message = r"'speed' must be finite .* row 1 \(customer_id 'y'\) has speed=nan \(1 such row\)"
    with pytest.raises(DataError, match=message):
        read_ratings(FRAME).refuse_gaps()
    read_ratings(FRAME[["price"]]).refuse_gaps()
