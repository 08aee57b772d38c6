"""MigrationDisplay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError

from custvalue.plotting.migration_display import MigrationDisplay
from custvalue.plotting.style import RAMP, WIDTH
from custvalue.segmentation.segment_migration import SegmentMigration

ORDER = ["Gold", "Silver", "Basic"]


@pytest.fixture
def quarters() -> pd.DataFrame:
    """Return 150 customers in two quarters, some of them in one alone."""
    generator = np.random.default_rng(6)
    names = np.array([*ORDER, None], dtype=object)
    return pd.DataFrame(names[generator.integers(0, 4, (150, 2))], columns=["Q1", "Q2"])


def test_both_ways_count_the_same_moves(quarters):
    """The segments of two dates give what a migration fitted on them has."""
    fitted = MigrationDisplay.from_estimator(SegmentMigration(order=ORDER).fit(quarters))
    given = MigrationDisplay.from_predictions(quarters["Q1"], quarters["Q2"], order=ORDER)
    pd.testing.assert_frame_equal(given.counts, fitted.counts)
    pd.testing.assert_frame_equal(given.shares, fitted.shares)
    with pytest.raises(NotFittedError):
        MigrationDisplay.from_estimator(SegmentMigration())


def test_before_and_after_belong_to_the_same_customers():
    """The message says how many of each there are."""
    with pytest.raises(ValueError, match="one entry per customer; found 1 and 2"):
        MigrationDisplay.from_predictions(["a"], ["a", "b"])


def test_the_picture_holds_the_numbers(quarters, ax):
    """Each cell has its per cent and shade, each row its customers, both sides their names."""
    display = MigrationDisplay.from_predictions(quarters["Q1"], quarters["Q2"], order=ORDER)
    assert display.plot(ax) is display
    texts = [text.get_text() for text in display.texts_]
    shares = display.shares.to_numpy().ravel()
    assert texts[:9] == [f"{100 * share:.0f}" for share in shares]
    assert texts[9:] == [str(total) for total in display.counts.sum(axis=1)]
    colours = np.reshape(display.mesh_.get_array(), (9, 4))[:, :3]
    levels = np.minimum((shares * len(RAMP)).astype(int), len(RAMP) - 1)
    expected = [[int(RAMP[i][1 + 2 * k : 3 + 2 * k], 16) / 255 for k in range(3)] for i in levels]
    np.testing.assert_allclose(colours, expected, atol=1e-9)
    assert [label.get_text() for label in ax.get_xticklabels()] == ORDER
    assert [label.get_text() for label in ax.get_yticklabels()] == ORDER
    assert ax.get_ylim() == (3, 0)


def test_a_row_of_nobody_has_no_cells(ax):
    """Cells of a segment that nobody was seen leaving are clear and without a number."""
    display = MigrationDisplay.from_predictions(["a", "a"], ["a", "b"]).plot(ax)
    opacity = np.reshape(display.mesh_.get_array(), (4, 4))[:, 3]
    assert opacity.tolist() == [1, 1, 0, 0]
    assert [text.get_text() for text in display.texts_] == ["50", "50", "", "", "2", "0"]


def test_names_are_text_and_not_formulas(ax):
    """A dollar sign in a name is a dollar sign; a long name is cut where it is drawn."""
    names = ["over $5 and $9", "a name that does not fit into the picture"]
    MigrationDisplay.from_predictions(names, names[::-1]).plot(ax)
    ax.figure.canvas.draw()
    labels = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    assert {label.get_text() for label in labels} == {"over $5 and $9", "a name that does no…"}
    assert not any(label.get_parse_math() for label in labels)


def test_names_stand_upright_where_they_do_not_fit(ax):
    """Three short names lie flat; eleven names are turned and the picture grows wider."""
    few = MigrationDisplay.from_predictions(["a", "b", "c"], ["a", "b", "c"]).plot(ax)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {0.0}
    assert few.size[0] == WIDTH
    names = [f"Segment number {i:02}" for i in range(12)]
    many = MigrationDisplay.from_predictions(names, names)
    many.plot(ax)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {90.0}
    assert many.size[0] > WIDTH
    assert many.size[1] > few.size[1] + 9 * 0.34


@pytest.mark.parametrize("count", [3, 12])
def test_no_text_lies_on_another(count):
    """In the size that the picture has for itself, texts are apart and inside."""
    names = [f"Segment number {i:02}" for i in range(count)]
    before = np.repeat(names, 1000)
    after = np.tile(names, 1000)
    display = MigrationDisplay.from_predictions(before, after)
    figure = Figure(figsize=display.size, layout="constrained")
    FigureCanvasAgg(figure)
    display.plot(figure.add_subplot())
    figure.canvas.draw()
    texts = [*display.texts_, *display.ax_.get_xticklabels(), *display.ax_.get_yticklabels()]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.width
    assert max(box.y1 for box in boxes) <= figure.bbox.height
