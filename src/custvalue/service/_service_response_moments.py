"""Sums over rows from which broken lines are fitted, whatever the number of rows.

Columns of the design, for knots tau_1 < ... < tau_m: 1, x, the hinges (x - tau_j)+, and the jumps
1(x > tau_j), which are minus the derivatives of the hinges in tau_j. Between two knots all are
linear in x, so that sums of 1, x and x^2 between the knots give every product of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["Grid", "design", "make_grid", "products", "sums"]

_LEAST_LEVELS = 3
"""Different levels in a stage, both ends counted: two do not tell a line from a kink."""
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Grid:
    """Places where the slope may change.

    Attributes
    ----------
    knots : ndarray of shape (m,)
        In rising order.
    share : ndarray of shape (m,)
        Share of the rows below each, those at it counted by half.
    up_to, below : ndarray of int of shape (m,)
        Number of different levels up to each knot, and below it.
    n_levels : int
        Number of different levels.
    """

    knots: FloatArray
    share: FloatArray
    up_to: IntArray
    below: IntArray
    n_levels: int

    def feasible(self, others: IntArray, min_share: float) -> IntArray:
        """Return the places of knots that leave enough rows and levels beside other knots.

        Parameters
        ----------
        others : ndarray of int of shape (k,)
            Places of the other knots, in rising order.
        min_share : float
            Share of the rows that each stage must have.

        Returns
        -------
        ndarray of int
        """
        slot = np.searchsorted(self.knots[others], self.knots)
        share = np.concatenate([[0.0], self.share[others], [1.0]])
        before = np.concatenate([[0], self.below[others]])
        after = np.concatenate([self.up_to[others], [self.n_levels]])
        rows = np.minimum(self.share - share[slot], share[slot + 1] - self.share)
        levels = np.minimum(self.up_to - before[slot], after[slot] - self.below)
        return np.flatnonzero((rows >= min_share - _SLACK) & (levels >= _LEAST_LEVELS))


def make_grid(x: FloatArray, knots: FloatArray) -> Grid:
    """Return a grid with what is to the left of each knot.

    Parameters
    ----------
    x : ndarray of shape (n_rows,)
        Sorted.
    knots : ndarray of shape (m,)

    Returns
    -------
    Grid

    Examples
    --------
    >>> import numpy as np
    >>> make_grid(np.array([0.0, 0.5, 0.5, 1.0]), np.array([0.5])).share
    array([0.5])
    """
    knots = np.unique(knots)
    levels = np.unique(x)
    left, right = np.searchsorted(x, knots, "left"), np.searchsorted(x, knots, "right")
    return Grid(
        knots,
        (left + right) / (2 * len(x)),
        np.searchsorted(levels, knots, "right"),
        np.searchsorted(levels, knots, "left"),
        len(levels),
    )


def products(x: FloatArray, weights: FloatArray | None, knots: FloatArray) -> FloatArray:
    """Return the weighted products of all columns, summed over the rows.

    Parameters
    ----------
    x : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None
        None weighs every row 1.
    knots : ndarray of shape (m,)
        In rising order.

    Returns
    -------
    ndarray of shape (2 + 2 m, 2 + 2 m)
        In the order of the columns: 1, x, hinges, jumps.

    Examples
    --------
    >>> import numpy as np
    >>> x, knots = np.array([0.0, 0.3, 0.6, 1.0]), np.array([0.5])
    >>> X = design(x, knots)
    >>> bool(np.allclose(products(x, None, knots), X.T @ X))
    True
    """
    w = np.ones(len(x)) if weights is None else weights
    s0, s1, s2 = (_above(x, w * x**power, knots) for power in range(3))
    totals = [float((w * x**power).sum()) for power in range(3)]
    m = len(knots)
    later = np.maximum.outer(np.arange(m), np.arange(m))
    row, column = knots[:, None], knots[None, :]
    out = np.empty((2 + 2 * m, 2 + 2 * m))
    out[:2, :2] = [[totals[0], totals[1]], [totals[1], totals[2]]]
    out[0, 2 : 2 + m], out[0, 2 + m :] = s1 - knots * s0, s0
    out[1, 2 : 2 + m], out[1, 2 + m :] = s2 - knots * s1, s1
    out[2 : 2 + m, 2 : 2 + m] = s2[later] - (row + column) * s1[later] + row * column * s0[later]
    out[2 : 2 + m, 2 + m :] = s1[later] - row * s0[later]
    out[2 + m :, 2 + m :] = s0[later]
    below = np.tril_indices_from(out, -1)
    out[below] = out.T[below]
    return out


def sums(x: FloatArray, y: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the products of all columns with y, summed over the rows.

    Parameters
    ----------
    x, y : ndarray of shape (n_rows,)
    knots : ndarray of shape (m,)

    Returns
    -------
    ndarray of shape (2 + 2 m,)
    """
    s0, s1 = _above(x, y, knots), _above(x, x * y, knots)
    return np.concatenate([[y.sum(), (x * y).sum()], s1 - knots * s0, s0])


def design(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the columns themselves, for a few knots.

    Parameters
    ----------
    x : ndarray of shape (n_rows,)
    knots : ndarray of shape (m,)

    Returns
    -------
    ndarray of shape (n_rows, 2 + 2 m)
    """
    over = x[:, None] - knots
    return np.column_stack([np.ones_like(x), x, np.maximum(over, 0.0), (over > 0).astype(float)])


def _above(x: FloatArray, values: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the sum of the values of the rows above each knot."""
    cells = np.searchsorted(knots, x, side="left")
    parts = np.bincount(cells, weights=values, minlength=len(knots) + 1)
    return np.asarray(np.cumsum(parts[::-1])[::-1][1:])
