"""Draws from a density near a Gaussian one: importance resampling, adapted and checked.

Proposals come from a multivariate t distribution at the mode. Where their weights are too uneven,
the centre and the scale are estimated anew from the weighted proposals and more are drawn. The
rounds pool as one mixture (AMIS: Cornuet, Marin, Mira and Robert 2012, Scandinavian Journal of
Statistics 39(4), 798-812): every proposal is weighted by the density over that of the whole
mixture, so that a bad first round does no lasting harm. The shape of the tail of the weights says
whether the result can be trusted, and the largest weights are smoothed (PSIS: Vehtari, Simpson,
Gelman, Yao and Gabry 2024, Journal of Machine Learning Research 25(72)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "ImportanceDraws",
    "SmoothedWeights",
    "importance_draws",
    "pareto_k",
    "smoothed_log_weights",
]

LogDensity = Callable[[FloatArray], FloatArray]

_GOOD_ENOUGH = 0.5
"""From here on the variance of the weights is infinite; the draws are usable up to 0.7."""
_SHORTEST_TAIL = 5
_FEWEST_PROPOSALS = 1000
_SMALLEST_EIGENVALUE = 1e-13
"""Of a correlation matrix, whose own are 1 on average; smaller ones are rounding."""
_DRAWS_PER_PARAMETER = 10
"""A centre and a scale are estimated from at least so many equally weighted proposals."""
_WIDER = 1.5
"""Estimated scales are too small in the directions of the tails; measured on bent densities."""
_NEGLIGIBLE = 1e-290
_EQUAL = 1e-12
_SMALLEST_POWER = 1e-9


@dataclass(frozen=True, slots=True)
class SmoothedWeights:
    """Importance weights whose largest are replaced by quantiles of a fitted tail.

    Attributes
    ----------
    log_weights : ndarray of shape (n,)
        Logarithms of weights that add up to 1.
    pareto_k : float
        Shape of the fitted tail, that of `pareto_k`.
    """

    log_weights: FloatArray
    pareto_k: float

    @property
    def effective_size(self) -> float:
        """How many equal weights vary as little: 1 / sum of the squared weights (Kish)."""
        return float(np.exp(-logsumexp(2 * self.log_weights)))


@dataclass(frozen=True, slots=True)
class ImportanceDraws:
    """Draws by importance resampling.

    Attributes
    ----------
    draws : ndarray of shape (n_draws, k)
        Equally weighted, in random order.
    pareto_k : float
        Shape of the tail of the importance ratios; above 0.7 the draws are not to be trusted.
    effective_size : float
        How many independent draws the weighted proposals are worth.
    n_evaluations : int
        At how many points the density was evaluated.
    """

    draws: FloatArray
    pareto_k: float
    effective_size: float
    n_evaluations: int


def importance_draws(
    log_density: LogDensity,
    mode: FloatArray,
    covariance: FloatArray,
    n_draws: int,
    generator: np.random.Generator,
    *,
    degrees: float = 5.0,
    proposals_per_draw: int = 2,
    most_rounds: int = 8,
) -> ImportanceDraws:
    """Draw from a density that is known up to a factor.

    The draws are equivariant: in other units of the coordinates they are the same up to rounding.
    Resampling is systematic: a proposal of weight w is drawn either floor(n w) or ceil(n w) times,
    n w times on average, so that no proposal comes twice unless its weight exceeds 1 / n.

    Parameters
    ----------
    log_density : callable
        Takes an array of shape (m, k), gives the logarithms of shape (m,); -inf is allowed.
    mode : ndarray of shape (k,)
        Where the density is largest, or near it.
    covariance : ndarray of shape (k, k)
        Of the Laplace approximation there. It need not be definite: a variance that is not positive
        and finite becomes 1, a correlation that is not finite 0. Of the correlations, negative
        eigenvalues are taken at their absolute size, and those below 1e-13, which are rounding
        in a direction of which nothing is known, become 1.
    n_draws : int
    generator : numpy.random.Generator
    degrees : float
        Degrees of freedom of the proposals; the fewer, the heavier are their tails.
    proposals_per_draw : int
        How many proposals a round has for each draw; a round has at least 1,000.
    most_rounds : int
        Rounds are added while the Pareto shape exceeds 0.5 or the effective size is below n_draws.
        One round does not adapt.

    Returns
    -------
    ImportanceDraws

    Raises
    ------
    ValueError
        If a log density is NaN or +inf, or that of every proposal is -inf.
    """
    size = max(proposals_per_draw * n_draws, _FEWEST_PROPOSALS)
    proposal = _Proposal(mode, _root_of_covariance(covariance), degrees)
    proposals: list[_Proposal] = []
    points = np.empty((0, len(mode)))
    log_target = np.empty(0)
    for _ in range(most_rounds):
        proposals.append(proposal)
        fresh = proposal.sample(size, generator)
        log_target = np.append(log_target, _checked(log_density(fresh)))
        points = np.concatenate([points, fresh])
        weights = smoothed_log_weights(_log_ratios(log_target, proposals, points))
        if weights.pareto_k <= _GOOD_ENOUGH and weights.effective_size >= n_draws:
            break
        proposal = _refitted(points, weights, degrees)
    chosen = _systematic(np.exp(weights.log_weights), n_draws, generator)
    draws = points[generator.permutation(chosen)]
    return ImportanceDraws(draws, weights.pareto_k, weights.effective_size, len(points))


def pareto_k(log_ratios: FloatArray) -> float:
    """Return the shape of the generalised Pareto tail of the largest importance ratios.

    The tail are the largest min(n / 5, 3 sqrt(n)) ratios; its shape is the estimate of Zhang and
    Stephens (2009, Technometrics 51(3), 316-325), drawn towards 0.5 with the weight of ten ratios.

    Parameters
    ----------
    log_ratios : ndarray of shape (n,)
        Logarithms of ratios known up to a factor; -inf is allowed.

    Returns
    -------
    float
        Below 0 the ratios are bounded, above 0.5 their variance is infinite, above 0.7 what is
        computed from them is unreliable in practice. Infinite where the tail has fewer than five
        ratios or the largest is beyond all measure, 0 where all its ratios are equal.
    """
    return _tail_of(log_ratios).shape


def smoothed_log_weights(log_ratios: FloatArray) -> SmoothedWeights:
    """Replace the largest importance ratios by quantiles of their fitted tail, and normalise.

    Parameters
    ----------
    log_ratios : ndarray of shape (n,)
        Logarithms of ratios known up to a factor; -inf is allowed, not everywhere.

    Returns
    -------
    SmoothedWeights
    """
    tail = _tail_of(log_ratios)
    smoothed = log_ratios - log_ratios.max()
    if tail.scale > 0:
        smoothed[tail.rows] = np.minimum(np.log(tail.quantiles()), 0.0)
    return SmoothedWeights(smoothed - logsumexp(smoothed), tail.shape)


@dataclass(frozen=True, slots=True)
class _Tail:
    """The largest ratios, relative to the very largest: threshold + GPD(shape, scale).

    ``rows`` are theirs in ascending order; a scale of 0 says that no distribution was fitted.
    """

    rows: IntArray
    threshold: float
    shape: float
    scale: float

    def quantiles(self) -> FloatArray:
        """Return the ratios that a sample of the fitted distribution has in the middle."""
        n = len(self.rows)
        hazard = -np.log1p(-(np.arange(n) + 0.5) / n)
        if abs(self.shape) < 1e-12:
            return self.threshold + self.scale * hazard
        with np.errstate(over="ignore"):
            grown = np.expm1(self.shape * hazard) / self.shape
            return np.asarray(self.threshold + self.scale * grown)


def _tail_of(log_ratios: FloatArray) -> _Tail:
    """Fit the tail of the ratios."""
    possible = int(np.isfinite(log_ratios).sum())
    n = int(np.ceil(min(0.2 * possible, 3 * np.sqrt(possible))))
    order = np.argsort(log_ratios, kind="stable")
    rows = order[len(order) - n :]
    if n < _SHORTEST_TAIL:
        return _Tail(rows, 0.0, np.inf, 0.0)
    largest = np.exp(log_ratios[order[len(order) - n - 1 :]] - log_ratios[order[-1]])
    if largest[0] > 1 - _EQUAL:
        return _Tail(rows, 1.0, 0.0, 0.0)
    excess = largest[1:] - largest[0]
    if excess[n // 4] < _NEGLIGIBLE:
        return _Tail(rows, largest[0], np.inf, 0.0)
    return _Tail(rows, largest[0], *_fitted_pareto(excess))


def _fitted_pareto(excess: FloatArray) -> tuple[float, float]:
    """Return shape and scale of the generalised Pareto distribution, from ascending values.

    With theta = -shape / scale the shape is a mean of logarithms; theta is averaged over a grid, by
    its profile likelihood (Zhang and Stephens 2009).
    """
    n = len(excess)
    size = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    grid = 1 - np.sqrt(size / (np.arange(1, size + 1) - 0.5))
    theta = 1 / excess[-1] + grid / (3 * quartile)
    shapes = np.log1p(-theta[:, None] * excess).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        profile = n * (np.log(-theta / shapes) - shapes - 1)
    profile[np.isnan(profile)] = -np.inf
    weights = np.exp(profile - logsumexp(profile))
    mean = float(weights @ theta)
    shape = float(np.log1p(-mean * excess).mean())
    # Prior of ten ratios at 0.5, as in PSIS.
    return (n * shape + 10 * 0.5) / (n + 10), -shape / mean


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A multivariate t distribution: centre, lower triangular root of the scale, degrees."""

    centre: FloatArray
    root: FloatArray
    degrees: float

    def sample(self, n: int, generator: np.random.Generator) -> FloatArray:
        """Draw n points, shape (n, k)."""
        normal = generator.standard_normal((n, len(self.centre)))
        spread = np.sqrt(generator.chisquare(self.degrees, size=(n, 1)) / self.degrees)
        return self.centre + normal / spread @ self.root.T

    def log_density(self, points: FloatArray) -> FloatArray:
        """Return the logarithms of the density, but for a constant that all proposals share."""
        standard = solve_triangular(self.root, (points - self.centre).T, lower=True)
        power = (self.degrees + len(self.centre)) / 2
        bent = power * np.log1p((standard**2).sum(axis=0) / self.degrees)
        return np.asarray(-bent - np.log(np.diag(self.root)).sum())


