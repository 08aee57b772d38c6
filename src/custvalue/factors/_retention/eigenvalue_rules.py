"""Rules that look at the eigenvalues of the correlation matrix alone.

l_1 >= l_2 >= ... >= l_p are the eigenvalues, n the respondents.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import BoolArray, FloatArray

__all__ = [
    "acceleration",
    "acceleration_number",
    "empirical_kaiser_reference",
    "kaiser_number",
    "leading",
    "optimal_coordinates",
    "optimal_coordinates_number",
]

_ABOVE_ONE = 1 + 1e-10
"""More than one item's worth, beyond rounding."""


def leading(good: BoolArray) -> int:
    """Return how many of the first are good, until the first that is not."""
    return int(np.logical_and.accumulate(good).sum())


def kaiser_number(values: FloatArray) -> int:
    """Return how many eigenvalues exceed 1 (Guttman 1954, Kaiser 1960)."""
    return int((values > _ABOVE_ONE).sum())


def empirical_kaiser_reference(values: FloatArray, n_observations: float) -> FloatArray:
    """Return the reference eigenvalues of the empirical Kaiser criterion.

    ::

        reference_j = max(1, (1 + sqrt(p / n))^2 (p - l_1 - ... - l_(j-1)) / (p - j + 1))

    (Braeken and van Assen 2017, p. 454): the largest eigenvalue to expect of unrelated items, in
    the variance that the earlier factors left. Factors are kept while their eigenvalue exceeds it.

    Parameters
    ----------
    values : ndarray of shape (p,)
    n_observations : float

    Returns
    -------
    ndarray of shape (p,)
    """
    p = len(values)
    left = (p - np.concatenate([[0.0], np.cumsum(values)[:-1]])) / np.arange(p, 0, -1)
    reference: FloatArray = np.maximum((1 + np.sqrt(p / n_observations)) ** 2 * left, 1.0)
    return reference


def optimal_coordinates(values: FloatArray) -> FloatArray:
    """Return each eigenvalue as the scree behind it foretells it.

    The line through l_(i+1) and l_p, continued to i (Raiche, Walls, Magis, Riopel and Blais 2013).

    Parameters
    ----------
    values : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (p,)
        NaN for the last two, which have no line behind them.
    """
    p = len(values)
    foretold = np.full(p, np.nan)
    next_values, steps = values[1 : p - 1], np.arange(p - 2, 0, -1)
    foretold[: p - 2] = next_values + (next_values - values[-1]) / steps
    return foretold


def optimal_coordinates_number(values: FloatArray) -> int | None:
    """Return how many leading eigenvalues exceed 1 and reach what the scree foretells.

    None for fewer than three, which make no scree.
    """
    if len(values) < 3:
        return None
    foretold = optimal_coordinates(values)
    return leading((values > _ABOVE_ONE) & (values >= foretold))


def acceleration(values: FloatArray) -> FloatArray:
    """Return the acceleration factor, l_(j-1) - 2 l_j + l_(j+1): how sharply the scree bends at j.

    Parameters
    ----------
    values : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (p,)
        NaN for the first and the last.
    """
    bends = np.full(len(values), np.nan)
    bends[1:-1] = values[:-2] - 2 * values[1:-1] + values[2:]
    return bends


def acceleration_number(values: FloatArray) -> int | None:
    """Return how many eigenvalues come before the sharpest bend, the one before it above 1.

    As in Raiche et al. (2013); 0 where no eigenvalue exceeds 1. None for fewer than three.
    """
    if len(values) < 3:
        return None
    bends = acceleration(values)[1:-1][values[:-2] > _ABOVE_ONE]
    return int(np.argmax(bends)) + 1 if len(bends) else 0
