"""Polychoric correlations: of the normal variables that ordered categories are slices of.

Two steps (Olsson 1979, Psychometrika 44, 443-460): each item's thresholds follow from its own
margin, and rho of a pair maximises the log-likelihood of its two-way table ::

    sum_ij n_ij log p_ij(rho),  p_ij = P(category i and category j)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.likelihood_climb import climb
from custvalue.factors._correlations.moments import refuse_few_pairs
from custvalue.factors._correlations.pair_tables import PairTables, code_items, pair_tables

__all__ = [
    "ItemPolychorics",
    "TableCorrelations",
    "add_to_empty_cells",
    "item_polychorics",
    "polychoric_correlations",
    "table_polychoric",
    "thresholds_of_margins",
]

_CHUNK = 2_048
"""Tables worked on at once."""


@dataclass(frozen=True, slots=True)
class TableCorrelations:
    """Polychoric correlations of m tables.

    Attributes
    ----------
    rho : ndarray of shape (m,)
    at_boundary : ndarray of bool of shape (m,)
        The likelihood still rises where rho reaches +-0.9999.
    """

    rho: FloatArray
    at_boundary: BoolArray


@dataclass(frozen=True, slots=True)
class ItemPolychorics:
    """Polychoric correlations of p items.

    Attributes
    ----------
    matrix : ndarray of shape (p, p)
        As computed pair by pair; not always positive definite.
    thresholds : tuple of ndarray
        One fewer than the item has categories, ascending.
    n_pairs : ndarray of shape (p, p)
        Respondents who answered both, by their weights.
    at_boundary : list of tuple of int
        Pairs of items whose rho is +-0.9999.
    n_corrected : int
        Two-by-two tables with an empty cell that was filled.
    """

    matrix: FloatArray
    thresholds: tuple[FloatArray, ...]
    n_pairs: FloatArray
    at_boundary: list[tuple[int, int]]
    n_corrected: int


def item_polychorics(
    ratings: Ratings, weights: FloatArray | None = None, *, correction: float = 0.5
) -> ItemPolychorics:
    """Return the polychoric correlations of items, of all answers that each pair has.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_respondents,), optional
        Respondents that each row stands for.
    correction : float
        Put in the empty cell of a two-by-two table that has just one.

    Returns
    -------
    ItemPolychorics

    Raises
    ------
    DataError
        If an item has more than 20 categories, does not vary, also among those who answered
        another, or fewer than three answered a pair.
    """
    coded = code_items(ratings)
    counted = pair_tables(coded.codes, coded.sizes, weights)
    first, second, p = counted.first, counted.second, len(ratings.items)
    n_pairs = np.diag(counted.margins.sum(axis=1))
    n_pairs[first, second] = n_pairs[second, first] = counted.tables.sum(axis=(1, 2))
    refuse_few_pairs(n_pairs, ratings.items)
    _refuse_still_pairs(counted, ratings.items)
    sizes = np.array(coded.sizes)
    tables, filled = add_to_empty_cells(
        counted.tables, (sizes[first] == 2) & (sizes[second] == 2), correction
    )
    cuts = thresholds_of_margins(counted.margins)
    found = polychoric_correlations(tables, cuts[first], cuts[second])
    matrix = np.eye(p)
    matrix[first, second] = matrix[second, first] = found.rho
    return ItemPolychorics(
        matrix,
        tuple(row[: size - 1] for row, size in zip(cuts, sizes, strict=True)),
        n_pairs,
        [(int(first[k]), int(second[k])) for k in np.flatnonzero(found.at_boundary)],
        int(filled.sum()),
    )


def _refuse_still_pairs(counted: PairTables, items: list[str]) -> None:
    """Raise where those who answered two items both gave one of them a single answer."""
    for mine, other, axis in (
        (counted.first, counted.second, 2),
        (counted.second, counted.first, 1),
    ):
        still = (counted.tables.sum(axis=axis) > 0).sum(axis=1) < 2
        if still.any():
            k = int(np.argmax(still))
            raise DataError(
                f"item {items[mine[k]]!r} must vary; the {counted.tables[k].sum():g} respondents "
                f"who also answered item {items[other[k]]!r} gave it one answer"
            )


def table_polychoric(table: FloatArray, *, correction: float = 0.5) -> ItemPolychorics:
    """Return the polychoric correlation of two items from the table of their answers.

    Parameters
    ----------
    table : ndarray of shape (C, D)
        Counts; no row and no column is empty.
    correction : float
        As for `item_polychorics`, but the thresholds follow the corrected table.

    Returns
    -------
    ItemPolychorics
        Of two items.

    Raises
    ------
    DataError
        If the table counts fewer than three respondents.
    """
    two_by_two = np.array([table.shape == (2, 2)])
    tables, filled = add_to_empty_cells(table[None], two_by_two, correction)
    rows, columns = (thresholds_of_margins(tables[0].sum(axis=axis)) for axis in (1, 0))
    found = polychoric_correlations(tables, rows[None], columns[None])
    rho = float(found.rho[0])
    n_pairs = np.full((2, 2), table.sum())
    refuse_few_pairs(n_pairs, ["rows", "columns"])
    return ItemPolychorics(
        np.array([[1.0, rho], [rho, 1.0]]),
        (rows, columns),
        n_pairs,
        [(0, 1)] if found.at_boundary[0] else [],
        int(filled.sum()),
    )


def thresholds_of_margins(margins: FloatArray) -> FloatArray:
    """Return the cut points on the normal scale that give the margins.

    Parameters
    ----------
    margins : ndarray of shape (..., C)
        Counts of each category; 0 after the last category of an item.

    Returns
    -------
    ndarray of shape (..., C - 1)
        Ascending; infinity after the last category.

    Examples
    --------
    >>> import numpy as np
    >>> thresholds_of_margins(np.array([[25.0, 50.0, 25.0], [50.0, 50.0, 0.0]])).round(4)
    array([[-0.6745,  0.6745],
           [ 0.    ,     inf]])
    """
    below = np.cumsum(margins, axis=-1)[..., :-1]
    # What is left above decides whether the last category is reached: sums may be rounded.
    above = np.cumsum(margins[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    cuts: FloatArray = np.where(above > 0, ndtri(below / (below + above)), np.inf)
    return cuts


def add_to_empty_cells(
    tables: FloatArray, two_by_two: BoolArray, correction: float
) -> tuple[FloatArray, BoolArray]:
    """Put a number in the empty cell of two-by-two tables that have just one.

    Parameters
    ----------
    tables : ndarray of shape (m, C, C)
    two_by_two : ndarray of bool of shape (m,)
        Tables whose two items have two categories each.
    correction : float
        Not negative; 0 leaves all as it is.

    Returns
    -------
    tables : ndarray of shape (m, C, C)
    filled : ndarray of bool of shape (m,)

    Examples
    --------
    >>> import numpy as np
    >>> tables, _ = add_to_empty_cells(np.array([[[9.0, 0.0], [2.0, 4.0]]]), np.array([True]), 0.5)
    >>> tables[0]
    array([[9. , 0.5],
           [2. , 4. ]])
    """
    empty = tables[:, :2, :2] == 0
    filled = two_by_two & (empty.sum(axis=(1, 2)) == 1) & (correction > 0)
    out = tables.copy()
    out[:, :2, :2] += correction * (empty & filled[:, None, None])
    return out, filled


def polychoric_correlations(
    tables: FloatArray, row_thresholds: FloatArray, column_thresholds: FloatArray
) -> TableCorrelations:
    """Return the correlation with the largest likelihood for each of many tables.

    Parameters
    ----------
    tables : ndarray of shape (m, C, D)
        Counts.
    row_thresholds, column_thresholds : ndarray of shape (m, C - 1) and (m, D - 1)
        Ascending; infinity where an item has fewer categories than the table.

    Returns
    -------
    TableCorrelations
        0 for a table all of whose answers are in one row or column.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.array([[13.0, 6.0, 0.0], [69.0, 113.0, 22.0], [41.0, 132.0, 104.0]])
    >>> rows = thresholds_of_margins(table.sum(axis=1))
    >>> columns = thresholds_of_margins(table.sum(axis=0))
    >>> polychoric_correlations(table[None], rows[None], columns[None]).rho.round(6)
    array([0.491372])
    """
    rho = np.empty(len(tables))
    at_boundary = np.empty(len(tables), dtype=bool)
    for start in range(0, len(tables), _CHUNK):
        some = slice(start, start + _CHUNK)
        rho[some], at_boundary[some] = climb(
            tables[some], row_thresholds[some], column_thresholds[some]
        )
    return TableCorrelations(rho, at_boundary)
