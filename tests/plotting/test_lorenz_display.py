from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting import LorenzDisplay


class Valuer:
    """A model of value that knows it already."""

    def predict(self, X):
        """Return the column named value."""
        return X["value"]


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(11).gamma(0.3, 50.0, 1000)


@pytest.fixture
def display(values):
    return LorenzDisplay.from_predictions(values)


def test_the_gini_coefficient_is_the_mean_difference(display, values):
    """Gini is half the mean absolute difference of two customers over the mean value."""
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert display.gini == pytest.approx(differences / (2 * values.mean()), rel=1e-12)


def test_the_best_hold_what_they_hold(display, values):
    """The share of the best fifth is the sum over the 200 largest values."""
    best = np.sort(values)[-200:].sum() / values.sum()
    assert display.top_share == pytest.approx(best, rel=1e-12)


def test_the_curve_runs_from_nothing_to_all_and_never_above_equality(display):
    """It starts at (0, 0), ends at (1, 1) and hangs below the diagonal."""
    x, y = display.population_share, display.value_share
    assert (x[0], y[0], x[-1], y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert (y <= x + 1e-12).all()


def test_a_model_gives_the_values(display, values):
    """``from_estimator`` asks ``predict``."""
    other = LorenzDisplay.from_estimator(Valuer(), pd.DataFrame({"value": values}))
    assert (other.gini, other.top_share) == (display.gini, display.top_share)


@pytest.mark.parametrize("top", [0, 1, -0.2, 1.5])
def test_the_share_to_point_out_is_a_share(values, top):
    """Neither nobody nor everybody can be pointed out."""
    with pytest.raises(ValueError, match=f"top must be between 0 and 1; found {top}"):
        LorenzDisplay.from_predictions(values, top=top)


def test_nothing_cannot_be_shared_out():
    """A loss has no shares."""
    with pytest.raises(ValueError, match="net total above zero"):
        LorenzDisplay.from_predictions([-3.0, 1.0])


def test_the_picture_holds_the_numbers(display, ax):
    """The line follows the curve; the labels say what the numbers are."""
    display.plot(ax)
    x, y = display.line_.get_data()
    np.testing.assert_allclose(y, np.interp(x, display.population_share, display.value_share))
    texts = [text.get_text() for text in display.texts_]
    assert f"hold {100 * display.top_share:.1f}\u00a0%" in texts
    assert f"Gini {display.gini:.2f}" in texts


def test_a_million_customers_draw_as_few_points_as_ten(ax):
    """What is drawn does not grow with the number of customers."""
    display = LorenzDisplay.from_predictions(np.arange(1.0, 100_001.0)).plot(ax)
    assert len(display.line_.get_xdata()) < 500


def test_losses_are_drawn_below_zero(ax):
    """Where some customers cost more than they bring, the axis reaches down to the curve."""
    display = LorenzDisplay.from_predictions([-2.0, 1.0, 5.0]).plot(ax)
    assert ax.get_ylim()[0] == pytest.approx(display.value_share.min())
