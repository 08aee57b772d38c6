"""One factor solution: extracted, rotated, ordered and signed.

R correlations of p items, A unrotated loadings, L pattern loadings after rotation, Phi correlations
of the k factors, psi uniquenesses: R is about L Phi L' + diag(psi).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.linalg import orthogonal_procrustes, polar

from custvalue._typing import FloatArray
from custvalue.factors._conventions import PRESETS, Conventions
from custvalue.factors._extraction.extract import Extraction, extract
from custvalue.factors._rotation.convention import in_convention
from custvalue.factors._rotation.rotate import Rotation, rotate

__all__ = ["FactorSolution", "Settings", "solve", "solve_near"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How factors are found.

    Attributes
    ----------
    method : {"minres", "ml", "principal_axis", "principal"}
    rotation : str or None
    options : mapping
        Of the rotation.
    kaiser : bool or None
        None: as the conventions say.
    n_starts : int
        For extraction and for rotation.
    conventions : Conventions
    """

    method: str = "minres"
    rotation: str | None = "varimax"
    options: Mapping[str, Any] = field(default_factory=dict)
    kaiser: bool | None = None
    n_starts: int = 10
    conventions: Conventions = PRESETS[None]


@dataclass(frozen=True, slots=True)
class FactorSolution:
    """Loadings of p items on k factors, and how they were found."""

    extraction: Extraction
    rotation: Rotation

    @property
    def loadings(self) -> FloatArray:
        """Pattern loadings L, of shape (p, k)."""
        return self.rotation.loadings

    @property
    def factor_correlations(self) -> FloatArray:
        """Phi, of shape (k, k)."""
        return self.rotation.factor_correlations

    @property
    def structure(self) -> FloatArray:
        """Correlations of items and factors, L Phi, of shape (p, k)."""
        return self.loadings @ self.factor_correlations

    @property
    def communalities(self) -> FloatArray:
        """Share of each item's variance that the factors give, diag(L Phi L'), of shape (p,)."""
        shares: FloatArray = np.sum(self.structure * self.loadings, axis=1)
        return shares

    @property
    def uniquenesses(self) -> FloatArray:
        """Diagonal of psi, of shape (p,)."""
        return self.extraction.uniquenesses

    @property
    def implied(self) -> FloatArray:
        """What the model says of the correlations, L Phi L' + diag(psi), of shape (p, p)."""
        common: FloatArray = self.structure @ self.loadings.T
        return common + np.diag(self.uniquenesses)


def solve(
    matrix: FloatArray,
    n_factors: int,
    settings: Settings,
    generator: np.random.Generator,
) -> FactorSolution:
    """Extract factors from a correlation matrix, rotate them, order and sign them.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_factors : int
    settings : Settings
    generator : numpy.random.Generator
        Of the random starts.

    Returns
    -------
    FactorSolution
    """
    extraction = _extract(matrix, n_factors, settings, generator)
    return _rotated(extraction, extraction.loadings, settings, generator)


def solve_near(
    matrix: FloatArray, near: FactorSolution, settings: Settings, generator: np.random.Generator
) -> FactorSolution:
    """Solve a correlation matrix of the same items, from where another solution ended.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    near : FactorSolution
        Extraction starts from its uniquenesses and rotation from its axes, and nowhere else.
    settings : Settings
    generator : numpy.random.Generator

    Returns
    -------
    FactorSolution
    """
    once = replace(settings, n_starts=1)
    n_factors = near.loadings.shape[1]
    extraction = _extract(matrix, n_factors, once, generator, near.uniquenesses)
    turn, _ = orthogonal_procrustes(extraction.loadings, near.extraction.loadings)
    axes, _ = polar(np.linalg.inv(near.rotation.rotation_matrix).T)
    return _rotated(extraction, extraction.loadings @ turn @ axes, once, generator)


def _extract(
    matrix: FloatArray,
    n_factors: int,
    settings: Settings,
    generator: np.random.Generator,
    start: FloatArray | None = None,
) -> Extraction:
    return extract(
        matrix,
        n_factors,
        method=settings.method,
        conventions=settings.conventions,
        n_starts=settings.n_starts,
        generator=generator,
        start=start,
    )


def _rotated(
    extraction: Extraction,
    loadings: FloatArray,
    settings: Settings,
    generator: np.random.Generator,
) -> FactorSolution:
    rotation = rotate(
        loadings,
        method=settings.rotation,
        options=settings.options,
        conventions=settings.conventions,
        kaiser=settings.kaiser,
        n_starts=settings.n_starts,
        generator=generator,
    )
    return FactorSolution(extraction, in_convention(rotation, settings.conventions))
