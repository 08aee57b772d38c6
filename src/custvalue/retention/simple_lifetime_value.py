"""Lifetime value by the usual formula: average order x orders a year x years."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, doubts_of, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import StrOptions, check_choice, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.time_units import TIME_UNITS, units_per_year
from custvalue._typing import FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.retention._figures import read_figures
from custvalue.retention._simple_lifetime_input import (
    FIGURES,
    check_life,
    customers_of,
    named_columns,
    read_figure,
    read_summary,
)
from custvalue.retention._simple_lifetime_observed import ObservedCustomers, average_customer
from custvalue.retention._simple_lifetime_value import SimpleCustomers

__all__ = ["SimpleLifetimeValue", "simple_lifetime_value"]


class SimpleLifetimeValue(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Value customers by the usual formula: average order x orders a year x years.

    Every customer is taken to bring the same every year, and to stay as long as you say. For one
    who brings the yearly profit m, stays another year with the chance r (``retention_rate``), for
    N years at most (``years``), with the annual discount rate d and q = r / (1 + d),

    .. math::
        m &= \text{margin} \times \text{average order} \times \text{orders a year}
             - \text{service cost}, \\
        V &= m \, (1 + q + \dots + q^{N - 1}) - \text{acquisition cost}.

    Without r and d this is m N; without N it is m (1 + d) / (1 + d - r), the retention-and-discount
    formula. Three things must be decided, since no order tells them, and each is a parameter: how
    long customers stay (``years``, ``retention_rate``), what share of their spending the company
    has (``share_of_spending``), and who counts as a customer (``population``).

    Parameters
    ----------
    years : float, str or None, default=None
        How many years a customer pays at most; a fraction of a year pays its fraction. None or inf:
        as long as ``retention_rate`` lets them stay.
    retention_rate : float, str or None, default=None
        Chance that a customer stays for another year, from 0 to 1. None: 1.
    margin : float or str, default=1.0
        Profit per unit of revenue; 1 values revenue.
    service_cost : float or str, default=0.0
        What serving a customer costs in a year.
    acquisition_cost : float or str, default=0.0
        What winning a customer costs, once.
    annual_discount_rate : float or str, default=0.0
        Compounded once a year.
    share_of_spending : float or str, default=1.0
        Share of what the customer spends on such goods that the company gets, above 0 and at most
        1. It does not change the value; it says what is left to win (``potential``).
    population : {"all", "active", "repeat"}, default="all"
        Who counts as a customer: everyone; who ordered within ``active_within``; who ordered more
        than once. Averages are theirs. Others are worth 0.
    active_within : float, default=1.0
        Years without an order after which nobody is active.
    minimum_observation : float, default=1.0
        Years since the first order below which orders a year of one customer say little: two orders
        in the first month are no 24 a year. A day less than stated is as good.
    short : {"pool", "annualise", "raise"}, default="pool"
        What such customers get: the orders a year of those observed longer, with a warning; their
        own all the same; an error. It asks only of customers who count.
    timing : {"start", "end"}, default="start"
        When the payment of a year is made. "end" is one year later, made if the customer is still
        there: m r / (1 + d - r) without ``years``.
    time_unit : {"day", "week", "month", "year"}, default="week"
        What ``recency`` and ``T`` are measured in. A pandas summary of
        `custvalue.transactions.RFMSummary` says its unit, and another one is refused. polars and
        Arrow frames and arrays cannot say it: they are taken to be in this unit, unchecked.

    Attributes
    ----------
    average_order_ : float
        Mean worth of the repeat orders of all counted customers together.
    orders_per_year_ : float
        Orders of the counted customers, the first ones too, divided by their years since the first
        order; those observed too short are left out.
    value_ : float
        Value of a customer who has these averages.
    n_customers_ : float
        Counted customers, by their weights.
    n_short_ : float
        Those of them observed too short.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only for frames.

    See Also
    --------
    simple_lifetime_value : The same formula for plain figures.
    customer_flow : Counts who stays. With ``period="year"`` it has the annual ``retention_rate``;
        of its usual monthly rate the twelfth power is a year's.
    custvalue.lifetime.LifetimeValue : What is to be expected of each customer, by a model.

    Notes
    -----
    X has the columns ``frequency``, ``recency``, ``T`` and ``monetary_value`` of a customer
    summary, and those that parameters name; an array has them in this order, the named ones in the
    order of the parameters. ``years`` to ``share_of_spending`` may each be a column, with a number
    for every customer, such as that of a segment.

    ``average_order`` is the customer's mean repeat order, or that of the population for who ordered
    once. ``orders_per_year`` is (frequency + 1) / years since the first order.

    **Where it disagrees with a model, and why.** `custvalue.lifetime.LifetimeValue` gives what a
    customer is expected to bring from now on. This formula

    * values every customer as one who starts today, whatever lies behind.
    * has no silence in it: a customer who last ordered two years ago counts as one of today with
      the same number of orders. A model sees that the silent one has probably left.
    * takes every customer's past for their rate. Who ordered often in a short time did so partly by
      luck, and will order less; a model draws each customer towards the others.
    * takes one retention rate for all. Customers differ: those who leave easily leave first, so
      that retention rises in a cohort. The average rate of today's customers is that of those
      who survived, and too high for new ones; for all together the constant rate undervalues the
      loyal.
    * counts customers who have left in the orders a year, which are then too low for the living,
      while ``years`` counts their leaving once more.
    * gives one number without its uncertainty.

    It is right for a rough figure of the average customer, where its three assumptions are known.

    References
    ----------
    Gupta, S. & Lehmann, D. R. (2003). "Customers as assets". Journal of Interactive Marketing,
    17(1), 9-24.

    Fader, P. S. & Hardie, B. G. S. (2010). "Customer-base valuation in a contractual setting: the
    perils of ignoring heterogeneity". Marketing Science, 29(1), 85-93.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import SimpleLifetimeValue
    >>> customers = pd.DataFrame({
    ...     "frequency": [7.0, 0.0, 3.0], "recency": [90.0, 0.0, 52.0],
    ...     "T": [104.0, 104.0, 156.0], "monetary_value": [50.0, 0.0, 30.0],
    ... }, index=["a", "b", "c"])
    >>> model = SimpleLifetimeValue(margin=0.4, retention_rate=0.8, acquisition_cost=60.0)
    >>> model.fit(customers).transform(customers).round(2)
       average_order  orders_per_year  years   value  payback_time  potential
    a           50.0             4.01    5.0  341.37           0.0        0.0
    b           44.0             0.50    5.0  -15.85           inf        0.0
    c           30.0             1.34    5.0   20.27           6.0        0.0
    >>> round(model.value_, 2)
    103.99
    """

    _output_columns: ClassVar[tuple[str, ...]] = (
        "average_order",
        "orders_per_year",
        "years",
        "value",
        "payback_time",
        "potential",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "years": [interval(0, None, closed="both"), str, None],
        "retention_rate": [interval(0, 1, closed="both"), str, None],
        "margin": [interval(0, None, closed="left"), str],
        "service_cost": [interval(0, None, closed="left"), str],
        "acquisition_cost": [interval(0, None, closed="left"), str],
        "annual_discount_rate": [interval(0, None, closed="left"), str],
        "share_of_spending": [interval(0, 1, closed="right"), str],
        "population": [StrOptions({"all", "active", "repeat"})],
        "active_within": [interval(0, None, closed="left")],
        "minimum_observation": [interval(0, None, closed="left")],
        "short": [StrOptions({"pool", "annualise", "raise"})],
        "timing": [StrOptions({"start", "end"})],
        "time_unit": [StrOptions(set(TIME_UNITS))],
    }

    def __init__(
        self,
        *,
        years: float | str | None = None,
        retention_rate: float | str | None = None,
        margin: float | str = 1.0,
        service_cost: float | str = 0.0,
        acquisition_cost: float | str = 0.0,
        annual_discount_rate: float | str = 0.0,
        share_of_spending: float | str = 1.0,
        population: str = "all",
        active_within: float = 1.0,
        minimum_observation: float = 1.0,
        short: str = "pool",
        timing: str = "start",
        time_unit: str = "week",
    ) -> None:
        self.years = years
        self.retention_rate = retention_rate
        self.margin = margin
        self.service_cost = service_cost
        self.acquisition_cost = acquisition_cost
        self.annual_discount_rate = annual_discount_rate
        self.share_of_spending = share_of_spending
        self.population = population
        self.active_within = active_within
        self.minimum_observation = minimum_observation
        self.short = short
        self.timing = timing
        self.time_unit = time_unit

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the averages of the customers who count.

        Parameters
        ----------
        X : customer summary with frequency, recency, T and monetary_value
            A frame or an array, with the columns that parameters name.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it must be, or nothing says how long customers stay.
        custvalue.exceptions.DataError
            If the summary breaks a rule; if nobody counts, nobody who counts ordered again, or
            none of them is observed for ``minimum_observation``; if lives are endless and nothing
            is discounted, or a value or potential is beyond all numbers.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If customers are observed too short: ``n_short_`` of them are left out of
            ``orders_per_year_``.
        """
        self._validate_params()
        check_life(self.years, self.retention_rate, "SimpleLifetimeValue")
        observed = self._observe(X, sample_weight)
        averages = average_customer(observed)
        customers = customers_of(
            averages | self._read_figures(observed.table), self.timing, observed.table
        )
        self.average_order_ = averages["average_order"]
        self.orders_per_year_ = averages["orders_per_year"]
        self.value_ = customers.average(observed.weights).value().item()
        self.n_customers_ = observed.n_customers
        self.n_short_ = observed.n_short
        self._warn_of_short(observed, "are left out of the average", stacklevel=3)
        remember_columns(self, observed.table)
        return self

    def transform(self, X: Any) -> Any:
        """Return what every customer orders, how long they stay, and what they are worth.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 6)
            ``average_order`` in the currency of X; ``orders_per_year``; ``years``, how many the
            customer is expected to pay for: with a retention rate of .8 they are 5 where
            ``timing`` is "start" and 4 where it is "end", since the first payment too is then made
            only by those who stay; ``value``; ``payback_time``, the date in years of the payment
            with which the expected, discounted profit has covered the cost of acquisition: 0, 1,
            2, ... ("start") or 1, 2, 3, ... ("end"), 0 where there is no cost, inf where it is
            never covered; ``potential``, present value of the margin on what the customer spends
            elsewhere. Who does not count has 0 orders a year, years, value and potential, and never
            pays back.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the summary breaks a rule.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If customers are observed too short: they get ``orders_per_year_``.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.retention import SimpleLifetimeValue
        >>> customers = pd.DataFrame({
        ...     "frequency": [7.0], "recency": [1.9], "T": [2.0], "monetary_value": [200.0],
        ... })
        >>> model = SimpleLifetimeValue(years=5, time_unit="year")
        >>> model.fit(customers).transform(customers).round(4)
           average_order  orders_per_year  years   value  payback_time  potential
        0          200.0              4.0    5.0  4000.0           0.0        0.0
        """
        observed, customers = self._customers(X)
        columns = {
            "average_order": customers.average_order,
            "orders_per_year": customers.orders_per_year,
            "years": customers.expected_years(),
            "value": customers.value(),
            "payback_time": customers.payback_time(),
            "potential": customers.potential(),
        }
        return self._frame(
            observed.table,
            {name: observed.of_counted(one, name) for name, one in columns.items()},
        )

    def predict(self, X: Any) -> pd.Series | FloatArray:
        """Return the value of every customer; 0 for who does not count.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In the currency of X.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the summary breaks a rule.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If customers are observed too short: they get ``orders_per_year_``.
        """
        observed, customers = self._customers(X)
        return per_row(observed.table, observed.of_counted(customers.value(), "value"), "value")

    def _observe(self, X: Any, sample_weight: Any = None) -> ObservedCustomers:
        """Read a summary; say who counts, and who is observed too short."""
        table = read_summary(
            X,
            named_columns(self._figures()),
            endless=self.years if isinstance(self.years, str) else None,
            time_unit=self.time_unit,
            owner="SimpleLifetimeValue",
        )
        return ObservedCustomers.of(
            table,
            read_weights(sample_weight, table),
            units=units_per_year(self.time_unit),
            population=self.population,
            active_within=self.active_within,
            minimum=self.minimum_observation,
            short=self.short,
        )

    def _figures(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIGURES}

    def _read_figures(self, table: Table) -> dict[str, FloatArray]:
        return {name: read_figure(one, name, table) for name, one in self._figures().items()}

    def _customers(self, X: Any) -> tuple[ObservedCustomers, SimpleCustomers]:
        """Return who is in X and what they bring."""
        check_is_fitted(self)
        observed = self._observe(X)
        figures = {
            "average_order": observed.average_order(self.average_order_),
            "orders_per_year": observed.orders_per_year(self.orders_per_year_),
            **self._read_figures(observed.table),
        }
        self._warn_of_short(observed, "get that of the others", stacklevel=4)
        return observed, customers_of(figures, self.timing, observed.table)

    def _warn_of_short(self, observed: ObservedCustomers, what: str, stacklevel: int) -> None:
        rule = (
            f"customers observed for less than minimum_observation={self.minimum_observation} "
            f"years say little on orders a year, and {what}: {observed.n_short:.12g} of "
            f"{observed.n_customers:.12g} customers"
        )
        for doubt in doubts_of(observed.counted & observed.short, rule, observed.table.index):
            warnings.warn(doubt, DataQualityWarning, stacklevel=stacklevel)


def simple_lifetime_value(
    *,
    average_order: Any,
    orders_per_year: Any,
    years: Any = None,
    retention_rate: Any = None,
    margin: Any = 1.0,
    service_cost: Any = 0.0,
    acquisition_cost: Any = 0.0,
    annual_discount_rate: Any = 0.0,
    share_of_spending: Any = 1.0,
    timing: str = "start",
) -> pd.DataFrame:
    r"""Value a customer from plain figures: average order x orders a year x years.

    With the yearly profit m, the chance r to stay another year, N years at most, the discount rate
    d and q = r / (1 + d),

    .. math:: V = m \, (1 + q + \dots + q^{N - 1}) - \text{acquisition cost}.

    Parameters
    ----------
    average_order : float, array-like or Series of shape (n_rows,)
        Revenue of an order.
    orders_per_year : float, array-like or Series of shape (n_rows,)
    years : float, array-like or Series of shape (n_rows,), or None, default=None
        How many years a customer pays at most; a fraction of a year pays its fraction. None or inf:
        as long as ``retention_rate`` lets them stay.
    retention_rate : float, array-like or Series of shape (n_rows,), or None, default=None
        Chance that a customer stays for another year, from 0 to 1. None: 1.
    margin : float, array-like or Series of shape (n_rows,), default=1.0
        Profit per unit of revenue; 1 values revenue.
    service_cost : float, array-like or Series of shape (n_rows,), default=0.0
        What serving a customer costs in a year.
    acquisition_cost : float, array-like or Series of shape (n_rows,), default=0.0
        What winning a customer costs, once.
    annual_discount_rate : float, array-like or Series of shape (n_rows,), default=0.0
        Compounded once a year.
    share_of_spending : float, array-like or Series of shape (n_rows,), default=1.0
        Share of the customer's spending on such goods that the company gets, above 0 and at most 1.
    timing : {"start", "end"}, default="start"
        When the payment of a year is made. "end" is one year later, made if the customer is still
        there.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, 5)
        ``yearly_profit``, m; ``years``, how many the customer is expected to pay for: with a
        retention rate of .8 they are 5 where ``timing`` is "start" and 4 where it is "end", since
        the first payment too is then made only by those who stay; ``value``; ``payback_time``, the
        date in years of the payment with which the expected, discounted profit has covered the
        cost of acquisition: 0, 1, 2, ... ("start") or 1, 2, 3, ... ("end"), 0 where there is no
        cost, inf where it is never covered; ``potential``, present value of the margin on what the
        customer spends elsewhere. One row for numbers. The index is that of the Series given, if
        there is one.

    Raises
    ------
    ValueError
        If nothing says how long customers stay, an array is not 1-D, lengths differ, or the
        indexes of two Series differ.
    custvalue.exceptions.DataError
        If a figure is out of its range, lives are endless and nothing is discounted, or a value or
        potential is beyond all numbers.

    See Also
    --------
    SimpleLifetimeValue : The same from a customer summary; says where a model disagrees.
    retention_rate : The rate from numbers of customers, at the start and the end of a year.

    Examples
    --------
    >>> from custvalue.retention import simple_lifetime_value
    >>> simple_lifetime_value(average_order=200, orders_per_year=4, years=5)
       yearly_profit  years   value  payback_time  potential
    0          800.0    5.0  4000.0           0.0        0.0

    With a margin of 30 %, a customer who leaves with one chance in five every year, 10 % discount,
    150 to win and 20 a year to serve, and half of their spending:

    >>> simple_lifetime_value(
    ...     average_order=200, orders_per_year=4, retention_rate=0.8, margin=0.3,
    ...     annual_discount_rate=0.1, acquisition_cost=150, service_cost=20, share_of_spending=0.5,
    ... ).round(2)
       yearly_profit  years   value  payback_time  potential
    0          220.0    5.0  656.67           0.0      880.0

    The first payment covers what the customer cost. Were it made at the end of the year, it would
    be 160 today, and cover it then:

    >>> simple_lifetime_value(
    ...     average_order=200, orders_per_year=4, retention_rate=0.8, margin=0.3,
    ...     annual_discount_rate=0.1, acquisition_cost=150, service_cost=20, timing="end",
    ... ).round(2)
       yearly_profit  years   value  payback_time  potential
    0          220.0    4.0  436.67           1.0        0.0
    """
    check_choice(timing, "timing", ("start", "end"))
    check_life(years, retention_rate, "simple_lifetime_value")
    given = {
        "average_order": average_order,
        "orders_per_year": orders_per_year,
        "years": years,
        "retention_rate": retention_rate,
        "margin": margin,
        "service_cost": service_cost,
        "acquisition_cost": acquisition_cost,
        "annual_discount_rate": annual_discount_rate,
        "share_of_spending": share_of_spending,
    }
    stated = {name: one for name, one in given.items() if one is not None}
    table = read_figures(stated, "simple_lifetime_value", endless="years")
    figures = {
        name: read_figure(None if one is None else name, name, table) for name, one in given.items()
    }
    customers = customers_of(figures, timing, table)
    columns = {
        "yearly_profit": customers.yearly_profit(),
        "years": customers.expected_years(),
        "value": customers.value(),
        "payback_time": customers.payback_time(),
        "potential": customers.potential(),
    }
    return pd.DataFrame(columns, index=table.index)
