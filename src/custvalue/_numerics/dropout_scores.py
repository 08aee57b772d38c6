"""Derivatives of the probability of a silence: means over when the customer may have left.

The likelihood is a sum over histories: left at u, or still there. The gradient of its logarithm is
the mean of the histories' own scores given what was seen; the Hessian, the mean of their curvatures
plus the covariance of their scores. All come from the nodes that give the probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from custvalue._numerics.dropout_integral import Charted, Silence, chart_of, density, nodes_of
from custvalue._numerics.dropout_lifetimes import Curvatures
from custvalue._numerics.dropout_quadrature import in_blocks
from custvalue._typing import FloatArray, Number

__all__ = ["Scorer", "silence_gradient", "silence_hessian"]


class Scorer(Protocol):
    """Knows the derivatives of a history's likelihood; a dataclass of numbers and of rows."""

    @property
    def n_scores(self) -> int:
        """How many parameters there are."""

    def scores(self, u: Number, left: float) -> list[Number]:
        """Return first derivatives where the customer leaves at u, or (left = 0) is there."""

    def curvatures(self, u: Number, left: float) -> Curvatures:
        """Return second derivatives: positions i <= j, and values."""


def silence_gradient(silence: Silence, scorer: Scorer) -> tuple[FloatArray, FloatArray]:
    """Return the log-probability of a silence and the means of the scores.

    Parameters
    ----------
    silence : Silence
        Of finite span.
    scorer : Scorer
        Of u from the start of the span.

    Returns
    -------
    ndarrays of shapes (n_rows,) and (n_rows, k)
    """
    charted = chart_of(silence)
    scored, sizes = _Scored(charted, scorer), nodes_of(charted)
    results = in_blocks(_with_gradient, scored, sizes, 1 + scorer.n_scores)
    return results[0], results[1:].T


def silence_hessian(silence: Silence, scorer: Scorer) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what `silence_gradient` does and the second derivatives.

    Parameters
    ----------
    silence : Silence
        Of finite span.
    scorer : Scorer
        Of u from the start of the span.

    Returns
    -------
    ndarrays of shapes (n_rows,), (n_rows, k) and (n_rows, k, k)
    """
    charted, k = chart_of(silence), scorer.n_scores
    scored, positions = _Scored(charted, scorer), _upper_triangle(k)
    results = in_blocks(_with_hessian, scored, nodes_of(charted), 1 + k + len(positions))
    hessian = np.empty((k, k, results.shape[1]))
    for (i, j), values in zip(positions, results[1 + k :], strict=True):
        hessian[i, j] = hessian[j, i] = values
    return results[0], results[1 : 1 + k].T, np.moveaxis(hessian, -1, 0)


@dataclass(frozen=True, slots=True)
class _Scored:
    charted: Charted
    scorer: Scorer


@dataclass(frozen=True, slots=True)
class _Moments:
    """Probabilities of having left at u, and of being there, their scores and means."""

    u: FloatArray
    left: FloatArray
    there: FloatArray
    scores_left: list[Number]
    scores_there: list[Number]
    means: list[FloatArray]


def _moments(scored: _Scored, size: int) -> tuple[FloatArray, _Moments]:
    """Return the log-probability of the silence, and first moments of the scores."""
    charted, scorer = scored.charted, scored.scorer
    u, left = density(charted, size)
    total = charted.stay + left.sum(axis=0)
    left /= total
    there = charted.stay / total
    one, two = scorer.scores(u, 1.0), scorer.scores(charted.silence.span, 0.0)
    means = [(left * a).sum(axis=0) + there * b for a, b in zip(one, two, strict=True)]
    return np.log(total), _Moments(u, left, there, one, two, means)


def _with_gradient(scored: _Scored, size: int) -> FloatArray:
    """Return the log-probability, and the means of the scores."""
    log_total, moments = _moments(scored, size)
    return np.stack([log_total, *moments.means])


def _with_hessian(scored: _Scored, size: int) -> FloatArray:
    """Return the log-probability, the gradient, and the upper triangle of the Hessian."""
    log_total, moments = _moments(scored, size)
    second = _covariances(moments)
    _add_curvatures(second, scored, moments)
    return np.stack([log_total, *moments.means, *second.values()])


def _covariances(moments: _Moments) -> dict[tuple[int, int], FloatArray]:
    """Return the covariances of the scores, by position."""
    one = [score - mean for score, mean in zip(moments.scores_left, moments.means, strict=True)]
    two = [score - mean for score, mean in zip(moments.scores_there, moments.means, strict=True)]
    weighted = [moments.left * score for score in one]
    return {
        (i, j): (weighted[i] * one[j]).sum(axis=0) + moments.there * two[i] * two[j]
        for i, j in _upper_triangle(len(one))
    }


def _add_curvatures(
    second: dict[tuple[int, int], FloatArray], scored: _Scored, moments: _Moments
) -> None:
    """Add the means of the curvatures."""
    all_left = moments.left.sum(axis=0)
    for i, j, value in scored.scorer.curvatures(moments.u, 1.0):
        many = np.ndim(value) == 2
        second[i, j] += (moments.left * value).sum(axis=0) if many else all_left * value
    for i, j, value in scored.scorer.curvatures(scored.charted.silence.span, 0.0):
        second[i, j] += moments.there * value


def _upper_triangle(k: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(k) for j in range(i, k)]
