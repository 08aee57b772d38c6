"""Demand over a lead time: how likely a stock covers it, what it misses, and both the other way.

A stock x is what there is when the order goes out (the reorder point), D the demand until the
delivery. Every law answers P(D <= x) and n(x) = E[max(D - x, 0)], and finds the smallest x that
reaches a probability or misses no more than given. Laws of counts give whole numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from custvalue._numerics.loss_functions import (
    count_loss,
    count_tail,
    gamma_loss,
    inverse_gamma_loss,
    inverse_normal_loss,
    normal_loss,
)
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "CountDemand",
    "EmpiricalDemand",
    "GammaDemand",
    "LeadTimeDemand",
    "NormalDemand",
    "lead_time_moments",
]

_SLACK = 1e-9
"""A stock so little below a value, in its own unit, counts as there: it was rounded."""
_EPS = float(np.finfo(float).eps)
_TINY = float(np.finfo(float).tiny)
_MOST_PROBES = 4096
"""More than doubling and halving over all floats take."""


def lead_time_moments(
    mean: FloatArray, sd: FloatArray, lead_time: FloatArray, lead_time_sd: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of the demand over a lead time.

    With d and s of one period and L and s_L of the lead time in periods, all independent, these are
    d L and sqrt(L s^2 + d^2 s_L^2).

    Parameters
    ----------
    mean, sd, lead_time : ndarray of shape (n_rows,)
        At least 0.
    lead_time_sd : ndarray of shape (n_rows,) or float
        At least 0.

    Returns
    -------
    mean, sd : ndarray of shape (n_rows,)
        Infinite where they are too large for a float.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> lead_time_moments(100 * one, 20 * one, 4 * one, 0.5)
    (array([400.]), array([64.03124237]))
    """
    with np.errstate(over="ignore"):
        return mean * lead_time, np.hypot(np.sqrt(lead_time) * sd, mean * lead_time_sd)


