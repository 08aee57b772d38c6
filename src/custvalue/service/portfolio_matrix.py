"""What to do about products, by volume and profit."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, remember_columns, such_rows
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service._portfolio_matrix import (
    QUADRANTS,
    actions_table,
    is_near,
    learned_threshold,
    quadrant_codes,
    quadrant_totals,
    shifted_quadrants,
    whole_profit,
)
from custvalue.service._products import read_portfolio, require_distinct, require_sum

__all__ = ["PortfolioMatrix"]

_RULES = {"median", "mean", "abc"}


class PortfolioMatrix(OutputMixin, PersistenceMixin, BaseEstimator):
    """Put products in four quadrants by volume and profit, each with its way of service.

    A product is high where it reaches the threshold ``t``, volume >= t_v or profit >= t_p, and low
    below it (Christopher 2016, figure 2.12):

    ========  ======  ======  =========================  ====================
    quadrant  volume  profit  action                     in Chinese
    ========  ======  ======  =========================  ====================
    Q1        high    low     reduce costs               降低成本, 提升利润
    Q2        high    high    provide high availability  高可得性, 确保利润
    Q3        low     low     review                     复查产品, 考虑利润
    Q4        low     high    centralise stock           集中存储, 优化供应链
    ========  ======  ======  =========================  ====================

    Fast-moving products that earn little (Q1) must become cheaper to supply; those that earn well
    (Q2) must never be out of stock; slow ones that earn well (Q4) are kept in one place and sent
    out from there; the others (Q3) are reviewed, and may leave the range. A product at a loss is
    marked, whichever quadrant it is in.

    Parameters
    ----------
    volume : str, default="volume"
        Column of what is sold: units, order lines or sales. At least 0.
    profit : str, default="profit"
        Column of profit, in any currency; negative for a loss.
    volume_threshold, profit_threshold : {"median", "mean", "abc"} or float, default="median"
        From where on a product is high, learned from the fitted products. "abc" is the least value
        of class A: of the products before which, from the largest down, less than the share
        ``abc_cut`` of the total is held (a loss holds nothing). A number is taken as it is.
    profit_kind : {"total", "unit"}, default="total"
        What the column of profit holds, and so what is cut: "total", the contribution of the
        product in the period; "unit", profit per unit of volume, such as a unit margin beside
        units or a margin rate beside sales. Sums of profit are then taken of volume times profit,
        and "abc" is refused: margins per unit have no total to share.
    abc_cut : float, default=0.8
        Share for "abc", between 0 and 1.

    Attributes
    ----------
    thresholds_ : pandas.Series
        ``volume`` and ``profit``: the least that is high.
    quadrant_summary_ : pandas.DataFrame of shape (4, 7)
        Index: the quadrant. ``action``; number of ``products``, and of those ``loss_making``; sums
        ``volume`` and ``profit`` (the whole profit), and their shares of the total,
        ``volume_share`` and ``profit_share`` (NaN where the total is not above zero).
    actions_ : pandas.DataFrame of shape (4, 4)
        Index: the quadrant. ``volume``, ``profit``, ``action`` and ``action_zh``, as in the table
        above.
    n_products_ : int
        Number of fitted products.
    n_features_in_ : int
        Number of columns used, 2.
    feature_names_in_ : ndarray of shape (2,)
        Their names; only where X is a frame.

    See Also
    --------
    OrderPriority : Which product's orders to serve first.
    custvalue.plotting.PortfolioDisplay : A picture of the matrix.

    Notes
    -----
    Thresholds are learned at `fit` and applied to new rows at `transform`, so that products can be
    followed from one period to the next on one scale: ``pandas.crosstab`` of the quadrants of two
    periods shows who moved. Products on a threshold are high. A learned volume threshold of 0, or a
    learned profit threshold below 0, makes products high that sell nothing or lose money; a
    `custvalue.exceptions.DataQualityWarning` then says how many.

    References
    ----------
    Christopher, M. (2016). Logistics and Supply Chain Management, 5th ed. Pearson, ch. 2.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service.portfolio_matrix import PortfolioMatrix
    >>> products = pd.DataFrame(
    ...     {"volume": [120, 100, 20, 40], "profit": [5.0, 10.0, -3.0, 25.0]},
    ...     index=pd.Index(["cable", "battery", "torch", "lamp"], name="product"),
    ... )
    >>> matrix = PortfolioMatrix(volume_threshold=100, profit_threshold=10).fit(products)
    >>> matrix.transform(products)
            quadrant                     action  loss_making
    product
    cable         Q1               reduce costs        False
    battery       Q2  provide high availability        False
    torch         Q3                     review         True
    lamp          Q4           centralise stock        False
    >>> matrix.quadrant_summary_[["products", "volume", "profit"]]
              products  volume  profit
    quadrant
    Q1               1   120.0     5.0
    Q2               1   100.0    10.0
    Q3               1    20.0    -3.0
    Q4               1    40.0    25.0

    The battery is on both thresholds. Were they a tenth higher, it would be in another quadrant:

    >>> matrix.sensitivity(products).loc[(0.1, 0.1), ["changed", "Q2", "Q3"]].to_dict()
    {'changed': 1, 'Q2': 0, 'Q3': 2}
    """

    _output_columns = ("quadrant", "action", "loss_making")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "volume": [str],
        "profit": [str],
        "volume_threshold": [StrOptions(_RULES), interval(0.0, None, closed="left")],
        "profit_threshold": [StrOptions(_RULES), interval(None, None)],
        "profit_kind": [StrOptions({"total", "unit"})],
        "abc_cut": [interval(0.0, 1.0)],
    }

    thresholds_: pd.Series
    quadrant_summary_: pd.DataFrame
    actions_: pd.DataFrame
    n_products_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        volume: str = "volume",
        profit: str = "profit",
        volume_threshold: str | float = "median",
        profit_threshold: str | float = "median",
        profit_kind: str = "total",
        abc_cut: float = 0.8,
    ) -> None:
        self.volume = volume
        self.profit = profit
        self.volume_threshold = volume_threshold
        self.profit_threshold = profit_threshold
        self.profit_kind = profit_kind
        self.abc_cut = abc_cut

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the thresholds, and sum up the quadrants.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            One row a product, named by the index (in polars and pyarrow by the first column):
            volume, then profit.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, the two columns are one, or "abc" is asked for of profit
            per unit.
        custvalue.exceptions.DataError
            If a column is missing, a product is there twice, a volume is negative, a value is no
            finite number, a sum is too large for a float, or "abc" is asked for and no value is
            above zero.
        """
        self._validate_params()
        self._require_sense()
        table = self._read(X)
        require_distinct(table)
        total = self._whole_profit(table)
        self.thresholds_ = pd.Series(
            {
                "volume": self._threshold(table, self.volume, self.volume_threshold),
                "profit": self._threshold(table, self.profit, self.profit_threshold),
            }
        )
        self._warn_of_low_thresholds(table)
        volume, profit = table[self.volume], table[self.profit]
        self.quadrant_summary_ = quadrant_totals(self._codes(table), volume, profit, total)
        self.actions_ = actions_table()
        self.n_products_ = len(table)
        remember_columns(self, table)
        return self

    def transform(self, X: Any) -> Any:
        """Return the quadrant of each product and what to do about it.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_products, 3)
            ``quadrant``, "Q1" to "Q4"; ``action``; ``loss_making``, whether profit is below 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a volume is negative, or a value is no finite number.
        """
        check_is_fitted(self)
        table = self._read(X)
        codes = self._codes(table)
        columns = {
            "quadrant": np.array([one.name for one in QUADRANTS], dtype=object)[codes],
            "action": np.array([one.action for one in QUADRANTS], dtype=object)[codes],
            "loss_making": table[self.profit] < 0,
        }
        return self._frame(table, columns)

    def sensitivity(self, X: Any, shift: float = 0.1) -> pd.DataFrame:
        """Return how many rows of X change quadrant where the thresholds move.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            The columns of `fit`.
        shift : float, default=0.1
            Share of its size by which a threshold moves, down and up. One of 0 does not move.

        Returns
        -------
        pandas.DataFrame of shape (9, 6)
            Index: ``volume_shift`` and ``profit_shift``, each -shift, 0 and shift. ``changed``,
            products that change quadrant, ``changed_share``, and the number of products in each
            quadrant, ``Q1`` to ``Q4``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If ``shift`` is not above 0 and finite.
        custvalue.exceptions.DataError
            As `transform`.
        """
        check_is_fitted(self)
        table = self._read(X)
        share = _checked_shift(shift)
        return shifted_quadrants(table[self.volume], table[self.profit], self._cuts(), share)

    def near_threshold(self, X: Any, shift: float = 0.1) -> Any:
        """Return which products change sides where a threshold moves.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            The columns of `fit`.
        shift : float, default=0.1
            As `sensitivity`.

        Returns
        -------
        frame of shape (n_products, 2)
            ``near_volume`` and ``near_profit``, True or False.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If ``shift`` is not above 0 and finite.
        custvalue.exceptions.DataError
            As `transform`.
        """
        check_is_fitted(self)
        table = self._read(X)
        share = _checked_shift(shift)
        volume, profit = self._cuts()
        columns: dict[str, AnyArray] = {
            "near_volume": is_near(table[self.volume], volume, share),
            "near_profit": is_near(table[self.profit], profit, share),
        }
        return self._frame(table, columns)

    def _require_sense(self) -> None:
        for name in ("volume_threshold", "profit_threshold"):
            if isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be a rule or a number; found {getattr(self, name)}")
        if self.volume == self.profit:
            raise ValueError(
                f"volume and profit must name different columns; found {self.volume!r} for both"
            )
        if self.profit_kind == "unit" and self.profit_threshold == "abc":
            raise ValueError(
                "profit_threshold='abc' needs profit_kind='total': profit per unit has no total to "
                f"share; found profit_kind={self.profit_kind!r}"
            )

    def _read(self, X: Any) -> Table:
        return read_portfolio(X, self.volume, self.profit, owner=type(self).__name__)

    def _whole_profit(self, table: Table) -> FloatArray:
        """Return the whole profit of each product; it and the columns must have a sum."""
        volume, profit = table[self.volume], table[self.profit]
        require_sum(volume, self.volume)
        require_sum(profit, self.profit)
        if self.profit_kind == "total":
            return profit
        total = whole_profit(volume, profit)
        require_sum(total, f"{self.volume} times {self.profit}")
        return total

    def _threshold(self, table: Table, column: str, rule: str | float) -> float:
        values: FloatArray = table[column]
        if rule == "abc" and not (values > 0).any():
            raise DataError(
                f"a threshold by 'abc' needs a {column} above zero; the largest of {len(values)} "
                f"is {values.max()}"
            )
        return learned_threshold(values, rule, self.abc_cut)

    def _warn_of_low_thresholds(self, table: Table) -> None:
        """Say where a learned threshold makes products high that sell nothing or lose money."""
        volume, profit = self._cuts()
        idle, losing = table[self.volume] == 0, table[self.profit] < 0
        if isinstance(self.volume_threshold, str) and volume == 0:
            _warn(self.volume, volume, f"high volume with {self.volume}=0", int(idle.sum()))
        if isinstance(self.profit_threshold, str) and profit < 0:
            losers = int((losing & (table[self.profit] >= profit)).sum())
            _warn(self.profit, profit, "high profit at a loss", losers)

    def _cuts(self) -> tuple[float, float]:
        return float(self.thresholds_["volume"]), float(self.thresholds_["profit"])

    def _codes(self, table: Table) -> IntArray:
        return quadrant_codes(table[self.volume], table[self.profit], self._cuts())


def _checked_shift(shift: Any) -> float:
    number = float(shift) if isinstance(shift, Real) and not isinstance(shift, bool) else np.nan
    if not 0 < number < np.inf:
        raise ValueError(f"shift must be a finite number above 0; found {shift!r}")
    return number


def _warn(column: str, threshold: float, what: str, count: int) -> None:
    warnings.warn(
        f"the learned threshold of {column} is {threshold:g}, so that products count as {what} "
        f"({such_rows(count)}); give a number as threshold to say what is high",
        DataQualityWarning,
        stacklevel=4,
    )
