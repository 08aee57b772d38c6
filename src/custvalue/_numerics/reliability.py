"""How reliably the sum of some items measures what they have in common."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["cronbach_alpha"]


def cronbach_alpha(covariance: FloatArray) -> float:
    """Return coefficient alpha of the sum of p items (Cronbach 1951, Psychometrika 16, 297-334).

    With S the sum of all elements of the covariances and t their trace ::

        alpha = p / (p - 1) (1 - t / S)

    Parameters
    ----------
    covariance : ndarray of shape (p, p)

    Returns
    -------
    float
        NaN for fewer than two items, and where the sum of the items does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> round(cronbach_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    p, variance = len(covariance), float(covariance.sum())
    if p < 2 or variance <= 0:
        return float("nan")
    return float(p / (p - 1) * (1 - np.trace(covariance) / variance))
