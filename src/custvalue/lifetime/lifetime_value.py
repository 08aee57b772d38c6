"""Customer lifetime value from purchases, spend, margin and a discount rate."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.customer_summary import HISTORY
from custvalue._estimator.door import Table, read_table, read_weights, remember_columns, require
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import HasMethods, StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._likelihood.engine_rows import is_engine_table
from custvalue._likelihood.intervals import repeated_rows
from custvalue._likelihood.model import check_draws, check_level
from custvalue._numerics.discounting import continuous_rate
from custvalue._numerics.time_units import TIME_UNITS, parse_horizon, units_per_year
from custvalue._typing import FloatArray
from custvalue.lifetime._arguments import read_choice
from custvalue.lifetime._summary import read_summary
from custvalue.lifetime._value_draws import ValueDraws
from custvalue.lifetime.beta_geo_nbd import BetaGeoNBD
from custvalue.lifetime.gamma_gamma import GammaGamma

__all__ = ["LifetimeValue"]


class LifetimeValue(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Value every customer: discounted purchases times spend times margin.

    Value is the present value of the profit that a customer brings after the end of observation,
    within ``horizon``.

    Parameters
    ----------
    attrition : estimator or None, default=None
        Model of repeat purchases; None is ``BetaGeoNBD``. It is cloned and fitted; wrap a fitted
        one in ``sklearn.frozen.FrozenEstimator`` to keep its parameters.
    spend : estimator or None, default=None
        Model of spend per purchase; None is ``GammaGamma``. Treated alike.
    margin : float or str, default=1.0
        Profit per unit of spend: a number, or the name of a column of X.
    time_unit : {"day", "week", "month", "year"}, default="week"
        What ``recency`` and ``T`` are measured in. Must agree with that of ``attrition``.
    horizon : float or str, default=52.0
        Length of the future: time units, words such as ``"12 months"``, or ``float("inf")``.
    annual_discount_rate : float, default=0.10
        Compounded once a year; 0.10 means that a profit in a year is worth 1 / 1.10 of one today.
        Positive where the horizon is infinite.

    Attributes
    ----------
    attrition_ : estimator
        The fitted model of repeat purchases.
    spend_ : estimator
        The fitted model of spend.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only for frames.

    See Also
    --------
    BetaGeoNBD : How often a customer will buy.
    GammaGamma : What a purchase is worth.

    Notes
    -----
    X has the columns ``frequency``, ``recency``, ``T`` and ``monetary_value``; an array has them
    in this order. With the continuous rate d = log(1 + annual rate) / units per year,

    .. math:: V = \text{margin} \cdot E[M] \int_0^H e^{-d u} \, dE[X(u)].

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import LifetimeValue
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(amount="amount", observation_end="1997-09-30")
    >>> customers = summary.fit_transform(load_cdnow())
    >>> model = LifetimeValue(margin=0.3, horizon="12 months").fit(customers)
    >>> model.transform(customers).head(3).round(2)
                 probability_alive  expected_purchases  expected_spend  value
    customer_id
    1                         0.73                1.56           24.65  11.06
    2                         0.21                0.26           18.91   1.42
    3                         1.00                0.25           35.17   2.55
    """

    _output_columns: ClassVar[tuple[str, ...]] = (
        "probability_alive",
        "expected_purchases",
        "expected_spend",
        "value",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "attrition": [None, HasMethods(["discounted_expected_purchases"])],
        "spend": [None, HasMethods(["expected_spend"])],
        "margin": [interval(0, None, closed="left"), str],
        "time_unit": [StrOptions(set(TIME_UNITS))],
        "horizon": [interval(0, None, closed="both"), str],
        "annual_discount_rate": [interval(0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        attrition: Any = None,
        spend: Any = None,
        margin: float | str = 1.0,
        time_unit: str = "week",
        horizon: float | str = 52.0,
        annual_discount_rate: float = 0.10,
    ) -> None:
        self.attrition = attrition
        self.spend = spend
        self.margin = margin
        self.time_unit = time_unit
        self.horizon = horizon
        self.annual_discount_rate = annual_discount_rate

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Fit both models.

        Parameters
        ----------
        X : customer summary with frequency, recency, T and monetary_value
            A frame or an array; or a table in an engine or a path, whose equal rows are counted
            there for each of the two models.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), str or None
            How many customers each row stands for; the name of a column for a table in an engine.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the time unit is not that of the attrition model, or nothing discounts an infinite
            horizon.
        custvalue.exceptions.DataError
            If the summary breaks a rule.
        """
        self._validate_params()
        self._rate_and_horizon()
        attrition = (
            BetaGeoNBD(time_unit=self.time_unit) if self.attrition is None else self.attrition
        )
        self._check_time_unit(attrition)
        if hasattr(X, "read_all"):
            X = X.read_all()  # an Arrow reader can be read once, and two models read it
        if is_engine_table(X):
            return self._fit_in_engine(X, attrition, sample_weight)
        table = self._read(X)
        self._margins(X)
        history, money = _history(X, table), _money(X, table)
        self.attrition_ = clone(attrition).fit(history, None, sample_weight=sample_weight)
        spend = GammaGamma() if self.spend is None else clone(self.spend)
        self.spend_ = spend.fit(money, None, sample_weight=sample_weight)
        remember_columns(self, table)
        return self

    def transform(self, X: Any) -> Any:
        """Return P(alive), expected purchases, expected spend and value of every customer.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 4)
            ``probability_alive``; ``expected_purchases`` within the horizon; ``expected_spend``
            per purchase and ``value``, in the currency of X.
        """
        table = self._checked(X)
        history, (_, horizon) = _history(X, table), self._rate_and_horizon()
        spend, value = self._spend_and_value(X, table)
        columns = {
            "probability_alive": self.attrition_.probability_alive(history),
            "expected_purchases": self.attrition_.expected_purchases(history, horizon),
            "expected_spend": spend,
            "value": value,
        }
        return self._frame(table, {name: np.asarray(v) for name, v in columns.items()})

    def predict(self, X: Any) -> pd.Series | FloatArray:
        """Return the value of every customer.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In the currency of X.
        """
        table = self._checked(X)
        return per_row(table, self._spend_and_value(X, table)[1], "value")

    def predict_interval(
        self,
        X: Any,
        level: float = 0.9,
        of: str = "value",
        *,
        total: bool = False,
        sample_weight: Any = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
        progress: bool = False,
    ) -> Any:
        """Return intervals that hold the value of customers with a probability.

        The uncertainty of both models' parameters is that of their posteriors where they were
        sampled, else that of the maximum likelihood estimates.

        Parameters
        ----------
        X : customer summary, as in `fit`
        level : float
            Probability that the interval holds, between 0 and 1; both ends miss equally.
        of : {"value", "purchases", "mean"}
            The value with the chance in the number, the times and the amounts of purchases; the
            number of purchases within the horizon; or the expected value.
        total : bool
            One interval for the sum over all customers.
        sample_weight : array-like of int of shape (n_customers,) or None
            How many customers each row stands for, in a total.
        n_draws : int
        random_state : int, numpy.random.Generator or None
        progress : bool
            Show a progress bar.

        Returns
        -------
        frame of shape (n_customers, 2), or (1, 2) for a total
            Columns ``lower`` and ``upper``, in the kind of X.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the number of purchases is asked for ever.
        custvalue.exceptions.NoUncertaintyError
            If parameters were given, or a fit is penalised or no proper maximum, and there is no
            posterior.
        """
        table = self._checked(X)
        check_level(level)
        check_draws(n_draws)
        read_choice(of, "of", ("value", "purchases", "mean"))
        rate, horizon = self._rate_and_horizon()
        shared = {"total": total, "n_draws": n_draws, "progress": progress}
        if of == "purchases":
            return self.attrition_.predict_interval(
                X,
                level,
                horizon=horizon,
                sample_weight=sample_weight,
                random_state=random_state,
                **shared,
            )
        parts = ValueDraws.of(
            self.attrition_, self.spend_, n_draws, np.random.default_rng(random_state)
        )
        margins = np.broadcast_to(np.asarray(self._margins(X), dtype=float), (len(table),))
        columns = (*parts.read(_history(X, table), _money(X, table)), margins)
        if total:
            columns = repeated_rows(columns, read_weights(sample_weight, table))
        ends = parts.intervals(
            columns,
            rate=rate,
            horizon=horizon,
            level=level,
            chance=of == "value",
            total=total,
            progress=progress,
        )
        return self._interval_frame(table, ends, total=total)

    def _fit_in_engine(self, X: Any, attrition: Any, sample_weight: Any) -> Self:
        """Fit both models on what their engine counts."""
        spend = GammaGamma() if self.spend is None else self.spend
        self.attrition_ = clone(attrition).fit(X, sample_weight=sample_weight)
        self.spend_ = clone(spend).fit(X, sample_weight=sample_weight)
        self.feature_names_in_ = np.asarray((*HISTORY, "monetary_value"), dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def _checked(self, X: Any) -> Table:
        check_is_fitted(self)
        return self._read(X)

    def _read(self, X: Any) -> Table:
        return read_summary(X, time_unit=self.time_unit, owner="LifetimeValue")

    def _rate_and_horizon(self) -> tuple[float, float]:
        """Return the continuous discount rate per time unit and the horizon in time units."""
        horizon = parse_horizon(self.horizon, self.time_unit)
        if np.isinf(horizon) and self.annual_discount_rate == 0:
            raise ValueError(
                "annual_discount_rate must be positive where the horizon is infinite; found 0"
            )
        return continuous_rate(self.annual_discount_rate, units_per_year(self.time_unit)), horizon

    def _check_time_unit(self, attrition: Any) -> None:
        found = getattr(attrition, "time_unit", self.time_unit)
        if found != self.time_unit:
            raise ValueError(
                f"time_unit of the attrition model must be {self.time_unit!r}; found {found!r}"
            )

    def _spend_and_value(self, X: Any, table: Table) -> tuple[FloatArray, FloatArray]:
        """Return the expected spend per purchase and the value of every customer."""
        rate, horizon = self._rate_and_horizon()
        history = _history(X, table)
        purchases = self.attrition_.discounted_expected_purchases(history, rate, horizon)
        spend = np.asarray(self.spend_.expected_spend(_money(X, table)))
        return spend, np.asarray(np.asarray(purchases) * spend * self._margins(X))

    def _margins(self, X: Any) -> FloatArray | float:
        if not isinstance(self.margin, str):
            return float(self.margin)
        table, rule = (
            read_table(X, (self.margin,), owner="LifetimeValue"),
            "margin must be at least 0",
        )
        require(table, table[self.margin] >= 0, rule, [self.margin])
        return table[self.margin]


def _history(X: Any, table: Table) -> Any:
    """Return what the attrition model reads: a frame as it came, covariates and all."""
    return _frame_of(table, HISTORY) if table.kind == "array" else X


def _money(X: Any, table: Table) -> Any:
    return _frame_of(table, ("frequency", "monetary_value")) if table.kind == "array" else X


def _frame_of(table: Table, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: table[name] for name in names}, index=table.index)
