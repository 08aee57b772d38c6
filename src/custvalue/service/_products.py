"""Tables of products as the ranking of this room reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from custvalue._estimator.door import Table, kind_of, read_table, require, row_name
from custvalue.exceptions import DataError
from custvalue.service._order_priority import LEVELS

__all__ = ["find_profit", "read_products", "require_distinct"]

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
    kind = kind_of(X)
    if kind == "array":
        return wanted[0]
    names = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
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


def read_products(X: Any, column: str, importance: str, *, by_rank: bool, owner: str) -> Table:
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

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a column is missing or a value is outside its scale.
    """
    table = read_table(X, [column, importance], owner=owner)
    levels = np.arange(1, len(LEVELS) + 1)
    rule = f"{importance} must be 1, 2 or 3"
    require(table, np.isin(table[importance], levels), rule, [importance])
    if by_rank:
        ranks = table[column]
        whole = (ranks >= 1) & (ranks <= _LARGEST_RANK) & (ranks == np.floor(ranks))
        rule = f"{column} must be a whole number from 1 to {_LARGEST_RANK:,}"
        require(table, whole, rule, [column])
    return table


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
    count = int(again.sum())
    raise DataError(
        f"each product must have one row; {row_name(table.index, second)} repeats row {first} "
        f"({count} such row{'' if count == 1 else 's'})"
    )
