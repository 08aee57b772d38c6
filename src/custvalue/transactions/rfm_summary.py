"""RFMSummary: an order log in, one row per customer out."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, as_day, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._tables.query import checked_engine
from custvalue._tables.sql import checked_table
from custvalue._typing import AnyArray
from custvalue.transactions._opportunities import check_calendar
from custvalue.transactions._order_checks import reject_earlier, reject_later, warn_of_later
from custvalue.transactions._order_counts import quality_series
from custvalue.transactions._orders import CustomerTotals, inferred_end, read_orders, summary_frame
from custvalue.transactions._parameters import check_extra, check_id_name, order_columns
from custvalue.transactions._rfm_summary import SummaryRules, output_columns
from custvalue.transactions._summary_sql import summary_query

__all__ = ["RFMSummary"]


class RFMSummary(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Turn an order log into one row per customer: how often, how recently, for how much.

    The one transformer that changes the number of rows: orders come in, customers go out. Orders of
    one customer within one period, a day unless ``collapse`` says otherwise, are one *purchase*,
    dated by its first day. With purchases at :math:`t_0 < t_1 < \dots < t_x` and the end of
    observation :math:`t_e`, a customer has

    .. math:: \text{frequency} = x, \quad \text{recency} = \frac{t_x - t_0}{u}, \quad
              T = \frac{t_e - t_0}{u},

    where differences are whole days and :math:`u` is the number of days in ``time_unit``. What
    counts as one purchase (``collapse``) and how time is measured (``time_unit``) are two things.

    The orders are scanned once: checks, counts and summary come from the same pass. Where they stay
    in an engine of the caller's, it scans them for the counts, and again when the result is run.

    Parameters
    ----------
    customer : str, default="customer_id"
        Column of the customer's id: numbers, text, dates or UUIDs (which come back as text).
    date : str, default="date"
        Column of the order's date or time. Text is refused. Times that have a zone are read as the
        wall clock of their own zone; files and engines that keep instants without a zone are read
        in UTC, with a warning; Spark's are read as Spark shows them, in the session's zone.
    amount : str or None, default=None
        Column of what the order is worth, in any currency. None: no money in the summary.
    time_unit : {"day", "week", "month", "year"}, default="week"
        The ruler: 1, 7, 365.25 / 12 or 365.25 days.
    collapse : {"day", "week", "month"}, default="day"
        Orders within one such calendar period are one purchase. Weeks begin on Monday.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of observation; orders on that day count, later ones are left out and counted in
        ``data_quality_``. Text is written as "2024-12-31". None: ``fit`` takes the day of the last
        order and warns, and ``transform`` refuses later orders.
    on_negative : {"net", "drop", "raise"}, default="net"
        What negative amounts mean. "net": refunds; the amounts of one customer and day are added
        up, and a day that refunds bring to zero or below (up to rounding, 1e-9 of the amounts) is
        no purchase. "drop": they are left out. "raise": an error. An order of amount zero is a
        purchase in every case, unless refunds of the same day cancel the rest.
    extra : sequence of str, default=()
        Further columns, in this order: "n_orders" (rows of X within the observation that are not
        negative), "total_value" (sum of all amounts within the observation, refunds on whatever day
        taken off; with "drop" without them), "log_interval_sum" (sum of the logarithms of the times
        between purchases, in ``time_unit``; 0 without a repeat purchase), "first_purchase",
        "last_purchase" (days), "left_truncated" (whether the first purchase lies within
        ``left_edge`` of the first order, so that earlier ones may not be in the data).
    left_edge : float or None, default=None
        How long a customer may well stay away between two purchases, in ``time_unit``. An order log
        begins somewhere; who is first seen within the first ``left_edge`` of it may have been a
        customer before, and frequency, T and "first" purchase are then not what they seem. Say it
        from what you know of the trade, such as the time within which nine of ten repeat purchases
        follow; nothing in a log that begins late can tell it. Needed by the extra column
        "left_truncated"; with it ``data_quality_`` counts such customers.
    calendar : sequence of dates or None, default=None
        The opportunities to buy, ascending: appeals, seasons, events, first days of years. Then
        frequency, recency and T count opportunities, as
        `custvalue.lifetime.BetaGeoBetaBinomial` wants them, and one step from an opportunity to
        the next counts as one ``time_unit``. An order belongs to the last opportunity at or before
        its day, so that the first purchase is at opportunity 0 and a customer buys at most once at
        each. Orders before the first opportunity are refused; ``collapse`` must be "day".
        Opportunities after ``observation_end`` are not counted. Without ``observation_end`` all
        are, and nothing is inferred.

    Attributes
    ----------
    observation_end_ : pandas.Timestamp
        Last day of observation, given or inferred.
    data_quality_ : pandas.Series
        What became of the orders that ``fit`` read. ``orders_read`` is the sum of
        ``orders_after_observation``, ``orders_dropped_negative``, ``orders_refunded_away`` (on days
        that refunds bring to zero or below), ``orders_merged`` (into a purchase that another order
        made) and ``purchases``; ``customers_read`` that of ``customers_after_observation``,
        ``customers_without_purchase`` and ``customers``. Beside them ``negative_amounts``,
        ``zero_amounts`` and ``days_refunded_away`` within the observation, the days of the first
        and the last order and, with ``left_edge``, ``customers_left_truncated``.
    n_features_in_ : int
        Number of columns read.
    feature_names_in_ : ndarray of str
        Their names.

    See Also
    --------
    calibration_holdout_split : The summary at one day, with what happened after it.
    custvalue.lifetime.BetaGeoNBD : A model of such summaries.
    custvalue.lifetime.BetaGeoBetaBinomial : A model of summaries by ``calendar``.

    Notes
    -----
    What comes out has the kind of what goes in: pandas from pandas and from files, with the
    customer's id as index; polars and Arrow from their own, with the id as first column; an Ibis
    table from Ibis tables and a Spark DataFrame from Spark's, which nothing has run yet; an Ibis
    table in memory from DuckDB relations. Rows are sorted by id (a table not yet run has no order),
    numbers are float64. A pandas frame carries ``attrs["time_unit"]``.

    Orders of an Ibis table or of Spark stay in their engine: counts travel, orders do not. All
    others are read by a DuckDB of this call's own, which moves to the temporary directory what its
    memory does not hold. The environment variable ``CUSTVALUE_MEMORY_LIMIT``, such as "2GB", says
    how much that is; without it, 80 % of the machine's. Sums are rounded to twelve significant
    digits, so that all engines give the same figures.

    ``monetary_value`` is the mean spend per repeat purchase, the first purchase left out, 0 where
    there is none. Cross-validate summaries, or orders in groups by customer: orders of one customer
    must not be split.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). "RFM and CLV: Using iso-value curves for
    customer base analysis". Journal of Marketing Research, 42(4), 415-430.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.transactions import RFMSummary
    >>> orders = pd.DataFrame({
    ...     "customer_id": [1, 1, 1, 2],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-01-08"]),
    ...     "amount": [20.0, 30.0, 40.0, 15.0],
    ... })
    >>> summary = RFMSummary(amount="amount", observation_end="2024-02-05")
    >>> summary.fit_transform(orders)
                 frequency  recency    T  monetary_value
    customer_id
    1                  2.0      4.0  5.0            35.0
    2                  0.0      0.0  4.0             0.0
    >>> int(summary.data_quality_["purchases"])
    4

    The same customers at opportunities to buy, here the first days of four fortnights:

    >>> fortnights = ["2024-01-01", "2024-01-15", "2024-01-29", "2024-02-12"]
    >>> RFMSummary(calendar=fortnights).fit_transform(orders)
                 frequency  recency    T
    customer_id
    1                  2.0      2.0  3.0
    2                  0.0      0.0  3.0
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "customer": [str],
        "date": [str],
        "amount": [str, None],
        "time_unit": [StrOptions(set(TIME_UNITS))],
        "collapse": [StrOptions({"day", "week", "month"})],
        "observation_end": [str, datetime.date, np.datetime64, None],
        "on_negative": [StrOptions({"net", "drop", "raise"})],
        "extra": [tuple, list],
        "left_edge": [interval(0, None), None],
        "calendar": ["array-like", None],
    }

    def __init__(
        self,
        *,
        customer: str = "customer_id",
        date: str = "date",
        amount: str | None = None,
        time_unit: str = "week",
        collapse: str = "day",
        observation_end: str | datetime.date | np.datetime64 | None = None,
        on_negative: str = "net",
        extra: Sequence[str] = (),
        left_edge: float | None = None,
        calendar: Any = None,
    ) -> None:
        self.customer = customer
        self.date = date
        self.amount = amount
        self.time_unit = time_unit
        self.collapse = collapse
        self.observation_end = observation_end
        self.on_negative = on_negative
        self.extra = extra
        self.left_edge = left_edge
        self.calendar = calendar

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the orders, count what is in them, and learn the end of observation.

        Parameters
        ----------
        X : any table
            One row per order or order line: a pandas or polars frame (lazy too), a pyarrow Table,
            RecordBatch, RecordBatchReader or dataset, a path or glob to Parquet or CSV files, a
            DuckDB relation, an Ibis table of any backend or a Spark DataFrame (of a classic
            session). Neither changed nor kept.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it must be.
        custvalue.exceptions.DataError
            If the orders break a rule; the message names column, rule, number and first of the
            rows.
        TypeError
            If X is not a table.
        """
        rules = self._rules()
        with read_orders(X, self._columns(), rules, "RFMSummary") as read:
            self._learn(read)
        return self

    def transform(self, X: Any) -> Any:
        """Return one row per customer with a purchase up to ``observation_end_``.

        Parameters
        ----------
        X : any table
            One row per order or order line; whatever `fit` takes.

        Returns
        -------
        frame of shape (n_customers, n_columns)
            Of the kind of X. Columns ``frequency``, ``recency``, ``T``, with an amount
            ``monetary_value`` (in the currency of X), and the extra ones; times in ``time_unit``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the orders break a rule, or some lie after an end of observation that was inferred.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If orders lie after ``observation_end`` that were not there at ``fit``: they are left
            out. To look from a later day, ``set_params(observation_end=...)``.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.transactions import RFMSummary
        >>> orders = pd.DataFrame({
        ...     "customer_id": ["a", "a"], "date": pd.to_datetime(["2024-01-01", "2024-01-08"])
        ... })
        >>> RFMSummary(observation_end="2024-01-15").fit(orders).transform(orders)
                     frequency  recency    T
        customer_id
        a                  1.0      1.0  2.0
        """
        check_is_fitted(self)
        rules = self._rules(None if self.observation_end else self.observation_end_.date())
        end: datetime.date = rules.end or self.observation_end_.date()
        with read_orders(X, self._columns(), rules, "RFMSummary") as read:
            if self.observation_end is None and read.counts.n_later:
                reject_later(read.opened, end)
            if self.left_edge is not None and read.counts.first_day < self._first_day():
                what = "the first order that fit saw, where left_edge is stated (fit again)"
                reject_earlier(read.opened, self._first_day(), what)
            if read.counts.n_later not in (0, self.data_quality_["orders_after_observation"]):
                warn_of_later(read.counts.n_later, read.counts.n_rows, end)
            kind = self._output_kind(read.opened.kind)
            return summary_frame(read, end, kind, self._first_day())

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit and transform the same orders in one scan of them.

        Parameters
        ----------
        X : any table
            One row per order or order line; whatever `fit` takes.
        y : None
            Ignored.
        **fit_params : dict
            Ignored: ``fit`` takes none.

        Returns
        -------
        frame of shape (n_customers, n_columns)
            As ``transform`` gives it.

        Raises
        ------
        ValueError
            If a parameter is not what it must be.
        custvalue.exceptions.DataError
            If the orders break a rule.
        TypeError
            If X is not a table.
        """
        rules = self._rules()
        with read_orders(X, self._columns(), rules, "RFMSummary") as read:
            self._learn(read)
            end = self.observation_end_.date()
            return summary_frame(read, end, self._output_kind(read.opened.kind))

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives, the customer's id apart.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_columns,)
            They depend on the parameters alone.
        """
        check_is_fitted(self)
        return np.asarray(output_columns(self._rules()), dtype=object)

    def to_sql(
        self,
        dialect: str = "duckdb",
        table: str | Sequence[str] = "orders",
        observation_end: str | datetime.date | np.datetime64 | None = None,
    ) -> str:
        """Return a query that gives the summary of the orders in a database table.

        It is what `transform` computes, written as text: one SELECT that a database runs without
        Python. The end of observation, and the first day for "left_truncated", are constants in it.

        Parameters
        ----------
        dialect : str, default="duckdb"
            "bigquery", "databricks", "duckdb", "mysql" (from 8.0.17), "postgres", "snowflake",
            "spark" (from 3.3) or "trino".
        table : str or sequence of str, default="orders"
            Name of the table, taken as one name with any dots in it. A sequence gives schema and
            name, or catalogue, schema and name.
        observation_end : str, date, Timestamp or None, default=None
            Last day of observation of this query, such as that of a nightly job. None takes
            ``observation_end_``, or the parameter where it has been set since.

        Returns
        -------
        str
            Columns: the customer's id, then those of `transform`; one row per customer, in no
            order. Names are quoted. Dates are cast to DATE (an instant in the time zone of the
            session), amounts to double precision. Later orders, and those without customer or date,
            are left out, with a ``calendar`` those before its first day too. A customer with an
            amount that is missing or not finite has NULL money.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the dialect is none of these, the table has no name of one to three parts, or the
            end is no date or lies before the first opportunity of ``calendar``.

        Notes
        -----
        Ids are equal where the database says so: some compare text without regard to capitals.
        Where amounts of one customer need more than twelve digits, databases round the last of
        these twelve in their own ways.

        Examples
        --------
        >>> import duckdb
        >>> import pandas as pd
        >>> from custvalue.transactions import RFMSummary
        >>> orders = pd.DataFrame({
        ...     "customer_id": ["a", "a"], "date": pd.to_datetime(["2024-01-01", "2024-01-08"])
        ... })
        >>> query = RFMSummary(observation_end="2024-01-15").fit(orders).to_sql("duckdb")
        >>> connection = duckdb.connect().register("orders", orders)
        >>> connection.sql(query).fetchall()
        [('a', 1.0, 1.0, 2.0)]
        """
        check_is_fitted(self)
        wanted = self.observation_end if observation_end is None else observation_end
        end = self.observation_end_.date() if wanted is None else as_day(wanted, "observation_end")
        return summary_query(
            self._columns(),
            self._rules(end),
            start=self._first_day(),
            end=end,
            table=checked_table(table),
            dialect=checked_engine(dialect),
        )

    def _rules(self, end: datetime.date | None = None) -> SummaryRules:
        """Check the parameters and return what they say; ``end`` is what ``fit`` learned."""
        self._validate_params()
        if end is None and self.observation_end is not None:
            end = as_day(self.observation_end, "observation_end")
        rules = SummaryRules(
            has_amount=self.amount is not None,
            time_unit=self.time_unit,
            collapse=self.collapse,
            on_negative=self.on_negative,
            extra=check_extra(self.extra, self.amount is not None, self.left_edge),
            end=end,
            calendar=check_calendar(self.calendar, self.collapse, end),
            left_edge=self.left_edge,
        )
        check_id_name(self.customer, output_columns(rules))
        return rules

    def _columns(self) -> dict[str, str]:
        return order_columns(self.customer, self.date, self.amount)

    def _first_day(self) -> datetime.date:
        first: datetime.date = self.data_quality_["first_order"].date()
        return first

    def _learn(self, read: CustomerTotals) -> None:
        end = read.rules.end or self._learned_end(read)
        self.observation_end_ = pd.Timestamp(end)
        self.data_quality_ = quality_series(read.counts, read.rules, end)
        names = list(self._columns().values())
        self.n_features_in_ = len(names)
        self.feature_names_in_ = np.asarray(names, dtype=object)

    def _learned_end(self, read: CustomerTotals) -> datetime.date:
        if read.rules.calendar:
            return max(read.rules.calendar[-1], read.counts.last_day)
        return inferred_end(read.counts, stacklevel=5)
