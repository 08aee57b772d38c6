"""Integrals of positive functions, one per row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import tanhsinh

from custvalue._typing import FloatArray

__all__ = ["integrate_rows"]


def integrate_rows(
    function: Callable[..., FloatArray],
    upper: FloatArray,
    columns: tuple[FloatArray, ...],
    *,
    rtol: float = 1e-9,
) -> FloatArray:
    """Integrate ``function(u, *columns)`` over u from 0 to ``upper`` for every row.

    Parameters
    ----------
    function : callable
        Takes u and the columns, all of one shape, and gives values of that shape.
    upper : ndarray of shape (n_rows,)
        Finite upper ends.
    columns : tuple of ndarray of shape (n_rows,)
    rtol : float
        A row is finished when halving the step of the tanh-sinh rule changes it by less. The error
        after the halving is about the square of the change.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ArithmeticError
        If a row is not integrated to that accuracy.
    """
    zero = np.zeros_like(upper)
    result = tanhsinh(function, zero, upper, args=columns, rtol=rtol, atol=1e-300, maxlevel=10)
    if not np.all(result.success):
        first = int(np.argmin(result.success))
        raise ArithmeticError(
            f"the integral must reach a relative accuracy of {rtol}; row {first} has value "
            f"{result.integral[first]} and error {result.error[first]}"
        )
    return np.asarray(result.integral)
