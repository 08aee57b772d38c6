r"""What cohorts have in common: their coordinates x_i ~ N(mu, Sigma), Sigma = L L'.

The log-likelihood of a cohort is taken as quadratic around its mode (Laplace), which makes the
cohorts a linear model with random effects (`_cohort_effects`); mu and Sigma maximise its
restricted likelihood, and modes and hyperparameters are found in turns (Breslow & Clayton 1993,
JASA 88, 9-25).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._estimator.persistence import persistent_value
from custvalue._typing import FloatArray, IntArray
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_effects import EffectsModel, posterior_root
from custvalue.retention._cohort_likelihood import (
    CohortLikelihood,
    cohort_likelihood,
    pearson_statistic,
)
from custvalue.retention._cohort_modes import Modes, find_modes

__all__ = [
    "CohortPosterior",
    "CohortPrior",
    "canonical_order",
    "cohort_posterior",
    "draw_coordinates",
    "pool_cohorts",
]

_FREE = 1000.0
"""Standard deviation of a prior that says nothing."""
_START = 0.3
_SAME = 1e-7
_MOST_TURNS = 200
_MOST_HALVINGS = 6
_GAIN = 1e-6
"""A part of a step must gain as much log-likelihood."""
_ROUNDING = 1e-12
_DIGITS = 4
"""Draws of coordinates without unit need no more, and files stay small."""


@persistent_value
@dataclass(frozen=True, slots=True)
class CohortPrior:
    """Normal distribution of the coordinates of cohorts.

    Attributes
    ----------
    mean : ndarray of shape (p,)
    factor : ndarray of shape (p, p)
        L, with L L' the covariance between cohorts.
    mean_covariance : ndarray of shape (p, p)
        Of the estimated mean.
    means : ndarray of shape (n, p)
        Draws of the mean, each with the factor of the same place.
    factors : ndarray of shape (n, p, p)
        Draws of L.
    dispersion : float
        By which activity scatters more than binomial counts do; at least 1.
    pearson : float
        Pearson's statistic over its degrees of freedom.
    converged : bool
    """

    mean: FloatArray
    factor: FloatArray
    mean_covariance: FloatArray
    means: FloatArray
    factors: FloatArray
    dispersion: float
    pearson: float
    converged: bool


@dataclass(frozen=True, slots=True)
class CohortPosterior:
    """What is known of each cohort.

    Attributes
    ----------
    mean : ndarray of shape (n_cohorts, p)
        Mode of the coordinates.
    information : ndarray of shape (n_cohorts, p, p)
        H, of the cohort's own counts at the mode.
    pull : ndarray of shape (n_cohorts, p)
        H mode + gradient: the log-likelihood is about pull' x - x' H x / 2.
    shrinkage : ndarray of shape (n_cohorts,)
        Weight of the mean of all cohorts, the average over the coordinates: 0 to 1.
    """

    mean: FloatArray
    information: FloatArray
    pull: FloatArray
    shrinkage: FloatArray


@dataclass(frozen=True, slots=True)
class _Hyperparameters:
    """Mean, factor, covariance of the mean, draws of both, and whether they came to rest."""

    mean: FloatArray
    factor: FloatArray
    mean_covariance: FloatArray
    means: FloatArray
    factors: FloatArray
    converged: bool


def canonical_order(counts: FloatArray) -> IntArray:
    """Return the order of rows that depends on what they hold alone."""
    return np.lexsort(np.nan_to_num(counts, nan=-1.0).T[::-1])


def pool_cohorts(
    coordinates: Coordinates, counts: FloatArray, pooling: str, seed: int
) -> CohortPrior:
    """Return the distribution of the coordinates of cohorts.

    Parameters
    ----------
    coordinates : Coordinates
    counts : ndarray of shape (n_cohorts, n_ages)
    pooling : {"partial", "none", "complete"}
        "none" has a distribution so wide that it says nothing, "complete" one without spread.
    seed : int
        Of the draws.

    Returns
    -------
    CohortPrior
        The result does not depend on the order of the cohorts.
    """
    counts = counts[canonical_order(counts)]
    prior = _pooled(coordinates, counts, pooling, 1.0, seed)
    if prior.pearson > 1 and coordinates.orders:
        return _pooled(coordinates, counts, pooling, prior.pearson, seed)
    return prior


def cohort_posterior(
    coordinates: Coordinates, counts: FloatArray, prior: CohortPrior
) -> CohortPosterior:
    """Return what is known of each cohort; a row does not depend on the others.

    Parameters
    ----------
    coordinates : Coordinates
    counts : ndarray of shape (n_cohorts, n_ages)
    prior : CohortPrior

    Returns
    -------
    CohortPosterior
    """
    likelihood = cohort_likelihood(coordinates, counts, prior.dispersion)
    p = len(prior.mean)
    modes = find_modes(likelihood, prior.mean, prior.factor, np.zeros((len(counts), p)))
    _, own = posterior_root(modes.information, prior.factor)
    pull = np.einsum("nij,nj->ni", modes.information, modes.x) + modes.gradient
    return CohortPosterior(modes.x, modes.information, pull, 1 - own / p)


def draw_coordinates(
    prior: CohortPrior,
    posterior: CohortPosterior,
    cohort: int,
    n_draws: int,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw the coordinates of one cohort, mean and spread of all cohorts being uncertain too.

    Parameters
    ----------
    prior : CohortPrior
    posterior : CohortPosterior
    cohort : int
        Its row.
    n_draws : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_draws, p)
    """
    H = posterior.information[cohort]
    root, _ = posterior_root(H, prior.factors)
    b = posterior.pull[cohort] - prior.means @ H
    middle = prior.means + np.einsum("nij,nkj,nk->ni", root, root, b)
    which = np.arange(n_draws) % len(prior.means)
    z = generator.standard_normal((n_draws, len(H)))
    return np.asarray(middle[which] + np.einsum("nij,nj->ni", root[which], z))


