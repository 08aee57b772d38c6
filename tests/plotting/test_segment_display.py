from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting import SegmentDisplay
from custvalue.plotting._segment_display import segment_totals
from custvalue.segmentation import RFMSegmenter
from support.cdnow import calibration_summary


@pytest.fixture(scope="module")
def summary():
    return calibration_summary()


@pytest.fixture(scope="module")
def segmenter(summary):
    return RFMSegmenter().fit(summary)


@pytest.fixture(scope="module")
def value(summary):
    return summary["monetary_value"] * summary["frequency"]


def test_customers_are_counted_as_the_segmenter_counts_them(segmenter, summary, value):
    """Sizes agree with the segmenter's own profile."""
    display = SegmentDisplay.from_estimator(segmenter, summary, value)
    profile = segmenter.profile_.loc[display.table.index]
    assert display.table["customers"].tolist() == profile["customers"].tolist()
    assert display.table["value"].sum() == pytest.approx(value.sum())


def test_the_order_can_be_that_of_the_rules(segmenter, summary, value):
    """A given order is kept."""
    order = segmenter.profile_.index.tolist()
    display = SegmentDisplay.from_estimator(segmenter, summary, value, order=order)
    assert display.table.index.tolist() == [name for name in order if name in display.table.index]


def test_names_and_values_belong_to_the_same_customers():
    """The message says how many of each there are."""
    with pytest.raises(ValueError, match="one entry per customer; found 2 and 3"):
        SegmentDisplay.from_predictions(["A", "B"], [1.0, 2.0, 3.0])


def test_the_picture_holds_the_numbers(segmenter, summary, value, ax):
    """Bars are as long as the value, marks stand where the customers are, both in figures too."""
    display = SegmentDisplay.from_estimator(segmenter, summary, value).plot(ax)
    table = display.table
    lengths = [bar.get_width() for bar in display.value_bars_]
    np.testing.assert_allclose(lengths, table["value_share"])
    marks = [segment[0][0] for segment in display.customer_marks_.get_segments()]
    np.testing.assert_allclose(marks, table["customer_share"])
    texts = [text.get_text() for text in display.texts_]
    assert set(table.index) <= set(texts)
    assert f"{100 * table['value_share'].iloc[0]:.1f}\u00a0%" in texts


def test_the_picture_grows_with_the_number_of_segments():
    """Rows keep their height."""
    few = SegmentDisplay.from_predictions(["A", "B"], [1.0, 2.0])
    many = SegmentDisplay.from_predictions(list("ABCDEFGH"), np.ones(8))
    assert many.size[1] - few.size[1] == pytest.approx(6 * 0.33)


def test_names_are_text_and_not_formulas(ax):
    """A dollar sign in a name is a dollar sign; a long name is cut where it is drawn."""
    names = ["over $5 and $9", "a name that does not fit into the picture"]
    display = SegmentDisplay.from_predictions(names, [1.0, 2.0]).plot(ax)
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in display.texts_]
    assert "over $5 and $9" in texts
    assert "a name that does no…" in texts


def test_nothing_of_value_can_be_drawn(ax):
    """Without value the marks still stand, and the figures are dashes."""
    table = segment_totals(np.array(["A", "B"], dtype=object), np.zeros(2), None)
    display = SegmentDisplay(table=pd.DataFrame(table)).plot(ax)
    assert [text.get_text() for text in display.texts_].count("–") == 2
