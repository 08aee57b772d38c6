"""Lives of whole numbers of periods that end more or less readily with age: beta-discrete-Weibull.

A customer survives t periods with probability (1 - theta)^(t^c), theta ~ Beta(a, b) (Fader, Hardie,
Liu, Davin & Steenburgh 2018). So S(t) = B(a, b + t^c) / B(a, b), a ratio of rising factorials, and
after s periods lived through theta is Beta(a, b + s^c): the hazard -log(S(s + k) / S(s)) is log of
(w + a)_m / (w)_m with w = b + s^c and m = (s + k)^c - s^c. Powers are never subtracted: m comes
from expm1. Beyond 1e100 powers are not formed either: there the hazard is a times the logarithm of
the larger power, to a hundred digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma

from custvalue._numerics.gamma_differences import first_difference, second_difference
from custvalue._typing import FloatArray, Number

__all__ = ["hazard", "hazard_with_gradient", "hazard_with_hessian"]

_LOG_LARGEST = 230.0
"""Powers are formed up to exp(230) = 1e100."""


def hazard(a: Number, b: Number, c: Number, start: Number, ahead: Number) -> FloatArray:
    """Return -log P(to live through `ahead` more periods), having lived through `start`.

    Parameters
    ----------
    a, b, c : ndarray of shape (n_rows,)
        Positive.
    start, ahead : ndarray of shape (n_rows,)
        At least 0 and finite, whole or not.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    growth = _Growth.of(c, start, ahead)
    return np.asarray(second_difference(b + growth.begun, a, growth.step, 0) + a * growth.beyond)


def hazard_with_gradient(
    a: Number, b: Number, c: Number, start: FloatArray, ahead: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the hazard and its gradient in (a, b, c), shapes (n_rows,) and (n_rows, 3).

    Parameters are those of `hazard`, of shape (n_rows,) or numbers.
    """
    growth = _Growth.of(c, start, ahead)
    w, m = b + growth.begun, growth.step
    by_w = second_difference(w, a, m, 1)
    gradient = np.empty((*m.shape, 3), order="F")
    gradient[..., 0] = first_difference(w + a, m, 1) + growth.beyond
    gradient[..., 1] = by_w
    by_m = first_difference(w + m, a, 1)
    gradient[..., 2] = by_w * growth.begun_by_c + by_m * growth.step_by_c + a * growth.beyond_by_c
    return np.asarray(second_difference(w, a, m, 0) + a * growth.beyond), gradient


def hazard_with_hessian(
    a: Number, b: Number, c: Number, start: FloatArray, ahead: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the hazard, its gradient and its second derivatives, shape (n_rows, 3, 3).

    Parameters are those of `hazard_with_gradient`.
    """
    values, gradient = hazard_with_gradient(a, b, c, start, ahead)
    growth = _Growth.of(c, start, ahead)
    w, m, w_c, m_c = b + growth.begun, growth.step, growth.begun_by_c, growth.step_by_c
    # By a alone, by a and w; by m alone, by m and w: the same differences of trigamma.
    of_a, of_m = first_difference(w + a, m, 2), first_difference(w + m, a, 2)
    of_w = second_difference(w, a, m, 2)
    hessian = np.empty((*m.shape, 3, 3))
    hessian[..., 0, 0] = hessian[..., 0, 1] = hessian[..., 1, 0] = of_a
    hessian[..., 1, 1] = of_w
    by_a_c = of_a * w_c + polygamma(1, w + a + m) * m_c + growth.beyond_by_c
    hessian[..., 0, 2] = hessian[..., 2, 0] = by_a_c
    hessian[..., 1, 2] = hessian[..., 2, 1] = of_w * w_c + of_m * m_c
    squares = of_w * w_c**2 + of_m * m_c * (2 * w_c + m_c)
    bends = gradient[..., 1] * growth.begun_by_cc
    hessian[..., 2, 2] = squares + bends + first_difference(w + m, a, 1) * growth.step_by_cc
    return values, gradient, hessian


@dataclass(frozen=True, slots=True)
class _Growth:
    """The power s^c that a life has begun with, what k more periods add to it, derivatives in c.

    Attributes
    ----------
    begun, begun_by_c, begun_by_cc : ndarray of shape (n_rows,)
        s^c.
    step, step_by_c, step_by_cc : ndarray of shape (n_rows,)
        (s + k)^c - s^c, as far as powers are formed.
    beyond, beyond_by_c : ndarray of shape (n_rows,)
        By how much the logarithm of the power grows where it is not formed.
    """

    begun: FloatArray
    begun_by_c: FloatArray
    begun_by_cc: FloatArray
    step: FloatArray
    step_by_c: FloatArray
    step_by_cc: FloatArray
    beyond: FloatArray
    beyond_by_c: FloatArray

    @classmethod
    def of(cls, c: Number, start: Number, ahead: Number) -> _Growth:
        """Return the growth of every row."""
        rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (c, start, ahead)))
        c, start, ahead = rows
        started = start > 0
        log_s = np.log(np.where(started, start, 1.0))
        log_end = np.log(np.where(start + ahead > 0, start + ahead, 1.0))
        longer = np.log1p(ahead / np.where(started, start, np.inf))
        capped = c * log_end > _LOG_LARGEST
        far = capped & (c * log_s > _LOG_LARGEST / 2)
        begun = np.where(started & ~far, start ** np.where(far, 0.0, c), 0.0)
        formed = np.where(capped, 0.0, c)
        step = np.where(started, begun * np.expm1(formed * longer), ahead**formed)
        step = np.where(capped, np.where(far, 0.0, np.exp(_LOG_LARGEST) - begun), step)
        slope, bend = begun * log_s, begun * log_s**2
        late = begun * longer
        beyond_by_c = np.where(capped, np.where(far, longer, log_end), 0.0)
        return cls(
            begun=begun,
            begun_by_c=slope,
            begun_by_cc=bend,
            step=step,
            step_by_c=np.where(capped, -slope, step * log_end + late),
            step_by_cc=np.where(capped, -bend, step * log_end**2 + late * (log_end + log_s)),
            beyond=c * beyond_by_c - np.where(capped & ~far, _LOG_LARGEST, 0.0),
            beyond_by_c=beyond_by_c,
        )
