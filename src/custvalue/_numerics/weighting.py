"""Weights of criteria: from how much their values differ, or from comparisons in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlog1py

from custvalue._typing import BoolArray, FloatArray

__all__ = ["AHPWeights", "EntropyWeights", "ahp_weights", "entropy_weights", "near_one"]

_RANDOM_INDEX = (
    0.0,
    0.0,
    0.58,
    0.90,
    1.12,
    1.24,
    1.32,
    1.41,
    1.45,
    1.49,
    1.51,
    1.48,
    1.56,
    1.57,
    1.59,
)
"""Mean consistency index of random comparisons of 1 to 15 criteria (Saaty 1980, p. 21)."""

_RECIPROCAL = 1e-9


@dataclass(frozen=True, slots=True)
class EntropyWeights:
    """Weights of m criteria by entropy.

    Attributes
    ----------
    weights : ndarray of shape (m,)
        Their sum is 1.
    entropies : ndarray of shape (m,)
        From 0 (one row has all) to 1 (all rows have the same).
    """

    weights: FloatArray
    entropies: FloatArray


@dataclass(frozen=True, slots=True)
class AHPWeights:
    """Weights of m criteria by comparisons in pairs.

    Attributes
    ----------
    weights : ndarray of shape (m,)
        Their sum is 1.
    largest_eigenvalue : float
        At least m; m where all comparisons agree with one another.
    consistency_index : float
        (largest eigenvalue - m) / (m - 1).
    consistency_ratio : float
        Consistency index over that of random comparisons; up to 0.1 is usually accepted. NaN for
        more than 15 criteria, for which Saaty gives no random index.
    """

    weights: FloatArray
    largest_eigenvalue: float
    consistency_index: float
    consistency_ratio: float


def entropy_weights(values: FloatArray, counts: FloatArray | None = None) -> EntropyWeights:
    """Weigh criteria by how unevenly their values are spread over the rows.

    With p_ij = x_ij / sum_i x_ij the entropy is e_j = -sum_i p_ij ln(p_ij) / ln(n), where
    0 ln(0) = 0, and the weight is w_j = (1 - e_j) / sum_j (1 - e_j). A criterion without
    differences has weight 0. The weights change with the zero of a scale: ratings from 0 to 4 have
    others than the same ratings from 1 to 5.

    Parameters
    ----------
    values : ndarray of shape (n, m)
        Not negative; NaN where a value is missing, which leaves the row out for that criterion.
    counts : ndarray of shape (n,), optional
        How many equal rows each row stands for.

    Returns
    -------
    EntropyWeights

    Raises
    ------
    ValueError
        If a value is negative, a criterion has less than two values, or none has differences.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[7.0, 9, 9], [8, 7, 8], [9, 6, 8], [6, 7, 8]])
    >>> entropy_weights(values).weights.round(6)
    array([0.474918, 0.467691, 0.057391])
    """
    if (values < 0).any():
        raise ValueError(f"entropy needs values of at least 0; found {float(np.nanmin(values))!r}")
    counts = np.ones(len(values)) if counts is None else counts
    left = np.array([_one_minus_entropy(*_known(j, x, counts)) for j, x in enumerate(values.T)])
    if not left.any():
        raise ValueError("entropy needs a criterion whose values differ; all are constant")
    return EntropyWeights(left / left.sum(), 1 - left)


def _known(column: int, values: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the values of a column that are there, and their counts."""
    there = (counts > 0) & ~np.isnan(values)
    if counts[there].sum() < 2:
        raise ValueError(
            f"entropy needs at least two values of each criterion; found {counts[there].sum():g} "
            f"in column {column}"
        )
    return values[there], counts[there]


def _one_minus_entropy(values: FloatArray, counts: FloatArray) -> float:
    """Return 1 - e as Theil's index over ln(n), which does not cancel where all are nearly alike.

    With x / mean = 1 + v it is the mean of (1 + v) ln(1 + v) - v, since the mean of v is 0.
    """
    if values.min() == values.max():
        return 0.0
    n = counts.sum()
    values, _ = near_one(values)
    v = values / (counts @ values / n) - 1
    return float(counts @ (xlog1py(1 + v, v) - v) / n / np.log(n))


