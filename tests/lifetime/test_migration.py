import numpy as np
import pandas as pd
import pytest

from custvalue.lifetime import (
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    from_lifetimes,
)


class BetaGeoFitter:
    """Stands for the fitter of lifetimes, of which only its name and params_ are used."""

    params_ = pd.Series({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})


class GammaGammaFitter:
    """Likewise; lifetimes keeps the parameters of its models as a Series."""

    params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.44})


def test_each_fitter_becomes_its_model():
    """The parameters are the same, and constructor arguments are passed on."""
    model = from_lifetimes(BetaGeoFitter(), time_unit="day", horizon=90)
    assert isinstance(model, BetaGeoNBD)
    assert (model.time_unit, model.horizon) == ("day", 90)
    pd.testing.assert_series_equal(model.params_, BetaGeoFitter.params_, check_names=False)
    assert isinstance(from_lifetimes(GammaGammaFitter()), GammaGamma)


FITTERS = {
    "ModifiedBetaGeoFitter": (ModifiedBetaGeoNBD, {"r": 0.5, "alpha": 6.2, "a": 0.9, "b": 1.6}),
    "ParetoNBDFitter": (ParetoNBD, {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7}),
    "BetaGeoBetaBinomFitter": (
        BetaGeoBetaBinomial,
        {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8},
    ),
}


@pytest.mark.parametrize("name", FITTERS)
def test_the_other_models_are_taken_across_by_the_name_of_their_fitter(name):
    """Letters and values are the same."""
    model, params = FITTERS[name]
    found = from_lifetimes(type(name, (), {"params_": pd.Series(params)})())
    assert isinstance(found, model)
    assert found.params_.to_dict() == params


def test_other_fitters_are_refused_by_name():
    """The error says which fitters are known."""
    with pytest.raises(TypeError, match=r"BetaGeoFitter, GammaGammaFitter, .*; found Series"):
        from_lifetimes(pd.Series([1.0]))


def test_a_fitter_must_be_fitted():
    """A fitter without parameters is an error, not a model of nothing."""
    fitter = type("BetaGeoFitter", (), {})()
    with pytest.raises(ValueError, match="must be fitted"):
        from_lifetimes(fitter)


def test_a_real_lifetimes_fitter_predicts_alike():
    """lifetimes' own predictions on its packaged customers are ours, to its rounding (1e-8)."""
    lifetimes = pytest.importorskip("lifetimes", reason="the extra 'peers' is not installed")
    datasets = pytest.importorskip("lifetimes.datasets")
    summary = datasets.load_cdnow_summary(index_col=[0])
    fitter = lifetimes.BetaGeoFitter().fit(*(summary[c] for c in ("frequency", "recency", "T")))
    theirs = fitter.conditional_expected_number_of_purchases_up_to_time(
        39, *(summary[c] for c in ("frequency", "recency", "T"))
    )
    np.testing.assert_allclose(
        from_lifetimes(fitter).expected_purchases(summary, 39), theirs, rtol=1e-8
    )
