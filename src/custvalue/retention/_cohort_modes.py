"""Modes of many small posteriors at once, by Newton's method with a guard.

Row i has the log-likelihood l_i(x) and the prior x = mean + L z with z ~ N(0, I). L may be
singular, 0 too: then nothing moves. Every row goes its own way, so that it ends at the same place
in any company.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.retention._cohort_coordinates import LogSurvival
from custvalue.retention._cohort_likelihood import CohortLikelihood

__all__ = ["Modes", "find_modes"]

_MOST_STEPS = 200
_MOST_HALVINGS = 40
_CLOSE = 1e-20
"""Newton's decrement is about twice what is still to be gained; this part of the goal is nothing.
"""
_NEAR = 1e-9
"""Below this part of the goal it cannot be seen whether a step improves, and steps are safe."""
_LONGEST = 2.0
"""Longest step in any coordinate."""


@dataclass(frozen=True, slots=True)
class Modes:
    """Where the posteriors peak.

    Attributes
    ----------
    x : ndarray of shape (n_rows, p)
    value : ndarray of shape (n_rows,)
        Log-likelihood at x.
    height : ndarray of shape (n_rows,)
        Log-posterior at x, but for a constant: value - z'z / 2.
    gradient : ndarray of shape (n_rows, p)
        Of the log-likelihood at x.
    information : ndarray of shape (n_rows, p, p)
        Curvature of a quadratic that stands for the log-likelihood around x.
    converged : ndarray of bool of shape (n_rows,)
    """

    x: FloatArray
    value: FloatArray
    height: FloatArray
    gradient: FloatArray
    information: FloatArray
    converged: BoolArray


def find_modes(
    likelihood: CohortLikelihood, mean: FloatArray, factor: FloatArray, start: FloatArray
) -> Modes:
    """Return the mode of every row.

    Parameters
    ----------
    likelihood : CohortLikelihood
    mean : ndarray of shape (n_rows, p) or (p,)
    factor : ndarray of shape (p, p)
        L, with L L' the covariance of the prior.
    start : ndarray of shape (n_rows, p)
        Values of z.

    Returns
    -------
    Modes
    """
    z = start.copy()
    found = likelihood.derivatives(mean + z @ factor.T)
    goal = found.value - (z**2).sum(axis=1) / 2
    done, before = np.zeros(len(z), dtype=bool), np.full(len(z), np.inf)
    for _ in range(_MOST_STEPS):
        step, decrement = _newton_steps(found, z, factor)
        size = 1 + np.abs(goal)
        near = decrement <= _NEAR * size
        # Where the decrement falls no more only rounding is left.
        done |= (decrement <= _CLOSE * size) | (near & (decrement >= before))
        if done.all():
            break
        before = np.where(near, decrement, np.inf)
        far = np.where((done | near)[:, None], 0.0, step)
        z = np.where((near & ~done)[:, None], z + step, z)
        z, goal, moved = _climb(likelihood, mean, factor, z, goal, far)
        done |= ~near & ~moved
        found = likelihood.derivatives(mean + z @ factor.T)
    x = mean + z @ factor.T
    height = found.value - (z**2).sum(axis=1) / 2
    return Modes(x, found.value, height, found.gradient, likelihood.information(x), done)


def _newton_steps(
    found: LogSurvival, z: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return steps in z that climb, and Newton's decrements."""
    slope = found.gradient @ factor - z
    curvature = factor.T @ -found.hessian @ factor + np.eye(z.shape[1])
    values, vectors = np.linalg.eigh(curvature)
    turned = np.einsum("nij,ni->nj", vectors, slope) / np.maximum(np.abs(values), 1e-3)
    step = np.einsum("nij,nj->ni", vectors, turned)
    decrement = (slope * step).sum(axis=1)
    longest = np.abs(step @ factor.T).max(axis=1)
    return step * np.minimum(1.0, _LONGEST / np.maximum(longest, 1e-300))[:, None], decrement


def _climb(
    likelihood: CohortLikelihood,
    mean: FloatArray,
    factor: FloatArray,
    z: FloatArray,
    goal: FloatArray,
    step: FloatArray,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return z and goal after the longest of the steps 1, 1/2, 1/4, ... that improves a row."""
    moved = np.zeros(len(z), dtype=bool)
    waiting = (step != 0).any(axis=1)
    for halving in range(_MOST_HALVINGS):
        trial = np.where(waiting[:, None], z + step * 0.5**halving, z)
        value = likelihood.values(mean + trial @ factor.T)
        height = value - (trial**2).sum(axis=1) / 2
        better = waiting & (height > goal)
        z = np.where(better[:, None], trial, z)
        goal = np.where(better, height, goal)
        moved |= better
        waiting &= ~better
        if not waiting.any():
            break
    return z, goal, moved