@dataclass(frozen=True, slots=True)
class LeadTimeDemand(ABC):
    """A law of the demand over the lead time of each row.

    Attributes
    ----------
    mean, sd : ndarray of shape (n_rows,)
        Where sd is 0, or lost beside the mean as a float, the demand is known: it is the mean,
        whatever the law.
    """

    mean: FloatArray
    sd: FloatArray

    @property
    def known(self) -> BoolArray:
        """Which rows have no uncertainty, or less than the last digit of their mean."""
        return np.asarray(self.sd <= _EPS * self.mean)

    def cycle_service_level(self, stock: FloatArray) -> FloatArray:
        """Return P(D <= stock) for each row."""
        level = np.zeros(len(self.mean))
        level[self.known] = stock[self.known] >= self._just_below()[self.known]
        rest = ~self.known
        level[rest] = self._rows(rest)._covered(stock[rest])
        return level

    def expected_shortage(self, stock: FloatArray) -> FloatArray:
        """Return E[max(D - stock, 0)] for each row."""
        missed = np.where(stock >= self._just_below(), 0.0, self.mean - stock)
        rest = ~self.known
        missed[rest] = self._rows(rest)._missed(stock[rest])
        return missed

    def stock_for_level(self, level: FloatArray) -> FloatArray:
        """Return the smallest stock whose P(D <= stock) is at least the level of each row."""
        stock, rest = self.mean.copy(), ~self.known
        stock[rest] = self._rows(rest)._quantile(level[rest])
        return stock

    def stock_for_shortage(self, shortage: FloatArray) -> FloatArray:
        """Return the smallest stock that is expected to miss at most the shortage of each row."""
        # Below the least possible demand each unit of stock less is one unit missed more.
        stock, rest = self.mean - shortage, ~self.known
        stock[rest] = self._rows(rest)._inverse_loss(shortage[rest])
        return stock

    def _just_below(self) -> FloatArray:
        return np.asarray(self.mean - _SLACK * np.maximum(1.0, self.mean))

    @abstractmethod
    def _rows(self, rows: BoolArray) -> Self:
        """Return the law of some rows."""

    @abstractmethod
    def _covered(self, stock: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _missed(self, stock: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _quantile(self, level: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _inverse_loss(self, shortage: FloatArray) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class NormalDemand(LeadTimeDemand):
    """Normal demand: the loss is sd G(k) with k = (x - mean) / sd."""

    def _rows(self, rows: BoolArray) -> NormalDemand:
        return NormalDemand(self.mean[rows], self.sd[rows])

    def _covered(self, stock: FloatArray) -> FloatArray:
        return np.asarray(ndtr((stock - self.mean) / self.sd))

    def _missed(self, stock: FloatArray) -> FloatArray:
        return self.sd * normal_loss((stock - self.mean) / self.sd)

    def _quantile(self, level: FloatArray) -> FloatArray:
        return np.asarray(self.mean + self.sd * ndtri(level))

    def _inverse_loss(self, shortage: FloatArray) -> FloatArray:
        return self.mean + self.sd * inverse_normal_loss(shortage / self.sd)


@dataclass(frozen=True, slots=True)
class GammaDemand(LeadTimeDemand):
    """Gamma demand of shape (mean / sd)^2: never negative, skewed to the right.

    Where the shape is small much of the demand is below the smallest float. It counts as no demand:
    P(D <= 0) is the chance of it.
    """

    @property
    def shape(self) -> FloatArray:
        """Shape of the law; the scale is the mean over it."""
        return np.asarray((self.mean / self.sd) ** 2)

    @property
    def scale(self) -> FloatArray:
        """Scale of the law, in the unit of the demand."""
        return np.asarray(self.sd * (self.sd / self.mean))

    def _rows(self, rows: BoolArray) -> GammaDemand:
        return GammaDemand(self.mean[rows], self.sd[rows])

    def _covered(self, stock: FloatArray) -> FloatArray:
        at = np.where(stock >= 0, np.maximum(stock / self.scale, _TINY), 0.0)
        return np.asarray(gammainc(self.shape, at))

    def _missed(self, stock: FloatArray) -> FloatArray:
        return self.scale * gamma_loss(stock / self.scale, self.shape)

    def _quantile(self, level: FloatArray) -> FloatArray:
        at = gammaincinv(self.shape, level)
        return np.asarray(self.scale * np.where(at > _TINY, at, 0.0))

    def _inverse_loss(self, shortage: FloatArray) -> FloatArray:
        return self.scale * inverse_gamma_loss(shortage / self.scale, self.shape)


@dataclass(frozen=True, slots=True)
class CountDemand(LeadTimeDemand):
    """Demand in whole units: negative binomial, or Poisson where the size is infinite.

    Attributes
    ----------
    size : ndarray of shape (n_rows,)
        The variance is mean + mean^2 / size.
    """

    size: FloatArray

    @classmethod
    def from_moments(cls, mean: FloatArray, sd: FloatArray) -> CountDemand:
        """Return the law of that mean and sd; Poisson where the variance is not above the mean.

        Parameters
        ----------
        mean, sd : ndarray of shape (n_rows,)
            At least 0.

        Returns
        -------
        CountDemand
            Its ``sd`` is that of the law taken.

        Examples
        --------
        >>> import numpy as np
        >>> CountDemand.from_moments(np.array([6.0, 6.0]), np.array([3.0, 2.0]))
        CountDemand(mean=array([6., 6.]), sd=array([3. , 2.44948974]), size=array([12., inf]))
        """
        above = sd**2 - mean
        mixed = above > 4 * _EPS * mean
        size = np.where(mixed, mean**2 / np.where(mixed, above, 1.0), np.inf)
        return cls(mean, np.where(mixed, sd, np.sqrt(mean)), size)

    def _rows(self, rows: BoolArray) -> CountDemand:
        return CountDemand(self.mean[rows], self.sd[rows], self.size[rows])

    def _covered(self, stock: FloatArray) -> FloatArray:
        whole = np.floor(_unrounded(stock))
        finite = np.where(np.isfinite(whole), whole, 0.0)
        covered = 1.0 - count_tail(finite, self.mean, self.size)
        return np.where(np.isfinite(whole), covered, (whole > 0).astype(float))

    def _missed(self, stock: FloatArray) -> FloatArray:
        return count_loss(_unrounded(stock), self.mean, self.size)

    def _quantile(self, level: FloatArray) -> FloatArray:
        stock = np.where(level < 1, 0.0, np.inf)
        some = level < 1
        law, left = self._rows(some), 1.0 - level[some] + 4 * _EPS

        def reached(j: FloatArray, rows: IntArray) -> BoolArray:
            return np.asarray(count_tail(j, law.mean[rows], law.size[rows]) <= left[rows])

        guess = np.ceil(law._like_gamma().stock_for_level(level[some]) - 0.5)
        stock[some] = _smallest_whole(reached, guess, np.zeros(len(left)))
        return stock

    def _inverse_loss(self, shortage: FloatArray) -> FloatArray:
        stock = np.where(shortage > 0, 0.0, np.inf)
        some = shortage > 0
        law = self._rows(some)
        # A share of the order was rounded when it was taken: its last digits are not missed.
        allowed = shortage[some] * (1 + _SLACK)

        def reached(j: FloatArray, rows: IntArray) -> BoolArray:
            return np.asarray(count_loss(j, law.mean[rows], law.size[rows]) <= allowed[rows])

        guess = np.ceil(law._like_gamma().stock_for_shortage(allowed))
        lowest = np.floor(np.minimum(law.mean - allowed, 0.0))
        stock[some] = _smallest_whole(reached, guess, lowest)
        return stock

    def _like_gamma(self) -> GammaDemand:
        """Return the law of the same moments whose stocks are near those of this one."""
        return GammaDemand(self.mean, self.sd)


@dataclass(frozen=True, slots=True)
class EmpiricalDemand(LeadTimeDemand):
    """Demand as seen: mean + sd e, with e one of some points that are all equally likely.

    Attributes
    ----------
    points : ndarray of shape (n_rows, n_points) or (1, n_points)
        Sorted along each row; one row serves all. Of mean 0 and standard deviation 1 where they
        are seen, and a little wider where mean and sd are estimates.
    """

    points: FloatArray

    def _rows(self, rows: BoolArray) -> EmpiricalDemand:
        points = self.points if len(self.points) == 1 else self.points[rows]
        return EmpiricalDemand(self.mean[rows], self.sd[rows], points)

    def _covered(self, stock: FloatArray) -> FloatArray:
        k = (stock - self.mean) / self.sd
        return np.asarray((self.points <= k[:, None] + _SLACK).mean(axis=1))

    def _missed(self, stock: FloatArray) -> FloatArray:
        k = (stock - self.mean) / self.sd
        # Without any stock that can be reached, minus infinity, everything is missed.
        return np.asarray(self.sd * np.maximum(self.points - k[:, None], 0.0).mean(axis=1))

    def _quantile(self, level: FloatArray) -> FloatArray:
        count = self.points.shape[1]
        needed = np.ceil(level * count - _SLACK).astype(np.int64)
        return self._at(np.clip(needed, 1, count) - 1)

    def _inverse_loss(self, shortage: FloatArray) -> FloatArray:
        """Invert the loss, which is a straight line from point to point."""
        count, wanted = self.points.shape[1], shortage / self.sd
        above = np.cumsum(self.points[:, ::-1], axis=1)[:, ::-1]
        at_points = (above - self.points * np.arange(count, 0, -1)) / count
        # The first point at which no more is missed than wanted; the line ends there.
        first = (at_points > wanted[:, None]).sum(axis=1)
        rows = 0 if len(self.points) == 1 else np.arange(len(wanted))
        end = np.minimum(first, count - 1)
        k = self.points[rows, end] - (wanted - at_points[rows, end]) * count / (count - first)
        return np.asarray(self.mean + self.sd * k)

    def _at(self, place: IntArray) -> FloatArray:
        rows = 0 if len(self.points) == 1 else np.arange(len(place))
        return np.asarray(self.mean + self.sd * self.points[rows, place])


def _unrounded(stock: FloatArray) -> FloatArray:
    """Return a stock that is a whole number but for rounding as that number."""
    whole = np.round(stock)
    with np.errstate(invalid="ignore"):
        close = np.abs(stock - whole) <= _SLACK * np.maximum(1.0, np.abs(stock))
    return np.where(close, whole, stock)


def _next_whole(number: FloatArray) -> FloatArray:
    """Return the next larger whole number that a float can hold."""
    return np.maximum(number + 1, np.nextafter(number, np.inf))


def _smallest_whole(
    reached: Callable[[FloatArray, IntArray], BoolArray], guess: FloatArray, lowest: FloatArray
) -> FloatArray:
    """Return the smallest whole number from ``lowest`` on that is reached, near a guess.

    From the guess steps of doubling size go up or down until the number is between two probes;
    bisection does the rest.

    Parameters
    ----------
    reached : callable
        ``reached(number, rows)`` for some of the rows; once true it stays so for larger numbers.
    guess, lowest : ndarray of shape (n_rows,)
        Whole numbers.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    low, high = lowest.copy(), np.full(len(lowest), np.inf)
    floor_known, probe, step = np.zeros(len(low), dtype=bool), np.maximum(guess, lowest), 1.0
    active = np.arange(len(low))
    for _ in range(_MOST_PROBES):
        if not active.size:
            break
        enough = reached(probe[active], active)
        high[active[enough]] = probe[active[enough]]
        low[active[~enough]] = _next_whole(probe[active[~enough]])
        floor_known[active[~enough]] = True
        active = active[low[active] < high[active]]
        below, above = low[active], high[active]
        with np.errstate(invalid="ignore", over="ignore"):
            middle = np.clip(np.floor((below + above) / 2), below, np.nextafter(above, below))
            up = below - 1 + step
        down = np.where(floor_known[active], middle, np.maximum(above - step, below))
        probe[active] = np.where(np.isinf(above), up, down)
        step *= 2
    return high
