"""Names of columns: there, once each, and one for every part."""

from __future__ import annotations

import pytest

from custvalue._tables.names import check_names
from custvalue.exceptions import DataError

WANTED = {"customer": "id", "date": "day"}


def test_names_that_are_there_pass():
    """Order and other columns do not matter, nor do names that are no text."""
    check_names(["x", "day", 7, "id"], WANTED, "The test")


def test_a_missing_column_is_named_with_what_was_found():
    """The message names who asks, what is needed, what is missing and what there is."""
    with pytest.raises(
        DataError, match=r"^The test needs the columns id, day; missing: day; found: a, id$"
    ):
        check_names(["a", "id"], WANTED, "The test")


def test_names_are_compared_letter_by_letter():
    """Capitals make another name."""
    with pytest.raises(DataError, match="missing: id, day; found: ID, Day"):
        check_names(["ID", "Day"], WANTED, "The test")


def test_a_double_column_is_named():
    """Only a column that is asked for must be there once."""
    check_names(["id", "day", "x", "x"], WANTED, "The test")
    with pytest.raises(DataError, match="unique; found more than once: day; the columns are id"):
        check_names(["id", "day", "day"], WANTED, "The test")


def test_one_column_cannot_play_two_parts():
    """The message says which parts were given the same column."""
    with pytest.raises(DataError, match="own for each part; found customer='id', date='id'"):
        check_names(["id"], {"customer": "id", "date": "id"}, "The test")


def test_numbered_parts_are_not_shown():
    """Parts such as c0 are the library's own: only their columns are named."""
    wanted = {"c0": "x", "c1": "x", "weight": "w"}
    with pytest.raises(DataError, match=r"for each part; found 'x', 'x', weight='w'$"):
        check_names(["x", "w"], wanted, "The test")


@pytest.mark.parametrize(
    ("n_columns", "ending"), [(0, "found: none$"), (25, "found: c0, .*c19 and 5 more$")]
)
def test_long_and_empty_lists_of_columns_are_readable(n_columns, ending):
    """At most twenty columns are listed."""
    with pytest.raises(DataError, match=ending):
        check_names([f"c{i}" for i in range(n_columns)], WANTED, "The test")
