"""The shell of the latent-attrition models: everything that they do beyond their mathematics."""

from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._likelihood.model import LikelihoodMixin
from custvalue._numerics.discounting import discounted_total
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.lifetime._arguments import read_counts, read_observed_time, read_rate, read_time
from custvalue.lifetime._summary import read_history

__all__ = ["AttritionModel"]

PerCustomer = pd.Series | FloatArray


class AttritionModel(LikelihoodMixin, OutputMixin, PersistenceMixin, BaseEstimator):
    """Customers who buy at a rate of their own and leave without saying so.

    A model names its law; the law's methods take x, t_x and T.
    """

    _output_columns: ClassVar[tuple[str, ...]] = ("probability_alive", "expected_purchases")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "horizon": [interval(0, None, closed="both")],
        "time_unit": [StrOptions(set(TIME_UNITS))],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        *,
        horizon: float = 52.0,
        time_unit: str = "week",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.horizon = horizon
        self.time_unit = time_unit
        self.random_state = random_state

    def predict(self, X: Any) -> PerCustomer:
        """Return the expected purchases of every customer within ``horizon``.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            Expected number of purchases.
        """
        return self.expected_purchases(X)

    def transform(self, X: Any) -> Any:
        """Return P(alive) and the expected purchases within ``horizon`` of every customer.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 2)
            Columns ``probability_alive`` and ``expected_purchases``, in the kind of X.
        """
        table, law, horizon = self._checked(X), self._fitted, self._horizon(None)

        def both(*row: FloatArray) -> FloatArray:
            expected = law.expected_purchases(*row, horizon)
            return np.column_stack([law.probability_alive(*row), expected])

        values = self._rows(table, both)
        _say_if_infinite(values[:, 1])
        return self._frame(table, dict(zip(self._output_columns, values.T, strict=True)))

    def probability_alive(self, X: Any, ahead: float = 0.0) -> PerCustomer:
        """Return the probability that a customer has not left.

        Parameters
        ----------
        X : customer summary, as in `fit`
        ahead : float
            How long after the end of observation, in ``time_unit``.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            Between 0 and 1.
        """
        table, ahead, law = self._checked(X), read_time(ahead, "ahead"), self._fitted
        values = self._rows(table, lambda *row: law.probability_alive(*row, ahead))
        return per_row(table, values, "probability_alive")

    def expected_purchases(self, X: Any, horizon: float | None = None) -> PerCustomer:
        """Return the number of purchases to expect of a customer after the end of observation.

        Parameters
        ----------
        X : customer summary, as in `fit`
        horizon : float or None
            Length of the future in ``time_unit``; None takes the constructor's, ``float("inf")``
            is for ever, which is infinite unless customers leave fast enough.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            A number of purchases, at least 0.
        """
        table = self._checked(X)
        values = self._expected(table, self._horizon(horizon))
        return per_row(table, values, "expected_purchases")

    def expected_purchases_new(self, horizon: float | None = None) -> float:
        """Return the number of repeat purchases to expect of a customer just won.

        Parameters
        ----------
        horizon : float or None
            As in `expected_purchases`, from the first purchase on.

        Returns
        -------
        float
            A number of purchases.
        """
        check_is_fitted(self, "params_")
        return float(self._fitted.expected_purchases_new(self._horizon(horizon)))

    def purchase_probability(self, X: Any, n: Any, horizon: float | None = None) -> Any:
        """Return the probability that a customer makes exactly ``n`` purchases.

        Parameters
        ----------
        X : customer summary, as in `fit`
        n : int, or array-like of int of shape (n_counts,)
        horizon : float or None
            As in `expected_purchases`.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            For a single n. For several, a frame or array of shape (n_customers, n_counts).
        """
        table, counts, law = self._checked(X), read_counts(n), self._fitted
        ahead = self._horizon(horizon)

        def probabilities(*row: FloatArray) -> FloatArray:
            each = [law.purchase_probability(*row, k, ahead) for k in np.atleast_1d(counts)]
            return np.column_stack(each)

        values = self._rows(table, probabilities)
        if counts.ndim == 0:
            return per_row(table, values[:, 0], "purchase_probability")
        if table.kind == "pandas":
            return pd.DataFrame(values, index=table.index, columns=counts.astype(int))
        return values

    def purchase_probability_new(self, n: Any, horizon: float | None = None) -> Any:
        """Return the probability of exactly ``n`` repeat purchases of a customer just won.

        Parameters
        ----------
        n : int, or array-like of int of shape (n_counts,)
        horizon : float or None
            As in `expected_purchases`, from the first purchase on.

        Returns
        -------
        float or ndarray of shape (n_counts,)
            Between 0 and 1.
        """
        check_is_fitted(self, "params_")
        counts = read_counts(n)
        values = self._fitted.purchase_probability_new(counts, self._horizon(horizon))
        return float(values) if counts.ndim == 0 else values

    def discounted_expected_purchases(
        self, X: Any, rate: float, horizon: float = math.inf
    ) -> PerCustomer:
        """Return the expected purchases after the end of observation, each at its present value.

        Parameters
        ----------
        X : customer summary, as in `fit`
        rate : float
            Continuous discount rate per ``time_unit``: log(1 + annual rate) / units per year.
            Positive where the horizon is infinite.
        horizon : float
            Length of the future in ``time_unit``.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            A number of purchases, at least 0.

        Raises
        ------
        ValueError
            If the rate is negative, or zero over an infinite horizon.
        """
        table, horizon = self._checked(X), read_time(horizon, "horizon")
        values = self._discounted(table, read_rate(rate, horizon), horizon)
        return per_row(table, values, "discounted_expected_purchases")

    def simulate(
        self,
        n_customers: int,
        T: Any,
        random_state: int | np.random.Generator | None = None,
    ) -> pd.DataFrame:
        """Draw the summary of customers who behave as the model says.

        Parameters
        ----------
        n_customers : int
        T : float or array-like of shape (n_customers,)
            Time that each is observed after the first purchase, in ``time_unit``.
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.

        Returns
        -------
        pandas.DataFrame of shape (n_customers, 3)
            ``frequency``, ``recency``, ``T``, with the index ``customer_id``.
        """
        check_is_fitted(self, "params_")
        times = read_observed_time(T, n_customers)
        seed = self.random_state if random_state is None else random_state
        x, t_x = self._fitted.simulate(times, np.random.default_rng(seed))
        index = pd.RangeIndex(n_customers, name="customer_id")
        frame = pd.DataFrame({"frequency": x, "recency": t_x, "T": times}, index=index)
        frame.attrs["time_unit"] = self.time_unit
        return frame

    def _read(self, X: Any) -> Table:
        return read_history(X, time_unit=self.time_unit, owner=type(self).__name__)

    def _check_training(self, table: Table) -> None:
        if not table["frequency"].any():
            raise DataError(
                f"{type(self).__name__} needs at least one repeat purchase; frequency is 0 in "
                f"all {len(table)} rows that count"
            )

    def _horizon(self, horizon: float | None) -> float:
        return read_time(self.horizon if horizon is None else horizon, "horizon")

    def _expected(self, table: Table, horizon: float) -> FloatArray:
        law = self._fitted
        values = self._rows(table, lambda *row: law.expected_purchases(*row, horizon))
        _say_if_infinite(values)
        return values

    def _discounted(self, table: Table, rate: float, horizon: float) -> FloatArray:
        law = self._fitted

        def total(*row: FloatArray) -> FloatArray:
            def cumulative(u: FloatArray, *row: FloatArray) -> FloatArray:
                return np.asarray(law.expected_purchases(*row, u))

            return discounted_total(cumulative, row, rate=rate, horizon=horizon)

        return self._rows(table, total)


def _say_if_infinite(expected: FloatArray) -> None:
    if np.isinf(expected).any():
        warnings.warn(
            "the number of purchases expected for ever is infinite: customers with a small "
            "dropout probability are too many. Discount, or give a horizon",
            RuntimeWarning,
            stacklevel=4,
        )
