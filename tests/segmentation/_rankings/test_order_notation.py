"""Order notation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import read_mixed
from custvalue.exceptions import DataError
from custvalue.segmentation._rankings.order_notation import (
    chosen_items,
    levels_of_order,
    reject_rows,
)


def table(rows: list):
    """Return rows of choices as the door reads them."""
    return read_mixed(pd.DataFrame(rows, index=pd.Index(list("pqr")[: len(rows)], name="who")))


def test_a_level_is_the_place_of_the_choice():
    """Names and numbers are found in the items, and an item not chosen is -1."""
    items, expected = ("a", "b", "c"), [[1, -1, 0], [-1, 0, -1]]
    assert levels_of_order(table([["c", "a"], ["b", None]]), items).tolist() == expected
    assert levels_of_order(table([[3, 1], [2, np.nan]]), items).tolist() == [
        [1, -1, 0],
        [-1, 0, -1],
    ]


def test_a_column_without_any_choice_is_no_obstacle():
    """A third place that nobody filled is read as missing, beside names or numbers."""
    assert chosen_items(table([["a", "b", None], ["b", "a", None]])) == ("a", "b")
    assert chosen_items(table([[1, 2, None], [2, 1, None]])) == ("1", "2")
    assert levels_of_order(table([[1, 2, None]]), ("1", "2")).tolist() == [[0, 1]]


def test_the_message_shows_the_whole_row():
    """The rule, the row, its label, its values and the number of such rows."""
    with pytest.raises(DataError) as caught:
        reject_rows(table([[1.0, 2.5], [np.nan, 3.0]]), np.array([False, True]), "be good")
    assert str(caught.value) == "be good; row 1 (who 'q') has (missing, 3) (1 such row)"
