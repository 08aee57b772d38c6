"""The mixin that turns a law into an estimator: estimates, inference, scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.arguments import is_number
from custvalue._estimator.door import Table, read_columns, read_weights, remember_columns
from custvalue._estimator.output import per_row
from custvalue._estimator.progress import tracked
from custvalue._likelihood.chunks import by_distinct_row
from custvalue._likelihood.convergence import Convergence
from custvalue._likelihood.engine_rows import distinct_rows, is_engine_table, names_for_engine
from custvalue._likelihood.fit import Fit, fit_rows, prepare
from custvalue._likelihood.law import Law
from custvalue._likelihood.posterior import RELIABLE, PosteriorDiagnostic, posterior_draws
from custvalue._likelihood.prior import default_prior
from custvalue._likelihood.specification import Process, Specification
from custvalue._numerics.delta import draws_on_log_scale, intervals_of_estimates
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
_ONLY_SAMPLED = frozenset(("posterior_", "posterior_diagnostic_"))
_SAME_LIKELIHOOD = 1e-8
"""Relative. Rounding moves the log-likelihood of the same customers by far less."""


class LikelihoodMixin:
    """Fit by maximum likelihood and say how sure the estimates are.

    A class names its law in ``_law``, the parameters that hold the covariates of each process in
    ``_covariate_parameters``, columns that are no covariates in ``_reserved``, and reads its table
    in ``_read``; ``_training_rows`` may leave rows
    out of the fit.
    """

    _law: ClassVar[type[Law]]
    _covariate_parameters: ClassVar[Mapping[str, str]] = {}
    _reserved: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:
        params_: pd.Series[float]
        coef_: pd.Series[float]
        covariance_: pd.DataFrame
        standard_errors_: pd.Series[float]
        log_likelihood_: float
        n_customers_: float
        convergence_: Convergence
        posterior_: pd.DataFrame
        posterior_diagnostic_: PosteriorDiagnostic
        l2: float
        random_state: int | np.random.Generator | None
        _validate_params: Callable[[], None]
        _read: Callable[[Any, tuple[str, ...]], Table]

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_columns)
            One row per customer with the columns named in the class, and with the covariates. Or a
            table in an engine (DuckDB relation, Ibis table, Spark DataFrame) or a path: equal rows
            are counted there, and only the distinct ones travel, at most five million; see
            `custvalue.transactions.compressed_summary`.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), str or None
            How many customers each row stands for; the name of a column for a table in an engine.

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
        if is_engine_table(X):
            X, sample_weight = self._counted(X, sample_weight)
        processes = self._processes(X)
        covariates = Specification(self._law, processes).covariates
        table = self._read(X, (*self._training_law().columns, *covariates))
        weights = read_weights(sample_weight, table)
        used = self._training_rows(table, weights)
        self._check_training(table.take(used))
        specification, fit = self._best_fit(table, processes, used, weights)
        self._store(specification, fit, _number(table, used, weights))
        remember_columns(self, table)
        self._warn_of_bad_end()
        return self

    @classmethod
    def from_params(
        cls,
        params: Mapping[str, float],
        *,
        coef: Mapping[tuple[str, str], float] | None = None,
        **constructor: Any,
    ) -> Self:
        """Make a model of given, say published, parameters instead of estimated ones.

        It predicts like a fitted model; of uncertainty it has none, and says so when asked.

        Parameters
        ----------
        params : mapping of str to float
            Every parameter of the model by its letter; positive.
        coef : mapping of (str, str) to float or None
            Coefficients by process and covariate, as in ``coef_``.
        **constructor
            Parameters of the class.

        Returns
        -------
        model

        Raises
        ------
        ValueError
            If a parameter is missing, unknown or not a positive finite number, or a coefficient is
            of an unknown process or not finite.
        """
        params, coef = dict(params), {} if coef is None else dict(coef)
        model = cls(**constructor)
        model._validate_params()
        names = model._fitted_law().names
        if set(params) != set(names):
            raise ValueError(f"params must be exactly {', '.join(names)}; found {params}")
        values = np.array([params[name] for name in names], dtype=float)
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"params must be positive and finite; found {params}")
        model.params_ = pd.Series(values, index=list(names), name="estimate")
        own = dict.fromkeys(model._covariate_parameters, model._reserved)
        model.coef_ = _coefficients(_checked_coefficients(coef, own))
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
        return per_row(table, self._rows(table, _log_likelihood), "log_likelihood")

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
        values = self._rows(table.take(used), _log_likelihood)
        return float(np.average(values, weights=None if weights is None else weights[used]))

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals of what was estimated, inside the parameter space.

        Wald intervals of the logarithms of the parameters, so that no end is negative, and of the
        coefficients.

        Parameters
        ----------
        level : float
            Coverage, between 0 and 1.

        Returns
        -------
        pandas.DataFrame
            Columns ``lower`` and ``upper``, one row per parameter and coefficient.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        custvalue.exceptions.NoUncertaintyError
            If the parameters were given, not estimated, or estimated with a penalty, or the end of
            the search is no proper maximum.
        """
        check_is_fitted(self, "params_")
        check_level(level)
        errors = np.sqrt(np.diag(self._sure_covariance()))
        n_positive = len(self.params_)
        ends = intervals_of_estimates(self._estimates(), errors, level, n_positive=n_positive)
        index = self.standard_errors_.index
        return pd.DataFrame(ends, index=index, columns=["lower", "upper"])

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

        The priors are proper and do not depend on units: log(parameter / natural size) is normal
        with mean 0 and standard deviation 2, and so is the logit of the mean of a Beta; the log of
        the sum of its parameters has mean 1 and deviation 1.5. A coefficient of a standardised
        covariate has variance 1, or 1 / ``l2``.

        Parameters
        ----------
        X : table as in `fit`
            The rows that the model was fitted on.
        n_draws : int
        sample_weight : array-like of shape (n_customers,) or None
            As in `fit`.
        prior : mapping of str to (float, float) or None
            Means and standard deviations to take instead, by coordinate: ``"log r"``,
            ``"log alpha"`` (relative to the mean time observed), ``"logit a/(a+b)"``,
            ``"log(a+b)"``, or ``"purchase:age"`` for a coefficient.
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
        table = self._checked(X)
        check_draws(n_draws)
        weights = read_weights(sample_weight, table)
        used = self._training_rows(table, weights)
        self._check_same_customers(_number(table, used, weights))
        self._check_same_rows(table.take(used), None if weights is None else weights[used])
        specification = self._specification
        training = prepare(specification, *_training_columns(specification, table, used, weights))
        found = posterior_draws(
            training,
            default_prior(specification, training.units, self.l2, prior),
            n_draws,
            self._generator(random_state),
            partial(tracked, description="posterior", progress=progress),
        )
        self.posterior_ = pd.DataFrame(found.draws, columns=list(specification.labels))
        self.posterior_diagnostic_ = found.diagnostic
        self._warn_of_bad_draws()
        return self

    @property
    def _specification(self) -> Specification:
        """Return the fitted law and its covariates."""
        law, own = self._fitted_law(), dict[str, list[str]]()
        for process, covariate in self.coef_.index:
            own.setdefault(process, []).append(covariate)
        processes = (Process(name, law.links[name], tuple(of)) for name, of in own.items())
        return Specification(law, tuple(processes))

    @property
    def _fitted(self) -> Any:
        """Return the law at the estimated parameters, of rows whose covariates are 0."""
        return self._fitted_law()(*self.params_.to_numpy())

    def _fitted_law(self) -> type[Law]:
        """Return the law of the fitted model."""
        return self._law

    def _training_law(self) -> type[Law]:
        """Return the law whose columns a fit needs."""
        return self._law

    def _best_fit(
        self,
        table: Table,
        processes: tuple[Process, ...],
        used: slice | BoolArray,
        weights: FloatArray | None,
    ) -> tuple[Specification, Fit]:
        """Fit the rows that are used."""
        return self._fit_of(self._law, table, processes, used, weights)

    def _fit_of(
        self,
        law: type[Law],
        table: Table,
        processes: tuple[Process, ...],
        used: slice | BoolArray,
        weights: FloatArray | None,
    ) -> tuple[Specification, Fit]:
        """Fit one law."""
        specification = Specification(law, processes)
        columns, kept = _training_columns(specification, table, used, weights)
        return specification, fit_rows(specification, columns, kept, l2=self.l2)

    def _processes(self, X: Any) -> tuple[Process, ...]:
        """Return the processes that covariates of X act on, as the constructor names them."""
        found = []
        for process, parameter in self._covariate_parameters.items():
            names = read_columns(X, getattr(self, parameter), parameter)
            _check_reserved(names, self._reserved)
            if names:
                found.append(Process(process, self._law.links[process], names))
        return tuple(found)

    def _counted(self, X: Any, sample_weight: Any) -> tuple[pd.DataFrame, FloatArray]:
        """Return the distinct rows of a table in an engine, and their counts."""
        covariates = [
            name
            for parameter in self._covariate_parameters.values()
            for name in names_for_engine(getattr(self, parameter), parameter)
        ]
        names = dict.fromkeys((*self._training_law().columns, *covariates))
        return distinct_rows(X, tuple(names), sample_weight, type(self).__name__)

    def _training_rows(self, table: Table, weights: FloatArray | None) -> slice | BoolArray:
        """Return which rows the likelihood is taken over: those that count."""
        return slice(None) if weights is None else weights > 0

    def _check_training(self, table: Table) -> None:
        """Check that the rows of the fit can carry it."""

    def _checked(self, X: Any) -> Table:
        check_is_fitted(self, "params_")
        return self._read(X, self._specification.columns)

    def _rows(
        self, table: Table, function: Callable[..., FloatArray], *, in_runs: bool = False
    ) -> FloatArray:
        """Evaluate a function of a law and its columns for every row of a table."""
        specification = self._specification
        parameters, coefficients = np.split(self._estimates(), [len(self.params_)])

        def at_rows(*row: FloatArray) -> FloatArray:
            own, covariates = specification.split(row)
            return function(specification.law_at(parameters, coefficients, covariates), *own)

        columns = tuple(table[name] for name in specification.columns)
        return by_distinct_row(at_rows, columns, in_runs=in_runs)

    def _estimates(self) -> FloatArray:
        both = [self.params_.to_numpy(np.float64), self.coef_.to_numpy(np.float64)]
        return np.concatenate(both)

    def _parameter_draws(self, n_draws: int, generator: np.random.Generator) -> FloatArray:
        """Return draws of what was estimated, shape (n_draws, k + m).

        They are those of the posterior where there is one, else normal on the log scale.
        """
        if "posterior_" in vars(self):
            return _resampled(self.posterior_.to_numpy(), n_draws, generator)
        covariance = self._sure_covariance()
        return draws_on_log_scale(
            self._estimates(), covariance, n_draws, generator, n_positive=len(self.params_)
        )

    def _sure_covariance(self) -> FloatArray:
        """Return the covariance of the estimates, if it says how sure they are."""
        covariance = self.covariance_.to_numpy(np.float64)
        if self.convergence_.at_boundary or not np.isfinite(covariance).all():
            raise NoUncertaintyError(
                f"the fit of {type(self).__name__} is no proper maximum "
                f"({self.convergence_.limiting_model or 'its Hessian is not definite'}), so that "
                "its standard errors do not say how sure it is: call sample_posterior first"
            )
        return covariance

    def _check_same_rows(self, table: Table, weights: FloatArray | None) -> None:
        """Check that rows are as likely as those of the fit were."""
        if "log_likelihood_" not in vars(self):
            return
        values = self._rows(table, _log_likelihood)
        found = float(values.sum() if weights is None else weights @ values)
        if abs(found - self.log_likelihood_) > _SAME_LIKELIHOOD * max(1.0, abs(found)):
            raise ValueError(
                f"X must be the customers that {type(self).__name__} was fitted on; found as many, "
                f"of log-likelihood {found:.10g} where those of the fit had "
                f"{self.log_likelihood_:.10g}"
            )

    def _check_same_customers(self, n_customers: float) -> None:
        fitted = vars(self).get("n_customers_", n_customers)
        if not np.isclose(fitted, n_customers, rtol=1e-9):
            raise ValueError(
                f"X must be the {fitted:g} customers that {type(self).__name__} was fitted on; "
                f"found {n_customers:g}"
            )

    def _generator(self, random_state: int | np.random.Generator | None) -> np.random.Generator:
        seed = self.random_state if random_state is None else random_state
        return np.random.default_rng(seed)

    def _store(self, specification: Specification, fit: Fit, n_customers: float) -> None:
        self._forget()
        labels, k = list(specification.labels), len(specification.law.names)
        self.params_ = pd.Series(fit.estimates[:k], index=labels[:k], name="estimate")
        self.coef_ = _coefficients(
            dict(zip(specification.coefficients, fit.estimates[k:], strict=True))
        )
        self.log_likelihood_ = fit.log_likelihood
        self.convergence_ = fit.convergence
        self.n_customers_ = n_customers
        if fit.covariance is not None:
            self.covariance_ = pd.DataFrame(fit.covariance, index=labels, columns=labels)
            errors = np.sqrt(np.diag(fit.covariance))
            self.standard_errors_ = pd.Series(errors, index=labels, name="standard_error")
            self.aic_ = 2 * len(labels) - 2 * fit.log_likelihood
            self.bic_ = len(labels) * float(np.log(n_customers)) - 2 * fit.log_likelihood

    def _forget(self) -> None:
        """Forget what an earlier fit or draw has left."""
        for name in _ONLY_ESTIMATED | _ONLY_SAMPLED:
            vars(self).pop(name, None)

    def _saved_parameters(self) -> dict[str, Any]:
        """Return the parameters as data: for a column selector the columns that it has chosen."""
        fitted = self.coef_.index if "coef_" in vars(self) else None
        chosen = {
            parameter: tuple(name for one, name in fitted if one == process)
            for process, parameter in self._covariate_parameters.items()
            if fitted is not None
        }
        given: dict[str, Any] = self.get_params(deep=False)
        return {k: chosen[k] if k in chosen and callable(v) else v for k, v in given.items()}

    def _warn_of_bad_end(self) -> None:
        report = self.convergence_
        if report.sound:
            return
        reasons = [] if report.converged else [report.message]
        if report.at_boundary:
            ended = ", ".join(report.at_boundary)
            reasons.append(f"{ended} ran to the boundary ({report.limiting_model})")
        if not report.hessian_definite:
            reasons.append("the Hessian is not definite, so there are no standard errors")
        _warn(
            f"{type(self).__name__} did not reach a proper maximum: {'; '.join(reasons)}. "
            "See convergence_"
        )

    def _warn_of_bad_draws(self) -> None:
        report = self.posterior_diagnostic_
        if not report.reliable:
            _warn(
                f"the posterior draws of {type(self).__name__} are not to be trusted: the Pareto "
                f"shape of their importance ratios is {report.pareto_k:.2f}, above {RELIABLE}"
            )

    def __getattr__(self, name: str) -> Any:
        if "params_" in vars(self):
            if name in _ONLY_SAMPLED:
                raise NoUncertaintyError(f"there is no {name} yet; call sample_posterior first")
            if name in _ONLY_ESTIMATED:
                raise NoUncertaintyError(self._why_missing(name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _why_missing(self, name: str) -> str:
        if "log_likelihood_" in vars(self):
            return (
                f"{type(self).__name__} was fitted with l2={self.l2}: a penalised estimate has no "
                f"{name}. sample_posterior takes the penalty for a prior and gives uncertainty"
            )
        return (
            f"{type(self).__name__} was made from_params: its parameters were given, not "
            f"estimated, so there is no {name}"
        )


def check_level(level: Any) -> None:
    """Check the coverage of an interval.

    Raises
    ------
    ValueError
        If it is not between 0 and 1.
    """
    if not is_number(level) or not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1; found {level!r}")


def check_draws(n_draws: Any) -> None:
    """Check a number of draws.

    Raises
    ------
    ValueError
        If it is not a whole number of at least 1.
    """
    if isinstance(n_draws, bool) or not isinstance(n_draws, (int, np.integer)) or n_draws < 1:
        raise ValueError(f"n_draws must be a whole number of at least 1; found {n_draws!r}")


def _log_likelihood(law: Law, *row: FloatArray) -> FloatArray:
    return law.log_likelihood(*row)


def _training_columns(
    specification: Specification,
    table: Table,
    used: slice | BoolArray,
    weights: FloatArray | None,
) -> tuple[tuple[FloatArray, ...], FloatArray | None]:
    """Return the columns and the weights of the rows that are used."""
    columns = tuple(table[name][used] for name in specification.columns)
    return columns, None if weights is None else weights[used]


def _number(table: Table, used: slice | BoolArray, weights: FloatArray | None) -> float:
    if weights is not None:
        return float(weights[used].sum())
    return len(table) if isinstance(used, slice) else int(used.sum())


def _coefficients(values: Mapping[tuple[str, str], float]) -> pd.Series[float]:
    index = pd.MultiIndex.from_tuples(list(values), names=["process", "covariate"])
    return pd.Series(list(values.values()), index=index, name="coefficient", dtype=np.float64)


def _checked_coefficients(
    coef: Mapping[tuple[str, str], float], processes: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], float]:
    """Return coefficients in the order of the processes, which name what is no covariate."""
    for key, value in coef.items():
        known = isinstance(key, tuple) and len(key) == 2 and key[0] in processes
        if not known or not np.isfinite(value):
            raise ValueError(
                f"coef must be finite, by process ({', '.join(processes)}) and covariate; "
                f"found {key!r}: {value!r}"
            )
        _check_reserved((key[1],), processes[key[0]])
    return {key: float(coef[key]) for process in processes for key in coef if key[0] == process}


def _check_reserved(names: tuple[str, ...], reserved: tuple[str, ...]) -> None:
    taken = [name for name in names if name in reserved]
    if taken:
        raise ValueError(
            f"a covariate must not be a column that the model describes; found {', '.join(taken)}"
        )


def _resampled(draws: FloatArray, n_draws: int, generator: np.random.Generator) -> FloatArray:
    """Return all draws, or as many of them as wanted, chosen at random."""
    if n_draws == len(draws):
        return draws
    return draws[generator.choice(len(draws), n_draws, replace=n_draws > len(draws))]


def _warn(message: str) -> None:
    warnings.warn(message, ConvergenceWarning, stacklevel=4)
