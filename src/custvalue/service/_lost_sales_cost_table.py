"""Tables of customers as the cost of lost sales reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from custvalue._estimator.door import Table, kind_of, read_table, require
from custvalue._estimator.mixed import MixedTable, is_missing, read_mixed, reject
from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost import Exposure

__all__ = ["Columns", "Customers", "by_component", "read_customers"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what.

    Attributes
    ----------
    failures : tuple of str
        Counted failures, one column a component; names of components where there are rates.
    orders : str or None
    rates : tuple of (str or float), or None
        Failures per order by component: a column or a number. None where failures are counted.
    value : str
    leaving : str or None
        Column of the probability of leaving.
    history : tuple of str
        Columns that only `fit` needs: whether customers are retained, and whether any failed.
    labels : tuple of str
        Columns of groups, which only `fit` needs.
    """

    failures: tuple[str, ...]
    orders: str | None
    rates: tuple[str | float, ...] | None
    value: str
    leaving: str | None
    history: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def amounts(self) -> tuple[str, ...]:
        """The columns of numbers that every table has, in the order of an array."""
        rates = [rate for rate in self.rates or () if isinstance(rate, str)]
        counted = self.failures if self.rates is None else ()
        orders = () if self.orders is None else (self.orders,)
        leaving = () if self.leaving is None else (self.leaving,)
        return (*counted, *orders, *rates, self.value, *leaving)

    def require_distinct(self) -> None:
        """Raise where two parameters name one column.

        Raises
        ------
        ValueError
            With the columns named twice. The groups may share a column.
        """
        names = [*self.amounts, *self.history, *set(self.labels)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                "each parameter of LostSalesCost must name a column of its own; found twice: "
                f"{', '.join(map(repr, twice))}"
            )


@dataclass(frozen=True, slots=True)
class Customers:
    """Checked columns of one input.

    Attributes
    ----------
    table : Table
    labels : mapping of str to ndarray of shape (n_customers,)
        Groups by column.
    """

    table: Table
    labels: Mapping[str, AnyArray]

    def exposure(self, columns: Columns) -> Exposure:
        """Return how often each customer may meet a failure."""
        table = self.table
        if columns.rates is None:
            times = np.column_stack([table[name] for name in columns.failures])
            return Exposure(times, np.ones_like(times))
        chance = [_spread(table, rate) for rate in columns.rates]
        times = np.column_stack([table[str(columns.orders)]] * len(chance))
        return Exposure(times, np.column_stack(chance))

    def take(self, rows: BoolArray) -> Customers:
        """Return some of the customers."""
        labels = {name: values[rows] for name, values in self.labels.items()}
        return Customers(self.table.take(rows), labels)

    @property
    def read(self) -> MixedTable:
        """All columns that were read."""
        table = self.table
        return MixedTable({**table.columns, **self.labels}, table.kind, table.index, table.attrs)


def by_component(
    given: Any,
    components: Sequence[str],
    parameter: str,
    *,
    columns: bool = True,
    gaps: bool = False,
) -> tuple[str | float, ...] | None:
    """Return what a parameter gives for each component, in their order.

    Parameters
    ----------
    given : float, str, dict or None
        One number or column where there are no components, else a dict of them.
    components : sequence of str
        Empty where failures are not told apart.
    parameter : str
        For the messages.
    columns : bool
        Whether a column may be named instead of a number.
    gaps : bool
        Whether None may stand in the dict.

    Returns
    -------
    tuple of (str or float), or None

    Raises
    ------
    ValueError
        If the dict does not have the components, or a number is not from 0 to 1.

    Examples
    --------
    >>> by_component({"short": 0.01, "late": "late_rate"}, ("late", "short"), "failure_rate")
    ('late_rate', 0.01)
    """
    if given is None:
        return None
    if not isinstance(given, dict) and not components:
        return (given,)
    if not isinstance(given, dict) or set(given) != set(components):
        raise ValueError(
            f"{parameter} must be a dict with the components {', '.join(components) or '(none)'}; "
            f"found {given!r}"
        )
    for value in given.values():
        known = (columns and isinstance(value, str)) or (gaps and value is None)
        if not (known or _is_share(value)):
            what = "numbers from 0 to 1" + (" or names of columns" if columns else "")
            what += " or None" if gaps else ""
            raise ValueError(f"{parameter} must hold {what}; found {value!r} in {given!r}")
    return tuple(given[name] for name in components)


def read_customers(X: Any, columns: Columns, *, fit: bool, owner: str) -> Customers:
    """Read failures, values and, for a fit, histories and groups; and check them.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
        An array has `Columns.amounts`, then the history, which only a fit needs.
    columns : Columns
    fit : bool
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Customers

    Raises
    ------
    DataError
        If a column is missing or a value is outside its range.
    """
    required = (*columns.amounts, *columns.history) if fit else columns.amounts
    table = read_table(X, required, optional=() if fit else columns.history, owner=owner)
    table = Table({n: table[n] for n in required}, table.kind, table.index, table.attrs)
    _check_amounts(table, columns)
    if fit:
        _check_history(table, columns.history)
    return Customers(table, _read_labels(X, columns.labels if fit else (), owner))


def _check_amounts(table: Table, columns: Columns) -> None:
    shares = [rate for rate in columns.rates or () if isinstance(rate, str)]
    shares += [] if columns.leaving is None else [columns.leaving]
    for name in shares:
        good = (table[name] >= 0) & (table[name] <= 1)
        require(table, good, f"{name} must be from 0 to 1", [name])
    counts = columns.failures if columns.rates is None else ()
    for name in (*counts, *(() if columns.orders is None else (columns.orders,))):
        require(table, table[name] >= 0, f"{name} must not be negative", [name])


def _check_history(table: Table, history: Sequence[str]) -> None:
    for name in history[:1]:
        good = (table[name] >= 0) & (table[name] <= 1)
        rule = f"{name} must be 1 or 0 (retained or not) or a probability of being alive"
        require(table, good, rule, [name])
    for name in history[1:]:
        rule = f"{name} must be 1 (any failure) or 0 (none)"
        require(table, np.isin(table[name], (0.0, 1.0)), rule, [name])


def _read_labels(X: Any, names: Sequence[str], owner: str) -> dict[str, AnyArray]:
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    if kind_of(X) == "array":
        raise DataError(
            f"{owner} reads groups from a frame only; found an array, and the columns "
            f"{', '.join(map(repr, wanted))} asked for: set segment and strata to None"
        )
    labels = read_mixed(X, wanted, owner=owner)
    for name in wanted:
        reject(labels, name, is_missing(labels[name]), "known for every customer")
    return dict(labels.columns)


def _is_share(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) <= 1


def _spread(table: Table, rate: str | float) -> FloatArray:
    return table[rate] if isinstance(rate, str) else np.full(len(table), float(rate))