def ahp_weights(comparisons: FloatArray, names: Sequence[str] | None = None) -> AHPWeights:
    """Weigh criteria by comparisons in pairs, the analytic hierarchy process (Saaty 1980).

    The weights are the eigenvector of the largest eigenvalue of the comparisons.

    Parameters
    ----------
    comparisons : ndarray of shape (m, m)
        Entry (i, j): how many times as important i is as j; entry (j, i) is its reciprocal.
    names : sequence of str, optional
        Of the criteria, for the messages; their positions where left out.

    Returns
    -------
    AHPWeights

    Raises
    ------
    ValueError
        If the comparisons are not square, positive and, to 1e-9, reciprocal.

    References
    ----------
    T. L. Saaty (1980). The Analytic Hierarchy Process. McGraw-Hill.

    Examples
    --------
    >>> import numpy as np
    >>> found = ahp_weights(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
    >>> found.weights.round(6), round(found.consistency_ratio, 6)
    (array([0.636986, 0.258285, 0.104729]), 0.033199)
    """
    _check_comparisons(comparisons, names)
    m = len(comparisons)
    eigenvalues, vectors = np.linalg.eig(comparisons)
    largest = int(np.argmax(eigenvalues.real))
    # The vector of the largest eigenvalue of a positive matrix has one sign (Perron).
    weights = np.abs(vectors[:, largest].real)
    value = max(float(eigenvalues[largest].real), float(m))
    index = (value - m) / (m - 1) if m > 1 else 0.0
    return AHPWeights(weights / weights.sum(), value, index, _consistency_ratio(index, m))


def near_one(values: FloatArray) -> tuple[FloatArray, int]:
    """Return values in a unit in which the largest is about 1, so that no sum of them overflows.

    Parameters
    ----------
    values : ndarray
        NaN where a value is missing.

    Returns
    -------
    scaled : ndarray
        ``values / 2**exponent``, which changes no digit; the largest is 0.5 to 1.
    exponent : int

    Examples
    --------
    >>> import numpy as np
    >>> near_one(np.array([6.0, 3.0, 1.0]))
    (array([0.75 , 0.375, 0.125]), 3)
    """
    exponent = int(np.frexp(np.fmax.reduce(np.abs(values), axis=None))[1])
    return np.ldexp(values, -exponent), exponent


def _consistency_ratio(index: float, m: int) -> float:
    if m <= 2:
        return 0.0
    return index / _RANDOM_INDEX[m - 1] if m <= len(_RANDOM_INDEX) else float("nan")


def _check_comparisons(comparisons: FloatArray, names: Sequence[str] | None) -> None:
    if comparisons.ndim != 2 or len(set(comparisons.shape)) != 1 or comparisons.size == 0:
        raise ValueError(f"comparisons must be a square matrix; found shape {comparisons.shape}")
    named = list(range(len(comparisons))) if names is None else names
    _refuse(
        comparisons,
        ~(np.isfinite(comparisons) & (comparisons > 0)),
        named,
        "comparisons must be positive and finite",
    )
    with np.errstate(over="ignore"):
        off = np.abs(comparisons * comparisons.T - 1) > _RECIPROCAL
    rule = (
        "comparisons must be reciprocal, entry (j, i) = 1 / entry (i, j), to 1e-9 (write 1 / 3 "
        "and not 0.33)"
    )
    _refuse(comparisons, off, named, rule)


def _refuse(comparisons: FloatArray, bad: BoolArray, names: Sequence[object], rule: str) -> None:
    if not bad.any():
        return
    i, j = (int(k) for k in np.argwhere(bad)[0])
    raise ValueError(
        f"{rule}; found {float(comparisons[i, j])!r} for ({names[i]!r}, {names[j]!r}) and "
        f"{float(comparisons[j, i])!r} for ({names[j]!r}, {names[i]!r})"
    )
