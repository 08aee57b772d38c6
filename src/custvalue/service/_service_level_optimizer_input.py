"""What ServiceLevelOptimizer reads, and what it asks of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table, kind_of, plain, read_table, require
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.service._service_level_optimizer_curves import COEFFICIENTS, Curve

__all__ = [
    "CHANGES",
    "EVERYTHING",
    "ROLES",
    "TOP",
    "Observations",
    "checked_curve",
    "checked_limits",
    "checked_scenarios",
    "column_names",
    "group_keys",
    "levels_only",
    "read_items",
    "read_observations",
    "require_known_groups",
    "require_used",
]

EVERYTHING = "all"
"""The name of the one group where rows are not grouped."""

ROLES = {
    "newsvendor": ("underage", "overage", "mean", "sd", "service_level"),
    "marginal": (
        "margin",
        "response",
        "volume",
        "carrying_rate",
        "unit_cost",
        "demand_sd",
        "lead_time",
        "service_level",
    ),
    "curve": ("service_level", "revenue", "cost"),
}
"""The columns of each form; the service level of items may be left out."""

CHANGES = ("revenue_factor", "revenue_shift", "cost_factor", "cost_shift", "fixed_cost")
"""What a scenario of the curve form may change."""

TOP = {"fraction": 1.0, "percent": 100.0}

_MONEY = ("revenue", "cost")
_FORM_OF = {
    "by": "curve",
    "limits": "curve",
    "revenue_curve": "curve",
    "cost_curve": "curve",
    "level": "curve",
    "step": "marginal",
    "lead_time_scaling": "marginal",
}
"""The form that a parameter belongs to, if to one alone."""

_PRODUCTS = {
    "newsvendor": (
        ("underage", "mean"),
        ("underage", "sd"),
        ("overage", "mean"),
        ("overage", "sd"),
    ),
    "marginal": (
        ("margin", "response", "volume"),
        ("carrying_rate", "unit_cost", "demand_sd", "lead_time"),
    ),
}
"""What is multiplied, and must stay a number."""
_LARGEST = 1e300
_MONEY_SIZES = (1e-140, 1e140)
"""Sizes of money whose squares are numbers."""


@dataclass(frozen=True, slots=True)
class Observations:
    """Rows of the curve form.

    Attributes
    ----------
    table : MixedTable
    level : ndarray of shape (n_rows,)
    revenue, cost : ndarray of shape (n_rows,)
        Empty where the curve was given.
    keys : list
        The groups, sorted.
    codes : ndarray of int of shape (n_rows,)
        The group of each row.
    """

    table: MixedTable
    level: FloatArray
    revenue: FloatArray
    cost: FloatArray
    keys: list[Any]
    codes: IntArray


def column_names(form: str, given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the column of every role of a form.

    Parameters
    ----------
    form : {"newsvendor", "marginal", "curve"}
    given : mapping of role to column, or None
        Roles left out are called as they are.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If a role is unknown, or two roles share a column.

    Examples
    --------
    >>> column_names("curve", {"revenue": "sales"})
    {'service_level': 'service_level', 'revenue': 'sales', 'cost': 'cost'}
    """
    given = {} if given is None else dict(given)
    unknown = [role for role in given if role not in ROLES[form]]
    if unknown:
        raise ValueError(
            f"columns must name columns for {', '.join(ROLES[form])} (form={form!r}); "
            f"found {plain(unknown[0])}"
        )
    names = {role: given.get(role, role) for role in ROLES[form]}
    if not all(isinstance(name, str) for name in names.values()) or len(set(names.values())) < len(
        names
    ):
        raise ValueError(f"columns must be different column names; found {given!r}")
    return names


def read_items(X: Any, form: str, names: Mapping[str, str], scale: str, owner: str) -> Table:
    """Read items, with their service level now where X has it, named by their roles.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    form : {"newsvendor", "marginal"}
    names : mapping of role to column
    scale : {"fraction", "percent"}
    owner : str

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing, a number is negative, both costs of an item are 0, or money is too
        large to reckon with.
    """
    *roles, last = ROLES[form]
    required = [names[role] for role in roles]
    table = read_table(X, required, optional=[names[last]], owner=owner)
    for name in required:
        require(table, table[name] >= 0, f"{name} must not be negative", [name])
    if form == "newsvendor":
        costs = [names["underage"], names["overage"]]
        rule = f"{costs[0]} and {costs[1]} must not both be 0, which leaves any level as good"
        require(table, (table[costs[0]] > 0) | (table[costs[1]] > 0), rule, costs)
    for roles_of in _PRODUCTS[form]:
        _require_product(table, [names[role] for role in roles_of])
    if names[last] in table:
        rule = _level_rule(names[last], scale)
        require(table, _in_scale(table[names[last]], scale), rule, [names[last]])
    return table


