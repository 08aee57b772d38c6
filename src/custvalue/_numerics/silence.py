"""What the silence after the last purchase says: still there, or gone.

Opportunities come one by one. At each a customer first leaves with a chance theta ~ Beta(g, d) and
then, still there, buys with a chance p ~ Beta(a, b). After x purchases, the last at opportunity
t_x, the next opportunity k + 1 is passed in silence with probability r_k, and left before with h_k,

    r_k = (b + k - x) (d + k) / ((a + b + k) (g + d + k)),   h_k = g / (g + d + k).

The silence from t_x to n is that of a customer who is still there, W, or has left, V:

    W_k = r_k W_{k+1},   V_k = h_k + r_k V_{k+1},   W_n = 1, V_n = 0.

Everything is positive and at most 1, and V_k + W_k at least h_k: nothing cancels or overflows. What
is summed depends on x, n and the parameters, and t_x is where the sum is read: rows that have those
in common share one lane of the recurrence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray, IntArray, Number

__all__ = ["silence", "silence_with_slopes"]

Parameters = tuple[Number, Number, Number, Number]


def silence(
    parameters: Parameters, x: FloatArray, t_x: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities of the silence with the customer gone, and still there.

    Parameters
    ----------
    parameters : tuple of four numbers or ndarrays of shape (n_rows,)
        a, b, g, d.
    x, t_x, n : ndarray of shape (n_rows,)
        Whole numbers, x <= t_x <= n.

    Returns
    -------
    left, alive : ndarray of shape (n_rows,)
        V and W.
    """
    left, alive = _walk(parameters, x, t_x, n, _advance, 2)
    return left, alive


def silence_with_slopes(
    parameters: Parameters, x: FloatArray, t_x: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return V and W as `silence` does, and how log(V + W) depends on the parameters.

    Parameters are those of `silence`.

    Returns
    -------
    left, alive : ndarray of shape (n_rows,)
    slopes : ndarray of shape (4, n_rows)
        The expected sums over the opportunities k that were reached of 1 / (a + b + k),
        1 / (b + k - x), 1 / (g + d + k) and 1 / (d + k), the third with the opportunity before
        which the customer left.
    """
    left, alive, *slopes = _walk(parameters, x, t_x, n, _advance_with_slopes, 6)
    return left, alive, np.stack(slopes)


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Lanes in the order of falling length; ``of_row`` says which is whose."""

    of_row: IntArray
    lengths: IntArray
    x: FloatArray
    n: FloatArray
    ab: FloatArray
    b: FloatArray
    gd: FloatArray
    d: FloatArray
    g: FloatArray

    def one_in(self, m: int, step: int) -> list[FloatArray]:
        """Return the four denominators' inverses of the first m lanes at k = n - step.

        Whole numbers are subtracted first: that keeps the digits of small parameters.
        """
        k = self.n[:m] - step
        denominators = self.ab[:m] + k, self.b[:m] + (k - self.x[:m]), self.gd[:m] + k
        return [1 / value for value in (*denominators, self.d[:m] + k)]


Advance = Callable[[FloatArray, _Lanes, int], None]


def _walk(
    parameters: Parameters,
    x: FloatArray,
    t_x: FloatArray,
    n: FloatArray,
    advance: Advance,
    n_states: int,
) -> FloatArray:
    """Go back from n opportunity by opportunity, and read each row's state at its t_x."""
    silent = (n - t_x).astype(np.int64)
    lanes = _lanes(parameters, x, n, silent)
    steps = np.arange(int(silent.max(initial=0)) + 2)
    rows = np.argsort(silent, kind="stable")
    ends = np.searchsorted(silent[rows], steps)
    going = np.searchsorted(-lanes.lengths, -steps, side="right")
    state = np.zeros((n_states, len(lanes.lengths)))
    state[1] = 1.0
    out = np.zeros((n_states, len(x)))
    out[1, rows[: ends[1]]] = 1.0
    for step in steps[1:-1]:
        advance(state[:, : going[step]], lanes, int(step))
        here = rows[ends[step] : ends[step + 1]]
        if len(here):
            out[:, here] = state[:, lanes.of_row[here]]
    return out


def _lanes(parameters: Parameters, x: FloatArray, n: FloatArray, silent: IntArray) -> _Lanes:
    """Give rows of one x and n one lane where the parameters are those of all rows."""
    of_row = None
    if not any(np.ndim(value) for value in parameters):
        pairs = compress_rows(x, n)
        (x, n), of_row = pairs.columns, pairs.inverse
    of_row = np.arange(len(x)) if of_row is None else of_row
    lengths = np.zeros(len(x), dtype=np.int64)
    np.maximum.at(lengths, of_row, silent)
    order = np.argsort(-lengths, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    a, b, g, d = parameters
    columns = [
        np.broadcast_to(np.asarray(value, dtype=float), x.shape)[order]
        for value in (x, n, a + b, b, g + d, d, g)
    ]
    return _Lanes(place[of_row], lengths[order], *columns)


def _advance(state: FloatArray, lanes: _Lanes, step: int) -> None:
    """Take V and W from k + 1 to k = n - step."""
    m = state.shape[1]
    left, alive = state
    bought_or_not, not_bought, left_or_not, not_left = lanes.one_in(m, step)
    passed = bought_or_not * left_or_not / (not_bought * not_left)
    left *= passed
    left += lanes.g[:m] * left_or_not
    alive *= passed


def _advance_with_slopes(state: FloatArray, lanes: _Lanes, step: int) -> None:
    """Take V, W and the four slopes from k + 1 to k = n - step."""
    m = state.shape[1]
    left, alive, *slopes = state
    one_in = lanes.one_in(m, step)
    passed = one_in[0] * one_in[2] / (one_in[1] * one_in[3])
    reached = passed * (left + alive)
    left *= passed
    left += lanes.g[:m] * one_in[2]
    alive *= passed
    reached /= left + alive
    for i in (0, 1, 3):
        slopes[i] += one_in[i]
        slopes[i] *= reached
    slopes[2] *= reached
    slopes[2] += one_in[2]
