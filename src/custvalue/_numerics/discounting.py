"""Discount rates."""

from __future__ import annotations

import numpy as np

__all__ = ["LONG_AFTER", "continuous_rate"]

LONG_AFTER = 60.0
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
