"""The Gamma-Gompertz/NBD model of repeat purchases."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime._gamma_gompertz_nbd import GammaGompertzNBDLaw

__all__ = ["GammaGompertzNBD"]


class GammaGompertzNBD(AttritionModel):
    r"""Predict the repeat purchases of customers who leave ever faster, or not (GG/NBD).

    A customer buys at a steady rate of their own, :math:`\lambda \sim \text{Gamma}(r, \alpha)`,
    and leaves for good after a time of their own: Gompertz, with a hazard
    :math:`b \eta e^{b t}` that grows, :math:`\eta \sim \text{Gamma}(s, \beta)` [1]_. Over all
    customers the hazard of leaving falls where :math:`\beta < 1` and grows where
    :math:`\beta > 1`: the model can have few early losses, which Pareto/NBD cannot.

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
        ``r``, ``alpha`` (in ``time_unit``), ``b`` (per ``time_unit``), ``s``, ``beta`` (no unit).
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
    ParetoNBD : Dropout rates that do not grow.
    NBD : Nobody ever leaves.
    LifetimeValue : Purchases and what they are worth.

    Notes
    -----
    X has the columns ``frequency`` (whole, at least 0), ``recency`` and ``T`` with
    :math:`0 \le` ``recency`` :math:`\le` ``T``; an array has them in this order. With
    :math:`x, t_x, T` for them and :math:`S(t) = (\beta / (\beta - 1 + e^{b t}))^s`, the likelihood
    of a customer is

    .. math::

        \frac{\Gamma(r + x)}{\Gamma(r)} \alpha^r \left[ \frac{S(T)}{(\alpha + T)^{r + x}}
        - \int_{t_x}^T \frac{dS(y)}{(\alpha + y)^{r + x}} \right]

    and P(alive) is the share of its first term. Some of the expressions printed in [1]_ are wrong
    [2]_; everything here is computed from the definition, by quadrature of positive integrands. The
    number of purchases expected for ever is always finite. Where :math:`b` and :math:`\beta` go to
    0 together the model becomes Pareto/NBD, with :math:`\beta / b` for its :math:`\beta`. If a fit
    ends there, as with the CDNOW customers, :math:`b` and :math:`\beta` are not identified:
    ``convergence_`` says so, and Pareto/NBD is the model to take.

    References
    ----------
    .. [1] A. C. Bemmaor and N. Glady (2012). Modeling purchasing behavior with sudden "death": a
       flexible customer lifetime model. Management Science 58(5), 1012-1021.
    .. [2] J. Adler (2022). Comment on "Modeling purchasing behavior with sudden 'death': a flexible
       customer lifetime model". Management Science 68(3), 1929-1930.

    Examples
    --------
    >>> from custvalue.lifetime import GammaGompertzNBD
    >>> truth = GammaGompertzNBD.from_params(
    ...     {"r": 0.9, "alpha": 7.0, "b": 0.05, "s": 0.8, "beta": 1.5}, horizon=26
    ... )
    >>> customers = truth.simulate(5_000, 80.0, random_state=0)
    >>> model = GammaGompertzNBD(horizon=26).fit(customers)
    >>> model.params_.round(2)
    r        0.94
    alpha    7.04
    b        0.07
    s        0.52
    beta     1.32
    Name: estimate, dtype: float64
    >>> model.transform(customers).head(3).round(3)
                 probability_alive  expected_purchases
    customer_id
    0                        0.000               0.000
    1                        0.001               0.000
    2                        0.012               0.014
    """

    _law: ClassVar[type[Law]] = GammaGompertzNBDLaw
