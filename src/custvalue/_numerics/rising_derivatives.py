"""Logarithms of rising factorials of whole length and their derivatives, to full accuracy.

(a)_n = a (a + 1) ... (a + n - 1). The first factors are multiplied as they stand; the others come
from the difference of two Stirling series, whose large terms are subtracted before they are
evaluated. So nothing is lost for large a, and no function slower than a logarithm is called.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, Number

__all__ = ["log_rising", "rising_derivatives"]

_FACTORS = 16
"""From 16 on six terms of Stirling's series are good to 1e-17."""
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def log_rising(a: Number, n: Number) -> FloatArray:
    """Return log (a)_n.

    Parameters
    ----------
    a : float or ndarray of shape (n_rows,)
        Positive.
    n : float or ndarray of shape (n_rows,)
        Whole numbers, at least 0; quickest in ascending order.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    return np.asarray(rising_derivatives(a, n, 0)[0])


def rising_derivatives(a: Number, n: Number, most: int) -> FloatArray:
    """Return log (a)_n and its first derivatives in a.

    Parameters
    ----------
    a : float or ndarray of shape (n_rows,)
        Positive.
    n : float or ndarray of shape (n_rows,)
        Whole numbers, at least 0; quickest in ascending order.
    most : {0, 1, 2}
        How many derivatives are wanted.

    Returns
    -------
    ndarray of shape (most + 1, n_rows)
    """
    a, n = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(n, dtype=float))
    shape = n.shape
    a, n = a.ravel(), n.ravel()
    if (n[1:] >= n[:-1]).all():
        return _in_order(a, n, most).reshape(most + 1, *shape)
    order = np.argsort(n, kind="stable")
    out = np.empty((most + 1, len(n)))
    out[:, order] = _in_order(a[order], n[order], most)
    return out.reshape(most + 1, *shape)


def _in_order(a: FloatArray, n: FloatArray, most: int) -> FloatArray:
    """Return the logarithm and its derivatives for rows in the order of n."""
    out, product = np.zeros((most + 1, len(a))), np.ones_like(a)
    for j, start in enumerate(np.searchsorted(n, np.arange(_FACTORS), side="right")):
        if start == len(n):
            break
        factor = a[start:] + j
        product[start:] *= factor
        if most:
            inverse = 1 / factor
            out[1, start:] += inverse
        if most > 1:
            out[2, start:] -= inverse * inverse
    np.log(product, out=out[0])
    many = int(np.searchsorted(n, _FACTORS, side="right"))
    if many < len(n):
        out[:, many:] += _stirling(a[many:] + _FACTORS, n[many:] - _FACTORS, most)
    return out


def _stirling(a: FloatArray, n: FloatArray, most: int) -> FloatArray:
    """Return log (a)_n and its derivatives for a of at least 16."""
    end, grown = a + n, np.log1p(n / a)
    shorter = 1 / end - 1 / a
    out = np.empty((most + 1, len(a)))
    out[0] = n * (np.log(a) - 1) + (end - 0.5) * grown + _correction(end, 0) - _correction(a, 0)
    if most > 0:
        out[1] = grown - 0.5 * shorter + _correction(end, 1) - _correction(a, 1)
    if most > 1:
        longer = (1 / end + 1 / a) * shorter
        out[2] = shorter + 0.5 * longer + _correction(end, 2) - _correction(a, 2)
    return out


def _correction(z: FloatArray, derivative: int) -> FloatArray:
    """Return the sum of c_i / z^(2 i - 1), i = 1 to 6, or one of its derivatives."""
    power = np.arange(1, 2 * len(_SERIES), 2)
    coefficients = np.array(_SERIES)
    for order in range(derivative):
        coefficients = coefficients * -(power + order)
    inverse = 1 / z
    square = inverse * inverse
    total = np.full_like(z, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= square
        total += coefficient
    return np.asarray(total * inverse ** (1 + derivative))
