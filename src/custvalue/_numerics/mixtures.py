"""Finite mixtures by expectation and maximisation, in logarithms, on weighted rows.

A mixture has K components with shares pi_k and densities f_k(x; parameters). The E-step gives the
responsibilities pi_k f_k(x_i) / sum_l pi_l f_l(x_i), the M-step the shares and parameters that they
imply (Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.special import logsumexp

from custvalue._typing import FloatArray

Parameters = TypeVar("Parameters")

__all__ = [
    "MixtureFit",
    "best_fit",
    "classification_entropy",
    "expectation_maximisation",
    "log_joint",
    "posterior",
    "random_responsibilities",
]


@dataclass(frozen=True, slots=True)
class MixtureFit(Generic[Parameters]):
    """Where a search ended.

    Attributes
    ----------
    shares : ndarray of shape (n_components,)
        Sum to one.
    parameters : object
        As `update` gave them.
    log_likelihood : float
        Of all rows with their counts.
    iterations : int
    converged : bool
        The log-likelihood rose by less than the tolerance in the last step.
    """

    shares: FloatArray
    parameters: Parameters
    log_likelihood: float
    iterations: int
    converged: bool


def expectation_maximisation(
    responsibilities: FloatArray,
    counts: FloatArray,
    update: Callable[[FloatArray], Parameters],
    log_density: Callable[[Parameters], FloatArray],
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 2000,
) -> MixtureFit[Parameters]:
    """Climb from one start to a maximum of the likelihood.

    Parameters
    ----------
    responsibilities : ndarray of shape (n_rows, n_components)
        The start; each row sums to one.
    counts : ndarray of shape (n_rows,)
        How many times each row is there.
    update : callable
        Takes responsibilities times counts, of shape (n_rows, n_components), and gives the
        parameters that maximise the expected log-likelihood.
    log_density : callable
        Takes parameters, gives log f_k(x_i) of shape (n_rows, n_components).
    tolerance : float
        The search ends when the log-likelihood rises by less than this times 1 + its size.
    max_iterations : int

    Returns
    -------
    MixtureFit
    """
    before, converged, iteration = -np.inf, False, 0
    total = float(counts.sum())
    while True:
        weighted = responsibilities * counts[:, None]
        shares, parameters = weighted.sum(axis=0) / total, update(weighted)
        joint = log_joint(shares, log_density(parameters))
        marginal = logsumexp(joint, axis=1)
        now = float(counts @ marginal)
        converged = now - before <= tolerance * (1 + abs(now))
        iteration += 1
        if converged or iteration == max_iterations:
            return MixtureFit(shares, parameters, now, iteration, converged)
        before = now
        responsibilities = np.exp(joint - marginal[:, None])


def best_fit(fits: Iterable[MixtureFit[Parameters]]) -> MixtureFit[Parameters]:
    """Return the fit of highest likelihood, the first among equals."""
    return max(fits, key=lambda fit: fit.log_likelihood)


def log_joint(shares: FloatArray, log_densities: FloatArray) -> FloatArray:
    """Return log(pi_k f_k(x_i)) of shape (n_rows, n_components); -inf where a share is 0."""
    with np.errstate(divide="ignore"):
        joint: FloatArray = np.log(shares) + log_densities
    return joint


def posterior(shares: FloatArray, log_densities: FloatArray) -> FloatArray:
    """Return the probability of each component for each row, of shape (n_rows, n_components).

    Examples
    --------
    >>> import numpy as np
    >>> posterior(np.array([0.5, 0.5]), np.log([[0.2, 0.6]]))
    array([[0.25, 0.75]])
    """
    joint = log_joint(shares, log_densities)
    chances: FloatArray = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    return chances


def random_responsibilities(
    n_rows: int, n_components: int, generator: np.random.Generator
) -> FloatArray:
    """Return a random start: each row mostly in one component, a little in all the others."""
    start = np.full((n_rows, n_components), 0.1 / n_components)
    start[np.arange(n_rows), generator.integers(n_components, size=n_rows)] += 0.9
    return start


def classification_entropy(chances: FloatArray, counts: FloatArray) -> float:
    """Return -sum of counts p log p: 0 where every row is surely in one component.

    ICL is BIC + 2 times this (Biernacki, Celeux and Govaert 2000), where BIC is
    -2 log L + parameters x log n.
    """
    logs = np.log(np.where(chances > 0, chances, 1.0))
    return float(-(counts @ (chances * logs).sum(axis=1)))
