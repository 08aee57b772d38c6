"""What order lines are judged by: which columns play which part, and what counts as good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from numbers import Integral
from typing import Any

__all__ = [
    "CRITERIA",
    "DAYS",
    "FLAGS",
    "MOST_DAYS",
    "PARTS",
    "LineRules",
    "check_columns",
    "check_days",
    "check_names_of_columns",
    "needs",
]

DAYS = ("placed", "requested", "promised", "delivered")
FLAGS = ("damaged", "documents_correct")
PARTS = ("order", "customer", *DAYS, "ordered", "delivered_quantity", *FLAGS)
"""The parts that columns play; each is the name of its column unless told otherwise."""

MOST_DAYS = 1_000_000
"""No tolerance is longer: what dates can hold."""

CRITERIA = ("on_time", "in_full", "undamaged", "documents")


@dataclass(frozen=True, slots=True)
class LineRules:
    """What a good line is.

    Attributes
    ----------
    reference : {"promised", "requested"}
        The day that a delivery must keep.
    tolerance : int
        Days after it that still count as on time.
    early : int or None
        Days before it that still count; None: all.
    as_of : datetime.date or None
        The day from which the lines are looked at; None: nothing is overdue.
    on_negative : {"raise", "drop"}
        What becomes of negative quantities.
    cycle_from : {"placed", "requested"} or None
        Where the order cycle begins; None: it is not measured.
    flags : tuple of str
        Parts that are criteria as they are; True is good.
    groups : tuple of str
        Parts that lines are grouped by.
    counted : tuple of str or None
        What is counted of lines: criteria, "reliable" and "units"; None: all there is.
    """

    reference: str = "promised"
    tolerance: int = 0
    early: int | None = None
    as_of: date | None = None
    on_negative: str = "raise"
    cycle_from: str | None = None
    flags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    counted: tuple[str, ...] | None = None


def needs(criterion: str, reference: str) -> tuple[str, ...]:
    """Return the parts without which a criterion cannot be judged.

    Examples
    --------
    >>> needs("on_time", "requested")
    ('requested', 'delivered')
    """
    return {
        "on_time": (reference, "delivered"),
        "in_full": ("ordered", "delivered_quantity"),
        "undamaged": ("damaged",),
        "documents": ("documents_correct",),
    }[criterion]


def check_days(value: Any, name: str) -> int:
    """Return a number of days.

    Raises
    ------
    ValueError
        If it is no whole number from 0 to a million.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise ValueError(f"{name} must be a whole number of days from 0; found {value!r}")
    if int(value) > MOST_DAYS:
        raise ValueError(f"{name} must be at most {MOST_DAYS} days; found {value!r}")
    return int(value)


def check_columns(columns: Any) -> dict[str, str]:
    """Return which columns play parts under another name.

    Raises
    ------
    ValueError
        If a part is unknown, or a name is no text.
    """
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise ValueError(f"columns must be a mapping from part to column; found {columns!r}")
    for part, name in columns.items():
        if part not in PARTS or not isinstance(name, str):
            raise ValueError(
                f"columns must map parts among {', '.join(PARTS)} to names of columns; "
                f"found {part!r}: {name!r}"
            )
    return dict(columns)


def check_names_of_columns(value: Any, name: str, taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Return one name or several as a tuple, each once.

    Parameters
    ----------
    value : str, sequence of str or None
    name : str
        Name of the parameter, for the message.
    taken : sequence of str
        Names that the result has for columns of its own.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If a name is no text, is there twice, or is taken.
    """
    names = () if value is None else (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        raise ValueError(f"{name} must be a name or a list of names of columns; found {value!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"{name} must name each column once; found {value!r}")
    both = [one for one in names if one in taken]
    if both:
        raise ValueError(
            f"{name} must not be named like a column of the result; found {both[0]!r}, "
            f"the result has {', '.join(taken)}"
        )
    return tuple(names)
