"""Principal components of a correlation matrix, scaled to loadings."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._extraction.spectrum import (
    half_squared_residuals,
    leading_loadings,
    with_settled_signs,
)

__all__ = ["principal_components"]


def principal_components(matrix: FloatArray, n_factors: int) -> Extraction:
    """Return V sqrt(lambda) of the largest eigenvalues of R.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_factors : int
        At most p.

    Returns
    -------
    Extraction
    """
    loadings = with_settled_signs(leading_loadings(matrix, n_factors))
    return Extraction(
        loadings=loadings,
        uniquenesses=1.0 - (loadings**2).sum(axis=1),
        objective=half_squared_residuals(matrix - loadings @ loadings.T),
        converged=True,
        gradient=0.0,
        iterations=0,
        n_starts=1,
        n_optima=1,
        starts_agreeing=1,
        heywood=np.zeros(len(matrix), dtype=bool),
        components=True,
    )
