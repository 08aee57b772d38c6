"""Progress bars for long work, shown when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import track

__all__ = ["tracked"]

Item = TypeVar("Item")


def tracked(items: Iterable[Item], description: str, *, progress: bool) -> Iterable[Item]:
    """Return the items, with a bar on standard error while they are worked through.

    Parameters
    ----------
    items : iterable
        Of known length where it has one.
    description : str
        What is being done.
    progress : bool
        False shows nothing.

    Returns
    -------
    iterable
        The same items in the same order.
    """
    if not progress:
        return items
    total = len(items) if isinstance(items, Sized) else None
    console = Console(stderr=True)
    return track(items, description, total=total, transient=True, console=console)
