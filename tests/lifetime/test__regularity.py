import warnings

import numpy as np
import pandas as pd
import pytest

import custvalue
from custvalue.exceptions import ConvergenceWarning, DataError
from custvalue.lifetime import BetaGeoNBD, ModifiedBetaGeoNBD
from support.cdnow import summary_with

MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD]
PARAMS = {"r": 0.8, "alpha": 2.0, "a": 0.9, "b": 2.5}


def simulated(model, k, n=8000):
    """Return a summary of customers whose gaps are Erlang(k)."""
    return model.from_params(PARAMS, regularity=k).simulate(n, 52.0, random_state=k)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("k", [1, 3])
def test_auto_finds_the_regularity_of_simulated_customers(model, k):
    """8,000 customers tell one from two and three from four."""
    frame = simulated(model, k)
    if "log_interval_sum" not in frame:
        again = frame["frequency"] > 0
        # Chance: given x and t_x the times between are those of uniform order statistics.
        generator = np.random.default_rng(0)
        shares = [generator.dirichlet(np.ones(max(int(x), 1))) for x in frame["frequency"]]
        logs = [np.log(s * t).sum() for s, t in zip(shares, frame["recency"], strict=True) if t]
        frame["log_interval_sum"] = 0.0
        frame.loc[again, "log_interval_sum"] = logs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model(regularity="auto").fit(frame)
    assert fitted.regularity_ == k


@pytest.mark.parametrize("model", MODELS)
def test_auto_takes_the_best_of_all(model):
    """No regularity that is fitted by itself has a higher likelihood, and the density is one."""
    frame = simulated(model, 2, 1500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        best = model(regularity="auto").fit(frame)
        others = [model(regularity=k).fit(frame).log_likelihood_ for k in (1, 2, 3, 4)]
    assert best.log_likelihood_ == pytest.approx(max(others), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_cdnow_customers_buy_by_chance(model):
    """Their gaps are more irregular than chance, so that auto stays with k = 1."""
    frame = summary_with("log_interval_sum")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model(regularity="auto").fit(frame)
    assert fitted.regularity_ == 1
    plain = model().fit(frame)
    pd.testing.assert_series_equal(fitted.params_, plain.params_)


def test_the_regularity_survives_the_file(tmp_path):
    """Loaded, the model needs the same columns and predicts the same."""
    frame = simulated(BetaGeoNBD, 3, 2000)
    fitted = BetaGeoNBD(regularity=3).fit(frame)
    fitted.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    assert again.regularity_ == 3
    pd.testing.assert_frame_equal(again.transform(frame), fitted.transform(frame))


def test_regular_models_need_the_times_between_purchases():
    """The message names the column that is missing."""
    frame = simulated(BetaGeoNBD, 3, 50)
    with pytest.raises(DataError, match="missing: log_interval_sum"):
        BetaGeoNBD(regularity=3).fit(frame.drop(columns="log_interval_sum"))


@pytest.mark.parametrize("regularity", [0, 13, 1.5, "often"])
def test_a_regularity_that_is_none_is_refused(regularity):
    """It is a whole number from 1 to 12, or "auto"."""
    with pytest.raises(ValueError, match="'regularity' parameter"):
        BetaGeoNBD(regularity=regularity).fit(simulated(BetaGeoNBD, 3, 50))


def test_given_parameters_need_a_given_regularity():
    """There is nothing to search in."""
    with pytest.raises(ValueError, match="regularity must be a whole number where parameters"):
        BetaGeoNBD.from_params(PARAMS, regularity="auto")
