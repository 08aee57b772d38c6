from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._service_level_optimizer_input import (
    checked_curve,
    checked_limits,
    checked_scenarios,
    column_names,
    levels_only,
    read_items,
    read_observations,
    require_known_groups,
    require_used,
)

NAMES = column_names("curve", None)
DEFAULTS = {
    "by": None,
    "limits": None,
    "revenue_curve": "power",
    "cost_curve": "power",
    "level": 0.95,
    "step": 0.01,
    "lead_time_scaling": "sqrt",
}


def observations(**changes) -> pd.DataFrame:
    """Return three rows of the curve form."""
    columns = {"service_level": [0.5, 0.7, 0.9], "revenue": [5, 6, 7], "cost": [1, 2, 4]}
    return pd.DataFrame({**columns, **changes})


def items(**changes) -> pd.DataFrame:
    """Return two items of the newsvendor form."""
    columns = {"underage": [3.0, 1.0], "overage": [1.0, 0.0], "mean": [9.0, 5.0], "sd": [2.0, 0.0]}
    return pd.DataFrame({**columns, **changes})


def test_roles_have_columns_of_their_own():
    """A role left out is its own column; unknown roles and shared columns are refused."""
    assert column_names("newsvendor", {"mean": "demand"})["mean"] == "demand"
    with pytest.raises(ValueError, match=r"underage, overage, .* found 'price'"):
        column_names("newsvendor", {"price": "p"})
    with pytest.raises(ValueError, match="different column names"):
        column_names("curve", {"revenue": "cost"})


def test_items_may_have_a_level_or_not():
    """The level of today is read where it is there."""
    roles = column_names("newsvendor", None)
    assert "service_level" not in read_items(items(), "newsvendor", roles, "fraction", "x")
    today = items(service_level=[0.5, 1.0])
    assert "service_level" in read_items(today, "newsvendor", roles, "fraction", "x")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"underage": [3.0, -1.0]}, r"underage must not be negative; row 1 .*1 such row"),
        ({"underage": [3.0, 0.0]}, r"must not both be 0.*row 1"),
        ({"sd": [np.nan, 1.0]}, r"'sd' must be finite"),
        ({"service_level": [50, 99]}, r"from 0 to 1 \(scale='fraction'; scale='percent'"),
    ],
)
def test_bad_items_are_refused(changes, message):
    """By rule, first row and number."""
    roles = column_names("newsvendor", None)
    with pytest.raises(DataError, match=message):
        read_items(items(**changes), "newsvendor", roles, "fraction", "x")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service_level": [0.5, 7, 9]}, r"service_level' must be from 0 to 1 .*2 such rows"),
        ({"revenue": [1, np.nan, 2]}, r"revenue' must be finite .*row 1"),
        ({"cost": ["a", "b", "c"]}, r"cost' must be a number"),
        ({"site": ["a", None, "b"]}, r"site' must be known for every row"),
    ],
)
def test_bad_observations_are_refused(changes, message):
    """By rule, first row and number."""
    by = "site" if "site" in changes else None
    with pytest.raises(DataError, match=message):
        read_observations(observations(**changes), NAMES, by, "fraction", "x")


def test_groups_are_sorted_and_found_again():
    """Rows know their group; a group that was not fitted is refused."""
    rows = read_observations(observations(site=[2, 1, 2]), NAMES, "site", "fraction", "x")
    assert rows.keys == [1, 2]
    assert rows.codes.tolist() == [1, 0, 1]
    assert require_known_groups(rows, [2, 1], "site").tolist() == [0, 1, 0]
    with pytest.raises(DataError, match="one of the fitted groups; row 1"):
        require_known_groups(rows, [2], "site")


def test_answers_need_the_level_only():
    """A frame is read for its level; an array has all columns, whose money is left out."""
    level = observations()[["service_level"]]
    assert levels_only(level, NAMES) == {"service_level": "service_level"}
    array = observations(revenue=[np.nan] * 3).to_numpy()
    rows = read_observations(array, levels_only(array, NAMES), None, "fraction", "x", answers=True)
    assert rows.level.tolist() == [0.5, 0.7, 0.9]
    assert len(rows.revenue) == len(rows.cost) == 0


