"""Importance and performance of p items from respondents, and the quadrant that each falls in.

P performance ratings and I importance ratings, y satisfaction, of n rows, NaN where there is no
answer; counts how many respondents gave each row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from custvalue._numerics.dominance import lmg_shares
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.service._service_gap import varies
from custvalue.service._survey_checks import fewer_than_two

__all__ = [
    "QUADRANTS",
    "Draws",
    "MapAnswers",
    "Points",
    "complete_rows",
    "cross_hairs",
    "derived_importance",
    "limits",
    "points_of",
    "quadrants",
    "rarely_answered",
    "resampled_points",
    "shares_by_quadrant",
    "still_items",
]

QUADRANTS = (
    "concentrate here",
    "keep up the good work",
    "low priority",
    "possible overkill",
)
"""Martilla and James (1977): important and poor, important and good, neither, good alone."""

_ROUNDING = 1e-12
"""Share of the size of a number by which it may miss the cross-hair and still be on it."""


@dataclass(frozen=True, slots=True)
class MapAnswers:
    """What respondents said of p items.

    Attributes
    ----------
    performance : ndarray of shape (n, p)
    importance : ndarray of shape (n, p) or None
        Ratings of importance, where these are what counts.
    satisfaction : ndarray of shape (n,) or None
        Where importance is derived from it.
    given : ndarray of shape (p,) or None
        Importance that is known.
    derivation : {"lmg", "regression"}
    """

    performance: FloatArray
    importance: FloatArray | None
    satisfaction: FloatArray | None
    given: FloatArray | None
    derivation: str


@dataclass(frozen=True, slots=True)
class Points:
    """Where p items lie.

    Attributes
    ----------
    importance, performance : ndarray of shape (p,)
        NaN where they cannot be had.
    r_squared : float
        Share of the variance of satisfaction that performance explains; NaN where it is not asked.
    """

    importance: FloatArray
    performance: FloatArray
    r_squared: float = float("nan")


@dataclass(frozen=True, slots=True)
class Draws:
    """Where the items lie among resampled respondents.

    Attributes
    ----------
    importance, performance : ndarray of shape (n_draws, p)
    n_failed : int
        Draws from which a point could not be had; they are left out.
    """

    importance: FloatArray
    performance: FloatArray
    n_failed: int


def points_of(answers: MapAnswers, counts: FloatArray) -> Points:
    """Return where the items lie.

    Parameters
    ----------
    answers : MapAnswers
    counts : ndarray of shape (n,)
        0 leaves a row out.

    Returns
    -------
    Points
    """
    performance = _means(answers.performance, counts)
    if answers.given is not None:
        return Points(answers.given, performance)
    if answers.importance is not None:
        return Points(_means(answers.importance, counts), performance)
    return _derived_points(answers, counts, performance)


def rarely_answered(answers: MapAnswers, counts: FloatArray) -> BoolArray:
    """Return which items have fewer than two answers, so that no resample can differ.

    Parameters
    ----------
    answers : MapAnswers
    counts : ndarray of shape (n,)

    Returns
    -------
    ndarray of bool of shape (2, p)
        Of importance, where it is rated, and of performance.
    """
    performance = fewer_than_two(counts @ ~np.isnan(answers.performance))
    if answers.importance is None:
        return np.stack([np.zeros_like(performance), performance])
    return np.stack([fewer_than_two(counts @ ~np.isnan(answers.importance)), performance])


def resampled_points(answers: MapAnswers, resampled: Iterable[FloatArray]) -> Draws:
    """Return where the items lie for each set of counts.

    Parameters
    ----------
    answers : MapAnswers
    resampled : iterable of ndarray of shape (n,)
        How often each row is drawn.

    Returns
    -------
    Draws
    """
    found = [points_of(answers, counts) for counts in resampled]
    shape = (len(found), answers.performance.shape[1])
    importance = np.array([one.importance for one in found]).reshape(shape)
    performance = np.array([one.performance for one in found]).reshape(shape)
    kept = np.isfinite(importance).all(axis=1) & np.isfinite(performance).all(axis=1)
    return Draws(importance[kept], performance[kept], int((~kept).sum()))


def derived_importance(
    correlations: FloatArray, with_outcome: FloatArray, derivation: str
) -> FloatArray:
    """Return what each item tells of satisfaction beside the others.

    Parameters
    ----------
    correlations : ndarray of shape (p, p)
        Of the items.
    with_outcome : ndarray of shape (p,)
        Correlations of the items with satisfaction.
    derivation : {"lmg", "regression"}
        Shares of R squared, whose sum it is; or standardised regression coefficients.

    Returns
    -------
    ndarray of shape (p,)
        NaN where items determine one another and the coefficients are not unique.

    Examples
    --------
    >>> import numpy as np
    >>> R, r = np.array([[1, 0.5], [0.5, 1]]), np.array([0.6, 0.3])
    >>> derived_importance(R, r, "lmg"), derived_importance(R, r, "regression")
    (array([0.315, 0.045]), array([0.6, 0. ]))
    """
    found: FloatArray
    if derivation == "lmg":
        return lmg_shares(correlations, with_outcome)
    if np.linalg.matrix_rank(correlations, hermitian=True) < len(with_outcome):
        return np.full(len(with_outcome), np.nan)
    found = np.asarray(np.linalg.solve(correlations, with_outcome), dtype=np.float64)
    return found


def complete_rows(answers: MapAnswers) -> BoolArray:
    """Return which rows have satisfaction and the performance of every item."""
    assert answers.satisfaction is not None
    return ~(np.isnan(answers.performance).any(axis=1) | np.isnan(answers.satisfaction))


def still_items(values: FloatArray) -> BoolArray:
    """Return which columns have one value only, but for rounding.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        At least one row, without gaps.

    Returns
    -------
    ndarray of bool of shape (k,)
    """
    return ~varies(values)


def cross_hairs(
    importance: FloatArray, performance: FloatArray, rule: str | tuple[float, float]
) -> FloatArray:
    """Return where the lines cross: mean or median of the items, or where they are put.

    Parameters
    ----------
    importance, performance : ndarray of shape (..., p)
    rule : {"mean", "median"} or (float, float)

    Returns
    -------
    ndarray of shape (..., 2)
        Of importance and of performance.
    """
    if not isinstance(rule, str):
        return np.broadcast_to(np.asarray(rule, dtype=np.float64), (*importance.shape[:-1], 2))
    every = np.stack([importance, performance], axis=-2)
    middle = np.mean(every, axis=-1) if rule == "mean" else np.median(every, axis=-1)
    return np.asarray(middle, dtype=np.float64)


def quadrants(importance: FloatArray, performance: FloatArray, cross: FloatArray) -> IntArray:
    """Return the quadrant of each item, as its place in `QUADRANTS`.

    An item on a line counts as above it: as important, or as good.

    Parameters
    ----------
    importance, performance : ndarray of shape (..., p)
    cross : ndarray of shape (..., 2)

    Returns
    -------
    ndarray of int of shape (..., p)

    Examples
    --------
    >>> import numpy as np
    >>> quadrants(np.array([6.0, 6, 2, 2]), np.array([2.0, 6, 2, 6]), np.array([4.0, 4]))
    array([0, 1, 2, 3])
    """
    important = _at_least(importance, cross[..., :1])
    good = _at_least(performance, cross[..., 1:])
    return np.where(important, 0, 2) + good.astype(np.int64)


def shares_by_quadrant(codes: IntArray) -> FloatArray:
    """Return in which share of the draws each item is in each quadrant.

    Parameters
    ----------
    codes : ndarray of int of shape (n_draws, p)

    Returns
    -------
    ndarray of shape (p, 4)
        NaN where there are no draws.
    """
    if not len(codes):
        return np.full((codes.shape[1], len(QUADRANTS)), np.nan)
    return np.column_stack([np.mean(codes == k, axis=0) for k in range(len(QUADRANTS))])


def limits(draws: FloatArray, level: float) -> FloatArray:
    """Return percentile intervals of some columns.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, p)
    level : float

    Returns
    -------
    ndarray of shape (2, p)
        Lower and upper ends; NaN where there are no draws.
    """
    if not len(draws):
        return np.full((2, draws.shape[1]), np.nan)
    found: FloatArray = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return found


def _derived_points(answers: MapAnswers, counts: FloatArray, performance: FloatArray) -> Points:
    assert answers.satisfaction is not None
    used = complete_rows(answers) & (counts > 0)
    values = np.column_stack([answers.performance, answers.satisfaction])[used]
    if not len(values) or still_items(values).any():
        return Points(np.full(len(performance), np.nan), performance)
    R = _correlations(values, counts[used])
    matrix, r = R[:-1, :-1], R[:-1, -1]
    importance = derived_importance(matrix, r, answers.derivation)
    explained = importance.sum() if answers.derivation == "lmg" else importance @ r
    return Points(importance, performance, float(explained))


def _means(values: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the mean of each column over those who answered; NaN where nobody did."""
    sums = counts @ values
    if np.isfinite(sums).all():
        return np.asarray(sums / counts.sum())
    known = ~np.isnan(values)
    n = counts @ known
    mean: FloatArray = np.full(len(n), np.nan)
    np.divide(counts @ np.where(known, values, 0.0), n, out=mean, where=n > 0)
    return mean


def _correlations(values: FloatArray, counts: FloatArray) -> FloatArray:
    centred = values - counts @ values / counts.sum()
    products = (centred * counts[:, None]).T @ centred
    sizes = np.sqrt(np.diag(products))
    R: FloatArray = products / np.outer(sizes, sizes)
    return R


def _at_least(values: FloatArray, line: FloatArray) -> BoolArray:
    size = np.maximum(np.abs(values), np.abs(line))
    found: BoolArray = values - line >= -_ROUNDING * size
    return found