def read_observations(
    X: Any,
    names: Mapping[str, str],
    by: str | None,
    scale: str,
    owner: str,
    *,
    answers: bool = False,
) -> Observations:
    """Read observations of service level, revenue and cost.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    names : mapping of role to column
        Without the revenue or the cost where they are not asked for.
    by : str or None
    scale : {"fraction", "percent"}
    owner : str
    answers : bool, default=False
        Whether money is left out though an array has it.

    Returns
    -------
    Observations

    Raises
    ------
    ValueError
        If the column of groups is one of the others.
    DataError
        If a column is missing, a value is not a finite number, money is too large or too small to
        reckon with, a level is outside the scale, or a group is missing.
    """
    wanted = [*names.values(), *([] if by is None else [by])]
    if by in names.values():
        raise ValueError(f"by must name a column of its own; found {by!r} for another role")
    table = read_mixed(X, wanted, owner=owner)
    level = _numbers(table, names["service_level"])
    rule = _level_rule("service_level", scale).removeprefix("service_level must be ")
    reject(table, names["service_level"], ~_in_scale(level, scale), rule)
    read = [role in names and not answers for role in _MONEY]
    revenue, cost = (
        _numbers(table, names[role]) if asked else np.empty(0)
        for role, asked in zip(_MONEY, read, strict=True)
    )
    for role, values in zip(_MONEY, (revenue, cost), strict=True):
        if len(values):
            _reject_sizes(table, names[role], values)
    keys, codes = group_keys(table, by)
    return Observations(table, level, revenue, cost, keys, codes)


def levels_only(X: Any, names: Mapping[str, str]) -> dict[str, str]:
    """Return the columns to read for an answer: of a frame the level, of an array all."""
    if kind_of(X) == "array":
        return dict(names)
    return {"service_level": names["service_level"]}


def group_keys(table: MixedTable, by: str | None) -> tuple[list[Any], IntArray]:
    """Return the groups, sorted, and the group of each row.

    Parameters
    ----------
    table : MixedTable
    by : str or None

    Returns
    -------
    tuple of list and ndarray of int

    Raises
    ------
    DataError
        If a group is missing.
    """
    if by is None:
        return [EVERYTHING], np.zeros(len(table), dtype=np.int64)
    values = table[by]
    reject(table, by, is_missing(values), "known for every row")
    codes, found = pd.factorize(values, sort=True)
    return [_key(value) for value in found], codes.astype(np.int64)


def checked_curve(curve: Any, parameter: str) -> Curve | str:
    """Return a curve that was given, or the shape to fit.

    Parameters
    ----------
    curve : str, tuple or callable
    parameter : str
        For the message.

    Returns
    -------
    Curve or str

    Raises
    ------
    ValueError
        If a tuple is not a shape with its coefficients.

    Examples
    --------
    >>> checked_curve("power", "cost_curve")
    'power'
    >>> checked_curve(("power", 0.5, 0.5), "revenue_curve").theta
    array([0.5, 0.5])
    """
    if callable(curve):
        return Curve("function", np.empty(0), curve)
    if isinstance(curve, str):
        return curve
    shape, *numbers = curve if len(curve) else ("",)
    good = shape in COEFFICIENTS and len(numbers) == len(COEFFICIENTS[shape])
    if not good or not all(_is_finite(number) for number in numbers):
        known = "; ".join(f"({name!r}, {', '.join(c)})" for name, c in COEFFICIENTS.items())
        raise ValueError(f"{parameter} must be a shape and its numbers: {known}; found {curve!r}")
    return Curve(shape, np.array(numbers, dtype=np.float64))