def _pooled(
    coordinates: Coordinates, counts: FloatArray, pooling: str, dispersion: float, seed: int
) -> CohortPrior:
    """Return the distribution of the coordinates for a given dispersion."""
    likelihood = cohort_likelihood(coordinates, counts, dispersion)
    common = _complete(likelihood, _starts(coordinates, counts))
    generator = np.random.default_rng(seed)
    observed = (~np.isnan(counts[:, 1:])).any(axis=1).sum()
    if pooling == "partial" and observed > 1:
        found = _partial(likelihood, common.x[0], generator)
    else:
        spread = _FREE if pooling == "none" else 0.0
        found = _one_for_all(common, spread, generator)
    p = len(found.mean)
    modes = find_modes(likelihood, found.mean, found.factor, np.zeros((len(counts), p)))
    _, own = posterior_root(modes.information, found.factor)
    statistic, cells = pearson_statistic(coordinates, counts, modes.x)
    return CohortPrior(
        mean=found.mean,
        factor=found.factor,
        mean_covariance=found.mean_covariance,
        means=np.round(found.means, _DIGITS),
        factors=np.round(found.factors, _DIGITS),
        dispersion=dispersion,
        pearson=float(statistic / max(cells - max(own.sum(), p), 1.0)),
        converged=found.converged and bool(modes.converged.all()),
    )


def _complete(likelihood: CohortLikelihood, starts: FloatArray) -> Modes:
    """Return the best mode of all cohorts as one, of the starting values."""
    factor = np.eye(starts.shape[1]) * _FREE
    modes = find_modes(likelihood.merged(len(starts)), starts, factor, np.zeros_like(starts))
    best = slice(int(np.argmax(modes.value)), int(np.argmax(modes.value)) + 1)
    return Modes(
        modes.x[best],
        modes.value[best],
        modes.height[best],
        modes.gradient[best],
        modes.information[best],
        modes.converged[best],
    )


