"""How often something happens at opportunities that end by chance.

At each opportunity a life first ends with a chance theta ~ Beta(g, d); while it lasts, the event
happens with a chance p ~ Beta(a, b) (Fader, Hardie and Shang 2010, eq. 8). With k events in the
first i opportunities binomial given p,

    P(k in m) = P(k in m | lasts) S_m + sum_{i=k}^{m-1} P(k in i | lasts) S_i g / (g + d + i)

and S_i = (d)_i / (g + d)_i. All terms are positive. Consecutive ones are rational multiples of each
other; from the 1025th on they are evaluated at few nodes. Beyond 2^60 they fall like a power of i,
to nine digits for parameters and counts up to 10^4, and its sum to infinity is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from custvalue._numerics.compression import compress_rows
from custvalue._numerics.long_sums import EVER, long_sum, rows_summed_together
from custvalue._numerics.rising import log_rising, log_rising_ratio
from custvalue._typing import FloatArray, Number

__all__ = ["beta_count_probability"]


def beta_count_probability(
    a: Number, b: Number, g: Number, d: Number, k: Number, m: Number
) -> FloatArray:
    """Return P(k events at the next m opportunities).

    Parameters
    ----------
    a, b : ndarray of shape (n_rows,)
        Beta parameters of the chance of an event.
    g, d : ndarray of shape (n_rows,)
        Beta parameters of the chance to end before an opportunity.
    k, m : ndarray of shape (n_rows,)
        Whole numbers of at least 0; m may be infinite.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted; equal rows are evaluated once.
    """
    more = np.minimum(np.asarray(m, dtype=float) - k, EVER)
    table = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (a, b, g, d, k, more)))
    rows = compress_rows(*(column.ravel() for column in table))
    given, later = np.stack(rows.columns[:-1])[:, :, None], rows.columns[-1]
    out, every = np.zeros_like(later), later == 0
    out[every] = _Sum(*given[:, every]).lasting(later[every])
    for these in rows_summed_together(later):
        out[these] = _Sum(*given[:, these]).value(later[these])
    return np.asarray(rows.expand(out).reshape(table[0].shape))


@dataclass(frozen=True, slots=True)
class _Sum:
    """The sum over i = k + j of some rows; arrays of shape (n_rows, 1)."""

    a: FloatArray
    b: FloatArray
    g: FloatArray
    d: FloatArray
    k: FloatArray

    def value(self, n_terms: FloatArray) -> FloatArray:
        """Return the probability of k events where n_terms = m - k, shape (n_rows,)."""
        total = long_sum(self._near, self._far, n_terms)
        if n_terms[0] < EVER:
            return np.asarray(self.lasting(n_terms) + total)
        falls = (self.a + self.g)[:, 0]
        return np.asarray(total + self._far(np.array([EVER]))[:, 0] * EVER / falls)

    def lasting(self, n_terms: FloatArray) -> FloatArray:
        """Return the part of it in which life lasts until m."""
        return np.asarray(np.exp(self._log_lasting(n_terms[:, None]))[:, 0])

    def _log_lasting(self, j: FloatArray) -> FloatArray:
        """Return log of P(k in k + j | lasts) S_{k + j}, for any j."""
        a, b, g, d, k = self.a, self.b, self.g, self.d, self.k
        first = log_rising_ratio(a, b, k) + log_rising_ratio(d, g, k)
        ways = log_rising(1 + j, k) - gammaln(1 + k)
        silent = log_rising(b + j, a + k) - log_rising(b, a + k)
        stays = log_rising(d + k + j, g) - log_rising(d + k, g)
        return np.asarray(ways - first - silent - stays)

    def _near(self, n: int) -> FloatArray:
        """Return the first n terms by their ratios; in logarithms: they may rise from 1e-400."""
        a, b, g, d, k = self.a, self.b, self.g, self.d, self.k
        j = np.arange(n - 1.0)
        ratio = (k + 1 + j) * (b + j) / ((1 + j) * (a + b + k + j))
        logs = np.empty((len(k), n))
        logs[:, :1] = -log_rising_ratio(a, b, k) - log_rising_ratio(d, g, k)
        logs[:, :1] += np.log(g) - np.log(g + d + k)
        logs[:, 1:] = np.log(ratio * (d + k + j) / (g + d + k + 1 + j))
        return np.exp(np.cumsum(logs, axis=1))

    def _far(self, j: FloatArray) -> FloatArray:
        """Return the terms at numbers j, also between whole ones."""
        ends = np.log(self.g) - np.log(self.g + self.d + self.k + j)
        return np.asarray(np.exp(self._log_lasting(j) + ends))
