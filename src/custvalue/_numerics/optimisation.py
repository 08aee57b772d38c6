"""Maximise a mean log-likelihood within bounds, and say how well that went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import minimize

from custvalue._typing import BoolArray, FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]
Curvature = Callable[[FloatArray], FloatArray]

__all__ = [
    "TOLERANCE",
    "Curvature",
    "Maximum",
    "Objective",
    "differences_of_gradient",
    "maximise",
    "polish",
]

_STEP = 1e-4
"""Step of central differences of a gradient: error of order 1e-8."""
_GRADIENT_TOLERANCE = 1e-7
TOLERANCE = 1e-16
"""On the mean log-likelihood: the Newton step no longer changes its 16th digit."""
_MOST_STEPS = 60
_FIRST_STEPS = 15
"""From every start, before the best goes on alone."""
_MOST_CLIMBING = 500
_CLIMBING_TOLERANCE = 1e-9
"""Relative gain of an L-BFGS-B step; Newton steps take over from there."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """The end of a maximisation over theta.

    Attributes
    ----------
    theta : ndarray of shape (k,)
    value : float
        The objective there.
    gradient_norm : float
        Largest absolute entry of the gradient in theta, without entries that point out of bounds.
    hessian : ndarray of shape (k, k)
        Second derivatives of the objective in theta.
    iterations : int
    converged : bool
    at_boundary : ndarray of bool of shape (k,)
        Which parameters ended at a bound.
    message : str
    """

    theta: FloatArray
    value: float
    gradient_norm: float
    hessian: FloatArray
    iterations: int
    converged: bool
    at_boundary: BoolArray
    message: str


def maximise(
    objective: Objective,
    starts: FloatArray,
    bounds: FloatArray,
    *,
    curvature: Curvature | None = None,
    tolerance: float = TOLERANCE,
) -> Maximum:
    """Maximise from several starts by L-BFGS-B, further from the best, then by Newton steps.

    Parameters
    ----------
    objective : callable
        Takes theta of shape (k,), gives value and gradient. The value should be a mean over
        observations, so that tolerances mean the same for every size.
    starts : ndarray of shape (n_starts, k)
    bounds : ndarray of shape (k, 2)
        Lowest and highest theta.
    curvature : callable or None
        Takes theta, gives the second derivatives; None takes differences of the gradient.
    tolerance : float
        Newton steps end where they would gain less.

    Returns
    -------
    Maximum
    """
    ends = [_climb(objective, start, bounds, _FIRST_STEPS) for start in np.atleast_2d(starts)]
    best = max(ends, key=lambda end: end.value)
    if best.iterations >= _FIRST_STEPS:
        best = _climb(objective, best.theta, bounds, _MOST_CLIMBING)
    return polish(
        objective,
        best.theta,
        bounds,
        curvature=curvature,
        tolerance=tolerance,
        iterations=best.iterations,
    )


def polish(
    objective: Objective,
    theta: FloatArray,
    bounds: FloatArray,
    *,
    curvature: Curvature | None = None,
    hessian: FloatArray | None = None,
    tolerance: float = TOLERANCE,
    iterations: int = 0,
) -> Maximum:
    """Finish a maximisation by Newton steps.

    Parameters
    ----------
    objective : callable
        As in `maximise`.
    theta : ndarray of shape (k,)
        Near the maximum.
    bounds : ndarray of shape (k, 2)
    curvature : callable or None
        As in `maximise`.
    hessian : ndarray of shape (k, k) or None
        Second derivatives near theta, say of a sample, updated from step to step (BFGS): that
        saves passes over all the data. None computes them anew at each step.
    tolerance : float
        As in `maximise`.
    iterations : int
        What has been spent already.

    Returns
    -------
    Maximum
    """
    if curvature is None:
        curvature = partial(differences_of_gradient, objective)
    value, gradient = objective(theta)
    metric = curvature(theta) if hessian is None else hessian
    for _ in range(_MOST_STEPS):
        step = _newton_step(gradient, metric, _free(theta, gradient, bounds))
        if gradient @ step <= tolerance:
            break
        moved = _line_search(objective, theta, value, gradient, step, bounds)
        iterations += 1
        if moved is None:
            break
        if hessian is None:
            metric = curvature(moved[0])
        else:
            metric = _updated(metric, moved[0] - theta, moved[2] - gradient)
        theta, value, gradient = moved
    return _report(theta, value, gradient, curvature(theta), bounds, iterations)


def differences_of_gradient(objective: Objective, theta: FloatArray) -> FloatArray:
    """Return the second derivatives, by central differences of the gradient.

    Parameters
    ----------
    objective : callable
        Gives value and gradient.
    theta : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k, k)
    """
    columns = []
    for i in range(len(theta)):
        shift = np.zeros_like(theta)
        shift[i] = _STEP
        columns.append((objective(theta + shift)[1] - objective(theta - shift)[1]) / (2 * _STEP))
    matrix = np.column_stack(columns)
    return (matrix + matrix.T) / 2


@dataclass(frozen=True, slots=True)
class _Climb:
    """Where a climb ended."""

    theta: FloatArray
    value: float
    iterations: int


def _climb(objective: Objective, theta: FloatArray, bounds: FloatArray, most: int) -> _Climb:
    def negated(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective(theta)
        return -value, -gradient

    end = minimize(
        negated,
        np.clip(theta, bounds[:, 0], bounds[:, 1]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, high) for low, high in bounds],
        options={"maxiter": most, "ftol": _CLIMBING_TOLERANCE, "gtol": _GRADIENT_TOLERANCE},
    )
    return _Climb(end.x, -float(end.fun), int(end.nit))


def _free(theta: FloatArray, gradient: FloatArray, bounds: FloatArray) -> BoolArray:
    """Return which parameters may move: not those at a bound that the gradient pushes against."""
    low = (theta <= bounds[:, 0]) & (gradient <= 0)
    high = (theta >= bounds[:, 1]) & (gradient >= 0)
    return np.asarray(~(low | high))


def _newton_step(gradient: FloatArray, hessian: FloatArray, free: BoolArray) -> FloatArray:
    """Return the uphill Newton step; directions that curve upwards are turned, not followed."""
    step = np.zeros_like(gradient)
    if free.any():
        values, vectors = np.linalg.eigh(-hessian[np.ix_(free, free)])
        curvature = np.maximum(np.abs(values), 1e-12)
        step[free] = vectors @ ((vectors.T @ gradient[free]) / curvature)
    return step


def _updated(hessian: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the BFGS update that explains the change of the gradient over a step."""
    turned = hessian @ step
    if step @ change >= 0 or step @ turned >= 0:
        return hessian
    kept = hessian - np.outer(turned, turned) / (step @ turned)
    return np.asarray(kept + np.outer(change, change) / (step @ change))


