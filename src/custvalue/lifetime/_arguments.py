"""Checks of what is handed to the methods of the models."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from custvalue._estimator.arguments import read_choice, read_probability, read_rate, read_time
from custvalue._typing import FloatArray

__all__ = [
    "read_choice",
    "read_counts",
    "read_observed_time",
    "read_probability",
    "read_rate",
    "read_time",
]


def read_counts(n: Any) -> FloatArray:
    """Return whole numbers of at least 0, as floats."""
    counts = np.asarray(n)
    whole = counts.dtype.kind in "iu" or isinstance(n, Integral)
    if not whole or counts.ndim > 1 or (counts < 0).any():
        raise ValueError(
            f"n must be a whole number of at least 0, or a 1-D array of them; found {n!r}"
        )
    return counts.astype(float)


def read_observed_time(T: Any, n_customers: int) -> FloatArray:
    """Return one observed time per customer."""
    if not isinstance(n_customers, Integral) or n_customers < 1:
        raise ValueError(f"n_customers must be a whole number of at least 1; found {n_customers!r}")
    times = np.asarray(T, dtype=float)
    if times.ndim > 1 or (times.ndim == 1 and len(times) != n_customers):
        raise ValueError(
            f"T must be a number or have shape ({n_customers},); found shape {times.shape}"
        )
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError(f"T must be finite and not negative; found {T!r}")
    return np.broadcast_to(times, (n_customers,)).copy()
