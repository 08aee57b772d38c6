"""Names of columns of every kind of table."""

from __future__ import annotations

import pytest

from custvalue._tables.columns import names_of_columns
from custvalue.exceptions import DataError
from support.order_lines import random_lines
from support.order_logs import KINDS, as_input


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_columns_are_found(kind, tmp_path):
    """Frames, files, relations and Ibis tables tell their columns before they are read."""
    lines = random_lines(10, 3, 0)
    assert names_of_columns(as_input(lines, kind, tmp_path)) == list(lines.columns)


def test_what_is_no_table_has_no_columns():
    """The door says later that it is none."""
    assert names_of_columns(None) == names_of_columns([[1.0]]) == []


def test_a_missing_file_is_said(tmp_path):
    """The error names the path."""
    with pytest.raises(DataError, match=r"none\.parquet"):
        names_of_columns(tmp_path / "none.parquet")
