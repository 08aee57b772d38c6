"""Scores for recency, frequency and money."""

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
from custvalue.segmentation._rfm_groups import (
    POOLED,
    CutPoints,
    cut_points_frame,
    fixed_group_points,
    group_labels,
    group_rows,
    group_scores,
    learned_group_points,
    points_of,
)
from custvalue.segmentation._rfm_scorer import (
    check_score_weights,
    combined_score,
    fitted_cut_points,
    fixed_cut_points,
    time_since_purchase,
    weighted_score,
)
from custvalue.segmentation._rfm_sql import SQLScores, score_query
from custvalue.segmentation._summary import (
    check_money_positive,
    check_money_to_learn_from,
    find_money,
    money_of,
    read_customers,
    time_unit_of,
)

__all__ = ["RFMScorer"]


class RFMScorer(OutputMixin, PersistenceMixin, BaseEstimator):
    """Score each customer from 1 to ``n_bins`` on recency, frequency and money.

    R scores the time since the last purchase, ``T - recency`` (short is good); F scores the number
    of repeat purchases, ``frequency``; M scores ``total_value`` where the summary has it, else
    ``monetary_value``. A customer's score is ::

        1 + floor(n_bins x share of the fitted customers that are strictly worse)

    and at most ``n_bins``. Customers with equal values have equal scores, whatever the order of the
    rows; a change of currency changes no score. Where many customers share a value (say, all who
    bought once) some scores stay empty: that is what the data say.

    The cut points are kept from `fit`, so that customers of tomorrow are scored by the same
    standard: one for all, or with ``by`` one for each group, such as a market.

    Parameters
    ----------
    n_bins : int, default=5
        Number of scores, from 2 to 999.
    method : {"quantile", "breaks", "fixed"}, default="quantile"
        "quantile" learns the cut points by the definition above, so that scores have equal numbers
        of customers as far as ties allow. "breaks" learns natural breaks [1]_: customers with one
        score are as alike as can be. "fixed" takes the cut points of ``bins``.
    bins : dict, optional
        Cut points for ``method="fixed"``: ``n_bins - 1`` sorted numbers each for "recency" (time
        since the last purchase, in the time unit of the summary), "frequency" (repeat purchases)
        and "monetary" (in the currency of X). The score is 1 + the number of cut points that the
        customer is strictly better than: more than for frequency and money, less than for recency.
        With ``by`` also a dict of such dicts by group.
    by : str, optional
        Column with the group of each customer (text, whole numbers or bools). Cut points are
        learned from the customers of a group and applied to them alone.
    unseen : {"raise", "pooled"}, default="raise"
        Customers of a group that was not fitted are an error, or are scored by the cut points of
        all fitted customers together, kept as group "(all)".
    weights : dict of str to float, optional
        Weights of the scores, by "recency", "frequency" and "monetary": not negative, not all 0.
        They add the column ``weighted_score``.
    nonpositive_money : {"score", "lowest", "raise"}, default="score"
        Money that is zero or negative is ranked like any other; or scores 1 while the cut points
        are learned from positive money; or is an error. ``monetary_value`` is 0 for customers with
        no repeat purchase.

    Attributes
    ----------
    cut_points_ : pandas.DataFrame of shape (n_bins - 1, 3)
        Index: the score, from 2 to ``n_bins``; with ``by``, group and score, ``n_bins - 1`` rows
        for each. Columns "recency", "frequency" and "monetary": a customer has at least this score
        when T - recency is below, or frequency or money above, the number.
        ``cut_points_.to_dict("list")``, or ``cut_points_.loc[group]`` so for each group, can serve
        as ``bins``.
    weights_ : dict of str to float, or None
        The weights of the scores, with the sum 1.
    money_ : {"total_value", "monetary_value"}
        The column that M scores, at `fit` and ever after.
    time_unit_ : str or None
        The time unit that the fitted summary named in its ``attrs``.
    n_customers_ : int or float
        Number of fitted customers, by their weights.
    n_features_in_ : int
        Number of columns used, 4, or 5 with ``by``.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    RFMSegmenter : Named segments from these scores.

    Notes
    -----
    X is a customer summary: a frame with the columns ``frequency``, ``recency``, ``T`` and one of
    money, or an array of shape (n_customers, 4) in that order; ``by`` follows as fifth. Times are
    rounded to a billionth of the time unit, so that two customers who last bought on one day have
    one value. Scores count fitted customers, never shares, so that no rounding can move a customer
    over a cut point.

    Natural breaks are the classes with the least sum of squares inside, exactly where a measure has
    at most 5,000 different values; beyond, their limits lie between 5,000 groups of equal size.
    Squares are taken of ``sign(x) log(1 + |x| / median)``, the median of the sizes that are not 0:
    days, counts and money are skewed, and raw squares would spend most scores on a few large
    customers. This has no unit, so a change of currency changes no score here either. With fewer
    values than scores some scores stay empty, and the worst and best still stand at both ends.

    References
    ----------
    .. [1] W. D. Fisher (1958). On grouping for maximum homogeneity. Journal of the American
       Statistical Association 53, 789-798.

    Examples
    --------
    Two customers have bought once; the one with the latest purchase and the most money is D.

    >>> import pandas as pd
    >>> from custvalue.segmentation import RFMScorer
    >>> summary = pd.DataFrame(
    ...     {
    ...         "frequency": [0, 0, 2, 6, 3],
    ...         "recency": [0.0, 0.0, 20.0, 37.0, 11.0],
    ...         "T": [38.0, 30.0, 36.0, 38.0, 35.0],
    ...         "total_value": [20.0, 35.0, 90.0, 400.0, 150.0],
    ...     },
    ...     index=pd.Index(list("ABCDE"), name="customer_id"),
    ... )
    >>> scorer = RFMScorer().fit(summary)
    >>> scorer.transform(summary)
                 r_score  f_score  m_score  rfm_score
    customer_id
    A                  1        1        1        111
    B                  2        1        2        212
    C                  4        3        3        433
    D                  5        5        5        555
    E                  3        4        4        344

    A customer of tomorrow meets the same cut points.

    >>> scorer.cut_points_
           recency  frequency  monetary
    score
    2         38.0        0.0      20.0
    3         30.0        0.0      35.0
    4         24.0        2.0      90.0
    5         16.0        3.0     150.0
    >>> tomorrow = [[4, 25.0, 30.0, 95.0]]
    >>> scorer.transform(tomorrow)
       r_score  f_score  m_score  rfm_score
    0        5        5        4        554

    Two markets, each by its own standard; one that is new is scored by that of both together.

    >>> summary["market"] = ["DE", "DE", "UK", "UK", "UK"]
    >>> RFMScorer(n_bins=2, by="market", unseen="pooled").fit(summary).cut_points_
                 recency  frequency  monetary
    group score
    DE    2         38.0        0.0      20.0
    UK    2         16.0        3.0     150.0
    (all) 2         24.0        2.0      90.0
    """

    _output_columns = ("r_score", "f_score", "m_score", "rfm_score")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_bins": [whole_numbers(2, 999)],
        "method": [StrOptions({"quantile", "breaks", "fixed"})],
        "bins": [dict, None],
        "by": [str, None],
        "unseen": [StrOptions({"raise", "pooled"})],
        "weights": [dict, None],
        "nonpositive_money": [StrOptions({"score", "lowest", "raise"})],
    }

    cut_points_: pd.DataFrame
    weights_: dict[str, float] | None
    money_: str
    time_unit_: str | None
    n_customers_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        n_bins: int = 5,
        method: str = "quantile",
        bins: dict[Any, Any] | None = None,
        by: str | None = None,
        unseen: str = "raise",
        weights: dict[str, float] | None = None,
        nonpositive_money: str = "score",
    ) -> None:
        self.n_bins = n_bins
        self.method = method
        self.bins = bins
        self.by = by
        self.unseen = unseen
        self.weights = weights
        self.nonpositive_money = nonpositive_money

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the cut points, or check those that were given.

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
        ValueError
            If a parameter is out of range, or ``bins`` is given where ``method`` is not "fixed".
        custvalue.exceptions.DataError
            If a column is missing, a row is not a purchase history, a group is missing, or money
            is not what ``nonpositive_money`` allows.
        """
        self._validate_params()
        owner = type(self).__name__
        table = read_customers(X, find_money(X, owner=owner), by=self.by, owner=owner)
        return self._fit_table(table, read_weights(sample_weight, table))

    def transform(self, X: Any) -> Any:
        """Return the scores of each customer.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 4)
            Customer summary with the money column of `fit`, in the same time unit and currency. The
            fourth column of an array is taken for that money column.

        Returns
        -------
        frame of shape (n_customers, 4)
            Whole numbers: ``r_score``, ``f_score`` and ``m_score`` from 1 to ``n_bins`` (the best)
            and ``rfm_score``, the three side by side: 100 r + 10 f + m up to nine bins. From ten
            bins on each score takes two digits, 10,000 r + 100 f + m; from a hundred on, three.
            With ``weights`` also ``weighted_score``, the weighted mean of the three scores.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the scorer is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a row is not a purchase history, the summary names another
            time unit than the fitted one, a group was not fitted, or money is not allowed.
        """
        check_is_fitted(self)
        table = self._read_fitted(X, owner=type(self).__name__)
        r, f, m = self._score(table)
        n_bins = int(self.cut_points_.index.get_level_values("score")[-1])
        combined = combined_score(r, f, m, n_bins)
        columns: dict[str, AnyArray] = dict(
            zip(self._output_columns, (r, f, m, combined), strict=True)
        )
        if self.weights_ is not None:
            columns["weighted_score"] = weighted_score(r, f, m, self.weights_)
        return self._frame(table, columns)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_columns,)
            ``weighted_score`` is among them only where ``weights`` were given.
        """
        names = super().get_feature_names_out(input_features)
        return names if self.weights_ is None else np.append(names, "weighted_score")

    def to_sql(self, dialect: str = "duckdb", table: str | Sequence[str] = "customers") -> str:
        """Return a query that scores the rows of a database table, cut points as constants.

        Parameters
        ----------
        dialect : str, default="duckdb"
            Dialect of SQL as the library sqlglot names it, such as "postgres" or "snowflake".
        table : str or sequence of str, default="customers"
            Name of a customer summary, taken as one name with any dots in it. A sequence gives
            schema and name, or catalogue, schema and name.

        Returns
        -------
        str
            It selects all columns and, as `transform` finds them, ``r_score``, ``f_score``,
            ``m_score`` and ``rfm_score``; no ``weighted_score``. Where `transform` would raise
            because of a row, all four are NULL.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the scorer is not fitted.
        ValueError
            If the dialect is unknown, the table has no name of one to three parts, a column that
            is read has the name of one that the query gives, in any case of the letters, or the
            groups of ``by`` are of several kinds, which no column of a database holds.

        See Also
        --------
        RFMSegmenter.to_sql : The segments too.
        """
        check_is_fitted(self)
        name = checked_table(table)
        return score_query(self._sql_scores(), table=name, dialect=checked_dialect(dialect))

    def _sql_scores(self) -> SQLScores:
        points = points_of(self.cut_points_)
        return SQLScores(points, self.money_, self.by, self.nonpositive_money)

    def _fit_table(self, table: MixedTable, weights: FloatArray | None) -> Self:
        """Learn from a table that was read; rows without weight are not there."""
        shares = check_score_weights(self.weights)
        if self.method != "fixed" and self.bins is not None:
            raise ValueError(f"bins must be None for method={self.method!r}; found {self.bins!r}")
        if self.nonpositive_money == "raise":
            check_money_positive(table)
        if weights is not None:
            table, weights = table.take(weights > 0), weights[weights > 0]
        points = self._fixed(table) if self.method == "fixed" else self._learned(table, weights)
        self.cut_points_ = cut_points_frame(points, self.n_bins)
        self.weights_ = shares
        self.money_ = money_of(table)
        self.time_unit_ = time_unit_of(table)
        self.n_customers_ = _count(len(table) if weights is None else weights.sum())
        remember_columns(self, table)
        return self

    def _fixed(self, table: MixedTable) -> dict[Any, CutPoints]:
        if self.by is None:
            return {None: fixed_cut_points(self.bins, self.n_bins)}
        return fixed_group_points(self.bins, self.n_bins, self._labels(table))

    def _learned(self, table: MixedTable, weights: FloatArray | None) -> dict[Any, CutPoints]:
        positive = self.nonpositive_money == "lowest"
        if positive:
            check_money_to_learn_from(table, self.by)
        measures = _measures(table)

        def learn(rows: Any) -> CutPoints:
            since, frequency, money = (values[rows] for values in measures)
            return fitted_cut_points(
                since,
                frequency,
                money,
                self.n_bins,
                method=self.method,
                weights=None if weights is None else weights[rows],
                positive_money=positive,
            )

        if self.by is None:
            return {None: learn(slice(None))}
        return learned_group_points(learn, table[self.by], self._labels(table))

    def _labels(self, table: MixedTable) -> list[Any]:
        """Return the groups that have cut points."""
        return group_labels(table[str(self.by)]) + [POOLED] * (self.unseen == "pooled")

    def _read_fitted(self, X: Any, *, owner: str) -> MixedTable:
        """Read a summary with the money and in the time unit of the fitted one."""
        unit = self.time_unit_
        table = read_customers(X, self.money_, by=self.by, owner=owner, time_unit=unit)
        if self.nonpositive_money == "raise":
            check_money_positive(table)
        return table

    def _score(self, table: MixedTable) -> IntArray:
        """Return the three scores of each customer, of shape (3, n_customers)."""
        points = points_of(self.cut_points_)
        if self.by is None:
            rows = {None: np.arange(len(table))}
        else:
            rows = group_rows(table, self.by, list(points))
        positive = self.nonpositive_money == "lowest"
        return group_scores(_measures(table), rows, points, positive_money=positive)


def _measures(table: MixedTable) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return time since the last purchase, frequency and money."""
    since = time_since_purchase(table["recency"], table["T"])
    return since, table["frequency"], table[money_of(table)]


def _count(customers: float) -> float:
    """Return a number of customers, as int where it is whole."""
    return int(customers) if customers == int(customers) else float(customers)