def require_used(form: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Raise where a parameter is given that the form would not use.

    Parameters
    ----------
    form : str
    given, defaults : mapping of parameter to value

    Raises
    ------
    ValueError
        If a parameter of another form is not its default.
    """
    for name, owner in _FORM_OF.items():
        if owner != form and given[name] != defaults[name]:
            raise ValueError(
                f"{name} must be {defaults[name]!r} unless form={owner!r}; found {given[name]!r} "
                f"({form=})"
            )


def checked_limits(limits: Any, top: float) -> tuple[float, float]:
    """Return the lowest and highest level allowed.

    Parameters
    ----------
    limits : sequence of two float, or None
    top : float
        The highest of the scale.

    Returns
    -------
    tuple of two float

    Raises
    ------
    ValueError
        If they are not two numbers in order within the scale.

    Examples
    --------
    >>> checked_limits(None, 100.0), checked_limits([0.8, 1], 1.0)
    ((0.0, 100.0), (0.8, 1.0))
    """
    if limits is None:
        return 0.0, top
    good = len(limits) == 2 and all(_is_finite(end) for end in limits)
    if not good or not 0 <= limits[0] < limits[1] <= top:
        raise ValueError(
            f"limits must be two numbers from 0 to {top:g}, the lower first; found {limits!r}"
        )
    return float(limits[0]), float(limits[1])


def require_known_groups(rows: Observations, fitted: list[Any], by: str | None) -> IntArray:
    """Return the place among the fitted groups of the group of each row.

    Parameters
    ----------
    rows : Observations
    fitted : list
        Groups.
    by : str or None
        Their column.

    Returns
    -------
    ndarray of int of shape (n_rows,)

    Raises
    ------
    DataError
        If a group was not fitted.
    """
    places = {key: place for place, key in enumerate(fitted)}
    of_keys = np.array([places.get(key, -1) for key in rows.keys], dtype=np.int64)
    codes = of_keys[rows.codes]
    if by is not None:
        reject(rows.table, by, codes < 0, "one of the fitted groups")
    return codes


def checked_scenarios(scenarios: Any, known: tuple[str, ...]) -> dict[Any, dict[str, float]]:
    """Return scenarios as plain numbers.

    Parameters
    ----------
    scenarios : mapping of name to mapping of change to number
    known : tuple of str
        The changes that there are.

    Returns
    -------
    dict of dict

    Raises
    ------
    TypeError
        If scenarios are no mapping of mappings.
    ValueError
        If a change is unknown, no finite number or a negative factor, or a scenario is called
        "base".
    """
    if not isinstance(scenarios, Mapping) or not all(
        isinstance(changes, Mapping) for changes in scenarios.values()
    ):
        raise TypeError(
            f"scenarios must map names to changes such as {{'cheaper': {{{known[-1]!r}: 0.9}}}}; "
            f"found {scenarios!r}"
        )
    if "base" in scenarios:
        raise ValueError("scenarios must not be called 'base', which is what was fitted")
    for name, changes in scenarios.items():
        for change, number in changes.items():
            _check_change(name, change, number, known)
    return {
        name: {change: float(number) for change, number in changes.items()}
        for name, changes in scenarios.items()
    }


def _numbers(table: MixedTable, name: str) -> FloatArray:
    values = table[name]
    if values.dtype.kind != "f":
        reject(table, name, np.ones(len(values), dtype=bool), "a number")
    reject(table, name, np.isnan(values), "finite (no NaN, no infinity)")
    return values


def _reject_sizes(table: MixedTable, name: str, values: FloatArray) -> None:
    low, high = _MONEY_SIZES
    size = np.abs(values)
    small = bool(0 < size.max() < low)
    rule = f"0 or of a size from {low:g} to {high:g}; use another unit of money"
    reject(table, name, (size > high) | small, rule)


def _require_product(table: Table, columns: list[str]) -> None:
    with np.errstate(over="ignore", under="ignore"):
        product = np.prod([table[name] for name in columns], axis=0)
        good = product <= _LARGEST
    rule = f"{' times '.join(columns)} must be at most {_LARGEST:g}; use other units"
    require(table, good, rule, columns)


def _in_scale(level: FloatArray, scale: str) -> BoolArray:
    return np.asarray((level >= 0) & (level <= TOP[scale]))


def _level_rule(name: str, scale: str) -> str:
    other = "percent" if scale == "fraction" else "fraction"
    return (
        f"{name} must be from 0 to {TOP[scale]:g} (scale={scale!r}; scale={other!r} is from 0 to "
        f"{TOP[other]:g})"
    )


def _check_change(name: Any, change: Any, number: Any, known: tuple[str, ...]) -> None:
    if change not in known:
        raise ValueError(
            f"scenarios may change {', '.join(known)}; found {change!r} in scenario {name!r}"
        )
    if not _is_finite(number) or (number < 0 and not change.endswith(("shift", "fixed_cost"))):
        raise ValueError(
            f"scenarios must change {change} by a finite number"
            f"{'' if change.endswith(('shift', 'fixed_cost')) else ' of at least 0'}; "
            f"found {number!r} in scenario {name!r}"
        )


def _is_finite(number: Any) -> bool:
    return (
        isinstance(number, (int, float, np.integer, np.floating))
        and not isinstance(number, bool)
        and bool(np.isfinite(number))
    )


def _key(value: Any) -> Any:
    plain_value = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain_value, float) and plain_value.is_integer():
        return int(plain_value)
    return plain_value
