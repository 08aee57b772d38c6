"""The baseline of customer value: a row of reference, and its value."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table
from custvalue._typing import BoolArray, FloatArray
from custvalue.service._customer_value_index import value_of

__all__ = ["baseline_row", "baseline_value", "sides"]


def sides(
    columns: Any, gains: tuple[str, ...], burdens: tuple[str, ...], measure: str
) -> tuple[FloatArray, FloatArray]:
    """Return total benefits and costs, or quality times service and cost times time.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
    gains, burdens : tuple of str
    measure : {"ratio", "net", "quality_service"}

    Returns
    -------
    gain, burden : ndarray of shape (n_rows,)
        Both products times the same power of two where one is out of the range of numbers; what is
        still beyond it is infinite.
    """
    got, given = (np.stack([columns[name] for name in names]) for names in (gains, burdens))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if measure != "quality_service":
            return got.sum(axis=0), given.sum(axis=0)
        gain, burden = got.prod(axis=0), given.prod(axis=0)
        far = ~(_is_ordinary(gain, got) & _is_ordinary(burden, given))
        gain[far], burden[far] = _scaled(got[:, far], given[:, far])
    return gain, burden


def _is_ordinary(product: FloatArray, factors: FloatArray) -> BoolArray:
    """Return where a product has all its digits: neither overflow nor underflow."""
    size = np.abs(product)
    normal = np.isfinite(size) & (size >= np.finfo(np.float64).tiny)
    return np.asarray(normal | (factors == 0).any(axis=0))


def _scaled(got: FloatArray, given: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two products times the same power of two, so that the second is near 1."""
    (top, up), (bottom, down) = np.frexp(got), np.frexp(given)
    power = up.sum(axis=0) - down.sum(axis=0)
    return np.ldexp(top.prod(axis=0), power), bottom.prod(axis=0)


def baseline_row(
    baseline: Any,
    table: Table,
    weights: FloatArray | None,
    not_negative: tuple[str, ...] = (),
) -> pd.Series | None:
    """Return the row that a parameter ``baseline`` means.

    Parameters
    ----------
    baseline : None, "mean", dict or row label
    table : Table
    weights : ndarray of shape (n_rows,) or None
        Of the rows in the mean.
    not_negative : tuple of str
        Columns for which a dict must not have a negative number.

    Returns
    -------
    pandas.Series or None
        By column; None where there is no row of reference.

    Raises
    ------
    ValueError
        If a dict does not have the columns or has what they must not have, or no row or more than
        one has the label.
    """
    if baseline is None:
        return None
    if isinstance(baseline, dict):
        row = _given(baseline, list(table.columns), not_negative)
    elif isinstance(baseline, str) and baseline == "mean":
        row = {name: _mean(values, weights) for name, values in table.columns.items()}
    else:
        position = _position(baseline, table)
        row = {name: float(values[position]) for name, values in table.columns.items()}
    return pd.Series(row, name="baseline").rename_axis(index="column")


def baseline_value(
    row: pd.Series | None, gains: tuple[str, ...], burdens: tuple[str, ...], measure: str
) -> float:
    """Return the value of the baseline; that of breaking even where there is no row.

    Parameters
    ----------
    row : pandas.Series or None
    gains, burdens : tuple of str
    measure : {"ratio", "net", "quality_service"}

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is a quotient and not positive and finite, so that nothing is relative to it.
    """
    if row is None:
        return 0.0 if measure == "net" else 1.0
    columns = {name: np.array([row[name]]) for name in (*gains, *burdens)}
    value = float(value_of(*sides(columns, gains, burdens, measure), measure, "nan")[0])
    if measure != "net" and not (math.isfinite(value) and value > 0):
        raise ValueError(
            f"baseline must have a positive and finite value by measure={measure!r}; found "
            f"{value:g} of {row.to_dict()!r}"
        )
    return value


def _given(
    baseline: dict[str, Any], names: list[str], not_negative: tuple[str, ...]
) -> dict[str, float]:
    if set(baseline) != set(names):
        raise ValueError(
            f"baseline must be a dict with the columns {', '.join(names)}; found {baseline!r}"
        )
    for value in baseline.values():
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"baseline must hold finite numbers; found {value!r} in {baseline!r}")
    negative = [name for name in not_negative if baseline[name] < 0]
    if negative:
        raise ValueError(
            f"baseline must not be negative for {', '.join(negative)}; found {baseline!r}"
        )
    return {name: float(baseline[name]) for name in names}


def _mean(values: FloatArray, weights: FloatArray | None) -> float:
    """Return a mean that does not depend on the order of the rows."""
    weights = np.ones(len(values)) if weights is None else weights
    shares = weights / weights.max()
    try:
        with np.errstate(over="raise"):
            return math.fsum((values * weights).tolist()) / math.fsum(weights.tolist())
    except (OverflowError, FloatingPointError):
        # Each term times its share of the weight is below the largest number, and so is their sum.
        total = math.fsum(shares.tolist())
        return math.fsum((values * (shares / total)).tolist())


def _position(label: Any, table: Table) -> int:
    labels = pd.RangeIndex(len(table)) if table.index is None else table.index
    found = labels.get_indexer_for(pd.Index([label]))
    if len(found) != 1 or found[0] < 0:
        count = int((found >= 0).sum())
        raise ValueError(
            f"baseline must be 'mean', a dict or the label of one row; found {label!r}, "
            f"which {count} rows have"
        )
    return int(found[0])
