"""Answers as codes of categories, and the two-way table of every pair of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._estimator.ratings import BLOCK_ROWS, Ratings
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataError

__all__ = ["CodedItems", "PairTables", "code_items", "pair_tables"]

_MOST_CATEGORIES = 20
"""An item with more different answers is a measurement."""


@dataclass(frozen=True, slots=True)
class CodedItems:
    """Answers to p items as places of their categories.

    Attributes
    ----------
    codes : ndarray of int8 of shape (n_respondents, p)
        From 0, -1 for a missing answer.
    categories : tuple of ndarray
        The different answers to each item, ascending.
    """

    codes: AnyArray
    categories: tuple[FloatArray, ...]

    @property
    def sizes(self) -> list[int]:
        """How many categories each item has."""
        return [len(found) for found in self.categories]


@dataclass(frozen=True, slots=True)
class PairTables:
    """Counts of answers to pairs of items; C is the largest number of categories.

    Attributes
    ----------
    first, second : ndarray of int of shape (m,)
        The items of each pair, in the order of ``np.triu_indices(p, 1)``: m = p (p - 1) / 2.
    tables : ndarray of shape (m, C, C)
        Respondents by category of the first (rows) and second item (columns) who answered both; 0
        beyond the categories of an item.
    margins : ndarray of shape (p, C)
        All answers to each item.
    """

    first: IntArray
    second: IntArray
    tables: FloatArray
    margins: FloatArray


def code_items(ratings: Ratings) -> CodedItems:
    """Return the answers as codes of the categories found.

    Parameters
    ----------
    ratings : Ratings

    Returns
    -------
    CodedItems

    Raises
    ------
    DataError
        If an item has more than 20 different answers, or only one.
    """
    codes = np.empty((len(ratings), len(ratings.items)), dtype=np.int8)
    categories = []
    for j, item in enumerate(ratings.items):
        values = ratings[item]
        found = pd.unique(values)
        found = np.sort(found[~np.isnan(found)])
        _refuse_number(found, item)
        codes[:, j] = np.where(np.isnan(values), -1, np.searchsorted(found, values))
        categories.append(found)
    return CodedItems(codes, tuple(categories))


def pair_tables(
    codes: AnyArray, sizes: Sequence[int], weights: FloatArray | None = None
) -> PairTables:
    """Count the answers to every pair of items, a block of respondents at a time.

    With H the indicators of all categories, one column each, the counts are H'H.

    Parameters
    ----------
    codes : ndarray of int of shape (n_respondents, p)
        From 0 to the size of the item less one; -1 for a missing answer.
    sizes : sequence of int
        Categories of each item.
    weights : ndarray of shape (n_respondents,), optional
        Respondents that each row stands for.

    Returns
    -------
    PairTables

    Examples
    --------
    >>> import numpy as np
    >>> counted = pair_tables(np.array([[0, 1], [0, 1], [1, 0], [1, -1]]), [2, 2])
    >>> counted.tables[0]
    array([[0., 2.],
           [1., 0.]])
    >>> counted.margins
    array([[2., 2.],
           [1., 2.]])
    """
    item = np.repeat(np.arange(len(sizes)), sizes)
    category = np.concatenate([np.arange(size) for size in sizes])
    both = np.zeros((len(item), len(item)))
    for start in range(0, len(codes), BLOCK_ROWS):
        block = codes[start : start + BLOCK_ROWS]
        # Counts of a block stay below 2^24: float32 holds them exactly, in half the time.
        H = (block[:, item] == category.astype(codes.dtype)).astype(np.float32)
        if weights is None:
            both += H.T @ H
        else:
            both += H.T @ (weights[start : start + BLOCK_ROWS, None] * H)
    return _split((both + both.T) / 2, item, category, len(sizes))


def _split(both: FloatArray, item: IntArray, category: IntArray, p: int) -> PairTables:
    """Cut the counts of all categories by all categories into tables of equal shape."""
    most = int(category.max()) + 1
    where = np.full((p, most), len(item))
    where[item, category] = np.arange(len(item))
    padded = np.pad(both, (0, 1))
    first, second = np.triu_indices(p, 1)
    tables = padded[where[first][:, :, None], where[second][:, None, :]]
    return PairTables(first, second, tables, padded[where, where])


def _refuse_number(found: FloatArray, item: str) -> None:
    if len(found) > _MOST_CATEGORIES:
        raise DataError(
            f"polychoric correlations take items of at most {_MOST_CATEGORIES} categories; item "
            f"{item!r} has {len(found)} different answers. Use 'pearson' for measurements"
        )
    if len(found) < 2:
        answer = ", ".join(str(value) for value in found) or "missing"
        raise DataError(f"item {item!r} must vary; all answers are {answer}")
