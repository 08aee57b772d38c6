"""The latent class model: shares, probabilities of answers, likelihood.

Respondent i is of class k with probability pi_k, and then gives answer c to item j with probability
rho_{jc|k}, independently of the other items (Lazarsfeld and Henry 1968)::

    P(y_i) = sum_k pi_k prod_j rho_{j, y_ij | k}

over the items that the respondent answered. The categories of all items stand one after the other
in the rows of `probabilities`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import logsumexp

from custvalue._numerics.mixtures import log_joint, posterior
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._latent_answers import AnswerPatterns

__all__ = [
    "Indicators",
    "LatentClasses",
    "class_chances",
    "g_squared",
    "indicators_of",
    "item_offsets",
    "logarithms",
    "mean_log_likelihood",
    "pattern_log_likelihood",
]

_SMALLEST = 1e-300
"""A probability of 0 counts as this, so that no logarithm is infinite."""

Indicators = Any


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """A latent class model.

    Attributes
    ----------
    shares : ndarray of shape (n_classes,)
        pi_k.
    probabilities : ndarray of shape (n_categories, n_classes)
        rho_{jc|k}, item after item.
    sizes : tuple of int
        Number of categories of each item.
    """

    shares: FloatArray
    probabilities: FloatArray
    sizes: tuple[int, ...]

    @property
    def offsets(self) -> IntArray:
        """Where the categories of each item begin."""
        return item_offsets(self.sizes)


def pattern_log_likelihood(classes: LatentClasses, codes: IntArray) -> FloatArray:
    """Return log P(y) of each pattern; 0 where nothing was answered.

    Parameters
    ----------
    classes : LatentClasses
    codes : ndarray of int of shape (n_patterns, n_items)

    Returns
    -------
    ndarray of shape (n_patterns,)
        A probability of 0 counts as 1e-300.

    Examples
    --------
    >>> import numpy as np
    >>> two = LatentClasses(np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.1, 0.9]]), (2,))
    >>> np.exp(pattern_log_likelihood(two, np.array([[0], [-1]])))
    array([0.5, 1. ])
    """
    density = _log_density(classes, codes)
    logs: FloatArray = logsumexp(log_joint(classes.shares, density), axis=1)
    return logs


def mean_log_likelihood(classes: LatentClasses, patterns: AnswerPatterns) -> float:
    """Return the mean of log P(y) over respondents."""
    logs = pattern_log_likelihood(classes, patterns.codes)
    return float(patterns.counts @ logs) / patterns.n_respondents


def class_chances(classes: LatentClasses, codes: IntArray) -> FloatArray:
    """Return the probability of each class given the answers, of shape (n_patterns, n_classes).

    Where nothing was answered it is the share of the class.
    """
    return posterior(classes.shares, _log_density(classes, codes))


def g_squared(classes: LatentClasses, patterns: AnswerPatterns) -> float:
    """Return G^2 = 2 sum n log(n / expected) over the patterns without a gap.

    Parameters
    ----------
    classes : LatentClasses
    patterns : AnswerPatterns

    Returns
    -------
    float
        NaN where nobody answered everything.
    """
    n = patterns.counts[patterns.complete]
    if not len(n):
        return math.nan
    expected = pattern_log_likelihood(classes, patterns.codes[patterns.complete])
    return max(0.0, float(2 * n @ (np.log(n / n.sum()) - expected)))


def item_offsets(sizes: Sequence[int]) -> IntArray:
    """Return where the categories of each item begin."""
    return np.cumsum([0, *sizes[:-1]], dtype=np.int64)


def logarithms(probabilities: FloatArray) -> FloatArray:
    """Return finite logarithms of probabilities."""
    return np.log(np.maximum(probabilities, _SMALLEST))


def indicators_of(codes: IntArray, sizes: Sequence[int]) -> Indicators:
    """Return 1 where a pattern has a category, a sparse matrix (n_patterns, n_categories)."""
    answered = codes >= 0
    columns = (codes + item_offsets(sizes))[answered]
    ends = np.concatenate([[0], np.cumsum(answered.sum(axis=1))])
    shape = (len(codes), sum(sizes))
    return sparse.csr_array((np.ones(len(columns)), columns, ends), shape=shape)


def _log_density(classes: LatentClasses, codes: IntArray) -> FloatArray:
    """Return the log-likelihood of each pattern in each class; each row by itself."""
    density: FloatArray = indicators_of(codes, classes.sizes) @ logarithms(classes.probabilities)
    return density
