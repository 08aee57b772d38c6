"""The shell of the latent-attrition models: everything that they do beyond their mathematics."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.customer_summary import HISTORY
from custvalue._estimator.door import Table, read_table, read_weights
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._likelihood.intervals import intervals_by_simulation, repeated_rows, rows_with_draws
from custvalue._likelihood.model import LikelihoodMixin, check_draws, check_level
from custvalue._likelihood.specification import law_of_rows
from custvalue._numerics.roots import increasing_root
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.lifetime._arguments import (
    read_choice,
    read_counts,
    read_observed_time,
    read_probability,
    read_rate,
    read_time,
)
from custvalue.lifetime._summary import read_history

__all__ = ["AttritionModel"]

PerCustomer = pd.Series | FloatArray


class AttritionModel(LikelihoodMixin, OutputMixin, PersistenceMixin, BaseEstimator):
    """Customers who buy at a rate of their own and leave without saying so.

    A model names its law; the law's methods take x, t_x and T.
    """

    _output_columns: ClassVar[tuple[str, ...]] = ("probability_alive", "expected_purchases")
    _covariate_parameters: ClassVar[Mapping[str, str]] = {
        "purchase": "purchase_covariates",
        "dropout": "dropout_covariates",
    }
    _reserved: ClassVar[tuple[str, ...]] = (*HISTORY, "log_interval_sum")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "horizon": [interval(0, None, closed="both")],
        "purchase_covariates": [tuple, list, callable],
        "dropout_covariates": [tuple, list, callable],
        "l2": [interval(0, None, closed="left")],
        "time_unit": [StrOptions(set(TIME_UNITS))],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        *,
        horizon: float = 52.0,
        purchase_covariates: Any = (),
        dropout_covariates: Any = (),
        l2: float = 0.0,
        time_unit: str = "week",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.horizon = horizon
        self.purchase_covariates = purchase_covariates
        self.dropout_covariates = dropout_covariates
        self.l2 = l2
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
        table, horizon = self._checked_history(X), self._horizon(None)

        def both(law: Any, *row: FloatArray) -> FloatArray:
            expected = law.expected_purchases(*row, horizon)
            return np.column_stack([law.probability_alive(*row), expected])

        values = self._rows(table, both, in_runs=True)
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
        table, ahead = self._checked_history(X), read_time(ahead, "ahead")
        values = self._rows(
            table, lambda law, *row: law.probability_alive(*row, ahead), in_runs=ahead > 0
        )
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
        table, horizon = self._checked_history(X), self._horizon(horizon)
        values = self._rows(
            table, lambda law, *row: law.expected_purchases(*row, horizon), in_runs=True
        )
        _say_if_infinite(values)
        return per_row(table, values, "expected_purchases")

    def expected_purchases_new(self, horizon: Any = None, *, X: Any = None) -> Any:
        """Return the number of repeat purchases to expect of a customer just won.

        Parameters
        ----------
        horizon : float, array-like of shape (n_horizons,) or None
            As in `expected_purchases`, from the first purchase on. With X a single number.
        X : table or None
            The covariates of new customers, for a model that has covariates.

        Returns
        -------
        float or ndarray of shape (n_horizons,)
            A number of purchases; with X a Series or array of shape (n_customers,).

        Raises
        ------
        ValueError
            If a horizon is negative, or the model has covariates and X is None.
        """
        check_is_fitted(self, "params_")
        ahead: Any = self.horizon if horizon is None else horizon
        if X is None and np.ndim(ahead) == 1:
            ahead = np.array([read_time(one, "horizon") for one in ahead])
        else:
            ahead = read_time(ahead, "horizon")
        return self._new(X, lambda law: law.expected_purchases_new(ahead), "expected_purchases")

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
        table, counts = self._checked_history(X), read_counts(n)
        ahead = self._horizon(horizon)

        def probabilities(law: Any, *row: FloatArray) -> FloatArray:
            each = [law.purchase_probability(*row, k, ahead) for k in np.atleast_1d(counts)]
            return np.column_stack(each)

        values = self._rows(table, probabilities, in_runs=True)
        if counts.ndim == 0:
            return per_row(table, values[:, 0], "purchase_probability")
        if table.kind == "pandas":
            return pd.DataFrame(values, index=table.index, columns=counts.astype(int))
        return values

    def purchase_probability_new(
        self, n: Any, horizon: float | None = None, *, X: Any = None
    ) -> Any:
        """Return the probability of exactly ``n`` repeat purchases of a customer just won.

        Parameters
        ----------
        n : int, or array-like of int of shape (n_counts,)
            With X a single number.
        horizon : float or None
            As in `expected_purchases`, from the first purchase on.
        X : table or None
            The covariates of new customers, for a model that has covariates.

        Returns
        -------
        float or ndarray of shape (n_counts,)
            Between 0 and 1; with X a Series or array of shape (n_customers,).

        Raises
        ------
        ValueError
            If the model has covariates and X is None.
        """
        check_is_fitted(self, "params_")
        counts, ahead = read_counts(n), self._horizon(horizon)
        if X is not None and counts.ndim:
            raise ValueError(f"n must be a single whole number where X is given; found {n!r}")
        return self._new(
            X, lambda law: law.purchase_probability_new(counts, ahead), "purchase_probability"
        )

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
        table, horizon = self._checked_history(X), read_time(horizon, "horizon")
        rate = read_rate(rate, horizon)
        values = self._rows(
            table,
            lambda law, *row: law.discounted_expected_purchases(*row, rate, horizon),
            in_runs=True,
        )
        return per_row(table, values, "discounted_expected_purchases")

    def next_purchase_quantile(self, X: Any, q: float = 0.5) -> PerCustomer:
        """Return the time by which a customer has bought again with probability ``q``.

        Parameters
        ----------
        X : customer summary, as in `fit`
        q : float
            Between 0 and 1.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In ``time_unit`` after the end of observation; inf where the customer never returns with
            that probability.

        Raises
        ------
        ValueError
            If ``q`` is not between 0 and 1.
        """
        table, q = self._checked_history(X), read_probability(q, "q")

        def wait(law: Any, *row: FloatArray) -> FloatArray:
            return self._waiting_time(law, row, q)

        return per_row(table, self._rows(table, wait), "next_purchase")

    def predict_interval(
        self,
        X: Any,
        level: float = 0.9,
        of: str = "purchases",
        *,
        horizon: float | None = None,
        total: bool = False,
        sample_weight: Any = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
        progress: bool = False,
    ) -> Any:
        """Return intervals that hold the future purchases of customers with a probability.

        The uncertainty of the parameters is that of ``posterior_`` where there is one, else that of
        the maximum likelihood estimates on the log scale. For every draw of them a future of every
        customer is drawn too.

        Parameters
        ----------
        X : customer summary, as in `fit`
        level : float
            Probability that the interval holds, between 0 and 1; both ends miss equally.
        of : {"purchases", "mean"}
            The number of purchases, chance included, or its expectation.
        horizon : float or None
            As in `expected_purchases`, finite.
        total : bool
            One interval for the sum over all customers.
        sample_weight : array-like of int of shape (n_customers,) or None
            How many customers each row stands for, in a total.
        n_draws : int
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.
        progress : bool
            Show a progress bar.

        Returns
        -------
        frame of shape (n_customers, 2), or (1, 2) for a total
            Columns ``lower`` and ``upper``, in the kind of X.

        Raises
        ------
        ValueError
            If an argument is out of its range.
        custvalue.exceptions.NoUncertaintyError
            If the parameters were given, or the fit is penalised or no proper maximum, and there is
            no posterior.
        """
        table, ahead = self._checked_history(X), self._horizon(horizon)
        check_level(level)
        check_draws(n_draws)
        read_choice(of, "of", ("purchases", "mean"))
        if math.isinf(ahead):
            raise ValueError("horizon must be finite for an interval; found inf")
        generator, specification = self._generator(random_state), self._specification
        parameters = self._parameter_draws(n_draws, generator)

        def draw(row: tuple[FloatArray, ...]) -> FloatArray:
            law, own = rows_with_draws(specification, parameters, row)
            if of == "mean":
                drawn = law.expected_purchases(*own, ahead)
            else:
                drawn = law.simulate_future(*own, ahead, generator).counts
            return np.asarray(drawn).reshape(len(row[0]), n_draws)

        columns = tuple(table[name] for name in specification.columns)
        if total:
            columns = repeated_rows(columns, read_weights(sample_weight, table))
        ends = intervals_by_simulation(
            draw,
            columns,
            n_draws,
            level=level,
            whole=of == "purchases",
            total=total,
            progress=progress,
        )
        return self._interval_frame(table, ends, total=total)

    def simulate(
        self,
        n_customers: int,
        T: Any,
        random_state: int | np.random.Generator | None = None,
        *,
        X: Any = None,
    ) -> pd.DataFrame:
        """Draw the summary of customers who behave as the model says.

        Parameters
        ----------
        n_customers : int
        T : float or array-like of shape (n_customers,)
            Time that each is observed after the first purchase, in ``time_unit``.
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.
        X : table of n_customers rows or None
            Their covariates, for a model that has covariates.

        Returns
        -------
        pandas.DataFrame of shape (n_customers, n_columns)
            ``frequency``, ``recency``, ``T`` and what else `fit` needs, with the index
            ``customer_id``.

        Raises
        ------
        ValueError
            If the number of customers or a time is out of its range, or the model has covariates
            and X does not hold those of every customer.
        """
        check_is_fitted(self, "params_")
        times = read_observed_time(T, n_customers)
        law, covariates = self._law_of_new(X)
        if X is not None and len(X) != n_customers:
            raise ValueError(f"X must have {n_customers} rows, one a customer; found {len(X)}")
        x, t_x, *more = law.simulate(times, self._generator(random_state))
        columns = [x, t_x, times, *more]
        names = self._fitted_law().columns
        index = pd.RangeIndex(n_customers, name="customer_id")
        drawn = dict(zip(names, columns, strict=True)) | covariates
        frame = pd.DataFrame(drawn, index=index)
        frame.attrs["time_unit"] = self.time_unit
        return frame

    def _checked_history(self, X: Any) -> Table:
        """Read what predictions depend on."""
        return self._checked(X)

    def _read(self, X: Any, names: tuple[str, ...]) -> Table:
        return read_history(X, names, time_unit=self.time_unit, owner=type(self).__name__)

    def _check_training(self, table: Table) -> None:
        if not table["frequency"].any():
            raise DataError(
                f"{type(self).__name__} needs at least one repeat purchase; frequency is 0 in "
                f"all {len(table)} rows that count"
            )

    def _horizon(self, horizon: float | None) -> float:
        return read_time(self.horizon if horizon is None else horizon, "horizon")

    def _new(self, X: Any, function: Callable[[Any], Any], name: str) -> Any:
        """Evaluate a function of the law of new customers."""
        law, _ = self._law_of_new(X)
        values = np.asarray(function(law))
        if X is None:
            return float(values) if values.ndim == 0 else values
        table = read_table(X, self._specification.covariates, owner=type(self).__name__)
        return per_row(table, np.broadcast_to(values, (len(table),)).copy(), name)

    def _law_of_new(self, X: Any) -> tuple[Any, dict[str, FloatArray]]:
        """Return the law of customers of whom nothing is known but covariates, and these."""
        specification = self._specification
        names = specification.covariates
        if not names:
            if X is not None:
                raise ValueError(f"this {type(self).__name__} has no covariates: leave X out")
            return self._fitted, {}
        if X is None:
            raise ValueError(
                f"this {type(self).__name__} has covariates: give X with the columns "
                f"{', '.join(names)} of the new customers"
            )
        table = read_table(X, names, owner=type(self).__name__)
        columns = {name: table[name] for name in names}
        parameters, coefficients = np.split(self._estimates(), [len(self.params_)])
        return specification.law_at(parameters, coefficients, tuple(columns.values())), columns

    def _waiting_time(self, law: Any, row: tuple[FloatArray, ...], q: float) -> FloatArray:
        """Return when P(at least one purchase) reaches q, inf where it never does."""

        def bought(horizon: FloatArray, position: FloatArray) -> FloatArray:
            at = position.astype(np.int64)
            own = tuple(column[at] for column in row)
            return 1 - np.asarray(law_of_rows(law, at).purchase_probability(*own, 0.0, horizon))

        positions = np.arange(float(len(row[0])))
        now, ever = np.zeros(len(positions)), np.full(len(positions), math.inf)
        return increasing_root(bought, q, now, ever, (positions,))


def _say_if_infinite(expected: FloatArray) -> None:
    if np.isinf(expected).any():
        warnings.warn(
            "the number of purchases expected for ever is infinite: customers with a small "
            "dropout probability are too many. Discount, or give a horizon",
            RuntimeWarning,
            stacklevel=3,
        )
