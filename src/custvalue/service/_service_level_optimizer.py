"""The best service level of items: newsvendor and marginal form, under normal demand.

Newsvendor: a unit too few costs Cu, a unit too many Co; the best level is Cu / (Cu + Co). Marginal
(Ballou): one point of service more earns dP and costs dC = K dz, where z is the safety factor and
K = carrying rate x unit cost x standard deviation of demand over the lead time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from custvalue._numerics.loss_functions import normal_loss
from custvalue._typing import BoolArray, FloatArray

__all__ = [
    "MarginalItems",
    "NewsvendorItems",
    "safety_factor_elasticity",
]

_POINT = 0.01
_LOWEST = 0.5
"""Below it the safety stock is negative, and the marginal form has no meaning."""
_NEVER_NEGATIVE = 5.0
"""Standard deviations of a mean at which what normal demand has below 0 is 5e-8 of one of them."""


@dataclass(frozen=True, slots=True)
class NewsvendorItems:
    """Items that are bought once for one period of normal demand, in which nothing is given back.

    Demand below 0 counts as 0. Where the mean is at least 5 standard deviations there is next to
    none, and it is left out of the costs, so that these are the published closed form.

    Parameters
    ----------
    underage, overage : ndarray of shape (n_items,)
        Cost of a unit too few, Cu, and of a unit too many, Co: at least 0, not both 0.
    mean, sd : ndarray of shape (n_items,)
        Of the demand, in units.

    Examples
    --------
    >>> import numpy as np
    >>> items = NewsvendorItems(*np.array([[30.0], [10.0], [100.0], [20.0]]))
    >>> items.best(), items.stock(items.best()).round(4), items.cost(items.best()).round(4)
    (array([0.75]), array([113.4898]), array([254.2213]))
    """

    underage: FloatArray
    overage: FloatArray
    mean: FloatArray
    sd: FloatArray

    def best(self) -> FloatArray:
        """Return Cu / (Cu + Co), the probability with which demand should be met.

        NaN where both are 0: any is as good.
        """
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            level = 1 / (1 + self.overage / self.underage)
        # A level of 1 needs an infinite stock: it is for items of which none is too many.
        full = np.where(self.underage > 0, 1.0, np.nan)
        return np.where(self.overage > 0, np.minimum(level, np.nextafter(1.0, 0.0)), full)

    def stock(self, level: FloatArray) -> FloatArray:
        """Return the stock that meets demand with a probability; never below 0."""
        z = ndtri(level)
        with np.errstate(invalid="ignore"):
            stock = np.where(self.sd > 0, self.mean + z * self.sd, self.mean)
        return np.maximum(stock, 0.0)

    def cost(self, level: FloatArray) -> FloatArray:
        """Return the expected cost of the units too few and too many.

        Cu sd L(z) + Co (Q + sd L(z) - E[D]), with L(z) = phi(z) - z (1 - Phi(z)),
        z = (Q - mean) / sd for the stock Q, and E[D] = `expected_demand`.
        """
        stock = self.stock(level)
        missed = self._missed(stock)
        with np.errstate(invalid="ignore"):
            unsold = np.maximum(stock - self.mean + missed - self._below_zero, 0.0)
            too_many = np.where((self.overage > 0) & (stock > 0), self.overage * unsold, 0.0)
        return self.underage * missed + too_many

    def profit(self, level: FloatArray) -> FloatArray:
        """Return the expected profit, Cu E[D] less `cost`; Cu is the margin of a unit.

        NaN where the level is not `meaningful`.
        """
        profit = self.underage * self.expected_demand - self.cost(level)
        return np.where(self.meaningful(level), profit, np.nan)

    def meaningful(self, level: FloatArray) -> BoolArray:
        """Return whether a finite stock gives a level, or an infinite one costs nothing."""
        return np.asarray((level < 1) | (self.overage == 0) | (self.sd == 0))

    @property
    def expected_demand(self) -> FloatArray:
        """Mean of the demand, where that below 0 counts as 0."""
        return self.mean + self._below_zero

    @property
    def _below_zero(self) -> FloatArray:
        """What demand below 0 would take from the mean."""
        often = self.mean < _NEVER_NEGATIVE * self.sd
        depth = self.mean / np.where(often, self.sd, 1.0)
        return np.where(often, self.sd * normal_loss(depth), 0.0)

    def _missed(self, stock: FloatArray) -> FloatArray:
        over = stock - self.mean
        z = over / np.where(self.sd > 0, self.sd, 1.0)
        with np.errstate(invalid="ignore"):
            return np.where(self.sd > 0, self.sd * normal_loss(z), np.maximum(-over, 0.0))


@dataclass(frozen=True, slots=True)
class MarginalItems:
    """Items whose sales answer to the service level.

    Parameters
    ----------
    margin, response, volume, carrying_rate, unit_cost, demand_sd, lead_time : ndarray of (n_items,)
        All at least 0; the response is the share of the volume that one more point of service
        brings, the lead time in the periods of ``demand_sd``.
    root : bool
        Whether the standard deviation grows with the square root of the lead time (independent
        periods) or with the lead time itself (periods that rise and fall together).

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[18.0], [0.0012], [120_000.0], [0.24], [75.0], [300.0], [4.0]])
    >>> items = MarginalItems(*one, root=False)
    >>> items.profit_per_point.round(6), items.cost_per_factor
    (array([2592.]), array([21600.]))
    >>> items.best(0.01)
    array([0.96])
    """

    margin: FloatArray
    response: FloatArray
    volume: FloatArray
    carrying_rate: FloatArray
    unit_cost: FloatArray
    demand_sd: FloatArray
    lead_time: FloatArray
    root: bool

    @property
    def profit_per_point(self) -> FloatArray:
        """DP: margin x response x volume, per point of service."""
        return self.margin * self.response * self.volume

    @property
    def lead_time_sd(self) -> FloatArray:
        """Standard deviation of demand over the lead time, in units."""
        spread = np.sqrt(self.lead_time) if self.root else self.lead_time
        return np.asarray(self.demand_sd * spread)

    @property
    def cost_per_factor(self) -> FloatArray:
        """K, what one unit of the safety factor z costs."""
        return self.carrying_rate * self.unit_cost * self.lead_time_sd

    def best(self, step: float | None) -> FloatArray:
        """Return the level at which the next step would cost more than it earns.

        Parameters
        ----------
        step : float or None
            Steps from 0.5 upwards, as a share; None lets the level be any number, where
            phi(z) = K / (100 dP).

        Returns
        -------
        ndarray of shape (n_items,)
            From 0.5, where no step pays, to 1, where safety stock costs nothing.
        """
        earned, K = self.profit_per_point / _POINT, self.cost_per_factor
        free = (K == 0) & (earned > 0)
        share = np.divide(K, earned, out=np.full_like(K, np.inf), where=earned > 0)
        level = _continuous(share) if step is None else _stepped(share, step)
        return np.where(free, 1.0, level)

    def profit(self, level: FloatArray) -> FloatArray:
        """Return what a level earns more than a level of 0.5, which needs no safety stock.

        NaN where the level is not `meaningful`.
        """
        earned = self.profit_per_point / _POINT * (level - _LOWEST)
        with np.errstate(invalid="ignore"):
            profit = earned - _times(self.cost_per_factor, ndtri(level))
        return np.where(self.meaningful(level), profit, np.nan)

    def meaningful(self, level: FloatArray) -> BoolArray:
        """Return whether a level is from 0.5 to below 1, or 1 where safety stock is free."""
        return np.asarray((level >= _LOWEST) & ((level < 1) | (self.cost_per_factor == 0)))

    def safety_stock(self, level: FloatArray) -> FloatArray:
        """Return z x the standard deviation over the lead time, in units."""
        return _times(self.lead_time_sd, ndtri(level))


def safety_factor_elasticity(level: FloatArray) -> FloatArray:
    """Return by how many per cent the best level of the marginal form changes if K grows by 1 %.

    From phi(z) = K / (100 dP): d log s / d log K = -phi(z) / (z s). It is negative,
    and 0 at the ends.

    Parameters
    ----------
    level : ndarray of shape (n_items,)
        The best level, from 0.5 to 1.

    Returns
    -------
    ndarray of shape (n_items,)

    Examples
    --------
    >>> import numpy as np
    >>> safety_factor_elasticity(np.array([0.5, 0.96, 1.0])).round(4)
    array([-0.    , -0.0513, -0.    ])
    """
    z = ndtri(level)
    inside = (z > 0) & np.isfinite(z)
    z = np.where(inside, z, 1.0)
    return np.where(inside, -_density(z) / (z * level), -0.0)


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))


def _continuous(share: FloatArray) -> FloatArray:
    """Return the level where phi(z) is the share; 0.5 where it is above the highest of phi."""
    scaled = np.clip(share * np.sqrt(2 * np.pi), np.finfo(float).tiny, 1.0)
    return np.asarray(ndtr(np.sqrt(-2 * np.log(scaled))))


def _stepped(share: FloatArray, step: float) -> FloatArray:
    """Return the level where dz / step exceeds 1 / share for the first time."""
    count = int(np.ceil((1 - _LOWEST) / step - 1e-9))
    levels = _LOWEST + step * np.arange(count)
    # The last step would end at 1, where z is infinite: it never pays.
    prices = np.diff(ndtri(levels)) / step
    worth = np.divide(1.0, share, out=np.full_like(share, np.inf), where=share > 0)
    return np.asarray(levels[np.searchsorted(prices, worth, side="right")])


def _times(amount: FloatArray, z: FloatArray) -> FloatArray:
    """Return the product, 0 where the amount is 0 though z is infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(amount > 0, amount * z, 0.0)
