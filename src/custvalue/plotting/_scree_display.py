"""Eigenvalues and what random data would give, as a table by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["checked_number", "eigenvalue_table", "retention_table"]

_COLUMNS = {
    "factors": ("reduced_eigenvalue", "parallel_factors"),
    "components": ("eigenvalue", "parallel_components"),
}


def eigenvalue_table(eigenvalues: Any, reference: Any = None) -> pd.DataFrame:
    """Return eigenvalues in a table, beside a reference where there is one.

    Parameters
    ----------
    eigenvalues : array-like of shape (n_eigenvalues,)
        From the largest to the smallest.
    reference : array-like of shape (n_eigenvalues,) or None

    Returns
    -------
    pandas.DataFrame
        Index ``number`` from 1; column ``eigenvalue``, and ``reference`` if given.

    Raises
    ------
    ValueError
        If a number is not finite, the eigenvalues rise, or the reference has another length.

    Examples
    --------
    >>> eigenvalue_table([1.8, 0.7, 0.5], [1.3, 1.0, 0.8])
            eigenvalue  reference
    number
    1              1.8        1.3
    2              0.7        1.0
    3              0.5        0.8
    """
    columns = {"eigenvalue": _finite(eigenvalues, "eigenvalues")}
    steps = np.diff(columns["eigenvalue"])
    if (steps > 0).any():
        first = int((steps > 0).argmax())
        low, high = columns["eigenvalue"][first : first + 2].tolist()
        raise ValueError(
            f"eigenvalues must fall from first to last; found {high:g} after {low:g} "
            f"at number {first + 2}"
        )
    if reference is not None:
        columns["reference"] = _finite(reference, "reference")
    counts = {name: len(values) for name, values in columns.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(
            "reference must have one entry per eigenvalue; "
            f"found {counts['reference']} for {counts['eigenvalue']}"
        )
    numbers = pd.RangeIndex(1, len(steps) + 2, name="number")
    return pd.DataFrame(columns, index=numbers)


def retention_table(retention: pd.DataFrame, of: str) -> pd.DataFrame:
    """Return the eigenvalues that a factor analysis has looked at.

    Parameters
    ----------
    retention : pandas.DataFrame
        Index: the number, from 0 or 1. Columns ``eigenvalue`` and ``parallel_components``, or
        ``reduced_eigenvalue`` and ``parallel_factors``; the reference may be absent.
    of : {"factors", "components"}

    Returns
    -------
    pandas.DataFrame
        As `eigenvalue_table` gives it.

    Raises
    ------
    ValueError
        If ``of`` is neither, or the table has no such eigenvalues.
    """
    if of not in _COLUMNS:
        raise ValueError(f"of must be 'factors' or 'components'; found {of!r}")
    wanted, reference = _COLUMNS[of]
    if wanted not in retention:
        raise ValueError(
            f"retention_ must have the column {wanted!r} to show {of}; "
            f"found {', '.join(map(str, retention.columns))}"
        )
    known = retention.loc[retention.index >= 1].dropna(subset=[wanted])
    compared = reference in known and known[reference].notna().all()
    return eigenvalue_table(known[wanted], known[reference] if compared else None)


def checked_number(n_factors: Any, most: int) -> int | None:
    """Return the number of factors that are kept, None where none is told.

    Raises
    ------
    ValueError
        If it is not a whole number from 0 to ``most``.
    """
    if n_factors is None:
        return None
    if isinstance(n_factors, bool) or n_factors != int(n_factors) or not 0 <= n_factors <= most:
        raise ValueError(f"n_factors must be a whole number from 0 to {most}; found {n_factors!r}")
    return int(n_factors)


def _finite(values: Any, name: str) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be a row of finite numbers; found {values!r}")
    return numbers
