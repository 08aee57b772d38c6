"""A survey of service elements made ready: gaps treated, scales turned, equal rows counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._estimator.door import row_name, such_rows
from custvalue._estimator.ratings import Ratings
from custvalue._estimator.resampling import distinct_answers
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import usable_answers

__all__ = [
    "ElementSurvey",
    "beyond_doubts",
    "element_survey",
    "refuse_beyond",
    "refuse_constant",
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
    ends : dict of str to (float, float)
        Ends of the scales that were turned.
    doubts : tuple of str
        Sentences that the user should read.
    """

    ratings: Ratings
    counts: FloatArray
    elements: list[str]
    satisfaction: str | None
    ends: dict[str, tuple[float, float]]
    doubts: tuple[str, ...]

    def values(self) -> FloatArray:
        """Return a copy of the ratings of the elements, of shape (n_distinct, p)."""
        return self.ratings.select(self.elements).block(slice(None))


def element_survey(
    ratings: Ratings,
    weights: FloatArray | None,
    *,
    satisfaction: str | None,
    reverse: Sequence[str] | Mapping[str, tuple[float, float]],
    missing: str,
) -> ElementSurvey:
    """Treat gaps, turn scales, sort the respondents and count equal ones.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
    satisfaction : str or None
    reverse : sequence of str, or mapping of str to (float, float)
        As for `scale_ends`: what the respondents that are left say.
    missing : {"raise", "pairwise", "listwise"}

    Returns
    -------
    ElementSurvey

    Raises
    ------
    DataError
        If there are fewer than two items, or a gap where ``missing`` is "raise", a rating lies
        beyond the ends given, or the sum of the weights is not finite.
    """
    _refuse_endless(weights)
    if isinstance(reverse, Mapping):
        refuse_beyond(ratings, reverse, None if weights is None else weights > 0)
    answers = usable_answers(ratings, missing=missing, weights=weights)
    ends = scale_ends(answers.ratings, reverse)
    elements = [item for item in ratings.items if item != satisfaction]
    names = elements if satisfaction is None else [*elements, satisfaction]
    rows = turned(answers.ratings.select(names), ends)
    distinct, counts = distinct_answers(rows, answers.weights)
    return ElementSurvey(distinct, counts, elements, satisfaction, ends, answers.doubts)


def refuse_constant(survey: ElementSurvey) -> None:
    """Raise where all answers to an item are the same, saying how many respondents gave them.

    Raises
    ------
    DataError
        If so, or if nobody answered an item.
    """
    for item, values in survey.ratings.columns.items():
        known = ~np.isnan(values)
        number = float(survey.counts[known].sum())
        if not known.any():
            every = float(survey.counts.sum())
            raise DataError(f"item {item!r} must be answered; all {every:g} answers are missing")
        if values[known].min() == values[known].max():
            answer = float(values[known][0])
            raise DataError(f"item {item!r} must vary; all {number:g} answers are {answer!r}")


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
    """
    if isinstance(reverse, Mapping):
        return {item: (float(low), float(high)) for item, (low, high) in reverse.items()}
    answers = {item: ratings[item][~np.isnan(ratings[item])] for item in reverse}
    return {
        item: (float(values.min()), float(values.max()))
        for item, values in answers.items()
        if len(values)
    }


def turned(ratings: Ratings, ends: Mapping[str, tuple[float, float]]) -> Ratings:
    """Return ratings with some scales turned round: x becomes low + high - x."""
    columns = {
        item: ends[item][0] - values + ends[item][1] if item in ends else values
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


def refuse_beyond(
    ratings: Ratings,
    ends: Mapping[str, tuple[float, float]],
    rows: BoolArray | None = None,
) -> None:
    """Raise where a rating lies beyond the ends of its scale.

    Parameters
    ----------
    ratings : Ratings
    ends : mapping of str to (float, float)
        As given by the user.
    rows : ndarray of bool of shape (n_rows,), optional
        The respondents to look at; all where left out.

    Raises
    ------
    DataError
        If one does.
    """
    for item, (low, high) in ends.items():
        beyond = _beyond(ratings, item, low, high)
        beyond = beyond if rows is None else beyond & rows
        if beyond.any():
            raise DataError(
                f"item {item!r} must lie between {float(low)} and {float(high)}, the ends in "
                f"reverse; {_first_of(ratings, item, beyond)}"
            )


def beyond_doubts(ratings: Ratings, ends: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return a sentence on each item with ratings beyond the ends that were seen at `fit`."""
    doubts = []
    for item, (low, high) in ends.items():
        beyond = _beyond(ratings, item, low, high)
        if beyond.any():
            doubts.append(
                f"item {item!r} is reversed on a scale from {low} to {high}, the ratings at fit; "
                f"{_first_of(ratings, item, beyond)}. Give the ends of the scale in reverse"
            )
    return doubts


def _beyond(ratings: Ratings, item: str, low: float, high: float) -> BoolArray:
    beyond: BoolArray = (ratings[item] < low) | (ratings[item] > high)
    return beyond


def _first_of(ratings: Ratings, item: str, rows: BoolArray) -> str:
    first = int(np.argmax(rows))
    return (
        f"{row_name(ratings.index, first)} has {float(ratings[item][first])!r} "
        f"({such_rows(int(rows.sum()))})"
    )


def _refuse_endless(weights: FloatArray | None) -> None:
    if weights is None:
        return
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if not np.isfinite(total):
        raise DataError(f"sample_weight must have a finite sum; found {total}")
