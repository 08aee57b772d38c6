"""The Gamma-Gamma model of spend per purchase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.stats import pearsonr, spearmanr

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._likelihood.law import Law
from custvalue._likelihood.model import LikelihoodMixin
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.lifetime._gamma_gamma import GammaGammaLaw
from custvalue.lifetime._summary import read_spend

__all__ = ["GammaGamma"]


class GammaGamma(LikelihoodMixin, OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Predict what a purchase of each customer is worth (Gamma-Gamma).

    The purchases of a customer vary around a mean of their own, and the means differ between
    customers: a purchase is :math:`\text{Gamma}(p, \nu)`, and :math:`\nu \sim \text{Gamma}(q, v)`
    [1]_. Few purchases pull the prediction towards the mean of all customers. Spend must not
    depend on how often a customer buys: see `independence_check`.

    Parameters
    ----------
    covariates : tuple of str or column selector, default=()
        Columns of X that change what a customer spends: :math:`v_i = v e^{\gamma' z_i}`, so that a
        positive coefficient spends more. ``"frequency"`` may be one of them.
    l2 : float, default=0.0
        Strength of the penalty: ``l2`` / 2 times the sum of the squared coefficients, on
        standardised covariates.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of `sample_posterior`.

    Attributes
    ----------
    params_ : pandas.Series
        ``p``, ``q`` and ``v`` (in the currency of ``monetary_value``), where all covariates are 0.
    coef_ : pandas.Series
        Coefficients per unit of each covariate, indexed by process and covariate; empty without
        covariates.
    covariance_ : pandas.DataFrame of shape (n_estimates, n_estimates)
        Of the estimates. NaN where the information is not definite; absent after a fit with ``l2``.
    standard_errors_ : pandas.Series
    log_likelihood_ : float
        Its sum over the customers with repeat purchases.
    n_customers_ : int, or float with weights
        Customers with repeat purchases.
    aic_, bic_ : float
    convergence_ : Convergence
    posterior_ : pandas.DataFrame of shape (n_draws, n_estimates)
        Set by `sample_posterior`.
    posterior_diagnostic_ : PosteriorDiagnostic
        How far the draws can be trusted.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only for frames.

    See Also
    --------
    BetaGeoNBD : How often a customer will buy.
    LifetimeValue : The two together.

    Notes
    -----
    X has the columns ``frequency`` and ``monetary_value``, the mean spend per repeat purchase; an
    array has them in this order. Rows with frequency 0 are left out of the fit and predicted at
    the mean of all customers, :math:`p v / (q - 1)`. With :math:`x, m` for the columns,

    .. math:: E[M \mid x, m] = \frac{p (v + x m)}{p x + q - 1}.

    For :math:`q \le 1` the mean of all customers does not exist; prediction is an error then.

    References
    ----------
    .. [1] P. S. Fader and B. G. S. Hardie (2013). The Gamma-Gamma model of monetary value.
       http://brucehardie.com/notes/025/

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import GammaGamma
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(amount="amount", observation_end="1997-09-30")
    >>> customers = summary.fit_transform(load_cdnow())
    >>> model = GammaGamma().fit(customers)
    >>> model.params_.round(2)
    p     6.25
    q     3.74
    v    15.44
    Name: estimate, dtype: float64
    >>> model.expected_spend(customers).head(3).round(2)
    customer_id
    1    24.65
    2    18.91
    3    35.17
    Name: expected_spend, dtype: float64
    """

    _law: ClassVar[type[Law]] = GammaGammaLaw
    _output_columns: ClassVar[tuple[str, ...]] = ("expected_spend",)
    _covariate_parameters: ClassVar[Mapping[str, str]] = {"spend": "covariates"}
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "covariates": [tuple, list, callable],
        "l2": [interval(0, None, closed="left")],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        *,
        covariates: Any = (),
        l2: float = 0.0,
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.covariates = covariates
        self.l2 = l2
        self.random_state = random_state

    def predict(self, X: Any) -> pd.Series | FloatArray:
        """Return the expected spend per purchase; the same as `expected_spend`.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In the currency of X.
        """
        return self.expected_spend(X)

    def transform(self, X: Any) -> Any:
        """Return the expected spend per purchase as a frame.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        frame of shape (n_customers, 1)
            Column ``expected_spend``, in the kind of X.
        """
        table = self._checked(X)
        return self._frame(table, {"expected_spend": self._expected(table)})

    def expected_spend(self, X: Any) -> pd.Series | FloatArray:
        """Return the expected spend per purchase of every customer, in the currency of X.

        Parameters
        ----------
        X : customer summary, as in `fit`

        Returns
        -------
        pandas.Series or ndarray of shape (n_customers,)
            In the currency of X.

        Raises
        ------
        ValueError
            If the estimated q is at most 1, so that the mean spend of all customers is infinite.
        """
        table = self._checked(X)
        return per_row(table, self._expected(table), "expected_spend")

    def independence_check(self, X: Any) -> pd.DataFrame:
        """Return how spend goes with frequency; the model assumes that it does not.

        Parameters
        ----------
        X : customer summary, as in `fit`
            Customers without a repeat purchase are left out.

        Returns
        -------
        pandas.DataFrame
            Rows ``pearson`` and ``spearman``; columns ``correlation``, ``p_value`` (of no
            correlation, two-sided) and ``n_customers``.

        Raises
        ------
        custvalue.exceptions.DataError
            If fewer than three customers have repeat purchases, or all are alike.
        """
        table = self._read(X, self._law.columns)
        table = table.take(table["frequency"] > 0)
        x, m = table["frequency"], table["monetary_value"]
        if len(x) < 3 or np.ptp(x) == 0 or np.ptp(m) == 0:
            raise DataError(
                "independence_check needs at least three customers with repeat purchases that "
                f"differ in frequency and monetary_value; found {len(x)}"
            )
        rows = {"pearson": pearsonr(x, m), "spearman": spearmanr(x, m)}
        return pd.DataFrame(
            {
                "correlation": [float(row.statistic) for row in rows.values()],
                "p_value": [float(row.pvalue) for row in rows.values()],
                "n_customers": len(x),
            },
            index=list(rows),
        )

    def _read(self, X: Any, names: tuple[str, ...]) -> Table:
        return read_spend(X, names, owner="GammaGamma")

    def _training_rows(self, table: Table, weights: FloatArray | None) -> BoolArray:
        used = (
            table["frequency"] > 0 if weights is None else (table["frequency"] > 0) & (weights > 0)
        )
        if not used.any():
            raise DataError(
                "GammaGamma needs at least one customer with a repeat purchase; frequency is 0 "
                f"in all {len(table)} rows that count"
            )
        return np.asarray(used)

    def _expected(self, table: Table) -> FloatArray:
        q = self.params_["q"]
        if q <= 1:
            raise ValueError(
                "the mean spend of all customers exists for q > 1 only; "
                f"found q={q:.6g}, so that no expected spend can be given"
            )
        return self._rows(table, lambda law, *row: law.expected_spend(*row))
