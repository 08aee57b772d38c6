"""Normal priors on unit-free coordinates of the parameters; the penalty on coefficients is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from custvalue._likelihood.links import ShareLink
from custvalue._likelihood.specification import Specification
from custvalue._typing import FloatArray

__all__ = ["NormalPrior", "coordinate_names", "default_prior", "penalty"]

_LOG = (0.0, 2.0)
"""A parameter lies within a factor of 50 of its natural size with probability .95."""
_LOGIT = (0.0, 2.0)
_LOG_TOTAL = (1.0, 1.5)
_COEFFICIENT_VARIANCE = 1.0
"""Of the effect of one standard deviation of a covariate on a log or logit scale."""


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Independent normals on coordinates of theta.

    A coordinate is log(parameter / unit), or for the two parameters of a Beta the logit of its mean
    and the log of their sum, or a coefficient of a standardised covariate. The change of variables
    from logs has determinant 1 throughout, so that densities need no factor.

    Attributes
    ----------
    pairs : tuple of (int, int)
        Entries of theta that hold log a and log b of a Beta.
    offset : ndarray of shape (k + m,)
        Logarithms of the units.
    mean, precision : ndarray of shape (k + m,)
        Of the coordinates, each in the place of the entry of theta that it belongs to (the logit
        in that of log a, the sum in that of log b). Precision 0 is no prior.
    """

    pairs: tuple[tuple[int, int], ...]
    offset: FloatArray
    mean: FloatArray
    precision: FloatArray

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Return the log density but for a constant, of theta of shape (..., k + m)."""
        away = self._coordinates(theta) - self.mean
        return np.asarray(-0.5 * (away**2 @ self.precision))

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Return its derivatives at one theta, shape (k + m,)."""
        by_coordinate = -self.precision * (self._coordinates(theta) - self.mean)
        out = by_coordinate.copy()
        for i, j in self.pairs:
            share = expit(theta[i] - theta[j])
            out[i] = by_coordinate[i] + share * by_coordinate[j]
            out[j] = -by_coordinate[i] + (1 - share) * by_coordinate[j]
        return out

    def _coordinates(self, theta: FloatArray) -> FloatArray:
        out = theta - self.offset
        for i, j in self.pairs:
            out[..., i] = theta[..., i] - theta[..., j]
            out[..., j] = np.logaddexp(theta[..., i], theta[..., j])
        return np.asarray(out)


def penalty(specification: Specification, l2: float) -> NormalPrior:
    """Return the penalty l2 / 2 times the sum of squared coefficients, and nothing else."""
    k, m = len(specification.law.names), len(specification.coefficients)
    precision = np.append(np.zeros(k), np.full(m, l2))
    return NormalPrior((), np.zeros(k + m), np.zeros(k + m), precision)


def coordinate_names(specification: Specification) -> tuple[str, ...]:
    """Return the names of the coordinates that carry a prior, in the order of theta."""
    names = [f"log {name}" for name in specification.law.names]
    for i, j in _pairs(specification):
        a, b = specification.law.names[i], specification.law.names[j]
        names[i], names[j] = f"logit {a}/({a}+{b})", f"log({a}+{b})"
    return (*names, *specification.labels[len(names) :])


def default_prior(
    specification: Specification,
    units: FloatArray,
    l2: float,
    replaced: Mapping[str, tuple[float, float]] | None = None,
) -> NormalPrior:
    """Return proper priors that do not depend on units.

    Parameters
    ----------
    specification : Specification
    units : ndarray of shape (k,)
        Natural sizes of the parameters in these data.
    l2 : float
        Where positive, the precision of the coefficients.
    replaced : mapping of str to (mean, standard deviation) or None
        Normals to take instead, by the name of their coordinate.

    Returns
    -------
    NormalPrior

    Raises
    ------
    ValueError
        If a name is not that of a coordinate, or a standard deviation is not positive and finite.
    """
    names, k = coordinate_names(specification), len(specification.law.names)
    pairs = _pairs(specification)
    normals = dict.fromkeys(names[:k], _LOG)
    normals |= {names[i]: _LOGIT for i, _ in pairs} | {names[j]: _LOG_TOTAL for _, j in pairs}
    deviation = float((l2 or 1 / _COEFFICIENT_VARIANCE) ** -0.5)
    normals |= dict.fromkeys(names[k:], (0.0, deviation))
    normals |= _checked(replaced or {}, names)
    mean, deviations = np.array([normals[name] for name in names]).T
    offset = np.append(np.log(units), np.zeros(len(names) - k))
    return NormalPrior(pairs, offset, mean, deviations**-2.0)


def _pairs(specification: Specification) -> tuple[tuple[int, int], ...]:
    """Return where the parameters of every Beta stand among the names."""
    names, links = specification.law.names, specification.law.links.values()
    return tuple(
        (names.index(link.a), names.index(link.b)) for link in links if isinstance(link, ShareLink)
    )


def _checked(
    replaced: Mapping[str, tuple[float, float]], names: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    for name, normal in replaced.items():
        if name not in names:
            raise ValueError(f"prior must name coordinates {', '.join(names)}; found {name!r}")
        two = isinstance(normal, (tuple, list)) and len(normal) == 2
        if not two or not (np.isfinite(normal[0]) and 0 < normal[1] < np.inf):
            raise ValueError(
                f"prior of {name!r} must be a finite mean and a positive standard deviation; "
                f"found {normal!r}"
            )
    return dict(replaced)
