"""The nearest correlation matrix that is positive definite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from custvalue._typing import FloatArray

__all__ = ["nearest_correlation"]

_TOLERANCE = 1e-13
"""On the diagonal, for each row of the matrix."""
_MOST_STEPS = 100
_SUFFICIENT = 1e-4
"""Share of the promised decrease that a step must bring (Armijo)."""


@dataclass(frozen=True, slots=True)
class _Projection:
    """The projection of a symmetric matrix on the positive semidefinite ones."""

    eigenvalues: FloatArray
    eigenvectors: FloatArray

    @property
    def matrix(self) -> FloatArray:
        """V max(d, 0) V'."""
        kept: FloatArray = self.eigenvectors * np.maximum(self.eigenvalues, 0)
        return kept @ self.eigenvectors.T

    def divided_differences(self) -> FloatArray:
        """Return (max(d_i, 0) - max(d_j, 0)) / (d_i - d_j): 1 or 0 where both have one sign."""
        d = self.eigenvalues
        above = d > 0
        differs = above[:, None] != above[None, :]
        gap = np.where(differs, d[:, None] - d[None, :], 1.0)
        plus = np.maximum(d, 0)
        mixed: FloatArray = (plus[:, None] - plus[None, :]) / gap
        return np.where(differs, mixed, (above[:, None] & above[None, :]).astype(float))


def nearest_correlation(matrix: FloatArray, smallest: float = 1e-8) -> FloatArray:
    """Return the correlation matrix nearest to a symmetric one, no eigenvalue below ``smallest``.

    It minimises the sum of squared differences of all entries (Higham 2002, IMA J. Numer. Anal.
    22, 329-343) over X with a diagonal of ones and X - e I positive semidefinite, e = ``smallest``.
    Higham projects on the two sets in turn; here Newton steps go to the same, only, optimum by its
    dual (Qi & Sun 2006, SIAM J. Matrix Anal. 28, 360-385): X = e I + (A - e I + diag(y))_+ with
    y such that the diagonal is one.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        Symmetric and finite.
    smallest : float
        From 0, and below 1.

    Returns
    -------
    ndarray of shape (p, p)
        Symmetric, ones on the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> impossible = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    >>> nearest_correlation(impossible).round(4)
    array([[1.    , 0.7607, 0.1573],
           [0.7607, 1.    , 0.7607],
           [0.1573, 0.7607, 1.    ]])
    """
    p = len(matrix)
    shifted = (matrix + matrix.T) / 2 - smallest * np.eye(p)
    room = 1 - smallest
    y = room - np.diag(shifted)
    found = _projected(shifted, y)
    for _ in range(_MOST_STEPS):
        gradient = np.diag(found.matrix) - room
        if np.abs(gradient).max() <= _TOLERANCE * p:
            break
        y, found = _newton_step(shifted, y, found, gradient, room)
    nearest = found.matrix + smallest * np.eye(p)
    scale = np.sqrt(np.diag(nearest))
    nearest = nearest / scale[:, None] / scale[None, :]
    nearest = (nearest + nearest.T) / 2
    np.fill_diagonal(nearest, 1.0)
    return nearest


def _projected(shifted: FloatArray, y: FloatArray) -> _Projection:
    eigenvalues, eigenvectors = np.linalg.eigh(shifted + np.diag(y))
    return _Projection(eigenvalues, eigenvectors)


def _dual(found: _Projection, y: FloatArray, room: float) -> float:
    """Return |(A + diag(y))_+|^2 / 2 - room sum(y), convex in y."""
    return float((np.maximum(found.eigenvalues, 0) ** 2).sum() / 2 - room * y.sum())


def _newton_step(
    shifted: FloatArray, y: FloatArray, found: _Projection, gradient: FloatArray, room: float
) -> tuple[FloatArray, _Projection]:
    """Return the next y and its projection: Newton's step, halved until the dual falls enough."""
    direction = _newton_direction(found, gradient)
    slope, before = float(gradient @ direction), _dual(found, y, room)
    rounding = 1e-15 * max(abs(before), 1.0)
    share = 1.0
    while True:
        trial = y + share * direction
        after = _projected(shifted, trial)
        gained = _dual(after, trial, room) <= before + _SUFFICIENT * share * slope + rounding
        if gained or share < 1e-10:
            return trial, after
        share /= 2


def _newton_direction(found: _Projection, gradient: FloatArray) -> FloatArray:
    """Return -H^-1 gradient with H h = diag(P (W o P' diag(h) P) P'), by conjugate gradients."""
    P, W = found.eigenvectors, found.divided_differences()
    damping = min(1e-10, float(np.abs(gradient).max()) * 1e-3)

    def curved(h: FloatArray) -> FloatArray:
        inner = W * (P.T @ (h.ravel()[:, None] * P))
        bent: FloatArray = np.einsum("ij,ij->i", P @ inner, P) + damping * h.ravel()
        return bent

    p = len(gradient)
    direction, _ = cg(LinearOperator((p, p), matvec=curved), -gradient, rtol=1e-10, maxiter=20 * p)
    return np.asarray(direction, dtype=np.float64)
