"""Maximum likelihood on compressed rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from custvalue._likelihood.chunks import in_order_of_count
from custvalue._likelihood.convergence import Convergence
from custvalue._likelihood.objective import MeanLogLikelihood
from custvalue._likelihood.prior import NormalPrior, penalty
from custvalue._likelihood.specification import Specification
from custvalue._likelihood.standardisation import Standardisation
from custvalue._numerics.compression import compress_rows
from custvalue._numerics.optimisation import TOLERANCE, Maximum, maximise, polish
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = ["Fit", "Training", "fit_rows", "maximum_of", "prepare"]

_WIDEST = 1e6
"""Parameters are sought between 1e-6 and 1e6 of their natural size."""
_LARGEST_COEFFICIENT = 30.0
"""Of one standard deviation: it multiplies a rate by 1e13."""
_NEAR = 10.0
_SAMPLES = (2_000, 16_000, 128_000)
"""Of many rows growing samples are fitted first and lend their ends and curvatures."""
_SAMPLE_TOLERANCE = 1e-3
"""Times 1 / rows, the order of the loss at the maximum of another sample."""
_WORTH_WHILE = 4
"""A sample saves time where there are so many times more rows."""
_FLAT = 1e-10
_SAME = 1e-10
"""Mean log-likelihoods that close are equal for the purpose of naming the limiting model."""


@dataclass(frozen=True, slots=True)
class Training:
    """Compressed rows in the order of counts, covariates standardised.

    Attributes
    ----------
    specification : Specification
    columns : tuple of ndarray of shape (n_distinct,)
    weights : ndarray of shape (n_distinct,)
    total : float
        Their sum.
    standardisation : Standardisation
    units : ndarray of shape (k,)
        Natural sizes of the parameters.
    starts : ndarray of shape (n_starts, k + m)
        Of theta.
    """

    specification: Specification
    columns: tuple[FloatArray, ...]
    weights: FloatArray
    total: float
    standardisation: Standardisation
    units: FloatArray
    starts: FloatArray

    @property
    def bounds(self) -> FloatArray:
        """Lowest and highest theta, shape (k + m, 2)."""
        logs = np.log(self.units)[:, None] + np.log([1 / _WIDEST, _WIDEST])
        m = len(self.specification.coefficients)
        return np.vstack([logs, np.tile([-_LARGEST_COEFFICIENT, _LARGEST_COEFFICIENT], (m, 1))])

    def objective(self, prior: NormalPrior) -> MeanLogLikelihood:
        """Return the mean log-likelihood with a prior."""
        return MeanLogLikelihood(self.specification, self.columns, self.weights, prior, self.total)


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimates on the user's scale.

    Attributes
    ----------
    estimates : ndarray of shape (k + m,)
        Parameters where all covariates are 0, then coefficients.
    covariance : ndarray of shape (k + m, k + m) or None
        NaN where the Hessian is not definite or a parameter ended at its bound; None where a
        penalty makes it meaningless.
    log_likelihood : float
        Its sum over all rows, weighted, without the penalty.
    convergence : Convergence
    """

    estimates: FloatArray
    covariance: FloatArray | None
    log_likelihood: float
    convergence: Convergence


def fit_rows(
    specification: Specification,
    columns: tuple[FloatArray, ...],
    weights: FloatArray | None = None,
    *,
    l2: float = 0.0,
) -> Fit:
    """Estimate the parameters of a law and the coefficients of covariates.

    Parameters
    ----------
    specification : Specification
    columns : tuple of ndarray of shape (n_rows,)
        Those of the specification.
    weights : ndarray of shape (n_rows,) or None
    l2 : float
        The penalty is l2 / 2 times the sum of the squared coefficients of standardised covariates.

    Returns
    -------
    Fit

    Raises
    ------
    DataError
        If a covariate does not vary, depends linearly on others, or lies too far from 0.
    """
    training = prepare(specification, columns, weights)
    objective = training.objective(penalty(specification, l2))
    maximum = maximum_of(objective, training.starts, training.bounds)
    convergence = _judge(training, maximum)
    natural = _natural(training, maximum.theta)
    penalised = l2 > 0 and bool(specification.processes)
    value = objective.log_likelihood(maximum.theta) if penalised else maximum.value * training.total
    is_maximum = convergence.hessian_definite and not convergence.at_boundary
    covariance = _covariance(training, maximum, is_maximum)
    return Fit(natural, None if penalised else covariance, value, convergence)


def _natural(training: Training, theta: FloatArray) -> FloatArray:
    """Return the estimates on the user's scale, where they can be told there."""
    with np.errstate(over="ignore"):
        natural = training.standardisation.natural(theta)
    bad = ~np.isfinite(natural) | (natural == 0)
    bad[len(training.units) :] = ~np.isfinite(natural[len(training.units) :])
    if bad.any():
        label = training.specification.labels[int(np.argmax(bad))]
        raise DataError(
            f"the covariates {', '.join(training.specification.covariates)} must not lie so far "
            f"from 0 that {label} overflows where they are 0: centre them"
        )
    return natural


