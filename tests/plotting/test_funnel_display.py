"""The funnel plot."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from custvalue.datasets import make_order_lines
from custvalue.plotting import FunnelDisplay
from custvalue.service import PerfectOrder


@pytest.fixture(scope="module")
def display():
    """Return forty sites of which one is bad, one may be, and one is good."""
    rng = np.random.default_rng(0)
    totals = rng.integers(100, 900, 40)
    good = np.round(0.9 * totals).astype(int)
    good[[3, 8, 20]] = np.round(np.array([0.7, 0.87, 0.97]) * [400, 600, 800])
    totals[[3, 8, 20]] = [400, 600, 800]
    return FunnelDisplay.from_predictions(good, totals, [f"site $_{i}" for i in range(40)])


def test_the_bad_warehouse_is_found():
    """Of five simulated warehouses the bad one is far below, and none of the others."""
    model = PerfectOrder(by="warehouse").fit(make_order_lines(3000, random_state=1))
    table = FunnelDisplay.from_estimator(model).table
    assert table.index[table["verdict"] == "far below"].tolist() == ["Dijon"]
    assert table["total"].tolist() == model.observed_["known"].tolist()


def test_sites_that_differ_by_chance_are_rarely_named():
    """Of 2,000 sites that are alike at most 2.5 % lie on either side, and 0.1 % far out."""
    rng = np.random.default_rng(5)
    totals = rng.integers(50, 500, 2000)
    verdicts = FunnelDisplay.from_predictions(rng.binomial(totals, 0.9), totals).table["verdict"]
    shares = verdicts.value_counts(normalize=True)
    assert shares["within"] > 0.95
    assert shares.get("far below", 0.0) < 0.003


def test_only_what_chance_does_not_explain_is_named(display, ax):
    """Three names and that of the line; dollar signs are no formula."""
    display.plot(ax)
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["site $_3", "site $_8", "site $_20", f"all {100 * display.overall:.1f}\u00a0%"]
    assert [len(line.get_xdata()) for line in display.points_] == [37, 1, 1, 1]


def test_names_do_not_lie_on_each_other(ax):
    """Ten of sixteen sites have names apart, inside the picture; the other six are counted."""
    totals = np.r_[np.full(15, 500), 10**5]
    good = np.r_[np.full(15, 400), 95_000]
    display = FunnelDisplay.from_predictions(good, totals).plot(ax)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in display.texts_]
    assert len(boxes) == 12
    assert display.texts_[-1].get_text() == "and 6 more"
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    assert all(box.y0 > 0 and box.y1 < ax.figure.bbox.height for box in boxes)


def test_the_funnel_is_drawn_between_its_limits(display, ax):
    """At 400 orders the inner funnel ends at the limits of the site that has 400."""
    display.plot(ax)
    vertices = display.inner_.get_paths()[0].vertices
    site = display.table.loc["site $_3"]
    near = vertices[np.abs(vertices[:, 0] - site["total"]) < 8][:, 1]
    assert near.min() == pytest.approx(site["lower"], abs=2e-3)
    assert near.max() == pytest.approx(site["upper"], abs=2e-3)
    outer = display.outer_.get_paths()[0].vertices
    assert outer[:, 1].min() < vertices[:, 1].min()


def test_the_axis_is_logarithmic_where_sites_differ_much(ax):
    """Three orders and 30,000 are both to be seen; ticks of shares never exceed 100 %."""
    display = FunnelDisplay.from_predictions([3, 28_000], [3, 30_000], what="on time").plot(ax)
    assert ax.get_xscale() == "log"
    assert ax.get_yticks().max() <= 1 + 1e-12
    assert ax.get_ylabel() == "on time"
    assert display.texts_[-1].get_text().startswith("all 93.3")


def test_ticks_of_two_and_a_half_percent_are_written_so(ax):
    """92.5 % is not 92 %: the labels are the places of the ticks, to the last digit."""
    FunnelDisplay.from_predictions([900, 950, 993], [1000] * 3).plot(ax)
    ticks, labels = ax.get_yticks(), [text.get_text() for text in ax.get_yticklabels()]
    assert np.diff(ticks)[0] == pytest.approx(0.025)
    written = [float(label.removesuffix("%").strip()) for label in labels]
    assert written == pytest.approx((100 * ticks).tolist(), abs=1e-9)


def test_long_names_of_bad_sites_can_be_told_apart(ax):
    """Names that begin alike are cut where they are alike."""
    sites = [f"Distribution centre of the region {name}" for name in ("north", "south", "west")]
    display = FunnelDisplay.from_predictions([300, 300, 9500], [500, 500, 10_000], sites).plot(ax)
    north, south = [text.get_text() for text in display.texts_[:2]]
    assert north != south
    assert max(len(north), len(south)) <= 20


@pytest.mark.parametrize("counts", [([0], [1]), ([1], [1]), ([5, 5], [5, 5]), ([1, 9], [10, 10])])
def test_few_sites_can_be_drawn(counts, ax):
    """One site with one order, and sites without any failure."""
    display = FunnelDisplay.from_predictions(*counts).plot(ax)
    assert len(display.texts_) == 1 + display.table["verdict"].isin(["below", "far below"]).sum()


def test_groups_of_several_columns_have_joined_names(ax):
    """Labels of a MultiIndex are written with commas."""
    index = pd.MultiIndex.from_tuples([("north", "A"), ("south", "B")])
    good = pd.Series([300, 490], index=index)
    display = FunnelDisplay.from_predictions(good, [500, 500]).plot(ax)
    assert "north, A" in [text.get_text() for text in display.texts_]
