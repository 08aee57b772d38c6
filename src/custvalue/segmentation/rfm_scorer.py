"""Scores for recency, frequency and money."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.customer_summary import check_time_unit
from custvalue._estimator.door import Table, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.segmentation._rfm_scorer import (
    MEASURES,
    combined_score,
    fitted_cut_points,
    fixed_cut_points,
    scores,
    time_since_purchase,
)
from custvalue.segmentation._summary import find_money, money_of, read_summary

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
    standard.

    Parameters
    ----------
    n_bins : int, default=5
        Number of scores, from 2 to 999.
    method : {"quantile", "fixed"}, default="quantile"
        "quantile" learns the cut points by the definition above; "fixed" takes those of ``bins``.
    bins : dict of str to sequence of float, optional
        Cut points for ``method="fixed"``: ``n_bins - 1`` sorted numbers each for "recency" (time
        since the last purchase, in the time unit of the summary), "frequency" (repeat purchases)
        and "monetary" (in the currency of X). The score is 1 + the number of cut points that the
        customer is strictly better than: more than for frequency and money, less than for recency.

    Attributes
    ----------
    cut_points_ : pandas.DataFrame of shape (n_bins - 1, 3)
        Index: the score, from 2 to ``n_bins``. Columns "recency", "frequency" and "monetary": a
        customer has at least this score when T - recency is below, or frequency or money above,
        the number. ``cut_points_.to_dict("list")`` can serve as ``bins``.
    money_ : {"total_value", "monetary_value"}
        The column that M scores, at `fit` and ever after.
    time_unit_ : str or None
        The time unit that the fitted summary named in its ``attrs``.
    n_customers_ : int
        Number of fitted customers.
    n_features_in_ : int
        Number of columns used, 4.
    feature_names_in_ : ndarray of shape (4,)
        Their names; only where X is a frame.

    See Also
    --------
    RFMSegmenter : Named segments from these scores.

    Notes
    -----
    X is a customer summary: a frame with the columns ``frequency``, ``recency``, ``T`` and one of
    money, or an array of shape (n_customers, 4) in that order. Times are rounded to a billionth of
    the time unit, so that two customers who last bought on one day have one value. Money may be
    negative. Scores count fitted customers, never shares, so that no rounding can move a customer
    over a cut point.

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
    """

    _output_columns = ("r_score", "f_score", "m_score", "rfm_score")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_bins": [whole_numbers(2, 999)],
        "method": [StrOptions({"quantile", "fixed"})],
        "bins": [dict, None],
    }

    cut_points_: pd.DataFrame
    money_: str
    time_unit_: str | None
    n_customers_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self, *, n_bins: int = 5, method: str = "quantile", bins: dict[str, Any] | None = None
    ) -> None:
        self.n_bins = n_bins
        self.method = method
        self.bins = bins

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the cut points, or check those that were given.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 4)
            Customer summary: ``frequency``, ``recency``, ``T`` and ``total_value`` or
            ``monetary_value``. The fourth column of an array is ``monetary_value``.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or ``bins`` is given where ``method="quantile"``.
        custvalue.exceptions.DataError
            If a column is missing or a row is not a purchase history.
        """
        self._validate_params()
        if self.method == "quantile" and self.bins is not None:
            raise ValueError(f"bins must be None for method='quantile'; found {self.bins!r}")
        owner = type(self).__name__
        table = read_summary(X, find_money(X, owner=owner), owner=owner)
        if self.method == "fixed":
            points = fixed_cut_points(self.bins, self.n_bins)
        else:
            points = fitted_cut_points(*_measures(table), self.n_bins)
        labels = pd.Index(np.arange(2, self.n_bins + 1), name="score")
        self.cut_points_ = pd.DataFrame(points, index=labels)
        self._set_input(table)
        return self

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

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the scorer is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a row is not a purchase history, or the summary names another
            time unit than the fitted one.
        """
        check_is_fitted(self)
        table = self._read_fitted(X, owner=type(self).__name__)
        r, f, m = self._score(table)
        combined = combined_score(r, f, m, len(self.cut_points_) + 1)
        return self._frame(table, dict(zip(self._output_columns, (r, f, m, combined), strict=True)))

    def _set_input(self, table: Table) -> None:
        self.money_ = money_of(table)
        self.time_unit_ = check_time_unit(table, None)
        self.n_customers_ = len(table)
        remember_columns(self, table)

    def _read_fitted(self, X: Any, *, owner: str) -> Table:
        """Read a summary with the money and in the time unit of the fitted one."""
        return read_summary(X, self.money_, owner=owner, time_unit=self.time_unit_)

    def _score(self, table: Table) -> tuple[IntArray, IntArray, IntArray]:
        points = {name: self.cut_points_[name].to_numpy() for name in MEASURES}
        return scores(*_measures(table), points)


def _measures(table: Table) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return time since the last purchase, frequency and money."""
    since = time_since_purchase(table["recency"], table["T"])
    return since, table["frequency"], table[money_of(table)]
