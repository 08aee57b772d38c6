"""The beta-discrete-Weibull model of customers under contract."""

from __future__ import annotations

from typing import ClassVar

from custvalue._likelihood.law import Law
from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._contractual import ContractualModel

__all__ = ["BetaDiscreteWeibull"]


class BetaDiscreteWeibull(ContractualModel):
    r"""Predict how long customers under contract stay (beta-discrete-Weibull model).

    As in the shifted-beta-geometric model customers differ in how easily they leave,
    :math:`\theta \sim \text{Beta}(\alpha, \beta)`; besides, the chance of one customer changes with
    tenure [1]_: it rises for :math:`c > 1`, falls for :math:`c < 1` and stays for :math:`c = 1`.

    Parameters
    ----------
    horizon : float, default=10.0
        How many renewals ahead `predict` and `transform` look.
    churn_covariates : tuple of str or column selector, default=()
        Columns of X that change how soon a customer leaves: with the covariates
        :math:`z_i`, the logit of the mean churn at the first renewal, :math:`\alpha_i / (\alpha_i +
        \beta_i)`, moves by :math:`\gamma' z_i`; :math:`\alpha + \beta` is kept.
        A positive coefficient leaves sooner.
    l2 : float, default=0.0
        Strength of the penalty ``l2 / 2`` times the sum of the squared coefficients, on
        standardised covariates.
    cohort_size : float, dict of cohort to float, or None, default=None
        Number of customers at period 0 where X has ``survival``: of every cohort, or by cohort. Not
        used otherwise.
    time_unit : {"day", "week", "month", "year"}, default="year"
        How long a period is, for annual discount rates. Rows that carry another unit are refused.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of `simulate`, `sample_posterior`, `projection` and of all intervals.

    Attributes
    ----------
    params_ : pandas.Series
        ``alpha``, ``beta``, ``c``.
    coef_ : pandas.Series
        Coefficients of the covariates, indexed by process and covariate; empty without.
    covariance_ : pandas.DataFrame
        Of the estimates: inverse of the observed information. NaN where that is not definite
        or a parameter ran to its bound; absent, with what follows from it, after a fit with ``l2``.
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
    n_periods_ : int
        Longest duration seen.
    observed_ : pandas.DataFrame
        By period, a thousand at most: ``at_risk`` and ``churned`` customers, ``retention``, and
        ``survival`` (the product-limit estimate, right with censoring and late entry).
    fingerprint_ : dict of str to str
        Hashes of the customers and covariates of the fit, by which `likelihood_ratio_test` knows
        whether two models saw the same; nothing can be read from them.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Columns of rows of customers; only for frames.
    posterior_ : pandas.DataFrame
        Draws of the parameters, set by `sample_posterior`.
    posterior_diagnostic_ : PosteriorDiagnostic
        How good those draws are.

    See Also
    --------
    ShiftedBetaGeo : The probability to leave does not change with tenure, c = 1.
    likelihood_ratio_test : Whether c is needed.

    Notes
    -----
    X of `fit` has one of two forms. *Rows of customers*: ``duration``, whole periods survived;
    ``churned``, 1 where the customer left at the renewal of that number and 0 where they are still
    there; perhaps ``entry``, the period from which on they were seen, when earlier leavers could
    not be; and the covariates. An array has ``duration``, ``churned``, the covariates, then perhaps
    ``entry``. *Survival counts*: ``period`` 0, 1, 2, ... and ``customers`` still there, or their
    share or percentage ``survival`` with ``cohort_size``; ``cohort`` where there are several, which
    are pooled; covariates that do not change within a cohort. Predictions take rows of customers.

    With :math:`B` the beta function, survival is

    .. math:: S(t) = \frac{B(\alpha, \beta + t^c)}{B(\alpha, \beta)}.

    A customer who left at t has the likelihood :math:`S(t - 1) - S(t)`, one who is still there
    :math:`S(t)`, divided by :math:`S(\text{entry})`. The expected lifetime is infinite for
    :math:`\alpha c \le 1`: give a horizon or a discount rate. Three parameters want more than a
    handful of periods; standard errors and `likelihood_ratio_test` say whether they are known.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, Y. Liu, J. Davin and T. Steenburgh (2018). "How to project
       customer retention" revisited: the role of duration dependence. Journal of Interactive
       Marketing 43, 1-16.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import BetaDiscreteWeibull
    >>> percent = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]
    >>> high_end = pd.DataFrame({"period": range(8), "survival": percent})
    >>> model = BetaDiscreteWeibull(cohort_size=1000).fit(high_end)
    >>> model.params_.round(3)
    alpha    0.214
    beta     1.427
    c        1.724
    Name: estimate, dtype: float64
    >>> model.survival([8, 12]).round(3)
    array([0.468, 0.404])
    """

    _law: ClassVar[type[Law]] = BetaDiscreteWeibullLaw
