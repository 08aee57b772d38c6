"""The BG/NBD model of repeat purchases."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw

__all__ = ["BetaGeoNBD"]


class BetaGeoNBD(AttritionModel):
    r"""Predict the repeat purchases of customers who never say goodbye (BG/NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`,
    and after each repeat purchase leaves for good with a probability of their own,
    :math:`p \sim \text{Beta}(a, b)` [1]_. A customer without a repeat purchase is alive with
    certainty: nobody leaves before a repeat purchase.

    Parameters
    ----------
    horizon : float, default=52.0
        How far ahead `predict` and `transform` look, in ``time_unit``.
    time_unit : {"day", "week", "month", "year"}, default="week"
        What ``recency`` and ``T`` are measured in. A summary that carries another unit is refused.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of `simulate`.

    Attributes
    ----------
    params_ : pandas.Series
        ``r``, ``alpha`` (in ``time_unit``), ``a``, ``b``.
    covariance_ : pandas.DataFrame of shape (4, 4)
        Of the estimates: inverse of the observed information. NaN where that is not definite.
    standard_errors_ : pandas.Series
        Square roots of its diagonal.
    log_likelihood_ : float
        Its sum over the customers (eq. 6 of [1]_).
    n_customers_ : int, or float with weights
    aic_, bic_ : float
        Information criteria.
    convergence_ : Convergence
        Converged, gradient norm, Hessian definite, parameters at the boundary, limiting model,
        iterations, message.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only for frames.

    See Also
    --------
    GammaGamma : What a purchase is worth.
    LifetimeValue : The two together.

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
    expected for ever is finite for a > 1 only.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and K. L. Lee (2005). "Counting your customers" the easy
       way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.

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