def _starts(coordinates: Coordinates, counts: FloatArray) -> FloatArray:
    """Return starting values from the share that is there at age 1."""
    seen = ~np.isnan(counts[:, 1])
    share = (counts[seen, 1].sum() + 0.5) / (counts[seen, 0].sum() + 1.0)
    starts = []
    for q in (0.5 + share / 2, np.sqrt(share)) if coordinates.orders else (1.0,):
        logit_m = np.log1p(-share / q) - np.log(share / q)
        for log_s in (-0.5, 1.5, 4.0) if coordinates.n_law > 1 else (0.0,):
            tail = [np.log(q) - np.log1p(-q)] if coordinates.orders else []
            starts.append([logit_m, *[log_s, 0.0][: coordinates.n_law - 1], *tail])
    return np.array(starts, dtype=np.float64)


def _one_for_all(common: Modes, spread: float, generator: np.random.Generator) -> _Hyperparameters:
    """Return the estimate of all cohorts as one, with a spread that is given."""
    p = common.x.shape[1]
    factor = np.eye(p) * spread
    model = EffectsModel(common, common.x[0])
    means, factors = model.draws_given(np.zeros((1, p, p)), generator)
    if spread > 0:
        means = np.broadcast_to(common.x[0], means.shape)
        factors = np.broadcast_to(factor, factors.shape)
    C = model.at(np.zeros((p, p))).mean_covariance
    return _Hyperparameters(common.x[0], factor, C, means, factors, bool(common.converged[0]))


@dataclass(frozen=True, slots=True)
class _Turn:
    """Mean and factor, the modes of the cohorts under them, and how good they are."""

    mean: FloatArray
    factor: FloatArray
    modes: Modes
    model: EffectsModel
    merit: float


def _partial(
    likelihood: CohortLikelihood, centre: FloatArray, generator: np.random.Generator
) -> _Hyperparameters:
    """Return what maximises the restricted likelihood, with draws around it."""
    p = len(centre)
    x = np.broadcast_to(centre, (likelihood.n_rows, p))
    turn, converged = _turn(likelihood, centre, centre, np.eye(p) * _START, x), False
    for _ in range(_MOST_TURNS):
        better = _better(likelihood, centre, turn)
        change = np.abs(better.mean - turn.mean).max()
        spread = better.factor @ better.factor.T - turn.factor @ turn.factor.T
        turn, converged = better, bool(max(change, np.abs(spread).max()) < _SAME)
        if converged:
            break
    means, factors = turn.model.draws(turn.factor, generator)
    C = turn.model.at(turn.factor).mean_covariance
    return _Hyperparameters(turn.mean, turn.factor, C, means, factors, converged)


def _better(likelihood: CohortLikelihood, centre: FloatArray, turn: _Turn) -> _Turn:
    """Return the best of the linear model, or a part of the way to it that is an improvement."""
    factor = turn.model.best_factor(turn.factor)
    mean = turn.model.at(factor).mean
    for halving in range(_MOST_HALVINGS):
        part = 0.5**halving
        trial = _turn(
            likelihood,
            centre,
            turn.mean + part * (mean - turn.mean),
            turn.factor + part * (factor - turn.factor),
            turn.modes.x,
        )
        least = _GAIN if halving else -_ROUNDING * abs(turn.merit)
        if trial.merit - turn.merit > least:
            return trial
    # The linear model points nowhere better by anything that counts: at rest.
    return turn


def _turn(
    likelihood: CohortLikelihood,
    centre: FloatArray,
    mean: FloatArray,
    factor: FloatArray,
    x: FloatArray,
) -> _Turn:
    """Return mean and factor with the modes under them, found from x."""
    modes = find_modes(likelihood, mean, factor, (x - mean) @ np.linalg.pinv(factor).T)
    model = EffectsModel(modes, centre)
    return _Turn(mean, factor, modes, model, model.merit(modes, mean, factor))
