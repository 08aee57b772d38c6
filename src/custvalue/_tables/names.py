"""Columns by the part they play: the caller names them, the expressions know only the part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custvalue.exceptions import DataError

_MOST_SHOWN = 20

__all__ = ["check_names"]


def check_names(found: Sequence[object], wanted: Mapping[str, str], owner: str) -> None:
    """Raise unless every wanted column is there once.

    Parameters
    ----------
    found : sequence
        Names of all columns of the table.
    wanted : mapping of str to str
        From the part that a column plays to its name.
    owner : str
        Who asks, for the message.

    Raises
    ------
    DataError
        If a column is missing, is there more than once, or plays two parts.
    """
    names = list(wanted.values())
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(
            f"{owner} needs the columns {', '.join(names)}; missing: {', '.join(missing)}; "
            f"found: {_listed(found)}"
        )
    double = [name for name in names if list(found).count(name) > 1]
    if double:
        raise DataError(
            f"column names must be unique; found more than once: {', '.join(double)}; "
            f"the columns are {_listed(found)}"
        )
    if len(set(names)) < len(names):
        parts = ", ".join(_played(part, name) for part, name in wanted.items())
        raise DataError(f"{owner} needs a column of its own for each part; found {parts}")


def _played(part: str, name: str) -> str:
    """Return a column with the part that it plays; numbered parts are no word of the caller's."""
    return repr(name) if part[-1:].isdigit() else f"{part}={name!r}"


def _listed(names: Sequence[object]) -> str:
    shown = ", ".join(str(name) for name in names[:_MOST_SHOWN])
    left = len(names) - _MOST_SHOWN
    return (shown or "none") + (f" and {left} more" if left > 0 else "")
