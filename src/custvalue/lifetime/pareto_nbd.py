"""The Pareto/NBD model of repeat purchases."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime._pareto_nbd import ParetoNBDLaw

__all__ = ["ParetoNBD"]


class ParetoNBD(AttritionModel):
    r"""Predict the repeat purchases of customers who may leave at any time (Pareto/NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`,
    and leaves for good after a time that is exponential with a rate of their own,
    :math:`\mu \sim \text{Gamma}(s, \beta)` [1]_. Leaving has nothing to do with purchases: who
    bought once only may have left as well.

    Parameters
    ----------
    horizon : float, default=52.0
        How far ahead `predict` and `transform` look, in ``time_unit``.
    purchase_covariates, dropout_covariates : tuple of str or column selector, default=()
        Columns of X that change how fast a customer buys or leaves: with the covariates
        :math:`z_i`, :math:`\alpha_i = \alpha \exp(-\gamma' z_i)` and
        :math:`\beta_i = \beta \exp(-\delta' z_i)`. A positive coefficient buys more often, or
        leaves sooner.
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
        ``r``, ``alpha`` (in ``time_unit``), ``s``, ``beta`` (in ``time_unit``).
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
    BetaGeoNBD : Customers who leave after a purchase only.
    GammaGompertzNBD : Dropout rates that grow with time.
    NBD : Nobody ever leaves.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (whole, at least 0), ``recency`` and ``T`` with
    :math:`0 \le` ``recency`` :math:`\le` ``T``; an array has them in this order. With
    :math:`x, t_x, T` for them and :math:`S(t) = (\beta / (\beta + t))^s`, the likelihood of a
    customer is

    .. math::

        \frac{\Gamma(r + x)}{\Gamma(r)} \alpha^r \left[ \frac{S(T)}{(\alpha + T)^{r + x}}
        - \int_{t_x}^T \frac{dS(y)}{(\alpha + y)^{r + x}} \right]

    and P(alive) is the share of its first term. The integral is a difference of two hypergeometric
    functions [2]_, which cancel or overflow for heavy buyers; it is computed as it stands here, by
    Gauss-Legendre quadrature of a positive integrand, to 12 digits and more. The number of
    purchases expected for ever is finite for :math:`s > 1` only. As :math:`s \to 0`, or
    :math:`\beta \to \infty` alone, the model becomes the NBD; as both grow together, all dropout
    rates are :math:`s / \beta`.

    References
    ----------
    .. [1] D. C. Schmittlein, D. G. Morrison and R. Colombo (1987). Counting your customers: who
       are they and what will they do next? Management Science 33(1), 1-24.
    .. [2] P. S. Fader and B. G. S. Hardie (2005). A note on deriving the Pareto/NBD model and
       related expressions. http://brucehardie.com/notes/009/

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import ParetoNBD
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> model = ParetoNBD(horizon=39).fit(summary)
    >>> model.params_.round(2)
    r         0.55
    alpha    10.58
    s         0.61
    beta     11.67
    Name: estimate, dtype: float64
    >>> model.transform(summary).head(3).round(3)
                 probability_alive  expected_purchases
    customer_id
    1                        0.869               1.455
    2                        0.168               0.171
    3                        0.295               0.107
    """

    _law: ClassVar[type[Law]] = ParetoNBDLaw
