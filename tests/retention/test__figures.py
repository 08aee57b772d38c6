"""Numbers, arrays and Series as one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.retention._figures import are_endless, put_endless, read_figures


def test_a_number_stands_for_every_row():
    """The Series among the figures gives the index."""
    table = read_figures({"a": 1, "b": pd.Series([2, 3], index=["x", "y"]), "c": [4, 5]}, "it")
    assert list(table.index) == ["x", "y"]
    assert [table[name].tolist() for name in "abc"] == [[1, 1], [2, 3], [4, 5]]


def test_numbers_alone_are_one_row():
    """There is nothing to repeat."""
    assert len(read_figures({"a": 1, "b": np.float32(2.5)}, "it")) == 1


@pytest.mark.parametrize(
    ("figures", "error", "message"),
    [
        ({"a": [1, 2], "b": [1]}, ValueError, r"it needs numbers or 1-D arrays of one length; fou"),
        ({"a": [[1]]}, ValueError, r"found a of shape \(1, 1\)"),
        ({"a": 1, "b": [[1], [1, 2]]}, ValueError, "it needs .*; found b with parts of different"),
        ({"a": [1.0, np.inf]}, DataError, "column 'a' must be finite .* row 1 has a=inf"),
        ({"a": pd.Series([1]), "b": pd.Series([1], index=["x"])}, ValueError, "another in b than"),
        ({"a": [1.0, np.nan]}, DataError, "column 'a' must be finite .* row 1 has a=nan"),
        ({"a": None}, DataError, "column 'a' must be a number; row 0 has a=None"),
        ({"a": []}, DataError, "it needs at least one row"),
    ],
)
def test_figures_that_do_not_fit_are_refused(figures, error, message):
    """The message names the figure and what was found."""
    with pytest.raises(error, match=message):
        read_figures(figures, "it")


@pytest.mark.parametrize("years", [[np.inf, 2.5], pd.Series([np.inf, 2.5]), ["inf", 2.5]])
def test_one_figure_may_be_without_end(years):
    """inf stays inf there; text is no number there either."""
    if "inf" in list(years):
        with pytest.raises(DataError, match="must be a number; row 0 has years='inf'"):
            read_figures({"years": years}, "it", endless="years")
    else:
        table = read_figures({"years": years, "a": 1}, "it", endless="years")
        assert table["years"].tolist() == [np.inf, 2.5]
    assert read_figures({"years": np.inf}, "it", endless="years")["years"].tolist() == [np.inf]
    assert "years" not in read_figures({"a": 1}, "it", endless="years")


def test_only_inf_is_without_end():
    """Neither minus infinity, nor what is missing, nor what is no number."""
    assert are_endless(np.array([np.inf, -np.inf, np.nan, 1.0])).tolist() == [True] + [False] * 3
    mixed = np.array([np.float32(np.inf), None, "inf", np.inf], dtype=object)
    assert are_endless(mixed).tolist() == [True, False, False, True]
    assert are_endless(np.array([1, 2])).tolist() == [False, False]


def test_inf_is_put_where_it_was():
    """In a table of its own; the one given stays."""
    table = read_table(pd.DataFrame({"a": [1.0, 2.0], "b": 3.0}), ("a", "b"))
    found = put_endless(table, "b", np.array([False, True]))
    assert found["b"].tolist() == [3.0, np.inf]
    assert table["b"].tolist() == [3.0, 3.0]
