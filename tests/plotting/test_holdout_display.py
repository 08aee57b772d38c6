from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.datasets import load_cdnow
from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD
from custvalue.plotting import HoldoutDisplay
from custvalue.transactions import calibration_holdout_split

# Published BTYD walk-through of BG/NBD on CDNOW: purchases in weeks 40 to 78, printed to seven
# digits, at the parameters where its search converged.
CUSTOMERS = [1411, 439, 214, 100, 62, 38, 29, 64]
OBSERVED = [0.2367116, 0.6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375]
EXPECTED = [0.2250893, 0.5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036]
PARAMS = {"r": 0.2425967, "alpha": 4.413659, "a": 0.7929869, "b": 2.426164}


@pytest.fixture(scope="module")
def split():
    return calibration_holdout_split(
        load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30"
    )


@pytest.fixture(scope="module")
def display(split):
    return HoldoutDisplay.from_estimator(BetaGeoNBD.from_params(PARAMS), split)


def test_the_published_table_comes_out(display):
    """At the published parameters the means are the published ones, to the digits printed."""
    assert display.table.index.tolist() == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    assert display.table["customers"].tolist() == CUSTOMERS
    np.testing.assert_allclose(display.table["observed"], OBSERVED, rtol=5e-7)
    np.testing.assert_allclose(display.table["expected"], EXPECTED, rtol=5e-7)


def test_totals_count_every_customer(display, split):
    """Totals are those of the customers, not of the group means."""
    model = BetaGeoNBD.from_params(PARAMS)
    assert display.observed_total == pytest.approx(split["holdout_frequency"].sum())
    assert display.expected_total == pytest.approx(model.expected_purchases(split, 39.0).sum())


def test_any_frame_will_do(display, split):
    """A polars frame gives the same table."""
    frame = pl.from_pandas(split.reset_index())
    other = HoldoutDisplay.from_estimator(BetaGeoNBD.from_params(PARAMS), frame)
    pd.testing.assert_frame_equal(other.table, display.table)


def test_predictions_of_one_own_give_the_same_table(display, split):
    """``from_predictions`` groups as ``from_estimator`` does."""
    expected = BetaGeoNBD.from_params(PARAMS).expected_purchases(split, 39.0)
    other = HoldoutDisplay.from_predictions(
        split["frequency"], split["holdout_frequency"], expected
    )
    pd.testing.assert_frame_equal(other.table, display.table)


def test_a_missing_column_is_named():
    """Without a holdout in the table there is nothing to compare."""
    summary = pd.DataFrame({"frequency": [1.0], "recency": [1.0], "T": [2.0]})
    with pytest.raises(DataError, match="HoldoutDisplay needs .* missing: holdout_frequency"):
        HoldoutDisplay.from_estimator(BetaGeoNBD.from_params(PARAMS), summary)


def test_the_picture_holds_the_numbers(display, ax):
    """Points are what was observed, the line is what was expected, both are named."""
    display.plot(ax)
    assert display.observed_line_.get_ydata().tolist() == display.table["observed"].tolist()
    assert display.expected_line_.get_ydata().tolist() == display.table["expected"].tolist()
    assert [text.get_text() for text in display.texts_] == ["observed", "expected by the model"]
    assert [label.get_text() for label in ax.get_xticklabels()] == list(display.table.index)


def test_a_holdout_without_purchases_can_be_drawn(ax):
    """Nobody bought and nobody was expected to: the axis still has a scale."""
    HoldoutDisplay.from_predictions([0, 1], [0, 0], [0, 0]).plot(ax)
    assert ax.get_ylim()[1] > ax.get_ylim()[0]


def test_a_model_with_covariates_finds_them_beside_the_summary():
    """The display hands them on, and without them says which is missing."""
    coef = {("purchase", "age"): 0.5}
    model = BetaGeoNBD.from_params(PARAMS, coef=coef)
    frame = pd.DataFrame(
        {
            "frequency": [0.0, 2.0],
            "recency": [0.0, 20.0],
            "T": [39.0, 39.0],
            "holdout_frequency": [0.0, 2.0],
            "holdout_T": [39.0, 39.0],
        }
    )
    young = HoldoutDisplay.from_estimator(model, frame.assign(age=0.0))
    old = HoldoutDisplay.from_estimator(model, frame.assign(age=1.0))
    assert old.expected_total > young.expected_total
    with pytest.raises(DataError, match="missing: age"):
        HoldoutDisplay.from_estimator(model, frame)
