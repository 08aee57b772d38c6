"""Find the best mixture of ranking models from many starts.

All starts climb a little by EM; the best of them climb on, and the winner climbs to the end. Rows
are put into a canonical order first, so that nothing depends on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._numerics.mixtures import (
    MixtureFit,
    best_fit,
    expectation_maximisation,
    posterior,
    random_responsibilities,
)
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.pairs import pair_signs

Parameters = TypeVar("Parameters")

__all__ = ["Found", "Steps", "best_mixture", "distant_rows", "distinct_rankings"]

_FIRST_ITERATIONS = 40
"""For every start; most of what parts good starts from bad ones happens there."""
_FURTHER = 5
"""So many starts with segments large enough climb on."""
_FURTHER_ITERATIONS = 500
_FURTHER_TOLERANCE = 1e-9
_LAST_ITERATIONS = 5000
_LAST_TOLERANCE = 1e-12
_AGREEMENT = 1e-6
"""Relative difference of log-likelihoods that counts as the same maximum."""
_NEAR = 0.9
"""Responsibility of the nearest of the rows that a start is built around."""


class Steps(Protocol[Parameters]):
    """The M-step and the densities of one climb; it may remember its last parameters."""

    def update(self, weighted: FloatArray) -> Parameters:
        """Return parameters whose expected log-likelihood is at least that of the last ones."""

    def log_density(self, parameters: Parameters) -> FloatArray:
        """Return log f_k(x_i) of shape (n_rows, n_components)."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Parameters]):
    """The best mixture of a search.

    Attributes
    ----------
    fit : MixtureFit
    n_starts_agreeing : int
        How many of the starts that climbed on (at most five) reached the same log-likelihood.
    """

    fit: MixtureFit[Parameters]
    n_starts_agreeing: int