def _checked(log_target: FloatArray) -> FloatArray:
    wrong = np.isnan(log_target) | (log_target == np.inf)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"a log density must be a number or -inf; proposal {first} has {log_target[first]} "
            f"({int(wrong.sum())} such proposals)"
        )
    if np.isneginf(log_target).all():
        raise ValueError(f"the density must be positive somewhere; all {len(log_target)} are 0")
    return log_target


def _log_ratios(
    log_target: FloatArray, proposals: list[_Proposal], points: FloatArray
) -> FloatArray:
    """Return log of the density over that of the mixture of all rounds, which are of one size."""
    parts = np.stack([proposal.log_density(points) for proposal in proposals])
    return np.asarray(log_target - logsumexp(parts, axis=0))


def _refitted(points: FloatArray, weights: SmoothedWeights, degrees: float) -> _Proposal:
    """Return the proposal with the centre and the widened covariance of the weighted points."""
    needed = _DRAWS_PER_PARAMETER * points.shape[1]
    power = _power_that_counts(weights.log_weights, needed)
    w = _powered(weights.log_weights, power)
    centre = w @ points
    apart = points - centre
    root = _root_of_covariance((w * apart.T) @ apart)
    # A power below 1 has widened them already.
    return _Proposal(centre, root * _WIDER if power == 1 else root, degrees)


