from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from custvalue.datasets import load_cdnow
from custvalue.plotting.customer_flow_display import CustomerFlowDisplay
from custvalue.plotting.style import MUTED
from custvalue.retention import customer_flow

ORDERS = load_cdnow()[["customer_id", "date"]]


@pytest.fixture(scope="module")
def flow() -> pd.DataFrame:
    """Return the flow of CDNOW by month; the last one is cut short."""
    orders = ORDERS[ORDERS["date"] <= "1998-06-20"]
    return customer_flow(orders, observation_end="1998-06-20", inactive_periods=2)


def test_the_bars_hold_the_numbers(flow, ax):
    """Those who ordered stand on one another; those lost hang below the line."""
    display = CustomerFlowDisplay.from_flow(flow).plot(ax)
    for name, sign in (("kept", 1), ("won_back", 1), ("new", 1), ("lost", -1)):
        heights = [bar.get_height() for bar in display.bars_[name]]
        np.testing.assert_array_equal(heights, sign * flow[name])
    tops = [bar.get_y() + bar.get_height() for bar in display.bars_["new"]]
    np.testing.assert_array_equal(tops, flow["end"])
    assert [text.get_text() for text in display.texts_] == ["kept", "won back", "new", "lost"]


def test_the_rate_has_axes_of_its_own(flow, ax):
    """It is on a scale from 0 to 1, and missing where it is not known."""
    display = CustomerFlowDisplay.from_flow(flow).plot(ax)
    np.testing.assert_array_equal(display.rate_line_.get_ydata(), flow["retention_rate"])
    assert display.rate_ax_.get_ylim() == (0.0, 1.0)
    assert display.rate_ax_ is not ax


def test_an_incomplete_period_is_pale(flow, ax):
    """So that nobody reads it as a fall."""
    display = CustomerFlowDisplay.from_flow(flow).plot(ax)
    pale = [bar.get_alpha() is not None for bar in display.bars_["kept"]]
    assert pale == [*[False] * (len(flow) - 1), True]


def test_names_and_squares_have_the_inks_of_the_bars(flow, ax):
    """The ink of those kept is too pale for a word: the word is darker than its square."""
    display = CustomerFlowDisplay.from_flow(flow).plot(ax)
    inks = [to_hex(bars[0].get_facecolor()) for bars in display.bars_.values()]
    assert [square.get_color() for square in display.squares_] == inks
    assert [text.get_color() for text in display.texts_] == [MUTED, *inks[1:]]


def test_a_rate_that_stands_alone_has_its_interval(flow, ax):
    """A line from its lower to its upper end."""
    alone = flow.copy()
    alone.loc[alone.index[[2, 4]], ["retention_rate", "lower", "upper"]] = np.nan
    display = CustomerFlowDisplay.from_flow(alone).plot(ax)
    found = {segment[0, 0]: segment[:, 1].tolist() for segment in display.intervals_.get_segments()}
    assert found[3.0] == alone[["lower", "upper"]].iloc[3].to_list()
    assert len(found) == alone["lower"].notna().sum()


def test_few_customers_are_counted_in_whole_numbers(ax):
    """No tick is a half."""
    orders = pd.DataFrame(
        {
            "customer_id": [1, 2, 1],
            "date": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-02-01"]),
        }
    )
    flow = customer_flow(orders, observation_end="2024-03-31")
    CustomerFlowDisplay.from_flow(flow).plot(ax)
    assert ax.get_yticks().tolist() == [-1, 0, 1, 2]


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_no_words_lie_on_others(period):
    """Ticks are left out where they would crowd; long numbers make room for themselves."""
    end = "1997-02-28" if period == "day" else "1998-06-30"
    flow = customer_flow(ORDERS[ORDERS["date"] <= end], period=period, observation_end=end)
    counts = ["kept", "won_back", "new", "lost"]
    for factor in (1, 10_000_000):
        many = flow.assign(**{name: flow[name] * factor for name in counts})
        display = CustomerFlowDisplay.from_flow(many).plot()
        display.figure_.canvas.draw()
        ticks = [text for text in display.rate_ax_.get_xticklabels() if text.get_text()]
        legend = [*itertools.chain(*zip(display.squares_, display.texts_, strict=True))]
        for words in (ticks, [display.ax_._left_title, *legend]):
            boxes = [text.get_window_extent() for text in words]
            assert all(one.x1 < two.x0 for one, two in itertools.pairwise(boxes))
            assert boxes[0].x0 >= 0
            assert boxes[-1].x1 <= display.figure_.bbox.x1


def test_quarters_are_named(ax):
    """By year and quarter, not by the month that they begin in."""
    flow = customer_flow(ORDERS, period="quarter", observation_end="1998-06-30")
    display = CustomerFlowDisplay.from_flow(flow).plot(ax)
    assert display.rate_ax_.get_xticklabels()[-1].get_text() == "1998 Q2"


def test_settings_reach_the_bars(flow, ax):
    """A width given is the width drawn."""
    display = CustomerFlowDisplay.from_flow(flow).plot(ax, width=0.4)
    assert display.bars_["new"][0].get_width() == pytest.approx(0.4)


def test_another_table_is_refused(flow):
    """With what is missing."""
    with pytest.raises(ValueError, match="missing: won_back"):
        CustomerFlowDisplay.from_flow(flow.drop(columns="won_back"))