def distinct_rankings(levels: IntArray, counts: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the distinct rows with positive counts in lexicographic order, and their counts.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)

    Returns
    -------
    levels : ndarray of int of shape (n_distinct, m)
    counts : ndarray of shape (n_distinct,)

    Examples
    --------
    >>> import numpy as np
    >>> distinct_rankings(np.array([[1, 0], [0, 1], [1, 0]]), np.ones(3))
    (array([[0, 1],
           [1, 0]]), array([1., 2.]))
    """
    present = counts > 0
    rows, inverse = np.unique(levels[present], axis=0, return_inverse=True)
    inverse, weights = inverse.ravel(), counts[present]
    # Sorted, so that the rounding of the sums does not depend on the order of the rows.
    order = np.lexsort((weights, inverse))
    sums = np.bincount(inverse[order], weights=weights[order], minlength=len(rows))
    return rows, sums.astype(float)


def best_mixture(
    steps: Callable[[], Steps[Parameters]],
    levels: IntArray,
    counts: FloatArray,
    n_components: int,
    *,
    n_starts: int,
    min_size: float,
    generator: np.random.Generator,
    progress: bool,
) -> Found[Parameters] | None:
    """Climb from many starts and return the best end with all components large enough.

    Parameters
    ----------
    steps : callable
        Makes the steps of a new climb.
    levels : ndarray of int of shape (n, m)
        Distinct rankings in canonical order.
    counts : ndarray of shape (n,)
    n_components : int
    n_starts : int
    min_size : float
        Smallest weight of a component, in respondents.
    generator : numpy Generator
    progress : bool

    Returns
    -------
    Found or None
        None where every start ends with a component that is too small.
    """
    starts = _starts(levels, counts, n_components, 1 if n_components == 1 else n_starts, generator)
    label = f"Mixtures of {n_components}"
    first = [
        expectation_maximisation(
            start, counts, (s := steps()).update, s.log_density, max_iterations=_FIRST_ITERATIONS
        )
        for start in tracked(list(starts), label, progress=progress)
    ]
    ends: list[MixtureFit[Parameters]] = []
    for fit in sorted(first, key=lambda fit: -fit.log_likelihood):
        end = _climb_on(fit, counts, steps(), _FURTHER_TOLERANCE, _FURTHER_ITERATIONS)
        if _large_enough(end, counts, min_size):
            ends.append(end)
        if len(ends) == _FURTHER:
            break
    return _winner(ends, counts, steps, min_size)


def _winner(
    ends: list[MixtureFit[Parameters]],
    counts: FloatArray,
    steps: Callable[[], Steps[Parameters]],
    min_size: float,
) -> Found[Parameters] | None:
    """Return the end of the best climb that still has all components large enough."""
    left = list(ends)
    while left:
        best = best_fit(left)
        end = _climb_on(best, counts, steps(), _LAST_TOLERANCE, _LAST_ITERATIONS)
        if _large_enough(end, counts, min_size):
            near = _AGREEMENT * (1 + abs(best.log_likelihood))
            agreeing = [e for e in ends if abs(e.log_likelihood - best.log_likelihood) <= near]
            return Found(end, len(agreeing))
        left.remove(best)
    return None


def _climb_on(
    fit: MixtureFit[Parameters],
    counts: FloatArray,
    steps: Steps[Parameters],
    tolerance: float,
    max_iterations: int,
) -> MixtureFit[Parameters]:
    chances = posterior(fit.shares, steps.log_density(fit.parameters))
    end = expectation_maximisation(
        chances,
        counts,
        steps.update,
        steps.log_density,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    spent = fit.iterations + end.iterations
    return MixtureFit(end.shares, end.parameters, end.log_likelihood, spent, end.converged)


def _large_enough(fit: MixtureFit[Parameters], counts: FloatArray, min_size: float) -> bool:
    # A share that equals the limit must not fail by rounding.
    return bool(np.all(fit.shares * counts.sum() >= min_size * (1 - 1e-9)))


def _starts(
    levels: IntArray,
    counts: FloatArray,
    n_components: int,
    n_starts: int,
    generator: np.random.Generator,
) -> Iterator[FloatArray]:
    """Yield responsibilities, in turn around distant rows, random, and softly around any rows.

    The three find different maxima: the first small and far groups, the second large ones.
    """
    signs, n = pair_signs(levels), len(levels)
    for start in range(n_starts):
        if start % 3 == 1:
            yield random_responsibilities(n, n_components, generator)
            continue
        if start % 3 == 2:
            rows = generator.choice(n, n_components, replace=n < n_components).tolist()
        else:
            rows = distant_rows(signs, counts, n_components, generator if start else None)
        squares = np.stack([_squares(signs, row) for row in rows], axis=1)
        yield _softly(squares) if start % 3 == 2 else _nearest(squares)


def _nearest(squares: FloatArray) -> FloatArray:
    """Return responsibilities that lie mostly with the nearest row."""
    start = np.full(squares.shape, (1 - _NEAR) / squares.shape[1])
    start[np.arange(len(squares)), squares.argmin(axis=1)] += _NEAR
    return start


def _softly(squares: FloatArray) -> FloatArray:
    """Return those under concentration 1; a discordant pair adds 4 to a square."""
    closeness = np.exp((squares.min(axis=1, keepdims=True) - squares) / 4)
    return np.asarray(closeness / closeness.sum(axis=1, keepdims=True))


def distant_rows(
    signs: FloatArray,
    counts: FloatArray,
    n_rows: int,
    generator: np.random.Generator | None = None,
) -> list[int]:
    """Return rows that are far apart.

    The first is the most frequent, or drawn by frequency. Each other is the one whose count times
    squared distance to the nearest before it is largest, or drawn with that as its weight
    (k-means++, Arthur and Vassilvitskii 2007).

    Parameters
    ----------
    signs : ndarray of shape (n, n_pairs)
        As `pair_signs` gives them.
    counts : ndarray of shape (n,)
    n_rows : int
    generator : numpy Generator or None
        None draws nothing.

    Returns
    -------
    list of int
    """
    weights, rows = counts, list[int]()
    nearest = np.full(len(counts), np.inf)
    for _ in range(n_rows):
        if not weights.any():
            weights = counts
        if generator is None:
            rows.append(int(weights.argmax()))
        else:
            rows.append(int(generator.choice(len(counts), p=weights / weights.sum())))
        nearest = np.minimum(nearest, _squares(signs, rows[-1]))
        weights = counts * nearest
    return rows


def _squares(signs: FloatArray, row: int) -> FloatArray:
    """Return the squared distances of all rows of signs to one."""
    own = np.einsum("ij,ij->i", signs, signs)
    squares: FloatArray = np.maximum(own + own[row] - 2 * (signs @ signs[row]), 0.0)
    return squares
