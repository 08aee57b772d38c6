"""Tables of items in stock as the service level reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._estimator.door import Table, column_names, kind_of, read_table, rectangle, require
from custvalue._numerics.lead_time_demand import lead_time_moments
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.service._inventory_service_level import Items, window_length

__all__ = [
    "ItemColumns",
    "check_target",
    "item_columns",
    "items_of",
    "read_items",
    "read_target",
    "refuse_unseen",
    "require_named",
]

_SMALLEST_HISTORY = 2
_PER_CENT = 100.0
_OPTIONAL = ("lead_time_sd", "order_quantity")
_MOST_UNITS = 1e15
_MOST_DEMAND = 1e300


@dataclass(frozen=True, slots=True)
class ItemColumns:
    """Which columns of X are read, by their meaning; None where none is.

    ``level`` is what the direction needs: the stock that is there, or the target of each item.
    """

    history: tuple[str, ...] | None
    demand_mean: str
    demand_sd: str | None
    lead_time: str
    level: str | None
    lead_time_sd: str | None
    order_quantity: str | None
    fill_rate_wanted: bool

    @property
    def required(self) -> list[str]:
        """The columns that X must have, in the order of an array."""
        demand = self.history or (self.demand_mean, self.demand_sd)
        quantity = self.order_quantity if self.fill_rate_wanted else None
        names = (*demand, self.lead_time, self.level, quantity)
        return [name for name in names if name is not None]

    @property
    def optional(self) -> list[str]:
        """The columns that are read where X has them."""
        quantity = None if self.fill_rate_wanted else self.order_quantity
        return [name for name in (self.lead_time_sd, quantity) if name is not None]

    @property
    def named(self) -> dict[str, str]:
        """Those of the optional columns that have another name than they have by default."""
        asked = {parameter: getattr(self, parameter) for parameter in _OPTIONAL}
        return {one: name for one, name in asked.items() if name not in (None, one)}


def item_columns(
    *,
    demand: str,
    measure: str,
    target: float | str | None,
    history: Sequence[str] | None,
    demand_mean: str,
    demand_sd: str,
    lead_time: str,
    lead_time_sd: str | None,
    order_quantity: str | None,
    safety_stock: str,
    reorder_point: str | None,
) -> ItemColumns:
    """Return which columns the parameters ask for.

    Raises
    ------
    ValueError
        If two meanings have one column, or a parameter contradicts another.
    """
    _check_directions(target, reorder_point)
    names = _history_names(history, demand)
    wanted = measure == "fill_rate" and target is not None
    if wanted and order_quantity is None:
        raise ValueError("order_quantity must name a column for measure='fill_rate'; found None")
    level = target if isinstance(target, str) else None
    columns = ItemColumns(
        history=names,
        demand_mean=demand_mean,
        demand_sd=None if demand == "poisson" else demand_sd,
        lead_time=lead_time,
        level=(reorder_point or safety_stock) if target is None else level,
        lead_time_sd=lead_time_sd,
        order_quantity=order_quantity,
        fill_rate_wanted=wanted,
    )
    every = [*columns.required, *columns.optional]
    double = sorted({name for name in every if every.count(name) > 1})
    if double:
        raise ValueError(
            f"each parameter must name a column of its own; found more than once: "
            f"{', '.join(map(repr, double))}"
        )
    return columns


def check_target(target: float | str | None) -> None:
    """Raise unless a target is None, a column, or a number above 0 and at most 1.

    Raises
    ------
    ValueError
        If it is not.
    """
    if isinstance(target, bool):
        raise ValueError(f"target must be a number above 0 and at most 1; found {target!r}")
    if target is None or isinstance(target, str) or 0 < target <= 1:
        return
    raise ValueError(f"{_target_rule('target', float(target))}; found {target!r}")


def read_items(X: Any, columns: ItemColumns, names: Sequence[str] | None, *, owner: str) -> Table:
    """Read the columns of every item.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    columns : ItemColumns
    names : sequence of str or None
        The columns that were read at `fit`; None at `fit` itself.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing or a value breaks its rule.
    """
    if names is None:
        optional = _optional_of(X, columns, owner)
        table = read_table(X, columns.required, optional=optional, owner=owner)
    else:
        table = read_table(X, names, owner=owner)
    demand = columns.history or (columns.demand_mean, columns.demand_sd)
    for name in (*demand, columns.lead_time, columns.lead_time_sd):
        if name is not None and name in table:
            require(table, table[name] >= 0, f"{name} must not be negative", [name])
    if columns.order_quantity is not None and columns.order_quantity in table:
        name = columns.order_quantity
        require(table, table[name] > 0, f"{name} must be above 0", [name])
    return table


def require_named(table: Table, columns: ItemColumns, *, owner: str) -> None:
    """Raise where an optional column that was given a name of its own is not there.

    Raises
    ------
    DataError
        With the parameter that names it.
    """
    for parameter, name in columns.named.items():
        if name not in table:
            raise DataError(
                f"{owner} needs the column {name!r}, which {parameter} names; missing: {name}; "
                f"set {parameter} to None where there is none"
            )


def refuse_unseen(X: Any, columns: ItemColumns, names: Sequence[str], *, owner: str) -> None:
    """Raise where a frame has an optional column that `fit` had not.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    columns : ItemColumns
    names : sequence of str
        The columns that were read at `fit`.
    owner : str
        Who asks, for the messages.

    Raises
    ------
    DataError
        With the parameter that turns the column off.
    """
    if kind_of(X) == "array":
        return
    there = column_names(X)
    for parameter in _OPTIONAL:
        name = getattr(columns, parameter)
        if name in columns.optional and name in there and name not in names:
            raise DataError(
                f"X has the column {name!r}, which {owner} was fitted without; fit it with that "
                f"column, or set {parameter} to None"
            )


def items_of(
    table: Table, columns: ItemColumns, demand: str, review_period: float, *, beyond: int = 1
) -> Items:
    """Return what a table says of its items.

    Parameters
    ----------
    table : Table
    columns : ItemColumns
    demand : str
    review_period : float
    beyond : int
        How many periods an empirical history must have beyond a window.

    Returns
    -------
    Items

    Raises
    ------
    DataError
        If the numbers of an item contradict each other, or its history is too short.
    """
    history = None
    if columns.history is not None:
        history = np.column_stack([table[name] for name in columns.history])
        with np.errstate(over="ignore", invalid="ignore"):
            mean, sd = history.mean(axis=1), history.std(axis=1, ddof=1)
        # Equal numbers have no spread, whatever the rounding of their mean.
        sd = np.where(history.max(axis=1) > history.min(axis=1), sd, 0.0)
    else:
        mean = table[columns.demand_mean]
        sd = np.sqrt(mean) if columns.demand_sd is None else table[columns.demand_sd]
    varies = columns.lead_time_sd is not None and columns.lead_time_sd in table
    time_sd = table[str(columns.lead_time_sd)] if varies else np.zeros(len(table))
    known = columns.order_quantity is not None and columns.order_quantity in table
    quantity = table[str(columns.order_quantity)] if known else None
    items = Items(mean, sd, table[columns.lead_time] + review_period, time_sd, quantity, history)
    _check_size(table, items, columns, demand)
    _check_agreement(table, items, columns, demand)
    if demand == "empirical":
        _check_windows(table, items, columns, beyond)
    return items


def read_target(table: Table, target: float | str) -> FloatArray:
    """Return the target of every item.

    Raises
    ------
    DataError
        If one is not above 0 and at most 1.
    """
    if not isinstance(target, str):
        return np.full(len(table), float(target))
    values = table[target]
    good = (values > 0) & (values <= 1)
    first = float(values[int(np.argmin(good))])
    require(table, good, _target_rule(target, first), [target])
    return values


def _check_directions(target: float | str | None, reorder_point: str | None) -> None:
    check_target(target)
    if target is not None and reorder_point is not None:
        raise ValueError(
            "only one of target and reorder_point can be given: a stock for a target, or the "
            f"service of a stock; found target={target!r} and reorder_point={reorder_point!r}"
        )


def _history_names(history: Sequence[str] | None, demand: str) -> tuple[str, ...] | None:
    if history is None:
        if demand == "empirical":
            raise ValueError(
                "history must name the columns of past demand for demand='empirical'; found None"
            )
        return None
    names = tuple(history)
    if not all(isinstance(name, str) for name in names) or len(names) < _SMALLEST_HISTORY:
        raise ValueError(f"history must name at least 2 columns; found {names!r}")
    return names


def _optional_of(X: Any, columns: ItemColumns, owner: str) -> list[str]:
    """Return the optional columns that X may have; in an array its width must tell which."""
    optional = columns.optional
    shape = rectangle(X).shape if kind_of(X) == "array" else ()
    spare = shape[1] - len(columns.required) if len(shape) == 2 else 0
    if not 0 < spare < len(optional):
        return optional
    named = [name for name in columns.named.values() if name in optional]
    if len(named) == spare:
        return named
    raise DataError(
        f"X has {shape[1]} features, and {owner} cannot tell which of "
        f"{' and '.join(map(repr, optional))} the last is; give both or none, or set "
        f"{' or '.join(_OPTIONAL)} to None"
    )


def _check_size(table: Table, items: Items, columns: ItemColumns, demand: str) -> None:
    """Raise where the demand over the lead time is too large to be reckoned with."""
    mean, sd = lead_time_moments(items.mean, items.sd, items.time, items.time_sd)
    most = _MOST_UNITS if demand in ("poisson", "negative_binomial") else _MOST_DEMAND
    rule = (
        "mean and standard deviation of the demand over the lead time must be at most "
        f"{most:g} for demand={demand!r}"
    )
    shown = columns.history or (columns.demand_mean, columns.demand_sd or columns.demand_mean)
    names = list(dict.fromkeys([*shown[:_SMALLEST_HISTORY], columns.lead_time]))
    require(table, (mean <= most) & (sd <= most), rule, names)


def _check_agreement(table: Table, items: Items, columns: ItemColumns, demand: str) -> None:
    """Raise where the numbers of one item contradict each other."""
    if columns.lead_time_sd is not None and columns.lead_time_sd in table:
        good = (items.time_sd == 0) | (table[columns.lead_time] > 0)
        rule = f"{columns.lead_time_sd} must be 0 where {columns.lead_time} is 0"
        require(table, good, rule, [columns.lead_time, columns.lead_time_sd])
        if demand == "empirical":
            good = (items.time_sd == 0) | (items.sd > 0) | (items.mean == 0)
            rule = f"{columns.lead_time_sd} must be 0 where the history does not vary"
            require(table, good, rule, [columns.lead_time_sd])
    if columns.history is None and columns.demand_sd is not None and demand != "normal":
        good = (items.mean > 0) | (items.sd == 0)
        rule = f"{columns.demand_sd} must be 0 where {columns.demand_mean} is 0"
        require(table, good, rule, [columns.demand_mean, columns.demand_sd])


def _check_windows(table: Table, items: Items, columns: ItemColumns, beyond: int) -> None:
    count = len(columns.history or ())
    good = window_length(items.time) + beyond <= count
    rule = (
        f"the history, {count} periods, must have {beyond} more than {columns.lead_time} with the "
        "review period"
    )
    require(table, good, rule, [columns.lead_time])


def _target_rule(name: str, value: float) -> str:
    hint = f"; {value:g} looks like per cent" if 1 < value <= _PER_CENT else ""
    return f"{name} must be above 0 and at most 1{hint}"
