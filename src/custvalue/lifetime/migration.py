"""Models fitted with the lifetimes package, taken across."""

from __future__ import annotations

from typing import Any

from custvalue.lifetime._attrition import AttritionModel
from custvalue.lifetime.beta_geo_beta_binom import BetaGeoBetaBinomial
from custvalue.lifetime.beta_geo_nbd import BetaGeoNBD
from custvalue.lifetime.gamma_gamma import GammaGamma
from custvalue.lifetime.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from custvalue.lifetime.pareto_nbd import ParetoNBD

__all__ = ["from_lifetimes"]

_MODELS: dict[str, type[AttritionModel] | type[GammaGamma]] = {
    "BetaGeoBetaBinomFitter": BetaGeoBetaBinomial,
    "BetaGeoFitter": BetaGeoNBD,
    "GammaGammaFitter": GammaGamma,
    "ModifiedBetaGeoFitter": ModifiedBetaGeoNBD,
    "ParetoNBDFitter": ParetoNBD,
}


def from_lifetimes(fitter: Any, **constructor: Any) -> AttritionModel | GammaGamma:
    """Make the model of this library with the parameters of a fitted lifetimes model.

    Parameters
    ----------
    fitter : fitted model of lifetimes
        A ``BetaGeoFitter``, ``ModifiedBetaGeoFitter``, ``ParetoNBDFitter``,
        ``BetaGeoBetaBinomFitter`` or ``GammaGammaFitter``. lifetimes itself is not imported.
    **constructor
        Parameters of our class, such as ``time_unit``: lifetimes does not record its own.

    Returns
    -------
    model
        The class of this library for it. It predicts; refit it to have standard errors.

    Raises
    ------
    TypeError
        If there is no model for the class of the fitter.
    ValueError
        If the fitter is not fitted.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.lifetime import from_lifetimes
    >>> class BetaGeoFitter:  # stands for lifetimes.BetaGeoFitter().fit(...)
    ...     params_ = pd.Series({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
    >>> round(from_lifetimes(BetaGeoFitter()).expected_purchases_new(52), 3)
    1.444
    """
    name = type(fitter).__name__
    if name not in _MODELS:
        raise TypeError(f"fitter must be one of {', '.join(_MODELS)}; found {name}")
    params = getattr(fitter, "params_", None)
    if params is None:
        raise ValueError(f"the {name} must be fitted; it has no params_")
    return _MODELS[name].from_params(dict(params), **constructor)
