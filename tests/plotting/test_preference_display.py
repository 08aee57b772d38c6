from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue.plotting.preference_display import PreferenceDisplay
from custvalue.plotting.style import ACCENT, QUIET


class Segmenter(BaseEstimator):
    """A segmenter that knows what segments prefer, or has not been fitted."""

    def __init__(self, consensus=None, profile=None):
        if consensus is not None:
            self.consensus_, self.profile_ = consensus, profile

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def ranks():
    """Return three rankings of four items, one with dollars in its name."""
    items = {"price": [1, 4, 4], "speed": [2, 1, 2], "below $5 or $9": [3, 2, 1]}
    return pd.DataFrame({**items, "staff": [4, 3, 3]}, index=["Savers", "Movers", "Choosers"])


def test_a_fitted_segmenter_has_consensus_and_shares(ranks):
    """Ranks and shares are the segmenter's own; one not fitted has none."""
    profile = pd.DataFrame({"share": [0.5, 0.3, 0.2]}, index=ranks.index)
    display = PreferenceDisplay.from_estimator(Segmenter(ranks, profile))
    assert display.ranks.equals(ranks)
    assert display.shares.tolist() == [0.5, 0.3, 0.2]
    with pytest.raises(NotFittedError):
        PreferenceDisplay.from_estimator(Segmenter())


def test_each_item_has_a_line_through_its_ranks(ranks, ax):
    """The best is on top, and each column has each rank."""
    display = PreferenceDisplay.from_predictions(ranks).plot(ax)
    for line, item in zip(display.lines_, ranks.columns, strict=True):
        assert list(line.get_ydata()) == ranks[item].tolist()
    low, high = ax.get_ylim()
    assert low > 4 > 1 > high
    ax.figure.canvas.draw()


def test_columns_are_headed_by_name_and_share(ranks, ax):
    """Without shares there are only names."""
    display = PreferenceDisplay.from_predictions(ranks, [0.5, 0.3, 0.2]).plot(ax)
    texts = [text.get_text() for text in display.texts_]
    assert texts[:6] == ["Savers", "50\u00a0%", "Movers", "30\u00a0%", "Choosers", "20\u00a0%"]
    without = PreferenceDisplay.from_predictions(ranks).plot(ax)
    assert [text.get_text() for text in without.texts_][:3] == ranks.index.tolist()


def test_items_are_named_on_both_sides_and_numbered(ranks, ax):
    """A name stands at the height of its rank in the first column, and in the last."""
    display = PreferenceDisplay.from_predictions(ranks).plot(ax)
    found = [text.get_position()[1] for text in display.texts_ if text.get_text() == "price"]
    assert found == [1, 4]
    assert [text.get_text() for text in display.texts_][-4:] == ["4", "2", "1", "3"]
    assert [text.get_text() for text in display.texts_].count("below $5 or $9") == 2


def test_lines_of_items_that_segments_disagree_about_are_in_colour(ranks, ax):
    """Price ranges over three ranks, the third item over two, the others over one."""
    display = PreferenceDisplay.from_predictions(ranks).plot(ax)
    assert [line.get_color() for line in display.lines_] == [ACCENT, QUIET, ACCENT, QUIET]


def test_where_all_agree_no_line_is_in_colour(ranks, ax):
    """Equal rankings have nothing to point out."""
    same = ranks.iloc[[0, 0]].set_axis(["a", "b"])
    display = PreferenceDisplay.from_predictions(same).plot(ax)
    assert {line.get_color() for line in display.lines_} == {QUIET}


def test_one_segment_is_a_list(ranks, ax):
    """Its items are named once."""
    display = PreferenceDisplay.from_predictions(ranks.iloc[:1], [1.0]).plot(ax)
    assert [text.get_text() for text in display.texts_].count("price") == 1


@pytest.mark.parametrize("count", [1, 2, 7])
def test_no_words_lie_on_others(count):
    """Long names of segments and items keep to their places, inside the picture."""
    generator = np.random.default_rng(2)
    items = [f"a long name of item {i}" for i in range(9)]
    names = [f"Segment with a long name {i}" for i in range(count)]
    rows = [generator.permutation(9) + 1 for _ in names]
    table = pd.DataFrame(rows, columns=items, index=names)
    display = PreferenceDisplay.from_predictions(table, np.full(count, 1 / count)).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_settings_reach_the_lines(ranks, ax):
    """A line width given is the line width drawn."""
    display = PreferenceDisplay.from_predictions(ranks).plot(ax, linewidth=5.0)
    assert {line.get_linewidth() for line in display.lines_} == {5.0}
