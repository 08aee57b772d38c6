"""Values and their classes as the tables that a picture of an ABC analysis is drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._numerics.concentration import lorenz_curve
from custvalue._typing import AnyArray, FloatArray

__all__ = ["class_table", "thinned_curve"]

_MOST_POINTS = 400


def class_table(values: Any, classes: Any) -> tuple[FloatArray, pd.DataFrame]:
    """Return values as numbers, and the classes with the items and the value in each.

    Parameters
    ----------
    values : array-like of shape (n_items,)
    classes : array-like of str of shape (n_items,)

    Returns
    -------
    values : ndarray of shape (n_items,)
    table : pandas.DataFrame
        Index ``class`` in alphabetical order; ``items``, ``item_share``, ``value`` and
        ``value_share``.

    Raises
    ------
    ValueError
        If the two are not equally long, a value is negative or not finite, none is above zero, or
        a class is missing.

    Examples
    --------
    >>> class_table([6.0, 3.0, 1.0], ["A", "B", "B"])[1]
           items  item_share  value  value_share
    class
    A          1    0.333333    6.0          0.6
    B          2    0.666667    4.0          0.4
    """
    numbers, names = np.asarray(values, dtype=np.float64), np.asarray(classes, dtype=object)
    if numbers.ndim != 1 or numbers.shape != names.shape:
        raise ValueError(
            "values and classes must be rows of one entry per item; "
            f"found shapes {numbers.shape} and {names.shape}"
        )
    _refuse_bad(numbers, names)
    codes, found = pd.factorize(names.astype(str), sort=True)
    items, value = np.bincount(codes), np.bincount(codes, weights=numbers)
    columns = {
        "items": items,
        "item_share": items / len(numbers),
        "value": value,
        "value_share": value / value.sum(),
    }
    return numbers, pd.DataFrame(columns, index=pd.Index(found, name="class"))


def thinned_curve(values: FloatArray) -> pd.DataFrame:
    """Return what share of the value the most valuable items hold, from one item on.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
        At least 0, not all 0.

    Returns
    -------
    pandas.DataFrame
        ``item_share`` and ``value_share``, at no more than 400 points.

    Examples
    --------
    >>> import numpy as np
    >>> thinned_curve(np.array([1.0, 3.0])).to_numpy().tolist()
    [[0.5, 0.75], [1.0, 1.0]]
    """
    population, held = lorenz_curve(values)
    item_share, value_share = 1.0 - population[::-1][1:], 1.0 - held[::-1][1:]
    if len(item_share) > _MOST_POINTS:
        # Half of the points where the curve climbs, half along the items.
        share = np.union1d(
            np.linspace(item_share[0], 1.0, _MOST_POINTS // 2),
            np.interp(np.linspace(value_share[0], 1.0, _MOST_POINTS // 2), value_share, item_share),
        )
        value_share = np.interp(share, item_share, value_share)
        item_share = share
    return pd.DataFrame({"item_share": item_share, "value_share": value_share})


def _refuse_bad(values: FloatArray, classes: AnyArray) -> None:
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            "values must be finite numbers of at least 0 (leave out returns, and their classes); "
            f"item {first} has {values[first]:g} ({int(bad.sum())} such)"
        )
    if not (values > 0).any():
        raise ValueError(
            f"values must have a total above zero to be shared out; found {len(values)} of 0"
        )
    missing = np.asarray(pd.isna(classes), dtype=bool)
    if missing.any():
        raise ValueError(
            f"classes must be known for every item; item {int(np.argmax(missing))} has none "
            f"({int(missing.sum())} such)"
        )
