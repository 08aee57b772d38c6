"""Which of many searches found the lowest minimum, and how many minima there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.factors._rotation.align import alignment
from custvalue.factors._rotation.gradient_projection import Searches

__all__ = ["Optima", "compare"]

_SAME_VALUE = 1e-6
_NO_VALUE = 1e-9
_SAME_LOADING = 1e-2


@dataclass(frozen=True, slots=True)
class Optima:
    """What the searches say together.

    Attributes
    ----------
    best : int
        The search that found the lowest minimum, the first among equals.
    n_optima : int
        Different minima found; 0 where no search converged.
    agreeing : int
        Searches that found the lowest one.
    """

    best: int
    n_optima: int
    agreeing: int


def compare(searches: Searches, loadings: FloatArray) -> Optima:
    """Compare the ends of searches.

    Two ends are one minimum where the values differ by less than a millionth of themselves and the
    loadings by less than a hundredth, but for the order and signs of factors.

    Parameters
    ----------
    searches : Searches
    loadings : ndarray of shape (s, p, k)
        Where each search ended.

    Returns
    -------
    Optima
        Where no search converged, the best is the one with the smallest gradient.
    """
    ends = np.flatnonzero(searches.converged)
    if not len(ends):
        gradients = np.where(np.isfinite(searches.gradients), searches.gradients, np.inf)
        return Optima(int(np.argmin(gradients)), 0, 0)
    values = searches.values
    best = int(ends[_near(values[ends], values[ends].min())][0])
    groups = _groups(np.concatenate([[best], ends[ends != best]]), values, loadings)
    return Optima(best, len(groups), len(groups[0]))


def _groups(ends: IntArray, values: FloatArray, loadings: FloatArray) -> list[list[int]]:
    """Return the searches of each minimum, those of the first end first."""
    groups: list[list[int]] = []
    for end in ends.tolist():
        for group in groups:
            first = group[0]
            if _near(values[end], values[first]) and _alike(loadings[end], loadings[first]):
                group.append(end)
                break
        else:
            groups.append([end])
    return groups


def _near(values: FloatArray, value: float) -> BoolArray:
    near: BoolArray = np.abs(values - value) <= _SAME_VALUE * np.abs(value) + _NO_VALUE
    return near


def _alike(loadings: FloatArray, others: FloatArray) -> bool:
    found = alignment(loadings, others).columns(loadings)
    return bool(np.abs(found - others).max() <= _SAME_LOADING)
