"""Gamma-Gompertz/NBD on the CDNOW customers, where it collapses onto Pareto/NBD, and elsewhere."""

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import ConvergenceWarning
from custvalue.lifetime.gamma_gompertz_nbd import GammaGompertzNBD
from custvalue.lifetime.pareto_nbd import ParetoNBD
from support.cdnow import calibration_summary


def test_on_cdnow_it_is_pareto():
    """The log-likelihood is -9594.976, b and beta are at the end of the search, and it says so."""
    with pytest.warns(ConvergenceWarning, match="Pareto/NBD: dropout rates do not grow"):
        model = GammaGompertzNBD(horizon=39.0).fit(calibration_summary())
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=5e-4)
    assert "Pareto/NBD" in model.convergence_.limiting_model
    pareto = ParetoNBD(horizon=39.0).fit(calibration_summary())
    ours, theirs = (each.transform(calibration_summary()) for each in (model, pareto))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-5)
    assert model.params_["beta"] / model.params_["b"] == pytest.approx(11.669, rel=1e-3)


def test_rising_hazards_are_recovered():
    """From 20,000 simulated customers the truth lies within four standard errors."""
    truth = {"r": 0.9, "alpha": 7.0, "b": 0.2, "s": 1.0, "beta": 20.0}
    customers = GammaGompertzNBD.from_params(truth).simulate(20_000, 52.0, random_state=0)
    model = GammaGompertzNBD().fit(customers)
    away = (model.params_ - pd.Series(truth)) / model.standard_errors_
    assert (np.abs(away) < 4).all()
    assert model.convergence_.sound
    assert ParetoNBD.from_params({"r": 0.9, "alpha": 7.0, "s": 1.0, "beta": 20.0}).score(
        customers
    ) < model.score(customers)
