"""Present values of what is expected to happen over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._numerics.quadrature import integrate_rows
from custvalue._typing import FloatArray

__all__ = ["continuous_rate", "discounted_total"]

_LONG_AFTER = 60.0
"""exp(-60) = 9e-27: what comes after 60 / rate does not show in double precision."""


def continuous_rate(annual_rate: float, units_per_year: float) -> float:
    """Return log(1 + annual rate) per time unit.

    Parameters
    ----------
    annual_rate : float
        0.1 is ten per cent a year, compounded once a year.
    units_per_year : float

    Returns
    -------
    float
    """
    return float(np.log1p(annual_rate)) / units_per_year


def discounted_total(
    cumulative: Callable[..., FloatArray],
    columns: tuple[FloatArray, ...],
    *,
    rate: float,
    horizon: float,
) -> FloatArray:
    """Discount a flow that is known by its cumulative expectation E(u).

    By parts, so that only positive terms are added::

        int_0^H exp(-rate u) dE(u) = exp(-rate H) E(H) + rate int_0^H exp(-rate u) E(u) du

    Parameters
    ----------
    cumulative : callable
        ``cumulative(u, *columns)`` gives E(u), with E(0) = 0, growing at most linearly.
    columns : tuple of ndarray of shape (n_rows,)
    rate : float
        Continuous rate per time unit, at least 0.
    horizon : float
        H, in time units; infinite is allowed where the rate is positive.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    if rate == 0:
        return cumulative(np.full_like(columns[0], horizon), *columns)
    end = min(horizon, _LONG_AFTER / rate)

    def flow(u: FloatArray, *columns: FloatArray) -> FloatArray:
        return rate * np.exp(-rate * u) * cumulative(u, *columns)

    ends = np.full_like(columns[0], end)
    at_the_end = np.exp(-rate * end) * cumulative(ends, *columns)
    return np.asarray(at_the_end + integrate_rows(flow, ends, columns))
