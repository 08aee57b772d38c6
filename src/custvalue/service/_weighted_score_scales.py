"""Scales of indicators: how much a raw value x counts.

A linear scale counts n = (x - origin) / unit, an inverse one n = unit / x. Where less is better the
unit of a linear scale is negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain
from custvalue._numerics.weighting import near_one
from custvalue._typing import FloatArray

__all__ = [
    "Scale",
    "check_costs",
    "check_targets",
    "learn_scale",
    "scale_frame",
    "scales_of",
]


_LARGE = 1e300
"""From here on differences are taken in a unit four times as large, since they may overflow."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the values of one indicator count.

    Attributes
    ----------
    form : {"linear", "inverse"}
    origin : float
        The value that counts 0, of a linear scale.
    unit : float
        NaN where all fitted values are equal and the scale would need a difference; infinite where
        their difference is above 1.8e308.
    low, high : float
        Least and largest fitted value.
    """

    form: str
    origin: float
    unit: float
    low: float
    high: float

    @property
    def usable(self) -> bool:
        """Whether values count at all."""
        return not np.isnan(self.unit)

    def apply(self, values: FloatArray) -> FloatArray:
        """Return what values count; NaN for a missing one.

        Parameters
        ----------
        values : ndarray of shape (n,)
            Above 0 for an inverse scale.

        Returns
        -------
        ndarray of shape (n,)
            Infinite where a value counts more than 1.8e308.
        """
        origin, unit = self.origin, self.unit
        if np.isinf(unit) or abs(origin) > _LARGE:
            span = np.copysign(self.high / 4 - self.low / 4, unit)
            unit = float(span) if np.isinf(unit) else unit / 4
            values, origin = values / 4, origin / 4
        with np.errstate(over="ignore", invalid="ignore"):
            if self.form == "inverse":
                counted: FloatArray = unit / values
            elif unit < 0:
                counted = (origin - values) / -unit  # 0 rather than -0
            else:
                counted = (values - origin) / unit
        return counted


def learn_scale(
    values: FloatArray,
    counts: FloatArray,
    scaling: str | None,
    *,
    cost: bool = False,
    given: Any = None,
) -> Scale:
    """Return the scale of an indicator.

    Parameters
    ----------
    values : ndarray of shape (n,)
        At least one, none missing.
    counts : ndarray of shape (n,)
        How many equal rows each stands for.
    scaling : {"min_max", "z", "target"} or None
        (x - min) / (max - min); (x - mean) / sd with the sd of all rows, not n - 1; x / target, or
        target / x of a cost; x itself.
    cost : bool
        Less is better: (max - x) / (max - min); (mean - x) / sd; target / x; low + high - x.
    given : float or (float, float), optional
        The target, or the values that count 0 and 1; without scaling the ends of the scale of a
        cost, which are otherwise its least and largest value.

    Returns
    -------
    Scale

    Examples
    --------
    >>> import numpy as np
    >>> days = np.array([1.0, 5.0, 2.0])
    >>> learn_scale(days, np.ones(3), "min_max", cost=True).apply(days)
    array([1.  , 0.  , 0.75])
    """
    low, high = float(values.min()), float(values.max())
    if scaling is None:
        origin = sum(given or (low, high)) if cost else 0.0
        return Scale("linear", origin, -1.0 if cost else 1.0, low, high)
    if scaling == "target":
        return _to_target(given, cost, low, high)
    sign = -1.0 if cost else 1.0
    if low == high:
        return Scale("linear", low, float("nan"), low, high)
    if scaling == "z":
        scaled, exponent = near_one(values)
        mean = counts @ scaled / counts.sum()
        spread = np.sqrt(counts @ (scaled - mean) ** 2 / counts.sum())
        origin, unit = (float(np.ldexp(figure, exponent)) for figure in (mean, sign * spread))
        return Scale("linear", origin, unit, low, high)
    return Scale("linear", high if cost else low, sign * (high - low), low, high)


def _to_target(given: Any, cost: bool, low: float, high: float) -> Scale:
    if isinstance(given, Real):
        return Scale("inverse" if cost else "linear", 0.0, float(given), low, high)
    worst, best = map(float, given)
    return Scale("linear", worst, best - worst, low, high)


def scale_frame(scales: Mapping[str, Scale], name: str) -> pd.DataFrame:
    """Return scales as a table, a row an indicator.

    Parameters
    ----------
    scales : mapping of str to Scale
    name : str
        Of the index.

    Returns
    -------
    pandas.DataFrame
        Columns ``form``, ``origin``, ``unit``, ``low`` and ``high``.
    """
    rows = [
        (scale.form, scale.origin, scale.unit, scale.low, scale.high) for scale in scales.values()
    ]
    columns = ["form", "origin", "unit", "low", "high"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(list(scales), name=name))


def scales_of(table: pd.DataFrame) -> dict[str, Scale]:
    """Return the scales that a table of `scale_frame` holds."""
    return {str(row[0]): Scale(*row[1:]) for row in table.itertuples(name=None)}


def check_costs(costs: Sequence[str] | Mapping[str, Any], items: Sequence[str]) -> None:
    """Raise where a cost is no item, or the ends of its scale are none.

    Raises
    ------
    ValueError
        With the costs at fault.
    """
    others = [repr(name) for name in costs if name not in items]
    if others:
        raise ValueError(
            f"costs must name items, which are {', '.join(items)}; found {', '.join(others)}"
        )
    if not isinstance(costs, Mapping):
        return
    for item, ends in costs.items():
        if not _is_pair(ends) or not ends[0] < ends[1]:
            raise ValueError(
                f"costs must give the least and the largest value of an item's scale; found "
                f"{item!r}: {ends!r}"
            )


def check_targets(
    targets: Any, items: Sequence[str], costs: Sequence[str], *, parameter: str
) -> None:
    """Raise unless every item has a target above 0, or the values that count 0 and 1.

    Parameters
    ----------
    targets : mapping or pandas.Series
    items, costs : sequence of str
    parameter : str
        For the messages.

    Raises
    ------
    ValueError
        With the items at fault.
    """
    given = dict(targets)
    if set(given) != set(items):
        raise ValueError(
            f"{parameter} must give a target for each item, which are {', '.join(items)}; found "
            f"{', '.join(map(str, given)) or 'none'}"
        )
    for item, target in given.items():
        number = isinstance(target, Real) and np.isfinite(float(target)) and float(target) > 0
        if not number and not (_is_pair(target) and target[0] != target[1]):
            raise ValueError(
                f"{parameter} must give a finite number above 0, or the values that count 0 and 1; "
                f"found {item!r}: {plain(target)}"
            )
        if not number and item in costs and target[0] < target[1]:
            raise ValueError(
                f"{parameter} must give a cost the larger value first, which counts 0; found "
                f"{item!r}: {plain(target)}"
            )


def _is_pair(ends: Any) -> bool:
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        return False
    numbers = all(isinstance(end, Real) and np.isfinite(float(end)) for end in ends)
    return numbers and bool(np.isfinite(float(ends[1]) - float(ends[0])))
