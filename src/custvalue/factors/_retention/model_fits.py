"""Maximum likelihood models of 0, 1, 2, ... factors, and what they say about how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import degrees_of_freedom, extract, most_factors
from custvalue.factors._fit_indices import FitIndices, fit_indices

__all__ = ["ModelFits", "lowest_bic_number", "model_fits", "sequential_number"]

_STARTS = 3
"""Starts of each model. With too many factors the likelihood has many maxima of nearly one height:
the last digits of such models do not change a number of factors."""


@dataclass(frozen=True, slots=True)
class ModelFits:
    """Fit of the models of 0 to m factors; arrays of shape (m + 1,).

    Attributes
    ----------
    chi_square, degrees_of_freedom, p_value, rmsea, cfi, bic : ndarray
        As in `custvalue.factors._fit_indices.FitIndices`.
    heywood : ndarray of int
        Items whose uniqueness ended at its bound.
    converged : ndarray of bool
    """

    chi_square: FloatArray
    degrees_of_freedom: FloatArray
    p_value: FloatArray
    rmsea: FloatArray
    cfi: FloatArray
    bic: FloatArray
    heywood: IntArray
    converged: BoolArray


def model_fits(
    matrix: FloatArray,
    n_observations: float,
    max_factors: int | None,
    generator: np.random.Generator,
    *,
    progress: bool = False,
) -> ModelFits:
    """Fit models by maximum likelihood.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_observations : float
    max_factors : int or None
        m, not more than `most_factors` allows. None tries a third of as many factors as items, at
        least 3, and more while BIC falls, as far as the degrees of freedom go.
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    ModelFits
    """
    p = len(matrix)
    fits = [_fit(matrix, np.empty((p, 0)), np.ones(p), n_observations)]
    heywood, converged = [0], [True]
    numbers = range(1, (most_factors(p) if max_factors is None else max_factors) + 1)
    for k in tracked(numbers, "Factor models", progress=progress):
        found = extract(
            matrix,
            k,
            method="ml",
            conventions=PRESETS[None],
            n_starts=_STARTS,
            generator=generator,
        )
        fits.append(_fit(matrix, found.loadings, found.uniquenesses, n_observations))
        heywood.append(int(found.heywood.sum()))
        converged.append(found.converged)
        if max_factors is None and k >= max(3, p // 3) and not fits[-1].bic < fits[-2].bic:
            break
    return ModelFits(
        chi_square=_column(fits, "chi_square"),
        degrees_of_freedom=_column(fits, "degrees_of_freedom"),
        p_value=_column(fits, "p_value"),
        rmsea=_column(fits, "rmsea"),
        cfi=_column(fits, "cfi"),
        bic=_column(fits, "bic"),
        heywood=np.array(heywood),
        converged=np.array(converged),
    )


def sequential_number(p_values: FloatArray, level: float = 0.05) -> int | None:
    """Return the fewest factors that the chi-square test does not reject; None: it always does.

    Parameters
    ----------
    p_values : ndarray of shape (m + 1,)
        Of 0, 1, ..., m factors; NaN where there is no test.
    level : float
    """
    passed = np.flatnonzero(p_values > level)
    return int(passed[0]) if len(passed) else None


def lowest_bic_number(bic: FloatArray) -> int | None:
    """Return the number of factors with the lowest BIC; None where none is known."""
    return None if np.isnan(bic).all() else int(np.nanargmin(bic))


def _fit(
    matrix: FloatArray, loadings: FloatArray, uniquenesses: FloatArray, n_observations: float
) -> FitIndices:
    p, k = loadings.shape
    return fit_indices(
        matrix, loadings, np.eye(k), uniquenesses, n_observations, degrees_of_freedom(p, k)
    )


def _column(fits: Sequence[FitIndices], name: str) -> FloatArray:
    return np.array([getattr(fit, name) for fit in fits], dtype=np.float64)
