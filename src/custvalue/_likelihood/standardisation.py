"""Covariates in units of their standard deviation inside, estimates on the user's scale outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from custvalue._likelihood.specification import Specification
from custvalue._numerics.delta import covariance_of_exponentials
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError

__all__ = ["Standardisation"]

_DEPENDENT = 1e-10
"""Smallest eigenvalue of correlations that lets effects be told apart."""
_STEP = 1e-6
"""Of central differences of a function of theta: error of order 1e-10."""


@dataclass(frozen=True, slots=True)
class Standardisation:
    """Means and standard deviations of the covariates of a specification.

    Attributes
    ----------
    specification : Specification
    means, scales : ndarray of shape (n_covariates,)
    """

    specification: Specification
    means: FloatArray
    scales: FloatArray

    @classmethod
    def of(
        cls,
        specification: Specification,
        covariates: tuple[FloatArray, ...],
        weights: FloatArray | None,
    ) -> Self:
        """Measure the covariates.

        Parameters
        ----------
        specification : Specification
        covariates : tuple of ndarray of shape (n_rows,)
        weights : ndarray of shape (n_rows,) or None

        Returns
        -------
        Standardisation
        """
        means = [np.average(column, weights=weights) for column in covariates]
        squares = [
            np.average((column - mean) ** 2, weights=weights)
            for column, mean in zip(covariates, means, strict=True)
        ]
        return cls(specification, np.array(means), np.sqrt(np.array(squares)))

    @staticmethod
    def check(specification: Specification, covariates: tuple[FloatArray, ...]) -> None:
        """Check that the effect of every covariate can be told.

        Parameters
        ----------
        specification : Specification
        covariates : tuple of ndarray of shape (n_rows,)

        Raises
        ------
        DataError
            If a covariate has one value only, or those of a process depend linearly on one another.
        """
        columns = dict(zip(specification.covariates, covariates, strict=True))
        for name, column in columns.items():
            if np.ptp(column) == 0:
                raise DataError(
                    f"a covariate must vary; column {name!r} is {column[0]:g} in all "
                    f"{len(column)} rows that count"
                )
        for process in specification.processes:
            own = np.corrcoef([columns[name] for name in process.covariates])
            if np.linalg.eigvalsh(np.atleast_2d(own))[0] < _DEPENDENT:
                raise DataError(
                    f"the covariates of {process.name} must not depend linearly on one another; "
                    f"{', '.join(process.covariates)} do in all {len(covariates[0])} rows"
                )

    def applied(self, covariates: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return the standardised columns."""
        return tuple(
            (column - mean) / scale
            for column, mean, scale in zip(covariates, self.means, self.scales, strict=True)
        )

    def natural(self, theta: FloatArray) -> FloatArray:
        """Return estimates on the user's scale from theta of the standardised covariates.

        Parameters
        ----------
        theta : ndarray of shape (..., k + m)

        Returns
        -------
        ndarray of shape (..., k + m)
            Parameters where all covariates are 0, then coefficients per unit of each covariate.
        """
        k = len(self.specification.law.names)
        by_covariate = dict(zip(self.specification.covariates, range(len(self.means)), strict=True))
        places = [by_covariate[name] for _, name in self.specification.coefficients]
        coefficients = theta[..., k:] / self.scales[places]
        zero = self.specification.law_at(
            np.moveaxis(np.exp(theta[..., :k]), -1, 0),
            np.moveaxis(coefficients, -1, 0),
            tuple(-self.means),
        )
        parameters = [getattr(zero, name) for name in self.specification.law.names]
        return np.concatenate([np.stack(parameters, axis=-1), coefficients], axis=-1)

    def covariance(self, theta: FloatArray, of_theta: FloatArray) -> FloatArray:
        """Return the covariance of the estimates on the user's scale (delta method).

        Parameters
        ----------
        theta : ndarray of shape (k + m,)
        of_theta : ndarray of shape (k + m, k + m)
            Covariance of theta.

        Returns
        -------
        ndarray of shape (k + m, k + m)
        """
        if not self.specification.processes:
            return covariance_of_exponentials(of_theta, np.exp(theta))
        steps = _STEP * np.eye(len(theta))
        slopes = (self.natural(theta + steps) - self.natural(theta - steps)) / (2 * _STEP)
        return np.asarray(slopes.T @ of_theta @ slopes)
