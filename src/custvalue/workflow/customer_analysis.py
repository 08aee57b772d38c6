"""CustomerAnalysis: an order log in; a customer table, a report and a model file out."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table
from custvalue._estimator.files import write_text
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue.lifetime import LifetimeValue
from custvalue.segmentation import RFMSegmenter, SegmentRule
from custvalue.transactions import RFMSummary
from custvalue.workflow._customer_analysis import (
    EXTRAS,
    READING,
    VALUING,
    customer_table,
    frame_kind,
    order_reader,
    require_paid,
)
from custvalue.workflow._holdout import run_holdout
from custvalue.workflow._page import render
from custvalue.workflow._report import report_contents

__all__ = ["CustomerAnalysis"]


class CustomerAnalysis(OutputMixin, PersistenceMixin, BaseEstimator):
    """From an order log to who the customers are and what they are worth.

    One call joins the rooms of the library: the orders become a summary per customer
    (`RFMSummary`), the summary a value (`LifetimeValue`) and a named segment (`RFMSegmenter`), and
    the purchase model is tested on a part of the history that it has not seen. Out come a table
    with one row per customer (`transform`), a report to read (`report`) and a file of some
    ten kilobytes that scores new orders by the same model (`save`).

    Parameters
    ----------
    customer : str, default="customer_id"
        Column of the customer's id.
    date : str, default="date"
        Column of the order's date or time.
    amount : str, default="amount"
        Column of what the order is worth. Value needs it: for a log without amounts use
        `RFMSummary` and an attrition model by themselves.
    time_unit : {"day", "week", "month", "year"}, default="week"
        What times are measured in.
    collapse : {"day", "week", "month"}, default="day"
        Orders within one such period are one purchase.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of observation; later orders are left out and counted. None: ``fit`` takes the day
        of the last order and warns, and ``transform`` refuses later orders.
    on_negative : {"net", "drop", "raise"}, default="net"
        What negative amounts mean; see `RFMSummary`.
    horizon : float or str, default="12 months"
        Length of the future that is valued: words, time units, or ``float("inf")``.
    margin : float, default=1.0
        Profit per unit of spend.
    annual_discount_rate : float, default=0.10
        Compounded once a year.
    holdout : float, str, date or Timestamp, or None, default=0.5
        For the test of the purchase model: the share of the history, by time, that is kept back at
        its end, or the last day that the model may see. None: no test.
    attrition : estimator or None, default=None
        Model of repeat purchases; None is ``BetaGeoNBD``.
    spend : estimator or None, default=None
        Model of spend per purchase; None is ``GammaGamma``.
    rules : sequence of SegmentRule or None, default=None
        Rules of the segments; None takes the standard ones.

    Attributes
    ----------
    summary_ : RFMSummary
        The fitted reader of orders.
    value_ : LifetimeValue
        The fitted models; those of purchases and spend are its ``attrition_`` and ``spend_``.
    segmenter_ : RFMSegmenter
        The fitted segments, with their cut points.
    observation_end_ : pandas.Timestamp
        Last day of observation, given or inferred.
    data_quality_ : pandas.Series
        What became of the orders that were read; see `RFMSummary`.
    holdout_ : pandas.DataFrame or None
        Mean purchases per customer in the holdout, ``observed`` and ``expected``, and the number of
        ``customers``, by repeat purchases before it ("0", ..., "7+"). The model that expects them
        was fitted to the part before the holdout alone. None where there was no test.
    holdout_note_ : str
        Between which days the test ran, or why there was none.
    calibration_end_ : pandas.Timestamp or None
        Last day before the holdout.
    n_features_in_ : int
    feature_names_in_ : ndarray of str

    See Also
    --------
    custvalue.transactions.RFMSummary : What is accepted as orders.
    custvalue.lifetime.LifetimeValue : What value means.
    custvalue.segmentation.RFMSegmenter : What the segments are.

    Notes
    -----
    No orders are kept. ``transform`` and ``report`` look at customers from ``observation_end_``; to
    score tomorrow's orders at tomorrow's clock, use `transform_at`.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.workflow import CustomerAnalysis
    >>> orders = load_cdnow()
    >>> analysis = CustomerAnalysis(observation_end="1998-06-30").fit(orders)
    >>> customers = analysis.transform(orders)
    >>> customers[["frequency", "probability_alive", "value", "segment"]].head(3).round(2)
                 frequency  probability_alive  value          segment
    customer_id
    1                  3.0               0.66  29.90  Loyal Customers
    2                  1.0               0.17   2.47          At Risk
    3                  0.0               1.00   5.09             Lost
    >>> analysis.holdout_.head(3).round(3)
               customers  observed  expected
    frequency
    0               1411     0.237     0.225
    1                439     0.697     0.523
    2                214     1.393     1.044
    """

    _output_columns: ClassVar[tuple[str, ...]] = (
        "frequency",
        "recency",
        "T",
        "monetary_value",
        *EXTRAS,
        "probability_alive",
        "expected_purchases",
        "expected_spend",
        "value",
        "r_score",
        "f_score",
        "m_score",
        "rfm_score",
        "segment",
        "rule",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **{name: RFMSummary._parameter_constraints[name] for name in READING},
        **{name: LifetimeValue._parameter_constraints[name] for name in VALUING},
        "observation_end": RFMSummary._parameter_constraints["observation_end"],
        "margin": [interval(0, None, closed="left")],
        "holdout": [interval(0, 1), str, datetime.date, np.datetime64, None],
        "rules": RFMSegmenter._parameter_constraints["rules"],
    }

    def __init__(
        self,
        *,
        customer: str = "customer_id",
        date: str = "date",
        amount: str = "amount",
        time_unit: str = "week",
        collapse: str = "day",
        observation_end: str | datetime.date | np.datetime64 | None = None,
        on_negative: str = "net",
        horizon: float | str = "12 months",
        margin: float = 1.0,
        annual_discount_rate: float = 0.10,
        holdout: float | str | datetime.date | np.datetime64 | None = 0.5,
        attrition: Any = None,
        spend: Any = None,
        rules: Sequence[SegmentRule] | None = None,
    ) -> None:
        self.customer = customer
        self.date = date
        self.amount = amount
        self.time_unit = time_unit
        self.collapse = collapse
        self.observation_end = observation_end
        self.on_negative = on_negative
        self.horizon = horizon
        self.margin = margin
        self.annual_discount_rate = annual_discount_rate
        self.holdout = holdout
        self.attrition = attrition
        self.spend = spend
        self.rules = rules

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the models, learn the segments, and test the purchase model.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order or order line. A path names Parquet or CSV files.
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
            If the orders break a rule; the message names rule, column, number and first row.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If the end of observation was inferred.
        custvalue.exceptions.ConvergenceWarning
            If a model did not reach a proper maximum.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit and return the customer table of the same orders.

        Parameters
        ----------
        X : table of orders, as in `fit`
        y : None
            Ignored.
        **fit_params : dict
            Ignored: ``fit`` takes none.

        Returns
        -------
        frame of shape (n_customers, 18)
            As `transform` gives it.
        """
        return self._table(self._fit(X), X)

    def transform(self, X: Any) -> Any:
        """Return the customer table: what each bought, is worth, and belongs to.

        Parameters
        ----------
        X : table of orders, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 18)
            Sorted by customer. The summary (``frequency``, ``recency``, ``T``,
            ``monetary_value``, ``n_orders``, ``total_value``, ``first_purchase``,
            ``last_purchase``), the value within ``horizon`` (``probability_alive``,
            ``expected_purchases``, ``expected_spend``, ``value``), the scores (``r_score``,
            ``f_score``, ``m_score``, ``rfm_score``), ``segment`` and ``rule``. Polars and Arrow
            give their own, the id as first column; all others give pandas, the id as index.

        Raises
        ------
        custvalue.exceptions.DataError
            If the orders break a rule, or some lie after an end of observation that was inferred;
            for those see `transform_at`.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If orders lie after ``observation_end`` that were not there at ``fit``: they are left
            out.
        """
        check_is_fitted(self)
        reader = copy.copy(self.summary_).set_output(transform="pandas")
        reader.set_params(observation_end=self.observation_end)
        return self._table(reader.transform(X), X)

    def transform_at(self, X: Any, observation_end: Any = None) -> Any:
        """Return the customer table of new orders, at a clock of their own.

        The models and cut points stay those that were fitted; only the day from which the
        customers are looked at moves.

        Parameters
        ----------
        X : table of orders, as in `fit`
            The whole history of every customer, not the new orders alone.
        observation_end : str, date or Timestamp, or None, default=None
            Last day of observation. None takes the day of the last order of X, and warns.

        Returns
        -------
        frame of shape (n_customers, 18)
            As `transform` gives it.

        Raises
        ------
        custvalue.exceptions.DataError
            If the orders break a rule.
        """
        check_is_fitted(self)
        return self._table(order_reader(self, observation_end).fit_transform(X), X)

    def report(self, X: Any, path: str | Path, *, title: str = "Customer analysis") -> None:
        """Write a report to read, print and send: one HTML file that needs nothing else.

        The file asks for nothing from anywhere and runs no script. It is written whole or not at
        all; the same orders give the same bytes.

        Parameters
        ----------
        X : table of orders, as in `fit`
        path : str or pathlib.Path
            File to write; one that exists is replaced.
        title : str, default="Customer analysis"
            Heading of the report.

        Raises
        ------
        custvalue.exceptions.DataError
            If the orders break a rule, or some lie after an end of observation that was inferred.
        ImportError
            If matplotlib or jinja2 is not installed: ``pip install "custvalue[report]"``.
        """
        check_is_fitted(self)
        reader = order_reader(self, self.observation_end_)
        summary = reader.fit_transform(X)
        if self.observation_end is None and reader.data_quality_["orders_after_observation"]:
            self.summary_.transform(X)  # refuses the later orders and names them
        contents = report_contents(self, self._customers(summary), reader.data_quality_, title)
        write_text(path, render(contents))

    def _fit(self, X: Any) -> pd.DataFrame:
        """Set the fitted attributes and return the summary of the orders."""
        self._validate_params()
        if self.amount is None:
            raise ValueError(
                "amount must name the column of what orders are worth: value and segments need it; "
                "found None. For orders without amounts use transactions.RFMSummary and "
                "lifetime.BetaGeoNBD"
            )
        reader = order_reader(self, self.observation_end)
        summary: pd.DataFrame = reader.fit_transform(X)
        require_paid(summary, self.amount)
        value = LifetimeValue(**{name: getattr(self, name) for name in VALUING}).fit(summary)
        segmenter = RFMSegmenter(rules=self.rules).fit(summary)
        tested = run_holdout(X, reader, value.attrition_, self.holdout)
        self.summary_, self.value_, self.segmenter_ = reader, value, segmenter
        self.observation_end_ = reader.observation_end_
        self.data_quality_ = reader.data_quality_
        self.holdout_, self.holdout_note_ = tested.table, tested.note
        self.calibration_end_ = tested.calibration_end
        self.n_features_in_ = reader.n_features_in_
        self.feature_names_in_ = reader.feature_names_in_
        return summary

    def _customers(self, summary: pd.DataFrame) -> pd.DataFrame:
        require_paid(summary, self.amount)
        return customer_table(summary, self.value_, self.segmenter_)

    def _table(self, summary: pd.DataFrame, X: Any) -> Any:
        """Return the customer table of a summary, as the kind of frame that X is."""
        customers = self._customers(summary)
        columns = {name: customers[name].to_numpy() for name in self._output_columns}
        return self._frame(Table({}, frame_kind(X), customers.index, {}), columns)
