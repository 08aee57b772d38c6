"""Whether the larger of two contractual models is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from custvalue._likelihood.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from custvalue.exceptions import NoUncertaintyError
from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.geometric import Geometric
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo

__all__ = ["likelihood_ratio_test"]

_NESTED = (Geometric, ShiftedBetaGeo, BetaDiscreteWeibull)
"""Each is a special case of the next."""
_ROUNDING = 1e-6
"""Of log-likelihoods that are maximised by a search, relative to their size."""


def likelihood_ratio_test(larger: Any, smaller: Any) -> LikelihoodRatio:
    r"""Test whether a larger contractual model is needed where a smaller one is a case of it.

    `Geometric` is a case of `ShiftedBetaGeo` (all customers alike), which is a case of
    `BetaDiscreteWeibull` (c = 1); fewer covariates are a case of more.

    Parameters
    ----------
    larger, smaller : ShiftedBetaGeo, BetaDiscreteWeibull or Geometric
        Both fitted, without a penalty, on the same customers.

    Returns
    -------
    LikelihoodRatio
        ``statistic``, ``df``, ``p_value`` and ``distribution``.

    Raises
    ------
    ValueError
        If the smaller model is no case of the larger one, the models were fitted on other
        customers, or the larger model's search ended below the smaller model.
    TypeError
        If one of them is no contractual model.
    custvalue.exceptions.NoUncertaintyError
        If the parameters were given, or a fit was penalised.

    See Also
    --------
    ShiftedBetaGeo : Customers differ in how easily they leave.
    BetaDiscreteWeibull : Besides, the chance of one customer changes with tenure.

    Notes
    -----
    The statistic is twice the difference of the log-likelihoods. If the smaller model holds it is
    chi-squared, with as many degrees of freedom as there are estimates more. Customers who are all
    alike lie on the boundary of the models in which they differ: there it is one half chi-squared
    with one degree less and one half with all of them [1]_, which ``distribution`` says.

    References
    ----------
    .. [1] S. G. Self and K.-Y. Liang (1987). Asymptotic properties of maximum likelihood estimators
       and likelihood ratio tests under nonstandard conditions. Journal of the American Statistical
       Association 82, 605-610.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import BetaDiscreteWeibull
    >>> from custvalue.retention import likelihood_ratio_test
    >>> from custvalue.retention import ShiftedBetaGeo
    >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> cohort = pd.DataFrame({"period": range(8), "customers": counts})
    >>> larger, smaller = BetaDiscreteWeibull().fit(cohort), ShiftedBetaGeo().fit(cohort)
    >>> test = likelihood_ratio_test(larger, smaller)
    >>> round(test.statistic, 2), test.distribution, round(test.p_value, 4)
    (11.69, 'chi2_1', 0.0006)
    """
    _check_nested(larger, smaller)
    _check_same_customers(larger, smaller)
    return likelihood_ratio(
        _statistic(larger, smaller),
        _n_estimates(larger) - _n_estimates(smaller),
        on_boundary=isinstance(smaller, Geometric) and not isinstance(larger, Geometric),
        larger=_name(larger),
        smaller=_name(smaller),
    )


def _check_nested(larger: Any, smaller: Any) -> None:
    """Check that the smaller model is a case of the larger one."""
    for role, model in (("larger", larger), ("smaller", smaller)):
        if not isinstance(model, _NESTED):
            raise TypeError(
                f"{role} must be one of {', '.join(cls.__name__ for cls in _NESTED)}; "
                f"found {type(model).__name__}"
            )
        check_is_fitted(model, "params_")
    rank = {cls: i for i, cls in enumerate(_NESTED)}
    is_case = rank[type(smaller)] <= rank[type(larger)]
    is_case &= set(smaller.coef_.index) <= set(larger.coef_.index)
    if not is_case or _n_estimates(smaller) == _n_estimates(larger):
        raise ValueError(
            "smaller must be a special case of larger, with fewer estimates; found "
            f"{_name(smaller)} and {_name(larger)}"
        )


def _check_same_customers(larger: Any, smaller: Any) -> None:
    """Check that both models were fitted on customers who did the same."""
    for model in (larger, smaller):
        if not hasattr(model, "aic_"):
            raise NoUncertaintyError(
                f"{_name(model)} must be fitted without a penalty for a likelihood ratio; its "
                f"parameters were given, or l2={model.l2}"
            )
    one, other = (getattr(model, "fingerprint_", {}) for model in (larger, smaller))
    differ = [key for key in one if one[key] != other.get(key, one[key])]
    if "" in differ or not _left_alike(larger, smaller):
        raise ValueError(
            "larger and smaller must be fitted on the same customers; found "
            f"{larger.n_customers_:g} and {smaller.n_customers_:g} of them, who did not leave alike"
        )
    if differ:
        raise ValueError(
            "larger and smaller must be fitted on the same customers; found other values of "
            f"{', '.join(differ)}"
        )


def _left_alike(larger: Any, smaller: Any) -> bool:
    """Return whether as many left in every period, which models of old files know too."""
    one, other = (model.observed_.to_numpy() for model in (larger, smaller))
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, equal_nan=True)


def _statistic(larger: Any, smaller: Any) -> float:
    """Return twice the difference of the log-likelihoods, but for rounding not negative."""
    difference = float(larger.log_likelihood_ - smaller.log_likelihood_)
    if difference < -_ROUNDING * (1 + abs(smaller.log_likelihood_)):
        raise ValueError(
            f"{_name(larger)} must be at least as likely as {_name(smaller)}, but its search ended "
            f"{-difference:.3g} below: see its convergence_"
        )
    return max(0.0, 2 * difference)


def _n_estimates(model: Any) -> int:
    return len(model.params_) + len(model.coef_)


def _name(model: Any) -> str:
    covariates = [str(covariate) for _, covariate in model.coef_.index]
    return type(model).__name__ + (f" with {', '.join(covariates)}" if covariates else "")
