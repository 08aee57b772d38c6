from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.plotting import IndexDisplay
from custvalue.plotting.style import ACCENT
from custvalue.service import ServiceQualityIndex

TREE = {"timeliness": ["cycle", "on_time"], "completeness": ["fill"], "care": ["damage"]}
INDICATORS = ["cycle", "on_time", "fill", "damage"]


@pytest.fixture(scope="module")
def sites():
    """Return the indicators of four sites in three quarters, all benefits."""
    values = np.random.default_rng(7).uniform(0.1, 1, (12, 4))
    return pd.DataFrame(values, columns=INDICATORS).assign(quarter=np.repeat(["Q1", "Q2", "Q3"], 4))


def index_of(sites, **changes):
    """Return a fitted index with periods."""
    return ServiceQualityIndex(tree=TREE, **{"period": "quarter", **changes}).fit(sites)


def test_the_fitted_periods_have_the_figures_of_the_index(sites):
    """Dots are the index by period; parts the dimensions, or the indicators."""
    quality = index_of(sites)
    for level, parts in (("dimension", 3), ("indicator", 4)):
        table = IndexDisplay.from_estimator(quality, level=level).table
        rows = table[table["kind"] == "index"]
        assert rows["label"].tolist() == ["Q1", "Q2", "Q3"]
        np.testing.assert_allclose(rows["stop"], quality.by_period_["index"])
        assert (table["kind"] == "change").sum() == 2 * parts
    table = IndexDisplay.from_estimator(quality, level="indicator").table
    gain = table["stop"] - table["start"]
    assert gain[table["label"] == "fill"].tolist() == pytest.approx(
        quality.changes_["fill"].tolist()
    )


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric"])
def test_two_tables_have_the_figures_of_their_decomposition(sites, aggregate):
    """Under the names that are wanted."""
    options = {"normalisation": "target", "targets": dict.fromkeys(INDICATORS, 1.0)}
    quality = index_of(sites, aggregate=aggregate, **options)
    display = IndexDisplay.from_estimator(quality, sites[:1], sites[5:6], names=("A", "B"))
    ends = quality.transform(sites.iloc[[0, 5]])["index"]
    rows = display.table[display.table["kind"] == "index"]
    assert rows["label"].tolist() == ["A", "B"]
    np.testing.assert_allclose(rows["stop"], ends)


def test_dots_and_bars_stand_in_the_rows_of_their_names(sites, ax):
    """Rises are dark and falls are light; the first period is on top."""
    display = IndexDisplay.from_estimator(index_of(sites)).plot(ax)
    table = display.table
    periods = (table["kind"] == "index").to_numpy()
    across, down = display.dots_.get_data()
    np.testing.assert_allclose(across, table["stop"][periods])
    assert down.tolist() == np.flatnonzero(periods).tolist()
    gains = (table["stop"] - table["start"])[~periods]
    np.testing.assert_allclose([bar.get_width() for bar in display.bars_], gains)
    from matplotlib.colors import to_hex

    dark = [to_hex(bar.get_facecolor()) == ACCENT for bar in display.bars_]
    assert dark == (gains >= 0).tolist()
    low, high = ax.get_ylim()
    assert low > len(table) - 1 > 0 > high


def test_rows_tell_names_and_signed_figures(ax):
    """Dollars in a name stay; a part has a sign, an index none."""
    changes = pd.DataFrame({"from $5 to $9": [0.3], "speed": [-0.1]}, index=["June"])
    display = IndexDisplay.from_predictions({"May": 0.5, "June": 0.7}, changes).plot(ax)
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in display.texts_]
    assert texts[:4] == ["May", "from $5 to $9", "speed", "June"]
    assert texts[4:] == ["0.500", "+0.300", "\u22120.100", "0.700"]


@pytest.mark.parametrize(("periods", "scale"), [(1, 1.0), (2, 1e-4), (6, 1.0), (3, 2e5)])
def test_no_words_lie_on_others(periods, scale):
    """Long names, figures and ticks keep to their places, inside the picture."""
    names = [f"{i} is an indicator with a very long name" for i in range(5)]
    steps = scale * np.random.default_rng(1).normal(0, 0.1, (periods - 1, 5))
    labels = [f"2025-{i + 1:02}" for i in range(periods)]
    changes = pd.DataFrame(steps, columns=names, index=labels[1:])
    levels = scale * 0.6 + np.r_[0.0, steps.sum(axis=1).cumsum()]
    display = IndexDisplay.from_predictions(pd.Series(levels, labels), changes).plot()
    display.figure_.canvas.draw()
    low, high = display.ax_.get_xlim()
    ticks = [
        label
        for label, place in zip(
            display.ax_.get_xticklabels(), display.ax_.get_xticks(), strict=True
        )
        if low <= place <= high
    ]
    boxes = [text.get_window_extent() for text in [*display.texts_, *ticks]]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_wrong_questions_are_refused(sites):
    """Each names what is wrong."""
    quality = index_of(sites)
    with pytest.raises(ValueError, match="level must be 'dimension' or 'indicator'; found 'site'"):
        IndexDisplay.from_estimator(quality, level="site")
    with pytest.raises(ValueError, match="X0 and X1 must be given together"):
        IndexDisplay.from_estimator(quality, sites)
    with pytest.raises(ValueError, match="most must be at least 2; found 1"):
        IndexDisplay.from_estimator(quality, most=1)
    with pytest.raises(ValueError, match="must have fitted periods where no tables are given"):
        IndexDisplay.from_estimator(index_of(sites, period=None))
    with pytest.raises(NotFittedError):
        IndexDisplay.from_estimator(ServiceQualityIndex(tree=TREE))


def test_settings_reach_the_dots(sites, ax):
    """A size given is the size drawn."""
    display = IndexDisplay.from_estimator(index_of(sites)).plot(ax, markersize=3)
    assert display.dots_.get_markersize() == 3
