from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.colors import to_hex

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD
from custvalue.plotting import ProbabilityAliveDisplay
from custvalue.plotting.style import RAMP
from support.cdnow import calibration_summary

PARAMS = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}


@pytest.fixture(scope="module")
def model():
    return BetaGeoNBD.from_params(PARAMS)


@pytest.fixture(scope="module")
def summary():
    return calibration_summary()


def bracket(x, t_x, T):
    """Return P(alive) of BG/NBD, written out once more from the paper."""
    r, alpha, a, b = PARAMS.values()
    return 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))


def test_cells_are_the_model_s_probabilities(model, summary):
    """Every cell is P(alive) of one history, by the formula of the paper."""
    display = ProbabilityAliveDisplay.from_estimator(model, summary)
    x, wait = np.meshgrid(display.frequency, display.since)
    expected = bracket(x, display.T - wait, display.T)
    np.testing.assert_allclose(display.probability, expected, rtol=1e-9)


def test_range_and_time_come_from_the_customers(model, summary):
    """The time is the median of those who bought again, and the unit is the model's."""
    display = ProbabilityAliveDisplay.from_estimator(model, summary)
    assert summary.loc[summary["frequency"] > 0, "T"].median() == display.T
    assert display.time_unit == "week"
    assert display.since.max() < display.T


def test_the_grid_can_be_chosen(model, summary):
    """Frequencies, waits and time that are given are taken."""
    display = ProbabilityAliveDisplay.from_estimator(
        model, summary, frequency=[26], since=[1 / 7], T=31
    )
    assert display.probability[0, 0] == pytest.approx(0.9688523, rel=1e-5)


def test_customers_may_come_in_any_frame(model, summary):
    """A polars frame gives the same picture."""
    frame = pl.from_pandas(summary.reset_index())
    display = ProbabilityAliveDisplay.from_estimator(model, frame)
    other = ProbabilityAliveDisplay.from_estimator(model, summary)
    np.testing.assert_array_equal(display.probability, other.probability)


def test_predictions_are_averaged_over_customers_alike(model, summary):
    """The first cell is the mean over those who bought again once and lately."""
    alive = model.probability_alive(summary)
    display = ProbabilityAliveDisplay.from_predictions(summary, alive, time_unit="week")
    since = summary["T"] - summary["recency"]
    members = (summary["frequency"] == 1) & (since < display.since[1])
    assert display.probability[0, 0] == pytest.approx(alive[members].mean())
    assert display.T is None


def test_customers_without_a_repeat_purchase_alone_are_no_picture(model):
    """The message says what is missing."""
    summary = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [9.0]})
    with pytest.raises(DataError, match="must hold a customer with a repeat purchase"):
        ProbabilityAliveDisplay.from_estimator(model, summary)


def test_every_cell_shows_its_number_in_percent(model, summary, ax):
    """The heat map can be read as a table, recent customers on top."""
    display = ProbabilityAliveDisplay.from_estimator(model, summary).plot(ax)
    numbers = [f"{100 * cell:.0f}" for cell in display.probability.ravel()]
    assert [text.get_text() for text in display.texts_] == numbers
    assert ax.yaxis_inverted()
    assert ax.get_ylabel() == "weeks since the last purchase"


def test_colours_are_those_of_the_ramp(model, summary, ax):
    """A page can exchange the colours of cells by their codes."""
    display = ProbabilityAliveDisplay.from_estimator(model, summary).plot(ax)
    cells = display.mesh_.get_array().reshape(-1, 4)
    assert {to_hex(cell) for cell in cells} <= set(RAMP)


def test_empty_cells_are_left_blank(summary, model, ax):
    """Where nobody is there is neither a number nor a colour."""
    display = ProbabilityAliveDisplay.from_predictions(summary, model.probability_alive(summary))
    known = int(np.isfinite(display.probability).sum())
    assert known < display.probability.size
    display.plot(ax)
    assert len(display.texts_) == known
    opaque = display.mesh_.get_array()[..., 3]
    np.testing.assert_array_equal(opaque == 1, np.isfinite(display.probability))


def test_groups_are_named_by_their_ends(ax):
    """Averages carry ranges, the last one open."""
    display = ProbabilityAliveDisplay(
        frequency=np.array([1.0, 2.0, 5.0]),
        since=np.array([0.0, 10.0]),
        probability=np.full((2, 3), 0.5),
    ).plot(ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2–4", "5+"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0–10", "10+"]
    assert display.size[1] > 0


def test_covariates_are_held_at_their_medians():
    """The grid of a model with a covariate is that of the customer in the middle."""
    params = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    customers = pd.DataFrame(
        {"frequency": [1, 3, 2], "recency": [9.0, 35.0, 20.0], "T": 40.0, "age": [0.0, 1.0, 5.0]}
    )
    model = BetaGeoNBD.from_params(params, coef={("dropout", "age"): 0.7})
    found = ProbabilityAliveDisplay.from_estimator(model, customers).probability
    middle = ProbabilityAliveDisplay.from_estimator(model, customers.assign(age=1.0)).probability
    np.testing.assert_array_equal(found, middle)
