"""Eigenvalues of correlation matrices, whole and reduced, of many matrices at once.

The reduced matrix has the squared multiple correlation of each item with all others on its
diagonal, 1 - 1 / (R^-1)_ii: what of the item the others account for (Humphreys and Montanelli
1975). Its eigenvalues speak of common factors; those of the whole matrix of principal components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["Spectra", "spectra"]

_SMALLEST = 1e-8
"""Smaller eigenvalues count as this, the smallest of a repaired matrix: where there are fewer
respondents than items, each item is then all but determined by the others, as it should be."""


@dataclass(frozen=True, slots=True)
class Spectra:
    """Eigenvalues of matrices, from the largest down.

    Attributes
    ----------
    components : ndarray of shape (..., p)
        Of the correlation matrices.
    factors : ndarray of shape (..., p)
        Of the reduced matrices; some are negative.
    """

    components: FloatArray
    factors: FloatArray


def spectra(matrices: FloatArray) -> Spectra:
    """Return the eigenvalues of correlation matrices and of their reduced matrices.

    Parameters
    ----------
    matrices : ndarray of shape (..., p, p)

    Returns
    -------
    Spectra
    """
    values, vectors = np.linalg.eigh(matrices)
    reciprocals = 1 / np.maximum(values, _SMALLEST)
    unexplained = 1 / (vectors**2 * reciprocals[..., None, :]).sum(axis=-1)
    reduced = matrices.copy()
    items = np.arange(matrices.shape[-1])
    reduced[..., items, items] -= unexplained
    reduced_values = np.linalg.eigvalsh(reduced).astype(np.float64, copy=False)
    return Spectra(values[..., ::-1], reduced_values[..., ::-1])
