"""The value of a customer who brings the same every year: geometric sums and their inverse.

m profit of a year, r chance to stay another year, d annual discount rate, N years, q = r / (1 + d).
A year's profit is one payment, at its start or at its end, made if the customer is there. With
payments at the starts of the years,

    G(N) = 1 + q + ... + q^(N - 1) = (1 - q^N) / (1 - q),

and a last year that is only a fraction f of one pays f q^n after n whole years. A payment at the
end of a year is one year later and made to who has stayed: q G(N).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from custvalue._typing import BoolArray, FloatArray

__all__ = [
    "SimpleCustomers",
    "average_order",
    "counted_customers",
    "geometric_sum",
    "geometric_sum_inverse",
    "orders_per_year",
]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class SimpleCustomers:
    """What customers bring and cost, each of whom is the same every year.

    Attributes
    ----------
    average_order : ndarray of shape (n_rows,)
        Revenue of an order.
    orders_per_year : ndarray of shape (n_rows,)
    years : ndarray of shape (n_rows,)
        Longest life; inf where only ``retention_rate`` ends it.
    retention_rate : ndarray of shape (n_rows,)
        r, from 0 to 1.
    margin : ndarray of shape (n_rows,)
        Profit per unit of revenue.
    service_cost, acquisition_cost : ndarray of shape (n_rows,)
        A year, and once.
    annual_discount_rate : ndarray of shape (n_rows,)
        d.
    share_of_spending : ndarray of shape (n_rows,)
        Above 0, at most 1.
    timing : {"start", "end"}
        When the payment of a year is made.
    """

    average_order: FloatArray
    orders_per_year: FloatArray
    years: FloatArray
    retention_rate: FloatArray
    margin: FloatArray
    service_cost: FloatArray
    acquisition_cost: FloatArray
    annual_discount_rate: FloatArray
    share_of_spending: FloatArray
    timing: str

    def endless(self) -> BoolArray:
        """Return where the sum of payments has no end and no limit.

        Returns
        -------
        ndarray of bool of shape (n_rows,)
        """
        never = (self.retention_rate == 1) & (self.annual_discount_rate == 0)
        return np.asarray(never & np.isinf(self.years))

    def yearly_profit(self) -> FloatArray:
        """Return m, the margin of a year less the cost of service.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        return self._yearly_margin() - self.service_cost

    def expected_years(self) -> FloatArray:
        """Return how many years a customer is expected to pay for, without a discount.

        Returns
        -------
        ndarray of shape (n_rows,)
            G(N) with q = r, and r G(N) with payments at the ends of years: without N these are
            1 / (1 - r) and r / (1 - r).
        """
        first = 1.0 if self.timing == "start" else self.retention_rate
        return first * geometric_sum(1 - self.retention_rate, self.years)

    def value(self) -> FloatArray:
        """Return the present value of all payments less the cost of acquisition.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        return self.yearly_profit() * self._discounted_years() - self.acquisition_cost

    def potential(self) -> FloatArray:
        """Return the present value of the margin on what customers spend elsewhere.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        elsewhere = (1 - self.share_of_spending) / self.share_of_spending
        return self._yearly_margin() * elsewhere * self._discounted_years()

    def payback_time(self) -> FloatArray:
        """Return the date of the payment that first covers the cost of acquisition.

        Returns
        -------
        ndarray of shape (n_rows,)
            In years: 0, 1, 2, ... with payments at the starts of years, 1, 2, ... with those at
            their ends. 0 where there is no cost; inf where all payments together do not cover it.
        """
        life = self._covering_life()
        payments = np.maximum(np.ceil(life), 1.0)
        date = payments - 1 if self.timing == "start" else payments
        date = np.where(life <= self.years, date, np.inf)
        return np.where(self.acquisition_cost == 0, 0.0, date)

    def average(self, weights: FloatArray) -> SimpleCustomers:
        """Return the one customer whose figures are the means of all.

        Parameters
        ----------
        weights : ndarray of shape (n_rows,)
            How many customers each row stands for; not all 0.

        Returns
        -------
        SimpleCustomers
        """
        means = {
            field.name: _mean(getattr(self, field.name), weights)
            for field in fields(self)
            if field.name != "timing"
        }
        return SimpleCustomers(**means, timing=self.timing)

    def _covering_life(self) -> FloatArray:
        """Return the N from which on the value is at least 0, up to a rounding of the cost."""
        profit, gap = self.yearly_profit() * self._first_payment(), self._gap()
        needed = np.full(profit.shape, np.inf)
        with np.errstate(over="ignore", invalid="ignore"):
            np.divide(self.acquisition_cost, profit, out=needed, where=profit > 0)
            needed *= 1 - _ROUNDING
            # A sum without end comes as near to its limit as a rounding, and never reaches it.
            never = np.isinf(self.years) & (gap < 1) & (needed * gap >= 1 - 2 * _ROUNDING)
        return geometric_sum_inverse(gap, np.where(never, np.inf, needed))

    def _yearly_margin(self) -> FloatArray:
        return self.margin * self.average_order * self.orders_per_year

    def _gap(self) -> FloatArray:
        """Return 1 - q, without a difference of numbers near one."""
        d = self.annual_discount_rate
        return ((1 - self.retention_rate) + d) / (1 + d)

    def _first_payment(self) -> FloatArray:
        """Return the worth today of the first of the payments, per unit of it."""
        if self.timing == "start":
            return np.ones_like(self.years)
        return self.retention_rate / (1 + self.annual_discount_rate)

    def _discounted_years(self) -> FloatArray:
        return self._first_payment() * geometric_sum(self._gap(), self.years)


