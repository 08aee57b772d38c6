from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from custvalue._catalogue import SERVICE_ELEMENTS
from custvalue.plotting.ranking_display import RankingDisplay


class Ranking(BaseEstimator):
    """A ranking of service elements, or one not fitted."""

    def __init__(self, level=0.9, ranking=None):
        self.level = level
        if ranking is not None:
            self.ranking_ = ranking

    def fit(self, X):
        """Return itself."""
        return self


@pytest.fixture
def ranking():
    """Return the ranking of four elements, one of them without a stage."""
    return pd.DataFrame(
        {
            "stage": ["in", "post", "pre", "unknown"],
            "dimension": ["Factor 1", "Factor 2", "Factor 1", "Factor 2"],
            "weight": [0.4, 0.3, 0.2, 0.1],
            "rank": [1, 2, 3, 4],
            "rank_lower": [1.0, 1.0, 2.0, 4.0],
            "rank_upper": [2.0, 3.0, 3.0, 4.0],
        },
        index=pd.Index(["on time", "repairs", "easy to reach", "from $5 to $9"], name="element"),
    )


def places(display):
    """Return where each rank stands on the axis, by its tick."""
    ticks = display.ax_.get_xticks()
    labels = [int(label.get_text()) for label in display.ax_.get_xticklabels()]
    return dict(zip(labels, ticks, strict=True))


def test_a_fitted_ranking_has_the_numbers(ranking):
    """Ranks, limits and their level are the ranking's own; one not fitted has none."""
    display = RankingDisplay.from_estimator(Ranking(0.8, ranking.iloc[::-1]))
    assert display.table.equals(ranking)
    assert display.level == 0.8
    with pytest.raises(NotFittedError):
        RankingDisplay.from_estimator(Ranking())


def test_dots_stand_at_the_ranks_and_bars_over_their_limits(ranking, ax):
    """Each in the row of its element, the best on top."""
    display = RankingDisplay.from_estimator(Ranking(0.9, ranking)).plot(ax)
    at = places(display)
    across, down = display.dots_.get_data()
    np.testing.assert_allclose(across, [at[rank] for rank in ranking["rank"]])
    assert down.tolist() == [0, 1, 2, 3]
    ends = [segment[:, 0] for segment in display.bars_.get_segments()]
    expected = ranking[["rank_lower", "rank_upper"]].map(at.get)
    np.testing.assert_allclose(ends, expected)
    low, high = ax.get_ylim()
    assert low > 3 > 0 > high


def test_rows_tell_name_stage_and_weight(ranking, ax):
    """An unknown stage is not told; dollars in a name stay."""
    display = RankingDisplay.from_estimator(Ranking(0.9, ranking)).plot(ax)
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in display.texts_]
    assert texts[:2] == ["weight", "when"]
    assert texts[2:5] == ["on time", "during", "40.0\u00a0%"]
    assert texts[-2:] == ["from $5 to $9", "10.0\u00a0%"]
    assert ax.get_xlabel() == "rank, with 90\u00a0% limits"


def test_weights_alone_make_a_picture(ax):
    """Without limits there is no bar, and without stages no column for them."""
    display = RankingDisplay.from_predictions({"speed": 0.2, "price": 0.5, "staff": 0.3}).plot(ax)
    assert display.bars_.get_segments() == []
    assert [text.get_text() for text in display.texts_][:2] == ["weight", "price"]
    assert ax.get_xlabel() == "rank"


def test_some_elements_may_have_no_limits(ranking, ax):
    """Only the others have bars."""
    ranking.loc["repairs", ["rank_lower", "rank_upper"]] = np.nan
    display = RankingDisplay(table=ranking).plot(ax)
    assert len(display.bars_.get_segments()) == 3


@pytest.mark.parametrize("count", [1, 2, 14, 40])
def test_no_words_lie_on_others(count):
    """Long names, stages, weights and ticks keep to their places, inside the picture."""
    names = [f"{i} is an element with a very long name" for i in range(count)]
    weights = pd.Series(np.linspace(2, 1, count) / 1.5 / count, index=names)
    table = RankingDisplay.from_predictions(weights, np.ones(count), np.full(count, count)).table
    table["stage"] = [SERVICE_ELEMENTS[i % 14].stage for i in range(count)]
    display = RankingDisplay(table=table, level=0.9).plot()
    display.figure_.canvas.draw()
    ticks = display.ax_.get_xticklabels()
    boxes = [text.get_window_extent() for text in [*display.texts_, *ticks]]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_settings_reach_the_dots(ranking, ax):
    """A size given is the size drawn."""
    assert RankingDisplay(table=ranking).plot(ax, markersize=3).dots_.get_markersize() == 3
