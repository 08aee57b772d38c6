"""The spread of values that a few extreme ones do not move."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["robust_spread"]

_NORMAL_MAD = 1.482602218505602
"""1 / the upper quartile of a standard normal: makes the deviation of a normal its sd."""


def robust_spread(values: FloatArray) -> float:
    """Return 1.4826 times the median absolute deviation; where that is 0, the standard deviation.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        NaN is left out.

    Returns
    -------
    float
        0 where all values are equal, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> robust_spread(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    1.482602218505602
    >>> robust_spread(np.array([1.0, 1.0, 1.0, 1.0, 6.0]))
    2.0
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return 0.0
    spread = _NORMAL_MAD * float(np.median(np.abs(known - np.median(known))))
    return spread if spread > 0 else float(known.std())
