"""Means, standard deviations and product-moment correlations, from answers with and without gaps.

Each item is measured from a round number near its mean in a round unit near its standard
deviation (both multiples of a power of two). Whole ratings then give sums without any rounding, in
every order of the rows, and numbers like 10^9 + 0.001 keep their digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError

__all__ = ["FEWEST", "Moments", "moments", "refuse_few_pairs"]

FEWEST = 3
"""Respondents, by their weights, behind any correlation: two answers always lie on a line."""

_ROUNDING = 4 * np.finfo(float).eps
_CONSTANT = 1e-13
"""Sum of squares about the mean, as a share of that about the item's own mean and all answers."""


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of p items.

    Attributes
    ----------
    n_pairs : ndarray of shape (p, p)
        Respondents who answered both, by their weights.
    means, standard_deviations : ndarray of shape (p,)
        Of all answers to the item; divisor n - 1.
    correlations : ndarray of shape (p, p)
        Of those who answered both, about the means of the same respondents.
    """

    n_pairs: FloatArray
    means: FloatArray
    standard_deviations: FloatArray
    correlations: FloatArray


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where each item is measured from, and in which unit; of shape (p,)."""

    origin: FloatArray
    unit: FloatArray


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over those who answered items i and j, each of shape (p, p), in units of the scale.

    Attributes
    ----------
    n : their weights
    first : answers to i
    square : squares of the answers to i
    product : products of the answers to i and j
    """

    n: FloatArray
    first: FloatArray
    square: FloatArray
    product: FloatArray


def moments(ratings: Ratings, weights: FloatArray | None = None) -> Moments:
    """Return the moments of items in one pass over the respondents, a block at a time.

    A gap leaves the respondent out of the pairs of that item, as R's
    ``cor(use = "pairwise.complete.obs")`` does.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_respondents,), optional
        Respondents that each row stands for, all positive.

    Returns
    -------
    Moments

    Raises
    ------
    DataError
        If an item does not vary, or fewer than three respondents answered two items both.
    """
    scale = _scale(ratings, weights)
    gaps = bool(ratings.n_missing().any())
    sums = (_sums_with_gaps if gaps else _sums)(ratings, weights, scale)
    refuse_few_pairs(sums.n, ratings.items)
    n, total = np.diag(sums.n), np.diag(sums.first)
    squares = np.diag(sums.square) - total**2 / n
    return Moments(
        sums.n,
        scale.origin + scale.unit * (total / n),
        scale.unit * np.sqrt(squares / (n - 1)),
        _correlations(sums, ratings.items),
    )


def refuse_few_pairs(n_pairs: FloatArray, items: list[str]) -> None:
    """Raise where fewer than three respondents answered two items both, naming the items.

    Parameters
    ----------
    n_pairs : ndarray of shape (p, p)
    items : list of str

    Raises
    ------
    DataError
        If any number is below three.
    """
    few = n_pairs < FEWEST
    if not few.any():
        return
    i, j = (int(k) for k in np.argwhere(few)[0])
    found = f"{n_pairs[i, j]:g} sample(s)"
    if i == j or np.ptp(n_pairs) == 0:
        raise DataError(f"each item needs {FEWEST} answers; item {items[i]!r} has {found}")
    raise DataError(
        f"each pair of items needs {FEWEST} respondents who answered both; items {items[i]!r} and "
        f"{items[j]!r} have {found} ({int(np.triu(few).sum())} such pair(s))"
    )


def _scale(ratings: Ratings, weights: FloatArray | None) -> _Scale:
    found = [_origin_and_unit(ratings[item], weights, item) for item in ratings.items]
    origin, unit = np.array(found).T
    return _Scale(origin, unit)


def _origin_and_unit(
    values: FloatArray, weights: FloatArray | None, item: str
) -> tuple[float, float]:
    answered = ~np.isnan(values)
    if not answered.all():
        values, weights = values[answered], None if weights is None else weights[answered]
    if not len(values):
        raise DataError(f"item {item!r} must be answered; all {len(answered)} answers are missing")
    low, high = float(values.min()), float(values.max())
    if high - low <= _ROUNDING * max(abs(low), abs(high)):
        n = len(values) if weights is None else float(weights.sum())
        raise DataError(f"item {item!r} must vary; all {n:g} answers are {low}")
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    centred = (values - middle) / half
    mean = np.average(centred, weights=weights)
    spread = half * np.sqrt(np.average((centred - mean) ** 2, weights=weights))
    unit = 2.0 ** np.floor(np.log2(spread))
    return float(unit * np.rint((middle + half * mean) / unit)), float(unit)


def _sums(ratings: Ratings, weights: FloatArray | None, scale: _Scale) -> _Sums:
    p = len(ratings.items)
    first, product = np.zeros(p), np.zeros((p, p))
    for rows, block in ratings.blocks():
        Z = (block - scale.origin) / scale.unit
        if weights is None:
            first, product = first + Z.sum(axis=0), product + Z.T @ Z
        else:
            w = weights[rows]
            first, product = first + w @ Z, product + (w[:, None] * Z).T @ Z
    n = float(len(ratings)) if weights is None else float(weights.sum())
    product = (product + product.T) / 2
    over = np.ones((p, p))
    return _Sums(n * over, first[:, None] * over, np.diag(product)[:, None] * over, product)


def _sums_with_gaps(ratings: Ratings, weights: FloatArray | None, scale: _Scale) -> _Sums:
    p = len(ratings.items)
    n, first, square, product = (np.zeros((p, p)) for _ in range(4))
    for rows, block in ratings.blocks():
        answered: BoolArray = ~np.isnan(block)
        Z = np.where(answered, (block - scale.origin) / scale.unit, 0.0)
        counted = answered.astype(np.float64)
        weighted = counted if weights is None else weights[rows][:, None] * counted
        n += counted.T @ weighted
        first += Z.T @ weighted
        square += (Z**2).T @ weighted
        # Z is zero where the answer is missing, so that one of the two may carry the weights.
        product += Z.T @ (Z * weighted)
    return _Sums((n + n.T) / 2, first, square, (product + product.T) / 2)


def _correlations(sums: _Sums, items: list[str]) -> FloatArray:
    """Return r of each pair about the means of those who answered both."""
    own = sums.square - sums.first**2 / sums.n
    still = own <= _CONSTANT * sums.square
    if still.any():
        i, j = (int(k) for k in np.argwhere(still)[0])
        raise DataError(
            f"item {items[i]!r} must vary; the {sums.n[i, j]:g} respondents who also answered item "
            f"{items[j]!r} gave it one answer"
        )
    both = sums.product - sums.first * sums.first.T / sums.n
    r = np.clip(both / np.sqrt(own * own.T), -1.0, 1.0)
    r = (r + r.T) / 2
    np.fill_diagonal(r, 1.0)
    return r
