"""CohortTable: an order log in, what each cohort of new customers did at each age out."""

from __future__ import annotations

import datetime
import warnings
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.output import OutputMixin, build_frame
from custvalue._estimator.parameters import StrOptions, as_day
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._tables.calendar_periods import (
    PERIODS,
    last_whole_period,
    period_number,
)
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions._cohort_matrix import (
    Triangle,
    cohort_matrix,
    find_triangle,
    left_out,
    of_own_start,
    settled,
)
from custvalue.transactions._cohort_table import MEASURES, CohortOrders, read_cohorts
from custvalue.transactions._order_checks import reject_later, warn_of_later
from custvalue.transactions._order_counts import quality_series
from custvalue.transactions._orders import inferred_end
from custvalue.transactions._parameters import order_columns
from custvalue.transactions._rfm_summary import SummaryRules

__all__ = ["CohortTable"]


class CohortTable(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Turn an order log into a table of cohorts: what new customers of a period did later.

    A *cohort* is all customers whose first purchase lies in one calendar period, a month unless
    ``period`` says otherwise. Its *age* in another period is the number of periods since then: 0
    in its own. For cohort :math:`c` and age :math:`a` the cell is

    .. math:: m_{c,a} = \text{measure of the customers of } c \text{ in period } c + a,

    and with ``relative`` :math:`m_{c,a} / m_{c,0}`: each cohort is divided by its own start. A
    cell that was observed and in which nothing happened is 0; one whose period is not over is
    missing. Purchases are those of `RFMSummary`: the orders of a customer and day are one, and a
    day that refunds bring to zero or below is none.

    The orders are scanned once, by the engine where they are; only the cells travel.

    Parameters
    ----------
    customer : str, default="customer_id"
        Column of the customer's id: numbers or text.
    date : str, default="date"
        Column of the order's date or time, as `RFMSummary` reads it.
    amount : str or None, default=None
        Column of what the order is worth, in any currency. It says which days are refunded away,
        whatever the measure. None: no money, and every order is a purchase.
    period : {"day", "week", "month", "quarter", "year"}, default="month"
        Period of the calendar. Weeks begin on Monday.
    measure : {"customers", "orders", "revenue"}, default="customers"
        What the cells hold. "customers": how many different customers of the cohort bought in the
        period. "orders": rows of X that are not negative, as ``n_orders`` of `RFMSummary`.
        "revenue": the sum of all amounts, refunds taken off in the period in which they are made;
        with ``on_negative="drop"`` without them.
    relative : bool, default=False
        Whether every cohort is divided by its own cell of age 0: customers, orders or revenue.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of observation; orders on that day count, later ones are left out and counted in
        ``data_quality_``. None: ``fit`` takes the day of the last order and warns, and
        ``transform`` refuses later orders.
    incomplete : {"drop", "keep"}, default="drop"
        What becomes of the last period where ``observation_end`` is not its last day. "drop": it
        counts as not observed; what was bought in it is left out and counted. "keep": it stands as
        it is, and is lower than it will be.
    on_negative : {"net", "drop", "raise"}, default="net"
        What negative amounts mean, as in `RFMSummary`: refunds, nothing, an error.

    Attributes
    ----------
    observation_end_ : pandas.Timestamp
        Last day of observation, given or inferred.
    sizes_ : pandas.Series of shape (n_cohorts,)
        Number of customers of each cohort, whatever the measure; index ``cohort``, the first day
        of the period.
    n_periods_ : int
        Number of ages, from 0: periods from the first cohort to the last period observed.
    data_quality_ : pandas.Series
        What became of the orders that ``fit`` read, as in `RFMSummary`. ``customers`` is the sum
        of ``sizes_`` and ``customers_in_incomplete_period``; of the ``purchases``
        ``purchases_in_incomplete_period`` are left out. All orders that are not negative are the
        cells of measure "orders", ``orders_in_incomplete_period`` and ``orders_without_cohort``:
        refunded away, by customers without a purchase or in periods before their first. With an
        amount the net revenue of the observation is the sum of the cells,
        ``revenue_in_incomplete_period`` and ``revenue_without_cohort``.
    n_features_in_ : int
        Number of columns read.
    feature_names_in_ : ndarray of str
        Their names.

    See Also
    --------
    RFMSummary : The same orders, one row per customer.
    custvalue.retention.ShiftedBetaGeo : A model of how long customers of a cohort stay.

    Notes
    -----
    The table is a pandas frame with the first day of the cohort's period as index ``cohort``; from
    polars and Arrow it is of their kind, with ``cohort`` as first column. It is small whatever the
    orders, so that Ibis tables, DuckDB relations and Spark DataFrames give pandas too. Columns are
    named "0", "1", "2", ... and hold float64. Rows run from the first to the last cohort that
    somebody joined, without a gap: between them, a period without a new customer is a row of
    zeros, missing if relative. A pandas frame carries ``attrs``: period, measure and relative.

    Customers who bought before X begins look new at their first order in it. The first cohorts
    then hold old customers too, and stay longer than those after them.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.transactions import CohortTable
    >>> orders = pd.DataFrame({
    ...     "customer_id": [1, 2, 1, 3, 1, 3],
    ...     "date": pd.to_datetime(
    ...         ["2024-01-05", "2024-01-20", "2024-02-11", "2024-02-14", "2024-03-01", "2024-03-30"]
    ...     ),
    ...     "amount": [20.0, 30.0, 10.0, 15.0, 10.0, 30.0],
    ... })
    >>> table = CohortTable(observation_end="2024-03-31")
    >>> table.fit_transform(orders)
                  0    1    2
    cohort
    2024-01-01  2.0  1.0  1.0
    2024-02-01  1.0  1.0  NaN
    >>> table.set_params(amount="amount", measure="revenue", relative=True).fit_transform(orders)
                  0    1    2
    cohort
    2024-01-01  1.0  0.2  0.2
    2024-02-01  1.0  2.0  NaN
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "customer": [str],
        "date": [str],
        "amount": [str, None],
        "period": [StrOptions(set(PERIODS))],
        "measure": [StrOptions(set(MEASURES))],
        "relative": ["boolean"],
        "observation_end": [str, datetime.date, np.datetime64, None],
        "incomplete": [StrOptions({"drop", "keep"})],
        "on_negative": [StrOptions({"net", "drop", "raise"})],
    }

    def __init__(
        self,
        *,
        customer: str = "customer_id",
        date: str = "date",
        amount: str | None = None,
        period: str = "month",
        measure: str = "customers",
        relative: bool = False,
        observation_end: str | datetime.date | np.datetime64 | None = None,
        incomplete: str = "drop",
        on_negative: str = "net",
    ) -> None:
        self.customer = customer
        self.date = date
        self.amount = amount
        self.period = period
        self.measure = measure
        self.relative = relative
        self.observation_end = observation_end
        self.incomplete = incomplete
        self.on_negative = on_negative

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the orders, count what is in them, and learn cohorts and the end of observation.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, Spark frame, path or glob
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
            rows. If no period with a purchase is over, or periods are too many.
        TypeError
            If X is not a table.
        """
        rules = self._rules()
        with read_cohorts(X, self._columns(), rules, self.period, "CohortTable") as read:
            self._learn(read, rules)
        return self

    def transform(self, X: Any) -> Any:
        """Return one row per cohort with what its customers did at each age.

        Ages run to the end of observation from the first cohort that ``fit`` saw, so that the
        columns are those of ``get_feature_names_out`` for any X.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, Spark frame, path or glob
            One row per order or order line.

        Returns
        -------
        frame of shape (n_cohorts, n_periods)
            Columns "0", "1", ...: the age in periods. Customers or orders in numbers, revenue in
            the currency of X, or shares of the cohort's own start. Missing where not observed.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the orders break a rule, some lie after an end of observation that was inferred, or
            a cohort is earlier than those of ``fit``.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If orders lie after ``observation_end`` that were not there at ``fit``: they are left
            out. To look from a later day, ``set_params(observation_end=...)``. If cohorts have no
            revenue to divide by.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.transactions import CohortTable
        >>> orders = pd.DataFrame({
        ...     "customer_id": ["a", "a"], "date": pd.to_datetime(["2024-01-01", "2024-01-08"])
        ... })
        >>> weeks = CohortTable(period="week", observation_end="2024-01-21")
        >>> weeks.fit(orders).transform(orders)
                      0    1    2
        cohort
        2024-01-01  1.0  1.0  0.0
        """
        check_is_fitted(self)
        rules = self._rules(self._end())
        with read_cohorts(X, self._columns(), rules, self.period, "CohortTable") as read:
            if self.observation_end is None and read.counts.n_later:
                reject_later(read.opened, self._end())
            if read.counts.n_later not in (0, self.data_quality_["orders_after_observation"]):
                warn_of_later(read.counts.n_later, read.counts.n_rows, self._end())
            return self._table(read)

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit and transform the same orders in one scan of them.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, Spark frame, path or glob
            One row per order or order line.
        y : None
            Ignored.
        **fit_params : dict
            Ignored: ``fit`` takes none.

        Returns
        -------
        frame of shape (n_cohorts, n_periods)
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
        with read_cohorts(X, self._columns(), rules, self.period, "CohortTable") as read:
            self._learn(read, rules)
            return self._table(read)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives, the cohort apart.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_periods,)
            "0", "1", ...: they follow from the first cohort fitted and the end of observation.
        """
        check_is_fitted(self)
        return np.asarray([str(age) for age in range(self._n_periods())], dtype=object)

    def _rules(self, end: datetime.date | None = None) -> SummaryRules:
        """Check the parameters and return what they say; ``end`` is what ``fit`` learned."""
        self._validate_params()
        if self.measure == "revenue" and self.amount is None:
            raise ValueError("measure='revenue' needs an amount column; found amount=None")
        if end is None and self.observation_end is not None:
            end = as_day(self.observation_end, "observation_end")
        return SummaryRules(
            has_amount=self.amount is not None, on_negative=self.on_negative, end=end
        )

    def _columns(self) -> dict[str, str]:
        return order_columns(self.customer, self.date, self.amount)

    def _end(self) -> datetime.date:
        if self.observation_end is not None:
            return as_day(self.observation_end, "observation_end")
        end: datetime.date = self.observation_end_.date()
        return end

    def _observed(self, end: datetime.date) -> int:
        """Return the number of the last period that counts as observed."""
        if self.incomplete == "keep":
            return period_number(end, self.period)
        return last_whole_period(end, self.period)

    def _first_cohort(self) -> int:
        return period_number(self.sizes_.index[0].date(), self.period)

    def _n_periods(self) -> int:
        return max(self._observed(self._end()) - self._first_cohort() + 1, 0)

    def _learn(self, read: CohortOrders, rules: SummaryRules) -> None:
        end = rules.end or inferred_end(read.counts, stacklevel=4)
        observed = self._observed(end)
        triangle = find_triangle(read.cells, self.period, None, observed)
        sizes = cohort_matrix(read.cells, "customers", triangle)[:, 0]
        self.observation_end_ = pd.Timestamp(end)
        self.sizes_ = pd.Series(sizes.astype(np.int64), index=_index(triangle), name="customers")
        self.n_periods_ = triangle.n_periods
        self.data_quality_ = self._quality(read, rules, end)
        names = list(self._columns().values())
        self.n_features_in_ = len(names)
        self.feature_names_in_ = np.asarray(names, dtype=object)

    def _quality(self, read: CohortOrders, rules: SummaryRules, end: datetime.date) -> pd.Series:
        missing = left_out(read.cells, self._observed(end))
        entries: dict[str, Any] = {}
        for name, value in missing.items():
            if not name.startswith("revenue"):
                entries[name] = int(value)
            elif rules.has_amount:
                entries[name] = float(settled(np.array(value)))
        own = pd.Series(entries, dtype=object)
        counted = quality_series(read.counts, rules, end)
        quality: pd.Series = pd.concat([counted, own]).rename(counted.name)
        return quality

    def _table(self, read: CohortOrders) -> Any:
        """Return the table as a frame of the kind that the caller expects."""
        observed = self._observed(self._end())
        triangle = find_triangle(read.cells, self.period, self._first_cohort(), observed)
        matrix = cohort_matrix(read.cells, self.measure, triangle)
        _refuse_infinite(matrix, triangle)
        if self.relative:
            sizes = cohort_matrix(read.cells, "customers", triangle)[:, 0]
            _warn_of_no_start(matrix[:, 0], sizes, triangle)
            matrix = of_own_start(matrix)
        given = read.opened.kind if read.opened.kind in ("polars", "pyarrow") else "pandas"
        columns = {str(age): matrix[:, age] for age in range(triangle.n_periods)}
        frame = build_frame(columns, kind=self._output_kind(given), index=_index(triangle))
        if isinstance(frame, pd.DataFrame):
            told = ("period", "measure", "relative", "incomplete")
            frame.attrs.update({name: getattr(self, name) for name in told})
        return frame


def _refuse_infinite(matrix: FloatArray, triangle: Triangle) -> None:
    """Raise where the amounts of a cohort and age add up to no number; missing is not observed."""
    bad = np.isinf(matrix)
    if bad.any():
        cohort, age = np.argwhere(bad)[0].tolist()
        raise DataError(
            "the amounts of a cohort and age must have a finite sum; those of cohort "
            f"{triangle.labels[cohort]} at age {age} add up to {matrix[cohort, age]} "
            f"({int(bad.sum())} such cells)"
        )


def _index(triangle: Triangle) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(triangle.labels, name="cohort")


def _warn_of_no_start(start: FloatArray, sizes: FloatArray, triangle: Triangle) -> None:
    """Warn of cohorts that have customers and no revenue at age 0."""
    without = np.flatnonzero((start <= 0) & (sizes > 0))
    if len(without):
        first = _index(triangle)[without[0]].date()
        warnings.warn(
            f"{len(without)} of {int((sizes > 0).sum())} cohorts have no revenue above zero at "
            f"age 0 to divide by and are missing; the first is {first}",
            DataQualityWarning,
            stacklevel=4,
        )
