"""The BG/BB model of purchases at discrete opportunities."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table, require
from custvalue._likelihood.law import Law
from custvalue._typing import FloatArray
from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime._beta_geo_beta_binom import BetaGeoBetaBinomialLaw

__all__ = ["BetaGeoBetaBinomial", "check_opportunities"]

_MOST_OPPORTUNITIES = 10_000
"""The likelihood adds as many terms as opportunities passed in silence."""


def check_opportunities(table: Table) -> None:
    """Check that opportunities are counted: whole numbers, at most one purchase at each.

    Parameters
    ----------
    table : Table
        With the columns ``frequency``, ``recency`` and ``T``, recency not above T.

    Raises
    ------
    DataError
        If a row breaks a rule.
    """
    for name in ("recency", "T"):
        whole = np.asarray(table[name] == np.floor(table[name]))
        require(table, whole, f"{name} must be a whole number of opportunities", [name])
    require(
        table,
        table["frequency"] <= table["recency"],
        "frequency must not exceed recency (at most one purchase at each opportunity)",
        ["frequency", "recency"],
    )
    most = f"T must not exceed {_MOST_OPPORTUNITIES:,} opportunities; count longer periods"
    require(table, table["T"] <= _MOST_OPPORTUNITIES, most, ["T"])


class BetaGeoBetaBinomial(AttritionModel):
    r"""Predict purchases at regular opportunities until a silent goodbye (BG/BB).

    An appeal, a season, an event, or simply a year: at each opportunity a customer buys or does
    not. Before it a customer leaves for good with a probability of their own,
    :math:`\theta \sim \text{Beta}(\gamma, \delta)`; who has not left buys with a probability of
    their own, :math:`p \sim \text{Beta}(\alpha, \beta)` [1]_. It is the Pareto/NBD of discrete
    time. A customer who bought at the last opportunity is alive with certainty.

    Parameters
    ----------
    horizon : float, default=52.0
        How many opportunities ahead `predict` and `transform` look. Of a fraction of an
        opportunity nothing happens: 2.9 is 2.
    purchase_covariates, dropout_covariates : tuple of str or column selector, default=()
        Columns of X that change how often a customer buys or leaves: with the covariates
        :math:`z_i`, :math:`\text{logit}(\alpha_i / (\alpha_i + \beta_i))` is that of
        :math:`\alpha` and :math:`\beta` plus :math:`c' z_i`, at the same
        :math:`\alpha + \beta`; in the same way for :math:`\gamma` and :math:`\delta`.
    l2 : float, default=0.0
        Strength of the penalty ``l2 / 2`` times the sum of the squared coefficients, on
        standardised covariates.
    time_unit : {"day", "week", "month", "year"}, default="week"
        From one opportunity to the next. A summary that carries another unit is refused.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of `simulate`, `sample_posterior` and `predict_interval`.

    Attributes
    ----------
    params_ : pandas.Series
        ``alpha``, ``beta``, ``gamma``, ``delta``; none has a unit.
    coef_ : pandas.Series
        Coefficients of the covariates, indexed by process and covariate; empty without.
    covariance_ : pandas.DataFrame
        Of the estimates: inverse of the observed information. NaN where that is not definite;
        absent, with what follows from it, after a fit with ``l2``.
    standard_errors_ : pandas.Series
        Square roots of its diagonal.
    log_likelihood_ : float
        Its sum over the customers (eq. 5 of [1]_).
    n_customers_ : int, or float with weights
    aic_, bic_ : float
        Information criteria.
    convergence_ : Convergence
        Converged, gradient norm, Hessian definite, parameters at the boundary, limiting model,
        iterations, message.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only for frames.
    posterior_ : pandas.DataFrame
        Draws of the parameters, set by `sample_posterior`.
    posterior_diagnostic_ : PosteriorDiagnostic
        How good those draws are.

    See Also
    --------
    BetaGeoNBD : Purchases at any time.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (opportunities taken after the first purchase, :math:`x`),
    ``recency`` (which one was the last, 0 for none, :math:`t_x`) and ``T`` (how many there were,
    :math:`n`): whole numbers with :math:`x \le t_x \le n`. The likelihood of a customer is

    .. math::

        \frac{B(\alpha + x, \beta + n - x)}{B(\alpha, \beta)}
        \frac{B(\gamma, \delta + n)}{B(\gamma, \delta)}
        + \sum_{i=0}^{n - t_x - 1}
        \frac{B(\alpha + x, \beta + t_x - x + i)}{B(\alpha, \beta)}
        \frac{B(\gamma + 1, \delta + t_x + i)}{B(\gamma, \delta)}

    and P(alive) is the share of its first term. Alive means not to have left before the last
    opportunity; ``probability_alive(X, ahead=1)`` is P(alive) at the next one, which the
    literature prints. Discounting counts from the end of observation: a purchase at the next
    opportunity is one period away. The number of purchases expected for ever is finite for
    :math:`\gamma > 1` only. All sums have positive terms, and :math:`\gamma = 1` is no exception.
    Without dropout (:math:`\gamma \to 0`) the model is the beta-binomial.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and J. Shang (2010). Customer-base analysis in a
       discrete-time noncontractual setting. Marketing Science 29(6), 1086-1108.

    Examples
    --------
    >>> from custvalue.datasets import load_donations
    >>> from custvalue.lifetime import BetaGeoBetaBinomial
    >>> donations = load_donations()
    >>> model = BetaGeoBetaBinomial(horizon=5, time_unit="year")
    >>> model = model.fit(donations, sample_weight=donations["weight"])
    >>> model.params_.round(3)
    alpha    1.204
    beta     0.750
    gamma    0.657
    delta    2.783
    Name: estimate, dtype: float64
    >>> model.transform(donations).tail(3).round(3)
        probability_alive  expected_purchases
    19              0.561               1.813
    20              1.000               3.232
    21              1.000               3.753
    """

    _law: ClassVar[type[Law]] = BetaGeoBetaBinomialLaw
    _counts_opportunities: ClassVar[bool] = True

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
        T : int or array-like of int of shape (n_customers,)
            How many opportunities each has after the first purchase: whole numbers.
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
            If the number of customers or of opportunities is out of its range, or the model has
            covariates and X does not hold those of every customer.
        """
        drawn = super().simulate(n_customers, T, random_state, X=X)
        if (drawn["T"] != np.floor(drawn["T"])).any():
            raise ValueError(f"T must hold whole numbers of opportunities; found {T!r}")
        return drawn

    def _read(self, X: Any, names: tuple[str, ...]) -> Table:
        table = super()._read(X, names)
        check_opportunities(table)
        return table

    def _waiting_time(self, law: Any, row: tuple[FloatArray, ...], q: float) -> FloatArray:
        """Return the opportunity at which P(at least one purchase) reaches q."""
        return np.round(super()._waiting_time(law, row, q))
