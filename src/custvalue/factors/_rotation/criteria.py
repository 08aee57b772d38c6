"""Criteria of simple structure: each gives values and gradients for a batch of loadings.

L are loadings of shape (s, p, k): s solutions of p items on k factors. A criterion is a function of
L alone that gives its values Q of shape (s,) and the gradients dQ/dL of shape (s, p, k); all are
minimised. L2 below is L squared element by element, N a (k, k) matrix of ones with zeros on its
diagonal. Sources: Bernaards and Jennrich (2005), "Gradient projection algorithms and software for
arbitrary rotation criteria in factor analysis"; Crawford and Ferguson (1970); Browne (2001).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import xlogy

from custvalue._typing import BoolArray, FloatArray

Values: TypeAlias = tuple[FloatArray, FloatArray]
Criterion: TypeAlias = Callable[[FloatArray], Values]

__all__ = [
    "Criterion",
    "Values",
    "bentler",
    "crawford_ferguson",
    "geomin",
    "infomax",
    "inner",
    "oblimin",
    "quartimax",
    "simplimax",
    "target",
    "varimax",
]


def varimax(L: FloatArray) -> Values:
    """Minus the variance of the squared loadings within factors (Kaiser 1958).

    Q = -|L2 - column means|^2 / 4.
    """
    squares = L * L
    spread = squares - squares.mean(axis=1, keepdims=True)
    return -inner(spread, spread) / 4, -L * spread


def quartimax(L: FloatArray) -> Values:
    """Minus the sum of fourth powers: Q = -|L2|^2 / 4."""
    squares = L * L
    return -inner(squares, squares) / 4, -L * squares


def crawford_ferguson(kappa: float) -> Criterion:
    """Complexity of the items and of the factors, weighed by kappa (Crawford and Ferguson 1970).

    Q = (1 - kappa) sum_i sum_{j != l} L2_ij L2_il / 4 + kappa sum_j sum_{i != m} L2_ij L2_mj / 4.
    Equamax is kappa = k / (2 p) with uncorrelated factors; kappa = 1 / p would be varimax.
    """

    def evaluate(L: FloatArray) -> Values:
        squares = L * L
        other_factors = squares.sum(axis=2, keepdims=True) - squares
        other_items = squares.sum(axis=1, keepdims=True) - squares
        mixed = (1 - kappa) * other_factors + kappa * other_items
        return inner(squares, mixed) / 4, L * mixed

    return evaluate


def oblimin(gamma: float) -> Criterion:
    """Covariance of squared loadings between factors (Jennrich and Sampson 1966).

    Q = <L2, (I - gamma C) L2 N> / 4 where C has 1/p everywhere. Quartimin is gamma = 0. With
    gamma above 0 there may be no minimum: factors collapse into each other.
    """

    def evaluate(L: FloatArray) -> Values:
        squares = L * L
        mixed = squares.sum(axis=2, keepdims=True) - squares
        if gamma != 0:
            mixed -= gamma * mixed.mean(axis=1, keepdims=True)
        return inner(squares, mixed) / 4, L * mixed

    return evaluate


def geomin(epsilon: float) -> Criterion:
    """Sum over items of the geometric mean of L2 + epsilon (Yates 1987; Browne 2001)."""

    def evaluate(L: FloatArray) -> Values:
        lifted = L * L + epsilon
        means = np.exp(np.log(lifted).mean(axis=2, keepdims=True))
        return means.sum(axis=(1, 2)), (2 / L.shape[2]) * means * L / lifted

    return evaluate


def bentler(L: FloatArray) -> Values:
    """Invariant pattern simplicity (Bentler 1977).

    Q = (log det D - log det M) / 4 with M = L2'L2 and D its diagonal: 0 where the squared loadings
    of any two factors have no item in common.
    """
    squares = L * L
    products = squares.transpose(0, 2, 1) @ squares
    sizes = np.diagonal(products, axis1=1, axis2=2)
    # Scaled to ones on the diagonal, so that the determinant tells how singular M is.
    roots = np.sqrt(sizes)
    cosines = products / (roots[:, :, None] * roots[:, None, :])
    signs, logs = np.linalg.slogdet(cosines)
    values = np.where(signs > 0, -logs / 4, np.nan)
    inverses = np.linalg.inv(np.where((signs > 0)[:, None, None], cosines, np.eye(L.shape[2])))
    inner = (squares / roots[:, None, :]) @ inverses / roots[:, None, :]
    return values, -L * (inner - squares / sizes[:, None, :])


def infomax(L: FloatArray) -> Values:
    """Minus the information that items and factors carry about each other (McKeon 1968).

    With shares E = L2 / sum(L2) of items in factors and H the entropy of a distribution, in nats:
    Q = log k + H(E) - H(row sums of E) - H(column sums of E).
    """
    squares = L * L
    total = squares.sum(axis=(1, 2), keepdims=True)
    shares = squares / total
    items, factors = shares.sum(axis=2, keepdims=True), shares.sum(axis=1, keepdims=True)
    whole, by_item, by_factor = _entropy(shares), _entropy(items), _entropy(factors)
    values = np.log(L.shape[2]) + whole - by_item - by_factor
    # d(H(E) - H(items) - H(factors))/dE is log(items factors / E) + 1, less its mean over E.
    slopes = _safe_log(items) + _safe_log(factors) - _safe_log(shares)
    slopes -= (whole - by_item - by_factor)[:, None, None]
    return values, 2 * L * slopes / total


def target(goal: FloatArray) -> Criterion:
    """Squared distance from a target where it is specified (Browne 1972).

    Parameters
    ----------
    goal : ndarray of shape (p, k)
        NaN where the loading is free.
    """
    known = ~np.isnan(goal)
    filled = np.where(known, goal, 0.0)

    def evaluate(L: FloatArray) -> Values:
        away = np.where(known, L - filled, 0.0)
        return inner(away, away), 2 * away

    return evaluate


def simplimax(n_small: int) -> Criterion:
    """Sum of the n_small smallest squared loadings (Kiers 1994)."""

    def evaluate(L: FloatArray) -> Values:
        squares = (L * L).reshape(len(L), -1)
        lowest = np.partition(squares, n_small - 1, axis=1)[:, :n_small]
        small: BoolArray = squares <= lowest.max(axis=1, keepdims=True)
        return lowest.sum(axis=1), 2 * L * small.reshape(L.shape)

    return evaluate


def inner(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return the sum of the products of entries, for each of several pairs of tables."""
    product: FloatArray = np.einsum("sij,sij->s", A, B)
    return product


def _entropy(shares: FloatArray) -> FloatArray:
    entropy: FloatArray = -xlogy(shares, shares).sum(axis=(1, 2))
    return entropy


def _safe_log(shares: FloatArray) -> FloatArray:
    """Return logs, 0 where the share is 0: there the loading that multiplies it is 0 as well."""
    logs: FloatArray = np.log(np.where(shares > 0, shares, 1.0))
    return logs
