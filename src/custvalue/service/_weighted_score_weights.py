"""Weights of indicators: given, equal, by entropy, or by comparisons in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.comparisons import read_comparisons
from custvalue._estimator.door import plain
from custvalue._numerics.weighting import ahp_weights, entropy_weights
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError

__all__ = [
    "Weighing",
    "given_weights",
    "is_given",
    "is_positional",
    "named_weights",
    "weigh",
]


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of m indicators, and what is known of how they came about.

    Attributes
    ----------
    weights : ndarray of shape (m,)
        Their sum is 1.
    entropies : ndarray of shape (m,) or None
        NaN for an indicator that was left out.
    consistency_ratio : float or None
        Of comparisons in pairs.
    """

    weights: FloatArray
    entropies: FloatArray | None = None
    consistency_ratio: float | None = None


def is_given(weights: Any) -> bool:
    """Return whether weights are given by name, not found by a method."""
    return isinstance(weights, (Mapping, pd.Series))


def is_positional(weights: Any) -> bool:
    """Return whether weights are given by position: a sequence, or a Series without labels."""
    unlabelled = isinstance(weights, pd.Series) and isinstance(weights.index, pd.RangeIndex)
    return unlabelled or isinstance(weights, (list, tuple, np.ndarray))


def named_weights(weights: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return weights that are given by position, by name.

    Parameters
    ----------
    weights : sequence of float, or pandas.Series
    names : sequence of str

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        If their numbers differ.
    """
    if len(weights) != len(names):
        raise ValueError(
            f"weights without names must have one entry for each of {', '.join(names)}; found "
            f"{len(weights)}"
        )
    return dict(zip(names, weights, strict=True))


def weigh(
    method: Any,
    names: Sequence[str],
    values: FloatArray,
    counts: FloatArray,
    *,
    usable: BoolArray,
    comparisons: Any = None,
    parameter: str = "weights",
) -> Weighing:
    """Weigh indicators in the way that is asked for.

    Parameters
    ----------
    method : {"equal", "entropy", "ahp"}, mapping of str to float, or pandas.Series
    names : sequence of str
        Of the m indicators.
    values : ndarray of shape (n, m)
        What the values count; read for "entropy" alone.
    counts : ndarray of shape (n,)
        How many equal rows each row stands for.
    usable : ndarray of bool of shape (m,)
        The others have weight 0.
    comparisons : array-like of shape (m, m), optional
        For "ahp".
    parameter : str
        For the messages.

    Returns
    -------
    Weighing

    Raises
    ------
    ValueError
        If given weights or comparisons break a rule.
    DataError
        If the values have no entropy, or all weight lies on what is not usable.
    """
    if len(names) == 1:
        if is_given(method):
            given_weights(method, names, parameter=parameter)
        return Weighing(np.ones(1), np.full(1, np.nan) if _is(method, "entropy") else None)
    if _is(method, "entropy"):
        return _by_entropy(names, values, counts, usable, parameter)
    if _is(method, "ahp"):
        if comparisons is None:
            raise ValueError(
                f"comparisons must be given where weights are 'ahp'; found None for "
                f"{', '.join(names)}"
            )
        found = ahp_weights(read_comparisons(comparisons, names), names)
        weights = _usable_share(found.weights, names, usable, parameter)
        return Weighing(weights, consistency_ratio=found.consistency_ratio)
    equal = np.full(len(names), 1 / len(names))
    weights = given_weights(method, names, parameter=parameter) if is_given(method) else equal
    return Weighing(_usable_share(weights, names, usable, parameter))


def given_weights(weights: Any, names: Sequence[str], *, parameter: str = "weights") -> FloatArray:
    """Return given weights as shares, in the order of the names.

    Parameters
    ----------
    weights : mapping of str to float, or pandas.Series
    names : sequence of str
    parameter : str
        For the messages.

    Returns
    -------
    ndarray of shape (m,)

    Raises
    ------
    ValueError
        If a name has no weight or a weight no name, one is negative or not finite, or all are 0.

    Examples
    --------
    >>> given_weights({"speed": 3, "stock": 1}, ["stock", "speed"])
    array([0.25, 0.75])
    """
    if isinstance(weights, pd.Series) and not weights.index.is_unique:
        twice = weights.index[weights.index.duplicated()][0]
        raise ValueError(f"{parameter} must name each of its entries once; {twice!r} comes again")
    given = dict(weights)
    absent = [repr(name) for name in names if name not in given]
    others = [repr(name) for name in given if name not in names]
    if absent or others:
        raise ValueError(
            f"{parameter} must have one weight for each of {', '.join(names)}; missing: "
            f"{', '.join(absent) or 'none'}; not among them: {', '.join(others) or 'none'}"
        )
    return _shares({name: given[name] for name in names}, parameter)


def _shares(given: Mapping[str, Any], parameter: str) -> FloatArray:
    for name, weight in given.items():
        try:
            good = bool(np.isfinite(float(weight)) and float(weight) >= 0)
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ValueError(
                f"{parameter} must be finite and not negative; found {plain(weight)} for {name!r}"
            )
    values = np.array([float(weight) for weight in given.values()])
    if not values.any():
        raise ValueError(f"{parameter} must not all be 0; found 0 for {', '.join(given)}")
    shares: FloatArray = values / values.sum()
    return shares


def _is(method: Any, name: str) -> bool:
    return isinstance(method, str) and method == name


def _by_entropy(
    names: Sequence[str],
    values: FloatArray,
    counts: FloatArray,
    usable: BoolArray,
    parameter: str,
) -> Weighing:
    low = np.nanmin(values[:, usable], axis=0, initial=0.0)
    if (low < 0).any():
        name = [name for name, known in zip(names, usable, strict=True) if known][int(low.argmin())]
        raise DataError(
            f"{parameter}='entropy' needs values of at least 0; {name!r} has {float(low.min())!r}. "
            f"A min-max scale has none below 0"
        )
    try:
        found = entropy_weights(values[:, usable], counts)
    except ValueError as error:
        raise DataError(
            f"{parameter}='entropy' cannot weigh {', '.join(names)}: {error}"
        ) from error
    weights, entropies = np.zeros(len(names)), np.full(len(names), np.nan)
    weights[usable], entropies[usable] = found.weights, found.entropies
    return Weighing(weights, entropies=entropies)


def _usable_share(
    weights: FloatArray, names: Sequence[str], usable: BoolArray, parameter: str
) -> FloatArray:
    kept = np.where(usable, weights, 0.0)
    if not kept.any():
        raise DataError(
            f"{parameter} must leave weight on an item whose values differ; all of "
            f"{', '.join(names)} are constant or have weight 0"
        )
    return kept if usable.all() else kept / kept.sum()
