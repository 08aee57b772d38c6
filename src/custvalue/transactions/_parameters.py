"""Parameters that the summary and the split share: which columns, which days, which extras."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from custvalue.transactions._rfm_summary import EXTRAS

__all__ = ["check_edge", "check_extra", "check_id_name", "order_columns"]


def order_columns(customer: str, date: str, amount: str | None) -> dict[str, str]:
    """Return the columns of an order log, from the part that each plays to its name."""
    columns = {"customer": customer, "date": date}
    return columns if amount is None else {**columns, "amount": amount}


def check_extra(extra: Any, has_amount: bool, left_edge: float | None = None) -> tuple[str, ...]:
    """Return the names of the extra columns.

    Raises
    ------
    ValueError
        If a name is unknown or double, or needs an amount or a left edge and there is none.
    """
    names = tuple(extra)
    unknown = [name for name in names if name not in EXTRAS]
    if unknown:
        raise ValueError(f"extra must name columns among {', '.join(EXTRAS)}; found {unknown[0]!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"extra must name each column once; found {names!r}")
    if "total_value" in names and not has_amount:
        raise ValueError("extra 'total_value' needs an amount column; found amount=None")
    if "left_truncated" in names and left_edge is None:
        raise ValueError(
            "extra 'left_truncated' needs left_edge, how long a customer may well stay away "
            "between two purchases, in time_unit; found left_edge=None"
        )
    return names


def check_edge(left_edge: Any) -> float | None:
    """Return the length of the left edge.

    Raises
    ------
    ValueError
        If it is not a number above zero.
    """
    if left_edge is None:
        return None
    if isinstance(left_edge, Real) and 0 < float(left_edge) < math.inf:
        return float(left_edge)
    raise ValueError(f"left_edge must be a number above 0, or None; found {left_edge!r}")


def check_id_name(customer: str, columns: tuple[str, ...]) -> None:
    """Raise if the id column is named like a column of the summary, in capitals or not.

    Raises
    ------
    ValueError
        If the names collide.
    """
    if customer.casefold() in {name.casefold() for name in columns}:
        raise ValueError(
            f"customer must not be named like a column of the summary ({', '.join(columns)}); "
            f"found {customer!r}"
        )
