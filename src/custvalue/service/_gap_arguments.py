"""What the parameters of an analysis of service gaps must be, and what its answers."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = [
    "check_dimensions",
    "check_prefixes",
    "check_weights",
    "is_weight",
    "observed_scale",
    "refuse_unanswered",
    "total_doubts",
]

_TOTALS = (1.0, 100.0)
_ROUNDING = 1e-6
_TAKEN = ("overall", "weighted")


def observed_scale(ratings: Ratings) -> tuple[float, float]:
    """Return the lowest and the highest of all answers, of which there is one at least."""
    columns = [values[~np.isnan(values)] for values in ratings.columns.values()]
    answered = [values for values in columns if len(values)]
    low, high = min(one.min() for one in answered), max(one.max() for one in answered)
    return float(low), float(high)


def refuse_unanswered(score: FloatArray, items: list[str]) -> None:
    """Raise where nobody answered an item in full, naming the first and their number.

    Parameters
    ----------
    score : ndarray of shape (n, n_items)
    items : list of str

    Raises
    ------
    DataError
        If an item has no score.
    """
    empty = np.isnan(score).all(axis=0)
    if empty.any():
        raise DataError(
            f"each item needs a respondent who answered all questions about it; item "
            f"{items[int(np.argmax(empty))]!r} has none ({int(empty.sum())} such item(s))"
        )


def check_prefixes(
    first: str | None, second: str, *, names: str = "expectation and perception"
) -> None:
    """Raise where the beginnings of the names of columns cannot be told apart.

    Parameters
    ----------
    first : str or None
        None where that question was not asked.
    second : str
    names : str
        Of the two parameters, for the message.

    Raises
    ------
    ValueError
        If one of the two starts with the other.
    """
    if first is not None and (first.startswith(second) or second.startswith(first)):
        raise ValueError(
            f"{names} must begin the names of columns so that these can be told apart; found "
            f"{first!r} and {second!r}"
        )


def check_dimensions(dimensions: Mapping[str, str] | None) -> None:
    """Raise unless items and dimensions are named by text.

    Raises
    ------
    ValueError
        If they are not, there is no item, or a dimension has a name that other columns have.
    """
    if dimensions is None:
        return
    if not dimensions or not all(
        isinstance(one, str) for pair in dimensions.items() for one in pair
    ):
        raise ValueError(
            f"dimensions must name the dimension of each item in text, as in "
            f"{{'speed': 'reliability'}}; found {dimensions!r}"
        )
    taken = sorted(set(dimensions.values()) & set(_TAKEN))
    if taken:
        raise ValueError(
            f"dimensions must not be called {' or '.join(map(repr, _TAKEN))}, which are columns of "
            f"the result; found {taken[0]!r}"
        )


def check_weights(weights: Any, dimensions: Mapping[str, str] | None) -> None:
    """Raise unless each dimension has a weight of at least 0, not all of them 0.

    Parameters
    ----------
    weights : mapping of str to float, pandas.Series or None
    dimensions : mapping of str to str or None

    Raises
    ------
    ValueError
        If anything else is the case.
    """
    if weights is None:
        return
    if dimensions is None:
        raise ValueError("weights must name the dimensions; found no dimensions")
    given, wanted = dict(weights), list(dict.fromkeys(dimensions.values()))
    if len(given) != len(weights) or set(given) != set(wanted):
        raise ValueError(
            f"weights must name each dimension once ({', '.join(wanted)}); found "
            f"{', '.join(map(str, weights.keys()))}"
        )
    bad = {name: one for name, one in given.items() if not is_weight(one)}
    if bad:
        name, one = next(iter(bad.items()))
        raise ValueError(
            f"weights must be finite numbers of at least 0; {name!r} has {one!r} ({len(bad)} such)"
        )
    total = sum(float(one) for one in given.values())
    if not 0 < total < np.inf:
        raise ValueError(f"weights must have a positive, finite sum; found a sum of {total:.10g}")


def total_doubts(weights: Any) -> list[str]:
    """Return a sentence where the weights of dimensions sum neither to 1 nor to 100.

    Parameters
    ----------
    weights : mapping of str to float, pandas.Series or None
        Checked.

    Returns
    -------
    list of str

    Examples
    --------
    >>> total_doubts({"care": 30, "delivery": 70})
    []
    """
    if weights is None:
        return []
    total = sum(float(one) for one in dict(weights).values())
    if any(abs(total / whole - 1) <= _ROUNDING for whole in _TOTALS):
        return []
    return [f"weights sum to {total:.10g}, neither to 1 nor to 100; each counts by its share of it"]


def is_weight(value: Any) -> bool:
    """Return whether a value is a finite number of at least 0; True and False are none."""
    if not isinstance(value, Real) or isinstance(value, (bool, np.bool_)):
        return False
    try:
        return 0 <= float(value) < np.inf
    except OverflowError:
        return False
