"""What the answers of a survey and the weights of its respondents must be to be computed with."""

from __future__ import annotations

import numpy as np

from custvalue._estimator.door import row_name, such_rows
from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError

__all__ = ["fewer_than_two", "refuse_huge", "refuse_tiny", "weight_doubts"]

_HUGE = 1e100
_TINY = 1e-100
_MOST_RESPONDENTS = 2.0**53
_ROUNDING = 1e-9
_ROUNDED_WEIGHTS = 0.01
"""Weights in print have two decimals, and then a mean that is not quite 1."""


def refuse_huge(ratings: Ratings) -> None:
    """Raise where an answer is beyond 1e100 in size: sums of squares would not be numbers.

    Parameters
    ----------
    ratings : Ratings

    Raises
    ------
    DataError
        If any answer is, naming the column, the first row and their number.
    """
    for item, values in ratings.columns.items():
        beyond = np.abs(values) > _HUGE
        if beyond.any():
            first = int(np.argmax(beyond))
            raise DataError(
                f"column {item!r} must lie between {-_HUGE:g} and {_HUGE:g} to be computed with; "
                f"{row_name(ratings.index, first)} has {item}={float(values[first])!r} "
                f"({such_rows(int(beyond.sum()))})"
            )


def refuse_tiny(ratings: Ratings) -> None:
    """Raise where all answers of a column are below 1e-100 in size, and not all are 0.

    Parameters
    ----------
    ratings : Ratings

    Raises
    ------
    DataError
        If there is such a column: squares of its answers would be 0.
    """
    for item, values in ratings.columns.items():
        size = float(np.abs(values).max(initial=0.0, where=~np.isnan(values)))
        if 0 < size < _TINY:
            raise DataError(
                f"column {item!r} must hold a number of at least {_TINY:g} in size, or zeros only, "
                f"to be computed with; the largest is {size!r}"
            )


def weight_doubts(weights: FloatArray | None) -> list[str]:
    """Refuse weights that cannot count respondents; return sentences on those that look like none.

    Parameters
    ----------
    weights : ndarray of shape (n_rows,) or None
        Not negative, some positive.

    Returns
    -------
    list of str
        One sentence where their sum is less, by 1 % or more, than the number of rows that count.

    Raises
    ------
    DataError
        If their sum is less than 1, or more than 2**53.

    Examples
    --------
    >>> import numpy as np
    >>> weight_doubts(np.array([1.5, 0.5, 0.0]))
    []
    """
    if weights is None:
        return []
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if not 1 - _ROUNDING <= total <= _MOST_RESPONDENTS:
        raise DataError(
            f"sample_weight must be numbers of respondents, whose sum lies between 1 and 2**53; "
            f"found a sum of {total:.10g}. Scale survey weights to a mean of 1"
        )
    rows = int(np.count_nonzero(weights))
    if total >= rows * (1 - _ROUNDED_WEIGHTS):
        return []
    return [
        f"sample_weight are numbers of respondents, and {rows} rows stand for {total:.10g} of "
        f"them: intervals are those of so few. Scale survey weights to a mean of 1"
    ]


def fewer_than_two(n: FloatArray | float) -> BoolArray:
    """Return where fewer than two respondents are, so that nothing tells how answers vary.

    Parameters
    ----------
    n : ndarray or float
        Sums of weights, which may be off by rounding.

    Returns
    -------
    ndarray of bool
    """
    found: BoolArray = np.asarray(n) < 2 - _ROUNDING
    return found
