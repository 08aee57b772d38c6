"""What contractual models say of customers just won, and of cohorts of them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.arguments import (
    read_amount,
    read_choice,
    read_probability,
    read_rate,
    read_time,
    read_whole_number,
    read_whole_numbers,
)
from custvalue._estimator.door import Table, read_table
from custvalue._estimator.output import per_row
from custvalue._likelihood.chunks import by_distinct_row
from custvalue._likelihood.model import check_draws, check_level
from custvalue._likelihood.specification import Specification
from custvalue._numerics.discounting import continuous_rate
from custvalue._numerics.time_units import units_per_year
from custvalue._typing import FloatArray
from custvalue.retention._figure_intervals import Draws, figure_intervals
from custvalue.retention._lifetime_quantiles import first_period_reaching
from custvalue.retention._projection import Cohort, bands_of, retention_draws, survival_draws

__all__ = ["NewCustomersMixin", "periods_ahead", "say_if_infinite"]


class NewCustomersMixin:
    """Survival, lifetime and value of new customers, and projections of their cohorts."""

    if TYPE_CHECKING:
        params_: pd.Series[float]
        time_unit: str
        _estimates: Callable[[], FloatArray]
        _fitted: Any
        _generator: Callable[[Any], np.random.Generator]
        _parameter_draws: Callable[[int, np.random.Generator], FloatArray]
        _specification: Specification

    def survival(self, periods: Any, *, X: Any = None) -> Any:
        """Return the probability that a new customer is still there after some renewals.

        Parameters
        ----------
        periods : int or array-like of int of shape (n_periods,)
            Numbers of renewals; after 0 of them all are there.
        X : table or None
            The covariates of new customers, for a model that has covariates.

        Returns
        -------
        float or ndarray of shape (n_periods,)
            Between 0 and 1. With X a Series or array of shape (n_customers,), of several periods a
            frame or array of shape (n_customers, n_periods).

        Raises
        ------
        ValueError
            If a period is no whole number of at least 0, or the model has covariates and X is None.
        """
        return self._by_period(periods, X, "survival", lowest=0)

    def retention(self, periods: Any, *, X: Any = None) -> Any:
        """Return the probability that who came to a renewal renews: r(t) = S(t) / S(t - 1).

        It grows with t although nobody becomes more loyal: those who leave easily go first.

        Parameters
        ----------
        periods : int or array-like of int of shape (n_periods,)
            Which renewal, from 1 on.
        X : table or None
            As in `survival`.

        Returns
        -------
        float or ndarray of shape (n_periods,)
            Between 0 and 1; with X as in `survival`.

        Raises
        ------
        ValueError
            If a period is no whole number of at least 1, or the model has covariates and X is None.
        """
        return self._by_period(periods, X, "retention", lowest=1)

    def churn(self, periods: Any, *, X: Any = None) -> Any:
        """Return the probability that who came to a renewal leaves there: 1 - r(t).

        Parameters
        ----------
        periods : int or array-like of int of shape (n_periods,)
            Which renewal, from 1 on.
        X : table or None
            As in `survival`.

        Returns
        -------
        float or ndarray of shape (n_periods,)
            Between 0 and 1; with X as in `survival`.

        Raises
        ------
        ValueError
            If a period is no whole number of at least 1, or the model has covariates and X is None.
        """
        return self._by_period(periods, X, "churn", lowest=1)

    def expected_lifetime(
        self,
        horizon: float = math.inf,
        *,
        X: Any = None,
        level: float | None = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> Any:
        """Return how many periods a new customer is expected to pay, the first one counted.

        It is the sum of S(t) from t = 0 to ``horizon``.

        Parameters
        ----------
        horizon : float
            Number of renewals that count. For ever the sum may be infinite, as it is for the
            shifted-beta-geometric model with alpha of at most 1.
        X : table or None
            As in `survival`.
        level : float or None
            Between 0 and 1: give an interval that holds the figure with this probability too, both
            ends missing equally, as in `projection`.
        n_draws : int
            How many times parameters are drawn for it.
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.

        Returns
        -------
        float
            A number of periods, at least 1. With X a Series or array of shape (n_customers,). With
            a level a pandas Series ``estimate``, ``lower`` and ``upper``, of which ``upper`` may be
            infinite; with X a pandas frame of these columns.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the model has covariates and X is None.
        custvalue.exceptions.NoUncertaintyError
            If there is a level, and `projection` would raise this.

        Warns
        -----
        RuntimeWarning
            If the sum is infinite.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.retention import ShiftedBetaGeo
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> cohort = pd.DataFrame({"period": range(8), "customers": counts})
        >>> model = ShiftedBetaGeo(random_state=0).fit(cohort)
        >>> model.expected_lifetime(20, level=0.9).round(1)
        estimate    10.1
        lower        9.6
        upper       10.7
        Name: expected_lifetime, dtype: float64
        """
        horizon, name = self._whole_horizon(horizon), "expected_lifetime"
        draws = Draws(level, n_draws, random_state)
        found = self._figure(X, lambda law: 1 + law.expected_renewals(0.0, horizon), name, draws)
        say_if_infinite(found if level is None else found["estimate"], "periods")
        return found

    def discounted_expected_lifetime(
        self,
        rate: float,
        horizon: float = math.inf,
        *,
        X: Any = None,
        level: float | None = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> Any:
        """Return the periods that a new customer is expected to pay, each at its present value.

        It is the sum of S(t) exp(-rate t) from t = 0 to ``horizon``: the DEL of Fader and Hardie
        (2010) with d = exp(rate) - 1.

        Parameters
        ----------
        rate : float
            Continuous discount rate per period: log(1 + annual rate) / periods per year. Positive
            where the horizon is infinite.
        horizon : float
            Number of renewals that count.
        X : table or None
            As in `survival`.
        level : float or None
        n_draws : int
        random_state : int, numpy.random.Generator or None
            As in `expected_lifetime`.

        Returns
        -------
        float
            A number of periods, at least 1. With X a Series or array of shape (n_customers,). With
            a level as in `expected_lifetime`.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the model has covariates and X is None.
        custvalue.exceptions.NoUncertaintyError
            If there is a level, and `projection` would raise this.
        """
        horizon = self._whole_horizon(horizon)
        rate = read_rate(rate, horizon)

        def lifetime(law: Any) -> Any:
            return 1 + law.discounted_renewals(0.0, rate, horizon)

        draws = Draws(level, n_draws, random_state)
        return self._figure(X, lifetime, "discounted_expected_lifetime", draws)

    def discounted_residual_lifetime(
        self,
        tenure: Any,
        rate: float,
        *,
        when: str = "before_renewal",
        horizon: float = math.inf,
        X: Any = None,
        level: float | None = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> Any:
        """Return the renewals to expect of an existing customer, each at its present value.

        Of a customer who has n renewals behind them it is the sum of S(n + k) / S(n) exp(-rate (k -
        1)) over k = 1 to ``horizon`` before the next renewal, which is the DERL of Fader and Hardie
        (2010), and exp(-rate) times that after the last one.

        Parameters
        ----------
        tenure : int or array-like of int of shape (n_tenures,)
            Number of renewals so far, n.
        rate : float
            As in `discounted_expected_lifetime`.
        when : {"before_renewal", "after_renewal"}
            Whether the next renewal is due now, or the last one was just paid and the next payment
            is a period away.
        horizon : float
            Number of renewals that count.
        X : table or None
            As in `survival`.
        level : float or None
        n_draws : int
        random_state : int, numpy.random.Generator or None
            As in `expected_lifetime`.

        Returns
        -------
        float or ndarray of shape (n_tenures,)
            A number of renewals; with X as in `survival`. With a level as in `expected_lifetime`,
            and of several tenures a pandas frame indexed by ``tenure``; then X is no choice.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the model has covariates and X is None.
        custvalue.exceptions.NoUncertaintyError
            If there is a level, and `projection` would raise this.
        """
        horizon = self._whole_horizon(horizon)
        rate, ahead = read_rate(rate, horizon), periods_ahead(when)
        factor = math.exp(rate * ahead)

        def residual(law: Any, n: Any) -> Any:
            return factor * law.discounted_renewals(n, rate, horizon)

        tenures, name = read_whole_numbers(tenure, "tenure"), "discounted_residual_lifetime"
        draws = Draws(level, n_draws, random_state)
        if level is None:
            return self._new_at(tenures, X, residual, name, "tenure")
        if tenures.ndim == 0:
            return self._figure(X, lambda law: residual(law, tenures), name, draws)
        if X is not None:
            raise ValueError(
                f"tenure must be a single number where X and a level are given; found {tenure!r}"
            )
        values = self._new(None, lambda law: residual(law, tenures), name)
        functions = [partial(residual, n=n) for n in tenures]
        index = pd.Index(tenures.astype(np.int64), name="tenure")
        return self._with_ends(values, functions, None, draws, index)

    def lifetime_quantile(self, q: float, *, X: Any = None) -> Any:
        """Return the first renewal by which a part ``q`` of new customers has left.

        Parameters
        ----------
        q : float
            Between 0 and 1.
        X : table or None
            As in `survival`.

        Returns
        -------
        float
            A whole number, the smallest t with S(t) of at most 1 - q. With X a Series or array of
            shape (n_customers,).

        Raises
        ------
        ValueError
            If ``q`` is not between 0 and 1, or the model has covariates and X is None.
        """
        target = 1 - read_probability(q, "q")

        def first(law: Any) -> FloatArray:
            n_rows = np.broadcast(*(getattr(law, name) for name in law.names)).size
            return first_period_reaching(law.survival, target, n_rows)

        values = self._new(X, first, "lifetime_quantile")
        return float(values[0]) if X is None else values

    def median_lifetime(self, *, X: Any = None) -> Any:
        """Return the first renewal by which half of new customers have left.

        Parameters
        ----------
        X : table or None
            As in `survival`.

        Returns
        -------
        float
            A whole number. With X a Series or array of shape (n_customers,).
        """
        return self.lifetime_quantile(0.5, X=X)

    def value(
        self,
        margin: float,
        *,
        annual_discount_rate: float = 0.10,
        horizon: float = math.inf,
        acquisition_cost: float = 0.0,
        X: Any = None,
        level: float | None = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> Any:
        """Return the present value of the profit that a new customer brings.

        Parameters
        ----------
        margin : float
            Profit of a period that is paid; the first is paid now.
        annual_discount_rate : float
            Compounded once a year. Positive where the horizon is infinite.
        horizon : float
            Number of renewals that count.
        acquisition_cost : float
            What it costs to win the customer.
        X : table or None
            As in `survival`.
        level : float or None
        n_draws : int
        random_state : int, numpy.random.Generator or None
            As in `expected_lifetime`.

        Returns
        -------
        float
            In the currency of the margin. With X a Series or array of shape (n_customers,). With
            a level as in `expected_lifetime`.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the model has covariates and X is None.
        custvalue.exceptions.NoUncertaintyError
            If there is a level, and `projection` would raise this.
        """
        margin, cost = (
            read_amount(margin, "margin"),
            read_amount(acquisition_cost, "acquisition_cost"),
        )
        rate, horizon = self._discounting(annual_discount_rate, horizon)

        def profit(law: Any) -> Any:
            return margin * (1 + law.discounted_renewals(0.0, rate, horizon)) - cost

        return self._figure(X, profit, "value", Draws(level, n_draws, random_state))

    def projection(
        self,
        periods: Any,
        level: float = 0.9,
        *,
        of: str = "survival",
        n_customers: int | None = None,
        X: Any = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> pd.DataFrame:
        """Return survival, retention or the number of customers ahead, with bands.

        The uncertainty of the parameters is that of ``posterior_`` where there is one, else that of
        the maximum likelihood estimates on the log scale.

        Parameters
        ----------
        periods : int or array-like of int of shape (n_periods,)
            A number is all periods up to it.
        level : float
            Probability that a band holds at each period, between 0 and 1; both ends miss equally.
        of : {"survival", "retention", "customers"}
            The share still there, the share of those still there that renews, or how many of
            ``n_customers`` new customers are still there, chance included.
        n_customers : int or None
            Size of the cohort, for ``of="customers"``.
        X : table or None
            The covariates of the customers whom the cohort consists of, for a model that has
            covariates: survival is their mean.
        n_draws : int
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.

        Returns
        -------
        pandas.DataFrame of shape (n_periods, 3)
            Columns ``estimate``, ``lower`` and ``upper``, indexed by period.

        Raises
        ------
        ValueError
            If an argument is out of its range, or the model has covariates and X is None.
        custvalue.exceptions.NoUncertaintyError
            If the parameters were given, or the fit is penalised or no proper maximum, and there is
            no posterior.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.retention import ShiftedBetaGeo
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> cohort = pd.DataFrame({"period": range(8), "customers": counts})
        >>> model = ShiftedBetaGeo(random_state=0).fit(cohort)
        >>> model.projection([8, 12], of="customers", n_customers=1000).round(1)
                estimate  lower  upper
        period
        8          460.4  422.0  500.0
        12         378.0  338.0  420.0
        """
        check_is_fitted(self, "params_")
        check_level(level)
        check_draws(n_draws)
        read_choice(of, "of", ("survival", "retention", "customers"))
        size = read_whole_number(n_customers, "n_customers", 1) if of == "customers" else 1
        times = _projected_periods(periods, lowest=int(of == "retention"))
        table = self._table_of_new(X)
        cohort = Cohort.of(() if table is None else tuple(table.columns.values()))
        generator, specification = self._generator(random_state), self._specification
        drawn_of = retention_draws if of == "retention" else survival_draws
        parameters = self._parameter_draws(n_draws, generator)
        [estimate] = drawn_of(specification, self._estimates()[None, :], cohort, times)
        draws = drawn_of(specification, parameters, cohort, times)
        if of == "customers":
            draws = generator.binomial(size, np.clip(draws, 0, 1)).astype(np.float64)
        bands = bands_of(size * estimate, draws, level, whole=of == "customers")
        columns = {"estimate": bands.estimate, "lower": bands.lower, "upper": bands.upper}
        return pd.DataFrame(columns, index=pd.Index(times.astype(np.int64), name="period"))

    def simulate(
        self,
        n_customers: int,
        periods: Any,
        random_state: int | np.random.Generator | None = None,
        *,
        X: Any = None,
    ) -> pd.DataFrame:
        """Draw rows of customers who behave as the model says.

        Parameters
        ----------
        n_customers : int
        periods : int or array-like of int of shape (n_customers,)
            How many renewals of each are seen; who is there after them is censored.
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.
        X : table of n_customers rows or None
            Their covariates, for a model that has covariates.

        Returns
        -------
        pandas.DataFrame of shape (n_customers, n_columns)
            ``duration``, ``churned`` and the covariates, with the index ``customer_id``.

        Raises
        ------
        ValueError
            If the number of customers or of periods is out of its range, or the model has
            covariates and X does not hold those of every customer.
        """
        check_is_fitted(self, "params_")
        n_customers = read_whole_number(n_customers, "n_customers", 1)
        seen = read_whole_numbers(periods, "periods")
        table = self._table_of_new(X)
        covariates = {} if table is None else dict(table.columns)
        _check_lengths(n_customers, seen, table)
        law = self._law_at(tuple(covariates.values()))
        until = law.simulate(n_customers, self._generator(random_state), float(seen.max()))
        columns = {
            "duration": np.minimum(until, seen),
            "churned": (until <= seen).astype(np.int64),
            **covariates,
        }
        frame = pd.DataFrame(columns, index=pd.RangeIndex(n_customers, name="customer_id"))
        frame.attrs["time_unit"] = self.time_unit
        return frame

    def _whole_horizon(self, horizon: Any) -> float:
        """Return the number of renewals that lie within a horizon."""
        horizon = read_time(horizon, "horizon")
        return horizon if math.isinf(horizon) else float(math.floor(horizon))

    def _discounting(self, annual_rate: Any, horizon: Any) -> tuple[float, float]:
        """Return the continuous discount rate per period and the number of renewals that count."""
        horizon = self._whole_horizon(horizon)
        annual_rate = read_rate(annual_rate, horizon, "annual_discount_rate")
        return continuous_rate(annual_rate, units_per_year(self.time_unit)), horizon

    def _by_period(self, periods: Any, X: Any, name: str, *, lowest: int) -> Any:
        """Evaluate a method of the law of new customers at some periods."""
        times = read_whole_numbers(periods, "periods", lowest)
        return self._new_at(times, X, lambda law, t: getattr(law, name)(t), name)

    def _new_at(
        self,
        times: FloatArray,
        X: Any,
        function: Callable[[Any, Any], Any],
        name: str,
        of: str = "period",
    ) -> Any:
        """Evaluate a function of the law of new customers and of a period, or of several."""
        if X is None or times.ndim == 0:
            return self._new(X, lambda law: function(law, times), name)
        values = self._new(X, lambda law: np.column_stack([function(law, t) for t in times]), name)
        if isinstance(values, pd.DataFrame):
            return values.set_axis(pd.Index(times.astype(np.int64), name=of), axis=1)
        return values

    def _new(self, X: Any, function: Callable[[Any], Any], name: str) -> Any:
        """Evaluate a function of the law of new customers; with X of every row."""
        check_is_fitted(self, "params_")
        table = self._table_of_new(X)
        if table is None:
            values = np.asarray(function(self._fitted), dtype=np.float64)
            return float(values) if values.ndim == 0 else values
        nothing = np.zeros(len(table))  # in the place of the count by which rows are ordered
        values = by_distinct_row(
            lambda _, *rows: np.asarray(function(self._law_at(rows))),
            (nothing, *table.columns.values()),
        )
        if values.ndim == 1:
            return per_row(table, values, name)
        return pd.DataFrame(values, index=table.index) if table.kind == "pandas" else values

    def _figure(self, X: Any, function: Callable[[Any], Any], name: str, draws: Draws) -> Any:
        """Evaluate a function of the law of new customers, with an interval where one is asked."""
        values = self._new(X, function, name)
        if draws.level is None:
            return values
        table = self._table_of_new(X)
        index = None if table is None else table.index
        frame = self._with_ends(values, [function], table, draws, index)
        return frame if table is not None else frame.iloc[0].rename(name)

    def _with_ends(
        self,
        values: Any,
        functions: Sequence[Callable[[Any], Any]],
        table: Table | None,
        draws: Draws,
        index: pd.Index | None,
    ) -> pd.DataFrame:
        """Return figures with the ends of their intervals."""
        check_level(draws.level)
        check_draws(draws.n_draws)
        parameters = self._parameter_draws(draws.n_draws, self._generator(draws.random_state))
        covariates = () if table is None else tuple(table.columns.values())
        lower, upper = figure_intervals(
            functions, self._specification, parameters, covariates, float(draws.level)
        ).T
        columns = {"estimate": np.atleast_1d(np.asarray(values)), "lower": lower, "upper": upper}
        return pd.DataFrame(columns, index=index)

    def _law_at(self, covariates: tuple[FloatArray, ...]) -> Any:
        """Return the law of rows with these covariates."""
        parameters, coefficients = np.split(self._estimates(), [len(self.params_)])
        return self._specification.law_at(parameters, coefficients, covariates)

    def _table_of_new(self, X: Any) -> Table | None:
        """Return the covariates of new customers, of whom nothing else is known."""
        names = self._specification.covariates
        if not names:
            if X is not None:
                raise ValueError(f"this {type(self).__name__} has no covariates: leave X out")
            return None
        if X is None:
            raise ValueError(
                f"this {type(self).__name__} has covariates: give X with the columns "
                f"{', '.join(names)} of the new customers"
            )
        return read_table(X, names, owner=type(self).__name__)


def periods_ahead(when: Any) -> int:
    """Return by how many periods payments come earlier than after the last renewal."""
    choices = ("before_renewal", "after_renewal")
    return int(read_choice(when, "when", choices) == "before_renewal")


def say_if_infinite(values: Any, what: str) -> None:
    """Warn of a sum over all renewals to come that has no end."""
    if np.isinf(values).any():
        warnings.warn(
            f"the number of {what} expected for ever is infinite: customers who hardly ever leave "
            "are too many. Discount, or give a horizon",
            RuntimeWarning,
            stacklevel=3,
        )


def _projected_periods(periods: Any, *, lowest: int) -> FloatArray:
    """Return the periods asked for; a number is all periods up to it."""
    times = read_whole_numbers(periods, "periods", lowest)
    return np.arange(float(lowest), float(times) + 1) if times.ndim == 0 else times


def _check_lengths(n_customers: int, periods: FloatArray, table: Table | None) -> None:
    """Check that periods, where they are several, and covariates have an entry a customer."""
    lengths = {"periods": len(periods) if periods.ndim else n_customers}
    lengths["X"] = n_customers if table is None else len(table)
    for name, length in lengths.items():
        if length != n_customers:
            raise ValueError(
                f"{name} must have {n_customers} entries, one a customer; found {length}"
            )
