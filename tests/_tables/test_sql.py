"""Names of dialects and tables."""

from __future__ import annotations

import pytest

from custvalue._tables.sql import checked_dialect, checked_table


def test_names_of_dialects_are_found_in_any_case():
    """sqlglot's own names, in small letters."""
    assert checked_dialect("DuckDB") == "duckdb"


@pytest.mark.parametrize("dialect", ["", "sequel", None, 3])
def test_what_is_no_dialect_is_refused(dialect):
    """The message gives examples and what was found."""
    with pytest.raises(ValueError, match=f"dialect must name .* found {dialect!r}$"):
        checked_dialect(dialect)


def test_names_of_tables_have_one_to_three_parts():
    """A name alone is one part, whatever dots are in it."""
    assert checked_table("a.b") == ("a.b",)
    assert checked_table(["s", "t"]) == ("s", "t")
    assert checked_table(("c", "s", "t")) == ("c", "s", "t")


@pytest.mark.parametrize("table", ["", [], ["a", ""], ["a", "b", "c", "d"], None, 3, ["a", 1]])
def test_what_is_no_name_of_a_table_is_refused(table):
    """No part may be empty or anything but text."""
    with pytest.raises(ValueError, match="table must be a name, or a sequence"):
        checked_table(table)