def geometric_sum(gap: FloatArray, years: FloatArray) -> FloatArray:
    """Return G(N) with 1 - q = ``gap``.

    Parameters
    ----------
    gap : ndarray of shape (n_rows,)
        From 0 to 1.
    years : ndarray of shape (n_rows,)
        N >= 0, with a fraction of a year or without; may be inf.

    Returns
    -------
    ndarray of shape (n_rows,)
        inf where nothing ends the sum.

    Examples
    --------
    >>> import numpy as np
    >>> geometric_sum(np.array([0.0, 0.2, 0.2]), np.array([5.0, np.inf, 1.5]))
    array([5. , 5. , 1.4])
    """
    whole = np.floor(years)
    part = np.where(np.isinf(years), 0.0, years - np.where(np.isinf(years), 0.0, whole))
    left = _power(gap, whole)
    level = gap == 0
    paid = np.divide(-np.expm1(_log_power(gap, whole)), gap, out=whole.copy(), where=~level)
    return paid + part * left


def geometric_sum_inverse(gap: FloatArray, needed: FloatArray) -> FloatArray:
    """Return the N at which G(N) is ``needed``.

    Parameters
    ----------
    gap : ndarray of shape (n_rows,)
    needed : ndarray of shape (n_rows,)
        At least 0; may be inf.

    Returns
    -------
    ndarray of shape (n_rows,)
        inf where G stays below.

    Examples
    --------
    >>> import numpy as np
    >>> geometric_sum_inverse(np.array([0.0, 0.2, 0.2]), np.array([2.5, 1.4, 5.0]))
    array([2.5, 1.5, inf])
    """
    finite = np.isfinite(needed)
    sought = np.where(finite, needed, 0.0)
    # With q = 0 the first year alone pays, and all of its sum.
    reached = finite & ((sought * gap < 1) | ((gap == 1) & (sought == 1)))
    sought = np.where(reached, sought, 0.0)
    curved = (gap > 0) & (gap < 1)
    with np.errstate(divide="ignore"):
        logs = np.log1p(-sought * gap), np.log1p(-gap)
    years = np.divide(*logs, out=sought.copy(), where=curved)
    # The curve through the whole years gives the year in which the sum is reached. It may be a
    # rounding beyond one, which the straight line within a year puts right.
    whole = np.floor(years * (1 + _ROUNDING))
    payment = _power(gap, whole)
    part = (sought - geometric_sum(gap, whole)) / np.where(payment > 0, payment, 1.0)
    return np.where(reached, whole + part, np.inf)


def average_order(frequency: FloatArray, spend: FloatArray, weights: FloatArray) -> float:
    """Return the mean worth of the repeat orders of all customers together.

    Parameters
    ----------
    frequency, spend, weights : ndarray of shape (n_customers,)
        Repeat orders of a customer, their mean worth, and how many customers the row stands for.

    Returns
    -------
    float
        NaN where nobody ordered again. Exact, so that it does not depend on the order of rows.
    """
    orders = math.fsum(weights * frequency)
    return math.fsum(weights * frequency * spend) / orders if orders else math.nan


def orders_per_year(frequency: FloatArray, years: FloatArray, weights: FloatArray) -> float:
    """Return the orders of all customers together, the first ones too, by their years observed.

    Parameters
    ----------
    frequency, years, weights : ndarray of shape (n_customers,)
        Repeat orders of a customer, years since the first order, customers in the row.

    Returns
    -------
    float
        NaN where nobody is observed.
    """
    observed = math.fsum(weights * years)
    return math.fsum(weights * (frequency + 1)) / observed if observed else math.nan


def counted_customers(
    frequency: FloatArray, silence: FloatArray, population: str, active_within: float
) -> BoolArray:
    """Return who counts as a customer.

    Parameters
    ----------
    frequency, silence : ndarray of shape (n_customers,)
        Repeat orders, and years since the last order.
    population : {"all", "active", "repeat"}
    active_within : float
        Years.

    Returns
    -------
    ndarray of bool of shape (n_customers,)
    """
    if population == "active":
        return np.asarray(silence <= active_within * (1 + _ROUNDING))
    if population == "repeat":
        return np.asarray(frequency > 0)
    return np.ones(len(frequency), dtype=bool)


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted mean, exact and of shape (1,); of equal values, that value."""
    held, weights = values[weights > 0], weights[weights > 0]
    if (held == held[0]).all():
        return held[:1]
    return np.array([math.fsum(weights * held) / math.fsum(weights)])


def _log_power(gap: FloatArray, exponent: FloatArray) -> FloatArray:
    """Return log(q^n); q^0 is 1 also where q is 0, and 1^inf is 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        product = exponent * np.log1p(-gap)
    return np.where((exponent == 0) | (gap == 0), 0.0, product)


def _power(gap: FloatArray, exponent: FloatArray) -> FloatArray:
    return np.exp(_log_power(gap, exponent))
