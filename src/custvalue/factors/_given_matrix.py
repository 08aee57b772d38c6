"""A correlation or covariance matrix that the user hands in instead of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.repair import positive_definite
from custvalue.factors._correlations.result import Correlations

__all__ = ["GivenMatrix", "given_correlations"]

_ROUNDING = 1e-8
"""How far a matrix may be from symmetric, and a correlation above 1, times the two scales."""

_ANSWERS = ("Give answers as X", "Answers are for fit")
"""Where answers belong: for functions, and for `fit_correlation`, whose matrix is called R."""


@dataclass(frozen=True, slots=True)
class GivenMatrix:
    """Correlations and the names of their items.

    Attributes
    ----------
    items : list of str
        ``x0``, ``x1``, ... where the input had none.
    correlations : Correlations
    labelled : bool
        The names came with the input.
    """

    items: list[str]
    correlations: Correlations
    labelled: bool


def given_correlations(
    matrix: Any,
    *,
    n_observations: float | None,
    means: Any = None,
    standard_deviations: Any = None,
    items: Sequence[str] | None = None,
    parameter: str = "matrix",
    owner: str = "this estimator",
) -> GivenMatrix:
    """Read a correlation or covariance matrix.

    Parameters
    ----------
    matrix : pandas.DataFrame or array of shape (p, p)
        A frame has the same labels on rows and columns, or a plain range on the rows. A covariance
        matrix is one whose diagonal is not all ones; it is scaled.
    n_observations : float or None
        Respondents behind it.
    means : array-like of shape (p,), Series or mapping by item, optional
    standard_deviations : array-like of shape (p,), Series or mapping by item, optional
        Beside a correlation matrix only: a covariance matrix has its own.
    items : sequence of str, optional
        The rows and columns to take, in this order, which is that of ``means`` and
        ``standard_deviations`` too; those of an array are called ``x0``, ``x1``, ... All, if left
        out.
    parameter : str
        What the matrix is called, for the messages.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    GivenMatrix

    Raises
    ------
    DataError
        If the matrix is not square, finite and symmetric, has a diagonal that is not positive, or a
        correlation beyond 1, or an item is not there.
    ValueError
        If ``n_observations``, ``means`` or ``standard_deviations`` do not fit.
    TypeError
        If the matrix is neither a pandas frame nor an array.
    """
    given = _labelled(matrix, parameter)
    if items is not None:
        given = _selected(given, items, parameter)
    items, values = given.items, given.values
    _check_entries(given, parameter, owner)
    scales = _scales(values, items, parameter)
    correlation = bool(np.all(np.abs(np.diag(values) - 1) <= _ROUNDING))
    R = _correlations(values, scales, items, parameter)
    n = _number_of_observations(n_observations)
    if standard_deviations is not None and not correlation:
        raise ValueError(
            f"standard_deviations must be None where {parameter} is a covariance matrix, which has "
            f"its own; found {standard_deviations!r}"
        )
    if correlation:
        scales = _by_item(standard_deviations, items, "standard_deviations", "positive", _positive)
    safe = positive_definite(R, items)
    found = Correlations(
        matrix=safe.matrix,
        n_observations=n,
        means=_by_item(means, items, "means", "finite", np.isfinite),
        standard_deviations=scales,
        thresholds=None,
        smallest_eigenvalue=safe.smallest_eigenvalue,
        doubts=(*safe.doubts, *_few(n, len(items))),
    )
    return GivenMatrix(items, found, given.labelled)


@dataclass(frozen=True, slots=True)
class _Labelled:
    items: list[str]
    values: FloatArray
    labelled: bool


def _labelled(matrix: Any, parameter: str) -> _Labelled:
    """Return names, values, and whether the names came with the matrix."""
    if isinstance(matrix, pd.DataFrame):
        return _Labelled(_frame(matrix, parameter), _square(matrix.to_numpy(), parameter), True)
    if isinstance(matrix, (np.ndarray, list, tuple)):
        values = _square(matrix, parameter)
        return _Labelled([f"x{i}" for i in range(len(values))], values, False)
    kind = type(matrix)
    raise TypeError(
        f"{parameter} must be a pandas frame or an array; found a {kind.__name__} of "
        f"{kind.__module__.split('.')[0]}. {_ANSWERS[parameter == 'R']}"
    )


def _selected(given: _Labelled, items: Sequence[str], parameter: str) -> _Labelled:
    """Return some rows and columns."""
    absent = [repr(item) for item in items if item not in given.items]
    if absent:
        raise DataError(f"{parameter} must have all items; missing: {', '.join(absent)}")
    rows = [given.items.index(item) for item in items]
    return _Labelled(list(items), given.values[np.ix_(rows, rows)], given.labelled)


def _check_entries(given: _Labelled, parameter: str, owner: str) -> None:
    values = given.values
    if len(values) < 2:
        raise DataError(f"{owner} needs at least two items; {parameter} has shape {values.shape}")
    _refuse_entry(~np.isfinite(values), values, given.items, f"{parameter} must be finite")


def _frame(matrix: pd.DataFrame, parameter: str) -> list[str]:
    items = [str(label) for label in matrix.columns]
    rows = [str(label) for label in matrix.index]
    numbered = isinstance(matrix.index, pd.RangeIndex) and len(rows) == len(items)
    if rows != items and not numbered:
        raise DataError(
            f"rows and columns of {parameter} must have the same labels in the same order; found "
            f"rows {', '.join(rows[:6])} and columns {', '.join(items[:6])}. "
            f"{_ANSWERS[parameter == 'R']}"
        )
    double = sorted({item for item in items if items.count(item) > 1})
    if double:
        raise DataError(
            f"labels of {parameter} must be unique; found more than once: {double[0]!r}"
        )
    return items


def _square(matrix: Any, parameter: str) -> FloatArray:
    try:
        values = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{parameter} must hold numbers in rows of one length; {error}") from error
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise DataError(
            f"{parameter} must be square; found shape {values.shape}. {_ANSWERS[parameter == 'R']}"
        )
    return values


def _scales(values: FloatArray, items: list[str], parameter: str) -> FloatArray:
    """Return the square roots of the diagonal."""
    variances = np.diag(values)
    if (variances <= 0).any():
        i = int(np.argmax(variances <= 0))
        raise DataError(
            f"the diagonal of {parameter} must be positive; item {items[i]!r} has "
            f"{plain(variances[i])} ({int((variances <= 0).sum())} such item(s))"
        )
    scales: FloatArray = np.sqrt(variances)
    return scales


def _correlations(
    values: FloatArray, scales: FloatArray, items: list[str], parameter: str
) -> FloatArray:
    """Return the matrix scaled to a diagonal of ones, symmetric to the last bit."""
    R = values / scales[:, None] / scales[None, :]
    _refuse_entry(np.abs(R - R.T) > _ROUNDING, values, items, f"{parameter} must be symmetric")
    _refuse_entry(
        np.abs(R) > 1 + _ROUNDING, R, items, f"{parameter} must hold no correlation beyond 1"
    )
    R = np.clip((R + R.T) / 2, -1.0, 1.0)
    np.fill_diagonal(R, 1.0)
    return R


def _refuse_entry(bad: BoolArray, values: FloatArray, items: list[str], rule: str) -> None:
    """Raise where an entry is bad, naming the first of them and the one across the diagonal."""
    if not bad.any():
        return
    i, j = (int(k) for k in np.argwhere(bad)[0])
    across = f" and {plain(values[j, i])} across" if i != j else ""
    raise DataError(
        f"{rule}; items {items[i]!r} and {items[j]!r} have {plain(values[i, j])}{across} "
        f"({int((bad | bad.T)[np.triu_indices(len(bad))].sum())} such pair(s))"
    )


def _number_of_observations(n_observations: float | None) -> float:
    if n_observations is None:
        return float("nan")
    number = isinstance(n_observations, Real) and not isinstance(n_observations, (bool, np.bool_))
    if not number or not np.isfinite(n_observations) or n_observations <= 0:
        raise ValueError(f"n_observations must be a positive number; found {n_observations!r}")
    return float(n_observations)


def _few(n: float, p: int) -> list[str]:
    if not n <= p:
        return []
    return [f"n_observations should exceed the number of items; found {n:g} for {p} items"]


def _by_item(
    given: Any,
    items: list[str],
    parameter: str,
    rule: str,
    good: Callable[[FloatArray], BoolArray],
) -> FloatArray:
    """Return one number an item; NaN where there is none."""
    if given is None:
        return np.full(len(items), np.nan)
    if isinstance(given, (pd.Series, Mapping)):
        missing = [item for item in items if item not in given]
        if missing:
            raise ValueError(f"{parameter} must name every item; missing: {', '.join(missing)}")
        given = [given[item] for item in items]
    values = np.asarray(given, dtype=np.float64)
    if values.shape != (len(items),):
        raise ValueError(
            f"{parameter} must have shape ({len(items)},), one number an item; "
            f"found shape {values.shape}"
        )
    if not good(values).all():
        i = int(np.argmin(good(values)))
        raise ValueError(
            f"{parameter} must be {rule}; item {items[i]!r} has {plain(values[i])} "
            f"({int((~good(values)).sum())} such item(s))"
        )
    return values


def _positive(values: FloatArray) -> BoolArray:
    return np.isfinite(values) & (values > 0)
