"""What every order log must be: ids that can be ids, dates that are dates, and none missing."""

from __future__ import annotations

import ibis.expr.datatypes as dt

from custvalue._tables.checks import is_missing, reject_rows, require_type
from custvalue._tables.door import OpenTable
from custvalue.exceptions import DataError

__all__ = ["check_order_parts", "check_order_types"]

_LABELS = (dt.Integer, dt.String, dt.Floating, dt.Decimal, dt.Date, dt.Timestamp, dt.UUID)


def check_order_types(opened: OpenTable) -> None:
    """Raise unless ids can be ids and dates are dates or times.

    Parameters
    ----------
    opened : OpenTable
        With the parts "customer" and "date".

    Raises
    ------
    DataError
        If a column is of another type.
    """
    require_type(
        opened,
        "customer",
        lambda found: isinstance(found, _LABELS),
        "ids",
        "Numbers, text or dates can be ids.",
    )
    require_type(
        opened,
        "date",
        lambda found: found.is_date() or found.is_timestamp(),
        "dates or times",
        "Convert it first, for example with pandas.to_datetime or as YYYY-MM-DD in a CSV file",
    )


def check_order_parts(
    opened: OpenTable, n_rows: int, n_missing: dict[str, int], owner: str
) -> None:
    """Raise unless there are orders, and every order has the parts it needs.

    Parameters
    ----------
    opened : OpenTable
    n_rows : int
        How many orders were read.
    n_missing : dict of str to int
        From a part, such as "customer", to the number of orders without it.
    owner : str
        Who asks, for messages.

    Raises
    ------
    DataError
        If there are no orders, or a part is missing in one.
    """
    if n_rows == 0:
        raise DataError(
            f"{owner} needs at least one order; {opened.origin} has columns but no rows"
        )
    for part, count in n_missing.items():
        if count:
            _reject_missing(opened, part)


def _reject_missing(opened: OpenTable, part: str) -> None:
    reject_rows(
        opened,
        lambda orders: is_missing(orders[part]),
        f"column {opened.names[part]!r} must not have missing values",
        [part, "date" if part == "customer" else "customer"],
    )
