"""The mathematics of ABC analysis: classes by value, by variability and by the last period."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from custvalue._numerics.abc_cuts import abc_count_thresholds, abc_thresholds
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray

__all__ = [
    "LOSS",
    "XYZ",
    "checked_cuts",
    "checked_xyz_cuts",
    "class_labels",
    "class_names",
    "class_totals",
    "coefficient_of_variation",
    "counted_values",
    "cross_table",
    "least_values",
    "margins",
    "sticky_classes",
    "total_value",
    "variability_classes",
]

LOSS = "N"
"""The class of negative values that have one of their own."""

XYZ = ("X", "Y", "Z")

_CUTS = {"value": (0.80, 0.95), "count": (0.20, 0.70)}
_MOST_CUTS = 12  # thirteen classes, A to M, so that N stays free


def checked_cuts(cuts: Any, rule: str) -> tuple[float, ...]:
    """Return the cuts as numbers, those of the rule where there are none.

    Raises
    ------
    ValueError
        If they are not 1 to 12 ascending numbers between 0 and 1.

    Examples
    --------
    >>> checked_cuts(None, "count"), checked_cuts([0.5], "value")
    ((0.2, 0.7), (0.5,))
    """
    if cuts is None:
        return _CUTS[rule]
    numbers = _ascending(cuts)
    if not numbers or len(numbers) > _MOST_CUTS or not 0 < numbers[0] <= numbers[-1] < 1:
        raise ValueError(
            f"cuts must be 1 to {_MOST_CUTS} ascending numbers between 0 and 1; found {cuts!r}"
        )
    return numbers


def checked_xyz_cuts(cuts: Any) -> tuple[float, ...]:
    """Return the cuts between X, Y and Z as numbers.

    Raises
    ------
    ValueError
        If they are not two ascending numbers above 0.

    Examples
    --------
    >>> checked_xyz_cuts((0.5, 1))
    (0.5, 1.0)
    """
    numbers = _ascending(cuts)
    if len(numbers) != len(XYZ) - 1 or numbers[0] <= 0:
        raise ValueError(f"xyz_cuts must be two ascending numbers above 0; found {cuts!r}")
    return numbers


def _ascending(cuts: Any) -> tuple[float, ...]:
    """Return strictly ascending finite numbers, none of them where they are not."""
    try:
        numbers = tuple(float(cut) for cut in cuts)
    except (TypeError, ValueError):
        return ()
    rising = all(low < high for low, high in pairwise(numbers))
    return numbers if rising and np.isfinite(numbers).all() else ()


def class_names(n_cuts: int) -> tuple[str, ...]:
    """Return one letter a class, A the first.

    Examples
    --------
    >>> class_names(2)
    ('A', 'B', 'C')
    """
    return tuple(chr(ord("A") + place) for place in range(n_cuts + 1))


def class_labels(places: IntArray, n_cuts: int, own: BoolArray) -> AnyArray:
    """Return the name of each item's class.

    Parameters
    ----------
    places : ndarray of int of shape (n_items,)
        0 for class A.
    n_cuts : int
    own : ndarray of bool of shape (n_items,)
        Which items are in class N, whatever their place.

    Returns
    -------
    ndarray of object of shape (n_items,)

    Examples
    --------
    >>> import numpy as np
    >>> class_labels(np.array([0, 2, 2]), 2, np.array([False, False, True]))
    array(['A', 'C', 'N'], dtype=object)
    """
    return np.array([*class_names(n_cuts), LOSS], dtype=object)[np.where(own, n_cuts + 1, places)]


def counted_values(values: FloatArray, negative: str) -> FloatArray:
    """Return the values that are ranked, ascending; negative ones as 0 or left out.

    Sorted, so that sums over them do not depend on the order of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> counted_values(np.array([50.0, -20, 30]), "zero")
    array([ 0., 30., 50.])
    >>> counted_values(np.array([50.0, -20, 30]), "own_class")
    array([30., 50.])
    """
    kept = values[values >= 0] if negative == "own_class" else np.maximum(values, 0.0)
    return np.sort(kept)


def least_values(counted: FloatArray, cuts: Sequence[float], rule: str) -> FloatArray:
    """Return the least value of each class but the last, above zero, in descending order.

    Parameters
    ----------
    counted : ndarray of shape (n_items,)
        At least 0, not all 0.
    cuts : sequence of float
    rule : {"value", "count"}

    Returns
    -------
    ndarray of shape (n_cuts,)

    Examples
    --------
    An item of no value is in the last class, however many items there are:

    >>> import numpy as np
    >>> least_values(np.array([9.0, 0.0, 0.0]), (0.5, 0.9), "count")
    array([9., 9.])
    """
    if rule == "value":
        return abc_thresholds(counted, cuts)
    least = np.maximum(abc_count_thresholds(counted, cuts), counted[counted > 0].min())
    return np.asarray(least, dtype=np.float64)


def class_totals(labels: AnyArray, values: FloatArray, names: Sequence[str]) -> pd.DataFrame:
    """Return how many items each class has, what they bring, and both as shares.

    Parameters
    ----------
    labels : ndarray of object of shape (n_items,)
        Class of each item.
    values : ndarray of shape (n_items,)
        Shares are of the sum of those above zero.
    names : sequence of str
        Names of the classes.

    Returns
    -------
    pandas.DataFrame
        Index ``class``; columns ``items``, ``item_share``, ``value``, ``value_share``.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array(["A", "C", "C"], dtype=object)
    >>> class_totals(labels, np.array([6.0, 3.0, 1.0]), ("A", "B", "C"))
           items  item_share  value  value_share
    class
    A          1    0.333333    6.0          0.6
    B          0    0.000000    0.0          0.0
    C          2    0.666667    4.0          0.4
    """
    order = np.argsort(values)  # sums that do not depend on the order of the rows
    codes, values = _codes(labels[order], names), values[order]
    items = np.bincount(codes, minlength=len(names))
    value = np.bincount(codes, weights=values, minlength=len(names))
    columns = {
        "items": items,
        "item_share": items / len(codes),
        "value": value,
        "value_share": value / values[values > 0].sum(),
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="class"))


def cross_table(labels: AnyArray, xyz: AnyArray, names: Sequence[str]) -> pd.DataFrame:
    """Return how many items are in each class, by variability.

    Parameters
    ----------
    labels, xyz : ndarray of object of shape (n_items,)
    names : sequence of str
        Names of the classes.

    Returns
    -------
    pandas.DataFrame
        Index ``class``, columns X, Y and Z.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array(["A", "A", "B"], dtype=object)
    >>> cross_table(labels, np.array(["X", "X", "Z"], dtype=object), ("A", "B"))
    xyz    X  Y  Z
    class
    A      2  0  0
    B      0  0  1
    """
    cells = _codes(labels, names) * len(XYZ) + _codes(xyz, XYZ)
    counts = np.bincount(cells, minlength=len(names) * len(XYZ)).reshape(len(names), len(XYZ))
    index = pd.Index(names, name="class")
    return pd.DataFrame(counts, index=index, columns=pd.Index(XYZ, name="xyz"))


def _codes(labels: AnyArray, names: Sequence[str]) -> IntArray:
    return pd.Categorical(labels, categories=list(names)).codes.astype(np.int64)


def total_value(counted: FloatArray) -> float:
    """Return the sum of the values, infinite where it is too large for a float.

    Examples
    --------
    >>> import numpy as np
    >>> total_value(np.array([1.0, 2.5])), total_value(np.array([1e308, 1e308]))
    (3.5, inf)
    """
    with np.errstate(over="ignore"):
        return float(counted.sum())


def margins(thresholds: FloatArray, hysteresis: float) -> tuple[list[float], list[float]]:
    """Return what an item must be worth to stay above each threshold, and to rise above it.

    Examples
    --------
    >>> import numpy as np
    >>> margins(np.array([300.0, 40.0]), 0.25)
    ([225.0, 30.0], [375.0, 50.0])
    """
    largest = sys.float_info.max
    stay = [float(least) * (1.0 - hysteresis) for least in thresholds]
    return stay, [min(float(least) * (1.0 + hysteresis), largest) for least in thresholds]


def sticky_classes(
    values: FloatArray, thresholds: FloatArray, last: IntArray, hysteresis: float
) -> IntArray:
    """Return the class of each value, which leaves the last class only where it is well beyond it.

    Against a threshold above its last class an item needs ``1 + hysteresis`` times as much, against
    one below ``1 - hysteresis`` times. The first class whose threshold it reaches is its class.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
    thresholds : ndarray of shape (n_cuts,)
        In descending order.
    last : ndarray of int of shape (n_items,)
        The last class, 0 the first; -1 where there is none.
    hysteresis : float
        At least 0 and below 1.

    Returns
    -------
    ndarray of int of shape (n_items,)

    Examples
    --------
    A was worth 95 and fell to that, C rose to 105, and a new item is worth as much:

    >>> import numpy as np
    >>> values, last = np.array([95.0, 105.0, 105.0]), np.array([0, 2, -1])
    >>> sticky_classes(values, np.array([100.0, 20.0]), last, 0.1)
    array([0, 1, 0])
    """
    stay, rise = margins(thresholds, hysteresis)
    classes = np.full(len(values), len(thresholds), dtype=np.int64)
    for place in reversed(range(len(thresholds))):
        known = np.where(place < last, rise[place], stay[place])
        classes[values >= np.where(last < 0, thresholds[place], known)] = place
    return classes


def coefficient_of_variation(periods: FloatArray) -> FloatArray:
    """Return the sample standard deviation of each row over its mean; inf without positive mean.

    Sums run around the first period: they cancel little, and SQL can take them in one pass.

    Parameters
    ----------
    periods : ndarray of shape (n_items, n_periods)
        At least two periods.

    Returns
    -------
    ndarray of shape (n_items,)

    Examples
    --------
    >>> import numpy as np
    >>> coefficient_of_variation(np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0], [0.0, 0.0, 0.0]]))
    array([0.5, 0. , inf])
    """
    count = periods.shape[1]
    # A power of two keeps squares of huge numbers finite and changes no digit.
    size = -np.frexp(np.abs(periods).max(axis=1))[1]
    first, *others = (np.ldexp(column, size) for column in periods.T)
    shift, squares = np.zeros(len(periods)), np.zeros(len(periods))
    for column in others:
        shift += column - first
        squares += (column - first) * (column - first)
    mean = first + shift / count
    spread = np.sqrt((squares - shift * shift / count) / (count - 1))
    variation = np.full(len(mean), np.inf)
    np.divide(spread, mean, out=variation, where=mean > 0)
    return variation


def variability_classes(variation: FloatArray, cuts: Sequence[float]) -> AnyArray:
    """Return X for a variation of at most the first cut, Y up to the second, Z above.

    Examples
    --------
    >>> import numpy as np
    >>> "".join(variability_classes(np.array([0.5, 0.51, 1.0, 1.1, np.inf]), (0.5, 1.0)))
    'XYYZZ'
    """
    places = np.searchsorted(np.asarray(cuts, dtype=np.float64), variation, side="left")
    return np.array(XYZ, dtype=object)[places]
