"""How many of some customers are alive, each with a chance of their own (Poisson-binomial)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from custvalue._typing import FloatArray, IntArray

_ComplexArray: TypeAlias = npt.NDArray[np.complex128]

__all__ = ["Alive", "alive_by_cell", "alive_limits"]

_MOST_EXACT = 250
"""The exact law of n customers takes n^2 steps."""
_SMALL_VARIANCE = 25.0
_FAR = 256
"""Numbers of the exact law of many: of variance 25, none has a chance of 1e-18 beyond 128 off."""
_CELLS = 2_000_000
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Alive:
    """Customers of cells, each of shape (n_cells,).

    Attributes
    ----------
    customers, expected : ndarray
        How many there are, and how many are expected alive.
    lower, upper : ndarray
        Limits of the number alive.
    """

    customers: FloatArray
    expected: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class _Law:
    """Probabilities of whole numbers that follow each other, from ``first`` on."""

    first: int
    chances: FloatArray


def alive_by_cell(chances: FloatArray, cells: IntArray, level: float) -> Alive:
    """Sum the chances of being alive in cells.

    Parameters
    ----------
    chances : ndarray of shape (n_rows,)
    cells : ndarray of int of shape (n_rows,)
        0, 1, 2, ..., none of them empty.
    level : float

    Returns
    -------
    Alive
    """
    order = np.lexsort((chances, cells))
    parts = np.split(chances[order], np.cumsum(np.bincount(cells))[:-1])
    limits = np.array([alive_limits(part, level) for part in parts])
    return Alive(
        np.array([float(len(part)) for part in parts]),
        np.array([float(part.sum()) for part in parts]),
        limits[:, 0],
        limits[:, 1],
    )


def alive_limits(chances: FloatArray, level: float) -> tuple[float, float]:
    """Return the central limits of how many are alive.

    Parameters
    ----------
    chances : ndarray of shape (n,)
        Each customer's, independent of the others'.
    level : float

    Returns
    -------
    lower, upper : float
        The quantiles at (1 - level) / 2 and (1 + level) / 2: of the exact law up to 250 customers
        and where its variance is below 25, else by the normal law with a correction for skewness
        (Cornish & Fisher 1938), rounded outwards and with the expected number between them.
    """
    tail = (1 - level) / 2
    variance = float(np.sum(chances * (1 - chances)))
    if variance == 0:
        return float(chances.sum()), float(chances.sum())
    if len(chances) <= _MOST_EXACT or variance < _SMALL_VARIANCE:
        law = _law(chances)
        below = np.cumsum(law.chances)
        low = int(np.argmax(below >= tail - _ROUNDING))
        high = int(np.argmax(below >= 1 - tail - _ROUNDING))
        return float(law.first + low), float(law.first + high)
    return _cornish_fisher(chances, float(ndtri(1 - tail)))


def _cornish_fisher(chances: FloatArray, z: float) -> tuple[float, float]:
    spread, mean = chances * (1 - chances), float(chances.sum())
    deviation = float(np.sqrt(spread.sum()))
    skewness = float(np.sum(spread * (1 - 2 * chances))) / deviation**3
    bend = skewness * (z**2 - 1) / 6
    low = np.floor(mean + deviation * min(bend - z, 0.0))
    high = np.ceil(mean + deviation * max(bend + z, 0.0))
    return max(float(low), 0.0), min(float(high), float(len(chances)))


def _law(chances: FloatArray) -> _Law:
    """Return the probabilities of numbers alive, by their characteristic function.

    Those who are rather alive than not are counted as dead: alive are they, less the few of them
    who died, and the few of the others who live. So a law of small variance has few numbers.
    """
    alive = chances > 0.5
    n, sure = len(chances), int(alive.sum())
    size = n + 1 if n <= _MOST_EXACT else _FAR
    first = -sure if n <= _MOST_EXACT else -min(sure, size // 2)
    half = np.exp(2j * np.pi * np.arange(size // 2 + 1) / size)
    values = _product(chances[~alive], half) * _product(1 - chances[alive], half.conj())
    found = np.fft.hfft(values, size) / size
    return _Law(sure + first, np.clip(np.roll(found, -first), 0.0, 1.0))


def _product(chances: FloatArray, circle: _ComplexArray) -> _ComplexArray:
    """Return the product of 1 - p + p w over customers at points w of the circle."""
    values = np.ones(len(circle), dtype=np.complex128)
    step = _CELLS // len(circle)
    for start in range(0, len(chances), step):
        some = chances[start : start + step, None]
        values *= np.prod(1 - some + some * circle, axis=0)
    return values
