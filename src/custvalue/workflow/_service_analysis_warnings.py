"""Warnings of the parts of an analysis, given again once each, at the line of the user."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from custvalue.exceptions import ConvergenceWarning, DataQualityWarning

__all__ = ["told_at_the_call"]

_OWN = frozenset({"custvalue", "sklearn", "contextlib"})
_HELD = (DataQualityWarning, ConvergenceWarning)


@contextmanager
def told_at_the_call() -> Iterator[None]:
    """Hold the warnings of what runs inside; then give each once, at the line of the user.

    The parts warn at the line that calls them, which is one of this library. A table that is read
    several times would also be told of several times. Where an error ends the run it alone is told.
    """
    with warnings.catch_warnings(record=True) as said:
        for category in _HELD:
            warnings.simplefilter("always", category)
        yield
    frame = _users_frame()
    told = set()
    for one in said:
        if not issubclass(one.category, _HELD) or frame is None:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        elif (one.category, str(one.message)) not in told:
            told.add((one.category, str(one.message)))
            _tell(one, frame)


def _tell(said: warnings.WarningMessage, frame: FrameType) -> None:
    warnings.warn_explicit(
        said.message,
        said.category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _users_frame() -> FrameType | None:
    """Return the first frame up the stack that is not of this library."""
    frame = inspect.currentframe()
    while frame is not None and _package(frame) in _OWN:
        frame = frame.f_back
    return frame


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).split(".", maxsplit=1)[0]
