"""Named customer segments by rules on the RFM scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_weights, remember_columns
from custvalue._estimator.mixed import MixedTable
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._tables.sql import checked_dialect, checked_table
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.segmentation._rfm_scorer import time_since_purchase
from custvalue.segmentation._rfm_segmenter import (
    check_rules,
    partition,
    rules_frame,
    segment_profile,
)
from custvalue.segmentation._rfm_sql import named_cells, segment_query
from custvalue.segmentation._summary import find_money, read_customers
from custvalue.segmentation.rfm_scorer import RFMScorer
from custvalue.segmentation.segment_rule import SegmentRule

__all__ = ["RFMSegmenter"]


class RFMSegmenter(OutputMixin, PersistenceMixin, BaseEstimator):
    """Put each customer in one named segment by the scores of recency, frequency and money.

    The scores are those of `RFMScorer`. A rule is a range of each score. `fit` proves that the
    rules put every possible customer in exactly one segment: no cell of the cube of scores is left
    over, none is claimed twice, and so the order of the rules does not matter. The standard rules
    for five scores read from the left, first r:

    =====  =====  =====  ===================
    r      f      m      segment
    =====  =====  =====  ===================
    4-5    4-5    5      Champions
    4-5    4-5    1-4    Loyal Customers
    4-5    2-3    any    Potential Loyalists
    5      1      any    New Customers
    4      1      any    Promising
    3      3-5    any    Need Attention
    3      1-2    any    About To Sleep
    1-2    3-5    5      Cannot Lose Them
    1-2    3-5    1-4    At Risk
    2      1-2    any    Hibernating
    1      1-2    any    Lost
    =====  =====  =====  ===================

    Parameters
    ----------
    rules : sequence of SegmentRule, optional
        Left out, the standard ones. Must be given where ``n_bins`` is not 5.
    n_bins : int, default=5
        Number of scores, from 2 to 20.
    method : {"quantile", "breaks", "fixed"}, default="quantile"
        How the cut points of the scores are found, as in `RFMScorer`.
    bins : dict, optional
        Cut points for ``method="fixed"``, as in `RFMScorer`.
    by : str, optional
        Column with the group of each customer, such as the market: every group has cut points of
        its own, as in `RFMScorer`. The rules are the same for all.
    unseen : {"raise", "pooled"}, default="raise"
        What to do with a group that was not fitted, as in `RFMScorer`.
    weights : dict of str to float, optional
        Weights of the scores for the ``weighted_score`` of ``scorer_``; they move no customer to
        another segment.
    nonpositive_money : {"score", "lowest", "raise"}, default="score"
        How money that is zero or negative is scored, as in `RFMScorer`.

    Attributes
    ----------
    rules_ : pandas.DataFrame
        One row a rule: ``segment``, ``rule`` (its ranges in words), ``cells`` (how many
        combinations of scores it holds) and ``action``.
    partition_ : ndarray of int of shape (n_bins, n_bins, n_bins)
        Row of ``rules_`` for the scores r, f, m at ``[r - 1, f - 1, m - 1]``.
    scorer_ : RFMScorer
        The fitted scorer, with the cut points.
    profile_ : pandas.DataFrame
        One row a segment, in the order of the rules: ``customers`` (by their weights), ``share``
        (of the fitted customers), ``mean_frequency``, ``mean_time_since_purchase`` (T - recency, in
        the time unit of X) and, where X has ``total_value``, its sum ``total_value`` in the
        currency of X.
    n_features_in_ : int
        Number of columns used, 4, or 5 with ``by``.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    RFMScorer : The scores alone.
    SegmentRule : One rule.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.segmentation import RFMSegmenter
    >>> summary = pd.DataFrame(
    ...     {
    ...         "frequency": [0, 0, 2, 6, 3],
    ...         "recency": [0.0, 0.0, 20.0, 37.0, 11.0],
    ...         "T": [38.0, 30.0, 36.0, 38.0, 35.0],
    ...         "total_value": [20.0, 35.0, 90.0, 400.0, 150.0],
    ...     },
    ...     index=pd.Index(list("ABCDE"), name="customer_id"),
    ... )
    >>> segmenter = RFMSegmenter().fit(summary)
    >>> segmenter.transform(summary)
                             segment             rule
    customer_id
    A                           Lost       r 1, f 1-2
    B                    Hibernating       r 2, f 1-2
    C            Potential Loyalists   r 4-5, f 2-3
    D                      Champions  r 4-5, f 4-5, m 5
    E                 Need Attention       r 3, f 3-5
    >>> segmenter.profile_.loc["Champions", ["customers", "share", "total_value"]].tolist()
    [1.0, 0.2, 400.0]
    >>> segmenter.rules_[["segment", "rule", "cells"]].head(3)
                   segment               rule  cells
    0            Champions  r 4-5, f 4-5, m 5      4
    1      Loyal Customers  r 4-5, f 4-5, m 1-4     16
    2  Potential Loyalists  r 4-5, f 2-3     20

    Rules of your own replace the standard ones; a set that is no partition is refused.

    >>> from custvalue.segmentation import SegmentRule
    >>> ours = [SegmentRule("Active", r=(4, 5)), SegmentRule("Sleeping", r=(1, 3))]
    >>> RFMSegmenter(rules=ours).fit(summary).predict(summary).tolist()
    ['Sleeping', 'Sleeping', 'Active', 'Active', 'Sleeping']
    >>> RFMSegmenter(rules=[SegmentRule("Active", r=(4, 5))]).fit(summary)
    Traceback (most recent call last):
    ...
    ValueError: rules must put each of the 125 cells (r, f, m) in exactly one segment; 75 cells are
    in none: (1, 1, 1), (1, 1, 2), ...
    """

    _output_columns = ("segment", "rule")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "rules": [list, tuple, None],
        "n_bins": [whole_numbers(2, 20)],
        "method": [StrOptions({"quantile", "breaks", "fixed"})],
        "bins": [dict, None],
        "by": [str, None],
        "unseen": [StrOptions({"raise", "pooled"})],
        "weights": [dict, None],
        "nonpositive_money": [StrOptions({"score", "lowest", "raise"})],
    }

    rules_: pd.DataFrame
    partition_: IntArray
    scorer_: RFMScorer
    profile_: pd.DataFrame
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        rules: Sequence[SegmentRule] | None = None,
        n_bins: int = 5,
        method: str = "quantile",
        bins: dict[Any, Any] | None = None,
        by: str | None = None,
        unseen: str = "raise",
        weights: dict[str, float] | None = None,
        nonpositive_money: str = "score",
    ) -> None:
        self.rules = rules
        self.n_bins = n_bins
        self.method = method
        self.bins = bins
        self.by = by
        self.unseen = unseen
        self.weights = weights
        self.nonpositive_money = nonpositive_money

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Prove the rules, learn the cut points and describe the segments.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 4)
            Customer summary: ``frequency``, ``recency``, ``T`` and ``total_value`` or
            ``monetary_value``, and ``by``. The fourth column of an array is ``monetary_value``.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), optional
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If an element of ``rules`` is not a `SegmentRule`.
        ValueError
            If a parameter is out of range, or the rules leave a cell out or claim one twice.
        custvalue.exceptions.DataError
            If a column is missing, a row is not a purchase history, a group is missing, or money
            is not what ``nonpositive_money`` allows.
        """
        self._validate_params()
        rules = check_rules(self.rules, self.n_bins)
        which = partition(rules, self.n_bins)
        owner = type(self).__name__
        table = read_customers(X, find_money(X, owner=owner), by=self.by, owner=owner)
        weights = read_weights(sample_weight, table)
        scorer = self._scorer()._fit_table(table, weights)
        self.rules_, self.partition_, self.scorer_ = rules_frame(rules, which), which, scorer
        remember_columns(self, table)
        self.profile_ = self._profile(table, weights)
        return self

    def transform(self, X: Any) -> Any:
        """Return the segment of each customer and the rule that put them there.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 4)
            Customer summary with the money column of `fit`, in the same time unit and currency.

        Returns
        -------
        frame of shape (n_customers, 2)
            ``segment``, the name, and ``rule``, the text of the rule that fired.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a row is not a purchase history, the summary names another
            time unit than the fitted one, a group was not fitted, or money is not allowed.
        """
        check_is_fitted(self)
        table = self._read(X)
        fired = self._fired(table)
        columns = {name: self._texts(name)[fired] for name in self._output_columns}
        return self._frame(table, columns)

    def predict(self, X: Any) -> AnyArray:
        """Return the name of each customer's segment.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 4)
            As for `transform`.

        Returns
        -------
        ndarray of str of shape (n_customers,)
            One name for each row of X, in its order.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `transform`.
        """
        check_is_fitted(self)
        return self._texts("segment")[self._fired(self._read(X))]

    def to_sql(self, dialect: str = "duckdb", table: str | Sequence[str] = "customers") -> str:
        """Return a query that segments the rows of a database table, cut points as constants.

        The table is a customer summary with the columns that `fit` read, in the same time unit and
        currency: a table or view that ``RFMSummary.to_sql`` fills.

        Parameters
        ----------
        dialect : str, default="duckdb"
            Dialect of SQL as the library sqlglot names it, such as "postgres" or "snowflake".
        table : str or sequence of str, default="customers"
            Name of the table, taken as one name with any dots in it. A sequence gives schema and
            name, or catalogue, schema and name.

        Returns
        -------
        str
            It selects all columns and, as `transform` finds them, ``r_score``, ``f_score``,
            ``m_score``, ``rfm_score``, ``segment`` and ``rule``. Where `transform` would raise
            because a row is no purchase history, its money is not allowed or its group is missing
            or was not fitted, all six are NULL.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        ValueError
            If the dialect is unknown, the table has no name of one to three parts, a column that
            is read has the name of one that the query gives, in any case of the letters, or the
            groups of ``by`` are of several kinds, which no column of a database holds.

        Notes
        -----
        Groups are equal where the database says so: some compare text without regard to capitals.

        Examples
        --------
        >>> import duckdb
        >>> import pandas as pd
        >>> from custvalue.segmentation import RFMSegmenter, SegmentRule
        >>> summary = pd.DataFrame(
        ...     {
        ...         "customer_id": ["a", "b"],
        ...         "frequency": [0, 3],
        ...         "recency": [0.0, 30.0],
        ...         "T": [38.0, 36.0],
        ...         "total_value": [20.0, 150.0],
        ...     }
        ... )
        >>> ours = [SegmentRule("Active", r=(2, 2)), SegmentRule("Sleeping", r=(1, 1))]
        >>> segmenter = RFMSegmenter(n_bins=2, rules=ours).fit(summary)
        >>> query = segmenter.to_sql("duckdb", table="summary")
        >>> duckdb.sql(query).df()[["customer_id", "rfm_score", "segment", "rule"]]
          customer_id  rfm_score   segment rule
        0           a        111  Sleeping  r 1
        1           b        222    Active  r 2
        """
        check_is_fitted(self)
        name, dialect = checked_table(table), checked_dialect(dialect)
        texts = list(zip(self._texts("segment"), self._texts("rule"), strict=True))
        rules = named_cells(self.partition_, texts)
        return segment_query(self.scorer_._sql_scores(), rules, table=name, dialect=dialect)

    def _scorer(self) -> RFMScorer:
        return RFMScorer(
            n_bins=self.n_bins,
            method=self.method,
            bins=self.bins,
            by=self.by,
            unseen=self.unseen,
            weights=self.weights,
            nonpositive_money=self.nonpositive_money,
        )

    def _read(self, X: Any) -> MixedTable:
        return self.scorer_._read_fitted(X, owner=type(self).__name__)

    def _fired(self, table: MixedTable) -> IntArray:
        """Return the row of ``rules_`` that each customer falls under."""
        r, f, m = self.scorer_._score(table)
        fired: IntArray = self.partition_[r - 1, f - 1, m - 1]
        return fired

    def _texts(self, column: str) -> AnyArray:
        return np.asarray(self.rules_[column], dtype=object)

    def _profile(self, table: MixedTable, weights: FloatArray | None) -> pd.DataFrame:
        if weights is not None:
            table, weights = table.take(weights > 0), weights[weights > 0]
        names = self._texts("segment")
        since = time_since_purchase(table["recency"], table["T"])
        money = table.columns.get("total_value")
        order = list(dict.fromkeys(names))
        columns = (table["frequency"], since, money)
        return segment_profile(names[self._fired(table)], order, columns, weights)
