"""Factors of a correlation matrix, by any of four methods."""

from __future__ import annotations

from math import isqrt

import numpy as np

from custvalue._typing import FloatArray
from custvalue.factors._conventions import Conventions
from custvalue.factors._extraction.descent import Ends, descend
from custvalue.factors._extraction.discrepancy import LOWEST, Discrepancy
from custvalue.factors._extraction.maximum_likelihood import MaximumLikelihood
from custvalue.factors._extraction.minres import Minres
from custvalue.factors._extraction.principal import principal_components
from custvalue.factors._extraction.principal_axis import principal_axes
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._extraction.spectrum import with_settled_signs
from custvalue.factors._extraction.starts import choose, starting_uniquenesses

__all__ = ["METHODS", "Extraction", "degrees_of_freedom", "extract", "most_factors"]

METHODS = ("minres", "ml", "principal_axis", "principal")
_NO_GAIN = 1e-14
"""Factors that lower the discrepancy by no more than this are none."""


def degrees_of_freedom(n_items: int, n_factors: int) -> int:
    """Return ((p - k)^2 - (p + k)) / 2: correlations less free parameters; may be negative.

    Examples
    --------
    >>> degrees_of_freedom(6, 2), degrees_of_freedom(4, 2)
    (4, -1)
    """
    return ((n_items - n_factors) ** 2 - (n_items + n_factors)) // 2


def most_factors(n_items: int) -> int:
    """Return the most factors whose degrees of freedom are not negative (Ledermann 1937).

    Examples
    --------
    >>> [most_factors(p) for p in (1, 2, 3, 4, 5, 6, 25)]
    [0, 0, 1, 1, 2, 3, 18]
    """
    root = isqrt(8 * n_items + 1)
    root += root**2 < 8 * n_items + 1
    return (2 * n_items + 1 - root) // 2


def extract(
    matrix: FloatArray,
    n_factors: int,
    *,
    method: str,
    conventions: Conventions,
    n_starts: int,
    generator: np.random.Generator,
    start: FloatArray | None = None,
) -> Extraction:
    """Extract unrotated factors.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        Correlations, positive definite.
    n_factors : int
        From 1; at most p for "principal", else less than p.
    method : {"minres", "ml", "principal_axis", "principal"}
        "minres" and "ml" keep uniquenesses between 0.005 and 1.
    conventions : Conventions
        How principal axis factoring ends.
    n_starts : int
        Starts of "minres" and "ml": the classical one (of psych and of R's factanal), and random
        ones. The lowest minimum is
        taken, and among mirror images the one whose first item is most unique. The other methods
        have one start, and so does "minres" with negative degrees of freedom, where each start
        ends at another fit that is as good.
    generator : numpy.random.Generator
        Draws the random starts.
    start : ndarray of shape (p,), optional
        Uniquenesses to start from, and from nowhere else.

    Returns
    -------
    Extraction

    Raises
    ------
    ValueError
        If the items are too few for the factors: fewer than n_factors for "principal", no more
        than n_factors for the others, or negative degrees of freedom for "ml", whose test of
        fit would mean nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from custvalue.factors._conventions import PRESETS
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> matrix = np.outer(loadings, loadings)
    >>> np.fill_diagonal(matrix, 1.0)
    >>> found = extract(
    ...     matrix, 1, method="ml", conventions=PRESETS[None], n_starts=3,
    ...     generator=np.random.default_rng(0),
    ... )
    >>> found.loadings.ravel().round(6)
    array([0.8, 0.7, 0.6, 0.5])
    """
    _check_size(len(matrix), n_factors, method)
    if method == "principal":
        return principal_components(matrix, n_factors)
    if method == "principal_axis":
        return principal_axes(matrix, n_factors, conventions=conventions, start=start)
    problem = MaximumLikelihood(matrix, n_factors) if method == "ml" else Minres(matrix, n_factors)
    if start is None:
        n_starts = n_starts if degrees_of_freedom(len(matrix), n_factors) >= 0 else 1
        starts = starting_uniquenesses(problem.classical_start(), n_starts, generator)
    else:
        starts = np.asarray(start, dtype=np.float64)[None]
    return _searched(problem, starts)


def _check_size(n_items: int, n_factors: int, method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; found {method!r}")
    most = n_items if method == "principal" else n_items - 1
    if not 1 <= n_factors <= most:
        raise ValueError(
            f"n_factors must be between 1 and {most} for {n_items} items and method={method!r}; "
            f"found {n_factors}"
        )
    if method == "ml" and n_factors > most_factors(n_items):
        raise ValueError(
            f"n_factors must be at most {most_factors(n_items)} for {n_items} items and "
            f"method='ml', which needs degrees of freedom of zero or more; found {n_factors}, "
            f"with {degrees_of_freedom(n_items, n_factors)} degrees of freedom"
        )


def _searched(problem: Discrepancy, starts: FloatArray) -> Extraction:
    ends = descend(problem, problem.theta(starts))
    choice = choose(ends, problem.uniquenesses(ends.theta))
    theta = ends.theta[choice.row]
    if _no_factor_is_as_good(problem, ends, choice.row):
        theta = problem.theta(np.ones_like(theta))
    uniquenesses = problem.uniquenesses(theta)
    loadings = with_settled_signs(problem.loadings(theta))
    return Extraction(
        loadings=loadings,
        uniquenesses=uniquenesses,
        objective=float(ends.value[choice.row]),
        converged=bool(ends.converged[choice.row]),
        gradient=float(ends.gradient[choice.row]),
        iterations=int(ends.iterations[choice.row]),
        n_starts=len(starts),
        n_optima=choice.n_optima,
        starts_agreeing=choice.starts_agreeing,
        heywood=(uniquenesses <= LOWEST + 1e-9) | ((loadings**2).sum(axis=1) >= 1.0),
    )


def _no_factor_is_as_good(problem: Discrepancy, ends: Ends, row: int) -> bool:
    """Return whether items that share nothing fit as well: then no loading is better than zero."""
    alone = problem.landscape(problem.theta(np.ones((1, ends.theta.shape[1]))))
    return bool(alone.value[0] <= ends.value[row] + _NO_GAIN)
