"""Draws from the posterior of what is estimated, on the user's scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from custvalue._estimator.persistence import persistent_value
from custvalue._likelihood.fit import Training, maximum_of
from custvalue._likelihood.objective import MeanLogLikelihood
from custvalue._likelihood.prior import NormalPrior
from custvalue._numerics.importance import importance_draws
from custvalue._typing import FloatArray

__all__ = ["RELIABLE", "PosteriorDiagnostic", "PosteriorDraws", "posterior_draws"]

RELIABLE = 0.7
"""Of the Pareto shape: Vehtari, Simpson, Gelman, Yao and Gabry (2024), JMLR 25(72)."""

Progress = Callable[[Iterable[FloatArray]], Iterable[FloatArray]]


@persistent_value
@dataclass(frozen=True)
class PosteriorDiagnostic:
    """How far draws by importance resampling can be trusted.

    Attributes
    ----------
    pareto_k : float
        Shape of the tail of the importance ratios; above 0.7 the draws are not to be trusted.
    effective_size : float
        How many independent draws the weighted proposals are worth.
    n_evaluations : int
        How often the likelihood of all rows was evaluated.
    """

    pareto_k: float
    effective_size: float
    n_evaluations: int

    @property
    def reliable(self) -> bool:
        """Whether the Pareto shape is at most 0.7."""
        return self.pareto_k <= RELIABLE


@dataclass(frozen=True, slots=True)
class PosteriorDraws:
    """Draws, shape (n_draws, k + m), on the user's scale, and their diagnostic."""

    draws: FloatArray
    diagnostic: PosteriorDiagnostic


def posterior_draws(
    training: Training,
    prior: NormalPrior,
    n_draws: int,
    generator: np.random.Generator,
    progress: Progress,
) -> PosteriorDraws:
    """Draw by importance resampling from a Laplace approximation with heavier tails.

    Parameters
    ----------
    training : Training
    prior : NormalPrior
    n_draws : int
    generator : numpy.random.Generator
    progress : callable
        Wraps the proposals that are evaluated, to show how far they are.

    Returns
    -------
    PosteriorDraws
    """
    objective = training.objective(prior)
    mode = maximum_of(objective, training.starts, training.bounds)
    shape = np.asarray(np.linalg.pinv(-mode.hessian * training.total, hermitian=True))
    with threadpool_limits(1, user_api="blas"):
        found = importance_draws(
            lambda thetas: _log_posterior(objective, thetas, progress),
            mode.theta,
            shape,
            n_draws,
            generator,
        )
    diagnostic = PosteriorDiagnostic(found.pareto_k, found.effective_size, found.n_evaluations)
    return PosteriorDraws(training.standardisation.natural(found.draws), diagnostic)


def _log_posterior(
    objective: MeanLogLikelihood, thetas: FloatArray, progress: Progress
) -> FloatArray:
    """Return log likelihood plus log prior of every theta; -inf where it is not finite."""
    with np.errstate(all="ignore"):
        likelihoods = np.array([objective.log_likelihood(theta) for theta in progress(thetas)])
    values = likelihoods + objective.prior.log_density(thetas)
    return np.where(np.isfinite(values), values, -np.inf)
