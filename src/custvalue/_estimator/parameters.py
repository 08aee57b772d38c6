"""Declared parameter checks: the one place that takes scikit-learn's private validators.

An estimator declares ``_parameter_constraints`` and calls ``self._validate_params()`` first in
``fit``; the error is a ``ValueError`` and a ``TypeError`` at once and names parameter and value.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from sklearn.utils._param_validation import HasMethods, Hidden, Interval, Options, StrOptions

__all__ = ["HasMethods", "Hidden", "Interval", "Options", "StrOptions", "interval", "whole_numbers"]


def interval(low: float | None, high: float | None, *, closed: str = "neither") -> Any:
    """Return the constraint of a real number between ``low`` and ``high``."""
    return Interval(Real, low, high, closed=closed)


def whole_numbers(low: int, high: int | None = None) -> Any:
    """Return the constraint of a whole number from ``low`` to ``high``, both allowed."""
    return Interval(Integral, low, high, closed="left" if high is None else "both")
