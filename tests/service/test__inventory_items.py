"""Reading a table of items in stock."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._inventory_items import (
    check_target,
    item_columns,
    items_of,
    read_items,
    read_target,
    refuse_unseen,
    require_named,
)

NAMES = {
    "demand": "normal",
    "measure": "cycle",
    "target": None,
    "history": None,
    "demand_mean": "mean",
    "demand_sd": "sd",
    "lead_time": "time",
    "lead_time_sd": "time_sd",
    "order_quantity": "lot",
    "safety_stock": "stock",
    "reorder_point": None,
}


def columns(**changes):
    """Return the columns that some parameters ask for."""
    return item_columns(**(NAMES | changes))


@pytest.mark.parametrize(
    ("changes", "required", "optional"),
    [
        ({}, ["mean", "sd", "time", "stock"], ["time_sd", "lot"]),
        ({"target": 0.9}, ["mean", "sd", "time"], ["time_sd", "lot"]),
        ({"target": "goal"}, ["mean", "sd", "time", "goal"], ["time_sd", "lot"]),
        ({"reorder_point": "point"}, ["mean", "sd", "time", "point"], ["time_sd", "lot"]),
        ({"demand": "poisson"}, ["mean", "time", "stock"], ["time_sd", "lot"]),
        ({"history": ["a", "b"]}, ["a", "b", "time", "stock"], ["time_sd", "lot"]),
        ({"target": 0.9, "measure": "fill_rate"}, ["mean", "sd", "time", "lot"], ["time_sd"]),
        ({"lead_time_sd": None, "order_quantity": None}, ["mean", "sd", "time", "stock"], []),
    ],
)
def test_the_columns_follow_from_the_parameters(changes, required, optional):
    """What is needed, and what is read where it is there, in the order of an array."""
    found = columns(**changes)
    assert found.required == required
    assert found.optional == optional


@pytest.mark.parametrize("target", [None, "goal", 1e-6, 0.5, 1, 1.0])
def test_shares_and_columns_are_targets(target):
    """Above 0 and up to 1."""
    check_target(target)


@pytest.mark.parametrize(("target", "hint"), [(95, True), (1.5, True), (0, False), (250.0, False)])
def test_other_targets_are_refused_with_a_hint_at_per_cent(target, hint):
    """What lies between 1 and 100 looks like per cent."""
    with pytest.raises(ValueError, match="must be above 0 and at most 1") as error:
        check_target(target)
    assert ("looks like per cent" in str(error.value)) is hint


def test_items_are_what_the_table_says():
    """The review period is added to the lead time; what is not there is 0 or None."""
    X = pd.DataFrame({"mean": [5.0], "sd": [2.0], "time": [3.0], "stock": [1.0]})
    table = read_items(X, columns(), None, owner="Me")
    found = items_of(table, columns(), "normal", 1.5)
    assert (found.mean[0], found.sd[0], found.time[0], found.time_sd[0]) == (5.0, 2.0, 4.5, 0.0)
    assert found.order_quantity is None
    assert found.history is None


def test_a_history_of_equal_numbers_has_no_spread():
    """0.1 three times does not vary, whatever the rounding of the mean."""
    X = pd.DataFrame({"a": [0.1], "b": [0.1], "c": [0.1], "time": [1.0], "stock": [1.0]})
    wanted = columns(history=["a", "b", "c"])
    found = items_of(read_items(X, wanted, None, owner="Me"), wanted, "normal", 0.0)
    assert found.sd.tolist() == [0.0]


def test_targets_of_items_name_the_first_that_is_wrong():
    """Its row and the number of such rows."""
    X = pd.DataFrame({"mean": 1.0, "sd": 1.0, "time": 1.0, "goal": [0.9, 0.0, 0.0]})
    wanted = columns(target="goal")
    table = read_items(X, wanted, None, owner="Me")
    with pytest.raises(DataError, match=r"goal must be above 0 .*; row 1 has goal=0.0 \(2 such"):
        read_target(table, "goal")
    assert read_target(table, 0.9).tolist() == [0.9] * 3


def test_only_the_columns_of_fit_are_read_again():
    """A lead time's spread that fit did not see is not read later."""
    X = pd.DataFrame({"mean": [1.0], "sd": [0.1], "time": [1.0], "stock": [1.0], "time_sd": [9.0]})
    table = read_items(X, columns(), ["mean", "sd", "time", "stock"], owner="Me")
    assert list(table.columns) == ["mean", "sd", "time", "stock"]
    assert items_of(table, columns(), "normal", 0.0).time_sd.tolist() == [0.0]


def test_a_history_must_be_longer_than_a_window():
    """By as many periods as are asked for."""
    X = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [4.0], "time": [2.0], "stock": [1.0]})
    wanted = columns(history=["a", "b", "c"], demand="empirical")
    table = read_items(X, wanted, None, owner="Me")
    assert len(items_of(table, wanted, "empirical", 0.0)) == 1
    with pytest.raises(
        DataError, match="3 periods, must have 2 more than time .*; row 0 has time="
    ):
        items_of(table, wanted, "empirical", 0.0, beyond=2)
    assert np.isfinite(items_of(table, wanted, "gamma", 9.0).sd).all()


def test_a_column_with_a_name_of_its_own_must_be_there():
    """The default names are looked for, others are asked for."""
    X = pd.DataFrame({"mean": [1.0], "sd": [0.1], "time": [1.0], "stock": [1.0]})
    wanted = columns(order_quantity="order_quantity")
    assert wanted.named == {"lead_time_sd": "time_sd"}
    table = read_items(X, wanted, None, owner="Me")
    with pytest.raises(DataError, match="Me needs the column 'time_sd', which lead_time_sd names"):
        require_named(table, wanted, owner="Me")
    plain = columns(lead_time_sd="lead_time_sd", order_quantity=None)
    require_named(table, plain, owner="Me")


def test_the_width_of_an_array_must_tell_its_columns():
    """One of two optional columns is open, unless just one has a name of its own."""
    X = np.array([[5.0, 2.0, 3.0, 1.0, 9.0]])
    default = {"lead_time_sd": "lead_time_sd", "order_quantity": "order_quantity"}
    for changes in ({}, default):
        message = "Me cannot tell which of 'l?.* and 'l?o.* the last is"
        with pytest.raises(DataError, match=f"X has 5 features, and {message}"):
            read_items(X, columns(**changes), None, owner="Me")
    for changes, last in (
        ({"lead_time_sd": None}, "lot"),
        ({"order_quantity": None}, "time_sd"),
        ({"lead_time_sd": "lead_time_sd"}, "lot"),
    ):
        assert list(read_items(X, columns(**changes), None, owner="Me").columns)[-1] == last


def test_a_new_optional_column_is_refused():
    """It would be ignored in silence; arrays have no names to see it by."""
    X = pd.DataFrame({"mean": [1.0], "sd": [0.1], "time": [1.0], "stock": [1.0], "time_sd": [9.0]})
    seen = ["mean", "sd", "time", "stock"]
    message = "X has the column 'time_sd', which Me was fitted without; .* set lead_time_sd to None"
    with pytest.raises(DataError, match=message):
        refuse_unseen(X, columns(), seen, owner="Me")
    refuse_unseen(X, columns(), [*seen, "time_sd"], owner="Me")
    refuse_unseen(X, columns(lead_time_sd=None), seen, owner="Me")
    refuse_unseen(X.to_numpy(), columns(), seen, owner="Me")


def test_truth_is_no_target():
    """True is not 1."""
    with pytest.raises(ValueError, match="target must be a number .* found True"):
        check_target(True)
    check_target(np.float32(0.5))
