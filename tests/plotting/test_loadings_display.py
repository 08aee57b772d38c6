from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting._loadings_display import cell_rgb
from custvalue.plotting.loadings_display import LoadingsDisplay


class Analyzer(BaseEstimator):
    """A factor analysis that has loadings, or has not been fitted."""

    def __init__(self, loadings=None, communalities=None):
        if loadings is not None:
            self.loadings_, self.communalities_ = loadings, communalities

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def loadings():
    """Return loadings of five items, one of which loads on nothing and one negatively."""
    rows = [[0.1, 0.62], [0.85, 0.05], [0.2, -0.1], [0.4, -0.7], [0.55, 0.35]]
    items = ["friendly", "quick", "below $5 or $9", "slow to answer", "on time"]
    return pd.DataFrame(rows, index=items, columns=["speed", "care"])


def test_a_fitted_analysis_has_loadings_and_communalities(loadings):
    """They are the analysis's own; one not fitted has none."""
    shared = pd.Series([0.4, 0.7, 0.05, 0.6, 0.5], index=loadings.index)
    display = LoadingsDisplay.from_estimator(Analyzer(loadings, shared))
    assert display.loadings.equals(loadings)
    assert display.communalities.equals(shared)
    with pytest.raises(NotFittedError):
        LoadingsDisplay.from_estimator(Analyzer())


def test_items_are_sorted_by_factor_and_size(loadings):
    """Signs do not matter, and what loads on nothing comes last; or nothing is sorted."""
    display = LoadingsDisplay.from_predictions(loadings)
    expected = ["quick", "on time", "slow to answer", "friendly", "below $5 or $9"]
    assert display.items == expected
    unsorted = LoadingsDisplay.from_predictions(loadings, sort=False)
    assert unsorted.items == loadings.index.tolist()


def test_cells_hold_the_loadings_in_the_order_shown(loadings, ax):
    """Colours and figures both, row by row; dollars in a name stay."""
    display = LoadingsDisplay.from_predictions(loadings).plot(ax)
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in display.texts_]
    assert texts[:7] == ["speed", "care", *display.items]
    shown = loadings.loc[display.items].to_numpy()
    assert texts[7:] == [f"{value:.2f}".replace("-", "\u2212") for value in shown.ravel()]
    colours = display.mesh_.get_array().reshape(-1, 2, 4)
    drawn = colours[colours[:, 0, 3] > 0][:, :, :3]
    np.testing.assert_allclose(drawn, cell_rgb(shown))


def test_groups_have_gaps_between_them(loadings, ax):
    """Three groups, two gaps without colour."""
    display = LoadingsDisplay.from_predictions(loadings).plot(ax)
    opacity = display.mesh_.get_array().reshape(-1, 2, 4)[:, 0, 3]
    assert opacity.tolist() == [1, 1, 0, 1, 1, 0, 1]


def test_communalities_stand_at_the_end_of_their_rows(loadings, ax):
    """A Series goes by name, a list by place."""
    shared = pd.Series([0.5, 0.6, 0.05, 0.4, 0.7], index=loadings.index[[4, 3, 2, 0, 1]])
    display = LoadingsDisplay.from_predictions(loadings, shared).plot(ax)
    texts = [text.get_text() for text in display.texts_]
    assert texts[-6:] == ["shared", "0.70", "0.50", "0.60", "0.40", "0.05"]
    listed = LoadingsDisplay.from_predictions(loadings, [0.4, 0.7, 0.05, 0.6, 0.5])
    assert listed.communalities.to_dict() == shared.to_dict()


def test_every_item_has_a_communality(loadings):
    """The message names the missing ones, or both lengths."""
    with pytest.raises(ValueError, match=r"communalities must name every item; missing: .*\(4 of"):
        LoadingsDisplay.from_predictions(loadings, pd.Series({"quick": 0.7}))
    with pytest.raises(ValueError, match="one entry per item; found 1 for 5"):
        LoadingsDisplay.from_predictions(loadings, [0.7])


@pytest.mark.parametrize(("n_items", "n_factors"), [(1, 1), (14, 3), (60, 7)])
def test_no_words_lie_on_others(n_items, n_factors):
    """Long names of items and factors keep to their places, inside the picture."""
    generator = np.random.default_rng(3)
    table = pd.DataFrame(
        generator.uniform(-1, 1, (n_items, n_factors)),
        index=[f"{i} is an item that has a very long name" for i in range(n_items)],
        columns=[f"a long name of {k}" for k in range(n_factors)],
    )
    display = LoadingsDisplay.from_predictions(table, np.full(n_items, 0.5)).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_settings_reach_the_cells(loadings, ax):
    """A line width given is the line width drawn."""
    display = LoadingsDisplay.from_predictions(loadings).plot(ax, linewidth=5.0)
    assert display.mesh_.get_linewidth()[0] == 5.0
