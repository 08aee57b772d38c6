"""The two sets that rotations live on: orthogonal matrices, and matrices with columns of length 1.

Batches of T of shape (s, k, k). Sources: Jennrich (2001), "A simple general procedure for
orthogonal rotation"; Jennrich (2002), "A simple general method for oblique rotation".
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["OBLIQUE", "ORTHOGONAL", "Manifold", "random_orthogonal"]


class Manifold(Protocol):
    """What a search needs to know of the matrices that it moves on."""

    def mixing(self, T: FloatArray) -> FloatArray:
        """Return M of shape (s, k, k), so that the loadings of T are A M."""
        ...

    def slope(
        self, T: FloatArray, M: FloatArray, A: FloatArray, L: FloatArray, G: FloatArray
    ) -> FloatArray:
        """Return the gradient with respect to T, projected on the directions that stay inside.

        G of shape (s, p, k) is the gradient with respect to the loadings L.
        """
        ...

    def nearest(self, X: FloatArray) -> FloatArray:
        """Return the matrices of the set nearest to any others."""
        ...


class _Orthogonal:
    """T'T = I, L = A T."""

    def mixing(self, T: FloatArray) -> FloatArray:
        return T

    def slope(
        self, T: FloatArray, M: FloatArray, A: FloatArray, L: FloatArray, G: FloatArray
    ) -> FloatArray:
        gradient = A.T @ G
        inner = _transposed(T) @ gradient
        slope: FloatArray = gradient - T @ ((inner + _transposed(inner)) / 2)
        return slope

    def nearest(self, X: FloatArray) -> FloatArray:
        U, _, V = np.linalg.svd(X)
        nearest: FloatArray = U @ V
        return nearest


class _Oblique:
    """diag(T'T) = 1, L = A inv(T)'."""

    def mixing(self, T: FloatArray) -> FloatArray:
        return _transposed(_inverse(T))

    def slope(
        self, T: FloatArray, M: FloatArray, A: FloatArray, L: FloatArray, G: FloatArray
    ) -> FloatArray:
        gradient = -(M @ (_transposed(G) @ L))
        slope: FloatArray = gradient - T * np.einsum("sij,sij->sj", T, gradient)[:, None, :]
        return slope

    def nearest(self, X: FloatArray) -> FloatArray:
        nearest: FloatArray = X / np.sqrt(np.einsum("sij,sij->sj", X, X))[:, None, :]
        return nearest


ORTHOGONAL: Manifold = _Orthogonal()
OBLIQUE: Manifold = _Oblique()


def random_orthogonal(count: int, k: int, generator: np.random.Generator) -> FloatArray:
    """Return orthogonal matrices of shape (count, k, k), none likelier than another.

    They are the Q of the QR decomposition of normal numbers, with the signs that make the diagonal
    of R positive (Mezzadri 2007).
    """
    Q, R = np.linalg.qr(generator.standard_normal((count, k, k)))
    signs = np.where(np.diagonal(R, axis1=1, axis2=2) < 0, -1.0, 1.0)
    return np.asarray(Q * signs[:, None, :], dtype=np.float64)


def _transposed(X: FloatArray) -> FloatArray:
    return X.transpose(0, 2, 1)


def _inverse(X: FloatArray) -> FloatArray:
    """Return inverses; NaN for a matrix that has none."""
    try:
        return np.asarray(np.linalg.inv(X), dtype=np.float64)
    except np.linalg.LinAlgError:
        singular = (np.linalg.slogdet(X)[0] == 0)[:, None, None]
        inverses = np.linalg.inv(np.where(singular, np.eye(X.shape[1]), X))
        return np.where(singular, np.nan, inverses)
