"""Maximum likelihood on compressed rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from custvalue._likelihood.chunks import in_order_of_count, mean_log_likelihood
from custvalue._likelihood.convergence import Convergence
from custvalue._likelihood.law import Law
from custvalue._numerics.compression import compress_rows
from custvalue._numerics.delta import covariance_of_exponentials
from custvalue._numerics.optimisation import Maximum, Objective, maximise, polish
from custvalue._typing import FloatArray

__all__ = ["LawFit", "fit_law"]

_WIDEST = 1e6
"""Parameters are sought between 1e-6 and 1e6 of their natural size."""
_NEAR = 10.0
_SAMPLE = 10_000
_LARGER_SAMPLE = 80_000
_MANY = 40_000
_FLAT = 1e-10


@dataclass(frozen=True, slots=True)
class LawFit:
    """Estimates of a law.

    Attributes
    ----------
    parameters : ndarray of shape (k,)
    covariance : ndarray of shape (k, k)
        Of the parameters; NaN where the Hessian is not definite.
    log_likelihood : float
        Its sum over all rows, weighted.
    convergence : Convergence
    """

    parameters: FloatArray
    covariance: FloatArray
    log_likelihood: float
    convergence: Convergence


def fit_law(
    law: type[Law], columns: tuple[FloatArray, ...], weights: FloatArray | None = None
) -> LawFit:
    """Estimate the parameters of a law by maximum likelihood.

    Parameters
    ----------
    law : type
        The law, a class.
    columns : tuple of ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None

    Returns
    -------
    LawFit
    """
    rows = compress_rows(*columns, weights=weights)
    order = in_order_of_count(rows.columns[0])
    if weights is not None:
        order = order[rows.weights[order] > 0]
    columns = tuple(column[order] for column in rows.columns)
    weights = rows.weights[order]
    units = law.units(*columns, weights)
    # Threads of the linear algebra would fight with those of the chunks over tiny matrices.
    with threadpool_limits(1, user_api="blas"):
        maximum = _maximum(law, columns, weights, units / _WIDEST, units * _WIDEST)
    convergence = _judge(law, maximum, units)
    total = float(weights.sum())
    covariance = _covariance(maximum, total, convergence.hessian_definite)
    return LawFit(maximum.parameters, covariance, maximum.value * total, convergence)


def _maximum(
    law: type[Law],
    columns: tuple[FloatArray, ...],
    weights: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> Maximum:
    """Maximise; of many rows samples are fitted first and lend their ends and curvatures."""
    starts = law.starts(*columns, weights)
    if len(weights) <= _MANY:
        return maximise(_objective(law, columns, weights), starts, lower=lower, upper=upper)
    end = maximise(_sampled(law, columns, weights, _SAMPLE), starts, lower=lower, upper=upper)
    everything = _objective(law, columns, weights)
    bounds = np.log(np.column_stack([lower, upper]))
    if len(weights) > 4 * _LARGER_SAMPLE:
        larger = _sampled(law, columns, weights, _LARGER_SAMPLE)
        end = polish(larger, np.log(end.parameters), bounds, hessian=end.hessian)
    end = polish(everything, np.log(end.parameters), bounds, hessian=end.hessian)
    if end.converged:
        return end
    return maximise(everything, end.parameters[None, :], lower=lower, upper=upper)


def _sampled(
    law: type[Law], columns: tuple[FloatArray, ...], weights: FloatArray, size: int
) -> Objective:
    chosen = np.sort(np.random.default_rng(0).integers(0, len(weights), size))
    return _objective(law, tuple(column[chosen] for column in columns), weights[chosen])


def _objective(law: type[Law], columns: tuple[FloatArray, ...], weights: FloatArray) -> Objective:
    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        parameters = np.exp(theta)
        value, gradient = mean_log_likelihood(law(*parameters), columns, weights)
        return value, gradient * parameters

    return objective


def _judge(law: type[Law], maximum: Maximum, units: FloatArray) -> Convergence:
    size = maximum.parameters / units
    low, high = size <= _NEAR / _WIDEST, size >= _WIDEST / _NEAR
    ended = [
        (name, law.limits[name][int(up)])
        for name, down, up in zip(law.names, low, high, strict=True)
        if down or up
    ]
    eigenvalues = np.linalg.eigvalsh(-maximum.hessian)
    definite = bool(eigenvalues[0] > _FLAT * max(eigenvalues[-1], _FLAT))
    return Convergence(
        converged=maximum.converged,
        gradient_norm=maximum.gradient_norm,
        hessian_definite=definite,
        at_boundary=tuple(name for name, _ in ended),
        limiting_model="; ".join(dict.fromkeys(limit for _, limit in ended)) or None,
        iterations=maximum.iterations,
        message=maximum.message,
    )


def _covariance(maximum: Maximum, total: float, definite: bool) -> FloatArray:
    if not definite:
        return np.full_like(maximum.hessian, np.nan)
    logs = np.asarray(np.linalg.inv(-maximum.hessian * total), dtype=np.float64)
    return covariance_of_exponentials(logs, maximum.parameters)
