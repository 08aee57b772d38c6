"""Conditions that a customer meets or not, as text and as a test of a column.

A column is an array of numbers, of a category the places among its levels; NaN is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from custvalue._typing import BoolArray, FloatArray

__all__ = [
    "Condition",
    "Conditions",
    "condition_of_level",
    "holds_all",
    "short_between",
    "simplified",
    "split_number",
]

_DIGITS = 17
_TESTS: dict[str, Callable[[FloatArray, float], BoolArray]] = {
    "above": lambda values, bound: values > bound,
    "is": lambda values, level: values == level,
    "is not": lambda values, level: values != level,
    "missing": lambda values, _: np.isnan(values),
    "known": lambda values, _: ~np.isnan(values),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes
    ----------
    feature : str
    kind : str
        "at most", "above", "is", "is not", "missing" or "known".
    value : float
        The bound, or the place of the level.
    level : str
        Text of the level.
    or_missing : bool
        Whether a missing number meets "at most".
    """

    feature: str
    kind: Literal["at most", "above", "is", "is not", "missing", "known"]
    value: float = np.nan
    level: str = ""
    or_missing: bool = False

    def holds(self, values: FloatArray) -> BoolArray:
        """Return for each customer whether it is met.

        Parameters
        ----------
        values : ndarray of shape (n_customers,)

        Returns
        -------
        ndarray of bool of shape (n_customers,)
        """
        if self.kind == "at most":
            return (values <= self.value) | (self.or_missing & np.isnan(values))
        return _TESTS[self.kind](values, self.value)

    @property
    def text(self) -> str:
        """The condition as it is printed."""
        if self.kind in ("missing", "known"):
            return f"{self.feature} is {self.kind}"
        if self.kind in ("is", "is not"):
            return f"{self.feature} {self.kind} {self.level}"
        bound = f"{self.feature} {'>' if self.kind == 'above' else '<='} {_number(self.value)}"
        return f"({bound} or missing)" if self.or_missing else bound


Conditions: TypeAlias = tuple[Condition, ...]
"""All must be met."""


def holds_all(conditions: Conditions, columns: Mapping[str, FloatArray], n: int) -> BoolArray:
    """Return for each customer whether all conditions are met.

    Parameters
    ----------
    conditions : tuple of Condition
    columns : mapping of str to ndarray of shape (n,)
    n : int

    Returns
    -------
    ndarray of bool of shape (n,)
    """
    met = np.ones(n, dtype=bool)
    for condition in conditions:
        met &= condition.holds(columns[condition.feature])
    return met


def split_number(
    feature: str, distinct: FloatArray, place: int, gaps: bool
) -> tuple[Condition, Condition]:
    """Return the conditions on both sides of a split of a number.

    Parameters
    ----------
    feature : str
    distinct : ndarray of shape (n_distinct,)
        The different values in ascending order.
    place : int
        Position of the largest value below the split; -1 parts the missing from the known.
    gaps : bool
        Whether values are missing; these are below the split.

    Returns
    -------
    below, above : Condition

    Examples
    --------
    >>> import numpy as np
    >>> [side.text for side in split_number("x", np.array([1.0, 2.0, 7.0]), 1, gaps=True)]
    ['(x <= 4 or missing)', 'x > 4']
    """
    if place < 0:
        return Condition(feature, "missing"), Condition(feature, "known")
    bound = short_between(float(distinct[place]), float(distinct[place + 1]))
    below = Condition(feature, "at most", bound, or_missing=gaps)
    return below, Condition(feature, "above", bound)


def condition_of_level(feature: str, value: float, level: str | None, *, holds: bool) -> Condition:
    """Return the condition that a category is a level, or is not; None is missing."""
    if level is None:
        return Condition(feature, "missing" if holds else "known")
    return Condition(feature, "is" if holds else "is not", value, level)


def simplified(path: Conditions) -> Conditions:
    """Return conditions that say the same with the tightest bounds alone.

    Parameters
    ----------
    path : tuple of Condition

    Returns
    -------
    tuple of Condition
        Feature by feature, in the order in which the path first names them.

    Examples
    --------
    >>> path = (
    ...     Condition("x", "above", 2.0),
    ...     Condition("y", "at most", 1.0),
    ...     Condition("x", "above", 4.0),
    ... )
    >>> [condition.text for condition in simplified(path)]
    ['x > 4', 'y <= 1']
    """
    features = dict.fromkeys(condition.feature for condition in path)
    return tuple(
        condition
        for feature in features
        for condition in _tightest([c for c in path if c.feature == feature])
    )


def short_between(lower: float, upper: float) -> float:
    """Return the number with the fewest digits from ``lower`` on, below ``upper``.

    Parameters
    ----------
    lower, upper : float
        Finite, the first smaller.

    Returns
    -------
    float
        The one nearest to their middle among those with equally few decimals.

    Examples
    --------
    >>> short_between(4.0, 5.0), short_between(52.13, 52.48), short_between(870.0, 1120.0)
    (4.0, 52.3, 1000.0)
    """
    if lower <= 0 < upper:
        return 0.0
    middle = lower / 2 + upper / 2
    first = -math.floor(math.log10(max(abs(lower), abs(upper))))
    for decimals in range(first, first + _DIGITS):
        nearest = round(middle, decimals)
        step = float(f"1e{-decimals}")
        around = [round(nearest + i * step, decimals) for i in (0, -1, 1)]
        fitting = [value for value in around if lower <= value < upper]
        if fitting:
            return min(fitting, key=lambda value: abs(value - middle))
    return lower


def _tightest(conditions: list[Condition]) -> list[Condition]:
    """Return the conditions of one feature that the others do not imply."""
    kinds = {condition.kind for condition in conditions}
    for alone in ("missing", "is"):
        if alone in kinds:
            return [c for c in conditions if c.kind == alone][:1]
    lows = [c for c in conditions if c.kind == "above"]
    highs = [c for c in conditions if c.kind == "at most"]
    low = [max(lows, key=lambda c: c.value)] if lows else []
    high = [min(highs, key=lambda c: c.value)] if highs else []
    missing = all(c.or_missing for c in highs) and not lows and "known" not in kinds
    high = [replace(c, or_missing=missing) for c in high]
    known = [c for c in conditions if c.kind == "known"][:1] if not (low or high) else []
    return [*low, *high, *known, *(c for c in conditions if c.kind == "is not")]


def _number(value: float) -> str:
    text = f"{value:.15g}"
    return text if float(text) == value else repr(value)