def _line_search(
    objective: Objective,
    theta: FloatArray,
    value: float,
    gradient: FloatArray,
    step: FloatArray,
    bounds: FloatArray,
) -> tuple[FloatArray, float, FloatArray] | None:
    """Return the first halved step that does not lower the objective, or None."""
    step = step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    for halving in range(30):
        trial = np.clip(theta + step * 0.5**halving, bounds[:, 0], bounds[:, 1])
        new_value, new_gradient = objective(trial)
        if new_value > value:
            return trial, new_value, new_gradient
        # At rounding level the value is noise; the gradient still tells.
        level = new_value >= value - 4 * np.finfo(float).eps * abs(value)
        if level and np.abs(new_gradient).max() < 0.5 * np.abs(gradient).max():
            return trial, new_value, new_gradient
    return None


def _report(
    theta: FloatArray,
    value: float,
    gradient: FloatArray,
    hessian: FloatArray,
    bounds: FloatArray,
    iterations: int,
) -> Maximum:
    norm = float(np.abs(np.where(_free(theta, gradient, bounds), gradient, 0.0)).max())
    converged = norm < _GRADIENT_TOLERANCE
    message = (
        f"gradient norm {norm:.1e} is below {_GRADIENT_TOLERANCE:.0e}"
        if converged
        else f"gradient norm {norm:.1e} is not below {_GRADIENT_TOLERANCE:.0e}"
    )
    at_boundary = np.asarray((theta <= bounds[:, 0]) | (theta >= bounds[:, 1]))
    return Maximum(theta, value, norm, hessian, iterations, converged, at_boundary, message)
