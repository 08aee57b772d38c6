"""Retention of a period: the share of the customers at its start who are still there at its end.

S customers at the start, E at the end, N of them new and W won back, so that E - N - W are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import FloatArray

__all__ = ["Rates", "kept_rates"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares with their intervals; NaN where there is nobody to lose.

    Attributes
    ----------
    rate, lower, upper : ndarray of shape (n_periods,)
    """

    rate: FloatArray
    lower: FloatArray
    upper: FloatArray

    def complement(self) -> Rates:
        """Return what is left of one, the ends exchanged.

        Returns
        -------
        Rates
        """
        return Rates(1.0 - self.rate, 1.0 - self.upper, 1.0 - self.lower)


def kept_rates(kept: FloatArray, start: FloatArray, level: float) -> Rates:
    """Return the share kept and its Wilson interval.

    Parameters
    ----------
    kept, start : ndarray of shape (n_periods,)
        0 <= kept <= start.
    level : float

    Returns
    -------
    Rates

    Examples
    --------
    >>> import numpy as np
    >>> kept_rates(np.array([800.0, 0.0]), np.array([1000.0, 0.0]), 0.95).rate
    array([0.8, nan])
    """
    there = start > 0
    lower, upper = wilson_interval(kept, start, level)
    rate = np.divide(kept, start, out=np.full(start.shape, np.nan), where=there)
    return Rates(rate, np.where(there, lower, np.nan), np.where(there, upper, np.nan))
