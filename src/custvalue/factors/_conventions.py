"""Where other programs stop, normalise and order differently, so that their tables come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PRESETS", "Conventions"]


@dataclass(frozen=True, slots=True)
class Conventions:
    """Choices that change digits, not ideas.

    Attributes
    ----------
    axis_stop : {"converged", "sum", "each"}
        When principal axis factoring ends: at the fixed point; when the sum of the communalities
        changes by less than ``axis_tolerance``; when each of them does.
    axis_tolerance : float
    axis_iterations : int
        Most iterations.
    absolute_eigenvalues : bool
        Take the square root of the absolute value of a negative eigenvalue.
    kaiser : bool or None
        Normalise rows before any rotation; None: for varimax and promax, as R does.
    svd_varimax : bool
        Rotate varimax, and promax behind it, by R's iteration, which ends when the sum of singular
        values gains less than 1e-5 of itself: a little short of the optimum.
    normalised_target : bool
        Promax: normalise the rows of the loadings before their power is taken.
    normalised_promax : bool
        Promax: keep the rows of length one for the oblique step too.
    order : {"variance", "sum_of_squares"}
        Order of the factors: by the variance that they explain with their correlations,
        diag(Phi L'L), or by the sum of squared loadings.
    """

    axis_stop: Literal["converged", "sum", "each"] = "converged"
    axis_tolerance: float = 1e-12
    axis_iterations: int = 100_000
    absolute_eigenvalues: bool = False
    kaiser: bool | None = None
    svd_varimax: bool = False
    normalised_target: bool = False
    normalised_promax: bool = False
    order: Literal["variance", "sum_of_squares"] = "variance"


PRESETS = {
    None: Conventions(),
    "psych": Conventions(
        axis_stop="sum",
        axis_tolerance=1e-3,
        axis_iterations=50,
        svd_varimax=True,
        normalised_promax=True,
    ),
    "spss": Conventions(
        axis_stop="each",
        axis_tolerance=1e-3,
        axis_iterations=25,
        absolute_eigenvalues=True,
        kaiser=True,
        normalised_target=True,
        order="sum_of_squares",
    ),
    "r": Conventions(svd_varimax=True, order="sum_of_squares"),
}
