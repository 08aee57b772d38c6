import warnings

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import ConvergenceWarning
from custvalue.lifetime import BetaGeoNBD, GammaGamma

# Everybody has just bought: nobody leaves, and the dropout parameters run to infinity.
SUMMARY = pd.DataFrame({"frequency": [1, 3, 12, 2, 5, 7], "recency": 38.0, "T": 38.0})


def test_a_poor_end_is_warned_of_with_its_reason():
    """Data that cannot carry the model are fitted, and the warning says what is wrong."""
    with pytest.warns(ConvergenceWarning, match=r"boundary|Hessian|gradient norm"):
        BetaGeoNBD().fit(SUMMARY)


def test_a_proper_end_is_not_warned_of():
    """The warning is not a habit (warnings are errors here)."""
    model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    assert BetaGeoNBD().fit(model.simulate(2000, 60.0, random_state=1)).convergence_.sound


def test_the_warning_points_at_the_caller():
    """Its file is the user's, not the library's."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        BetaGeoNBD().fit(SUMMARY)
    assert caught[0].filename == __file__


def test_rows_left_out_of_the_fit_are_left_out_of_the_score():
    """Gamma-Gamma is fitted and scored on customers with repeat purchases."""
    generator = np.random.default_rng(0)
    rows = pd.DataFrame({"frequency": generator.integers(0, 6, 400).astype(float)})
    spend = generator.gamma(3, 10, 400)
    rows["monetary_value"] = np.where(rows["frequency"] > 0, spend, 0)
    model = GammaGamma().fit(rows)
    repeat = rows[rows["frequency"] > 0]
    assert model.n_customers_ == len(repeat)
    assert model.score(rows) == pytest.approx(model.log_likelihood_ / len(repeat))


def test_parameters_are_read_by_name():
    """The order of the mapping does not matter."""
    one = BetaGeoNBD.from_params({"r": 1, "alpha": 2, "a": 3, "b": 4})
    two = BetaGeoNBD.from_params({"b": 4, "a": 3, "alpha": 2, "r": 1})
    pd.testing.assert_series_equal(one.params_, two.params_)
