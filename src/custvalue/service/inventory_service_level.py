"""How well a stock serves, and what stock a service needs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._inventory_doubts import law_doubts, stock_doubts, window_doubts
from custvalue.service._inventory_items import (
    ItemColumns,
    item_columns,
    items_of,
    read_items,
    read_target,
    refuse_unseen,
    require_named,
)
from custvalue.service._inventory_service_level import (
    Items,
    ServiceLevels,
    as_columns,
    blocks,
    demand_law,
    pooled_shape,
    service_of_stock,
    service_sums,
    standard_levels,
    stock_for_target,
)

__all__ = ["InventoryServiceLevel"]


class InventoryServiceLevel(OutputMixin, PersistenceMixin, BaseEstimator):
    """Tell the service of a stock, or the stock for a service.

    An item is ordered when its stock falls to the reorder point x; until the delivery the demand D
    has to be met from it. The safety stock is x less the mean of D. Two measures of service are
    told, both from 0 to 1 ::

        cycle service level   alpha = P(D <= x)        share of cycles without a stock-out
        fill rate             beta  = 1 - n(x) / Q     share of the demand met from stock

    where n(x) = E[max(D - x, 0)] is the shortage expected in a cycle and Q the order quantity. With
    ``target=None`` X has the stock and the service comes out; with a target the smallest stock that
    reaches it, and the service of that stock.

    Parameters
    ----------
    demand : {"normal", "gamma", "poisson", "negative_binomial", "empirical"}, default="normal"
        The law of the demand over the lead time. "normal" suits large, smooth demand; "gamma"
        demand that is skewed and never negative; "poisson" (variance equal to the mean) and
        "negative_binomial" (variance above it) demand in whole units; "empirical" takes the
        ``history`` as it is. With laws of whole units a stock for a target is a whole reorder
        point.
    measure : {"cycle", "fill_rate"}, default="cycle"
        What the target is a target of.
    target : float or str, optional
        The service to reach, above 0 and at most 1, or the column with that of each item.
    backorders : bool, default=True
        Customers wait for what is missing. If False the sale is lost; a cycle then sees the demand
        Q + n(x), and beta = Q / (Q + n(x)).
    review_period : float, default=0.0
        Time between two reviews of the stock, in periods; the stock must cover the lead time and
        this. 0 where it is watched all the time.
    shape : {"own", "pooled"}, default="own"
        For ``demand="empirical"``: each item has the shape of its own history, or all have the
        shape that the items had in common at `fit`. One item's history seldom tells service levels
        beyond 95 %; many together do, if their demand is alike but for size and spread.
    history : list or tuple of str, optional
        Columns with the demand of past periods, one a period, oldest first. Mean and standard
        deviation are taken from them in place of ``demand_mean`` and ``demand_sd``.
    demand_mean, demand_sd : str, default="demand_mean" and "demand_sd"
        Columns with mean and standard deviation of the demand of one period, in units. For
        ``demand="poisson"`` only the mean is read.
    lead_time : str, default="lead_time"
        Column with the mean lead time, in periods; it need not be whole.
    lead_time_sd : str or None, default="lead_time_sd"
        Column with the standard deviation of the lead time, in periods; read where X has it, else
        lead times are constant. A column of another name must be there. None: never read.
    order_quantity : str or None, default="order_quantity"
        Column with the units ordered in a cycle. The fill rate needs it; without it the fill rate
        is NaN. For a target of the fill rate X must have it, and where it has another name than
        this. None: never read.
    safety_stock : str, default="safety_stock"
        Column with the stock beyond the mean demand, in units; read for ``target=None``.
    reorder_point : str, optional
        Column with the reorder point, to be read in place of the safety stock.

    Attributes
    ----------
    columns_ : list of str
        The columns that `fit` read, in the order of an array.
    shape_ : ndarray of shape (n_points,) or None
        For ``shape="pooled"``: at most 1000 quantiles of the demand over the lead time less its
        mean, over its standard deviation, both as the other periods of an item give them.
    n_items_ : int
        Number of fitted items.
    n_features_in_ : int
        Number of columns used.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    OrderPriority : Which orders to serve first where the stock does not do.

    Notes
    -----
    With d and s of one period, L and s_L of the time to cover, all independent [1]_ ::

        mean of D = d L        sigma = sqrt(L s^2 + d^2 s_L^2)

    Normal demand: with k = (x - d L) / sigma, alpha = Phi(k) and n = sigma G(k), where
    G(k) = phi(k) - k (1 - Phi(k)). Gamma and negative binomial demand have the same mean and sigma.
    Poisson demand over a lead time that varies is negative binomial (exactly so for gamma lead
    times). Empirical demand are the sums over all windows of the history that are as long as the
    lead time, to the nearest period; mean and variance are scaled to the exact lead time, and
    d^2 s_L^2 is added. The pooled shape compares every window with the mean and standard deviation
    of the other periods of its item, so that it holds the error of these two: of the demand to
    come it covers about what is asked for, where an item's own windows and the other laws, which
    take estimates for the truth, cover less.

    An array has the columns of the demand (``history``, or mean and standard deviation), the lead
    time, the stock or the column of targets, for a target of the fill rate the order quantity; then
    those of ``lead_time_sd`` and ``order_quantity`` that there are, in this order. Where it could
    be either, set the one that is not there to None.

    Edges: an item without uncertainty is served by its mean demand. A target of 1 is an infinite
    stock (with a warning) unless the demand has a largest value. Low targets give a negative safety
    stock. Without demand there is no fill rate: it is NaN, not 1. The fill rate counts backorders
    once a cycle, which is right where Q is well above sigma; where n(x) exceeds Q it is 0. Targets
    are shares: 95 is refused. Gamma demand too small for a float is no demand. Whole units are
    counted up to a demand of 1e15 over a lead time, the others up to 1e300.

    `fit` learns which columns there are and the pooled shape; `transform` answers each row for
    itself.

    References
    ----------
    .. [1] E. A. Silver, D. F. Pyke and D. J. Thomas (2017). Inventory and Production Management in
       Supply Chains, 4th edition, chapters 6 and 7. CRC Press.

    Examples
    --------
    Three stocks of one item: none beyond the mean, one and two standard deviations (which are 20
    over the lead time of 4 weeks).

    >>> import pandas as pd
    >>> from custvalue.service import InventoryServiceLevel
    >>> items = pd.DataFrame(
    ...     {
    ...         "demand_mean": 50.0,
    ...         "demand_sd": 10.0,
    ...         "lead_time": 4.0,
    ...         "order_quantity": 200.0,
    ...         "safety_stock": [0.0, 20.0, 40.0],
    ...     },
    ...     index=pd.Index(["none", "one sd", "two sd"], name="product"),
    ... )
    >>> service = InventoryServiceLevel().fit_transform(items)
    >>> service[["cycle_service_level", "fill_rate"]].round(6)
             cycle_service_level  fill_rate
    product
    none                0.500000   0.960106
    one sd              0.841345   0.991668
    two sd              0.977250   0.999151

    The other way: the stock for a fill rate of 99 %, and what it is worth in cycles.

    >>> stock = InventoryServiceLevel(measure="fill_rate", target=0.99).fit_transform(items[:1])
    >>> stock.iloc[0].round(4).to_dict()
    {'cycle_service_level': 0.8166, 'fill_rate': 0.99, 'safety_stock': 18.0469,
     'reorder_point': 218.0469, 'expected_shortage': 2.0}

    The rule of thumb of 50, 84, 98 and 99.9 %:

    >>> InventoryServiceLevel.standard_table()
              cycle_service_level  rounded
    multiple
    0.0                  0.500000    0.500
    1.0                  0.841345    0.840
    2.0                  0.977250    0.980
    3.0                  0.998650    0.999
    """

    _output_columns = (
        "cycle_service_level",
        "fill_rate",
        "safety_stock",
        "reorder_point",
        "expected_shortage",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "demand": [StrOptions({"normal", "gamma", "poisson", "negative_binomial", "empirical"})],
        "measure": [StrOptions({"cycle", "fill_rate"})],
        "target": [interval(None, None), str, None],
        "backorders": ["boolean"],
        "review_period": [interval(0, None, closed="left")],
        "shape": [StrOptions({"own", "pooled"})],
        "history": [list, tuple, None],
        "demand_mean": [str],
        "demand_sd": [str],
        "lead_time": [str],
        "lead_time_sd": [str, None],
        "order_quantity": [str, None],
        "safety_stock": [str],
        "reorder_point": [str, None],
    }

    columns_: list[str]
    shape_: FloatArray | None
    n_items_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        demand: str = "normal",
        measure: str = "cycle",
        target: float | str | None = None,
        backorders: bool = True,
        review_period: float = 0.0,
        shape: str = "own",
        history: Sequence[str] | None = None,
        demand_mean: str = "demand_mean",
        demand_sd: str = "demand_sd",
        lead_time: str = "lead_time",
        lead_time_sd: str | None = "lead_time_sd",
        order_quantity: str | None = "order_quantity",
        safety_stock: str = "safety_stock",
        reorder_point: str | None = None,
    ) -> None:
        self.demand = demand
        self.measure = measure
        self.target = target
        self.backorders = backorders
        self.review_period = review_period
        self.shape = shape
        self.history = history
        self.demand_mean = demand_mean
        self.demand_sd = demand_sd
        self.lead_time = lead_time
        self.lead_time_sd = lead_time_sd
        self.order_quantity = order_quantity
        self.safety_stock = safety_stock
        self.reorder_point = reorder_point

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the items, and learn the shape of their demand where it is pooled.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_items, n_features)
            One row an item, named by the index (in polars and pyarrow by the first column); see
            the parameters for its columns.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range or contradicts another.
        custvalue.exceptions.DataError
            If a column is missing, also one that ``lead_time_sd`` or ``order_quantity`` names
            otherwise than by default; if the width of an array leaves open which of these two it
            has; if a number is negative, too large or contradicts another; if a target is not
            above 0 and at most 1, or a history is not longer than the lead time.
        """
        self._validate_params()
        if self.shape == "pooled" and self.demand != "empirical":
            raise ValueError(
                f"shape='pooled' is for demand='empirical' only; found demand={self.demand!r}"
            )
        columns = self._columns()
        table = read_items(X, columns, None, owner=type(self).__name__)
        require_named(table, columns, owner=type(self).__name__)
        pooled = self.shape == "pooled"
        beyond = 2 if pooled else 1
        items = items_of(table, columns, self.demand, self.review_period, beyond=beyond)
        self._given(table)
        self.shape_ = pooled_shape(items) if pooled else None
        self.columns_ = list(table.columns)
        self.n_items_ = len(table)
        remember_columns(self, table)
        return self

    def transform(self, X: Any) -> Any:
        """Return stock and service of each item.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_items, n_features)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_items, 5)
            ``cycle_service_level`` and ``fill_rate`` (from 0 to 1), ``safety_stock``,
            ``reorder_point`` and ``expected_shortage`` (in units, the latter in one cycle).

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column that `fit` read is missing, an optional one is there that `fit` had not, or
            a value breaks a rule of `fit`.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            Where normal demand would often be negative, gamma demand is nearly always next to
            nothing, negative binomial demand varies too little, no stock reaches the target, or a
            history has too few windows to tell it.
        """
        check_is_fitted(self)
        table, items = self._read_fitted(X)
        given = self._given(table)
        parts = [
            (rows, self._levels(items.take(rows), given[rows]))
            for rows in blocks(items, by_window=self.demand == "empirical")
        ]
        out = as_columns(parts, len(table))
        self._warn(items, table, given, out["reorder_point"])
        return self._frame(table, out)

    def service_table(self, X: Any, multiples: Sequence[float] = (0.0, 1.0, 2.0, 3.0)) -> Any:
        """Return what all items together are served with by safety stocks of so many sigma.

        Every item gets the safety stock ``multiple`` times the standard deviation of its demand
        over the lead time, whatever stock or target X has.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_items, n_features)
            The columns of `fit`.
        multiples : sequence of float, default=(0.0, 1.0, 2.0, 3.0)

        Returns
        -------
        pandas.DataFrame of shape (n_multiples, 4)
            Index ``multiple``. ``safety_stock`` and ``expected_shortage`` are sums over the items,
            ``cycle_service_level`` is their mean, ``fill_rate`` that of all units demanded.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If a multiple is not a finite number.
        custvalue.exceptions.DataError
            As in `transform`.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            Where the law does not suit the demand, as in `transform`.
        """
        check_is_fitted(self)
        wanted = _finite(multiples)
        table, items = self._read_fitted(X)
        rows = list(blocks(items, by_window=self.demand == "empirical"))
        ordered = items.take(np.concatenate(rows))
        lines = [
            service_sums([self._of_multiple(items.take(part), k) for part in rows], ordered)
            for k in wanted
        ]
        _say(law_doubts(items, self.demand, table.index))
        return pd.DataFrame(lines, index=pd.Index(wanted, name="multiple"))

    @staticmethod
    def standard_table(multiples: Sequence[float] = (0.0, 1.0, 2.0, 3.0)) -> pd.DataFrame:
        """Return the service of normal demand by safety stocks of so many standard deviations.

        Parameters
        ----------
        multiples : sequence of float, default=(0.0, 1.0, 2.0, 3.0)

        Returns
        -------
        pandas.DataFrame of shape (n_multiples, 2)
            Index ``multiple``. ``cycle_service_level``, and ``rounded`` as the rule of thumb has
            it: to whole per cents, and beyond 99 % to as many digits as part it from 1.

        Raises
        ------
        ValueError
            If a multiple is not a finite number.
        """
        return standard_levels(_finite(multiples))

    def _columns(self) -> ItemColumns:
        return item_columns(
            demand=self.demand,
            measure=self.measure,
            target=self.target,
            history=self.history,
            demand_mean=self.demand_mean,
            demand_sd=self.demand_sd,
            lead_time=self.lead_time,
            lead_time_sd=self.lead_time_sd,
            order_quantity=self.order_quantity,
            safety_stock=self.safety_stock,
            reorder_point=self.reorder_point,
        )

    def _read_fitted(self, X: Any) -> tuple[Table, Items]:
        """Return the columns of `fit`, and what they say of the items."""
        columns, owner = self._columns(), type(self).__name__
        refuse_unseen(X, columns, self.columns_, owner=owner)
        table = read_items(X, columns, self.columns_, owner=owner)
        return table, items_of(table, columns, self.demand, self.review_period)

    def _given(self, table: Table) -> FloatArray:
        """Return the target of each item, or its stock."""
        if self.target is not None:
            return read_target(table, self.target)
        return table[self.reorder_point or self.safety_stock]

    def _levels(self, items: Items, given: FloatArray) -> ServiceLevels:
        """Return the answer for some items, given their targets or stocks."""
        law = demand_law(items, self.demand, self.shape_)
        stock = given
        if self.target is not None:
            options: dict[str, Any] = {"measure": self.measure, "backorders": self.backorders}
            stock = stock_for_target(law, given, items, **options)
        elif self.reorder_point is None:
            stock = law.mean + given
        return service_of_stock(law, stock, items, backorders=self.backorders)

    def _of_multiple(self, items: Items, multiple: float) -> ServiceLevels:
        law = demand_law(items, self.demand, self.shape_)
        stock = law.mean + multiple * law.sd
        return service_of_stock(law, stock, items, backorders=self.backorders)

    def _warn(self, items: Items, table: Table, given: FloatArray, stock: FloatArray) -> None:
        doubts = law_doubts(items, self.demand, table.index)
        if self.target is not None:
            doubts += stock_doubts(stock, table.index)
            if self.demand == "empirical" and self.shape == "own" and self.measure == "cycle":
                doubts += window_doubts(items, given, table.index)
        _say(doubts, stacklevel=4)


def _say(doubts: Sequence[str], *, stacklevel: int = 3) -> None:
    for doubt in doubts:
        warnings.warn(doubt, DataQualityWarning, stacklevel=stacklevel)


def _finite(multiples: Sequence[float]) -> FloatArray:
    values = np.asarray(multiples, dtype=np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"multiples must be a row of finite numbers; found {multiples!r}")
    return values
