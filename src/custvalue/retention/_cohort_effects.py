r"""Cohorts as a linear model with random effects, and how much they differ.

Around its mode the log-likelihood of cohort i is a_i' x - x' H_i x / 2, with the information H_i
and a_i = H_i mode + gradient. With x_i ~ N(mu, L L'), H = S S', a = S c and

    W = S K S',   t = S K c,   K = (I + S' L L' S)^{-1},

mu = (sum W)^{-1} sum t, and L maximises the restricted likelihood, which allows for mu being
estimated. All of it holds for singular H and L: a cohort that tells nothing, and cohorts that do
not differ, need no care. Weak priors keep mu near the estimate of all cohorts as one and the
entries of L near 0 (standard deviation 1, on these coordinates a large difference between cohorts)
where the cohorts themselves do not tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from custvalue._typing import FloatArray
from custvalue.retention._cohort_modes import Modes

__all__ = ["N_DRAWS", "Effects", "EffectsModel", "posterior_root"]

N_DRAWS = 200
_WALKERS = 40
_WARM_UP = 150
_BETWEEN = 20
_STRETCH = 2.0
"""Of the moves of Goodman & Weare (2010), Comm. App. Math. Comp. Sci. 5, 65-80."""
_MEAN_SPREAD = 2.0
"""Of the weak prior of mu around the estimate of all cohorts as one."""
_LARGEST_SPREAD = 3.0
_NOTHING = 1e-9
"""Information below this part of the largest is rounding."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The model at some factor L; leading axes of L are kept.

    ``mean`` has shape (..., p), ``mean_covariance`` (..., p, p), ``W`` (..., n_cohorts, p, p) and
    ``score``, t - W mean, (..., n_cohorts, p); ``value`` is the restricted log-likelihood but for
    a constant, with the priors of mu and L, shape (...).
    """

    mean: FloatArray
    mean_covariance: FloatArray
    W: FloatArray
    score: FloatArray
    value: FloatArray


class EffectsModel:
    """The linear model at the modes of the cohorts.

    Parameters
    ----------
    modes : Modes
    centre : ndarray of shape (p,)
        Middle of the weak prior of mu.
    """

    def __init__(self, modes: Modes, centre: FloatArray) -> None:
        p = len(centre)
        values, vectors = np.linalg.eigh(modes.information)
        tells = values > _NOTHING * np.maximum(values[:, -1:], 1.0)
        roots = np.sqrt(np.where(tells, values, 0.0))
        self.S = vectors * roots[:, None, :]
        a = np.einsum("nij,nj->ni", modes.information, modes.x) + modes.gradient
        turned = np.einsum("nij,ni->nj", vectors, a)
        self.c = np.where(tells, turned / np.where(tells, roots, 1.0), 0.0)
        self.P, self.centre = np.eye(p) / _MEAN_SPREAD**2, centre
        self.lower = np.tril_indices(p)

    def at(self, factor: FloatArray) -> Effects:
        """Return the model at L of shape (..., p, p)."""
        M = np.swapaxes(self.S, 1, 2) @ factor[..., None, :, :]
        values, vectors = np.linalg.eigh(M @ np.swapaxes(M, -1, -2))
        grown = 1 + np.maximum(values, 0.0)
        root = self.S @ vectors / np.sqrt(grown)[..., None, :]
        W = root @ np.swapaxes(root, -1, -2)
        c = np.einsum("...ij,...i->...j", vectors, self.c) / np.sqrt(grown)
        t = np.einsum("...ij,...j->...i", root, c)
        C = np.linalg.inv(W.sum(axis=-3) + self.P)
        mean = np.einsum("...ij,...j->...i", C, t.sum(axis=-2) + self.P @ self.centre)
        off = mean - self.centre
        rest = c - np.einsum("...nij,...i->...nj", root, mean)
        value = np.linalg.slogdet(C)[1] - (rest**2).sum(axis=(-1, -2))
        value = value - np.log(grown).sum(axis=(-1, -2))
        value = value - np.einsum("...i,ij,...j->...", off, self.P, off)
        value = value - (factor**2).sum(axis=(-1, -2))
        score = np.einsum("...nij,...nj->...ni", root, rest)
        return Effects(mean, C, W, score, np.asarray(value / 2))

    def restricted(self, factor: FloatArray) -> FloatArray:
        """Return the restricted log-likelihood of L with its priors, but for a constant."""
        return self.at(factor).value

    def slope(self, factor: FloatArray) -> FloatArray:
        """Return the gradient of `restricted` in L of shape (p, p)."""
        found = self.at(factor)
        W, r = found.W, found.score
        G = r.T @ r - W.sum(axis=0) + np.einsum("nij,jk,nkl->il", W, found.mean_covariance, W)
        return np.asarray(np.tril(G @ factor - factor))

    def merit(self, modes: Modes, mean: FloatArray, factor: FloatArray) -> float:
        """Return the restricted likelihood by Laplace, at mean and L whose modes these are."""
        found, off = self.at(factor), mean - self.centre
        A = factor.T @ modes.information @ factor + np.eye(len(mean))
        value = modes.height.sum() - np.linalg.slogdet(A)[1].sum() / 2
        value += (np.linalg.slogdet(found.mean_covariance)[1] - off @ self.P @ off) / 2
        return float(value - (factor**2).sum() / 2)

    def best_factor(self, start: FloatArray) -> FloatArray:
        """Return the factor L of the largest restricted likelihood near a start."""

        def minus(entries: FloatArray) -> tuple[float, FloatArray]:
            factor = self._factors(entries)
            return -float(self.restricted(factor)), -self.slope(factor)[self.lower]

        found = minimize(
            minus,
            start[self.lower],
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LARGEST_SPREAD, _LARGEST_SPREAD)] * len(self.lower[0]),
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
        )
        factor = self._factors(found.x)
        # The sign of a column of L says nothing.
        return factor * np.where(np.diag(factor) < 0, -1.0, 1.0)

    def draws(
        self, factor: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw mu and L, shapes (N_DRAWS, p) and (N_DRAWS, p, p)."""
        start = factor[self.lower]
        walkers = start + 0.1 * generator.standard_normal((_WALKERS, len(start)))
        heights = self.restricted(self._factors(walkers))
        kept = []
        for turn in range(_WARM_UP + _BETWEEN * (N_DRAWS // _WALKERS)):
            walkers, heights = self._stretched(walkers, heights, generator)
            if turn >= _WARM_UP and (turn - _WARM_UP) % _BETWEEN == 0:
                kept.append(walkers)
        return self.draws_given(self._factors(np.concatenate(kept)), generator)

    def draws_given(
        self, factors: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw mu for each L; a single L is used N_DRAWS times."""
        found = self.at(factors)
        root = np.linalg.cholesky(found.mean_covariance)
        z = generator.standard_normal((N_DRAWS, factors.shape[-1]))
        means = found.mean + np.einsum("...ij,...j->...i", root, z)
        return means, np.broadcast_to(factors, (N_DRAWS, *factors.shape[1:]))

    def _stretched(
        self, walkers: FloatArray, heights: FloatArray, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Move each half of the walkers along lines through the other half."""
        walkers, heights = walkers.copy(), heights.copy()
        half, width = _WALKERS // 2, walkers.shape[1]
        for mine, theirs in ((slice(0, half), slice(half, None)), (slice(half, None), slice(half))):
            partners = walkers[theirs][generator.integers(half, size=half)]
            root = 1 / np.sqrt(_STRETCH)
            z = (root + generator.random(half) * (1 / root - root)) ** 2
            trial = partners + z[:, None] * (walkers[mine] - partners)
            height = self.restricted(self._factors(trial))
            chance = (width - 1) * np.log(z) + height - heights[mine]
            taken = np.log(generator.random(half)) < chance
            walkers[mine] = np.where(taken[:, None], trial, walkers[mine])
            heights[mine] = np.where(taken, height, heights[mine])
        return walkers, heights

    def _factors(self, entries: FloatArray) -> FloatArray:
        factor = np.zeros((*entries.shape[:-1], *self.P.shape))
        factor[..., self.lower[0], self.lower[1]] = entries
        return factor


def posterior_root(H: FloatArray, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return R with R R' = V = (H + Sigma^{-1})^{-1}, and the trace of V H: what the data decide.

    Parameters
    ----------
    H : ndarray of shape (..., p, p)
        Information, without negative eigenvalues.
    factor : ndarray of shape (..., p, p)
        L, which may be singular.

    Returns
    -------
    root : ndarray of shape (..., p, p)
    trace : ndarray of shape (...)
    """
    values, vectors = np.linalg.eigh(np.swapaxes(factor, -1, -2) @ H @ factor)
    values = np.maximum(values, 0.0)
    root = factor @ vectors / np.sqrt(1 + values)[..., None, :]
    return root, np.asarray((values / (1 + values)).sum(axis=-1))
