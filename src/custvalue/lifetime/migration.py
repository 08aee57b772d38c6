"""Models fitted with the lifetimes package, taken across."""

from __future__ import annotations

from typing import Any

from custvalue.lifetime.beta_geo_nbd import BetaGeoNBD
from custvalue.lifetime.gamma_gamma import GammaGamma

__all__ = ["from_lifetimes"]

_MODELS: dict[str, type[BetaGeoNBD] | type[GammaGamma]] = {
    "BetaGeoFitter": BetaGeoNBD,
    "GammaGammaFitter": GammaGamma,
}


def from_lifetimes(fitter: Any, **constructor: Any) -> BetaGeoNBD | GammaGamma:
    """Make the model of this library with the parameters of a fitted lifetimes model.

    Parameters
    ----------
    fitter : lifetimes.BetaGeoFitter or lifetimes.GammaGammaFitter
        A fitted model. lifetimes itself is not imported.
    **constructor
        Parameters of our class, such as ``time_unit``: lifetimes does not record its own.

    Returns
    -------
    BetaGeoNBD or GammaGamma
        It predicts; refit it to have standard errors.

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
