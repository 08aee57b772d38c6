"""Checks of what is handed to the methods of models, which every room of models shares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from custvalue._typing import FloatArray

__all__ = [
    "is_number",
    "read_amount",
    "read_choice",
    "read_probability",
    "read_rate",
    "read_time",
    "read_whole_number",
    "read_whole_numbers",
]


def is_number(value: Any) -> bool:
    """Return whether a value is a single number: no bool, and no length of time."""
    # np.timedelta64 is a np.signedinteger.
    is_other = isinstance(value, (bool, np.timedelta64))
    return isinstance(value, (int, float, np.integer, np.floating)) and not is_other


def read_time(value: Any, name: str) -> float:
    """Return a time of at least 0; it may be infinite."""
    if not is_number(value) or not value >= 0:
        raise ValueError(f"{name} must be a number of at least 0, in time units; found {value!r}")
    return float(value)


def read_amount(value: Any, name: str) -> float:
    """Return a finite amount of at least 0."""
    if not is_number(value) or not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a finite number of at least 0; found {value!r}")
    return float(value)


def read_probability(value: Any, name: str) -> float:
    """Return a probability strictly between 0 and 1."""
    if not is_number(value) or not 0 < value < 1:
        raise ValueError(f"{name} must be a number between 0 and 1; found {value!r}")
    return float(value)


def read_choice(value: Any, name: str, choices: tuple[str, ...]) -> str:
    """Return one of several words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; found {value!r}")
    return value


def read_rate(value: Any, horizon: float, name: str = "rate") -> float:
    """Return a discount rate; over an infinite horizon it must be positive."""
    rate = read_amount(value, name)
    if rate == 0 and math.isinf(horizon):
        raise ValueError(f"{name} must be positive where the horizon is infinite; found 0")
    return rate


def read_whole_number(value: Any, name: str, lowest: int = 0) -> int:
    """Return a single whole number from ``lowest`` on; 3.0 is one."""
    if np.ndim(value) > 0:
        raise ValueError(f"{name} must be a single whole number; found {value!r}")
    numbers = _whole_numbers(value, lowest)
    if numbers is None:
        raise ValueError(f"{name} must be a whole number of at least {lowest}; found {value!r}")
    return int(numbers)


def read_whole_numbers(value: Any, name: str, lowest: int = 0) -> FloatArray:
    """Return whole numbers from ``lowest`` on as floats: of one number no axis, of several one."""
    numbers = _whole_numbers(value, lowest)
    if numbers is None:
        raise ValueError(
            f"{name} must be a whole number of at least {lowest}, or a 1-D array of them; "
            f"found {value!r}"
        )
    return numbers


def _whole_numbers(value: Any, lowest: int) -> FloatArray | None:
    """Return whole numbers from ``lowest`` on as floats; None where there is anything else."""
    found = np.asarray(value)
    if found.dtype.kind not in "iuf" or found.ndim > 1 or found.size == 0:
        return None
    numbers = found.astype(np.float64)
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= lowest)
    return numbers if whole.all() else None
