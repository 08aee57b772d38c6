"""Where searches start, and which of their ends is the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.factors._extraction.descent import Ends

__all__ = [
    "Choice",
    "choose",
    "starting_uniquenesses",
]

_SAME_VALUE = 1e-8
"""Relative difference of two discrepancies that count as one."""
_NO_VALUE = 1e-12
"""Differences below this are none, for fits that are perfect."""
_SAME_PLACE = 1e-4
"""Largest difference of uniquenesses at one minimum."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The end that is reported.

    Attributes
    ----------
    row : int
        Which end.
    n_optima : int
        Distinct minima among the ends that converged.
    starts_agreeing : int
        Starts with an end at this minimum.
    """

    row: int
    n_optima: int
    starts_agreeing: int


def starting_uniquenesses(
    first: FloatArray, n_starts: int, generator: np.random.Generator
) -> FloatArray:
    """Return the first start and n_starts - 1 random ones, of shape (n_starts, p).

    Random uniquenesses are uniform between 0.05 and 0.95, each item on its own.

    Parameters
    ----------
    first : ndarray of shape (p,)
    n_starts : int
    generator : numpy.random.Generator
    """
    drawn = generator.uniform(0.05, 0.95, size=(n_starts - 1, len(first)))
    return np.vstack([first, drawn])


def choose(ends: Ends, uniquenesses: FloatArray) -> Choice:
    """Return the lowest end; of equal minima, the one whose first item is most unique.

    Mirror images, which a matrix with a symmetry has, fit equally well. Of these the answer is
    the one with the larger uniqueness in the first item where they differ by more than 1e-4, so
    that it does not depend on which start found which.

    Parameters
    ----------
    ends : Ends
    uniquenesses : ndarray of shape (s, p)
        Of the ends.

    Returns
    -------
    Choice
    """
    usable = ends.converged if ends.converged.any() else np.ones_like(ends.converged)
    rows = np.flatnonzero(usable)
    rows = rows[np.argsort(ends.value[rows], kind="stable")]
    firsts: list[int] = []
    places = np.full(len(ends.value), -1)
    for row in rows:
        same = _same(ends, uniquenesses, int(row), np.array(firsts, dtype=np.int64))
        places[row] = int(np.argmax(same)) if same.any() else len(firsts)
        if not same.any():
            firsts.append(int(row))
    tied = [row for row in firsts if _ties(ends, row, firsts[0])]
    best = max(tied, key=lambda row: tuple(np.round(uniquenesses[row] / _SAME_PLACE)))
    agreeing = np.unique(ends.origins[places == firsts.index(best)])
    return Choice(best, len(firsts), len(agreeing))


def _same(ends: Ends, uniquenesses: FloatArray, row: int, others: IntArray) -> BoolArray:
    """Return which of the other ends are at the minimum of this one."""
    far = np.abs(uniquenesses[others] - uniquenesses[row]).max(axis=1, initial=0.0)
    ties = np.array([_ties(ends, row, int(other)) for other in others], dtype=bool)
    return np.asarray(ties & (far <= _SAME_PLACE))


def _ties(ends: Ends, one: int, other: int) -> bool:
    gap = abs(ends.value[one] - ends.value[other])
    size = max(abs(ends.value[one]), abs(ends.value[other]))
    noise = ends.noise[one] + ends.noise[other]
    return bool(gap <= max(_NO_VALUE, _SAME_VALUE * size, 4 * noise))
