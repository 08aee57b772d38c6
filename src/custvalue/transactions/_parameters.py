"""Parameters that the summary and the split share: which columns, which days, which extras."""

from __future__ import annotations

from typing import Any

from custvalue.transactions._rfm_summary import EXTRAS

__all__ = ["check_extra", "check_id_name", "order_columns"]


def order_columns(customer: str, date: str, amount: str | None) -> dict[str, str]:
    """Return the columns of an order log, from the part that each plays to its name."""
    columns = {"customer": customer, "date": date}
    return columns if amount is None else {**columns, "amount": amount}


def check_extra(extra: Any, has_amount: bool) -> tuple[str, ...]:
    """Return the names of the extra columns.

    Raises
    ------
    ValueError
        If a name is unknown or double, or needs an amount and there is none.
    """
    names = tuple(extra)
    unknown = [name for name in names if name not in EXTRAS]
    if unknown:
        raise ValueError(f"extra must name columns among {', '.join(EXTRAS)}; found {unknown[0]!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"extra must name each column once; found {names!r}")
    if "total_value" in names and not has_amount:
        raise ValueError("extra 'total_value' needs an amount column; found amount=None")
    return names


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
