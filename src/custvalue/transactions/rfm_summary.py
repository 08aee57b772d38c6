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
from custvalue._estimator.parameters import StrOptions, as_day
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._typing import AnyArray
from custvalue.transactions._order_checks import reject_later, warn_of_later
from custvalue.transactions._order_counts import quality_series
from custvalue.transactions._orders import CustomerTotals, inferred_end, read_orders, summary_frame
from custvalue.transactions._parameters import check_extra, check_id_name, order_columns
from custvalue.transactions._rfm_summary import SummaryRules, output_columns

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

    The orders are scanned once: checks, counts and summary come from the same pass.

    Parameters
    ----------
    customer : str, default="customer_id"
        Column of the customer's id: numbers or text.
    date : str, default="date"
        Column of the order's date or time. Text is refused. Times that have a zone are read as the
        wall clock of their own zone; files and engines that keep instants without a zone are read
        in UTC, with a warning.
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
        "last_purchase" (days).

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
        ``zero_amounts`` and ``days_refunded_away`` within the observation, and the days of the
        first and the last order.
    n_features_in_ : int
        Number of columns read.
    feature_names_in_ : ndarray of str
        Their names.

    See Also
    --------
    calibration_holdout_split : The summary at one day, with what happened after it.
    custvalue.lifetime.BetaGeoNBD : A model of such summaries.

    Notes
    -----
    What comes out has the kind of what goes in: pandas from pandas and from files, with the
    customer's id as index; polars and Arrow from their own, with the id as first column; an Ibis
    table from Ibis tables, which nothing has run yet, and from DuckDB relations. Rows are sorted by
    id (a table not yet run has no order), numbers are float64. A pandas frame carries
    ``attrs["time_unit"]``.

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
    ) -> None:
        self.customer = customer
        self.date = date
        self.amount = amount
        self.time_unit = time_unit
        self.collapse = collapse
        self.observation_end = observation_end
        self.on_negative = on_negative
        self.extra = extra

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the orders, count what is in them, and learn the end of observation.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order or order line. A path names Parquet or CSV files. Neither changed nor
            kept.
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
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order or order line.

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
            if read.counts.n_later not in (0, self.data_quality_["orders_after_observation"]):
                warn_of_later(read.counts.n_later, read.counts.n_rows, end)
            return summary_frame(read, end, self._output_kind(read.opened.kind))

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit and transform the same orders in one scan of them.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order or order line.
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
            extra=check_extra(self.extra, self.amount is not None),
            end=end,
        )
        check_id_name(self.customer, output_columns(rules))
        return rules

    def _columns(self) -> dict[str, str]:
        return order_columns(self.customer, self.date, self.amount)

    def _learn(self, read: CustomerTotals) -> None:
        end = read.rules.end or inferred_end(read.counts, stacklevel=4)
        self.observation_end_ = pd.Timestamp(end)
        self.data_quality_ = quality_series(read.counts, read.rules, end)
        names = list(self._columns().values())
        self.n_features_in_ = len(names)
        self.feature_names_in_ = np.asarray(names, dtype=object)
