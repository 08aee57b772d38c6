"""The likelihood of the beta-geometric models, its gradient and its Hessian, by row and in sums.

Every k-th event ("stage") of a Poisson process is a purchase, k = 1 in the plain models. With
m = r + k x, d chances to leave that were passed (x for BG/NBD, x + 1 for MBG/NBD), Q the factor of
the silence since the last purchase (1 for k = 1) and E the odds that the customer is alive, the
likelihood of a history is (1 + 1 / E) times that of one alive at T::

    alive = (r)_(k x) alpha^r (alpha + T)^-m (b)_d / (a + b)_d Q
    E     = (b + d - 1) / a ((alpha + t_x) / (alpha + T))^m Q        for d > 0

What depends on x alone is evaluated once per count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np

from custvalue._likelihood.links import Link, ScaleLink, ShareLink
from custvalue._numerics.counts import on_counts
from custvalue._numerics.rising_derivatives import rising_derivatives
from custvalue._typing import BoolArray, FloatArray, Number
from custvalue.lifetime._beta_geo_sums import rows_with

__all__ = ["BetaGeoLikelihood"]

Rows = slice | BoolArray
_LARGEST_TABLE = 2.0**14


@dataclass(frozen=True, slots=True)
class BetaGeoLikelihood:
    """Stages at a rate ~ Gamma(r, alpha), dropout at each chance ~ Beta(a, b); floats or arrays."""

    r: Number
    alpha: Number
    a: Number
    b: Number

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ("alpha",)
    inverse_time_scaled: ClassVar[tuple[str, ...]] = ()
    links: ClassVar[dict[str, Link]] = {
        "purchase": ScaleLink("alpha"),
        "dropout": ShareLink("a", "b"),
    }
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "r": ("purchase rates differ without bound", "Poisson: one purchase rate for everybody"),
        "alpha": ("purchases without end", "Poisson: one purchase rate for everybody"),
        "a": ("NBD: nobody ever leaves", "geometric: one dropout probability for everybody"),
        "b": ("everybody leaves at the first chance", "NBD: nobody ever leaves"),
    }
    chances_before_repeat: ClassVar[int] = 0
    """How often a customer may leave before the first repeat purchase."""
    regularity: ClassVar[int] = 1
    """Gaps are Erlang-k: every k-th event of a Poisson process is a purchase."""

    @classmethod
    def _units(cls, T: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the natural size of each parameter, shape (4,): the mean time for alpha."""
        return np.array([1.0, float(weights @ T) / float(weights.sum()), 1.0, 1.0])

    @classmethod
    def _starts(cls, stages: FloatArray, T: FloatArray, weights: FloatArray) -> FloatArray:
        """Return starting values, shape (n_starts, 4), from the mean rate of stages."""
        rate = float(weights @ stages) / float(weights @ T)
        shapes = [(0.5, 1.0, 2.5), (1.5, 0.5, 5.0)]
        return np.array([[r, r / rate, a, b] for r, a, b in shapes])

    def _values(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return the log-likelihood of every row: log(alive + left at the last chance)."""
        values = self._of_count(x, 0)[0] - self._shape(x) * np.log1p(T / self.alpha)
        if self.regularity > 1:
            values += self._silence(x, t_x, T, 0)[0]
        risk = self._at_risk(x)
        values[risk] += np.logaddexp(0, -self._rows(risk)._log_odds(x[risk], t_x[risk], T[risk]))
        return np.asarray(values)

    def _by_row(
        self, x: FloatArray, t_x: FloatArray, T: FloatArray, order: int
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log-likelihood, gradient and, for order 2, the Hessian of every row."""
        counts, silence = self._of_count(x, order), self._silence(x, t_x, T, order)
        since_start = 1 / (T + self.alpha)
        grown = np.log1p(T / self.alpha)
        values = silence[0] - self._shape(x) * grown
        values += counts[0]
        gradient = np.empty((len(x), 4), order="F")
        np.subtract(silence[1], grown, out=gradient[:, 0])
        gradient[:, 1] = (T * (self.r / self.alpha) - self.regularity * x) * since_start
        if self.regularity > 1:
            gradient[:, 1] += silence[2]
        gradient[:, 2:] = counts[2:4].T
        hessian = np.zeros((4, 4, len(x) if order == 2 else 0))
        if order == 2:
            self._add_curvature(hessian, counts, silence, x, T, since_start)
        risk = self._at_risk(x)
        own, rows = gradient[risk], (x[risk], t_x[risk], T[risk], since_start[risk])
        if len(own):
            silent = silence[:, risk] if silence.shape[1] > 1 else silence
            left_values, left_hessian = self._rows(risk)._mix_left(*rows, silent, own, order)
            values[risk] += left_values
            if not isinstance(risk, slice):  # then it is no view
                gradient[risk] = own
            if order == 2:
                hessian[..., risk] += left_hessian
        gradient[:, 0] += counts[1]
        return np.asarray(values), gradient, np.moveaxis(_mirrored(hessian), -1, 0)

    def _add_curvature(
        self,
        hessian: FloatArray,
        counts: FloatArray,
        silence: FloatArray,
        x: FloatArray,
        T: FloatArray,
        since_start: FloatArray,
    ) -> None:
        """Add the Hessian of the log-likelihood of customers alive, upper triangle."""
        share, stages = T * since_start, self.regularity * x
        hessian[0, 0] = counts[4] + silence[3]
        hessian[0, 1] = share / self.alpha + silence[4]
        hessian[1, 1] = stages * since_start**2 - (self.r / self.alpha**2) * share * (2 - share)
        hessian[1, 1] += silence[5]
        hessian[2, 2], hessian[2, 3], hessian[3, 3] = counts[5:]

    def _mix_left(
        self,
        x: FloatArray,
        t_x: FloatArray,
        T: FloatArray,
        since_start: FloatArray,
        silence: FloatArray,
        gradient: FloatArray,
        order: int,
    ) -> tuple[FloatArray, FloatArray]:
        """Return log(1 + odds that the customer left) and its Hessian; change the gradient.

        The gradient given is that of customers alive. In r and alpha it is mixed with that of a
        customer observed until t_x: to add the change would cancel where the customer surely left.
        """
        ratio, since_last = self._log_ratio(t_x, T)
        before = self._passed(x) + self.b
        log_odds = silence[0] - self._shape(x) * ratio
        odds = np.exp(log_odds)
        odds *= before / self.a
        left = 1 / (1 + odds)
        alive = odds * left
        gradient[:, 0] *= alive
        gradient[:, 0] -= left * np.log1p(t_x / self.alpha)
        until_last = t_x * (self.r / self.alpha) - self.regularity * x
        until_last *= since_last
        until_last *= left
        gradient[:, 1] *= alive
        gradient[:, 1] += until_last
        gradient[:, 2] += left / self.a
        gradient[:, 3] -= left / before
        hessian = np.empty((4, 4, len(x) if order == 2 else 0))
        if order == 2:
            slope = since_start - since_last
            by_alpha = self._shape(x) * slope
            directions = (ratio - silence[1], by_alpha - silence[2], 1 / self.a, -1 / before)
            for i, j in zip(*np.triu_indices(4), strict=True):
                np.multiply(left * alive * directions[i], directions[j], out=hessian[i, j])
            hessian[0, 0] -= left * silence[3]
            hessian[0, 1] += left * (slope - silence[4])
            hessian[1, 1] -= left * (by_alpha * (since_start + since_last) + silence[5])
            hessian[2, 2] -= left / self.a**2
            hessian[3, 3] += left / before**2
        return np.log1p(odds) - log_odds - np.log(before / self.a), hessian

    def _silence(self, x: FloatArray, t_x: FloatArray, T: FloatArray, order: int) -> FloatArray:
        """Return what stages since the last purchase add to the log-likelihood if alive.

        And its derivatives in r, alpha, for order 2 in rr, r alpha and alpha alpha. Nothing here,
        where a stage is a purchase.
        """
        return np.zeros(((1, 3, 6)[order], 1))

    def _log_ratio(self, t_x: FloatArray, T: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log((alpha + T) / (alpha + t_x)), exactly 0 for t_x = T, and 1 / (alpha + t_x)."""
        since_last = 1 / (t_x + self.alpha)
        ratio = T - t_x
        ratio *= since_last
        return np.log1p(ratio, out=ratio), since_last

    def _log_odds(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return log P(alive) / P(left at the last chance), of rows that had a chance to leave."""
        ratio, _ = self._log_ratio(t_x, T)
        log_odds = np.log((self._passed(x) + self.b) / self.a) - self._shape(x) * ratio
        return np.asarray(log_odds + self._silence(x, t_x, T, 0)[0])

    def _shape(self, x: FloatArray) -> FloatArray:
        """Return m, the Gamma shape of the rate after x purchases."""
        return np.asarray(self.r + self.regularity * x)

    def _passed(self, x: Number) -> Number:
        """Return how many chances to leave were passed before the last one."""
        return x + (self.chances_before_repeat - 1)

    def _at_risk(self, x: FloatArray) -> Rows:
        """Return the rows of customers who had a chance to leave."""
        return slice(None) if self.chances_before_repeat else rows_with(x > 0)

    def _rows(self, rows: Rows) -> Self:
        """Return the law of some rows."""
        values = (self.r, self.alpha, self.a, self.b)
        return type(self)(*(chosen(value, rows) for value in values))

    def _of_count(self, x: FloatArray, order: int) -> FloatArray:
        """Return what does not depend on time: log of (r)_x alpha^-x (b)_d / (a + b)_d.

        Then its derivatives, for order 1 in r, a, b, for order 2 in rr, aa, ab and bb too.
        """
        numbers = all(isinstance(value, float) for value in (self.r, self.alpha, self.a, self.b))
        most = float(x.max(initial=0.0))
        if not numbers or most > _LARGEST_TABLE or not len(x):
            return self._counted(x, order)
        table = _table(self, 2 ** max(int(most).bit_length(), 6), order)
        if x[0] == x[-1] and (x == x[0]).all():
            return table[:, int(x[0]), None]
        return np.asarray(np.take(table, x.astype(np.intp), axis=-1))

    def _counted(self, x: FloatArray, order: int) -> FloatArray:
        chances = x + self.chances_before_repeat
        stages = self.regularity * x
        by_rate = _rising(self.r, stages, order)
        stays, all_chances = (_rising(v, chances, order) for v in (self.b, self.a + self.b))
        out = np.empty(((1, 4, 8)[order], len(x)))
        out[0] = by_rate[0] - stages * np.log(self.alpha) + stays[0] - all_chances[0]
        if order > 0:
            out[1], out[2], out[3] = by_rate[1], -all_chances[1], stays[1] - all_chances[1]
        if order > 1:
            out[4], out[5:7], out[7] = by_rate[2], -all_chances[2], stays[2] - all_chances[2]
        return out


@lru_cache(maxsize=8)
def _table(law: BetaGeoLikelihood, size: int, order: int) -> FloatArray:
    """Return the functions of the counts 0 to size - 1: one table serves all chunks of a pass."""
    return law._counted(np.arange(float(size)), order)


def chosen(value: Number, rows: Rows) -> Number:
    """Return an array's chosen rows; a number serves all rows."""
    return value if np.ndim(value) == 0 else np.asarray(value)[rows]


def _rising(a: Number, n: FloatArray, order: int) -> FloatArray:
    """Return log (a)_n and derivatives in a, once per count where a is a number."""
    if np.ndim(a) == 0:
        return on_counts(lambda n: rising_derivatives(a, n, order), n)
    return rising_derivatives(a, n, order)


def _mirrored(hessian: FloatArray) -> FloatArray:
    """Fill the lower triangle of the first two axes."""
    for i, j in zip(*np.triu_indices(4, 1), strict=True):
        hessian[j, i] = hessian[i, j]
    return hessian
