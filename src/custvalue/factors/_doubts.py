"""What users should know of a factor solution, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.factors._extraction.extract import degrees_of_freedom
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._rotation.result import Rotation
from custvalue.factors._solution import FactorSolution

__all__ = ["Doubts", "convergence_doubts", "heywood_doubts", "search_doubts", "solution_doubts"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Doubts:
    """Sentences that the user should read.

    Attributes
    ----------
    data : tuple of str
        On the data and what they can tell.
    search : tuple of str
        On searches that did not end well.
    """

    data: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


def solution_doubts(solution: FactorSolution, items: Sequence[str]) -> list[str]:
    """Return sentences on items that the factors explain wholly, and on too many factors.

    Principal components are no model, and leave neither doubt.

    Parameters
    ----------
    solution : FactorSolution
    items : sequence of str

    Returns
    -------
    list of str
    """
    p, k = solution.loadings.shape
    free = degrees_of_freedom(p, k)
    doubts = []
    if free < 0 and not solution.extraction.components:
        doubts.append(
            f"{k} factor{'s' if k > 1 else ''} of {p} items have more parameters than there are "
            f"correlations (degrees of freedom {free}): other loadings fit as well"
        )
    return [*doubts, *heywood_doubts(solution.extraction.heywood, solution.communalities, items)]


def heywood_doubts(
    heywood: BoolArray, communalities: FloatArray, items: Sequence[str]
) -> list[str]:
    """Return a sentence on what has no uniqueness left, if there is any.

    Parameters
    ----------
    heywood : ndarray of bool of shape (p,)
    communalities : ndarray of shape (p,)
    items : sequence of str
        Or whatever else has a communality, such as group factors.

    Returns
    -------
    list of str
    """
    which = np.flatnonzero(heywood)
    if not len(which):
        return []
    shown = ", ".join(f"{items[i]!r} ({communalities[i]:.3f})" for i in which[:_SHOWN])
    return [
        f"Heywood case: a communality should stay below 1; {shown} reached it, or the least "
        f"uniqueness ({len(which)} such item{'s' if len(which) > 1 else ''}). Fewer factors, "
        f"or more respondents, may mend it"
    ]


def search_doubts(solution: FactorSolution) -> list[str]:
    """Return sentences on searches that did not end, or ended alone.

    Parameters
    ----------
    solution : FactorSolution

    Returns
    -------
    list of str
    """
    searches: dict[str, Extraction | Rotation] = {
        "extraction": solution.extraction,
        "rotation": solution.rotation,
    }
    alone = [
        f"a single start of {search.n_starts} reached the best {name} of "
        f"{search.n_optima} different ones; raise n_starts"
        for name, search in searches.items()
        if search.converged and search.n_starts > 1 and search.starts_agreeing == 1
    ]
    return [*convergence_doubts(searches), *alone]


def convergence_doubts(searches: Mapping[str, Extraction | Rotation | None]) -> list[str]:
    """Return sentences on searches that did not end.

    Parameters
    ----------
    searches : mapping of str to Extraction, Rotation or None
        By what was searched for; None where it was not.

    Returns
    -------
    list of str
    """
    return [
        f"{name} did not converge: its gradient is {search.gradient:.2g} after "
        f"{search.iterations} iterations"
        for name, search in searches.items()
        if search is not None and not search.converged
    ]
