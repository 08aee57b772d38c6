"""The mixin that turns a law into an estimator: estimates, inference, scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.door import Table, read_weights, remember_columns
from custvalue._estimator.output import per_row
from custvalue._likelihood.chunks import by_distinct_row
from custvalue._likelihood.convergence import Convergence
from custvalue._likelihood.fit import LawFit, fit_law
from custvalue._likelihood.law import Law
from custvalue._numerics.delta import intervals_on_log_scale
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, NoUncertaintyError

__all__ = ["LikelihoodMixin"]

_ONLY_ESTIMATED = frozenset(
    (
        "aic_",
        "bic_",
        "convergence_",
        "covariance_",
        "log_likelihood_",
        "n_customers_",
        "standard_errors_",
    )
)


class LikelihoodMixin:
    """Fit by maximum likelihood and say how sure the estimates are.

    A class names its law in ``_law`` and reads its table in ``_read``; ``_training_rows`` may leave
    rows out of the fit.
    """

    _law: ClassVar[type[Law]]

    if TYPE_CHECKING:
        params_: pd.Series[float]
        covariance_: pd.DataFrame
        standard_errors_: pd.Series[float]
        log_likelihood_: float
        n_customers_: float
        convergence_: Convergence
        _validate_params: Callable[[], None]
        _read: Callable[[Any], Table]

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_columns)
            One row per customer with the columns named in the class.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        custvalue.exceptions.DataError
            If the table breaks a rule; the message names rule, column, number and first row.

        Warns
        -----
        custvalue.exceptions.ConvergenceWarning
            If the end of the search is not a proper maximum: see ``convergence_``.
        """
        self._validate_params()
        table = self._read(X)
        weights = read_weights(sample_weight, table)
        used = self._training_rows(table, weights)
        self._check_training(table.take(used))
        columns = tuple(table[name][used] for name in self._law.columns)
        weights = None if weights is None else weights[used]
        n_customers = len(columns[0]) if weights is None else float(weights.sum())
        self._store(fit_law(self._law, columns, weights), n_customers)
        remember_columns(self, table)
        self._warn_of_bad_end()
        return self

    @classmethod
    def from_params(cls, params: Mapping[str, float], **constructor: Any) -> Self:
        """Make a model of given, say published, parameters instead of estimated ones.

        It predicts like a fitted model; of uncertainty it has none, and says so when asked.

        Parameters
        ----------
        params : mapping of str to float
            Every parameter of the model by its letter; positive.
        **constructor
            Parameters of the class.

        Returns
        -------
        model

        Raises
        ------
        ValueError
            If a parameter is missing, unknown or not a positive finite number.
        """
        names = cls._law.names
        if set(params) != set(names):
            raise ValueError(f"params must be exactly {', '.join(names)}; found {dict(params)}")
        values = np.array([params[name] for name in names], dtype=float)
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"params must be positive and finite; found {dict(params)}")
        model = cls(**constructor)
        model.params_ = pd.Series(values, index=list(names), name="estimate")
        return model

    def log_likelihood(self, X: Any) -> pd.Series[float] | FloatArray:
        """Return the log-likelihood of every customer.

        Parameters
        ----------
        X : table as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            Natural logarithms of the density of each history.
        """
        table = self._checked(X)
        return per_row(table, self._rows(table, self._fitted.log_likelihood), "log_likelihood")

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the mean log-likelihood per customer; higher is better.

        Parameters
        ----------
        X : table as in `fit`
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None

        Returns
        -------
        float
            In natural logarithms.
        """
        table = self._checked(X)
        weights = read_weights(sample_weight, table)
        used = self._training_rows(table, weights)
        values = self._rows(table.take(used), self._fitted.log_likelihood)
        return float(np.average(values, weights=None if weights is None else weights[used]))

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals of the parameters, inside the parameter space.

        Wald intervals of the logarithms of the parameters, so that no end is negative.

        Parameters
        ----------
        level : float
            Coverage, between 0 and 1.

        Returns
        -------
        pandas.DataFrame
            Columns ``lower`` and ``upper``, one row per parameter.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        custvalue.exceptions.NoUncertaintyError
            If the parameters were given, not estimated.
        """
        check_is_fitted(self, "params_")
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1; found {level!r}")
        values = np.asarray(self.params_, dtype=np.float64)
        errors = np.asarray(self.standard_errors_, dtype=np.float64)
        ends = intervals_on_log_scale(values, errors, level)
        return pd.DataFrame(ends, index=self.params_.index, columns=["lower", "upper"])

    @property
    def _fitted(self) -> Any:
        """Return the law at the estimated parameters."""
        return self._law(*self.params_.to_numpy())

    def _training_rows(self, table: Table, weights: FloatArray | None) -> slice | BoolArray:
        """Return which rows the likelihood is taken over: those that count."""
        return slice(None) if weights is None else weights > 0

    def _check_training(self, table: Table) -> None:
        """Check that the rows of the fit can carry it."""

    def _checked(self, X: Any) -> Table:
        check_is_fitted(self, "params_")
        return self._read(X)

    def _rows(self, table: Table, function: Callable[..., FloatArray]) -> FloatArray:
        """Evaluate a function of the law's columns for every row of a table."""
        return by_distinct_row(function, tuple(table[name] for name in self._law.columns))

    def _store(self, fit: LawFit, n_customers: float) -> None:
        names = list(self._law.names)
        self.params_ = pd.Series(fit.parameters, index=names, name="estimate")
        self.covariance_ = pd.DataFrame(fit.covariance, index=names, columns=names)
        errors = np.sqrt(np.diag(fit.covariance))
        self.standard_errors_ = pd.Series(errors, index=names, name="standard_error")
        self.log_likelihood_ = fit.log_likelihood
        self.convergence_ = fit.convergence
        self.n_customers_ = n_customers
        self.aic_ = 2 * len(names) - 2 * fit.log_likelihood
        self.bic_ = len(names) * float(np.log(n_customers)) - 2 * fit.log_likelihood

    def _warn_of_bad_end(self) -> None:
        report = self.convergence_
        if report.sound:
            return
        reasons = [] if report.converged else [report.message]
        if report.at_boundary:
            ended = ", ".join(f"{k}={self.params_[k]:.3g}" for k in report.at_boundary)
            reasons.append(f"{ended} ran to the boundary ({report.limiting_model})")
        if not report.hessian_definite:
            reasons.append("the Hessian is not definite, so there are no standard errors")
        warnings.warn(
            f"{type(self).__name__} did not reach a proper maximum: {'; '.join(reasons)}. "
            "See convergence_",
            ConvergenceWarning,
            stacklevel=3,
        )

    def __getattr__(self, name: str) -> Any:
        if name in _ONLY_ESTIMATED and "params_" in vars(self):
            raise NoUncertaintyError(
                f"{type(self).__name__} was made from_params: its parameters were given, not "
                f"estimated, so there is no {name}"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
