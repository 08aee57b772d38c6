"""ServiceAnalysis: order lines, survey and customers in; what to serve, and what failures cost."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, column_names
from custvalue._estimator.files import write_text
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray
from custvalue.exceptions import DataQualityWarning
from custvalue.factors import ServiceElementRanking
from custvalue.service import LostSalesCost, OrderPriority, PerfectOrder
from custvalue.workflow._customer_analysis import frame_kind
from custvalue.workflow._page import render
from custvalue.workflow._report_service import service_contents
from custvalue.workflow._service_analysis import (
    COUNTS,
    READING,
    customer_column,
    customer_segments,
    failure_columns,
    judged_customers,
    measure,
    serve_customers,
)
from custvalue.workflow._service_analysis_checks import check_parameters
from custvalue.workflow._service_analysis_customers import (
    COSTING,
    cost_table,
    find_customers,
    is_estimated,
    joined,
    lost_sales,
    numbers_read,
    quality_counts,
    read_customers,
)
from custvalue.workflow._service_analysis_queue import (
    has_ranks,
    queue_columns,
    queue_values,
    require_open_orders,
    sorted_queue,
)
from custvalue.workflow._service_analysis_warnings import told_at_the_call

__all__ = ["ServiceAnalysis"]

_CRITERIA = PerfectOrder().criteria


class ServiceAnalysis(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""From order lines, a survey and customer values to what to serve first and at what cost.

    One call joins the rooms of the library. Order lines become perfect orders by segment
    (`PerfectOrder`) and their metrics (`order_line_metrics`); a survey becomes a ranking of the
    elements of service (`ServiceElementRanking`); and what each customer is worth makes of their
    failures a cost (`LostSalesCost`) and of open orders a queue (`OrderPriority`). Survey and
    customers may be left out, and so is then what they are needed for.

    Parameters
    ----------
    segment : str or None, default=None
        Column to group by: of ``customers`` where they have it, else of the order lines. Segments
        of customers are joined to the lines in memory; customers who are not in the table are in
        the segment "unknown", as are lines without one. All segments become text. None: all in one.
    criteria : sequence of str, default=("on_time", "in_full", "undamaged", "documents")
        What a perfect order meets; see `PerfectOrder`.
    columns : mapping of str to str, or None, default=None
        Names of columns of the order lines that differ from the part they play, such as
        ``{"customer": "customer_id"}``; see `PerfectOrder`. The part ``customer`` is always needed.
    reference : {"promised", "requested"}, default="promised"
        The day that a delivery must keep.
    tolerance : int, default=0
        Days after the reference day that still count as on time.
    early : int or None, default=None
        Days before the reference day that still count as on time; None: early is on time.
    as_of : str, date or Timestamp, or None, default=None
        The day from which the lines are looked at; see `PerfectOrder`.
    on_negative : {"raise", "drop"}, default="raise"
        What negative quantities (returns) mean: an error, or lines left out and counted.
    cycle_from : {"auto", "placed", "requested"} or None, default="auto"
        Where the order cycle of the metrics begins; see `order_line_metrics`.
    ranking : ServiceElementRanking or None, default=None
        How elements are ranked. None takes the method "lmg" where ``satisfaction`` is named, else
        "loading".
    satisfaction : str or None, default="overall_satisfaction"
        Column of the survey with the overall satisfaction; None where it was not asked. Not read
        where ``ranking`` is given.
    value : str, default="value"
        Column of ``customers`` with their residual lifetime value, such as `LifetimeValue` and
        `CustomerAnalysis` give it.
    leaving_probability : float, str, dict or None, default=None
        Probability that one failure drives a customer away: a number, a column of ``customers``, or
        a number for each criterion. None estimates it from ``alive`` when fitted, also where it
        stands in the dict, with a warning that the estimate may be confounded.
    alive : str, default="probability_alive"
        Column of ``customers``: 1 or 0 for those who stayed or left, or the probability of being
        alive. Read where the probability of leaving is estimated.
    strata : str or None, default=None
        Column of ``customers``: groups within which those with and without a failure are compared.
    repeated : {"independent", "first"}, default="independent"
        Whether every failure is a new chance to leave, or the first alone.
    prospects_per_leaver : float, default=0.0
        Prospects lost with each customer who leaves.
    prospect_value : float, default=0.0
        Value of one prospect.
    priority : OrderPriority or None, default=None
        How open orders are sorted; its ``customer_value`` is set to ``value``, and to None where
        the open orders have ready ranks of profit.
    level : float, default=0.95
        Confidence of the intervals, those of the ranks apart.
    random_state : int, Generator, RandomState or None, default=None
        Of the ranking, where ``ranking`` is None.

    Attributes
    ----------
    perfect_order_ : PerfectOrder
        Fitted by segment: ``observed_`` (share of perfect orders and its limits), ``product_``,
        ``difference_`` and ``attribution_``.
    overall_ : PerfectOrder
        The same of all orders together.
    metrics_ : pandas.DataFrame or None
        By segment, what `order_line_metrics` measures; None where the lines have the columns of no
        metric, since all criteria are flags of their own.
    overall_metrics_ : pandas.DataFrame or None
        The same of all order lines: the row "all".
    element_ranking_ : ServiceElementRanking or None
        Fitted to the survey; None where there was none.
    elements_ : pandas.DataFrame or None
        Its ``ranking_``: the elements, the most important first, with weights, ranks and the limits
        of the ranks.
    lost_sales_cost_ : LostSalesCost or None
        Fitted to the customers: ``total_``, ``cost_by_segment_``, ``cost_by_component_`` (the
        criteria), ``sensitivity_``, ``leaving_probability_`` and, where it was estimated,
        ``comparison_``. None where no customers were given.
    data_quality_ : pandas.Series
        As `PerfectOrder` counts order lines; ``customers`` with an order, and of these
        ``customers_not_judged``, of whom no order is known in any criterion. With a table of
        customers also ``customers_without_value``, who are not in it, and
        ``customers_without_order``, who are in it alone.
    n_features_in_ : int
        Number of columns of order lines that `transform` needs.
    feature_names_in_ : ndarray of str
        Their names.

    See Also
    --------
    CustomerAnalysis : Values and segments of customers from an order log.
    custvalue.service.PerfectOrder : What a perfect order is.
    custvalue.service.LostSalesCost : What a failure costs.
    custvalue.factors.ServiceElementRanking : How elements of service are ranked.
    custvalue.service.OrderPriority : How a queue is sorted.

    Notes
    -----
    An order that fails two criteria, late and short, counts as two failures in the cost, each with
    its own chance to drive the customer away. Failures are those of the lines that were given:
    values and costs are of the same time only if these are. Customers without an order had no
    chance to meet a failure and have no part in the comparison of those who did with the others,
    nor have customers of whom no order is known in any criterion. What is not known of the others
    counts as no failure: failures, and with a given probability their cost, are a lower bound.

    Neither order lines nor answers nor customers are kept. `priority_queue` and `customer_costs`
    therefore ask for the customers again.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.datasets import make_order_lines, make_survey
    >>> from custvalue.workflow import ServiceAnalysis
    >>> lines = make_order_lines(500, n_customers=50, random_state=0)
    >>> survey = make_survey(
    ...     300, elements=["accessibility", "order_fill_rate", "call_out_time"], random_state=0
    ... )
    >>> customers = pd.DataFrame({"customer": range(1, 51), "value": 100.0})
    >>> analysis = ServiceAnalysis(segment="segment", leaving_probability=0.1, random_state=0)
    >>> analysis = analysis.fit(lines, survey=survey, customers=customers)
    >>> analysis.perfect_order_.observed_[["orders", "perfect", "lower", "upper"]].round(3)
                 orders  perfect  lower  upper
    segment
    core            305    0.784  0.732  0.828
    key account     147    0.756  0.677  0.820
    occasional       48    0.738  0.589  0.847
    >>> analysis.elements_[["weight", "rank", "rank_lower", "rank_upper"]].round(2)
                     weight  rank  rank_lower  rank_upper
    element
    order_fill_rate    0.70     1           1           1
    accessibility      0.16     2           2           3
    call_out_time      0.14     3           2           3
    >>> analysis.lost_sales_cost_.cost_by_component_[["failures", "expected_cost"]].round(0)
               failures  expected_cost
    component
    on_time        54.0          417.0
    in_full        52.0          395.0
    undamaged      12.0          101.0
    documents      12.0           97.0

    Which of the orders that wait to serve first:

    >>> waiting = pd.DataFrame(
    ...     {"order": [901, 902], "customer": [7, 8], "profit": [40.0, 60.0], "importance": [1, 3]}
    ... )
    >>> analysis.priority_queue(waiting, customers=customers)
       order  customer  profit  importance  value  score  priority
    0    901         7    40.0           1  100.0      2         1
    1    902         8    60.0           3  100.0      3         2
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "segment": [str, None],
        "criteria": PerfectOrder._parameter_constraints["criteria"],
        **{name: PerfectOrder._parameter_constraints[name] for name in READING},
        "cycle_from": [StrOptions({"auto", "placed", "requested"}), None],
        "ranking": [ServiceElementRanking, None],
        "satisfaction": ServiceElementRanking._parameter_constraints["satisfaction"],
        **{name: LostSalesCost._parameter_constraints[name] for name in COSTING},
        "priority": [OrderPriority, None],
        "random_state": ServiceElementRanking._parameter_constraints["random_state"],
    }

    perfect_order_: PerfectOrder
    overall_: PerfectOrder
    metrics_: pd.DataFrame | None
    overall_metrics_: pd.DataFrame | None
    element_ranking_: ServiceElementRanking | None
    elements_: pd.DataFrame | None
    lost_sales_cost_: LostSalesCost | None
    data_quality_: pd.Series
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        segment: str | None = None,
        criteria: Sequence[str] = _CRITERIA,
        columns: Mapping[str, str] | None = None,
        reference: str = "promised",
        tolerance: int = 0,
        early: int | None = None,
        as_of: str | datetime.date | np.datetime64 | None = None,
        on_negative: str = "raise",
        cycle_from: str | None = "auto",
        ranking: ServiceElementRanking | None = None,
        satisfaction: str | None = "overall_satisfaction",
        value: str = "value",
        leaving_probability: float | str | dict[str, float] | None = None,
        alive: str = "probability_alive",
        strata: str | None = None,
        repeated: str = "independent",
        prospects_per_leaver: float = 0.0,
        prospect_value: float = 0.0,
        priority: OrderPriority | None = None,
        level: float = 0.95,
        random_state: Any = None,
    ) -> None:
        self.segment = segment
        self.criteria = criteria
        self.columns = columns
        self.reference = reference
        self.tolerance = tolerance
        self.early = early
        self.as_of = as_of
        self.on_negative = on_negative
        self.cycle_from = cycle_from
        self.ranking = ranking
        self.satisfaction = satisfaction
        self.value = value
        self.leaving_probability = leaving_probability
        self.alive = alive
        self.strata = strata
        self.repeated = repeated
        self.prospects_per_leaver = prospects_per_leaver
        self.prospect_value = prospect_value
        self.priority = priority
        self.level = level
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, survey: Any = None, customers: Any = None) -> Self:
        """Judge the orders, rank the elements, and price the failures.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order line, with a column of customers; see `PerfectOrder`.
        y : None
            Ignored.
        survey : pandas, polars or pyarrow frame, or None, default=None
            One row a respondent, one column an element; see `ServiceElementRanking`.
        customers : pandas, polars or pyarrow frame, or None, default=None
            One row a customer, the id as index or column, with their value and, as the parameters
            name them, segment, probability of being alive, strata, and probability of leaving.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it must be, or two name one column or one of the results.
        custvalue.exceptions.DataError
            If one of the tables breaks a rule, an order has no customer, no customer of the lines
            of whom an order is known is in ``customers``, or costs are to be summed by a segment of
            which a customer has several.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If customers with orders are not in the table of customers: their failures cost nothing;
            if the probability of leaving is estimated; and as the parts warn.
        """
        self._validate_params()
        check_parameters(self, priced=customers is not None)
        with told_at_the_call():
            self._learn(X, survey, customers)
        return self

    def _learn(self, X: Any, survey: Any, customers: Any) -> None:
        """Set what the tables say."""
        book = None if customers is None else self._read_customers(customers, fit=True)
        served, judge = serve_customers(self, X)
        judged, where, segments = judged_customers(judge), None, None
        if book is not None:
            where = find_customers(served.index, book, "order lines")
            segments = self._segments_of(X, served, book, where)
        measured = measure(self, X, segments if self._joins(book) else None)
        cost = None
        if book is not None and where is not None:
            _warn_of_strangers(where)
            cost = self._price(served, book, np.where(judged, where, -1), segments)
        ranking = None if survey is None else clone(self._ranking()).fit(survey)
        self.overall_, self.overall_metrics_ = measured.overall, measured.overall_metrics
        self.perfect_order_, self.metrics_ = measured.by_segment, measured.metrics
        self.element_ranking_ = ranking
        self.elements_ = None if ranking is None else ranking.ranking_
        self.lost_sales_cost_ = cost
        self.data_quality_ = quality_counts(measured.overall.data_quality_, judged, book, where)
        self.n_features_in_ = judge.n_features_in_
        self.feature_names_in_ = judge.feature_names_in_

    def transform(self, X: Any) -> Any:
        """Return the service that each customer got.

        Parameters
        ----------
        X : table of order lines, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 3 + n_criteria)
            Sorted by customer, whole numbers: ``orders``, ``known_orders`` of which it is known
            whether they are perfect, ``perfect_orders``, and for each criterion the orders that
            failed it, as ``on_time_failures``. Polars and Arrow give their own, the id as first
            column; all others give pandas, the id as index.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the order lines break a rule, or an order has no customer.
        TypeError
            If X is not a table.
        """
        check_is_fitted(self)
        with told_at_the_call():
            return self._given(serve_customers(self, X)[0], X)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives, the customer's id apart.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (3 + n_criteria,)
            They depend on the parameters alone.
        """
        check_is_fitted(self)
        return np.asarray([*COUNTS, *failure_columns(self.criteria)], dtype=object)

    def customer_costs(self, X: Any, customers: Any) -> Any:
        """Return what failures cost with each customer, by the probability learned.

        Parameters
        ----------
        X : table of order lines, as in `fit`
        customers : table of customers, as in `fit`
            Of its columns only the value is needed, and the probability of leaving where it is a
            column.

        Returns
        -------
        frame of shape (n_customers, 4)
            Sorted by customer, those of both tables of whom an order is known in any criterion:
            ``failures``, ``value``, ``expected_leavers``, the probability that failures drive the
            customer away, and ``expected_cost``. The kind of frame is that of `transform`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If no customers were given to ``fit``.
        custvalue.exceptions.DataError
            If a table breaks a rule, or they have no customer in common.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If customers with orders are not in the table of customers.
        """
        check_is_fitted(self)
        if self.lost_sales_cost_ is None:
            raise ValueError(
                "customers must have been given to fit for the cost of failures; found None"
            )
        check_parameters(self, priced=True)
        with told_at_the_call():
            return self._given(self._customer_costs(self.lost_sales_cost_, X, customers), X)

    def _customer_costs(self, model: LostSalesCost, X: Any, customers: Any) -> pd.DataFrame:
        """Return what failures cost with each customer."""
        book = self._read_customers(customers, fit=False)
        served, judge = serve_customers(self, X)
        where = find_customers(served.index, book, "order lines")
        _warn_of_strangers(where)
        known = np.where(judged_customers(judge), where, -1)
        table = cost_table(served, book, self.criteria, known)
        cost = model.transform(table)
        return pd.DataFrame(
            {
                "failures": table[list(self.criteria)].sum(axis=1),
                "value": table[self.value],
                "expected_leavers": np.asarray(cost["expected_leavers"]),
                "expected_cost": np.asarray(cost["expected_cost"]),
            }
        )

    def priority_queue(self, open_orders: Any, *, customers: Any = None) -> Any:
        """Sort open orders by profit, importance and what the customer who waits is worth.

        Parameters
        ----------
        open_orders : pandas, polars or pyarrow frame
            One row an order (or a line) that waits: the customer, and profit and importance as
            `OrderPriority` reads them. They are ranked among themselves.
        customers : table of customers, as in `fit`, or None, default=None
            Their value. None takes it from a column of ``open_orders``. Ready ranks of profit need
            none: no value weighs them.

        Returns
        -------
        frame of the kind of ``open_orders``
            The open orders with ``value``, ``score`` and ``priority`` beside them, the one to serve
            first on top; equal ones stay in the order given. No open orders give an empty queue.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If a column is missing, a customer has no value or a negative one, or the rules of
            `OrderPriority` are broken.
        TypeError
            If the open orders are no frame.
        """
        check_is_fitted(self)
        require_open_orders(open_orders)
        priority = OrderPriority() if self.priority is None else clone(self.priority)
        ranked = has_ranks(open_orders, priority)
        priority.set_params(customer_value=None if ranked else self.value)
        book, customer, value = None, customer_column(self), None
        if customers is not None:
            owner = type(self).__name__
            book = read_customers(customers, customer, [self.value], owner=owner)
        if book is not None or not ranked:
            value = queue_values(open_orders, book, customer, self.value)
        columns = queue_columns(open_orders, value, priority)
        if book is not None and value is not None:
            columns = {self.value: value} | columns
        return sorted_queue(open_orders, columns)

    def report(
        self,
        path: str | Path,
        *,
        open_orders: Any = None,
        customers: Any = None,
        title: str = "Service analysis",
    ) -> None:
        """Write a report to read, print and send: one HTML file that needs nothing else.

        It has what was fitted, and says what was not given. The file asks for nothing from anywhere
        and runs no script. It is written whole or not at all; the same analysis gives the same
        bytes.

        Parameters
        ----------
        path : str or pathlib.Path
            File to write; one that exists is replaced.
        open_orders, customers : frames, as in `priority_queue`, or None, default=None
            With them the report has the head of the queue. None: no queue.
        title : str, default="Service analysis"
            Heading of the report.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If the open orders break a rule.
        ImportError
            If matplotlib or jinja2 is not installed: ``pip install "custvalue[report]"``.
        """
        check_is_fitted(self)
        queue = None
        if open_orders is not None:
            queue = self.priority_queue(open_orders, customers=customers)
        contents = service_contents(self, queue, title)
        write_text(path, render(contents, "service.html"))

    def _read_customers(self, customers: Any, *, fit: bool) -> pd.DataFrame:
        labels = [self.segment, self.strata if is_estimated(self) else None]
        found = column_names(customers) if self.segment is not None else []
        if self.segment not in found:
            labels[0] = None
        return read_customers(
            customers,
            customer_column(self),
            numbers_read(self, history=fit),
            [name for name in labels if name is not None] if fit else [],
            owner=type(self).__name__,
        )

    def _joins(self, book: pd.DataFrame | None) -> bool:
        """Tell whether the segments are those of the table of customers."""
        return book is not None and self.segment in book.columns

    def _segments_of(
        self, X: Any, served: pd.DataFrame, book: pd.DataFrame, where: AnyArray
    ) -> pd.Series | None:
        """Return the segment of each customer with an order."""
        if self.segment is None:
            return None
        if self._joins(book):
            return joined(served.index, book[self.segment], where)
        return customer_segments(self, X).reindex(served.index)

    def _price(
        self,
        served: pd.DataFrame,
        book: pd.DataFrame,
        where: AnyArray,
        segments: pd.Series | None,
    ) -> LostSalesCost:
        table = cost_table(served, book, self.criteria, where)
        if segments is not None:
            table[str(self.segment)] = segments.to_numpy()[where >= 0]
        return lost_sales(self, self.segment).fit(table)

    def _ranking(self) -> ServiceElementRanking:
        if self.ranking is not None:
            return self.ranking
        return ServiceElementRanking(
            method="loading" if self.satisfaction is None else "lmg",
            satisfaction=self.satisfaction,
            random_state=self.random_state,
        )

    def _given(self, found: pd.DataFrame, X: Any) -> Any:
        """Return a table of customers as the kind of frame that X is."""
        columns = {name: found[name].to_numpy() for name in found.columns}
        return self._frame(Table({}, frame_kind(X), found.index, {}), columns)


def _warn_of_strangers(where: AnyArray) -> None:
    strangers = int((where < 0).sum())
    if strangers:
        warnings.warn(
            f"{strangers} of {len(where)} customers of the order lines are not in customers; their "
            "failures are left out of the cost",
            DataQualityWarning,
            stacklevel=2,
        )
