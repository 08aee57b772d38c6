"""Errors and warnings of the library: each is also the built-in that callers already catch."""

from __future__ import annotations

__all__ = [
    "ConvergenceWarning",
    "DataError",
    "DataQualityWarning",
    "NoUncertaintyError",
    "PersistenceError",
]


class DataError(ValueError):
    """The data break a rule; the message names the rule, column, number and first of the rows."""


class PersistenceError(ValueError):
    """A file is not a model that this version of the library can read, or cannot be written."""


class NoUncertaintyError(AttributeError, ValueError):
    """Uncertainty is asked of parameters that were given, not estimated.

    It is an ``AttributeError`` too, so that ``hasattr(model, "standard_errors_")`` answers no.
    """


class ConvergenceWarning(UserWarning):
    """An estimate is not a proper maximum of the likelihood; the message says in what way."""


class DataQualityWarning(UserWarning):
    """The data are usable but something in them was inferred, removed or looks unlikely."""
