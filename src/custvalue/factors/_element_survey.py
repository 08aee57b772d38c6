"""A survey of service elements made ready: gaps treated, scales turned, equal rows counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._estimator.door import row_name, such_rows
from custvalue._estimator.ratings import Ratings
from custvalue._estimator.resampling import distinct_answers
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import usable_answers

__all__ = [
    "ElementSurvey",
    "element_survey",
    "scale_ends",
    "turned",
    "weighted_scores",
]


@dataclass(frozen=True, slots=True)
class ElementSurvey:
    """What respondents said, in an order that does not depend on the one they came in.

    Attributes
    ----------
    ratings : Ratings
        Different rows only, the elements first, satisfaction last where it is known.
    counts : ndarray of shape (n_distinct,)
        How many respondents gave each.
    elements : list of str
    satisfaction : str or None
    doubts : tuple of str
        Sentences that the user should read.
    """

    ratings: Ratings
    counts: FloatArray
    elements: list[str]
    satisfaction: str | None
    doubts: tuple[str, ...]

    def values(self) -> FloatArray:
        """Return a copy of the ratings of the elements, of shape (n_distinct, p)."""
        return self.ratings.select(self.elements).block(slice(None))


def element_survey(
    ratings: Ratings,
    weights: FloatArray | None,
    *,
    satisfaction: str | None,
    ends: Mapping[str, tuple[float, float]],
    missing: str,
) -> ElementSurvey:
    """Treat gaps, turn scales, sort the respondents and count equal ones.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
    satisfaction : str or None
    ends : mapping of str to (float, float)
        Ends of the scales that are turned.
    missing : {"raise", "pairwise", "listwise"}

    Returns
    -------
    ElementSurvey

    Raises
    ------
    DataError
        If there are fewer than two items, or a gap where ``missing`` is "raise".
    """
    answers = usable_answers(ratings, missing=missing, weights=weights)
    elements = [item for item in ratings.items if item != satisfaction]
    names = elements if satisfaction is None else [*elements, satisfaction]
    rows = turned(answers.ratings.select(names), ends)
    distinct, counts = distinct_answers(rows, answers.weights)
    return ElementSurvey(distinct, counts, elements, satisfaction, answers.doubts)


def scale_ends(
    ratings: Ratings, reverse: Sequence[str] | Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return the ends of the scales of some items: as given, else the ratings at the ends.

    Parameters
    ----------
    ratings : Ratings
    reverse : sequence of str, or mapping of str to (float, float)
        Names of items, with the ends of their scales or without.

    Returns
    -------
    dict of str to (float, float)
        Without an item that nobody rated.

    Raises
    ------
    DataError
        If a rating lies beyond the ends given.
    """
    if isinstance(reverse, Mapping):
        return {item: _given_ends(ratings, item, *ends) for item, ends in reverse.items()}
    answers = {item: ratings[item][~np.isnan(ratings[item])] for item in reverse}
    return {
        item: (float(values.min()), float(values.max()))
        for item, values in answers.items()
        if len(values)
    }


def turned(ratings: Ratings, ends: Mapping[str, tuple[float, float]]) -> Ratings:
    """Return ratings with some scales turned round: x becomes low + high - x."""
    columns = {
        item: sum(ends[item]) - values if item in ends else values
        for item, values in ratings.columns.items()
    }
    return Ratings(columns, ratings.kind, ratings.index)


def weighted_scores(
    ratings: Ratings, weights: Mapping[str, float]
) -> tuple[FloatArray, FloatArray]:
    """Return sum_j w_j x_j / sum_j w_j over the items that each respondent answered.

    Parameters
    ----------
    ratings : Ratings
    weights : mapping of str to float
        Not negative.

    Returns
    -------
    scores, coverage : ndarray of shape (n_rows,)
        Coverage is the share of all weight that was answered; a score is NaN where that is 0.

    Examples
    --------
    >>> import numpy as np
    >>> columns = {"speed": np.array([4.0, np.nan]), "stock": np.array([2.0, 3.0])}
    >>> weighted_scores(Ratings(columns, "array", None), {"speed": 0.75, "stock": 0.25})
    (array([3.5, 3. ]), array([1.  , 0.25]))
    """
    total, answered, whole = np.zeros(len(ratings)), np.zeros(len(ratings)), 0.0
    # Item by item, so that no sum depends on how many rows there are.
    for item, weight in weights.items():
        known = ~np.isnan(ratings[item])
        total += weight * np.where(known, ratings[item], 0.0)
        answered += weight * known
        whole += weight
    scores = np.divide(total, answered, out=np.full(len(total), np.nan), where=answered > 0)
    return scores, answered / whole


def _given_ends(ratings: Ratings, item: str, low: float, high: float) -> tuple[float, float]:
    beyond = (ratings[item] < low) | (ratings[item] > high)
    if beyond.any():
        first = int(np.argmax(beyond))
        raise DataError(
            f"item {item!r} must lie between {float(low)} and {float(high)}, the ends in reverse; "
            f"{row_name(ratings.index, first)} has {float(ratings[item][first])!r} "
            f"({such_rows(int(beyond.sum()))})"
        )
    return float(low), float(high)
