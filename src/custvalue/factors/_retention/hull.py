"""The Hull method (Lorenzo-Seva, Timmerman and Kiers 2011): where fit stops to be worth its price.

Models of k = 0, 1, ..., J factors are points: degrees of freedom across, fit upwards. Those that
fit worse than a simpler one are left out, then all that lie on or below a line between two others.
Of what remains, the model with the sharpest bend is chosen, that is with the largest ::

    st_i = (f_i - f_(i-1)) / (df_(i-1) - df_i)  /  ((f_(i+1) - f_i) / (df_i - df_(i+1)))

(their equation 5). It is infinite where the fit gains nothing more. J is one more than parallel
analysis finds, and at least 3.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["hull_number", "hull_points"]


def hull_points(fit: FloatArray, degrees_of_freedom: FloatArray) -> IntArray:
    """Return which models lie on the hull.

    Parameters
    ----------
    fit : ndarray of shape (n_models,)
        The larger the better.
    degrees_of_freedom : ndarray of shape (n_models,)
        Falling.

    Returns
    -------
    ndarray of int
        Positions, rising.
    """
    best_before = np.maximum.accumulate(np.concatenate([[-np.inf], fit[:-1]]))
    kept: list[int] = []
    for model in np.flatnonzero(fit >= best_before).tolist():
        while len(kept) > 1 and _no_higher(kept[-2], kept[-1], model, fit, degrees_of_freedom):
            kept.pop()
        kept.append(model)
    return np.array(kept, dtype=np.int64)


def hull_number(fit: FloatArray, degrees_of_freedom: FloatArray) -> int:
    """Return the position of the model that the Hull method chooses.

    Parameters
    ----------
    fit, degrees_of_freedom : ndarray of shape (n_models,)
        As in `hull_points`.

    Returns
    -------
    int
        Where fewer than three models lie on the hull there is no bend: the simplest of those that
        fit best.
    """
    points = hull_points(fit, degrees_of_freedom)
    if len(points) < 3:
        return int(np.argmax(fit))
    slopes = np.diff(fit[points]) / -np.diff(degrees_of_freedom[points])
    with np.errstate(divide="ignore"):
        bends = slopes[:-1] / slopes[1:]
    return int(points[1 + np.argmax(bends)])


def _no_higher(first: int, middle: int, last: int, fit: FloatArray, df: FloatArray) -> bool:
    """Return whether the middle model lies on or below the line between the others."""
    share = (df[first] - df[middle]) / (df[first] - df[last])
    return bool(fit[middle] <= fit[first] + share * (fit[last] - fit[first]))
