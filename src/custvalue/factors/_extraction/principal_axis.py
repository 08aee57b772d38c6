"""Principal axis factoring: communalities and loadings from each other in turn.

One pass takes communalities h to diag(L L'), where L are the leading loadings of R with h on its
diagonal. In the uniquenesses 1 - h that is a step of length 1 down the gradient of minimum
residuals, without its bounds: so a fixed point is one of its stationary points, and Newton steps
end there in a dozen passes instead of hundreds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray
from custvalue.factors._conventions import Conventions
from custvalue.factors._extraction.descent import descend
from custvalue.factors._extraction.minres import Minres
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._extraction.spectrum import (
    half_squared_residuals,
    leading_loadings,
    squared_multiple_correlations,
    with_settled_signs,
)

__all__ = ["principal_axes"]

_FIRST_PASSES = 50
"""Plain passes, which settle to which fixed point the way leads."""
_HIGHEST = 10.0
"""Newton steps keep communalities below; one that comes within 1 of it grows without end."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """Communalities before a pass and after it, and the loadings between."""

    before: FloatArray
    loadings: FloatArray
    after: FloatArray
    passes: int

    def change(self, stop: str) -> float:
        """Return by how much the communalities changed, each or in sum."""
        if stop == "sum":
            return float(abs(self.after.sum() - self.before.sum()))
        return float(np.abs(self.after - self.before).max())


def principal_axes(
    matrix: FloatArray,
    n_factors: int,
    *,
    conventions: Conventions,
    start: FloatArray | None = None,
) -> Extraction:
    """Factor a correlation matrix by principal axes.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_factors : int
        Less than p.
    conventions : Conventions
        ``axis_stop`` "converged" goes to the fixed point; "sum" and "each" end with the pass that
        changes the sum of the communalities, or each of them, by no more than the tolerance. In
        all three, the loadings are those of the last pass. Communalities may exceed 1. A negative
        eigenvalue gives a column of zeros unless ``absolute_eigenvalues``.
    start : ndarray of shape (p,), optional
        Uniquenesses; zeros are the start without squared multiple correlations. Default: one
        minus those. Where (p - k)^2 < p + k there are many fixed points, and it decides.

    Returns
    -------
    Extraction
    """
    first = squared_multiple_correlations(matrix) if start is None else 1.0 - start
    last = _pass(matrix, n_factors, first, conventions, 0)
    if _accelerated(len(matrix), n_factors, conventions):
        last = _plain(matrix, n_factors, last, conventions, _FIRST_PASSES)
        if last.change("each") > conventions.axis_tolerance:
            last = _newton(matrix, n_factors, last, conventions)
    if last.after.max() < _HIGHEST - 1.0:
        last = _plain(matrix, n_factors, last, conventions, conventions.axis_iterations)
    return _extraction(matrix, last, conventions)


def _accelerated(n_items: int, n_factors: int, conventions: Conventions) -> bool:
    """Return whether Newton steps lead where passes lead: to a fixed point that stands alone."""
    alone = (n_items - n_factors) ** 2 >= n_items + n_factors
    return conventions.axis_stop == "converged" and alone and not conventions.absolute_eigenvalues


def _pass(
    matrix: FloatArray, n_factors: int, before: FloatArray, conventions: Conventions, passes: int
) -> _Pass:
    reduced = matrix.copy()
    np.fill_diagonal(reduced, before)
    loadings = leading_loadings(
        reduced, n_factors, absolute_eigenvalues=conventions.absolute_eigenvalues
    )
    return _Pass(before, loadings, (loadings**2).sum(axis=1), passes + 1)


def _plain(
    matrix: FloatArray, n_factors: int, last: _Pass, conventions: Conventions, most: int
) -> _Pass:
    """Make passes until the communalities stay, or the most that are allowed."""
    while last.passes < most and last.change(conventions.axis_stop) > conventions.axis_tolerance:
        last = _pass(matrix, n_factors, last.after, conventions, last.passes)
    return last


def _newton(matrix: FloatArray, n_factors: int, last: _Pass, conventions: Conventions) -> _Pass:
    problem = Minres(matrix, n_factors, lowest=1.0 - _HIGHEST)
    ends = descend(problem, problem.theta(1.0 - last.after)[None])
    lowest = int(np.argmin(ends.value))
    passes = last.passes + int(ends.iterations[lowest])
    return _pass(matrix, n_factors, 1.0 - ends.theta[lowest], conventions, passes)


def _extraction(matrix: FloatArray, last: _Pass, conventions: Conventions) -> Extraction:
    tolerance = conventions.axis_tolerance
    # The fixed point is known no better than its eigenvalues are: to their rounding.
    rounding = 16 * np.finfo(float).eps * len(matrix)
    small = last.change(conventions.axis_stop) <= max(tolerance, rounding)
    bounded = bool(last.after.max() < _HIGHEST - 1.0)
    residuals = matrix - last.loadings @ last.loadings.T
    np.fill_diagonal(residuals, 0.0)
    return Extraction(
        loadings=with_settled_signs(last.loadings),
        uniquenesses=1.0 - last.after,
        objective=half_squared_residuals(residuals),
        converged=small and bounded,
        gradient=last.change("each"),
        iterations=last.passes,
        n_starts=1,
        n_optima=1,
        starts_agreeing=1,
        heywood=last.after >= 1.0,
    )
