"""Parallel analysis (Horn 1965): eigenvalues against those of items with nothing in common.

A factor is kept while its eigenvalue exceeds the percentile of the eigenvalues of the same rank in
the replicates, counted from the largest until the first that does not. Factors are compared by the
reduced matrices (squared multiple correlations on the diagonal), components by the whole ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._retention.spectra import Spectra, spectra

__all__ = ["Comparison", "compare", "null_spectra"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Observed eigenvalues beside those of replicates.

    Attributes
    ----------
    observed, mean, percentile : ndarray of shape (p,)
        The eigenvalues, and the mean and percentile of the replicates' at each rank.
    retained : ndarray of bool of shape (p,)
        True for the leading ones that exceed the percentile and 0.
    """

    observed: FloatArray
    mean: FloatArray
    percentile: FloatArray
    retained: BoolArray

    @property
    def number(self) -> int:
        """How many are retained."""
        return int(self.retained.sum())


def null_spectra(batches: Iterable[FloatArray]) -> Spectra:
    """Return the eigenvalues of all matrices of all batches, arrays of shape (n_matrices, p)."""
    parts = [spectra(batch) for batch in batches]
    components = np.concatenate([part.components for part in parts])
    return Spectra(components, np.concatenate([part.factors for part in parts]))


def compare(observed: FloatArray, replicates: FloatArray, percentile: float) -> Comparison:
    """Return which eigenvalues exceed those of the replicates.

    Parameters
    ----------
    observed : ndarray of shape (p,)
        From the largest down.
    replicates : ndarray of shape (n_replicates, p)
    percentile : float
        From 0 to 100; between replicates it is interpolated linearly.

    Returns
    -------
    Comparison
    """
    mean = replicates.mean(axis=0)
    reference = np.percentile(replicates, percentile, axis=0)
    exceeds = observed > np.maximum(reference, 0.0)
    return Comparison(observed, mean, reference, np.logical_and.accumulate(exceeds))
