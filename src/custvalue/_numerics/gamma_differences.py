"""Differences of log Gamma and its derivatives, to full relative accuracy however small they are.

The first difference of a function f is f(c + n) - f(c), its second f(c + e + m) - f(c + e) - f(c +
m) + f(c); f is log Gamma or one of its derivatives. Arguments are moved beyond 12, term by term of
the recurrence, where seven terms of Stirling's series are exact to double precision. Every term,
there and here, is a difference that has been worked out, so that nothing cancels. With A, B, C and
D the inverses of z, z + e, z + m and z + e + m, that of 1 / z is e m B C (A + D), for example.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, Number

__all__ = ["first_difference", "second_difference"]

_SHIFT = 12
_GROUP = 4
"""So many factors of a product are multiplied before its logarithm is taken: none overflows."""
_SERIES = np.array([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156])
_POWERS = np.arange(1.0, 14.0, 2.0)
_SLOPES = -_POWERS * _SERIES
_CURVATURES = _POWERS * (_POWERS + 1) * _SERIES


def first_difference(c: Number, n: Number, order: int) -> FloatArray:
    """Return f(c + n) - f(c), f being digamma for order 1 and trigamma for order 2.

    Parameters
    ----------
    c : ndarray of shape (n_rows,)
        Positive.
    n : ndarray of shape (n_rows,)
        At least 0, whole or not.
    order : {1, 2}

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    z, n = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (c, n)))
    total = np.zeros(z.shape)
    if (z < _SHIFT).any():
        for i in range(_SHIFT):
            total += _inverse_fall(z + i, n, order)
        z = z + _SHIFT
    return np.asarray(total + _first_by_series(z, n, order))


