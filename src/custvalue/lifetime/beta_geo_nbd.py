"""The BG/NBD model of repeat purchases."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw, law_for
from custvalue.lifetime._regularity import RegularAttritionModel

__all__ = ["BetaGeoNBD"]


class BetaGeoNBD(RegularAttritionModel):
    r"""Predict the repeat purchases of customers who never say goodbye (BG/NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`,
    and after each repeat purchase leaves for good with a probability of their own,
    :math:`p \sim \text{Beta}(a, b)` [1]_. A customer without a repeat purchase is alive with
    certainty: nobody leaves before a repeat purchase.

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
    ModifiedBetaGeoNBD : Customers may leave after the first purchase too.
    ParetoNBD : Customers may leave at any time.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (whole, at least 0), ``recency`` and ``T`` with
    :math:`0 \le` ``recency`` :math:`\le` ``T``; an array has them in this order. With
    :math:`x, t_x, T` for them, the likelihood of a customer is

    .. math::

        \frac{B(a, b + x)}{B(a, b)} \frac{\Gamma(r + x)}{\Gamma(r)}
        \frac{\alpha^r}{(\alpha + T)^{r + x}}
        \left[1 + 1_{x > 0} \frac{a}{b + x - 1}
        \left(\frac{\alpha + T}{\alpha + t_x}\right)^{r + x}\right]

    and P(alive) is the inverse of the bracket. Expectations are sums or integrals of positive
    terms, so that heavy buyers, long horizons and a = 1 are no exception. The number of purchases
    expected for ever is finite for a > 1 only. With ``regularity=k`` (BG/CNBD-k, [2]_) a customer
    is in one of k phases since the last purchase, whose weights follow from the silence; all sums
    are exact.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and K. L. Lee (2005). "Counting your customers" the easy
       way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.
    .. [2] M. Platzer and T. Reutterer (2016). Ticking away the moments: timing regularity helps
       to better predict customer activity. Marketing Science 35(5), 779-799.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.transactions import RFMSummary
    >>> summary = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> model = BetaGeoNBD(horizon=39).fit(summary)
    >>> model.params_.round(3)
    r        0.243
    alpha    4.414
    a        0.793
    b        2.426
    Name: estimate, dtype: float64
    >>> model.transform(summary).head(3).round(3)
                 probability_alive  expected_purchases
    customer_id
    1                        0.727               1.226
    2                        0.212               0.203
    3                        1.000               0.195
    """

    _law: ClassVar[type[Law]] = BetaGeoNBDLaw
    _law_for = staticmethod(law_for)
