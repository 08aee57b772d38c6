"""The order and the signs of factors that a table shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.factors._conventions import Conventions
from custvalue.factors._rotation.align import Alignment
from custvalue.factors._rotation.result import Rotation

__all__ = ["in_convention"]

_DIGITS = 9
"""Sums and variances that differ by less than a billionth are equal: noise must not order them."""


def in_convention(rotation: Rotation, conventions: Conventions) -> Rotation:
    """Return the same rotation with its factors in order, each pointing upwards.

    The first factor explains most: of the variance with its share in the correlations of factors,
    diag(Phi L'L), or by its sum of squared loadings, as ``conventions.order`` says. The loadings of
    each factor sum to at least 0; where they sum to 0, its largest loading is positive. Loadings,
    factor correlations and rotation matrix change together.

    Parameters
    ----------
    rotation : Rotation
    conventions : Conventions

    Returns
    -------
    Rotation
    """
    L, phi = rotation.loadings, rotation.factor_correlations
    sums_of_squares = conventions.order == "sum_of_squares"
    sizes = (L * L).sum(axis=0) if sums_of_squares else np.diagonal(phi @ (L.T @ L))
    order = _descending(sizes, L)
    place = Alignment(order, _signs(L)[order])
    return replace(
        rotation,
        loadings=place.columns(L),
        factor_correlations=place.factor_correlations(phi),
        rotation_matrix=place.columns(rotation.rotation_matrix),
    )


def _descending(sizes: FloatArray, loadings: FloatArray) -> IntArray:
    """Return the order by size; equal factors come in the order of the items that load on them."""
    scale = max(float(np.abs(sizes).max()), np.finfo(float).tiny)
    by_item = np.round(-np.abs(loadings), _DIGITS - 3)
    keys = (*by_item[::-1], np.round(-sizes / scale, _DIGITS))
    return np.asarray(np.lexsort(keys), dtype=np.int64)


def _signs(loadings: FloatArray) -> FloatArray:
    sums, sizes = loadings.sum(axis=0), np.abs(loadings).sum(axis=0)
    first = np.round(np.abs(loadings), _DIGITS).argmax(axis=0)
    largest = np.take_along_axis(loadings, first[None], axis=0)[0]
    balanced = np.abs(sums) <= 10.0**-_DIGITS * sizes
    return np.where(np.where(balanced, largest, sums) < 0, -1.0, 1.0)