def second_difference(c: Number, e: Number, m: Number, order: int) -> FloatArray:
    """Return f(c + e + m) - f(c + e) - f(c + m) + f(c), f the derivative of log Gamma of an order.

    Of order 0 it is log of (c + e)_m / (c)_m, the ratio of two rising factorials.

    Parameters
    ----------
    c : ndarray of shape (n_rows,)
        Positive.
    e : ndarray of shape (n_rows,)
        Above -c, and not below -1.
    m : ndarray of shape (n_rows,)
        At least 0.
    order : {0, 1, 2}

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    z, e, m = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (c, e, m)))
    total = np.zeros(z.shape)
    if (z < _SHIFT).any():
        total = _moved_up(z, e, m) if order == 0 else _sum_moved_up(z, e, m, order)
        z = z + _SHIFT
    return np.asarray(total + _second_by_series(z, e, m, order))


def _inverse_fall(z: FloatArray, n: FloatArray, order: int) -> FloatArray:
    """Return 1/z - 1/(z + n), or 1/(z + n)^2 - 1/z^2."""
    near, far = 1 / z, 1 / (z + n)
    fall = n * near * far
    return np.asarray(fall if order == 1 else -fall * (near + far))


def _first_by_series(z: FloatArray, n: FloatArray, order: int) -> FloatArray:
    near, far = 1 / z, 1 / (z + n)
    fall = n * near * far
    square_fall = fall * (near + far)
    coefficients = _SLOPES if order == 1 else _CURVATURES
    value, change = np.full_like(near, coefficients[-1]), np.zeros_like(near)
    for coefficient in (*coefficients[-2::-1], 0.0):
        change = far * far * change - square_fall * value
        value = coefficient + near * near * value
    if order == 1:
        return np.asarray(np.log1p(n * near) + fall / 2 + change)
    return np.asarray(far * change - fall * (1 + value) - square_fall / 2)


@dataclass(frozen=True, slots=True)
class _Inverses:
    """1 / z at z, z + e, z + m and z + e + m, and the differences of them and of their squares.

    ``by_e`` and ``by_m`` are the falls from z, ``by_e_late`` that from z + m, ``by_m_late`` that
    from z + e; ``twice`` is the second difference. All are positive where e and m are.
    """

    start: FloatArray
    after_e: FloatArray
    after_m: FloatArray
    end: FloatArray
    by_e: FloatArray
    by_m: FloatArray
    by_e_late: FloatArray
    by_m_late: FloatArray
    twice: FloatArray

    @classmethod
    def of(cls, z: FloatArray, e: FloatArray, m: FloatArray) -> _Inverses:
        """Return them from their arguments."""
        start, after_e, after_m, end = 1 / z, 1 / (z + e), 1 / (z + m), 1 / (z + e + m)
        return cls(
            start=start,
            after_e=after_e,
            after_m=after_m,
            end=end,
            by_e=e * start * after_e,
            by_m=m * start * after_m,
            by_e_late=e * after_m * end,
            by_m_late=m * after_e * end,
            twice=(e * after_e) * (m * after_m) * (start + end),
        )

    def squared(self) -> _Inverses:
        """Return the same of 1 / z^2."""
        crossed = self.by_e * self.by_m_late + self.by_e_late * self.by_m
        return _Inverses(
            start=self.start * self.start,
            after_e=self.after_e * self.after_e,
            after_m=self.after_m * self.after_m,
            end=self.end * self.end,
            by_e=self.by_e * (self.start + self.after_e),
            by_m=self.by_m * (self.start + self.after_m),
            by_e_late=self.by_e_late * (self.after_m + self.end),
            by_m_late=self.by_m_late * (self.after_e + self.end),
            twice=self.twice * (self.start + self.end) + crossed,
        )


def _moved_up(z: FloatArray, e: FloatArray, m: FloatArray) -> FloatArray:
    """Return what log Gamma loses on the way: logs of (z + e)(z + m) / (z (z + e + m))."""
    total, both, either = np.zeros(z.shape), e * m, e + m
    for start in range(0, _SHIFT, _GROUP):
        grown = np.zeros(z.shape)
        for i in range(start, start + _GROUP):
            x = both / ((z + i) * (z + i + either))
            grown += x + grown * x
        total += np.log1p(grown)
    return total


def _sum_moved_up(z: FloatArray, e: FloatArray, m: FloatArray, order: int) -> FloatArray:
    """Return what digamma or trigamma loses on the way: the differences of 1 / z or 1 / z^2."""
    if order == 2:
        return np.asarray(sum(_Inverses.of(z + i, e, m).squared().twice for i in range(_SHIFT)))
    total, both, either = np.zeros(z.shape), e * m, e + m
    for i in range(_SHIFT):
        v = (z + i) * (z + i + either)
        total -= (2 * (z + i) + either) / v * (both / (v + both))
    return total


def _second_by_series(z: FloatArray, e: FloatArray, m: FloatArray, order: int) -> FloatArray:
    inverses = _Inverses.of(z, e, m)
    squares = inverses.squared()
    if order == 0:
        main, of_log = _of_z_log_z(z, e, m)
        return main - of_log / 2 + _twice_of_series(inverses, squares, _SERIES)
    if order == 1:
        of_log = _of_z_log_z(z, e, m)[1]
        return of_log - inverses.twice / 2 + _twice_of_series(None, squares, (0.0, *_SLOPES))
    rest = _twice_of_series(inverses, squares, (0.0, *_CURVATURES))
    return inverses.twice + squares.twice / 2 + rest


def _of_z_log_z(z: FloatArray, e: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the second differences of z log z and of log z.

    With p and q the larger and the smaller step in units of z the first is z times q log(1 + p) +
    p log(1 + q) + (1 + p + q) log(1 - r), r = p q / ((1 + p)(1 + q)), of which a third is left for
    small p. For large p it is rearranged.
    """
    larger, smaller = np.maximum(e, m) / z, np.minimum(e, m) / z
    r = larger / (1 + larger) * (smaller / (1 + smaller))
    log_p, log_q, log_late = (np.log1p(v) for v in (larger, smaller, smaller / (1 + larger)))
    of_log = np.where(r < 0.5, np.log1p(-np.minimum(r, 0.5)), log_late - log_q)
    all_of_it = 1 + larger + smaller
    rest = np.where(
        larger <= 1,
        larger * log_q + all_of_it * of_log,
        all_of_it * log_late - (1 + smaller) * log_q,
    )
    return z * (smaller * log_p + rest), of_log


def _twice_of_series(
    factor: _Inverses | None, s: _Inverses, coefficients: FloatArray | tuple[float, ...]
) -> FloatArray:
    """Return the second difference of a polynomial of s = 1 / z^2, times 1 / z or not.

    Horner's rule by the product rule of differences.
    """
    value = np.full_like(s.start, coefficients[-1])
    by_e, by_m, twice = (np.zeros_like(value) for _ in range(3))
    for coefficient in coefficients[-2::-1]:
        twice = _product_twice(s, value, by_e, by_m, twice)
        by_e = s.after_e * by_e - s.by_e * value
        by_m = s.after_m * by_m - s.by_m * value
        value = coefficient + s.start * value
    return twice if factor is None else _product_twice(factor, value, by_e, by_m, twice)


def _product_twice(
    f: _Inverses, value: FloatArray, by_e: FloatArray, by_m: FloatArray, twice: FloatArray
) -> FloatArray:
    """Return the second difference of f times g, g given by its value, rises and second."""
    crossed = f.by_m_late * by_e + f.by_e_late * by_m
    return np.asarray(f.end * twice - crossed + f.twice * value)
