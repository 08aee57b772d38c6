"""The shell of the contractual models: everything that they do beyond their mathematics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.arguments import read_amount, read_choice
from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import (
    Table,
    column_names,
    read_columns,
    read_table,
    read_weights,
    remember_columns,
    require,
)
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._likelihood.fit import Fit
from custvalue._likelihood.intervals import intervals_by_simulation, whole_weights
from custvalue._likelihood.model import LikelihoodMixin, check_draws, check_level
from custvalue._likelihood.specification import Process, Specification
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._typing import BoolArray, FloatArray
from custvalue.retention._fingerprint import fingerprint_of
from custvalue.retention._new_customers import NewCustomersMixin, periods_ahead, say_if_infinite
from custvalue.retention._observed import observed_periods
from custvalue.retention._renewals_ahead import (
    draws_of_mean,
    draws_of_renewals,
    draws_of_total,
    rows_to_sum,
)
from custvalue.retention._survival_counts import (
    TrainingRows,
    are_counts,
    check_form,
    rows_of_counts,
)
from custvalue.retention._survival_rows import (
    DURATIONS,
    check_training,
    columns_given,
    read_durations,
)

__all__ = ["ContractualModel"]

PerCustomer = pd.Series | FloatArray


class ContractualModel(
    NewCustomersMixin, LikelihoodMixin, OutputMixin, PersistenceMixin, BaseEstimator
):
    """Customers under contract, who renew or leave for good at the end of every period.

    A model names its law; the law's methods take durations in whole periods.
    """

    _output_columns: ClassVar[tuple[str, ...]] = ("retention_probability", "expected_renewals")
    _covariate_parameters: ClassVar[Mapping[str, str]] = {"churn": "churn_covariates"}
    _reserved: ClassVar[tuple[str, ...]] = DURATIONS
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "horizon": [interval(0, None, closed="both")],
        "churn_covariates": [tuple, list, callable],
        "l2": [interval(0, None, closed="left")],
        "cohort_size": [interval(0, None, closed="neither"), dict, None],
        "time_unit": [StrOptions(set(TIME_UNITS))],
        "random_state": ["random_state", np.random.Generator],
    }

    if TYPE_CHECKING:
        fingerprint_: dict[str, str]
        observed_: pd.DataFrame
        n_periods_: int

    def __init__(
        self,
        *,
        horizon: float = 10.0,
        churn_covariates: Any = (),
        l2: float = 0.0,
        cohort_size: float | dict[Any, float] | None = None,
        time_unit: str = "year",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.horizon = horizon
        self.churn_covariates = churn_covariates
        self.l2 = l2
        self.cohort_size = cohort_size
        self.time_unit = time_unit
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_columns)
            Rows of customers or survival counts, as the class describes them.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for. Survival counts hold their own numbers.

        Returns
        -------
        self

        Raises
        ------
        custvalue.exceptions.DataError
            If the table breaks a rule; the message names rule, column, number and first row. If
            fewer renewals were seen than there are parameters to tell apart.
        ValueError
            If survival counts come with weights, or shares without ``cohort_size``.

        Warns
        -----
        custvalue.exceptions.ConvergenceWarning
            If the end of the search is not a proper maximum: see ``convergence_``.
        """
        self._validate_params()
        covariates = read_columns(X, self.churn_covariates, "churn_covariates")
        rows = self._training(X, sample_weight, covariates)
        super().fit(rows.X, sample_weight=rows.weights)
        remember_columns(self, columns_given(rows.X, covariates))
        return self

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the mean log-likelihood per customer; higher is better.

        Parameters
        ----------
        X : table as in `fit`
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None
            For rows of customers.

        Returns
        -------
        float
            In natural logarithms.
        """
        check_is_fitted(self, "params_")
        rows = self._training(X, sample_weight, self._specification.covariates)
        return super().score(rows.X, sample_weight=rows.weights)

    def sample_posterior(
        self,
        X: Any,
        n_draws: int = 1000,
        *,
        sample_weight: Any = None,
        prior: Mapping[str, tuple[float, float]] | None = None,
        random_state: int | np.random.Generator | None = None,
        progress: bool = False,
    ) -> Self:
        """Draw from the posterior of the parameters, by importance resampling.

        The priors are proper: the logit of the mean of a Beta, and log(parameter / natural size) of
        any other parameter, are normal with mean 0 and standard deviation 2; the log of the sum of
        the parameters of a Beta has mean 1 and deviation 1.5. A coefficient of a standardised
        covariate has variance 1, or 1 / ``l2``.

        Parameters
        ----------
        X : table as in `fit`
            What the model was fitted on.
        n_draws : int
        sample_weight : array-like of shape (n_customers,) or None
            As in `fit`.
        prior : mapping of str to (float, float) or None
            Means and standard deviations to take instead, by coordinate: ``"logit
            alpha/(alpha+beta)"``, ``"log(alpha+beta)"``, ``"log c"``, ``"log odds"``, or
            ``"churn:age"`` for a coefficient.
        random_state : int, numpy.random.Generator or None
            None takes the constructor's.
        progress : bool
            Show a progress bar.

        Returns
        -------
        self
            With ``posterior_``, a frame of shape (n_draws, n_estimates), and
            ``posterior_diagnostic_``.

        Raises
        ------
        ValueError
            If ``n_draws`` is not a positive whole number, ``prior`` names no coordinate, or X has
            other customers than `fit` had.

        Warns
        -----
        custvalue.exceptions.ConvergenceWarning
            If the Pareto shape of the importance ratios exceeds 0.7: the draws are not to be
            trusted.
        """
        check_is_fitted(self, "params_")
        rows = self._training(X, sample_weight, self._specification.covariates)
        return super().sample_posterior(
            rows.X,
            n_draws,
            sample_weight=rows.weights,
            prior=prior,
            random_state=random_state,
            progress=progress,
        )

    def predict(self, X: Any) -> PerCustomer:
        """Return the number of renewals to expect of every customer within ``horizon``.

        Parameters
        ----------
        X : rows of customers
            As in `fit`; ``duration`` is how many renewals a customer has behind them.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            A number of renewals, 0 for who has left.
        """
        table = self._checked(X)
        values = self._rows(table, _renewals_within(self._whole_horizon(self.horizon)))
        say_if_infinite(values, "renewals")
        return per_row(table, values, "expected_renewals")

    def transform(self, X: Any) -> Any:
        """Return P(next renewal) and the renewals to expect within ``horizon`` of every customer.

        Parameters
        ----------
        X : rows of customers, as in `predict`

        Returns
        -------
        frame of shape (n_customers, 2)
            Columns ``retention_probability`` and ``expected_renewals``, in the kind of X; both are
            0 for who has left.
        """
        table = self._checked(X)
        expected = _renewals_within(self._whole_horizon(self.horizon))

        def both(law: Any, duration: FloatArray, churned: FloatArray, entry: FloatArray) -> Any:
            renewing = _of_those_there(law.retention(duration + 1), churned)
            return np.column_stack([renewing, expected(law, duration, churned, entry)])

        values = self._rows(table, both)
        say_if_infinite(values[:, 1], "renewals")
        return self._frame(table, dict(zip(self._output_columns, values.T, strict=True)))

    def predict_interval(
        self,
        X: Any,
        level: float = 0.9,
        of: str = "renewals",
        *,
        total: bool = False,
        sample_weight: Any = None,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
        progress: bool = False,
    ) -> Any:
        """Return intervals that hold the renewals of customers within ``horizon``.

        The uncertainty of the parameters is that of ``posterior_`` where there is one, else that of
        the maximum likelihood estimates on the log scale. For every draw of them renewals of every
        customer are drawn too, from what the model says of customers of their tenure.

        Parameters
        ----------
        X : rows of customers, as in `predict`
        level : float
            Probability that the interval holds, between 0 and 1; both ends miss equally.
        of : {"renewals", "mean"}
            The number of renewals, chance included, or its expectation.
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
            Columns ``lower`` and ``upper``, in the kind of X; both are 0 for who has left.

        Raises
        ------
        ValueError
            If an argument is out of its range, or ``horizon`` is infinite or, for the renewals of a
            total, beyond 10,000.
        custvalue.exceptions.NoUncertaintyError
            If the parameters were given, or the fit is penalised or no proper maximum, and there is
            no posterior.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.retention import ShiftedBetaGeo
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> cohort = pd.DataFrame({"period": range(8), "customers": counts})
        >>> model = ShiftedBetaGeo(horizon=5, random_state=0).fit(cohort)
        >>> there = pd.DataFrame({"duration": [7], "churned": [0]})
        >>> model.predict_interval(there, total=True, sample_weight=[491])
                    lower   upper
        customers
        total      2023.0  2169.0
        """
        table, horizon = self._checked(X), self._whole_horizon(self.horizon)
        check_level(level)
        check_draws(n_draws)
        read_choice(of, "of", ("renewals", "mean"))
        _check_horizon(horizon, drawn_in_total=total and of == "renewals")
        generator, specification = self._generator(random_state), self._specification
        parameters = self._parameter_draws(n_draws, generator)
        columns = tuple(table[name] for name in specification.columns)
        if total:
            columns = rows_to_sum(columns, whole_weights(read_weights(sample_weight, table)))
        if of == "mean":
            draw = draws_of_mean(specification, parameters, horizon)
        elif total:
            draw = draws_of_total(specification, parameters, horizon, generator)
        else:
            uniform = generator.random(n_draws)
            draw = draws_of_renewals(specification, parameters, horizon, uniform)
        ends = intervals_by_simulation(
            draw,
            columns,
            n_draws,
            level=level,
            whole=of == "renewals",
            total=total,
            progress=progress,
        )
        return self._interval_frame(table, ends, total=total)

    def customer_value(
        self,
        X: Any,
        margin: float | str,
        *,
        annual_discount_rate: float = 0.10,
        horizon: float = math.inf,
        when: str = "after_renewal",
    ) -> PerCustomer:
        """Return the present value of the profit that existing customers still bring.

        Every renewal to come pays the margin, discounted to today.

        Parameters
        ----------
        X : rows of customers, as in `predict`
        margin : float or str
            Profit of a period that is paid: a number, or the name of a column of X.
        annual_discount_rate : float
            Compounded once a year. Positive where the horizon is infinite.
        horizon : float
            Number of renewals that count.
        when : {"after_renewal", "before_renewal"}
            Whether the last renewal was just paid, so that the next payment is a period away, or
            the next renewal is due now. The second is worth one period's discount more.

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In the currency of the margin; 0 for who has left.

        Raises
        ------
        ValueError
            If an argument is out of its range.

        Examples
        --------
        >>> import pandas as pd
        >>> from custvalue.retention import ShiftedBetaGeo
        >>> model = ShiftedBetaGeo.from_params({"alpha": 0.668, "beta": 3.806})
        >>> customers = pd.DataFrame({"duration": [0, 4, 4], "churned": [0, 0, 1]})
        >>> model.customer_value(customers, 100.0).round(1)
        0    492.3
        1    627.0
        2      0.0
        Name: value, dtype: float64
        """
        table = self._checked(X)
        rate, horizon = self._discounting(annual_discount_rate, horizon)
        margins = self._margins(X, margin)
        ahead = periods_ahead(when)

        def residual(law: Any, duration: FloatArray, churned: FloatArray, _: FloatArray) -> Any:
            values = np.exp(rate * ahead) * law.discounted_renewals(duration, rate, horizon)
            return _of_those_there(values, churned)

        return per_row(table, margins * self._rows(table, residual), "value")

    def _training(self, X: Any, sample_weight: Any, covariates: tuple[str, ...]) -> TrainingRows:
        """Return what a fit takes: rows as they are, or those that survival counts stand for."""
        owner = type(self).__name__
        if not are_counts(X):
            check_form(X, owner)
            return TrainingRows(X, sample_weight)
        if sample_weight is not None:
            raise ValueError(
                "sample_weight must be left out where X has survival counts, which hold the "
                "numbers of customers themselves"
            )
        return rows_of_counts(X, covariates, cohort_size=self.cohort_size, owner=owner)

    def _read(self, X: Any, names: tuple[str, ...]) -> Table:
        return read_durations(X, names, time_unit=self.time_unit, owner=type(self).__name__)

    def _check_training(self, table: Table) -> None:
        check_training(table, type(self).__name__, self._law.names)

    def _best_fit(
        self,
        table: Table,
        processes: tuple[Process, ...],
        used: slice | BoolArray,
        weights: FloatArray | None,
    ) -> tuple[Specification, Fit]:
        """Fit the rows that are used; note what was seen of them by period, and which they are."""
        duration, churned, entry = (table[name][used] for name in DURATIONS)
        counts = None if weights is None else weights[used]
        seen = observed_periods(duration, churned, entry, counts)
        covariates = Specification(self._law, processes).covariates
        self.fingerprint_ = fingerprint_of(
            (duration, churned, entry), {name: table[name][used] for name in covariates}, counts
        )
        self.n_periods_ = int(duration.max())
        self.observed_ = pd.DataFrame(
            {name: getattr(seen, name) for name in _OBSERVED},
            index=pd.Index(seen.period, name="period"),
        )
        return super()._best_fit(table, processes, used, weights)

    def _margins(self, X: Any, margin: Any) -> FloatArray | float:
        if not isinstance(margin, str):
            return read_amount(margin, "margin")
        if not column_names(X):
            raise ValueError(f"margin must be a number where X is an array; found {margin!r}")
        table = read_table(X, (margin,), owner=type(self).__name__)
        require(table, table[margin] >= 0, f"the margin {margin} must not be negative", [margin])
        return table[margin]


_MOST_IN_TOTAL = 10_000
"""Renewals of a total are drawn one after the other."""
_OBSERVED = ("at_risk", "churned", "retention", "survival")


def _renewals_within(horizon: float) -> Callable[..., FloatArray]:
    """Return the function of a law and rows that gives the renewals to expect of each."""

    def expected(
        law: Any, duration: FloatArray, churned: FloatArray, entry: FloatArray
    ) -> FloatArray:
        return _of_those_there(law.expected_renewals(duration, horizon), churned)

    return expected


def _check_horizon(horizon: float, *, drawn_in_total: bool) -> None:
    """Check that renewals can be drawn so far ahead."""
    if math.isinf(horizon):
        raise ValueError("horizon must be finite for an interval; found inf")
    if drawn_in_total and horizon > _MOST_IN_TOTAL:
        raise ValueError(
            f"horizon must not exceed {_MOST_IN_TOTAL} for an interval of total renewals; "
            f"found {horizon:g}"
        )


def _of_those_there(values: FloatArray, churned: FloatArray) -> FloatArray:
    """Return values, 0 for customers who have left."""
    return np.where(churned == 0, values, 0.0)
