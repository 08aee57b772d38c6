"""Maximise a mean log-likelihood over positive parameters, and say how well that went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from custvalue._typing import BoolArray, FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]

__all__ = ["Maximum", "Objective", "maximise", "polish"]

_STEP = 1e-4
"""Step of central differences of a gradient in log parameters: error of order 1e-8."""
_GRADIENT_TOLERANCE = 1e-7
_DECREMENT_TOLERANCE = 1e-17
"""On the mean log-likelihood: the Newton step no longer changes its 17th digit."""
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Maximum:
    """The end of a maximisation over theta = log(parameters).

    Attributes
    ----------
    parameters : ndarray of shape (k,)
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

    parameters: FloatArray
    value: float
    gradient_norm: float
    hessian: FloatArray
    iterations: int
    converged: bool
    at_boundary: BoolArray
    message: str


def maximise(
    objective: Objective, starts: FloatArray, *, lower: FloatArray, upper: FloatArray
) -> Maximum:
    """Maximise from several starts by L-BFGS-B, then by Newton steps from the best.

    Parameters
    ----------
    objective : callable
        Takes theta = log(parameters) of shape (k,), gives value and gradient in theta. The value
        should be a mean over observations, so that tolerances mean the same for every size.
    starts : ndarray of shape (n_starts, k)
        Positive parameters.
    lower, upper : ndarray of shape (k,)
        Bounds of the parameters, positive.

    Returns
    -------
    Maximum
    """
    bounds = np.log(np.column_stack([lower, upper]))
    ends = [_climb(objective, np.log(start), bounds) for start in np.atleast_2d(starts)]
    theta, _, used = max(ends, key=lambda end: end[1])
    return polish(objective, theta, bounds, iterations=used)


def polish(
    objective: Objective,
    theta: FloatArray,
    bounds: FloatArray,
    *,
    hessian: FloatArray | None = None,
    iterations: int = 0,
) -> Maximum:
    """Finish a maximisation by Newton steps.

    Parameters
    ----------
    objective : callable
        As in `maximise`.
    theta : ndarray of shape (k,)
        Log parameters near the maximum.
    bounds : ndarray of shape (k, 2)
        Bounds of theta.
    hessian : ndarray of shape (k, k) or None
        Second derivatives near theta, say of a sample, updated from step to step (BFGS): that
        saves passes over all the data. None computes them anew at each step.
    iterations : int
        What has been spent already.

    Returns
    -------
    Maximum
    """
    value, gradient = objective(theta)
    metric = _hessian(objective, theta) if hessian is None else hessian
    for _ in range(_MOST_STEPS):
        step = _newton_step(gradient, metric, _free(theta, gradient, bounds))
        if gradient @ step <= _DECREMENT_TOLERANCE:
            break
        moved = _line_search(objective, theta, value, gradient, step, bounds)
        iterations += 1
        if moved is None:
            break
        if hessian is None:
            metric = _hessian(objective, moved[0])
        else:
            metric = _updated(metric, moved[0] - theta, moved[2] - gradient)
        theta, value, gradient = moved
    return _report(objective, theta, value, gradient, bounds, iterations)


def _climb(
    objective: Objective, theta: FloatArray, bounds: FloatArray
) -> tuple[FloatArray, float, int]:
    def negated(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective(theta)
        return -value, -gradient

    theta = np.clip(theta, bounds[:, 0], bounds[:, 1])
    end = minimize(
        negated,
        theta,
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, high) for low, high in bounds],
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-7},
    )
    return end.x, -float(end.fun), int(end.nit)


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


def _hessian(objective: Objective, theta: FloatArray) -> FloatArray:
    """Return the second derivatives, by central differences of the gradient."""
    columns = []
    for i in range(len(theta)):
        shift = np.zeros_like(theta)
        shift[i] = _STEP
        columns.append((objective(theta + shift)[1] - objective(theta - shift)[1]) / (2 * _STEP))
    matrix = np.column_stack(columns)
    return (matrix + matrix.T) / 2


def _report(
    objective: Objective,
    theta: FloatArray,
    value: float,
    gradient: FloatArray,
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
    hessian = _hessian(objective, theta)
    return Maximum(np.exp(theta), value, norm, hessian, iterations, converged, at_boundary, message)
