"""Tables of products as the ranking of this room reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import (
    Table,
    column_names,
    kind_of,
    read_table,
    require,
    row_name,
    such_rows,
)
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.service._order_priority import LEVELS, weighted_profit

__all__ = [
    "find_profit",
    "read_losses",
    "read_portfolio",
    "read_products",
    "require_distinct",
    "require_sum",
    "weighed_profits",
]

_LARGEST_RANK = 1_000_000_000


def find_profit(X: Any, profit: str | None, profit_rank: str | None, *, owner: str) -> str:
    """Return which of the two columns X has; the first column of an array is the first named.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array
    profit, profit_rank : str or None
        Column names; not both None, not equal.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the names are not one or two different columns.
    DataError
        If a frame has neither column or both.
    """
    wanted = [name for name in (profit, profit_rank) if name is not None]
    if not wanted or profit == profit_rank:
        raise ValueError(
            "profit and profit_rank must name one or two different columns; "
            f"found profit={profit!r}, profit_rank={profit_rank!r}"
        )
    if kind_of(X) == "array":
        return wanted[0]
    names = column_names(X)
    present = [name for name in wanted if name in names]
    if len(present) == 1:
        return present[0]
    if present:
        raise DataError(
            f"{owner} must be told which column to rank by; X has both {profit!r} and "
            f"{profit_rank!r}: set profit or profit_rank to None"
        )
    raise DataError(
        f"{owner} needs a column {' or '.join(map(repr, wanted))}; "
        f"found: {', '.join(names) or 'none'}"
    )


def read_products(
    X: Any,
    column: str,
    importance: str,
    *,
    by_rank: bool,
    owner: str,
    customer_value: str | None = None,
) -> Table:
    """Read profit or profit rank and the importance of every product, and check them.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array with the two columns
    column, importance : str
        Column names.
    by_rank : bool
        Whether the first column holds ready ranks.
    owner : str
        Who asks, for the messages.
    customer_value : str or None
        A third column: what the customers are worth.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing or a value is outside its scale.
    """
    extra = [] if customer_value is None else [customer_value]
    table = read_table(X, [column, importance, *extra], owner=owner)
    for name in extra:
        require(table, table[name] >= 0, f"{name} must not be negative", [name])
    levels = np.arange(1, len(LEVELS) + 1)
    rule = f"{importance} must be 1, 2 or 3"
    require(table, np.isin(table[importance], levels), rule, [importance])
    if by_rank:
        ranks = table[column]
        whole = (ranks >= 1) & (ranks <= _LARGEST_RANK) & (ranks == np.floor(ranks))
        rule = f"{column} must be a whole number from 1 to {_LARGEST_RANK:,}"
        require(table, whole, rule, [column])
    return table


def weighed_profits(table: Table, profit: str, customer_value: str) -> FloatArray:
    """Return the profit of every row, weighted by the value of its customer.

    Raises
    ------
    DataError
        If one is too large for a float. A loss on a customer of no value is not: it is the last.
    """
    profits, values = table[profit], table[customer_value]
    weighted = weighted_profit(profits, values)
    rule = (
        f"{profit} times {customer_value}, or a loss over it, must be below 1.8e308; "
        "give one of them in a larger unit"
    )
    good = np.isfinite(weighted) | ((profits < 0) & (values == 0))
    require(table, good, rule, [profit, customer_value])
    return weighted


def read_portfolio(X: Any, volume: str, profit: str, *, owner: str) -> Table:
    """Read volume and profit of every product, and check them.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array with the two columns
    volume, profit : str
        Column names.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing, a value is no finite number, or a volume is negative.
    """
    table = read_table(X, [volume, profit], owner=owner)
    require(table, table[volume] >= 0, f"{volume} must not be negative", [volume])
    return table


def require_sum(values: FloatArray, what: str) -> None:
    """Raise unless values have a sum, whichever of them are taken.

    Raises
    ------
    DataError
        If it is too large for a float.
    """
    with np.errstate(over="ignore"):
        total = np.abs(values).sum()
    if not np.isfinite(total):
        raise DataError(
            f"{what} must have a sum below 1.8e308, without regard to signs; the largest of "
            f"{len(values)} is {np.abs(values).max():g}"
        )


def read_losses(lost: Any, n_rows: int, index: pd.Index | None = None) -> FloatArray:
    """Read what delays have cost, one number per row, NaN where it is not known.

    Parameters
    ----------
    lost : array-like of shape (n_rows,)
        A Series of other labels than the rows have, or in another order, is put in theirs.
    n_rows : int
    index : pandas.Index or None
        Labels of the rows.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    DataError
        If it is not one number per row, one of them is infinite, or a Series has no label of a row
        or one twice.
    """
    if isinstance(lost, pd.Series) and index is not None:
        lost = _by_label(lost, index)
    try:
        values = np.asarray(lost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"lost must hold numbers, NaN where not known; {error}") from error
    if values.shape != (n_rows,):
        raise DataError(
            f"lost must have shape ({n_rows},), one number per row of X; found shape {values.shape}"
        )
    infinite = np.isinf(values)
    if infinite.any():
        raise DataError(
            f"lost must not be infinite; row {int(infinite.argmax())} has "
            f"{values[infinite.argmax()]} ({such_rows(int(infinite.sum()))})"
        )
    return values


def _by_label(lost: pd.Series, index: pd.Index) -> pd.Series:
    """Return a Series in the order of the labels of the rows."""
    if lost.index.equals(index):
        return lost
    advice = "give its values alone, lost.to_numpy(), if they are in the order of X"
    if not lost.index.is_unique:
        raise DataError(f"lost must have each label once, or the labels of X as they are; {advice}")
    strange = ~index.isin(lost.index)
    if strange.any():
        raise DataError(
            f"lost must have the labels of X; {row_name(index, int(np.argmax(strange)))} is not "
            f"among them ({such_rows(int(strange.sum()))}); {advice}"
        )
    return lost.reindex(index)


def require_distinct(table: Table) -> None:
    """Raise where two rows name one product.

    Raises
    ------
    DataError
        With the first product that comes again.
    """
    if table.index is None:
        return
    again = table.index.duplicated()
    if not again.any():
        return
    second = int(np.argmax(again))
    first = int(np.argmax(table.index == table.index[second]))
    raise DataError(
        f"each product must have one row; {row_name(table.index, second)} repeats row {first} "
        f"({such_rows(int(again.sum()))})"
    )
