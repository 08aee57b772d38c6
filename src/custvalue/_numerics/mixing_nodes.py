"""Trapezoidal rules for expectations over Gamma and Beta variables, one rule per row.

Over the logarithm of a Gamma and the log-odds of a Beta variable the densities are analytic near
the real line and fall exponentially: the rule converges geometrically. Where the function is
constant beyond an end, the sum beyond it is a geometric series, and is added in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["NodeRange", "beta_nodes", "beta_range", "gamma_nodes", "gamma_range"]

_LOG_NEGLIGIBLE = 38.0
"""exp(-38) = 3e-17."""
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class NodeRange:
    """Where the nodes of every row lie, and how many resolve the density there."""

    low: FloatArray
    high: FloatArray
    n_nodes: FloatArray

    def take(self, rows: IntArray) -> NodeRange:
        """Return the ranges of some rows."""
        return NodeRange(self.low[rows], self.high[rows], self.n_nodes[rows])

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return nodes, shape (n_rows, most nodes of a row), and the step of every row."""
        n_nodes = int(self.n_nodes.max())
        step = (self.high - self.low) / (n_nodes - 1)
        return self.low[:, None] + step[:, None] * np.arange(n_nodes), step


def beta_range(a: FloatArray, b: FloatArray, bend: FloatArray, most: FloatArray) -> NodeRange:
    """Return where u = logit p matters, p ~ Beta(a, b), for a function of p.

    The weight p^a (1 - p)^b is largest at log(a / b), with curvature a b / (a + b), and falls like
    exp(a u) to the left, exp(-b u) to the right.

    Parameters
    ----------
    a, b : ndarray of shape (n_rows,)
    bend : ndarray of shape (n_rows,)
        At most 0. The function of p is constant where u is far below this.
    most : ndarray of shape (n_rows,)
        The logarithm of the function changes by most (1 - p) near p = 1, at least 1.

    Returns
    -------
    NodeRange
    """
    mode = np.log(a) - np.log(b)
    spread = np.sqrt(1 / a + 1 / b)
    left = np.minimum(mode, bend) - np.maximum(_LOG_NEGLIGIBLE / a, 9 * spread)
    plateau = bend - np.log(np.maximum(b, 1.0)) - _LOG_NEGLIGIBLE
    right = mode + np.maximum(_LOG_NEGLIGIBLE / b, 9 * spread)
    flat = np.log(np.maximum(a, 1.0)) + np.log(most) + _LOG_NEGLIGIBLE
    low, high = np.maximum(left, plateau), np.minimum(right, flat)
    return NodeRange(low, high, np.ceil((high - low) / np.minimum(0.25, 0.5 * spread)) + 1)


def beta_nodes(
    a: FloatArray, b: FloatArray, where: NodeRange
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log p, log(1 - p) and weights that add up to 1, each of shape (n_rows, n_nodes)."""
    u, step = where.nodes()
    log_p, log_rest = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    log_weight = a[:, None] * log_p + b[:, None] * log_rest
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight[:, 0] *= _tail(a * step)
    weight[:, -1] *= _tail(b * step)
    return log_p, log_rest, weight / weight.sum(axis=1, keepdims=True)


def gamma_range(
    shape: FloatArray, bend: FloatArray, *, falls: float = 1.0, step: float = 0.2
) -> NodeRange:
    """Return where y = log g matters, g ~ Gamma(shape, 1), for a function that falls with g.

    The weight is exp(shape y - exp(y)), largest at log(shape). A distance d below it the weight
    has fallen by exp(-shape (d - 1 + exp(-d))).

    Parameters
    ----------
    shape : ndarray of shape (n_rows,)
        Larger than ``falls``.
    bend : ndarray of shape (n_rows,)
        The function is constant where y is far below this.
    falls : float
        The function falls no faster than g to minus this power.
    step : float
        Largest distance of nodes in y.

    Returns
    -------
    NodeRange
    """
    mode, spread, enough = np.log(shape), 1 / np.sqrt(shape), _LOG_NEGLIGIBLE + falls
    with np.errstate(divide="ignore"):
        below = np.where(
            shape > 3 * enough, np.sqrt(3 * enough) * spread, 1 + enough / (shape - falls)
        )
    above = np.log1p(_LOG_NEGLIGIBLE / shape + 9 * spread)
    low = np.maximum(mode - below, np.minimum(bend, 0.0) - _LOG_NEGLIGIBLE)
    high = mode + above
    return NodeRange(low, high, np.ceil((high - low) / np.minimum(step, 0.65 * spread)) + 1)


def gamma_nodes(shape: FloatArray, where: NodeRange) -> tuple[FloatArray, FloatArray]:
    """Return nodes g and weights that add up to 1, both of shape (n_rows, n_nodes)."""
    y, step = where.nodes()
    g = np.exp(y)
    log_weight = shape[:, None] * y - g
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight[:, 0] *= _tail(shape * step)
    return g, weight / weight.sum(axis=1, keepdims=True)


def _tail(decay: FloatArray) -> FloatArray:
    """Return 1 + the sum of exp(-i decay), i from 1 to infinity."""
    return np.asarray(1 + 1 / np.expm1(np.minimum(decay, _LARGEST_EXPONENT)))
