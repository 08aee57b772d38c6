"""The NBD model of repeat purchases without dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from custvalue._likelihood.law import Law
from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime._nbd import NBDLaw

__all__ = ["NBD"]


class NBD(AttritionModel):
    r"""Predict the repeat purchases of customers who never leave (NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`, for
    ever [1]_. It is the model to beat: whether customers leave at all shows in how much more
    likely the other models find the same customers.

    Parameters
    ----------
    horizon : float, default=52.0
        How far ahead `predict` and `transform` look, in ``time_unit``.
    purchase_covariates : tuple of str or column selector, default=()
        Columns of X that change how fast a customer buys: with the covariates :math:`z_i`,
        :math:`\alpha_i = \alpha \exp(-\gamma' z_i)`. A positive coefficient buys more often.
    l2 : float, default=0.0
        Strength of the penalty ``l2 / 2`` times the sum of the squared coefficients, on
        standardised covariates.
    time_unit : {"day", "week", "month", "year"}, default="week"
        What ``recency`` and ``T`` are measured in. A summary that carries another unit is refused.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of `simulate`, `sample_posterior` and `predict_interval`.

    Attributes
    ----------
    params_ : pandas.Series
        ``r``, ``alpha`` (in ``time_unit``).
    coef_ : pandas.Series
        Coefficients of the covariates, indexed by process and covariate; empty without.
    covariance_ : pandas.DataFrame
        Of the estimates: inverse of the observed information. NaN where that is not definite;
        absent, with what follows from it, after a fit with ``l2``.
    standard_errors_ : pandas.Series
        Square roots of its diagonal.
    log_likelihood_ : float
        Its sum over the customers.
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
    ParetoNBD : Customers may leave at any time.
    BetaGeoNBD : Customers may leave after a purchase.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (whole, at least 0), ``recency`` and ``T``; an array has them in
    this order. ``recency`` is not used, so that one summary serves all models. With :math:`x, T`
    for ``frequency`` and ``T``, the likelihood of a customer is

    .. math::

        \frac{\Gamma(r + x)}{\Gamma(r)} \frac{\alpha^r}{(\alpha + T)^{r + x}}

    which is the density of the times of purchase: the negative binomial probability of their number
    has the factor :math:`T^x / x!` besides. So ``log_likelihood_``, ``aic_`` and ``bic_`` compare
    with those of the models with dropout. P(alive) is 1.

    References
    ----------
    .. [1] A. S. C. Ehrenberg (1959). The pattern of consumer purchases. Applied Statistics 8(1),
       26-41.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import NBD
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> model = NBD(horizon=39).fit(summary)
    >>> model.params_.round(3)
    r         0.385
    alpha    12.072
    Name: estimate, dtype: float64
    >>> model.transform(summary).head(3).round(3)
                 probability_alive  expected_purchases
    customer_id
    1                          1.0               1.826
    2                          1.0               1.060
    3                          1.0               0.295
    """

    _law: ClassVar[type[Law]] = NBDLaw
    _covariate_parameters: ClassVar[Mapping[str, str]] = {"purchase": "purchase_covariates"}
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        name: constraint
        for name, constraint in AttritionModel._parameter_constraints.items()
        if name != "dropout_covariates"
    }

    def __init__(
        self,
        *,
        horizon: float = 52.0,
        purchase_covariates: Any = (),
        l2: float = 0.0,
        time_unit: str = "week",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.horizon = horizon
        self.purchase_covariates = purchase_covariates
        self.l2 = l2
        self.time_unit = time_unit
        self.random_state = random_state