def _power_that_counts(log_weights: FloatArray, needed: int) -> float:
    """Return a power of the weights, 1 or below, that makes enough of them count.

    A few heavy points would give a scale that is too small, from which adaptation never recovers.
    """
    power = 1.0
    while power > _SMALLEST_POWER:
        w = _powered(log_weights, power)
        if w @ w <= 1 / needed:
            break
        power /= 2
    return power


def _powered(log_weights: FloatArray, power: float) -> FloatArray:
    return np.asarray(np.exp(power * log_weights - logsumexp(power * log_weights)))


def _root_of_covariance(covariance: FloatArray) -> FloatArray:
    """Return the lower triangular root of the nearest sound covariance.

    Eigenvalues are those of the correlations, so that the guard does not depend on units.
    """
    variances = np.diag(covariance)
    scale = np.sqrt(np.where(_sound(variances), variances, 1.0))
    correlations = covariance / np.outer(scale, scale)
    correlations = np.where(np.isfinite(correlations), correlations, 0.0)
    np.fill_diagonal(correlations, 1.0)
    values, vectors = np.linalg.eigh((correlations + correlations.T) / 2)
    if values[0] < _SMALLEST_EIGENVALUE:
        size = np.abs(values)
        values = np.where(size < _SMALLEST_EIGENVALUE, 1.0, size)
        correlations = (vectors * values) @ vectors.T
    return np.asarray(scale[:, None] * np.linalg.cholesky(correlations))


def _sound(variances: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(variances) & (variances > 0))


def _systematic(weights: FloatArray, n: int, generator: np.random.Generator) -> IntArray:
    """Return n rows, each as often as its weight asks, by one draw for all (Carpenter 1999)."""
    passed = np.cumsum(weights)
    ticks = (np.arange(n) + generator.random()) / n
    return np.asarray(np.searchsorted(passed, ticks * passed[-1], side="right"))
