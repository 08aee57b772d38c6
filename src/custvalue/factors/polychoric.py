"""Polychoric correlations of survey items, or of one two-way table of counts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain, read_weights
from custvalue._estimator.parameters import check_choice, interval
from custvalue._estimator.ratings import read_ratings
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors._correlations.build import MISSING, latent_doubts, usable_answers
from custvalue.factors._correlations.polychoric import (
    ItemPolychorics,
    item_polychorics,
    table_polychoric,
)
from custvalue.factors._correlations.repair import positive_definite
from custvalue.factors._input import check_one_of_two, check_parameter

__all__ = ["PolychoricCorrelations", "polychoric"]

_OWNER = "polychoric"


@dataclass(frozen=True, slots=True)
class PolychoricCorrelations:
    """Polychoric correlations of items, and what they rest on.

    Attributes
    ----------
    matrix : pandas.DataFrame of shape (n_items, n_items)
        The correlations, positive definite.
    thresholds : dict of str to list of float
        By item: where its categories part on the scale of a standard normal variable, one number
        fewer than it has categories, ascending.
    n_pairs : pandas.DataFrame of shape (n_items, n_items)
        Respondents who answered both items, by their weights; on the diagonal, the item.
    at_boundary : list of tuple of str
        Pairs of items whose answers are ordered perfectly: their correlation is +-0.9999, which is
        no estimate.
    smallest_eigenvalue : float
        Of the matrix as it was computed. Where it is not positive, ``matrix`` is the nearest matrix
        that is positive definite, and a warning said so.

    See Also
    --------
    polychoric : Computes them.

    Examples
    --------
    >>> from custvalue.factors import polychoric
    >>> found = polychoric(table=[[40, 10], [10, 40]])
    >>> found.thresholds
    {'rows': [0.0], 'columns': [0.0]}
    >>> found.n_pairs.loc["rows", "columns"]
    np.float64(100.0)
    """

    matrix: pd.DataFrame
    thresholds: dict[str, list[float]]
    n_pairs: pd.DataFrame
    at_boundary: list[tuple[str, str]]
    smallest_eigenvalue: float


def polychoric(
    X: Any = None,
    *,
    table: Any = None,
    correction: float = 0.5,
    missing: str = "raise",
    sample_weight: Any = None,
) -> PolychoricCorrelations:
    """Correlate the normal variables behind ordered answers.

    Answers such as 1 to 5 are taken as slices of a normal variable. A polychoric correlation is
    that of two such variables; where both items have two categories it is called tetrachoric.
    Product-moment correlations of few categories are nearer to 0.

    The estimate has two steps (Olsson 1979). Each item's thresholds come from its own margin, that
    is, from everyone who answered it: the share of answers up to category i is Phi(tau_i). The
    correlation rho of two items then maximises, between -0.9999 and 0.9999, ::

        sum_ij n_ij log p_ij(rho),
        p_ij = Phi2(tau_i, tau_j) - Phi2(tau_i-1, tau_j) - Phi2(tau_i, tau_j-1)
               + Phi2(tau_i-1, tau_j-1)

    with n_ij the respondents who gave answers i and j, and Phi2 the bivariate normal distribution
    function. All pairs are solved at once, with exact derivatives, until the step is below 1e-9.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Answers as numbers; each different number is a category, in their order, at most 20 an item.
        The first column of a polars or pyarrow frame is the id.
    table : pandas.DataFrame or array of shape (n_categories, n_categories), optional
        Instead of X: how many respondents gave each pair of answers to two items, the categories in
        ascending order. The items are called by the names of the frame's index and columns, or else
        ``rows`` and ``columns``.
    correction : float
        Put in the empty cell of a two-by-two table with just one, where the estimate would be at
        the boundary. Larger tables are left as they are. Thresholds follow the margins of X as they
        are, and those of ``table`` with the correction, as in R's psych. 0 corrects nothing.
    missing : {"raise", "pairwise", "listwise"}
        What to do about missing answers: refuse them, take each pair of items from those who
        answered both, or leave out respondents with a gap and say how many.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.

    Returns
    -------
    PolychoricCorrelations

    Raises
    ------
    custvalue.exceptions.DataError
        If an item has more than 20 categories or does not vary, an answer is missing where
        ``missing="raise"``, fewer than three respondents answered two items both, or a table has a
        negative count or an empty row or column.
    ValueError
        If both or none of X and ``table`` are given, ``sample_weight`` comes with ``table``,
        ``correction`` is no number from 0, or ``missing`` is unknown.
    TypeError
        If X is not a table.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        Where respondents were left out, a cell was corrected, answers are ordered perfectly, or the
        matrix had to be repaired.

    See Also
    --------
    FactorAnalyzer : Factors of such correlations.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika 44, 443-460.

    Examples
    --------
    The table of Olsson (1979):

    >>> from custvalue.factors import polychoric
    >>> found = polychoric(table=[[13, 6, 0], [69, 113, 22], [41, 132, 104]])
    >>> found.matrix.round(4)
               rows  columns
    rows     1.0000   0.4914
    columns  0.4914   1.0000
    >>> [round(tau, 2) for tau in found.thresholds["rows"]]
    [-1.77, -0.14]
    """
    check_choice(missing, "missing", MISSING)
    check_parameter(correction, "correction", interval(0, None, closed="left"))
    check_one_of_two(X, table, "table", _OWNER, sample_weight)
    if table is None:
        answers = _from_answers(X, sample_weight, missing, correction)
    else:
        answers = _from_table(table, correction)
    latent, items = answers.latent, answers.items
    safe = positive_definite(latent.matrix, items, float(latent.n_pairs.min()))
    for sentence in (*answers.doubts, *latent_doubts(latent, items), *safe.doubts):
        warnings.warn(sentence, DataQualityWarning, stacklevel=2)
    return PolychoricCorrelations(
        pd.DataFrame(safe.matrix, index=items, columns=items),
        {item: cuts.tolist() for item, cuts in zip(items, latent.thresholds, strict=True)},
        pd.DataFrame(latent.n_pairs, index=items, columns=items),
        [(items[i], items[j]) for i, j in latent.at_boundary],
        safe.smallest_eigenvalue,
    )


@dataclass(frozen=True, slots=True)
class _Answered:
    """Correlations pair by pair, the names of the items, and doubts about the answers."""

    latent: ItemPolychorics
    items: list[str]
    doubts: tuple[str, ...]


def _from_answers(X: Any, sample_weight: Any, missing: str, correction: float) -> _Answered:
    ratings = read_ratings(X, owner=_OWNER)
    weights = read_weights(sample_weight, ratings)
    answers = usable_answers(ratings, missing=missing, weights=weights)
    latent = item_polychorics(answers.ratings, answers.weights, correction=correction)
    return _Answered(latent, ratings.items, answers.doubts)


def _from_table(table: Any, correction: float) -> _Answered:
    counts = _counts(table)
    return _Answered(table_polychoric(counts, correction=correction), _names(table), ())


def _names(table: Any) -> list[str]:
    """Return the names of the two items of a table."""
    named: list[Any] = [None, None]
    if isinstance(table, pd.DataFrame):
        named = [table.index.name, table.columns.name]
    names = [
        default if name is None else str(name)
        for name, default in zip(named, ("rows", "columns"), strict=True)
    ]
    return names if names[0] != names[1] else ["rows", "columns"]


def _counts(table: Any) -> FloatArray:
    """Return a table of counts as an array, or say what is wrong with it."""
    try:
        counts = np.array(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"table must hold counts in rows of one length; {error}") from error
    if counts.ndim != 2 or min(counts.shape) < 2:
        raise DataError(
            f"table must have at least two rows and two columns; found shape {counts.shape}"
        )
    bad = ~(np.isfinite(counts) & (counts >= 0))
    if bad.any():
        i, j = (int(place) for place in np.argwhere(bad)[0])
        raise DataError(
            f"table must hold finite counts of at least 0; row {i}, column {j} has "
            f"{plain(counts[i, j])} ({int(bad.sum())} such cell(s))"
        )
    for axis, word in ((1, "row"), (0, "column")):
        empty = counts.sum(axis=axis) == 0
        if empty.any():
            raise DataError(
                f"each {word} of table must hold an answer; {word} {int(np.argmax(empty))} holds "
                f"none ({int(empty.sum())} such {word}(s))"
            )
    return counts
