"""Which product's orders to serve first."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.ranking import competition_rank
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.service._order_priority import LEVELS, profit_ranks, sort_keys, urgency
from custvalue.service._products import find_profit, read_products, require_distinct

__all__ = ["OrderPriority"]


class OrderPriority(OutputMixin, PersistenceMixin, BaseEstimator):
    """Rank products for service by what they earn and what a delay would cost.

    The score of a product is its profit rank (1 = the most profitable) times the importance of its
    orders: 1, a delay is a lost sale; 2, a slight delay is acceptable; 3, a longer delay is
    acceptable. The smallest score is served first. Products with equal scores share a priority and
    the next ones follow at a distance (1, 2, 2, 4), unless ``tie_break`` parts them.

    Parameters
    ----------
    profit : str or None, default="profit"
        Column of profit, in any currency, ranked inside: equal profits share a rank, and a loss
        ranks last. None where X has ready ranks.
    profit_rank : str or None, default="profit_rank"
        Column of ready ranks, whole numbers from 1; read where X has no column of profit. An X with
        both columns is refused: set the one not meant to None.
    importance : str, default="importance"
        Column of importance: 1, 2 or 3.
    scale : {"1_is_most_urgent", "1_is_least_urgent"}, default="1_is_most_urgent"
        Which way the importance of X runs. The numbers cannot tell, and a scale read backwards
        inverts every decision without any sign of it; so it is asked for, never guessed, and
        ``levels_`` shows how it was understood.
    tie_break : {"importance", "profit"} or None, default=None
        Which of two products with one score is served first: the one whose delay is worse, or the
        one that earns more. Those equal in both still share a priority.

    Attributes
    ----------
    profits_ : ndarray of shape (n_products,) or None
        Profits of the fitted products, highest first; None where ranks were given.
    sort_keys_ : ndarray of int of shape (n_products,)
        What the fitted products are ordered by, smallest first: four times the score, with the
        importance added (``tie_break="importance"``) or taken away ("profit").
    levels_ : pandas.DataFrame of shape (3, 2)
        Index: importance as X writes it. ``meaning`` as understood, and ``products``, the number
        fitted.
    n_products_ : int
        Number of fitted products.
    n_features_in_ : int
        Number of columns used, 2.
    feature_names_in_ : ndarray of shape (2,)
        Their names; only where X is a frame.

    Notes
    -----
    `transform` ranks each row among the *fitted* products, never among the other rows: its profit
    rank is 1 + the number of fitted products that are strictly more profitable, its priority
    1 + the number of fitted products that come strictly before it. On the fitted table this is the
    ranking of the table; a new product is told where it would stand in it.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import OrderPriority
    >>> products = pd.DataFrame(
    ...     {"profit": [900.0, 400.0, 750.0, 300.0], "importance": [3, 1, 1, 2]},
    ...     index=pd.Index(["lamp", "cable", "battery", "torch"], name="product"),
    ... )
    >>> ranking = OrderPriority().fit(products)
    >>> ranking.transform(products)
             score  priority
    product
    lamp         3         2
    cable        3         2
    battery      2         1
    torch        8         4

    The cable waits for no one: a delay would lose its sale.

    >>> OrderPriority(tie_break="importance").fit_transform(products)["priority"].to_dict()
    {'lamp': 3, 'cable': 2, 'battery': 1, 'torch': 4}

    How the scale was understood:

    >>> ranking.levels_
                                meaning  products
    importance
    1                         lost sale         2
    2           slight delay acceptable         1
    3           longer delay acceptable         1
    """

    _output_columns = ("score", "priority")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "profit": [str, None],
        "profit_rank": [str, None],
        "importance": [str],
        "scale": [StrOptions({"1_is_most_urgent", "1_is_least_urgent"})],
        "tie_break": [StrOptions({"importance", "profit"}), None],
    }

    profits_: FloatArray | None
    sort_keys_: IntArray
    levels_: pd.DataFrame
    n_products_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        profit: str | None = "profit",
        profit_rank: str | None = "profit_rank",
        importance: str = "importance",
        scale: str = "1_is_most_urgent",
        tie_break: str | None = None,
    ) -> None:
        self.profit = profit
        self.profit_rank = profit_rank
        self.importance = importance
        self.scale = scale
        self.tie_break = tie_break

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the profits and scores among which products are ranked.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            One row a product, named by the index (in polars and pyarrow by the first column):
            profit or profit rank, then importance. The first column of an array is profit unless
            ``profit=None``.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or neither column of profit is named.
        custvalue.exceptions.DataError
            If a column is missing, both columns of profit are there, a product is there twice,
            importance is not 1, 2 or 3, or a rank is not a whole number from 1.
        """
        self._validate_params()
        self._require_other_importance()
        column = find_profit(X, self.profit, self.profit_rank, owner=type(self).__name__)
        table = self._read(X, column)
        require_distinct(table)
        profits = None if column == self.profit_rank else np.sort(table[column])[::-1]
        score, importance = self._scores(table, profits)
        self.sort_keys_ = np.sort(sort_keys(score, importance, self.tie_break))
        self.profits_ = profits
        self._describe(table)
        return self

    def transform(self, X: Any) -> Any:
        """Return the score of each product and its place among the fitted ones.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_products, 2)
            Whole numbers: ``score``, profit rank times importance, and ``priority``, where 1 is
            served first.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, importance is not 1, 2 or 3, or a rank is not a whole number
            from 1.
        """
        check_is_fitted(self)
        column = self.profit_rank if self.profits_ is None else self.profit
        table = self._read(X, str(column))
        score, importance = self._scores(table, self.profits_)
        keys = sort_keys(score, importance, self.tie_break)
        priority = competition_rank(keys, among=self.sort_keys_)
        return self._frame(table, {"score": score, "priority": priority})

    def _require_other_importance(self) -> None:
        if self.importance in (self.profit, self.profit_rank):
            raise ValueError(
                "importance must name a column of its own; "
                f"found {self.importance!r} for importance and for profit"
            )

    def _read(self, X: Any, column: str) -> Table:
        owner, by_rank = type(self).__name__, column == self.profit_rank
        return read_products(X, column, self.importance, by_rank=by_rank, owner=owner)

    def _scores(self, table: Table, profits: FloatArray | None) -> tuple[IntArray, IntArray]:
        """Return score and importance (1 = most urgent) of each product."""
        importance = urgency(table[self.importance], self.scale)
        if profits is None:
            ranks = table[str(self.profit_rank)].astype(np.int64)
        else:
            ranks = profit_ranks(table[str(self.profit)], profits)
        return ranks * importance, importance

    def _describe(self, table: Table) -> None:
        """Set what the fitted table was, and how its scale was understood."""
        written = np.arange(1, len(LEVELS) + 1)
        count = np.bincount(table[self.importance].astype(np.int64), minlength=len(LEVELS) + 1)
        meaning = [LEVELS[level - 1] for level in urgency(written.astype(float), self.scale)]
        self.levels_ = pd.DataFrame(
            {"meaning": meaning, "products": count[1:]}, index=pd.Index(written, name="importance")
        )
        self.n_products_ = len(table)
        remember_columns(self, table)
