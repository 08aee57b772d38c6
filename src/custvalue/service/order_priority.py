"""Which product's orders to serve first."""

from __future__ import annotations

from collections.abc import Sequence
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
from custvalue.exceptions import DataError
from custvalue.service._order_priority import (
    LEVELS,
    profit_ranks,
    sort_keys,
    urgency,
)
from custvalue.service._priority_sensitivity import (
    checked_scores,
    compare_orders,
    place_columns,
    scale_evidence,
)
from custvalue.service._products import (
    find_profit,
    read_losses,
    read_products,
    require_distinct,
    weighed_profits,
)

__all__ = ["OrderPriority"]

_OTHERS = {"importance": "profit", "customer_value": "profit or importance"}


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
        ranks last (see ``profit_ties``). None where X has ready ranks.
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
    profit_ties : {"competition", "dense"}, default="competition"
        The rank that follows equal profits: 1, 2, 2, 4 or 1, 2, 2, 3. Ready ranks are taken as
        they are.
    customer_value : str or None, default=None
        Column of what the customers behind the rows are worth, such as their lifetime value: at
        least 0, in any unit. The profit rank is then taken of profit times customer value; of a
        loss *divided* by it, so that of two equal losses the one on the better customer still
        comes first. With a customer of value 0 a profit counts as none, and a loss comes last of
        all. It needs a column of profit. With it a queue of open orders can be sorted, a
        row an order.

    Attributes
    ----------
    profits_ : ndarray of shape (n_products,) or None
        Profits of the fitted products, weighted by ``customer_value`` where there is one, highest
        first; None where ranks were given.
    sort_keys_ : ndarray of int of shape (n_products,)
        What the fitted products are ordered by, smallest first: four times the score, with the
        importance added (``tie_break="importance"``) or taken away ("profit").
    levels_ : pandas.DataFrame of shape (3, 2)
        Index: importance as X writes it. ``meaning`` as understood, and ``products``, the number
        fitted.
    n_products_ : int
        Number of fitted products.
    n_features_in_ : int
        Number of columns used: 2, or 3 with ``customer_value``.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names; only where X is a frame.

    See Also
    --------
    PortfolioMatrix : What to do about products, by volume and profit.

    Notes
    -----
    `transform` ranks each row among the *fitted* products, never among the other rows: its profit
    rank is 1 + the number of fitted products that are strictly more profitable, its priority
    1 + the number of fitted products that come strictly before it. On the fitted table this is the
    ranking of the table; a new product is told where it would stand in it.

    The scores 1, 2 and 3 are a habit, not a measurement. `sensitivity` and `place_ranges` tell how
    far the order hangs on them, `check_scale` whether what was lost by delays agrees with the
    direction of the scale.

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

    How far the order hangs on the scores 1, 2, 3:

    >>> ranking.sensitivity(products, scores=[(2, 3, 4), (1, 3, 9)])
                 tau  moved  largest_move most_moved
    scores
    2:3:4   0.800000      2             1      cable
    1:3:9   0.912871      1             1       lamp

    A queue of open orders, with the lifetime value of the customer who waits:

    >>> queue = pd.DataFrame(
    ...     {"profit": [40.0, 40.0, 55.0], "importance": [2, 2, 1], "lifetime_value": [9, 80, 1]},
    ...     index=pd.Index(["order 1", "order 2", "order 3"], name="order"),
    ... )
    >>> OrderPriority(customer_value="lifetime_value").fit_transform(queue)
             score  priority
    order
    order 1      4         3
    order 2      2         1
    order 3      3         2
    """

    _output_columns = ("score", "priority")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "profit": [str, None],
        "profit_rank": [str, None],
        "importance": [str],
        "scale": [StrOptions({"1_is_most_urgent", "1_is_least_urgent"})],
        "tie_break": [StrOptions({"importance", "profit"}), None],
        "profit_ties": [StrOptions({"competition", "dense"})],
        "customer_value": [str, None],
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
        profit_ties: str = "competition",
        customer_value: str | None = None,
    ) -> None:
        self.profit = profit
        self.profit_rank = profit_rank
        self.importance = importance
        self.scale = scale
        self.tie_break = tie_break
        self.profit_ties = profit_ties
        self.customer_value = customer_value

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the profits and scores among which products are ranked.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, n_columns)
            One row a product or order, named by the index (in polars and pyarrow by the first
            column): profit or profit rank, then importance, then customer value if it is named.
            The first column of an array is profit unless ``profit=None``.
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
            importance is not 1, 2 or 3, a rank is not a whole number from 1, a customer value is
            negative or beside ready ranks, or a weighted profit is too large for a float.
        """
        self._validate_params()
        self._require_other_columns()
        column = find_profit(X, self.profit, self.profit_rank, owner=type(self).__name__)
        if column == self.profit_rank and self.customer_value is not None:
            raise DataError(
                f"customer_value={self.customer_value!r} weighs profits, and X has ready ranks in "
                f"{column!r}; give a column of profit, or set customer_value to None"
            )
        table = self._read(X, column)
        require_distinct(table)
        profits = None if column == self.profit_rank else np.sort(self._profit(table))[::-1]
        ranks, importance = self._ranks(table, profits)
        self.sort_keys_ = np.sort(sort_keys(ranks * importance, importance, self.tie_break))
        self.profits_ = profits
        self._describe(table)
        return self

    def transform(self, X: Any) -> Any:
        """Return the score of each product and its place among the fitted ones.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, n_columns)
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
        table, ranks, importance = self._read_fitted(X)
        score = ranks * importance
        keys = sort_keys(score, importance, self.tie_break)
        priority = competition_rank(keys, among=self.sort_keys_)
        return self._frame(table, {"score": score, "priority": priority})

    def sensitivity(self, X: Any, scores: Sequence[Sequence[float]] | None = None) -> pd.DataFrame:
        """Return how the order of the rows of X changes with the scores of importance.

        Here the rows are put in order among themselves. Profit ranks stay as they are.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, n_columns)
            The columns of `fit`.
        scores : sequence of three numbers each, or None, default=None
            What to put in the place of 1, 2, 3, most urgent first, whichever way the scale of X
            runs. Only their ratios count. None tries (2, 3, 4), (1, 2, 4), (1, 2, 5), (1, 3, 5)
            and (1, 3, 9).

        Returns
        -------
        pandas.DataFrame of shape (n_scores, 4)
            Index: the scores, as in "1:3:5". ``tau``, Kendall's tau-b with the order by 1, 2, 3
            (NaN where one of the two puts nothing in order); ``moved``, products with another
            place; ``largest_move`` in places; ``most_moved``, the product it happens to, by
            position if X has no labels: of several the one served first, and of these the more
            important; None where nothing moves.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If a set of scores is not three finite numbers above zero that do not fall.
        custvalue.exceptions.DataError
            As `transform`.
        """
        table, ranks, importance = self._read_fitted(X)
        sets = checked_scores(scores)
        return compare_orders(ranks, importance, sets, self.tie_break, labels=table.index)

    def place_ranges(self, X: Any, scores: Sequence[Sequence[float]] | None = None) -> Any:
        """Return between which places each row of X moves, and what an error in it would do.

        Here the rows are put in order among themselves. Profit ranks stay as they are.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, n_columns)
            The columns of `fit`.
        scores : sequence of three numbers each, or None, default=None
            As `sensitivity`.

        Returns
        -------
        frame of shape (n_products, 5)
            Places, where 1 is served first: ``place`` by the scores 1, 2, 3; ``first`` and
            ``last`` over these and all others tried; ``if_more_urgent`` and ``if_less_urgent``,
            were the importance of this product alone a level off.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If a set of scores is not three finite numbers above zero that do not fall.
        custvalue.exceptions.DataError
            As `transform`.
        """
        table, ranks, importance = self._read_fitted(X)
        sets = checked_scores(scores)
        return self._frame(table, place_columns(ranks, importance, sets, self.tie_break))

    def check_scale(self, X: Any, lost: Any) -> pd.Series:
        """Return whether what delays have cost agrees with the direction of the scale.

        Where delays lose more sales the more urgent an order is said to be, the scale was read the
        right way. The numbers of importance alone cannot tell.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, n_columns)
            The columns of `fit`.
        lost : array-like of shape (n_products,)
            Share of delayed orders that were lost, or any other figure that is higher the worse a
            delay was; NaN where it is not known. A Series is taken by label where X has labels, all
            else by position.

        Returns
        -------
        pandas.Series
            ``tau``, Kendall's tau-b between urgency and loss (NaN where either is the same for all
            rows); its two-sided ``p_value``; ``products`` with a known loss; ``verdict``, "agrees"
            or "reversed" where the p-value is below 0.05, else "unclear".

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As `transform`, or if ``lost`` is not one number per row, or a Series without the label
            of a row.
        """
        table, _, importance = self._read_fitted(X)
        return scale_evidence(importance, read_losses(lost, len(table), table.index))

    def _require_other_columns(self) -> None:
        used = [self.profit, self.profit_rank]
        for parameter in ("importance", "customer_value"):
            name = getattr(self, parameter)
            if name is not None and name in used:
                raise ValueError(
                    f"{parameter} must name a column of its own; "
                    f"found {name!r} for {parameter} and for {_OTHERS[parameter]}"
                )
            used.append(name)

    def _read(self, X: Any, column: str) -> Table:
        return read_products(
            X,
            column,
            self.importance,
            by_rank=column == self.profit_rank,
            owner=type(self).__name__,
            customer_value=self.customer_value,
        )

    def _read_fitted(self, X: Any) -> tuple[Table, IntArray, IntArray]:
        """Return the table, profit ranks among the fitted products, and importance."""
        check_is_fitted(self)
        column = self.profit_rank if self.profits_ is None else self.profit
        table = self._read(X, str(column))
        return table, *self._ranks(table, self.profits_)

    def _profit(self, table: Table) -> FloatArray:
        """Return what the profit rank is taken of."""
        profit = table[str(self.profit)]
        if self.customer_value is None:
            return profit
        return weighed_profits(table, str(self.profit), self.customer_value)

    def _ranks(self, table: Table, profits: FloatArray | None) -> tuple[IntArray, IntArray]:
        """Return profit rank and importance (1 = most urgent) of each product."""
        importance = urgency(table[self.importance], self.scale)
        if profits is None:
            return table[str(self.profit_rank)].astype(np.int64), importance
        return profit_ranks(self._profit(table), profits, self.profit_ties), importance

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
