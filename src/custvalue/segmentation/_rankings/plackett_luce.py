"""Plackett-Luce models and mixtures of them, for complete and partial rankings.

A ranking chooses its best item, then the best of those left, and so on. Item i has worth w_i > 0
and is chosen from a set S with probability w_i / sum_{j in S} w_j (Luce 1959; Plackett 1975). A
ranking with ties has the summed probability of all strict orders that agree with it (see `races`).
Items of unknown place are left out, which is exact too: the order of some items has the same law
whatever others were there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.segmentation._rankings.choices import (
    Choices,
    ChoiceWeights,
    choices_of,
    log_likelihood_curve,
)
from custvalue.segmentation._rankings.search import best_mixture, distinct_rankings

__all__ = [
    "PlackettLuceMixture",
    "draw_plackett_luce",
    "fit_plackett_luce",
    "plackett_luce_log_density",
]

_CHUNK = 65_536
_MOST_STEPS = 3
"""Of one M-step: a climb need not end, only rise; EM goes on from there."""
_LONGEST_STEP = 2.0
_RIDGE = 1e-10
"""Of the largest curvature: keeps the step along which nothing changes at 0."""
_AT_CAP = 1e-6
_ENOUGH = 1e-16
"""Gain of the mean log-likelihood below which a Newton step is not worth taking."""


@dataclass(frozen=True, slots=True)
class PlackettLuceMixture:
    """A fitted mixture; its components are in the order of their shares, the largest first.

    Attributes
    ----------
    shares : ndarray of shape (k,)
        Sum to one.
    log_worths : ndarray of shape (k, m)
        Mean zero in each component.
    at_cap : ndarray of bool of shape (k,)
        Where the largest and the smallest log worth differ by as much as is allowed.
    log_likelihood : float
    n_parameters : int
        (k - 1) + k (m - 1).
    iterations : int
        Of the winning start.
    converged : bool
    n_starts_agreeing : int
        How many of the up to five best starts ended at this log-likelihood.
    """

    shares: FloatArray
    log_worths: FloatArray
    at_cap: BoolArray
    log_likelihood: float
    n_parameters: int
    iterations: int
    converged: bool
    n_starts_agreeing: int


def plackett_luce_log_density(levels: IntArray, log_worths: FloatArray) -> FloatArray:
    """Return the log-probability of each ranking under each component.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        0 is the most preferred, equal levels are ties, -1 is unknown.
    log_worths : ndarray of shape (k, m)
        Any constant may be added to a row.

    Returns
    -------
    ndarray of shape (n, k)

    Examples
    --------
    >>> import numpy as np
    >>> levels = np.array([[0, 1, 2], [0, 1, 1], [0, -1, 1]])
    >>> np.exp(plackett_luce_log_density(levels, np.log([[2.0, 1.0, 1.0]]))).ravel()
    array([0.25      , 0.5       , 0.66666667])
    """
    out = np.empty((len(levels), len(log_worths)))
    for start in range(0, len(levels), _CHUNK):
        chunk = levels[start : start + _CHUNK]
        out[start : start + _CHUNK] = choices_of(chunk).log_density(log_worths)
    return out


def fit_plackett_luce(
    levels: IntArray,
    counts: FloatArray,
    k: int,
    *,
    n_starts: int,
    max_concentration: float,
    min_size: float,
    generator: np.random.Generator,
    progress: bool = False,
) -> PlackettLuceMixture | None:
    """Fit a mixture of k Plackett-Luce models by EM from many starts.

    The M-step climbs the concave expected log-likelihood by Newton steps with step halving, each
    from the last worths. An item that is never chosen before another has no finite worth, so log
    worths are searched within -max_concentration to max_concentration: the worths of two items
    differ by a factor of at most exp(2 max_concentration). They are then shifted to mean zero.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)
        How many respondents gave each ranking.
    k : int
    n_starts : int
    max_concentration : float
    min_size : float
        Smallest weight of a component, in respondents.
    generator : numpy Generator
    progress : bool

    Returns
    -------
    PlackettLuceMixture or None
        None where every start ends with a component smaller than min_size.
    """
    levels, counts = distinct_rankings(levels, counts)
    choices = choices_of(levels)
    found = best_mixture(
        lambda: _PlackettLuceSteps(choices, max_concentration),
        levels,
        counts,
        k,
        n_starts=n_starts,
        min_size=min_size,
        generator=generator,
        progress=progress,
    )
    if found is None:
        return None
    fit, worths = found.fit, found.fit.parameters
    order = np.lexsort((*worths.T[::-1], -fit.shares))
    log_worths = worths[order]
    return PlackettLuceMixture(
        shares=fit.shares[order],
        log_worths=log_worths - log_worths.mean(axis=1, keepdims=True),
        at_cap=np.asarray(np.ptp(log_worths, axis=1) >= 2 * max_concentration - _AT_CAP),
        log_likelihood=fit.log_likelihood,
        n_parameters=k - 1 + k * (levels.shape[1] - 1),
        iterations=fit.iterations,
        converged=fit.converged,
        n_starts_agreeing=found.n_starts_agreeing,
    )


def draw_plackett_luce(log_worths: FloatArray, n: int, generator: np.random.Generator) -> IntArray:
    """Draw strict rankings as the order of arrival after exponential times of rate w_i.

    Parameters
    ----------
    log_worths : ndarray of shape (m,)
    n : int
    generator : numpy Generator

    Returns
    -------
    ndarray of int of shape (n, m)
        Levels, 0 for the most preferred.
    """
    times = np.log(generator.exponential(size=(n, len(log_worths)))) - log_worths
    return np.argsort(np.argsort(times, axis=1), axis=1).astype(np.int64)


class _PlackettLuceSteps:
    """The steps of one climb; each M-step begins at the last worths."""

    def __init__(self, choices: Choices, cap: float) -> None:
        self.choices = choices
        self.cap = cap
        self.last: FloatArray | None = None

    def log_density(self, parameters: FloatArray) -> FloatArray:
        """Return the log-probabilities, and remember the worths."""
        self.last = parameters
        return self.choices.log_density(parameters)

    def update(self, weighted: FloatArray) -> FloatArray:
        """Return log worths of shape (k, m) that the weights imply."""
        k, m = weighted.shape[1], self.choices.wins.shape[1]
        starts = np.zeros((k, m)) if self.last is None else self.last
        return np.stack(
            [
                _climb(self.choices, self.choices.weigh(weights), start, self.cap)
                for weights, start in zip(weighted.T, starts, strict=True)
            ]
        )


def _climb(
    choices: Choices, weights: ChoiceWeights, log_worths: FloatArray, cap: float
) -> FloatArray:
    """Return the log worths of largest likelihood between -cap and cap."""
    curve = log_likelihood_curve(choices, weights, log_worths)
    for _ in range(_MOST_STEPS):
        step = _newton_step(curve.gradient, curve.hessian, log_worths, cap)
        if curve.gradient @ step <= _ENOUGH * weights.total:
            break
        for halving in range(30):
            moved = np.clip(log_worths + step * 0.5**halving, -cap, cap)
            trial = log_likelihood_curve(choices, weights, moved)
            if trial.value > curve.value:
                break
        else:
            break
        log_worths, curve = moved, trial
    return log_worths


def _newton_step(
    gradient: FloatArray, hessian: FloatArray, log_worths: FloatArray, cap: float
) -> FloatArray:
    """Return the Newton step of the log worths that no bound holds."""
    held = ((log_worths <= -cap) & (gradient <= 0)) | ((log_worths >= cap) & (gradient >= 0))
    free = np.flatnonzero(~held)
    step = np.zeros_like(gradient)
    if len(free) == 0 or not gradient.any():
        return step
    curvature = -hessian[np.ix_(free, free)]
    scale = max(float(np.diag(curvature).max()), np.finfo(float).tiny)
    ridge = _RIDGE * scale * np.eye(len(free))
    step[free] = np.linalg.solve(curvature + ridge, gradient[free])
    return np.asarray(step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300)))
