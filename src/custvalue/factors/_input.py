"""Answers or a matrix: what the functions of this room take, and one way to read it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from custvalue._estimator.door import read_weights
from custvalue._estimator.parameters import check_choice
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue.exceptions import DataQualityWarning
from custvalue.factors._correlations.build import (
    KINDS,
    MISSING,
    Answers,
    correlations,
    usable_answers,
)
from custvalue.factors._given_matrix import GivenMatrix, given_correlations

__all__ = [
    "MOST_ROWS",
    "check_one_of_two",
    "check_parameter",
    "one_row_each",
    "read_answers",
    "read_correlations",
]

MOST_ROWS = 20_000
"""Respondents to shuffle, unless the caller asks for it."""


def read_correlations(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
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
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.
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
        If answers, weights or matrix break a rule.
    TypeError
        If X or ``matrix`` is no table.
    ValueError
        If both or none of X and ``matrix`` are given, ``n_observations`` comes with X or
        ``sample_weight`` with ``matrix``, or a choice is unknown.
    """
    check_choice(correlation, "correlation", KINDS)
    check_choice(missing, "missing", MISSING)
    check_one_of_two(X, matrix, "matrix", owner, sample_weight)
    if X is None:
        found = given_correlations(matrix, n_observations=n_observations, owner=owner)
    else:
        _refuse_number(n_observations)
        ratings = read_ratings(X, owner=owner)
        weights = read_weights(sample_weight, ratings)
        known = correlations(ratings, kind=correlation, missing=missing, weights=weights)
        found = GivenMatrix(ratings.items, known, ratings.kind != "array")
    for sentence in found.correlations.doubts:
        warnings.warn(sentence, DataQualityWarning, stacklevel=stacklevel)
    return found


def read_answers(X: Any, *, missing: str, sample_weight: Any = None) -> Answers:
    """Return the answers behind correlations that `read_correlations` has read, and so checked."""
    ratings = read_ratings(X)
    weights = read_weights(sample_weight, ratings)
    return usable_answers(ratings, missing=missing, weights=weights)


def one_row_each(answers: Answers) -> Ratings | None:
    """Return the answers with one row a respondent, to be shuffled.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    Ratings or None
        None where weights are not whole, or there are more than 20,000 respondents.
    """
    weights = np.ones(len(answers.ratings)) if answers.weights is None else answers.weights
    if np.any(weights != np.round(weights)) or weights.sum() > MOST_ROWS:
        return None
    return answers.ratings.take(np.repeat(np.arange(len(weights)), weights.astype(np.int64)))


def check_one_of_two(
    X: Any, other: Any, parameter: str, owner: str, sample_weight: Any = None
) -> None:
    """Raise unless either answers or what stands for them is given; weights go with answers.

    Raises
    ------
    ValueError
        If both are given, or none, or weights beside the other.
    """
    if (X is None) == (other is None):
        found = "neither" if X is None else "both"
        raise ValueError(f"{owner} takes exactly one of X and {parameter}; found {found}")
    if X is None and sample_weight is not None:
        raise ValueError(
            f"sample_weight must be None beside {parameter}: it weighs the rows of X; found "
            f"{type(sample_weight).__name__}"
        )


def check_parameter(value: Any, parameter: str, rule: Any) -> None:
    """Raise unless a parameter obeys a constraint of `custvalue._estimator.parameters`.

    True and False are no numbers.

    Raises
    ------
    ValueError
        If it does not.
    """
    if isinstance(value, (bool, np.bool_)) or not rule.is_satisfied_by(value):
        raise ValueError(f"{parameter} must be {rule}; found {value!r}")


def _refuse_number(n_observations: float | None) -> None:
    if n_observations is not None:
        raise ValueError(
            f"n_observations must be None beside X, whose rows are counted; found "
            f"{n_observations!r}"
        )
