"""Tables of customers as the cost of lost sales reads them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_table import Columns, by_component, read_customers

COUNTED = Columns(
    failures=("late", "short"),
    orders=None,
    rates=None,
    value="value",
    leaving=None,
    history=("alive", "failed"),
    labels=("group", "group"),
)
RATED = replace(COUNTED, orders="orders", rates=("late_rate", 0.01), history=(), labels=())


def table(**changes) -> pd.DataFrame:
    """Return two customers, with some columns changed."""
    columns = {
        "late": [1, 0],
        "short": [0, 2],
        "value": [5.0, -1.0],
        "alive": [1, 0],
        "failed": [True, False],
        "group": ["a", "b"],
        "orders": [3, 4],
        "late_rate": [0.1, 0.2],
        "leaving": [0.3, 0.4],
    }
    return pd.DataFrame(columns | changes)


def test_columns_stand_in_the_order_of_an_array():
    """Failures, orders, rates, value, leaving probability."""
    assert COUNTED.amounts == ("late", "short", "value")
    every = replace(RATED, leaving="leaving")
    assert every.amounts == ("orders", "late_rate", "value", "leaving")
    assert replace(COUNTED, orders="orders").amounts == ("late", "short", "orders", "value")


def test_counts_happen_and_rates_are_chances_per_order():
    """Counted failures have chance 1; expected ones have as many trials as orders."""
    counted = read_customers(table(), COUNTED, fit=True, owner="Me").exposure(COUNTED)
    assert counted.failures.tolist() == [[1.0, 0.0], [0.0, 2.0]]
    rated = read_customers(table(), RATED, fit=True, owner="Me").exposure(RATED)
    np.testing.assert_allclose(rated.failures, [[0.3, 0.03], [0.8, 0.04]])


def test_histories_and_groups_are_for_a_fit_alone():
    """A table without them is answered; an array may have the histories or not."""
    short = table()[["value", "late", "short"]]
    assert list(read_customers(short, COUNTED, fit=False, owner="Me").table.columns) == [
        "late",
        "short",
        "value",
    ]
    for width in (3, 4, 5):
        found = read_customers(np.ones((2, width)), COUNTED, fit=False, owner="Me")
        assert len(found.read.columns) == 3
    read = read_customers(table(), COUNTED, fit=True, owner="Me").read
    assert list(read.columns) == ["late", "short", "value", "alive", "failed", "group"]


@pytest.mark.parametrize(
    ("columns", "changes", "message"),
    [
        (COUNTED, {"late": [1, -1]}, "late must not be negative; row 1 has late=-1.0"),
        (RATED, {"orders": [-1, 1]}, "orders must not be negative; row 0"),
        (RATED, {"late_rate": [0.1, 5.0]}, "late_rate must be from 0 to 1; row 1"),
        (
            replace(COUNTED, leaving="leaving"),
            {"leaving": [0.3, -0.1]},
            "leaving must be from 0 to",
        ),
        (COUNTED, {"alive": [1, 2]}, r"alive must be 1 or 0 .* row 1 has alive=2.0 \(1 such row\)"),
        (COUNTED, {"failed": [0.5, 1]}, "failed must be 1"),
        (COUNTED, {"group": ["a", None]}, "'group' must be known for every customer; row 1"),
        (COUNTED, {"value": [1.0, np.nan]}, "'value' must be finite"),
    ],
)
def test_wrong_columns_are_refused(columns, changes, message):
    """Each rule names column, row and value."""
    with pytest.raises(DataError, match=message):
        read_customers(table(**changes), columns, fit=True, owner="Me")


def test_groups_of_an_array_are_refused():
    """An array of numbers has no column of groups."""
    with pytest.raises(DataError, match=r"from a frame only; found an array, .* 'group'"):
        read_customers(np.ones((2, 5)), COUNTED, fit=True, owner="Me")


def test_two_parameters_do_not_share_a_column():
    """The same name twice is an error, but for the groups."""
    COUNTED.require_distinct()
    with pytest.raises(ValueError, match="found twice: 'late'"):
        replace(COUNTED, value="late").require_distinct()


@pytest.mark.parametrize(
    ("given", "components", "message"),
    [
        (0.1, ("late",), "must be a dict with the components late; found 0.1"),
        ({"late": 0.1}, (), r"components \(none\)"),
        ({"late": 0.1}, ("late", "short"), "components late, short; found"),
        ({"late": 1.5}, ("late",), "must hold numbers from 0 to 1 or names of columns; found 1.5"),
        ({"late": None}, ("late",), "found None"),
        ({"late": True}, ("late",), "found True"),
    ],
)
def test_what_is_given_by_component_is_checked(given, components, message):
    """A dict has every component and nothing else."""
    with pytest.raises(ValueError, match=message):
        by_component(given, components, "failure_rate")
    with pytest.raises(ValueError, match="numbers from 0 to 1; found 'x'"):
        by_component({"late": "x"}, ("late",), "leaving_probability", columns=False)


def test_one_number_or_column_needs_no_component():
    """None stays None."""
    assert by_component(0.1, (), "failure_rate") == (0.1,)
    assert by_component("rate", (), "failure_rate") == ("rate",)
    assert by_component(None, ("late",), "failure_rate") is None
