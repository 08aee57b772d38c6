"""The latent class model of highest likelihood, searched by EM from random starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._numerics.mixtures import (
    MixtureFit,
    best_fit,
    expectation_maximisation,
    posterior,
)
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._latent_answers import AnswerPatterns
from custvalue.segmentation._latent_class import (
    Indicators,
    LatentClasses,
    indicators_of,
    item_offsets,
    logarithms,
    pattern_log_likelihood,
)

__all__ = ["LatentFit", "fit_classes"]

_DENSE = 500_000
"""Indicators of up to so many cells are multiplied faster as a plain matrix."""

_SEARCHED = 5_000
"""Starts are compared on at most so many patterns."""

_FINISHED = 3
"""So many of the best starts are followed to the end; one where there are more patterns."""

_ROUGH = {"tolerance": 1e-8, "max_iterations": 150}
_FINE = {"tolerance": 1e-10, "max_iterations": 3_000}
_LARGE = {"tolerance": 1e-8, "max_iterations": 500}
"""On more patterns a step that gains less is far below the noise of the sample."""

_SAME = 1e-6
"""Fits whose log-likelihoods differ by less, relatively, count as one."""


@dataclass(frozen=True, slots=True)
class LatentFit:
    """The model of highest likelihood, the largest class first, and how it was found.

    Attributes
    ----------
    classes : LatentClasses
    log_likelihood : float
        Without the prior.
    iterations : int
    converged : bool
    starts : int
    starts_agreeing : int
        How many of the starts came to the best objective found, within a millionth.
    """

    classes: LatentClasses
    log_likelihood: float
    iterations: int
    converged: bool
    starts: int
    starts_agreeing: int


@dataclass(frozen=True, slots=True)
class _Problem:
    """Patterns as EM takes them; with a prior there is one more row, of no answers.

    The log density of that row is the log prior in every class, so that the likelihood that EM
    climbs is the posterior, and the row leaves the maximum of the shares where it is.
    """

    indicators: Indicators
    counts: FloatArray
    sizes: tuple[int, ...]
    prior: float

    def update(self, weighted: FloatArray) -> FloatArray:
        """Return the probabilities that maximise the expected objective."""
        totals: FloatArray = np.asarray(self.indicators.T @ weighted) + self.prior
        return _normalised(totals, self.sizes)

    def log_density(self, probabilities: FloatArray) -> FloatArray:
        """Return the log-likelihood of each pattern in each class."""
        logs = logarithms(probabilities)
        density: FloatArray = np.asarray(self.indicators @ logs)
        if self.prior:
            density[-1] = self.prior * logs.sum()
        return density


def fit_classes(
    patterns: AnswerPatterns,
    sizes: Sequence[int],
    n_classes: int,
    *,
    n_starts: int,
    prior: float,
    generator: np.random.Generator,
) -> LatentFit:
    """Fit the model by EM from several random starts.

    Parameters
    ----------
    patterns : AnswerPatterns
    sizes : sequence of int
        Number of categories of each item.
    n_classes : int
    n_starts : int
    prior : float
        Pseudo-respondents of each class in each category: the estimate is the mode under a
        Dirichlet(1 + prior) for the answers to each item.
    generator : numpy.random.Generator

    Returns
    -------
    LatentFit
    """
    n_starts = 1 if n_classes == 1 else n_starts
    whole = _problem(patterns.codes, patterns.counts, tuple(sizes), prior)
    searched = _searched(patterns, whole, generator)
    rough = [
        _climb(searched, _random_probabilities(sizes, n_classes, generator), _ROUGH)
        for _ in range(n_starts)
    ]
    rough.sort(key=lambda fit: -fit.log_likelihood)
    small = searched is whole
    finished, control = (_FINISHED, _FINE) if small else (1, _LARGE)
    fine = [_climb(whole, fit.parameters, control, fit.shares) for fit in rough[:finished]]
    found = best_fit(fine)
    classes = _largest_first(found, tuple(sizes))
    return LatentFit(
        classes,
        float(patterns.counts @ pattern_log_likelihood(classes, patterns.codes)),
        found.iterations,
        found.converged,
        n_starts,
        _agreeing([*fine, *rough[finished:]] if small else rough),
    )


def _problem(codes: IntArray, counts: FloatArray, sizes: tuple[int, ...], prior: float) -> _Problem:
    if prior:
        codes = np.vstack([codes, np.full(codes.shape[1], -1)])
        counts = np.append(counts, 1.0)
    indicators = indicators_of(codes, sizes)
    if math.prod(indicators.shape) <= _DENSE:
        indicators = indicators.toarray()
    return _Problem(indicators, counts, sizes, prior)


def _searched(
    patterns: AnswerPatterns, whole: _Problem, generator: np.random.Generator
) -> _Problem:
    """Return the problem to compare starts on: a sample of respondents where it is large."""
    n = len(patterns.counts)
    if n <= _SEARCHED:
        return whole
    drawn = generator.multinomial(_SEARCHED, patterns.counts / patterns.counts.sum())
    there = np.flatnonzero(drawn)
    counts = drawn[there].astype(np.float64)
    return _problem(patterns.codes[there], counts, whole.sizes, whole.prior)


def _climb(
    problem: _Problem,
    probabilities: FloatArray,
    control: dict[str, Any],
    shares: FloatArray | None = None,
) -> MixtureFit[FloatArray]:
    n_classes = probabilities.shape[1]
    shares = np.full(n_classes, 1 / n_classes) if shares is None else shares
    start = posterior(shares, problem.log_density(probabilities))
    return expectation_maximisation(
        start, problem.counts, problem.update, problem.log_density, **control
    )


def _agreeing(fits: Sequence[MixtureFit[FloatArray]]) -> int:
    """Return how many searches came to the best end."""
    ends = [fit.log_likelihood for fit in fits]
    least = max(ends) - _SAME * (1 + abs(max(ends)))
    return sum(end >= least for end in ends)


def _largest_first(fit: MixtureFit[FloatArray], sizes: tuple[int, ...]) -> LatentClasses:
    """Return the classes in the order of their shares, equal ones in that of their answers."""
    order = np.lexsort((*fit.parameters[::-1], -fit.shares))
    return LatentClasses(fit.shares[order], fit.parameters[:, order], sizes)


def _random_probabilities(
    sizes: Sequence[int], n_classes: int, generator: np.random.Generator
) -> FloatArray:
    """Return answers of each class drawn from a flat Dirichlet for each item."""
    drawn = generator.standard_exponential((sum(sizes), n_classes))
    return _normalised(drawn, sizes)


def _normalised(totals: FloatArray, sizes: Sequence[int]) -> FloatArray:
    """Return numbers that sum to one within each item and class; equal ones where all are 0."""
    sums = np.add.reduceat(totals, item_offsets(sizes), axis=0)
    spread = np.repeat(sums, sizes, axis=0)
    equal = np.repeat(1 / np.asarray(sizes, dtype=np.float64), sizes)[:, None]
    equal = np.broadcast_to(equal, totals.shape).copy()
    probabilities: FloatArray = np.divide(totals, spread, out=equal, where=spread > 0)
    return probabilities
