"""Shares of a number of trials, with their uncertainty."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from custvalue._typing import FloatArray

__all__ = ["wilson_interval"]


def wilson_interval(
    successes: FloatArray, trials: FloatArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the score interval of a proportion (Wilson 1927, JASA 22, 209-212).

    With p = x / n and z the normal quantile at (1 + level) / 2 its ends are ::

        (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Unlike p -+ z sqrt(p (1 - p) / n) it stays inside 0 and 1 and is right for few trials.

    Parameters
    ----------
    successes, trials : ndarray of shape (...)
        0 <= successes <= trials; they need not be whole.
    level : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : ndarray of shape (...)
        0 and 1 where there is no trial: nothing is known.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = wilson_interval(np.array([0.0, 8.0]), np.array([10.0, 10.0]))
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.4902]), array([0.2775, 0.9433]))
    """
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    z = float(ndtri((1 + level) / 2))
    # The formula times n: it needs no division by the number of trials, which may be 0.
    middle = x + z**2 / 2
    half = z * np.sqrt(x * (1 - x / np.where(n > 0, n, 1)) + z**2 / 4)
    lower = np.where(x > 0, (middle - half) / (n + z**2), 0.0)
    upper = np.where(x < n, (middle + half) / (n + z**2), 1.0)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)
