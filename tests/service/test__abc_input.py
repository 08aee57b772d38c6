"""Tables of an ABC analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError
from custvalue.service._abc_input import Columns, read_items, read_last_classes

COLUMNS = Columns("value", ("q1",), "last")


def test_an_array_may_end_with_the_last_class():
    """Numbers are read from the columns before; without the last column it is too narrow to cut."""
    X = np.array([[1.0, 2.0, "A"]], dtype=object)
    table = read_items(X, COLUMNS, owner="ABC")
    assert (table["value"].item(), table["q1"].item()) == (1.0, 2.0)
    assert len(read_items(X[:, :2], COLUMNS, owner="ABC")) == 1
    with pytest.raises(DataError, match="expecting 2 features"):
        read_items(X[:, :1], COLUMNS, owner="ABC")


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series(["A", "C", None]),
        pd.Series(["A", "C", None], dtype="category"),
        pd.Series(["A", "C", pd.NA], dtype="string"),
    ],
)
def test_last_classes_are_text_or_missing(labels):
    """In each manner that pandas and polars store text."""
    X = pd.DataFrame({"last": labels})
    assert read_last_classes(X, "last", "ABC", owner="ABC").tolist() == [0, 2, -1]
    frame = pl.DataFrame({"id": [1, 2, 3], "last": ["A", "C", None]})
    assert read_last_classes(frame, "last", "ABC", owner="ABC").tolist() == [0, 2, -1]


def test_no_class_known_is_no_class():
    """A column of gaps alone is one of new items; numbers are no classes."""
    gaps = pd.DataFrame({"last": [np.nan, np.nan]})
    assert read_last_classes(gaps, "last", "ABC", owner="ABC").tolist() == [-1, -1]
    with pytest.raises(DataError, match=r"'last' must be a class, one of A, B, C, or missing; row"):
        read_last_classes(pd.DataFrame({"last": [1.0, 2.0]}), "last", "ABC", owner="ABC")


def test_one_column_cannot_play_two_parts():
    """The message lists all names."""
    COLUMNS.require_different()
    with pytest.raises(ValueError, match="different columns; found 'value', 'last', 'last'"):
        Columns("value", ("last",), "last").require_different()
