"""Categories of one feature as columns of numbers that together weigh as much as one number.

One column a level: 1 for its customers and 0 for others, less the level's share p, divided by
sqrt(sum of p (1 - p)). The variances of the columns then sum to 1, as that of a scaled number is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = ["MISSING", "Levels", "learn_levels", "level_codes", "level_columns", "level_text"]

MISSING = "(missing)"
"""The level of those who are missing, or whose text is this."""

_WHOLE = 1e15


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of one feature.

    Attributes
    ----------
    names : list of str
        In ascending order.
    shares : ndarray of shape (n_levels,)
        Share of the customers in each; they sum to one.
    spread : float
        What the columns are divided by; 1 where there is one level.
    """

    names: list[str]
    shares: FloatArray
    spread: float


def level_text(value: Any) -> str:
    """Return the name of a level: 3.0 is "3", True is "True", None and NaN are "(missing)".

    Examples
    --------
    >>> [level_text(value) for value in (3.0, 2.5, True, "Bern", None)]
    ['3', '2.5', 'True', 'Bern', '(missing)']
    """
    if value is None or value != value:
        return MISSING
    if isinstance(value, (str, bool, np.bool_)):
        return str(value)
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else repr(number)


def learn_levels(values: AnyArray) -> Levels:
    """Return the levels of a column and their shares.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers with NaN, or text and bool with None.

    Returns
    -------
    Levels
        The same for any order of the values.
    """
    codes, texts = _numbered(values)
    names = sorted(set(texts))
    counts = np.zeros(len(names))
    np.add.at(counts, _places(texts, names), np.bincount(codes, minlength=len(texts)))
    shares = counts / len(values)
    variance = float((shares * (1 - shares)).sum())
    return Levels(names, shares, float(np.sqrt(variance)) if len(names) > 1 else 1.0)


def level_codes(values: AnyArray, names: Sequence[str]) -> IntArray:
    """Return the place of each value among the levels, -1 for one that is not there.

    Parameters
    ----------
    values : ndarray of shape (n,)
    names : sequence of str

    Returns
    -------
    ndarray of int of shape (n,)

    Examples
    --------
    >>> level_codes(np.array(["b", None, "c"], dtype=object), ["(missing)", "a", "b"])
    array([ 2,  0, -1])
    """
    codes, texts = _numbered(values)
    return _places(texts, names)[codes]


def level_columns(codes: IntArray, levels: Levels) -> FloatArray:
    """Return one column a level, centred and of total variance one.

    Parameters
    ----------
    codes : ndarray of int of shape (n,)
        Level of each customer; -1 stands where the average customer does, at 0.
    levels : Levels

    Returns
    -------
    ndarray of shape (n, n_levels)
    """
    columns = np.tile(-levels.shares, (len(codes), 1))
    known = np.flatnonzero(codes >= 0)
    columns[known, codes[known]] += 1
    columns[codes < 0] = 0
    columns /= levels.spread
    return columns


def _numbered(values: AnyArray) -> tuple[IntArray, list[str]]:
    """Return a number for each value and the level that each number stands for."""
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    return codes.astype(np.int64, copy=False), [level_text(value) for value in distinct]


def _places(texts: Sequence[str], names: Sequence[str]) -> IntArray:
    """Return the place of each text among the names, -1 for one that is not there."""
    place = {name: i for i, name in enumerate(names)}
    return np.array([place.get(text, -1) for text in texts], dtype=np.int64)
