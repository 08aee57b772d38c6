"""The baseline of customer value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.door import read_table
from custvalue.service._customer_value_baseline import baseline_row, baseline_value, sides


def table(index=None):
    """Return three rows of benefits and costs."""
    frame = pd.DataFrame({"b": [1.0, 2.0, 6.0], "c": [1.0, 1.0, 4.0]}, index=index)
    return read_table(frame, ("b", "c"))


def test_the_mean_is_that_of_the_columns_with_weights():
    """3 and 2; the last row twice makes 3.75 and 2.5."""
    assert baseline_row("mean", table(), None).to_dict() == {"b": 3.0, "c": 2.0}
    weighted = baseline_row("mean", table(), np.array([1.0, 1.0, 2.0]))
    assert weighted.to_dict() == {"b": 3.75, "c": 2.5}


def test_a_label_is_a_row():
    """By name, by number, and by position in an array."""
    assert baseline_row("y", table(list("xyz")), None).to_dict() == {"b": 2.0, "c": 1.0}
    assert baseline_row(2, table(), None)["b"] == 6.0
    array = read_table(np.array([[1.0, 1.0], [5.0, 2.0]]), ("b", "c"))
    assert baseline_row(1, array, None).to_dict() == {"b": 5.0, "c": 2.0}
    pairs = pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1)])
    assert baseline_row(("y", 1), table(pairs), None)["b"] == 6.0


def test_a_dict_has_the_columns():
    """Numbers of a row that need not be in the table; None is no row."""
    assert baseline_row({"c": 2, "b": 5}, table(), None).to_dict() == {"b": 5.0, "c": 2.0}
    assert baseline_row(None, table(), None) is None


@pytest.mark.parametrize(
    ("baseline", "index", "message"),
    [
        ("q", list("xyz"), "found 'q', which 0 rows have"),
        ("x", list("xxz"), "found 'x', which 2 rows have"),
        (7, None, "found 7, which 0 rows have"),
        ({"b": 1.0}, None, "dict with the columns b, c; found"),
        ({"b": 1.0, "c": np.inf}, None, "finite numbers"),
        ({"b": "x", "c": 1.0}, None, "finite numbers; found 'x'"),
        ({"b": True, "c": 1.0}, None, "finite numbers; found True"),
        ({"b": -1.0, "c": -2.0}, None, "must not be negative for c; found"),
    ],
)
def test_a_baseline_that_is_no_row_is_refused(baseline, index, message):
    """It is named with the number of rows that it fits."""
    with pytest.raises(ValueError, match=message):
        baseline_row(baseline, table(index), None, ("c",))


def test_the_value_of_breaking_even():
    """Ratio 1, net value 0."""
    assert baseline_value(None, ("b",), ("c",), "ratio") == 1.0
    assert baseline_value(None, ("b",), ("c",), "net") == 0.0


@pytest.mark.parametrize("row", [{"b": 0.0, "c": 1.0}, {"b": -1.0, "c": 1.0}, {"b": 1.0, "c": 0.0}])
def test_nothing_is_relative_to_a_quotient_of_nothing(row):
    """A baseline of zero, below zero or without cost is refused, but not for the net value."""
    with pytest.raises(ValueError, match="baseline must have a positive and finite value"):
        baseline_value(pd.Series(row), ("b",), ("c",), "ratio")
    assert baseline_value(pd.Series(row), ("b",), ("c",), "net") == row["b"] - row["c"]


def test_the_mean_of_the_largest_numbers_is_no_overflow():
    """Their sum is beyond the range, their mean is not."""
    frame = pd.DataFrame({"b": [1.7e308, 1.5e308], "c": [1.0, 3.0]})
    for weights in (None, np.array([1.0, 1.0]), np.array([5.0, 5.0])):
        row = baseline_row("mean", read_table(frame, ("b", "c")), weights)
        assert row.to_dict() == pytest.approx({"b": 1.6e308, "c": 2.0}, rel=1e-15)


def test_products_out_of_range_are_scaled_alike():
    """1e200 squared over 2e200 squared is a quarter; 1e-200 squared is not 0."""
    for size in (1e200, 1e-200):
        columns = {name: np.array([size, 1.0]) for name in "pq"}
        columns |= {name: np.array([2 * size, 2.0]) for name in "rs"}
        gain, burden = sides(columns, ("p", "q"), ("r", "s"), "quality_service")
        assert (gain / burden).tolist() == pytest.approx([0.25, 0.25], rel=1e-15)
        assert gain[1] == 1.0


def test_sides_are_sums_or_products():
    """Benefits and costs are added; quality x service and cost x time are multiplied."""
    columns = {
        name: np.array([value]) for name, value in zip("pqrs", (2.0, 3.0, 4.0, 5.0), strict=True)
    }
    assert [float(side[0]) for side in sides(columns, ("p", "q"), ("r", "s"), "net")] == [5.0, 9.0]
    found = sides(columns, ("p", "q"), ("r", "s"), "quality_service")
    assert [float(side[0]) for side in found] == [6.0, 20.0]
