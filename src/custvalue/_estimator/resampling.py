"""Respondents drawn with replacement: the same draws for a seed, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import FloatArray

__all__ = [
    "check_draws",
    "distinct_answers",
    "fewest_draws",
    "in_canonical_order",
    "resampled_weights",
]


def in_canonical_order(ratings: Ratings, weights: FloatArray | None) -> tuple[Ratings, FloatArray]:
    """Return the respondents sorted by their answers, and how many each stands for.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
        None counts each row once.

    Returns
    -------
    ratings : Ratings
    counts : ndarray of shape (n_rows,)
    """
    counts = np.ones(len(ratings)) if weights is None else weights
    order = np.lexsort([counts, *reversed(list(ratings.columns.values()))])
    return ratings.take(order), counts[order]


def distinct_answers(ratings: Ratings, weights: FloatArray | None) -> tuple[Ratings, FloatArray]:
    """Return the different rows of answers, sorted, and how many respondents gave each.

    Rows that stand for nobody are left out, so that weights and repeated rows give one result.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
        None counts each row once.

    Returns
    -------
    ratings : Ratings
        Without labels.
    counts : ndarray of shape (n_distinct,)

    Examples
    --------
    >>> import numpy as np
    >>> ratings = Ratings({"speed": np.array([2.0, 1.0, 2.0])}, "array", None)
    >>> rows, counts = distinct_answers(ratings, None)
    >>> rows["speed"], counts
    (array([1., 2.]), array([1., 2.]))
    """
    columns = {item: values + 0.0 for item, values in ratings.columns.items()}  # 0.0 for -0.0
    unlabelled = Ratings(columns, ratings.kind, None)
    if weights is not None and not weights.all():
        unlabelled, weights = unlabelled.take(weights > 0), weights[weights > 0]
    ordered, counts = in_canonical_order(unlabelled, weights)
    first = np.zeros(len(counts), dtype=bool)
    first[0] = True
    for values in ordered.columns.values():
        same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
        first[1:] |= ~same
    return ordered.take(first), np.add.reduceat(counts, np.flatnonzero(first))


def resampled_weights(
    counts: FloatArray, n_draws: int, generator: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield how often each row is drawn when as many respondents are drawn with replacement.

    Parameters
    ----------
    counts : ndarray of shape (n_rows,)
        How many respondents each row stands for.
    n_draws : int
    generator : numpy.random.Generator

    Yields
    ------
    ndarray of shape (n_rows,)
        Whole numbers, whose sum is that of ``counts``, rounded.
    """
    total = float(counts.sum())
    for _ in range(n_draws):
        yield generator.multinomial(round(total), counts / total).astype(np.float64)


def check_draws(n_bootstrap: int, level: float) -> None:
    """Raise where there are draws, but too few for limits of a level.

    Raises
    ------
    ValueError
        If there are some, but fewer than `fewest_draws`.
    """
    fewest = fewest_draws(level)
    if 0 < n_bootstrap < fewest:
        raise ValueError(
            f"n_bootstrap must be 0 or at least {fewest} for level={level}; found {n_bootstrap}"
        )


def fewest_draws(level: float) -> int:
    """Return how many draws it takes so that one lies beyond the level: c / (1 - c), up.

    Examples
    --------
    >>> fewest_draws(0.9), fewest_draws(0.95), fewest_draws(0.5)
    (9, 19, 2)
    """
    return max(2, int(np.ceil(level / (1 - level) - 1e-9)))
