"""The MBG/NBD model of repeat purchases."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw, law_for
from custvalue.lifetime._regularity import RegularAttritionModel

__all__ = ["ModifiedBetaGeoNBD"]


class ModifiedBetaGeoNBD(RegularAttritionModel):
    r"""Predict repeat purchases where a customer may leave after the first one (MBG/NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`,
    and after each purchase, the first one too, leaves for good with a probability of their own,
    :math:`p \sim \text{Beta}(a, b)` [1]_. So a customer who bought once only may have left, which
    BG/NBD rules out.

    Parameters
    ----------
    regularity : int from 1 to 12, or "auto", default=1
        Times between purchases are Erlang(k, :math:`\lambda`), of mean :math:`k / \lambda`: 1 is
        chance, more is more regular. "auto" takes the k of highest likelihood. Other than 1 needs
        the column ``log_interval_sum`` to `fit`: ``RFMSummary(extra=("log_interval_sum",))``.
    horizon : float, default=52.0
        How far ahead `predict` and `transform` look, in ``time_unit``.
    purchase_covariates, dropout_covariates : tuple of str or column selector, default=()
        Columns of X that change how fast a customer buys or how easily they leave: with the
        covariates :math:`z_i`, :math:`\alpha_i = \alpha \exp(-\gamma' z_i)`, and the logit of
        :math:`a_i / (a_i + b_i)` grows by :math:`\delta' z_i` while :math:`a + b` is kept. A
        positive coefficient buys more often, or leaves sooner.
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
        ``r``, ``alpha`` (in ``time_unit``), ``a``, ``b``.
    coef_ : pandas.Series
        Coefficients per unit of each covariate, indexed by process and covariate; empty without.
    regularity_ : int
        The regularity that was fitted.
    covariance_ : pandas.DataFrame of shape (n_estimates, n_estimates)
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
    posterior_ : pandas.DataFrame of shape (n_draws, n_estimates)
        Draws of the parameters, set by `sample_posterior`.
    posterior_diagnostic_ : PosteriorDiagnostic
        How far the draws can be trusted.

    See Also
    --------
    BetaGeoNBD : Nobody leaves before a repeat purchase.
    ParetoNBD : Customers may leave at any time.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (whole, at least 0), ``recency`` and ``T`` with
    :math:`0 \le` ``recency`` :math:`\le` ``T``; an array has them in this order. With
    :math:`x, t_x, T` for them, the likelihood of a customer is

    .. math::

        \frac{B(a, b + x + 1)}{B(a, b)} \frac{\Gamma(r + x)}{\Gamma(r)}
        \frac{\alpha^r}{(\alpha + T)^{r + x}}
        \left[1 + \frac{a}{b + x}
        \left(\frac{\alpha + T}{\alpha + t_x}\right)^{r + x}\right]

    and P(alive) is the inverse of the bracket. Expectations are sums or integrals of positive
    terms, so that heavy buyers, long horizons and a = 1 are no exception. The number of purchases
    expected for ever is finite for a > 1 only. With ``regularity=k`` (MBG/CNBD-k, [2]_) a customer
    is in one of k phases since the last purchase, whose weights follow from the silence; all sums
    are exact.

    References
    ----------
    .. [1] E. P. Batislam, M. Denizel and A. Filiztekin (2007). Empirical validation and comparison
       of models for customer base analysis. International Journal of Research in Marketing 24(3),
       201-209.
    .. [2] M. Platzer and T. Reutterer (2016). Ticking away the moments: timing regularity helps
       to better predict customer activity. Marketing Science 35(5), 779-799.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import ModifiedBetaGeoNBD
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> model = ModifiedBetaGeoNBD(horizon=39).fit(summary)
    >>> model.params_.round(3)
    r        0.525
    alpha    6.183
    a        0.891
    b        1.614
    Name: estimate, dtype: float64
    >>> model.transform(summary).head(3).round(3)
                 probability_alive  expected_purchases
    customer_id
    1                        0.706               1.263
    2                        0.171               0.189
    3                        0.390               0.154
    """

    _law: ClassVar[type[Law]] = ModifiedBetaGeoNBDLaw
    _law_for = staticmethod(law_for)