def prepare(
    specification: Specification, columns: tuple[FloatArray, ...], weights: FloatArray | None
) -> Training:
    """Compress, order and standardise the rows that count.

    Parameters
    ----------
    specification : Specification
    columns : tuple of ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None

    Returns
    -------
    Training

    Raises
    ------
    DataError
        If a covariate does not vary, or depends linearly on others.
    """
    Standardisation.check(specification, specification.split(columns)[1])
    rows = compress_rows(*columns, weights=weights)
    order = in_order_of_count(rows.columns[0])
    if weights is not None:
        order = order[rows.weights[order] > 0]
    weights = rows.weights[order]
    own, covariates = specification.split([column[order] for column in rows.columns])
    standardisation = Standardisation.of(specification, covariates, weights)
    logs = np.log(specification.law.starts(*own, weights))
    zeros = np.zeros((len(logs), len(specification.coefficients)))
    return Training(
        specification=specification,
        columns=(*own, *standardisation.applied(covariates)),
        weights=weights,
        total=float(weights.sum()),
        standardisation=standardisation,
        units=specification.law.units(*own, weights),
        starts=np.hstack([logs, zeros]),
    )


def maximum_of(objective: MeanLogLikelihood, starts: FloatArray, bounds: FloatArray) -> Maximum:
    """Maximise an objective; of many rows samples are maximised first.

    Parameters
    ----------
    objective : MeanLogLikelihood
    starts : ndarray of shape (n_starts, k + m)
    bounds : ndarray of shape (k + m, 2)

    Returns
    -------
    Maximum
    """
    sizes = [size for size in _SAMPLES if size * _WORTH_WHILE < len(objective.weights)]
    first, *larger = [*(objective.sampled(size) for size in sizes), objective]
    # Threads of the linear algebra would fight over tiny matrices.
    with threadpool_limits(1, user_api="blas"):
        end = _maximise(first, starts, bounds, objective)
        for stage in larger:
            end = _stage(stage, starts, end, bounds, objective)
        return _run_out(objective, end, bounds)


def _maximise(
    stage: MeanLogLikelihood, starts: FloatArray, bounds: FloatArray, whole: MeanLogLikelihood
) -> Maximum:
    """Maximise from all starts."""
    tolerance = _tolerance(stage, whole)
    return maximise(stage, starts, bounds, curvature=stage.hessian, tolerance=tolerance)


def _stage(
    stage: MeanLogLikelihood,
    starts: FloatArray,
    before: Maximum,
    bounds: FloatArray,
    whole: MeanLogLikelihood,
) -> Maximum:
    """Maximise from where a smaller sample ended, or from all starts where that ended badly."""
    if _is_definite(before.hessian) and not before.at_boundary.any():
        end = polish(
            stage,
            before.theta,
            bounds,
            curvature=stage.hessian,
            hessian=before.hessian,
            tolerance=_tolerance(stage, whole),
        )
        if end.converged or stage is not whole:
            return end
    return _maximise(stage, starts, bounds, whole)


def _tolerance(stage: MeanLogLikelihood, whole: MeanLogLikelihood) -> float:
    """Return how well to maximise: a sample not better than its own maximum is near the whole's."""
    return TOLERANCE if stage is whole else _SAMPLE_TOLERANCE / len(stage.weights)


def _is_definite(hessian: FloatArray) -> bool:
    eigenvalues = np.linalg.eigvalsh(-hessian)
    return bool(eigenvalues[0] > _FLAT * max(eigenvalues[-1], _FLAT))


def _run_out(objective: MeanLogLikelihood, end: Maximum, bounds: FloatArray) -> Maximum:
    """Follow a flat direction to the end of the search, so that the limiting model shows."""
    if _is_definite(end.hessian) or end.at_boundary.any():
        return end
    flattest = np.linalg.eigh(-end.hessian)[1][:, 0]
    moving = int(np.argmax(np.abs(flattest)))
    for side in bounds[moving]:
        pinned = bounds.copy()
        pinned[moving] = side
        along = (side - end.theta[moving]) / flattest[moving] * flattest
        start = np.clip(end.theta + along, pinned[:, 0], pinned[:, 1])
        there = maximise(objective, start[None, :], pinned, curvature=objective.hessian)
        if there.value >= end.value - _SAME:
            return there
    return end


def _judge(training: Training, maximum: Maximum) -> Convergence:
    low, high = (np.abs(maximum.theta - side) <= np.log(_NEAR) for side in training.bounds.T)
    law, labels = training.specification.law, np.array(training.specification.labels)
    ended = [
        (str(name), _limit(law.limits, str(name), bool(up)))
        for name, down, up in zip(labels, low, high, strict=True)
        if down or up
    ]
    return Convergence(
        converged=maximum.converged,
        gradient_norm=maximum.gradient_norm,
        hessian_definite=_is_definite(maximum.hessian),
        at_boundary=tuple(name for name, _ in ended),
        limiting_model=_in_common([limit for _, limit in ended]),
        iterations=maximum.iterations,
        message=maximum.message,
    )


def _limit(limits: dict[str, tuple[str, str]], name: str, up: bool) -> str:
    """Say what the model becomes where a parameter, or else a coefficient, runs away."""
    return limits[name][int(up)] if name in limits else f"the covariate {name} decides alone"


def _in_common(limits: list[str]) -> str | None:
    """Return the limit that all have among their alternatives ("this, or that"), else every one."""
    alternatives = [limit.split(", or ") for limit in limits]
    every = list(dict.fromkeys(one for several in alternatives for one in several))
    shared = [one for one in every if all(one in several for several in alternatives)]
    return "; ".join(shared or dict.fromkeys(limits)) or None


def _covariance(training: Training, maximum: Maximum, is_maximum: bool) -> FloatArray:
    if not is_maximum:
        return np.full_like(maximum.hessian, np.nan)
    of_theta = np.asarray(np.linalg.inv(-maximum.hessian * training.total), dtype=np.float64)
    return training.standardisation.covariance(maximum.theta, of_theta)
