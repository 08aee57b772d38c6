"""Answers or a matrix: what the functions of this room take, and one way to read it."""

from __future__ import annotations

import warnings
from typing import Any

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataQualityWarning
from custvalue.factors._correlations.build import KINDS, MISSING, correlations
from custvalue.factors._given_matrix import GivenMatrix, given_correlations

__all__ = ["check_choice", "read_correlations"]


def read_correlations(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    correlation: str = "pearson",
    missing: str = "raise",
    owner: str = "this function",
    stacklevel: int = 3,
) -> GivenMatrix:
    """Return the correlations of items from answers or from a matrix, and warn of doubts.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Answers. Exactly one of X and ``matrix`` is given.
    matrix : pandas.DataFrame or array of shape (p, p), optional
        A correlation or covariance matrix.
    n_observations : float, optional
        Respondents behind ``matrix``; answers are counted.
    correlation : {"pearson", "spearman", "polychoric"}
        How to correlate answers.
    missing : {"raise", "pairwise", "listwise"}
        What to do about gaps in the answers.
    owner : str
        Who asks, for the messages.
    stacklevel : int
        Calls between the user and the warning: 3 where the function that the user calls calls this.

    Returns
    -------
    GivenMatrix

    Raises
    ------
    DataError
        If answers or matrix break a rule.
    TypeError
        If X or ``matrix`` is no table.
    ValueError
        If both or none of X and ``matrix`` are given, ``n_observations`` comes with X, or a choice
        is unknown.
    """
    check_choice(correlation, "correlation", KINDS)
    check_choice(missing, "missing", MISSING)
    if (X is None) == (matrix is None):
        found = "neither" if X is None else "both"
        raise ValueError(f"{owner} takes exactly one of X and matrix; found {found}")
    found_matrix = (
        given_correlations(matrix, n_observations=n_observations, owner=owner)
        if X is None
        else _from_answers(X, n_observations, correlation, missing, owner)
    )
    for sentence in found_matrix.correlations.doubts:
        warnings.warn(sentence, DataQualityWarning, stacklevel=stacklevel)
    return found_matrix


def check_choice(value: Any, parameter: str, choices: tuple[str, ...]) -> None:
    """Raise unless a parameter is one of some words.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{parameter} must be one of {', '.join(map(repr, choices))}; found {value!r}"
        )


def _from_answers(
    X: Any, n_observations: float | None, correlation: str, missing: str, owner: str
) -> GivenMatrix:
    if n_observations is not None:
        raise ValueError(
            f"n_observations must be None beside X, whose rows are counted; found "
            f"{n_observations!r}"
        )
    ratings = read_ratings(X, owner=owner)
    found = correlations(ratings, kind=correlation, missing=missing)
    return GivenMatrix(ratings.items, found, ratings.kind != "array")