@pytest.mark.parametrize(
    "curve", [(), ("power",), ("power", 1.0), ("cubic", 1, 2), ("power", 1, np.nan), (1, 2, 3)]
)
def test_a_known_curve_has_a_shape_and_its_numbers(curve):
    """Anything else is refused by the name of the parameter."""
    with pytest.raises(ValueError, match="cost_curve must be a shape"):
        checked_curve(curve, "cost_curve")


def test_curves_are_shapes_numbers_or_functions():
    """Each becomes what it is."""
    assert checked_curve(["quadratic", 1, 2, 3], "x").theta.tolist() == [1, 2, 3]
    assert checked_curve(np.sqrt, "x").value(np.array([4.0])) == 2
    assert checked_curve("logistic", "x") == "logistic"


@pytest.mark.parametrize("limits", [(0.5,), (0.9, 0.1), (-1, 1), (0, 2), ("a", "b")])
def test_limits_are_two_levels_in_order(limits):
    """Anything else is refused."""
    with pytest.raises(ValueError, match="limits must be two numbers from 0 to 1"):
        checked_limits(limits, 1.0)


@pytest.mark.parametrize(
    ("form", "name", "value", "owner"),
    [
        ("marginal", "by", "site", "curve"),
        ("newsvendor", "limits", (0.5, 1), "curve"),
        ("newsvendor", "revenue_curve", ("power", 1.0, 2.0), "curve"),
        ("marginal", "cost_curve", np.square, "curve"),
        ("marginal", "level", 0.9, "curve"),
        ("curve", "step", None, "marginal"),
        ("newsvendor", "lead_time_scaling", "linear", "marginal"),
    ],
)
def test_parameters_belong_to_their_form(form, name, value, owner):
    """One that another form would ignore is refused; a default is none."""
    require_used(form, DEFAULTS, DEFAULTS)
    require_used(owner, DEFAULTS | {name: value}, DEFAULTS)
    with pytest.raises(ValueError, match=f"^{name} must be .* unless form='{owner}'; found"):
        require_used(form, DEFAULTS | {name: value}, DEFAULTS)


def test_money_beyond_numbers_is_refused():
    """Products of items above 1e300, and money of curves whose squares are no numbers."""
    huge = pd.DataFrame({"underage": [1e308], "overage": [1e308], "mean": [9.0], "sd": [2.0]})
    with pytest.raises(DataError, match="underage times mean must be at most 1e.300; use other"):
        read_items(huge, "newsvendor", column_names("newsvendor", None), "fraction", "x")
    for unit in (1e155, 1e-200):
        frame = observations()
        frame["cost"] *= unit
        with pytest.raises(DataError, match="'cost' must be 0 or of a size from 1e-140 to 1e.140"):
            read_observations(frame, NAMES, None, "fraction", "x")


@pytest.mark.parametrize(
    ("scenarios", "error"),
    [
        ([1], TypeError),
        ({"a": 1}, TypeError),
        ({"base": {}}, ValueError),
        ({"a": {"price": 2}}, ValueError),
        ({"a": {"cost_factor": -1}}, ValueError),
        ({"a": {"cost_shift": np.inf}}, ValueError),
        ({"a": {"cost_shift": True}}, ValueError),
    ],
)
def test_bad_scenarios_are_refused(scenarios, error):
    """Scenarios map names to known changes by finite numbers."""
    with pytest.raises(error, match="scenarios"):
        checked_scenarios(scenarios, ("cost_factor", "cost_shift"))


def test_scenarios_become_numbers():
    """Shifts may be negative."""
    known = checked_scenarios({"a": {"cost_shift": -1}}, ("cost_factor", "cost_shift"))
    assert known == {"a": {"cost_shift": -1.0}}


def test_groups_have_a_column_of_their_own():
    """A column cannot be a group and money."""
    with pytest.raises(ValueError, match="by must name a column of its own; found 'cost'"):
        read_observations(observations(), NAMES, "cost", "fraction", "x")
